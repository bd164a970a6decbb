import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, openRow, openSignedIn, row, signIn, start, stop} from './browser.mjs';
import {api, deliver, eventually, world} from './world.mjs';

before(start);
after(stop);

const composer = page => page.locator('.composer');
const inMailbox = async (role, subject) => {
    const {id} = (await api('GET', '/mailboxes')).mailboxes.find(m => m.role === role);
    return (await api('GET', `/mailboxes/${id}/messages`)).messages.find(m => m.subject === subject);
};

async function write(page, {to = world.account, subject, text}) {
    await page.getByRole('button', {name: 'Write', exact: true}).click();
    await composer(page).getByRole('combobox', {name: 'To'}).fill(`${to},`);
    await composer(page).getByLabel('Subject').fill(subject);
    await composer(page).getByLabel('Text').fill(text);
}

const send = page => composer(page).getByRole('button', {name: 'Send', exact: true}).click();

/** Ten seconds pass at once. */
const passTime = page => page.clock.runFor(11_000);

test('a message with an attachment goes out after ten seconds, arrives by itself, and stands in Sent', async () => {
    const page = await openSignedIn();
    await page.clock.install();
    await write(page, {subject: 'To myself', text: 'Buy bread.\nAnd a map of the attached lake.'});
    await composer(page)
        .locator('input[type=file]')
        .setInputFiles({name: 'Übersicht 1.txt', mimeType: 'text/plain', buffer: Buffer.from('The lake')});
    await composer(page).getByText('Übersicht 1.txt').waitFor();
    await look(page, 'composer');
    await send(page);
    await page.getByText(/^Sending in/).waitFor();
    assert.equal(await inMailbox('sent', 'To myself'), undefined);
    await passTime(page);
    await page.getByText('Sent', {exact: true}).last().waitFor();
    await openRow(page, 'To myself');
    await page.getByRole('article').getByText('Buy bread.').waitFor();
    const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', {name: 'Save Übersicht 1.txt'}).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'Übersicht 1.txt');
    assert.ok(await inMailbox('sent', 'To myself'));
    await page.getByRole('button', {name: 'Look at it'}).click();
    await page.waitForURL(/#\/sent\//);
    await page.keyboard.press('d');
    await page.getByText('Arrived at this server').waitFor();
    assert.equal(await inMailbox('drafts', 'To myself'), undefined);
    await close(page);
});

test('sending can be undone, and the message is still there to be written on', async () => {
    const page = await openSignedIn();
    await page.clock.install();
    await write(page, {subject: 'Too soon', text: 'Dear me'});
    await send(page);
    await page.getByRole('button', {name: 'Undo'}).click();
    assert.equal(await composer(page).getByLabel('Text').inputValue(), 'Dear me');
    await passTime(page);
    assert.equal(await inMailbox('sent', 'Too soon'), undefined);
    await close(page);
});

test('what is written saves itself as a draft, and is opened again from there', async () => {
    const page = await openSignedIn();
    await write(page, {subject: 'Half written', text: 'It begins'});
    await composer(page).getByText('Saved as a draft').waitFor();
    await eventually(() => inMailbox('drafts', 'Half written'), 'the draft');
    await composer(page).getByRole('button', {name: 'Keep as a draft and close'}).click();
    await page.getByRole('link', {name: /^Drafts/}).click();
    await openRow(page, 'Half written');
    assert.equal(await composer(page).getByLabel('Text').inputValue(), 'It begins');
    await composer(page).getByRole('button', {name: 'Throw this draft away'}).click();
    await page.getByRole('button', {name: 'Throw away', exact: true}).click();
    await row(page, 'Half written').waitFor({state: 'detached'});
    await close(page);
});

test('a server that cannot be reached loses nothing of what is written', async () => {
    const page = await openSignedIn();
    await write(page, {subject: 'In the tunnel', text: ''});
    await page.context().setOffline(true);
    await composer(page).getByLabel('Text').fill('No signal here');
    await composer(page)
        .getByText(/^Not saved yet/)
        .waitFor();
    await page.context().setOffline(false);
    await composer(page).getByText('Saved as a draft').waitFor();
    assert.equal((await inMailbox('drafts', 'In the tunnel')).preview, 'No signal here');
    await close(page);
});

test('a session that ends in the midst of writing asks for the password, and goes on where it was', async () => {
    const page = await openSignedIn();
    await write(page, {subject: 'Interrupted', text: 'Still here'});
    await page.context().clearCookies();
    await composer(page).getByLabel('Text').fill('Still here, and more');
    await page.getByText(/^Your session has ended/).waitFor();
    await signIn(page);
    await composer(page).getByText('Saved as a draft').waitFor();
    assert.equal(await composer(page).getByLabel('Text').inputValue(), 'Still here, and more');
    await close(page);
});

test('an answer goes to whoever wrote, quotes the text, and marks the message as answered', async () => {
    await deliver({
        from: 'Carol <carol@elsewhere.test>',
        subject: 'A question',
        text: 'Which colour?\nBlue or green?',
        fields: [`Reply-To: desk@elsewhere.test`, 'Cc: dan@elsewhere.test'],
    });
    const page = await openSignedIn();
    await page.clock.install();
    await openRow(page, 'A question');
    await page.getByRole('button', {name: 'Reply to all'}).last().click();
    await composer(page).getByRole('list', {name: 'To'}).getByText('desk@elsewhere.test').waitFor();
    await composer(page).getByRole('list', {name: 'Cc'}).getByText('dan@elsewhere.test').waitFor();
    assert.equal(await composer(page).getByLabel('Subject').inputValue(), 'Re: A question');
    const quoted = await composer(page).getByLabel('Text').inputValue();
    assert.match(quoted, /Carol wrote:\n> Which colour\?\n> Blue or green\?/);
    await composer(page).getByLabel('Text').fill(`Green.\n${quoted}`);
    await send(page);
    await page.getByText(/^Sending in/).waitFor();
    await passTime(page);
    const sent = await eventually(() => inMailbox('sent', 'Re: A question'), 'the answer in Sent');
    const whole = await api('GET', `/messages/${sent.id}`);
    const original = await api('GET', `/messages/${(await inMailbox('inbox', 'A question')).id}`);
    assert.equal(whole.in_reply_to, original.message_id);
    await row(page, 'A question').getByText('answered').waitFor({state: 'attached'});
    await close(page);
});

test('a forwarded message takes its attachments along', async () => {
    await deliver({
        subject: 'With a file',
        text: 'Here it is',
        files: [{name: 'plan.pdf', type: 'application/pdf', content: 'PDF'}],
    });
    const page = await openSignedIn();
    await openRow(page, 'With a file');
    await page.getByRole('button', {name: 'Forward'}).last().click();
    await composer(page).getByText('plan.pdf').waitFor();
    assert.match(await composer(page).getByLabel('Text').inputValue(), /Forwarded message[^]*Here it is/);
    await close(page);
});

test('files are attached by dropping them, and what is no address is not sent to', async () => {
    const page = await openSignedIn();
    await write(page, {to: 'not an address', subject: 'Dropped', text: 'x'});
    const files = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['octets'], 'dropped.txt', {type: 'text/plain'}));
        return transfer;
    });
    for (const event of ['dragenter', 'dragover', 'drop']) await composer(page).dispatchEvent(event, {dataTransfer: files});
    await composer(page).getByText('dropped.txt').waitFor();
    await send(page);
    await page.getByRole('alert').filter({hasText: 'not an address is not an address'}).waitFor();
    assert.ok(await composer(page).isVisible());
    await close(page);
});
