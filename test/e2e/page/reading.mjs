import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, open, openRow, openSignedIn, row, signIn, start, stop} from './browser.mjs';
import {api, deliver, eventually, PICTURE, world} from './world.mjs';

before(start);
after(stop);

test('signing in: a wrong password is said so, the right one opens the inbox, signing out shuts it', async () => {
    const page = await open();
    await page.getByLabel('Address').fill(world.account);
    await page.getByLabel('Password', {exact: true}).fill('not this one');
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('alert').filter({hasText: 'do not go together'}).waitFor();
    await look(page, 'sign-in');
    await signIn(page);
    await page.reload(); // the session lasts; the token is fetched anew
    await page.getByRole('link', {name: /^Inbox/}).waitFor();
    await page.getByRole('button', {name: /^My account/}).click();
    await page.getByRole('menuitem', {name: 'Sign out'}).click();
    await page.getByLabel('Password', {exact: true}).waitFor();
    await close(page);
});

test('the page paints within 100 KB, and index.html names every module that is needed for it', async () => {
    const page = await open();
    await page.getByLabel('Password', {exact: true}).waitFor();
    const octets = await page.evaluate(() =>
        performance
            .getEntriesByType('resource')
            .concat(performance.getEntriesByType('navigation'))
            .reduce((sum, e) => sum + e.transferSize, 0),
    );
    assert.ok(octets > 10_000 && octets < 100_000, `${octets} octets`);
    const late = await page.evaluate(() => {
        const named = new Set([...document.querySelectorAll('link[rel=modulepreload], script')].map(e => e.href || e.src));
        return performance
            .getEntriesByType('resource')
            .map(e => e.name)
            .filter(name => name.endsWith('.js') && !named.has(name));
    });
    assert.deepEqual(late, []);
    await close(page);
});

test('a message is read in each of its forms, its attachments are there, and what happened to it is told', async () => {
    await deliver({
        subject: 'Plans for the lake',
        text: 'See https://maps.example/lake for the way.\n\n> Who comes?\n\n-- \nBob',
        html: '<p style="color:rgb(1, 2, 3)">The <b>formatted</b> text</p>',
        files: [
            {name: 'plan.pdf', type: 'application/pdf', content: 'PDF'},
            {name: 'lake.png', type: 'image/png', content: PICTURE},
        ],
    });
    const page = await openSignedIn();
    assert.equal(await row(page, 'Plans for the lake').locator('.row-who').textContent(), 'Bob Baker');
    await openRow(page, 'Plans for the lake');
    const mail = page.frameLocator('iframe.mail-frame');
    assert.equal(await mail.getByText('The formatted text').evaluate(p => getComputedStyle(p).color), 'rgb(1, 2, 3)');
    await look(page, 'message');

    const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', {name: 'Save plan.pdf'}).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'plan.pdf');
    await page.getByRole('button', {name: 'Look at lake.png'}).click();
    await page.getByRole('dialog').getByRole('img', {name: 'lake.png'}).waitFor();
    await page.keyboard.press('Escape');

    const choose = async form => {
        await page.getByRole('button', {name: 'More', exact: true}).click();
        await page.getByRole('menuitem', {name: form}).click();
    };
    await choose('Plain text');
    const link = page.getByRole('link', {name: 'https://maps.example/lake', exact: true});
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    await choose('Source');
    await page.getByText('Content-Type: multipart/mixed').waitFor();

    await page.getByRole('button', {name: 'Show details'}).click();
    await page.getByRole('listitem').filter({hasText: 'Arrived at this server'}).waitFor();
    await page
        .getByRole('listitem')
        .filter({hasText: `Delivered to ${world.account}`})
        .waitFor();
    await look(page, 'details');
    await eventually(
        async () => (await api('GET', '/inbox')).messages.find(m => m.subject === 'Plans for the lake').seen,
        'the message being marked as read',
    );
    await close(page);
});

