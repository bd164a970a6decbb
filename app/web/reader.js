// Reads: a message among the others of its thread. The one that was opened is unfolded, the others are a line each until they
// are wanted.

import {api} from './api.js';
import {announce, h, icon, iconButton, textButton} from './dom.js';
import {layer} from './keys.js';
import {MessageView} from './message.js';
import * as actions from './actions.js';
import {avatar} from './row.js';
import {keep, mailboxById, on, store} from './store.js';
import {complain, empty, failure} from './ui.js';
import {count, nameOf, shortDate, subjectOf} from './words.js';

const REMEMBERED = 30;
const remembered = new Map();

/** The whole message. What was read lately is shown again at once. */
function fetchMessage(id) {
    let message = remembered.get(id);
    if (!message) {
        message = api.get(`/messages/${id}`);
        message.catch(() => remembered.delete(id));
        remembered.set(id, message);
        if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value);
    }
    return message;
}

/** The thread's messages, oldest first. Without them the message itself is shown all the same. */
async function fetchThread(id) {
    if (!id) return [];
    try {
        return (await api.get(`/threads/${id}`)).messages;
    } catch (problem) {
        if (problem.status !== 404) complain(problem);
        return [];
    }
}

/** A draft that was saved is another message. */
export function forgetMessage(id) {
    remembered.delete(id);
}

