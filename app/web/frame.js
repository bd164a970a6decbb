// Shows the HTML of a message. It is hostile until shown otherwise, so three walls stand one behind the other:
//
// 1. DOMPurify takes out what could run, fetch or take input, working on the parsed tree. The tree moves into the frame as it is
//    and never becomes a string again, so there is nothing that a second parser could read differently (mutation XSS).
// 2. The frame's document comes from /frame with a Content-Security-Policy of its own: no scripts, no forms, no requests but for
//    images, and images of others only at /frame?images=1, which is what "Show images" opens. What hides a request from wall 1, an
//    escape in a style for instance, ends here. (A srcdoc or blob: frame would inherit the page's policy, which forbids the inline
//    styles that mail is made of.)
// 3. The frame is sandboxed without allow-scripts: even what passed both does not run. It has allow-same-origin, so that the page
//    can fill it and measure it, and embedded pictures come with our cookie. That is safe as long as nothing in it can run: never
//    add allow-scripts.

import {h} from './dom.js';
import {handle as handleKey} from './keys.js';

const SANDBOX = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
const TALLEST = 60000; // pixels; beyond it the frame scrolls by itself

// Page chrome that a mail may imitate but not be, and elements that fetch or take input.
const FORBIDDEN_TAGS = [
    'form',
    'input',
    'button',
    'textarea',
    'select',
    'option',
    'dialog',
    'audio',
    'video',
    'source',
    'track',
    'link',
    'meta',
    'base',
    'iframe',
    'frame',
    'object',
    'embed',
    'portal',
    'template',
    'slot',
    'noscript',
    'title',
];
const FORBIDDEN_ATTRIBUTES = [
    'ping',
    'srcset',
    'autofocus',
    'contenteditable',
    'popover',
    'popovertarget',
    'download',
    'is',
    'slot',
    'formaction',
    'action',
    'lowsrc',
    'dynsrc',
    'poster',
    'manifest',
    'nonce',
    'accesskey',
    'tabindex',
];

