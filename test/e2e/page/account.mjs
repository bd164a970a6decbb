import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, open, openSignedIn, signIn, start, stop} from './browser.mjs';
import {api, eventually, world} from './world.mjs';

before(start);
after(stop);

const card = (page, title) => page.locator('.card').filter({has: page.getByRole('heading', {name: title, exact: true})});
const secret = page => page.locator('.secret');

async function withPassword(password) {
    const {status} = await fetch(`${world.url}/api/v1/account`, {
        headers: {Authorization: `Basic ${Buffer.from(`${world.account}:${password}`).toString('base64')}`},
    });
    return status;
}

test('an app password is shown once, opens the account, and is shut out when it is revoked', async () => {
    const page = await openSignedIn(undefined, {hash: '#/account'});
    await card(page, 'App passwords').getByLabel('What is it for?').fill('Laptop');
    await card(page, 'App passwords').getByRole('button', {name: 'Make an app password'}).click();
    const password = await secret(page).textContent();
    assert.equal(await withPassword(password), 200);
    await page.keyboard.press('Escape');
    await card(page, 'App passwords').getByText('User name').waitFor();
    await look(page, 'account');
    await card(page, 'App passwords').getByRole('button', {name: 'Revoke Laptop'}).click();
    await page.getByRole('button', {name: 'Revoke', exact: true}).click();
    await page.getByText('Laptop is revoked').waitFor();
    assert.equal(await withPassword(password), 401);
    await close(page);
});

test('a token may do what it was made for', async () => {
    const page = await openSignedIn(undefined, {hash: '#/account'});
    await card(page, 'API tokens').getByLabel('Name').fill('Backup');
    await card(page, 'API tokens').getByRole('button', {name: 'Make a token'}).click();
    const token = await secret(page).textContent();
    const asks = async (method, path) =>
        (await fetch(`${world.url}/api/v1${path}`, {method, headers: {Authorization: `Bearer ${token}`}})).status;
    assert.equal(await asks('GET', '/inbox'), 200);
    assert.equal(await asks('POST', '/messages'), 403);
    await close(page);
});

test('the name is changed, and a reload shows it', async () => {
    const page = await openSignedIn(undefined, {hash: '#/account'});
    await card(page, 'Name').getByLabel('Name').fill('Zoë Ångström');
    await card(page, 'Name').getByRole('button', {name: 'Save'}).click();
    await page.getByText('Your name is saved').waitFor();
    await page.reload();
    await eventually(async () => (await api('GET', '/account')).name === 'Zoë Ångström', 'the new name');
    assert.equal(await card(page, 'Name').getByLabel('Name').inputValue(), 'Zoë Ångström');
    await close(page);
});

test('a new password needs the old one, and signs out everywhere else', async () => {
    const other = await openSignedIn();
    const page = await openSignedIn(undefined, {hash: '#/account'});
    const change = async old => {
        await card(page, 'Password').getByLabel('Present password').fill(old);
        await card(page, 'Password').getByLabel('New password', {exact: true}).fill('a new and longer password');
        await card(page, 'Password').getByLabel('New password again').fill('a new and longer password');
        await card(page, 'Password').getByRole('button', {name: 'Change the password'}).click();
    };
    await change('not the old one');
    await page.getByRole('alert').waitFor();
    assert.equal(await withPassword(world.password), 200);
    await change(world.password);
    await page.getByText('Your password is changed').waitFor();
    world.password = 'a new and longer password';
    assert.equal(await withPassword(world.password), 200);
    await other.getByRole('link', {name: /^Archive/}).click();
    await other.getByText(/^Your session has ended/).waitFor();
    await close(other);
    await close(page);
});

test('signing out everywhere ends every session', async () => {
    const other = await openSignedIn();
    const page = await openSignedIn(undefined, {hash: '#/account'});
    await card(page, 'Signed in now').getByText('this one').waitFor();
    await page.getByRole('button', {name: 'Sign out everywhere'}).click();
    await page.getByRole('button', {name: 'Sign out', exact: true}).last().click();
    await page.getByLabel('Password', {exact: true}).waitFor();
    await other.getByRole('link', {name: /^Archive/}).click();
    await other.getByText(/^Your session has ended/).waitFor();
    await signIn(other);
    await close(other);
    await close(page);
});

test('who is no administrator is shown nothing of administration', async () => {
    const page = await open();
    await signIn(page);
    await page.getByRole('button', {name: /^My account/}).click();
    assert.equal(await page.getByRole('menuitem', {name: 'Administration'}).count(), 0);
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
        location.hash = '#/admin/accounts';
    });
    await page.getByRole('alert').waitFor();
    await close(page);
});
