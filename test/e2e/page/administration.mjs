import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, openSignedIn, start, stop} from './browser.mjs';
import {api, eventually, world} from './world.mjs';

before(start);
after(stop);

const line = (page, words) => page.getByRole('row').filter({hasText: words});

test('a domain, an account and an alias are made and removed', async () => {
    const page = await openSignedIn(undefined, {hash: '#/admin/domains'});
    await page.getByLabel('Domain', {exact: true}).fill('second.test');
    await page.getByRole('button', {name: 'Add a domain'}).click();
    await line(page, 'second.test').waitFor();
    await look(page, 'admin-domains');

    await page.getByRole('link', {name: 'Accounts'}).click();
    await page.getByLabel('Address', {exact: true}).fill('carol@second.test');
    await page.getByLabel('Name').fill('Carol');
    await page.getByRole('button', {name: 'Add an account'}).click();
    const password = await page.locator('.secret').textContent();
    await page.keyboard.press('Escape');
    const {status} = await fetch(`${world.url}/api/v1/account`, {
        headers: {Authorization: `Basic ${Buffer.from(`carol@second.test:${password}`).toString('base64')}`},
    });
    assert.equal(status, 200);
    await page.getByRole('button', {name: 'Change carol@second.test'}).click();
    await page.getByRole('menuitem', {name: 'Name and quota'}).click();
    await page.getByLabel('Quota').fill('100M');
    await page.getByRole('button', {name: 'Save'}).click();
    await line(page, 'carol@second.test').getByText('of 105 MB').waitFor();
    await look(page, 'admin-accounts');

    await page.getByRole('link', {name: 'Aliases'}).click();
    await page.getByLabel('Address', {exact: true}).fill('team@second.test');
    await page.getByLabel('Goes to', {exact: true}).fill(`carol@second.test, ${world.account}`);
    await page.getByRole('button', {name: 'Add an alias'}).click();
    await line(page, 'team@second.test').waitFor();
    await page.getByRole('button', {name: 'Remove team@second.test'}).click();
    await page.getByRole('button', {name: 'Remove', exact: true}).click();
    await line(page, 'team@second.test').waitFor({state: 'detached'});

    await page.getByRole('link', {name: 'Accounts'}).click();
    await page.getByRole('button', {name: 'Change carol@second.test'}).click();
    await page.getByRole('menuitem', {name: 'Remove'}).click();
    await page.getByRole('button', {name: 'Remove the account'}).click();
    await line(page, 'carol@second.test').waitFor({state: 'detached'});
    await close(page);
});

test('the queue shows what waits and why; it is held, released and returned', async () => {
    await api('POST', '/messages', {to: ['someone@elsewhere.test'], subject: 'Waiting', text: 'x'});
    await eventually(
        async () =>
            (await api('GET', '/admin/queue')).items.some(i => i.recipient === 'someone@elsewhere.test' && i.attempts > 0),
        'a first try',
    );
    const page = await openSignedIn(undefined, {hash: '#/admin/queue'});
    const item = line(page, 'someone@elsewhere.test');
    await item.locator('q').waitFor(); // what was said last
    await look(page, 'admin-queue');
    await item.getByRole('button', {name: /^Put on hold/}).click();
    await item.getByText('on hold').waitFor();
    await item.getByRole('button', {name: /^Release/}).click();
    await eventually(async () => {
        // it is tried at once, and meanwhile cannot be touched
        await page.getByRole('button', {name: 'Look again'}).click();
        await item.waitFor();
        return item.getByText('waiting').count();
    }, 'the item waiting again');
    await item.getByRole('button', {name: 'someone@elsewhere.test', exact: true}).click();
    await page.getByRole('dialog').getByText('Waiting to be sent to someone@elsewhere.test').waitFor();
    await page.keyboard.press('Escape');
    await item.getByRole('button', {name: /^Return to the sender/}).click();
    await page.getByRole('button', {name: 'Return it', exact: true}).click();
    await item.waitFor({state: 'detached'});
    await eventually(
        async () =>
            (await api('GET', '/inbox')).messages.some(
                m => m.from.address.startsWith('MAILER-DAEMON') || /Waiting/.test(m.preview) || m.from.address === '',
            ),
        'the report',
    );
    await close(page);
});

test('the overview says how the server does, and a message is followed by its number', async () => {
    const {id} = await api('POST', '/messages', {to: [world.account], subject: 'Followed', text: 'x'});
    const page = await openSignedIn(undefined, {hash: '#/admin/overview'});
    await page.getByText('mx.example.test').first().waitFor();
    await look(page, 'admin-overview');
    await page.getByRole('link', {name: 'Follow a message'}).click();
    await page.getByLabel('Number').fill(id);
    await page.getByRole('button', {name: 'Look it up'}).click();
    await page.getByText(`Delivered to ${world.account}`).waitFor();
    await look(page, 'admin-trace');
    await close(page);
});
