// Administration of what is on its way: each recipient with what the other server said last, and what can be done about it; and
// what became of any message.

import {api, withQuery} from './api.js';
import {timeline} from './details.js';
import {table} from './directory.js';
import {h, field, iconButton, textButton, valuesOf} from './dom.js';
import {attempt, confirm, fill, openDialog, toast} from './ui.js';
import {count, mediumDate, size} from './words.js';

const STATES = {waiting: 'waiting', due: 'due now', held: 'on hold', working: 'being sent'};

const DONE = {
    retry: 'Will be tried at once',
    hold: 'Put on hold',
    release: 'Released',
    bounce: 'Returned to its sender',
    remove: 'Taken out',
};

function actionsOf(item, refresh) {
    const act = what => async event => {
        const button = event.currentTarget;
        if (
            what === 'bounce' &&
            !(await confirm(
                'Return it to its sender?',
                `${item.sender || 'Its sender'} gets a report that ${item.recipient} could not be reached.`,
                'Return it',
            ))
        )
            return;
        if (
            what === 'remove' &&
            !(await confirm('Take it out of the queue?', 'It will not be sent, and nobody is told.', 'Take it out'))
        )
            return;
        await attempt(button, async () => {
            await (what === 'remove' ? api.remove(`/admin/queue/${item.id}`) : api.post(`/admin/queue/${item.id}/${what}`));
            toast(DONE[what]);
            refresh();
        });
    };
    const held = item.state === 'held';
    const to = item.recipient;
    return [
        iconButton('retry', `Try again now: ${to}`, act('retry'), {hidden: held}),
        held ? iconButton('play', `Release: ${to}`, act('release')) : iconButton('pause', `Put on hold: ${to}`, act('hold')),
        iconButton('reply', `Return to the sender: ${to}`, act('bounce')),
        iconButton('trash', `Take out: ${to}`, act('remove')),
    ];
}

function queueRow(item, refresh) {
    const next = item.next_attempt_at && item.state !== 'held' ? `, next ${mediumDate(item.next_attempt_at)}` : '';
    const said = item.last_reply ?? '';
    return h(
        'tr',
        {},
        h(
            'td',
            {},
            h('button', {type: 'button', class: 'link-button', onclick: () => showTrace({id: item.message})}, item.recipient),
            h('span', {class: 'quiet block'}, `from ${item.sender || '<>'}`),
        ),
        h(
            'td',
            {},
            h('span', {class: ['tag', item.state === 'held' ? 'tag-wait' : '']}, STATES[item.state] ?? item.state),
            h('span', {class: 'quiet block'}, `${count(item.attempts, 'try', 'tries')}${next}`),
        ),
        h('td', {class: 'said'}, said ? h('q', {}, said) : h('span', {class: 'quiet'}, 'not tried yet')),
        h('td', {class: 'table-actions'}, actionsOf(item, refresh)),
    );
}

/** The form stays while the list below it is fetched anew. */
export function queuePart(place) {
    const rows = h('div', {});
    let wanted = {};
    const refresh = () =>
        fill(
            rows,
            () => api.get(withQuery('/admin/queue', {...wanted, limit: 100})),
            page => show(page.items ?? page.queue),
        );
    const show = items =>
        table(
            'Queue',
            ['To', 'State', 'Last reply', ''],
            items.map(item => queueRow(item, refresh)),
            'Nothing is on its way.',
        );
    place.replaceChildren(
        h(
            'form',
            {
                class: 'inline-form card',
                onsubmit: event => {
                    event.preventDefault();
                    wanted = valuesOf(event.target);
                    refresh();
                },
            },
            field({label: 'Recipient', name: 'recipient', autocomplete: 'off'}),
            field({label: 'Sender', name: 'sender', autocomplete: 'off'}),
            field({label: 'Domain', name: 'domain', autocomplete: 'off'}),
            field({
                label: 'State',
                name: 'state',
                tag: 'select',
                options: [
                    {value: '', label: 'any'},
                    {value: 'waiting', label: 'waiting'},
                    {value: 'held', label: 'on hold'},
                ],
            }),
            h('button', {class: 'button'}, 'Show'),
        ),
        h('div', {class: 'part-tools'}, textButton('Look again', refresh, {iconName: 'retry', class: 'small'})),
        rows,
    );
    return refresh();
}

function traceView(t) {
    return h(
        'article',
        {class: 'card trace'},
        h('h2', {}, t.subject || `Message ${t.id}`),
        h(
            'dl',
            {class: 'facts'},
            [
                ['Number', t.id],
                ['From', t.envelope?.from ?? t.sender ?? ''],
                ['To', (t.envelope?.to ?? t.recipients ?? []).join(', ')],
                ['Arrived', mediumDate(t.received_at)],
                ['Size', t.size ? size(t.size) : ''],
            ]
                .filter(([, words]) => words)
                .map(([term, words]) => h('div', {}, h('dt', {}, term), h('dd', {}, words))),
        ),
        timeline(t.events ?? []),
    );
}

const traces = wanted => api.get(withQuery('/admin/messages', wanted)).then(found => found.messages ?? []);
const shown = list => (list.length ? list.map(traceView) : h('p', {class: 'quiet'}, 'No such message is on record.'));

function showTrace(wanted) {
    const body = h('div', {class: 'dialog-body'});
    openDialog('What happened', body, {wide: true});
    return fill(body, () => traces(wanted), shown);
}

export function tracePart(place) {
    const found = h('div', {class: 'traces'});
    place.replaceChildren(
        h(
            'form',
            {
                class: 'inline-form card',
                onsubmit: event => {
                    event.preventDefault();
                    const given = Object.entries(valuesOf(event.target)).filter(([, value]) => value);
                    const number = given.filter(([name]) => name === 'id'); // names one message: nothing else is asked for
                    const wanted = Object.fromEntries(number.length ? number : given);
                    if (Object.keys(wanted).length) fill(found, () => traces(wanted), shown);
                },
            },
            field({
                label: 'Number',
                name: 'id',
                inputmode: 'numeric',
                autocomplete: 'off',
                hint: 'As in the answer to whoever handed it in: 250 2.0.0 number accepted.',
            }),
            field({label: 'or from', name: 'sender', inputmode: 'email', autocomplete: 'off'}),
            field({label: 'or to', name: 'recipient', inputmode: 'email', autocomplete: 'off'}),
            h('button', {class: 'button'}, 'Look it up'),
        ),
        found,
    );
}
