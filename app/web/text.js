// Plain text as people read it: links can be followed, quotes of quotes fold away, a signature steps back.

import {h} from './dom.js';

// Bounded on purpose: a message may be one line of a megabyte.
const ADDRESS = String.raw`[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}`;
const LINK = new RegExp(String.raw`\b(?:(?:https?:\/\/|www\.)[^\s<>"'\u0060]{1,2000}|(?:mailto:)?${ADDRESS})`, 'giu');

function trimmed(link) {
    let end = link.length;
    while (end && /[.,;:!?'"”’)\]}]/.test(link[end - 1])) {
        // The bracket that a link opened itself belongs to it.
        if (link[end - 1] === ')' && link.slice(0, end).split('(').length >= link.slice(0, end).split(')').length) break;
        --end;
    }
    return link.slice(0, end);
}

function anchor(words, onmail) {
    if (/^(?:https?:|www\.)/i.test(words)) {
        return h(
            'a',
            {href: words.startsWith('www.') ? `http://${words}` : words, target: '_blank', rel: 'noopener noreferrer'},
            words,
        );
    }
    const address = words.replace(/^mailto:/i, '').replace(/\?.*/, '');
    return h(
        'a',
        {
            href: `mailto:${address}`,
            onclick: event => {
                event.preventDefault();
                onmail({address});
            },
        },
        words,
    );
}

/** The text with its links as elements. */
function linked(text, onmail) {
    const parts = [];
    let done = 0;
    for (const found of text.matchAll(LINK)) {
        const link = trimmed(found[0]);
        if (!link) continue;
        parts.push(text.slice(done, found.index), anchor(link, onmail));
        done = found.index + link.length;
    }
    parts.push(text.slice(done));
    return parts;
}

const depthOf = line => /^(?:> ?)+/.exec(line)?.[0].replaceAll(' ', '').length ?? 0;

/** Lines in runs of the same depth: [{depth, lines}]. */
function runs(text) {
    const all = [];
    for (const line of text.replace(/\r\n?/g, '\n').replace(/\s+$/, '').split('\n')) {
        const depth = depthOf(line) > 0 ? 1 : 0;
        if (all.at(-1)?.depth !== depth) all.push({depth, lines: []});
        all.at(-1).lines.push(depth ? line.replace(/^> ?/, '') : line);
    }
    return all;
}

function blocks(text, onmail, level) {
    return runs(text).map(({depth, lines}) => {
        const body = lines.join('\n');
        if (!depth) {
            const signature = /(?:^|\n)-- \n[\s\S]*$/.exec(body);
            if (!signature) return h('div', {class: 'text-part'}, linked(body, onmail));
            return [
                h('div', {class: 'text-part'}, linked(body.slice(0, signature.index), onmail)),
                h('div', {class: 'text-part text-signature'}, linked(signature[0].replace(/^\n/, ''), onmail)),
            ];
        }
        // A hostile message nests without end; nobody reads the ninth level.
        const inner = level < 8 ? blocks(body, onmail, level + 1) : [h('div', {class: 'text-part'}, body)];
        const quote = h('blockquote', {class: ['text-quote', `quote-${Math.min(level, 3)}`]}, inner);
        return level === 0 && lines.length > 6
            ? h('details', {class: 'text-fold'}, h('summary', {}, 'Quoted text'), quote)
            : quote;
    });
}

export function plainText(text, onmail) {
    return h('div', {class: 'text-body', dir: 'auto'}, blocks(text, onmail, 0));
}
