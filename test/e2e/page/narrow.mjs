// A phone: one thing at a time, nothing wider than the screen.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, DESKTOP, look, openRow, openSignedIn, PHONE, row, start, stop} from './browser.mjs';
import {deliver} from './world.mjs';

before(async () => {
    await start();
    await deliver({
        subject: 'A wide newsletter',
        html: '<table width="700"><tr><td width="700"><h1>Wide</h1><p>Text</p></td></tr></table>',
        text: 'Text',
    });
    await deliver({
        from: 'Somebody With A Remarkably Long Name <somebody@elsewhere.test>',
        subject: 'A subject that goes on and on, '.repeat(6),
        text: `https://elsewhere.test/${'x'.repeat(300)}`,
    });
});
after(stop);

const fits = async page =>
    assert.ok(
        await page.evaluate(
            () =>
                document.documentElement.scrollWidth <= innerWidth &&
                [...document.querySelectorAll('.main *')].every(
                    e => e.closest('.table-scroll, .source, iframe') || e.getBoundingClientRect().right <= innerWidth + 1,
                ),
        ),
        'something is wider than the screen',
    );

for (const scheme of ['light', 'dark']) {
    test(`reading and writing on a phone, ${scheme}`, async () => {
        const page = await openSignedIn(PHONE, {scheme});
        await row(page, 'A wide newsletter').waitFor();
        await fits(page);
        await look(page, `phone-list-${scheme}`);
        await openRow(page, 'A wide newsletter');
        const mail = page.frameLocator('iframe.mail-frame');
        await mail.getByText('Wide').waitFor();
        assert.equal(await page.getByRole('region', {name: 'Message list'}).isVisible(), false);
        await page.waitForFunction(() => {
            const {documentElement: root} = document.querySelector('iframe').contentDocument;
            return root.scrollWidth <= root.clientWidth + 2;
        });
        await fits(page);
        await look(page, `phone-message-${scheme}`);
        await page.getByRole('button', {name: 'Back to the list'}).click();
        await openRow(page, 'A subject that goes on');
        await page.getByRole('article').waitFor();
        await fits(page);
        await page.goBack();
        await row(page, 'A wide newsletter').waitFor();

        await page.getByRole('button', {name: 'Mailboxes', exact: true}).click();
        await look(page, `phone-mailboxes-${scheme}`);
        await page.getByRole('link', {name: /^Trash/}).click();
        await page.getByRole('heading', {name: 'Trash'}).waitFor();
        await page.locator('#side').waitFor({state: 'hidden'});

        await page.getByRole('button', {name: 'Write a message'}).click();
        await page.getByRole('combobox', {name: 'To'}).fill('someone@elsewhere.test,');
        await look(page, `phone-composer-${scheme}`);
        await page.getByRole('button', {name: 'Keep as a draft and close'}).click();
        await page.evaluate(() => {
            location.hash = '#/account';
        });
        await page.getByRole('heading', {name: 'App passwords'}).waitFor();
        await fits(page);
        await look(page, `phone-account-${scheme}`);
        await close(page);
    });
}

test('the dark page on a desktop', async () => {
    const page = await openSignedIn(DESKTOP, {scheme: 'dark'});
    await openRow(page, 'A subject that goes on');
    await page.getByRole('article').waitFor();
    await look(page, 'desktop-dark');
    await close(page);
});
