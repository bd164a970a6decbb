// Answers and forwards: to whom, under which subject, and with what of the original.

import {distinct} from './address.js';
import {store} from './store.js';
import {fullAddress, mediumDate, nameOf} from './words.js';

const BLOCKS = new Set([
    'P',
    'DIV',
    'TR',
    'LI',
    'H1',
    'H2',
    'H3',
    'H4',
    'H5',
    'H6',
    'BLOCKQUOTE',
    'PRE',
    'TABLE',
    'UL',
    'OL',
    'SECTION',
    'ARTICLE',
    'HEADER',
    'FOOTER',
]);
const SKIPPED = new Set(['STYLE', 'SCRIPT', 'TITLE', 'HEAD', 'TEMPLATE', 'NOSCRIPT']);
const LONGEST = 50000; // characters of an original that are quoted

function walk(node, out) {
    for (const child of node.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) out.push(child.data.replace(/\s+/g, ' '));
        else if (child.nodeName === 'BR') out.push('\n');
        else if (child.nodeType === Node.ELEMENT_NODE && !SKIPPED.has(child.nodeName)) {
            const block = BLOCKS.has(child.nodeName);
            if (block) out.push('\n');
            walk(child, out);
            if (block) out.push('\n');
        }
    }
}

/** The words of an HTML text. Parsed into a document that runs and fetches nothing. */
export function textOfHtml(html) {
    const out = [];
    walk(new DOMParser().parseFromString(html, 'text/html'), out);
    return out
        .join('')
        .replace(/[ \t]*\n[ \t]*/g, '\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
}

const wordsOf = message =>
    (message.text?.trim() ? message.text : textOfHtml(message.html ?? '')).replace(/\r\n?/g, '\n').slice(0, LONGEST).trimEnd();

const prefixed = (prefix, subject) =>
    new RegExp(`^\\s*${prefix}(?:\\[\\d+\\])?:`, 'i').test(subject ?? '') ? subject : `${prefix}: ${subject ?? ''}`.trim();

function own() {
    return [store.account.address, ...(store.account.aliases ?? [])];
}

/** The address of ours that the message was sent to: an answer comes from it. */
function addressed(message) {
    const ours = own();
    return [...message.to, ...(message.cc ?? [])]
        .map(a => a.address)
        .find(a => ours.some(o => o.toLowerCase() === a.toLowerCase()));
}

export function reply(message, {all = false} = {}) {
    const ours = own();
    const mine = ours.some(o => o.toLowerCase() === message.from.address.toLowerCase());
    // Answering what one sent oneself goes to whom it went.
    const to = mine ? message.to : message.reply_to?.length ? message.reply_to : [message.from];
    const rest = all ? [...message.to, ...(message.cc ?? [])] : [];
    const directly = distinct(to);
    const quoted = wordsOf(message)
        .split('\n')
        .map(line => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()))
        .join('\n');
    return {
        from: addressed(message),
        to: directly,
        cc: distinct(rest, [...ours, ...directly.map(a => a.address)]),
        bcc: [],
        subject: prefixed('Re', message.subject),
        text: `\n\nOn ${mediumDate(message.date ?? message.received_at)}, ${nameOf(message.from)} wrote:\n${quoted}\n`,
        in_reply_to: message.id,
    };
}

export function forward(message) {
    const head = [
        ['From', fullAddress(message.from)],
        ['To', message.to.map(fullAddress).join(', ')],
        ['Cc', message.cc?.map(fullAddress).join(', ')],
        ['Date', mediumDate(message.date ?? message.received_at)],
        ['Subject', message.subject],
    ]
        .filter(([, value]) => value)
        .map(([name, value]) => `${name}: ${value}`);
    return {
        from: addressed(message),
        to: [],
        cc: [],
        bcc: [],
        subject: prefixed('Fwd', message.subject),
        forward_of: message.id,
        text: `\n\n-------- Forwarded message --------\n${head.join('\n')}\n\n${wordsOf(message)}\n`,
        files_of: message,
    };
}