// What the sanitiser takes for a harmless value: its own pattern without ftp:, sms: and the like. Relative addresses pass and
// are taken out below.
const HARMLESS = /^(?:(?:https?|mailto|tel|cid):|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i;
const REMOTE = /^\s*(?:https?:)?\/\//i;
const REMOTE_IN_STYLE = /url\(\s*["']?\s*(?:https?:)?\/\/|@import/i;

/**
 * The sanitiser at work in the frame's own window: parsed there, the tree is under the frame's policy, and its style attributes
 * hold. (Parsed in the page's they would be dropped for good.) Parsing fetches and runs nothing: the parser's document is not
 * shown anywhere.
 */
async function sanitised(html, inside) {
    await import('./vendor/purify.min.js');
    return globalThis.DOMPurify(inside).sanitize(html, {
        WHOLE_DOCUMENT: true,
        RETURN_DOM: true,
        USE_PROFILES: {html: true},
        FORBID_TAGS: FORBIDDEN_TAGS,
        FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
        ALLOW_ARIA_ATTR: false,
        ALLOW_DATA_ATTR: false,
        ALLOWED_URI_REGEXP: HARMLESS,
        SANITIZE_NAMED_PROPS: true,
    });
}

/** Embedded pictures get their address, images from elsewhere lose theirs unless asked for. Answers whether there are any. */
function settlePictures(tree, pictureOf, images) {
    let remote = false;
    for (const element of tree.querySelectorAll('[src], [background]')) {
        for (const name of ['src', 'background']) {
            const value = element.getAttribute(name)?.trim();
            if (value === undefined || /^data:/i.test(value)) continue;
            const elsewhere = REMOTE.test(value);
            const picture = /^cid:/i.test(value) ? pictureOf(decoded(value.slice(4))) : elsewhere && images ? value : null;
            remote ||= elsewhere;
            if (picture) element.setAttribute(name, picture);
            else element.removeAttribute(name);
        }
    }
    const inStyles =
        [...tree.querySelectorAll('style')].some(s => REMOTE_IN_STYLE.test(s.textContent)) ||
        [...tree.querySelectorAll('[style]')].some(e => REMOTE_IN_STYLE.test(e.getAttribute('style')));
    return remote || inStyles;
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

function dressLink(link) {
    const href = link.getAttribute('href') ?? '';
    if (!/^\s*(?:https?:|mailto:|tel:|\/\/)/i.test(href)) return link.removeAttribute('href');
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
    // The words of a link may name one place and lead to another: the tooltip is the truth.
    if (href) link.setAttribute('title', href);
    return undefined;
}

// Margins a newsletter can set to none; a background that it may paint over.
const BASE = `html{color-scheme:light}
body{margin:18px 20px;overflow-wrap:break-word;color:#1d2327;
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
img{max-width:100%}img:not([height]){height:auto}pre{white-space:pre-wrap}
blockquote{margin:.8em 0 .8em .2em;padding-left:1em;border-left:3px solid #d8d4cb}
a{color:#14614f}table{max-width:100%}`;

/**
 * Shows `html` in `place`. `pictureOf(content_id)` gives the address of an embedded picture or null; `onmail({address})` answers
 * a click on an address. Resolves to {remote}: whether there are images that were not asked for.
 */
export async function showHtml(place, html, {images, pictureOf, onmail, title}) {
    const frame = h('iframe', {
        class: 'mail-frame',
        title,
        sandbox: SANDBOX,
        referrerpolicy: 'no-referrer',
        src: images ? '/frame?images=1' : '/frame',
    });
    const loaded = new Promise((resolve, reject) => {
        frame.addEventListener('load', resolve, {once: true});
        frame.addEventListener('error', reject, {once: true});
    });
    place.replaceChildren(frame);
    await loaded;
    const inside = frame.contentDocument;
    if (!inside) throw new Error('The frame is not of this origin.');
    const tree = await sanitised(html, frame.contentWindow);
    const remote = settlePictures(tree, pictureOf, images);
    for (const link of tree.querySelectorAll('a, area')) dressLink(link);
    const style = inside.createElement('style');
    style.textContent = BASE;
    tree.querySelector('head').prepend(style);
    inside.replaceChild(inside.adoptNode(tree), inside.documentElement);
    inside.addEventListener('keydown', handleKey);
    inside.addEventListener('click', event => {
        const link = event.target.closest?.('a[href^="mailto:" i]');
        if (!link) return;
        event.preventDefault();
        onmail({address: decoded(link.getAttribute('href').slice(7).replace(/\?.*/, ''))});
    });
    fit(frame, inside);
    return {remote};
}

/** As tall as what it shows, and shrunk where a wide newsletter meets a narrow screen. */
function fit(frame, inside) {
    let before = 0;
    let turns = 0;
    const measure = () => {
        const {body, documentElement: root} = inside;
        if (!body || !frame.isConnected) return;
        if (root.scrollWidth > root.clientWidth + 2 && !body.style.zoom && root.clientWidth > 0) {
            body.style.zoom = Math.max(0.45, root.clientWidth / root.scrollWidth);
        }
        const tall = Math.min(TALLEST, Math.ceil(Math.max(root.getBoundingClientRect().height, 40)));
        // A height in vh would chase its own tail: growing is taken for real a bounded number of times.
        if (Math.abs(tall - before) < 2 || ++turns > 40) return;
        before = tall;
        frame.style.height = `${tall}px`;
    };
    measure();
    new ResizeObserver(measure).observe(inside.body);
    for (const image of inside.images) image.addEventListener('load', measure);
    new ResizeObserver(() => {
        if (inside.body) {
            inside.body.style.zoom = '';
            turns = 0;
        }
        measure();
    }).observe(frame.parentElement);
}