export class Reader {
    /** `compose` {reply, replyAll, forward, to}; `list` does what concerns more than one message; `back` leaves. */
    constructor({compose, list, back}) {
        Object.assign(this, {compose, list, back, id: null, views: new Map()});
        this.star = iconButton('star', 'Star', () => list.act('star', [this.id]), {
            key: 's',
            class: 'star',
            'aria-pressed': 'false',
        });
        this.tools = h(
            'div',
            {class: 'reader-tools', role: 'toolbar', 'aria-label': 'Actions on this message'},
            iconButton('back', 'Back to the list', back, {key: 'u', class: 'reader-back'}),
            iconButton('archive', 'Archive', () => list.act('archive', [this.id]), {key: 'e'}),
            iconButton('trash', 'Delete', () => list.act('remove', [this.id]), {key: '#'}),
            iconButton('junk', 'Junk', () => list.act('junk', [this.id]), {key: '!'}),
            iconButton('unread', 'Mark as unread', () => this.#unread(), {key: 'm'}),
            iconButton('move', 'Move to', event => list.moveTo(event.currentTarget, [this.id]), {
                key: 'v',
                class: 'move',
                'aria-haspopup': 'menu',
                'aria-expanded': 'false',
            }),
            this.star,
        );
        this.content = h('div', {class: 'reader-content', tabindex: -1});
        this.element = h('section', {class: 'reader-pane', 'aria-label': 'Message'}, this.tools, this.content);
        on('entry', entry => {
            if (entry.id === this.id) this.#drawStar(entry);
        });
        on('gone', ({ids}) => {
            for (const id of ids) remembered.delete(id);
        });
        layer('Message', {
            r: [() => this.#with(compose.reply), 'Reply'],
            a: [() => this.#with(compose.replyAll), 'Reply to all'],
            f: [() => this.#with(compose.forward), 'Forward'],
            d: [() => this.#with((message, view) => view.toggleDetails()), 'Details: what happened to it'],
            t: [
                () => this.#with((message, view) => view.setView(view.view === 'text' && message.html ? 'html' : 'text')),
                'Plain text or formatted',
            ],
        });
        this.close();
    }

    close() {
        this.id = null;
        this.element.classList.remove('reading');
        this.tools.hidden = true;
        this.content.replaceChildren(empty('read', 'Nothing open', 'Choose a message, or press ? for the keys.'));
    }

    /** `focus`: whether to go there with the keyboard too. */
    show(id, {focus} = {}) {
        this.id = id;
        this.views.clear();
        this.element.classList.add('reading');
        this.tools.hidden = false;
        this.title = h(
            'h2',
            {class: 'reader-subject', tabindex: -1, dir: 'auto'},
            subjectOf(store.entries.get(id) ?? {subject: ' '}),
        );
        this.thread = h(
            'div',
            {class: 'thread'},
            h('div', {class: 'waiting', role: 'status'}, h('span', {class: 'visually-hidden'}, 'Loading')),
        );
        this.content.replaceChildren(this.title, this.thread);
        this.content.scrollTop = 0;
        if (focus) this.title.focus();
        this.ready = this.#load(id, focus);
    }

    async #load(id, focus) {
        try {
            const known = store.entries.get(id)?.thread;
            const thread = known && fetchThread(known); // with the message, not after it
            const message = await fetchMessage(id);
            if (this.id !== id) return;
            this.id = message.id; // asked for by the number of its sending, it has another as a message of ours
            this.#showMessage(message, thread ?? fetchThread(message.thread));
        } catch (problem) {
            if (this.id === id) this.thread.replaceChildren(this.#refused(problem, () => this.show(id, {focus})));
        }
    }

    #refused(problem, retry) {
        if (problem.status === 404) return failure({status: 404, message: 'This message is not here any more.'});
        return failure(problem, retry);
    }

    #showMessage(message, thread) {
        const entry = keep({
            ...message,
            seen: store.entries.get(message.id)?.seen ?? message.seen,
            flagged: store.entries.get(message.id)?.flagged ?? message.flagged,
        });
        this.title.textContent = subjectOf(message);
        this.#drawStar(entry);
        const view = new MessageView(message, this.compose);
        this.views.set(message.id, {message, view});
        this.thread.replaceChildren(view.element, this.#answers(message));
        announce(`${subjectOf(message)}, from ${nameOf(message.from)}`);
        if (!entry.seen) actions.mark([message.id], {seen: true});
        this.#showThread(message, view, thread);
    }

    async #showThread(message, view, thread) {
        const messages = await thread;
        if (this.id !== message.id || messages.length < 2) return;
        const shown = messages.filter(m => m.id === message.id || mailboxById(m.mailbox)?.role !== 'trash');
        const parts = shown.map(m => (m.id === message.id ? view.element : this.#folded(keep(m))));
        const top = view.element.getBoundingClientRect().top;
        this.thread.replaceChildren(
            h('p', {class: 'thread-words quiet'}, `${count(shown.length, 'message')} in this conversation`),
            ...this.#foldMany(parts, shown, message.id),
            this.#answers(message),
        );
        // What one began to read stays where it is.
        if (this.content.scrollTop > 0) this.content.scrollTop += view.element.getBoundingClientRect().top - top;
    }

    /** Of a long thread the middle waits behind a button. */
    #foldMany(parts, shown, id) {
        const at = shown.findIndex(m => m.id === id);
        if (at < 5) return parts;
        const button = textButton(`${at - 2} earlier messages`, () => button.replaceWith(...parts.slice(1, at - 1)), {
            class: 'thread-more',
        });
        return [parts[0], button, ...parts.slice(at - 1)];
    }

    #folded(entry) {
        const line = h(
            'button',
            {
                type: 'button',
                class: ['folded', !entry.seen && 'unread'],
                'aria-expanded': 'false',
                onclick: () => this.#unfold(entry, line),
            },
            avatar(entry.from),
            h('span', {class: 'folded-who'}, nameOf(entry.from)),
            h('span', {class: 'folded-preview'}, entry.preview),
            entry.has_attachments && icon('clip'),
            h('time', {class: 'quiet', datetime: entry.received_at}, shortDate(entry.received_at)),
        );
        return line;
    }

    async #unfold(entry, line) {
        line.setAttribute('aria-busy', 'true');
        try {
            const message = await fetchMessage(entry.id);
            const view = new MessageView(message, this.compose);
            this.views.set(entry.id, {message, view});
            const hadFocus = line === document.activeElement;
            line.replaceWith(view.element);
            if (hadFocus) view.detailsButton.focus();
            if (!entry.seen) actions.mark([entry.id], {seen: true});
        } catch (problem) {
            line.removeAttribute('aria-busy');
            complain(problem, () => this.#unfold(entry, line));
        }
    }

    #answers(message) {
        const {compose} = this;
        const many =
            [...message.to, ...(message.cc ?? [])].filter(a => a.address.toLowerCase() !== store.account.address).length > 0;
        return h(
            'div',
            {class: 'answers'},
            textButton('Reply', () => compose.reply(message), {iconName: 'reply'}),
            many && textButton('Reply to all', () => compose.replyAll(message), {iconName: 'reply_all'}),
            textButton('Forward', () => compose.forward(message), {iconName: 'forward'}),
        );
    }

    #drawStar(entry) {
        this.star.classList.toggle('starred', !!entry.flagged);
        this.star.setAttribute('aria-pressed', String(!!entry.flagged));
    }

    /** A key may be pressed before the message is there: then it is done as soon as it is. */
    #with(run) {
        const {ready} = this;
        if (!this.id) return false;
        ready.then(() => {
            const open = this.views.get(this.id);
            if (open && this.ready === ready) run(open.message, open.view);
        });
        return true;
    }

    #unread() {
        actions.mark([this.id], {seen: false});
        this.back();
    }
}
