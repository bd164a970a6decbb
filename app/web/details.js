// What happened to a message, from the moment it came to this server to where it is now, in plain words and with what other
// servers said; and what its header says.

import {api} from './api.js';
import {h} from './dom.js';
import {fill} from './ui.js';
import {eventWords, fullAddress, fullDate, mediumDate, size} from './words.js';

export function timeline(events) {
    if (!events.length) return h('p', {class: 'quiet'}, 'Nothing is on record any more.');
    return h(
        'ol',
        {class: 'timeline'},
        events.map(event => {
            const {title, more, said, tone} = eventWords(event);
            return h(
                'li',
                {class: `event event-${tone}`},
                h('p', {class: 'event-title'}, title),
                more && h('p', {class: 'event-more'}, more),
                said &&
                    h(
                        'p',
                        {class: 'event-said'},
                        h('span', {class: 'visually-hidden'}, 'The other server said: '),
                        h('q', {}, said),
                    ),
                h('time', {class: 'event-time', datetime: event.at, title: fullDate(event.at)}, mediumDate(event.at)),
            );
        }),
    );
}

function line(term, ...words) {
    return words.flat().some(Boolean) ? h('div', {}, h('dt', {}, term), h('dd', {}, words)) : null;
}

const people = list => list?.map(fullAddress).join(', ');

/** Everything about `message` but its text. */
export function details(message) {
    const events = h('div', {class: 'details-events'});
    fill(events, async () => (await api.get(`/messages/${message.id}/events`)).events, timeline);
    return h(
        'section',
        {class: 'details', 'aria-label': 'Details'},
        h(
            'dl',
            {class: 'details-facts'},
            line('From', fullAddress(message.from)),
            line('To', people(message.to)),
            line('Cc', people(message.cc)),
            line('Bcc', people(message.bcc)),
            line('Reply to', people(message.reply_to)),
            line('Written', fullDate(message.date)),
            line('Arrived', fullDate(message.received_at)),
            line('Size', size(message.size)),
            line('Sent from', message.envelope?.from),
            line('Handed in for', message.envelope?.to?.join(', ')),
            line('Message-ID', message.message_id),
        ),
        h('h3', {}, 'What happened'),
        events,
        h(
            'details',
            {class: 'details-header'},
            h('summary', {}, 'Header'),
            h(
                'dl',
                {},
                message.headers.map(f => h('div', {}, h('dt', {}, f.name), h('dd', {}, f.value))),
            ),
        ),
    );
}
