// Mail: the list beside the message, and how one leads to the other.

import {api} from './api.js';
import {announce, h} from './dom.js';
import {Draft} from './draft.js';
import {MessageList} from './list.js';
import {Pager} from './pager.js';
import * as quote from './quote.js';
import {forgetMessage, Reader} from './reader.js';
import {mailboxBySlug, on, setMailboxes, store} from './store.js';
import {attempt, complain, toast} from './ui.js';
import {nameOf, subjectOf} from './words.js';

/** The form for writing is fetched once the mail is shown, and so is there before anybody asks for it. */
const composer = () => import('./composer.js');

async function compose(...how) {
    return (await composer()).compose(...how);
}

export class Mail {
    /** `go(hash, {replace})` changes the address, which leads back to show(). */
    constructor(go) {
        this.go = go;
        this.key = null; // what the list shows: a mailbox or a search
        this.answers = {
            reply: message => this.write(quote.reply(message)),
            replyAll: message => this.write(quote.reply(message, {all: true})),
            forward: message => this.write(quote.forward(message)),
            to: person => this.write({to: [{name: '', ...person}]}),
        };
        const back = ({to} = {}) => this.back(to);
        this.list = new MessageList({
            open: (entry, how) => this.open(entry, how),
            href: entry => `${this.base}/${entry.id}`,
            back,
        });
        this.reader = new Reader({compose: this.answers, list: this.list, back: () => back()});
        this.element = h('div', {class: 'mail'}, this.list.element, this.reader.element);
        on('arrived', data => this.#arrived(data));
        on('stale', () => this.refresh());
        setTimeout(() => composer().catch(() => {}), 1000); // not there yet: asked for again with the first key
    }

    /** `place` {slug, id} or {query, id}; `focus`: the message is gone to with the keyboard. */
    show({slug, query, id}, {focus = false} = {}) {
        if (slug && !mailboxBySlug(slug)) {
            toast('There is no such mailbox.', {alert: true});
            return this.go('#/inbox', {replace: true});
        }
        const key = query !== undefined ? `search/${encodeURIComponent(query)}` : slug;
        if (key !== this.key) this.#showList(key, slug, query);
        if (!id) {
            this.element.classList.remove('reading');
            this.reader.close();
            this.list.setOpened(null);
            return undefined;
        }
        this.element.classList.add('reading');
        if (this.reader.id === id) return undefined;
        this.list.setOpened(id);
        return this.reader.show(id, {focus});
    }

    get base() {
        return `#/${this.key}`;
    }

    #showList(key, slug, query) {
        this.key = key;
        const mailbox = slug ? mailboxBySlug(slug) : null;
        const pager =
            query !== undefined
                ? new Pager('/search', {q: query}, () => this.list.pager === pager && this.list.changed())
                : new Pager(`/mailboxes/${mailbox.id}/messages`, {}, () => this.list.pager === pager && this.list.changed());
        pager.mailbox = mailbox?.id;
        const shown = this.list.show(pager, mailbox?.name ?? `Found: ${query}`, {searching: query !== undefined});
        shown.then(composer).catch(() => {}); // asked for again with the first key
    }

    open(entry, {focus} = {}) {
        const {role} = store.mailboxes.find(m => m.id === entry.mailbox) ?? {};
        if (role === 'drafts') return this.openDraft(entry.id);
        const reading = this.reader.id !== null;
        return this.go(`${this.base}/${entry.id}`, {replace: reading, focus});
    }

    /** From the message to the list; or on to the message `to` when the open one has left and there is room for both. */
    back(to) {
        if (!this.reader.id) return false;
        const beside = this.list.element.offsetParent !== null;
        if (to && beside) {
            this.go(`${this.base}/${to}`, {replace: true});
        } else {
            this.go(this.base, {replace: true});
            this.list.focusCursor();
        }
        return true;
    }

    async write(content = {}) {
        const {files_of: original, ...rest} = content;
        const draft = new Draft(rest);
        draft.saved = true; // nothing was written yet
        await attempt(null, async () => {
            const form = await compose(draft, (d, answer) => this.#written(d, answer));
            if (original?.attachments.length) form.takeFiles(original).then(() => form.changed());
        });
    }

    async openDraft(id) {
        await attempt(null, async () => {
            const m = await api.get(`/messages/${id}`);
            const draft = new Draft(
                {
                    from: m.from.address,
                    to: m.to,
                    cc: m.cc ?? [],
                    bcc: m.bcc ?? [],
                    subject: m.subject ?? '',
                    text: (m.text ?? (m.html ? quote.textOfHtml(m.html) : '')).replace(/\r?\n$/, ''), // a mail's text ends with a line end
                    in_reply_to: m.in_reply_to ?? undefined,
                    references: m.references?.length ? m.references : undefined,
                },
                id,
            );
            const form = await compose(draft, (d, answer) => this.#written(d, answer));
            if (m.attachments.length) await form.takeFiles(m);
        });
    }

    /** What a reload left unsaved is offered again. */
    offerBackup() {
        const kept = Draft.fromBackup();
        if (!kept) return;
        toast('A message you were writing was not saved.', {
            seconds: 60,
            action: {
                label: 'Go on writing',
                run: () => {
                    compose(kept.draft, (d, answer) => this.#written(d, answer));
                    if (kept.files) toast('Its attachments have to be added again.', {alert: true});
                },
            },
        });
    }

    #written(draft, answer) {
        if (draft.id) forgetMessage(draft.id);
        if (answer) {
            toast('Sent', {action: {label: 'Look at it', run: () => this.go(`#/sent/${answer.id}`, {focus: true})}});
        }
        this.refresh();
    }

    async #arrived({mailbox, id, quietly}) {
        if (this.list.pager?.mailbox !== mailbox) {
            if (!quietly) announce('New message');
            return;
        }
        clearTimeout(this.soon); // many at once are fetched once
        this.soon = setTimeout(async () => {
            try {
                const fresh = await this.list.pager.refresh();
                const first = fresh.find(m => m.id === id) ?? fresh[0];
                if (first && !quietly && !first.seen) announce(`New message from ${nameOf(first.from)}: ${subjectOf(first)}`);
            } catch {
                /* the stream said that it is there; the next look finds it */
            }
        }, 120);
    }

    async refresh() {
        clearTimeout(this.fresh);
        this.fresh = setTimeout(async () => {
            try {
                setMailboxes((await api.get('/mailboxes')).mailboxes);
                if (this.list.pager && !this.list.searching) await this.list.pager.refresh();
            } catch (problem) {
                complain(problem, () => this.refresh());
            }
        }, 80);
    }
}
