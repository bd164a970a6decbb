// The keyboard. A view registers what its keys do; the last one that knows a key gets it. Keys are left alone while somebody
// types.

import {h} from './dom.js';
import {openDialog} from './ui.js';

const maps = [];
let first = null; // the g of "g i"
let timer;

/** layer({j: [f, 'words for the help'], 'g i': ...}): gives back what takes it away again. f may answer false: not mine. */
export function layer(title, bindings) {
    const map = {title, bindings};
    maps.push(map);
    return () => maps.splice(maps.indexOf(map), 1);
}

function isTyping(target) {
    return target?.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu]');
}

function run(name) {
    for (const {bindings} of maps.toReversed()) if (bindings[name] && bindings[name][0]() !== false) return true;
    return false;
}

/** Takes a key from the page, or from the frame that shows a message. */
export function handle(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = event.key === ' ' ? 'Space' : event.key;
    const name = first ? `${first} ${key}` : key;
    clearTimeout(timer);
    const begins = !first && maps.some(({bindings}) => Object.keys(bindings).some(b => b.startsWith(`${key} `)));
    first = null;
    if (run(name)) event.preventDefault();
    else if (begins) {
        first = key;
        timer = setTimeout(() => {
            first = null;
        }, 1500);
    }
}

const SHOWN = {ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc'};

export function showHelp() {
    const tables = maps
        .filter(m => m.title)
        .map(({title, bindings}) => {
            const lines = new Map(); // two keys that do the same stand in one line
            for (const [name, [, words]] of Object.entries(bindings))
                if (words) lines.set(words, [...(lines.get(words) ?? []), name]);
            return h(
                'section',
                {class: 'keys-group'},
                h('h3', {}, title),
                h(
                    'dl',
                    {},
                    [...lines].map(([words, names]) =>
                        h(
                            'div',
                            {},
                            h(
                                'dt',
                                {},
                                names.map((name, i) => [
                                    i > 0 && ' or ',
                                    name.split(' ').map(k => h('kbd', {}, SHOWN[k] ?? k)),
                                ]),
                            ),
                            h('dd', {}, words),
                        ),
                    ),
                ),
            );
        });
    tables.push(
        h(
            'section',
            {class: 'keys-group'},
            h('h3', {}, 'Writing'),
            h(
                'dl',
                {},
                h('div', {}, h('dt', {}, h('kbd', {}, 'Ctrl'), h('kbd', {}, 'Enter')), h('dd', {}, 'Send')),
                h('div', {}, h('dt', {}, h('kbd', {}, 'Esc')), h('dd', {}, 'Keep as a draft and close')),
            ),
        ),
    );
    openDialog('Keyboard', h('div', {class: 'keys'}, tables), {wide: true});
}

document.addEventListener('keydown', handle);
