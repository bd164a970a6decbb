// What is done to messages: one, or all that are selected. The page shows it at once and tells the server; when the server says
// no, the page goes back to what it was and says so. Moving and deleting can be undone.

import {api} from './api.js';
import {announce} from './dom.js';
import {emit, mailboxById, mailboxByRole, store, update} from './store.js';
import {complain, toast} from './ui.js';
import {count} from './words.js';

const AT_ONCE = 1000; // ids in one call

async function batch(ids, change) {
    const failed = [];
    for (let i = 0; i < ids.length; i += AT_ONCE) {
        const {results} = await api.post('/messages/batch', {ids: ids.slice(i, i + AT_ONCE), ...change});
        for (const r of results) if (r.status >= 400 && r.status !== 404) failed.push(r.id);
    }
    return failed;
}

/** Marks as read or unread, with or without a star. */
export async function mark(ids, change) {
    const before = ids.map(id => ({
        id,
        ...Object.fromEntries(Object.keys(change).map(name => [name, store.entries.get(id)?.[name]])),
    }));
    for (const id of ids) update(id, change);
    const back = wanted => {
        for (const {id, ...old} of before) if (!wanted || wanted.includes(id)) update(id, old);
    };
    try {
        const failed = await batch(ids, change);
        if (failed.length) {
            back(failed);
            toast(`${count(failed.length, 'message')} could not be changed.`, {alert: true});
        }
    } catch (problem) {
        back();
        complain(problem, () => mark(ids, change));
    }
}

function moveCounts(entries, to) {
    for (const entry of entries) {
        const from = mailboxById(entry.mailbox);
        if (from) {
            --from.total;
            if (!entry.seen) --from.unread;
        }
        if (to) {
            ++to.total;
            if (!entry.seen) ++to.unread;
        }
    }
    emit('mailboxes');
}

/** `gone` listeners take rows out and answer what puts them back. */
function leave(ids) {
    const undo = [];
    emit('gone', {ids, undo});
    return () => {
        for (const put of undo) put();
    };
}

/** Moves to `mailbox`, with a way back. */
export async function move(ids, mailbox, {quiet = false} = {}) {
    const entries = ids.map(id => store.entries.get(id)).filter(e => e && e.mailbox !== mailbox.id);
    if (!entries.length) return;
    const moved = entries.map(e => e.id);
    const origins = Map.groupBy(entries, e => e.mailbox);
    const back = leave(moved);
    moveCounts(entries, mailbox);
    for (const e of entries) e.mailbox = mailbox.id;
    const restore = () => {
        for (const [from, those] of origins) {
            moveCounts(those, mailboxById(from));
            for (const e of those) e.mailbox = from;
        }
        back();
    };
    try {
        await batch(moved, {mailbox: mailbox.id});
    } catch (problem) {
        restore();
        complain(problem, () => move(ids, mailbox));
        return;
    }
    if (quiet) return;
    const words = `${count(moved.length, 'message')} moved to ${mailbox.name}`;
    offerUndo(words, async () => {
        restore();
        try {
            for (const [from, those] of origins)
                await batch(
                    those.map(e => e.id),
                    {mailbox: from},
                );
            announce('Undone');
        } catch (problem) {
            emit('stale');
            complain(problem);
        }
    });
}

let lastUndo = null;

function offerUndo(words, undo) {
    const run = () => {
        if (lastUndo === run) lastUndo = null;
        notice.close();
        undo();
    };
    const notice = toast(words, {seconds: 10, action: {label: 'Undo', run}});
    lastUndo = run;
}

/** What the key z does. */
export function undoLast() {
    if (!lastUndo) return false;
    lastUndo();
    return true;
}

export const archive = ids => move(ids, mailboxByRole('archive'));
export const junk = ids => move(ids, mailboxByRole('junk'));

/** To Trash; what is there already, or a draft nobody wants, goes for good. */
export async function remove(ids, {sure}) {
    const trash = mailboxByRole('trash');
    const entries = ids.map(id => store.entries.get(id)).filter(Boolean);
    const forGood = entries.filter(e => e.mailbox === trash.id);
    const rest = entries.filter(e => e.mailbox !== trash.id).map(e => e.id);
    if (rest.length) await move(rest, trash);
    if (!forGood.length || !(await sure(forGood.length))) return;
    const gone = forGood.map(e => e.id);
    const back = leave(gone);
    moveCounts(forGood, null);
    try {
        await batch(gone, {delete: true});
        announce(`${count(gone.length, 'message')} deleted for good`);
    } catch (problem) {
        back();
        for (const e of forGood) {
            ++trash.total;
            if (!e.seen) ++trash.unread;
        }
        emit('mailboxes');
        complain(problem, () => remove(gone, {sure: () => true}));
    }
}
