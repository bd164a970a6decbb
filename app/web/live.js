// Hears from the server what happens while the page is open: one stream, which the browser takes up again by itself where it
// broke off. When it cannot, because the session has ended for instance, we find out why and begin anew.

import {api, ROOT} from './api.js';
import {emit, setCounts, store} from './store.js';

const PAUSES = [1, 3, 10, 30, 60]; // seconds

let source = null;
let failures = 0;
let timer;

function heard(name, handle) {
    source.addEventListener(name, event => {
        let data;
        try {
            data = JSON.parse(event.data || '{}');
        } catch {
            return;
        }
        if (data.mailboxes) setCounts(data.mailboxes);
        handle(data);
    });
}

export function listen() {
    source?.close();
    source = new EventSource(`${ROOT}/events`);
    source.onopen = () => {
        // What happened while we were deaf may be more than the stream tells.
        if (failures) emit('stale');
        failures = 0;
        emit('connection', true);
    };
    source.onerror = () => {
        emit('connection', false);
        ++failures;
        if (source.readyState === EventSource.CLOSED) again();
    };
    heard('message', data => emit('arrived', data));
    heard('flags', ({id, ...flags}) => {
        const entry = store.entries.get(id);
        if (!entry) return;
        for (const name of ['seen', 'flagged', 'answered']) if (name in flags) entry[name] = flags[name];
        emit('entry', entry);
    });
    heard('moved', ({id, mailbox}) => {
        const entry = store.entries.get(id);
        if (entry?.mailbox !== mailbox) {
            emit('moved', {id, mailbox});
            if (entry) entry.mailbox = mailbox;
        }
        // What we moved ourselves too: the list of where it went may have been read before it was there.
        emit('arrived', {id, mailbox, quietly: true});
    });
    heard('removed', ({id}) => emit('gone', {ids: [id], undo: []}));
    heard('queue', data => emit('queue', data));
    heard('reset', () => emit('stale'));
}

function again() {
    clearTimeout(timer);
    timer = setTimeout(
        async () => {
            try {
                await api.get('/mailboxes'); // signed out: this asks for the password first
                listen();
            } catch {
                ++failures;
                again();
            }
        },
        PAUSES[Math.min(failures, PAUSES.length - 1)] * 1000,
    );
}

addEventListener('online', () => {
    if (source?.readyState === EventSource.CLOSED) again();
});
