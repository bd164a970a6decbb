// All of it without a mouse.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, open, row, start, stop} from './browser.mjs';
import {api, deliver, eventually, world} from './world.mjs';

before(async () => {
    await start();
    for (const n of [1, 2, 3])
        await deliver({subject: `Message ${n}`, text: `Text ${n}`, ...(n === 2 && {html: '<p>Text 2, formatted</p>'})});
});
after(stop);

const focused = page => page.evaluate(() => document.activeElement.closest('.row, [aria-label]')?.textContent.trim() ?? '');

test('signing in, reading, answering, searching and signing out take keys alone', async () => {
    const page = await open();
    const press = async (...keys) => {
        for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByLabel('Address').waitFor();
    await page.keyboard.type(world.account);
    await press('Tab');
    await page.keyboard.type(world.password);
    await press('Enter');
    await row(page, 'Message 3').waitFor();

    await press('?');
    await page.getByRole('dialog', {name: 'Keyboard'}).waitFor();
    await look(page, 'keyboard-help');
    await press('Escape');
    await page.getByRole('dialog', {name: 'Keyboard'}).waitFor({state: 'detached'});

    await press('j');
    assert.match(await focused(page), /Message 3/);
    await press('j');
    assert.match(await focused(page), /Message 2/);
    await press('o');
    await page.getByRole('heading', {name: 'Message 2'}).waitFor();
    await page.frameLocator('iframe.mail-frame').getByText('formatted').click(); // within the message the keys go on working
    await press('j');
    await page.getByRole('heading', {name: 'Message 1'}).waitFor();
    await press('d');
    await page.getByText('Arrived at this server').waitFor();
    await press('u');
    assert.match(await focused(page), /Message 1/);

    await press('x', 'k', 'x');
    await page.getByText('2 selected').first().waitFor();
    await press('e');
    await page.getByText('2 messages moved to Archive').waitFor();
    await press('z');
    await row(page, 'Message 1').waitFor();
    await press('s');
    await eventually(async () => (await api('GET', '/inbox')).messages.some(m => m.flagged), 'a star');

    await press('o', 'r');
    await page.getByLabel('Text').waitFor();
    await page.keyboard.type('My answer');
    assert.match(await page.getByLabel('Text').inputValue(), /^My answer\n\nOn /);
    await press('Control+Enter');
    await page.getByRole('button', {name: 'Undo'}).last().focus();
    await press('Enter');
    await press('Escape');

    await press('/');
    await page.keyboard.type('Message 3');
    await press('Enter');
    await page.getByRole('heading', {name: 'Found: Message 3'}).waitFor();
    await press('g', 'i');
    await page.getByRole('heading', {name: 'Inbox'}).waitFor();
    await press('g', 'a');
    await page.getByRole('heading', {name: 'My account', level: 1}).waitFor();

    await page.getByRole('button', {name: /^My account/}).focus();
    await press('Enter', 'ArrowUp', 'Enter'); // the last entry: out
    await page.getByLabel('Password', {exact: true}).waitFor();
    await close(page);
});

test('every control that the Tab key reaches has a name and shows that it is reached', async () => {
    const page = await open();
    await page.getByLabel('Address').fill(world.account);
    await page.getByLabel('Password', {exact: true}).fill(world.password);
    await page.keyboard.press('Enter');
    await row(page, 'Message 1').waitFor();
    const seen = new Set();
    for (let i = 0; i < 40; ++i) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
            const e = document.activeElement;
            const shown = e.closest('.row') && e.matches('.row-link') ? e.closest('.row') : e.matches('.search input') ? e : e;
            return e === document.body
                ? null
                : {
                      name: e.getAttribute('aria-label') ?? e.textContent.trim(),
                      ring: getComputedStyle(shown).outlineStyle !== 'none' || e.matches('.skip'),
                      html: e.outerHTML.slice(0, 120),
                  };
        });
        if (!at) break;
        assert.ok(at.name, `no name: ${at.html}`);
        assert.ok(at.ring, `no ring: ${at.html}`);
        seen.add(at.name);
    }
    assert.ok([...seen].some(name => name.includes('Message 1')));
    await close(page);
});
