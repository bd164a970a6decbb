// Administration: how the server does, whose mail it keeps, and what is on its way.

import {accountsPart, aliasesPart, domainsPart} from './directory.js';
import {api} from './api.js';
import {h} from './dom.js';
import {queuePart, tracePart} from './queue.js';
import {fill} from './ui.js';
import {count, duration, mediumDate} from './words.js';

const PARTS = {
    overview: ['Overview', overviewPart],
    accounts: ['Accounts', accountsPart],
    domains: ['Domains', domainsPart],
    aliases: ['Aliases', aliasesPart],
    queue: ['Queue', queuePart],
    trace: ['Follow a message', tracePart],
};

function figure(title, value, words, href) {
    return h(
        href ? 'a' : 'div',
        {class: 'figure', href},
        h('span', {class: 'figure-value'}, value),
        h('span', {class: 'figure-title'}, title),
        words && h('span', {class: 'quiet'}, words),
    );
}

function overviewPart(place) {
    return fill(
        place,
        () => api.get('/admin/overview'),
        o => {
            const oldest = o.queue?.oldest_at && (Date.now() - new Date(o.queue.oldest_at)) / 1000;
            return [
                h(
                    'div',
                    {class: 'figures'},
                    figure(
                        'on their way',
                        (o.queue?.waiting ?? 0).toLocaleString(),
                        oldest > 0 ? `the oldest for ${duration(oldest)}` : 'nothing waits',
                        '#/admin/queue',
                    ),
                    figure('on hold', (o.queue?.held ?? 0).toLocaleString(), null, '#/admin/queue'),
                    figure('accounts', o.accounts.toLocaleString(), null, '#/admin/accounts'),
                    figure('domains', o.domains.toLocaleString(), null, '#/admin/domains'),
                    o.sessions !== undefined && figure('sessions', sessionsOf(o.sessions), 'open now'),
                ),
                h(
                    'section',
                    {class: 'card'},
                    h('h2', {}, 'This server'),
                    h(
                        'dl',
                        {class: 'facts'},
                        [
                            ['Name', o.hostname],
                            ['Version', o.version],
                            ['Up for', duration(o.uptime)],
                            ['Database', o.database],
                        ].map(([term, words]) => h('div', {}, h('dt', {}, term), h('dd', {}, words))),
                    ),
                ),
                o.certificates?.length > 0 &&
                    h(
                        'section',
                        {class: 'card'},
                        h('h2', {}, 'Certificates'),
                        h('ul', {class: 'things'}, o.certificates.map(certificate)),
                    ),
            ];
        },
    );
}

/** A number, or one for each protocol. */
function sessionsOf(sessions) {
    const numbers = typeof sessions === 'number' ? [sessions] : Object.values(sessions);
    return String(numbers.reduce((sum, n) => sum + n, 0));
}

function certificate({names, expires_at: ends}) {
    const days = (new Date(ends) - Date.now()) / 86400000;
    return h(
        'li',
        {class: 'thing'},
        h(
            'div',
            {class: 'thing-words'},
            h('p', {class: 'thing-title'}, names.join(', ')),
            h('p', {class: 'quiet'}, `until ${mediumDate(ends)}`),
        ),
        h(
            'span',
            {class: ['tag', days < 0 ? 'tag-bad' : days < 21 ? 'tag-wait' : 'tag-good']},
            days < 0 ? 'expired' : `${count(Math.floor(days), 'day')} left`,
        ),
    );
}

export function adminPage(section = 'overview') {
    const [title, show] = PARTS[section] ?? PARTS.overview;
    const place = h('div', {class: 'part'});
    show(place);
    return [
        h('h1', {tabindex: -1}, title),
        h(
            'nav',
            {class: 'parts', 'aria-label': 'Administration'},
            Object.entries(PARTS).map(([name, [words]]) =>
                h('a', {href: `#/admin/${name}`, 'aria-current': name === section ? 'page' : null}, words),
            ),
        ),
        place,
    ];
}
