// One row of the list: who, what and when, at a glance; unread stands out, a draft says so, and what was sent shows whom it
// went to.

import {h, icon} from './dom.js';
import {mailboxById} from './store.js';
import {fullDate, hueOf, initials, nameOf, namesOf, shortDate, subjectOf} from './words.js';

/** The round picture: the same letters and colour for the same person. Words beside it say who it is. */
export function avatar(address) {
    return h('span', {class: ['avatar', `hue-${hueOf(address)}`], 'aria-hidden': 'true'}, initials(address));
}

function whom(entry) {
    const role = mailboxById(entry.mailbox)?.role;
    if (role === 'drafts')
        return {
            picture: entry.to?.[0],
            words: [h('span', {class: 'draft-mark'}, 'Draft'), entry.to?.length ? ` ${namesOf(entry.to)}` : ''],
        };
    if (role === 'sent')
        return {
            picture: entry.to?.[0],
            words: [h('span', {class: 'quiet'}, 'To '), entry.to?.length ? namesOf(entry.to) : 'nobody'],
        };
    return {picture: entry.from, words: nameOf(entry.from)};
}

export function skeleton() {
    return h(
        'div',
        {class: 'row row-skeleton', 'aria-hidden': 'true'},
        h('span', {class: 'avatar'}),
        h('span', {class: 'bones'}, h('span', {}), h('span', {}), h('span', {})),
    );
}

/** `at` {row, rows, href, selected, open, mailbox}: where it stands and how; onpick(shift) selects, onstar toggles. */
export function messageRow(entry, at, {onpick, onstar, onopen}) {
    const {picture, words} = whom(entry);
    const box = h('input', {
        type: 'checkbox',
        checked: at.selected,
        'aria-label': `Select ${subjectOf(entry)}`,
        tabindex: -1,
        onclick: event => onpick(event.shiftKey),
    });
    const date = entry.received_at ?? entry.date;
    return h(
        'div',
        {
            class: ['row', !entry.seen && 'unread', at.selected && 'selected', at.open && 'open'],
            role: 'listitem',
            dataset: {id: entry.id},
            'aria-setsize': at.rows ?? -1,
            'aria-posinset': at.row + 1,
        },
        h('label', {class: 'row-check'}, box, avatar(picture), h('span', {class: 'row-tick'}, icon('check'))),
        h(
            'a',
            {class: 'row-link', href: at.href, 'aria-current': at.open ? 'true' : null, draggable: 'false', onclick: onopen},
            h(
                'span',
                {class: 'row-top'},
                !entry.seen && h('span', {class: 'visually-hidden'}, 'Unread. '),
                h('span', {class: 'row-who'}, words),
                entry.answered &&
                    h(
                        'span',
                        {class: 'row-mark', title: 'You answered'},
                        icon('reply'),
                        h('span', {class: 'visually-hidden'}, 'answered'),
                    ),
                entry.has_attachments &&
                    h(
                        'span',
                        {class: 'row-mark', title: 'Has attachments'},
                        icon('clip'),
                        h('span', {class: 'visually-hidden'}, 'with attachments'),
                    ),
                h('time', {class: 'row-date', datetime: date, title: fullDate(date)}, shortDate(date)),
            ),
            h('span', {class: 'row-subject'}, subjectOf(entry), at.mailbox && h('span', {class: 'chip'}, at.mailbox)),
            h('span', {class: 'row-preview'}, entry.preview),
        ),
        h(
            'button',
            {
                type: 'button',
                class: ['row-star', entry.flagged && 'starred'],
                'aria-label': 'Star',
                'aria-pressed': String(!!entry.flagged),
                tabindex: -1,
                onclick: onstar,
            },
            icon('star'),
        ),
    );
}
