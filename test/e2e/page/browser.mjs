// A browser at the page: Debian's Chromium through playwright-core. Every page it opens is watched: an error of a script or a request to
// anybody but our server fails the scenario.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {PATIENCE, world} from './world.mjs';

const require = createRequire(path.join(world.modules, 'package.json')); // test/run puts them into the build folder
const {chromium} = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const DESKTOP = {viewport: {width: 1440, height: 900}};
export const PHONE = {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true};

let browser;

export async function start() {
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium-headless-shell',
        // Its own sandbox needs rights that a container or root has not; no name is looked up, so nothing leaves the machine.
        args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
}

export async function stop() {
    await browser?.close();
}

/** A page that nobody is signed in at: {page, context, strangers}. `strangers`: whom it asked besides our server. */
export async function open(device = DESKTOP, {scheme = 'light', hash = ''} = {}) {
    const context = await browser.newContext({...device, colorScheme: scheme, locale: 'en-GB'});
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const strangers = [];
    const faults = [];
    context.on('request', request => {
        if (!/^(?:data|blob|about):/.test(request.url()) && !request.url().startsWith(`${world.url}/`))
            strangers.push(request.url());
    });
    // What the policy stopped was not asked of anybody.
    context.on('requestfailed', request => {
        if (request.failure().errorText === 'csp') strangers.splice(strangers.indexOf(request.url()), 1);
    });
    page.on('pageerror', error => faults.push(error.stack));
    page.strangers = strangers;
    page.faults = faults;
    await page.goto(`${world.url}/${hash}`);
    return page;
}

export async function signIn(page) {
    await page.getByLabel('Address').fill(world.account);
    await page.getByLabel('Password', {exact: true}).fill(world.password);
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('main').waitFor();
}

export async function openSignedIn(device, options) {
    const page = await open(device, options);
    await signIn(page);
    return page;
}

/** Ends a scenario: what must not have happened did not. */
export async function close(page) {
    assert.deepEqual(page.faults, [], 'errors of the page');
    assert.deepEqual(page.strangers, [], 'requests to others');
    await page.context().close();
}

export const row = (page, words) => page.getByRole('listitem').filter({hasText: words});
export const openRow = (page, words) => row(page, words).getByRole('link').click();

/** Nothing that axe-core finds wrong in a serious way; and a picture for people to look at. Only where pictures are asked for. */
export async function look(page, name) {
    if (!world.pictures) return;
    fs.mkdirSync(world.pictures, {recursive: true});
    // Without waiting for what never ends: the list of animations leaves out the turning of a wheel.
    await page.evaluate(() =>
        Promise.all(
            document
                .getAnimations()
                .filter(a => a.effect.getTiming().iterations === 1)
                .map(a => a.finished.catch(() => {})),
        ),
    );
    await page.screenshot({path: path.join(world.pictures, `${name}.png`)});
    await page.evaluate(axe);
    const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations'], iframes: false}));
    const serious = violations
        .filter(v => ['serious', 'critical'].includes(v.impact))
        .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`);
    assert.deepEqual(serious, [], `accessibility of ${name}`);
}
