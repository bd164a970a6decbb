// The search field, with what can be asked for beside plain words.

import {h, icon, iconButton, newId} from './dom.js';

const OPERATORS = [
    ['from:', 'who wrote it'],
    ['to:', 'who got it'],
    ['subject:', 'words of the subject'],
    ['has:attachment', 'with files'],
    ['is:unread', 'not read yet'],
    ['in:', 'a mailbox'],
    ['after:', 'from a day on, as 2026-01-31'],
    ['before:', 'until a day'],
    ['"…"', 'these words together'],
    ['-', 'without this word'],
];

export function searchForm(go) {
    const id = newId('search');
    const input = h('input', {
        id,
        type: 'search',
        name: 'q',
        placeholder: 'Search mail',
        'aria-label': 'Search mail',
        'aria-keyshortcuts': '/',
        autocomplete: 'off',
        enterkeyhint: 'search',
        maxlength: 500,
        'aria-describedby': `${id}-help`,
    });
    const insert = operator => {
        const quoted = operator.startsWith('"');
        const before = input.value.trimEnd();
        input.value = `${before}${before ? ' ' : ''}${quoted ? '""' : operator}`;
        const at = input.value.length - (quoted ? 1 : 0);
        input.focus();
        input.setSelectionRange(at, at);
    };
    const help = h(
        'div',
        {class: 'search-help', id: `${id}-help`, hidden: true},
        h('p', {class: 'quiet'}, 'Words that all must be there, and:'),
        h(
            'div',
            {class: 'operators'},
            OPERATORS.map(([operator, words]) =>
                h(
                    'button',
                    {type: 'button', class: 'operator', onclick: () => insert(operator)},
                    h('code', {}, operator),
                    h('span', {class: 'quiet'}, words),
                ),
            ),
        ),
    );
    const clear = iconButton(
        'close',
        'Clear the search',
        () => {
            input.value = '';
            clear.hidden = true;
            go('#/inbox');
        },
        {class: 'search-clear', hidden: true},
    );
    const element = h(
        'form',
        {
            class: 'search',
            role: 'search',
            onsubmit: event => {
                event.preventDefault();
                const words = input.value.trim();
                help.hidden = true;
                if (words) go(`#/search/${encodeURIComponent(words)}`);
                else go('#/inbox');
                if (words) document.querySelector('.list-title')?.focus();
            },
        },
        icon('search'),
        input,
        clear,
        help,
    );
    input.addEventListener('focus', () => {
        help.hidden = false;
    });
    input.addEventListener('input', () => {
        clear.hidden = !input.value;
    });
    element.addEventListener('focusout', event => {
        if (!element.contains(event.relatedTarget)) help.hidden = true;
    });
    element.addEventListener('keydown', event => {
        if (event.key !== 'Escape') return;
        help.hidden = true;
        input.blur();
        event.preventDefault();
    });
    // A press on an operator must not first take the focus, and with it the operator, away.
    help.addEventListener('pointerdown', event => event.preventDefault());
    return {
        element,
        focus: () => {
            input.focus();
            input.select();
        },
        show: words => {
            input.value = words;
            clear.hidden = !words;
        },
    };
}