test('embedded pictures are shown, from the message itself', async () => {
    await deliver({
        subject: 'With a picture',
        html: '<p>Look:</p><img src="cid:dot@x" alt="dot" width="30">',
        files: [{name: 'dot.png', type: 'image/png', content: PICTURE, id: 'dot@x'}],
    });
    const page = await openSignedIn();
    await openRow(page, 'With a picture');
    const picture = page.frameLocator('iframe.mail-frame').getByRole('img', {name: 'dot'});
    await eventually(() => picture.evaluate(i => i.complete && i.naturalWidth === 1), 'the picture');
    assert.equal(await page.getByRole('heading', {name: /attachment/}).count(), 0);
    await close(page);
});

test('a conversation is shown as one, the message that was opened unfolded', async () => {
    const first = '<thread-1@elsewhere.test>';
    await deliver(
        [
            'From: Carol <carol@elsewhere.test>',
            `To: ${world.account}`,
            'Subject: The fence',
            `Message-ID: ${first}`,
            '',
            'Shall we paint it?',
            '',
        ].join('\r\n'),
    );
    await deliver({
        subject: 'Re: The fence',
        text: 'Green, please.',
        fields: [`In-Reply-To: ${first}`, `References: ${first}`],
    });
    await eventually(async () => {
        const [a, b] = (await api('GET', '/inbox')).messages.filter(m => m.subject.endsWith('The fence'));
        return a && b && a.thread === b.thread;
    }, 'the two messages being of one thread');
    const page = await openSignedIn();
    await openRow(page, 'Green, please.');
    await page.getByText('2 messages in this conversation').waitFor();
    await page.getByRole('button', {name: /Carol.*Shall we paint it/}).click();
    await page.getByRole('article').filter({hasText: 'Shall we paint it?'}).waitFor();
    assert.equal(await page.getByRole('article').count(), 2);
    await look(page, 'conversation');
    await close(page);
});

test('new mail appears by itself, and the counts follow', async () => {
    const page = await openSignedIn();
    await page.getByRole('heading', {name: 'Inbox'}).waitFor();
    const unread = (await api('GET', '/mailboxes')).mailboxes.find(m => m.role === 'inbox').unread;
    await deliver({subject: 'Just now', text: 'Hello'});
    await row(page, 'Just now').waitFor();
    await page.waitForFunction(n => document.title.startsWith(`(${n}) `), unread + 1);
    const {id} = (await api('GET', '/inbox')).messages.find(m => m.subject === 'Just now');
    await api('PATCH', `/messages/${id}`, {flagged: true}); // from another program of the same person's
    await row(page, 'Just now').getByRole('button', {name: 'Star', pressed: true}).waitFor();
    await close(page);
});

test('messages are moved and deleted, many at once, and it can be undone', async () => {
    for (const n of [1, 2, 3]) await deliver({subject: `Heap ${n}`, text: 'x'});
    const page = await openSignedIn();
    for (const n of [1, 2]) await row(page, `Heap ${n}`).getByRole('checkbox').check({force: true});
    await page.getByRole('toolbar').getByRole('button', {name: 'Archive'}).first().click();
    await page.getByText('2 messages moved to Archive').waitFor();
    await row(page, 'Heap 1').waitFor({state: 'detached'});
    await page.getByRole('button', {name: 'Undo'}).click();
    await row(page, 'Heap 1').waitFor();
    await openRow(page, 'Heap 3');
    await page.getByRole('toolbar', {name: 'Actions on this message'}).getByRole('button', {name: 'Delete'}).click();
    await row(page, 'Heap 3').waitFor({state: 'detached'});
    await page.getByRole('link', {name: /^Trash/}).click();
    await row(page, 'Heap 3').waitFor();
    await eventually(
        async () => (await api('GET', '/inbox')).messages.filter(m => m.subject.startsWith('Heap')).length === 2,
        'the inbox as it was',
    );
    await close(page);
});

test('of a long list only the rows in sight are in the page, and the last one can be scrolled to', async () => {
    for (let n = 0; n < 150; ++n) await deliver({subject: `Row ${n}`, text: 'x'});
    const page = await openSignedIn();
    const list = page.locator('.list-scroll');
    await row(page, 'Row 149').waitFor();
    await eventually(async () => {
        await list.evaluate(e => {
            e.scrollTop = e.scrollHeight;
        });
        return row(page, 'Row 0').count();
    }, 'the first message in sight');
    assert.ok((await page.locator('.list-rows > .row').count()) < 60);
    await close(page);
});
