import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, openSignedIn, row, start, stop} from './browser.mjs';
import {api, deliver, eventually} from './world.mjs';

before(start);
after(stop);

test('a message is found by its words and by who sent it; nothing found is said so', async () => {
    await deliver({
        from: 'Zoë Ångström <zoe@elsewhere.test>',
        subject: 'The blue heron',
        text: 'It was standing in the reeds.',
    });
    await eventually(async () => (await api('GET', '/search?q=reeds')).messages.length, 'the message being found');
    const page = await openSignedIn();
    const field = page.getByRole('searchbox', {name: 'Search mail'});
    await field.fill('reeds from:angstrom');
    await look(page, 'search-help');
    await field.press('Enter');
    await row(page, 'The blue heron').waitFor();
    assert.equal(await page.getByRole('list', {name: 'Messages'}).getByRole('listitem').count(), 1);
    await look(page, 'search');
    await field.fill('nothinglikethis');
    await field.press('Enter');
    await page.getByText('Nothing found').waitFor();
    await close(page);
});
