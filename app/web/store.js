// What the page knows: who is signed in, the mailboxes with their counts, and the messages that were listed. One copy of each
// message is kept, so the list, the thread and the reader always agree. Whoever shows something listens and draws again.

const listeners = new Map();

/** on('mailboxes', f): f is called at every change; gives back what ends it. */
export function on(event, listener) {
    if (!listeners.has(event)) listeners.set(event, new Set());
    listeners.get(event).add(listener);
    return () => listeners.get(event).delete(listener);
}

export function emit(event, value) {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(value);
}

export const store = {
    account: null, // {address, name, admin}
    mailboxes: [], // in the order they are shown
    entries: new Map(), // id -> what a list says of a message
    correspondents: new Map(), // address -> name, for completing what is typed into To
};

const ORDER = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'];

export function setMailboxes(mailboxes) {
    const rank = m => (m.role ? ORDER.indexOf(m.role) : ORDER.length);
    store.mailboxes = mailboxes.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    emit('mailboxes');
}

export function setCounts(counts) {
    for (const {id, total, unread} of counts) {
        const mailbox = mailboxById(id);
        if (mailbox) Object.assign(mailbox, {total, unread});
    }
    emit('mailboxes');
}

export const mailboxById = id => store.mailboxes.find(m => m.id === id);
export const mailboxByRole = role => store.mailboxes.find(m => m.role === role);

/** The mailbox's name in the address bar: its role where it has one, so that #/inbox stays true. */
export const slugOf = mailbox => mailbox.role ?? mailbox.id;
export const mailboxBySlug = slug => mailboxByRole(slug) ?? mailboxById(slug);

const MOST_KEPT = 20000; // a day of scrolling; the oldest known go first

/** Takes in what a list or a message said, and gives back the one copy that is kept. */
export function keep(entry) {
    let known = store.entries.get(entry.id);
    if (!known) {
        known = {};
        store.entries.set(entry.id, known);
        if (store.entries.size > MOST_KEPT) store.entries.delete(store.entries.keys().next().value);
        for (const {name, address} of [entry.from, ...(entry.to ?? [])]) {
            if (address && (name || !store.correspondents.has(address))) store.correspondents.set(address, name ?? '');
        }
    }
    for (const name of [
        'id',
        'mailbox',
        'thread',
        'from',
        'to',
        'subject',
        'date',
        'received_at',
        'size',
        'preview',
        'seen',
        'flagged',
        'answered',
        'has_attachments',
    ]) {
        if (entry[name] !== undefined) known[name] = entry[name];
    }
    return known;
}

/** Changes flags of one message, wherever it is shown. */
export function update(id, change) {
    const entry = store.entries.get(id);
    if (!entry) return;
    if (change.seen !== undefined && entry.seen !== undefined && change.seen !== entry.seen) {
        const mailbox = mailboxById(entry.mailbox);
        if (mailbox) {
            mailbox.unread = Math.max(0, mailbox.unread + (change.seen ? -1 : 1));
            emit('mailboxes');
        }
    }
    Object.assign(entry, change);
    emit('entry', entry);
}
