// Writes a message: beside the list on a wide screen, over it on a narrow one. It saves itself as a draft a moment after each
// pause in typing; closing keeps the draft.

import {announce, h, icon, iconButton, newId} from './dom.js';
import {hold, isWaiting} from './outbox.js';
import {RecipientField} from './recipients.js';
import {store} from './store.js';
import {attempt, complain, confirm, toast} from './ui.js';
import {count, fullAddress, size} from './words.js';

const PAUSE = 1500; // milliseconds after the last key
const PAUSE_LARGE = 15000; // with files of megabytes, which go up again with each saving
const TRY_AGAIN = 8000;

let open = null; // the one composer

/** Opens `draft` for writing; another that is open is kept as a draft. `done(draft)` once it was sent, saved or thrown away. */
export async function compose(draft, done = () => {}) {
    if (open) await open.close();
    open = new Composer(draft, done);
    document.body.append(open.element);
    document.body.classList.add('composing');
    open.begin();
    return open;
}

class Composer {
    constructor(draft, done) {
        Object.assign(this, {draft, done, timer: null});
        const {content} = draft;
        const changed = () => this.changed();
        this.to = new RecipientField('To', changed);
        this.cc = new RecipientField('Cc', changed);
        this.bcc = new RecipientField('Bcc', changed);
        for (const name of ['to', 'cc', 'bcc']) this[name].value = content[name] ?? [];
        const subject = newId('subject');
        const title = newId('composer');
        this.subject = h('input', {id: subject, value: content.subject, autocomplete: 'off', maxlength: 900, oninput: changed});
        this.text = h('textarea', {
            class: 'composer-text',
            'aria-label': 'Text',
            oninput: changed,
            value: content.text,
            dir: 'auto',
        });
        this.title = h('h2', {id: title}, content.subject || 'New message');
        this.state = h('span', {class: 'composer-state quiet', role: 'status'});
        this.files = h('ul', {class: 'composer-files', 'aria-label': 'Attached files'});
        this.picker = h('input', {
            type: 'file',
            multiple: true,
            class: 'visually-hidden',
            tabindex: -1,
            'aria-label': 'Files to attach',
            onchange: () => {
                this.attach(this.picker.files);
                this.picker.value = '';
            },
        });
        this.copies = h(
            'button',
            {type: 'button', class: 'link-button composer-copies', onclick: () => this.#showCopies(true)},
            'Cc, Bcc',
        );
        this.sendButton = h(
            'button',
            {class: 'button primary', title: 'Send (Ctrl+Enter)'},
            icon('sent'),
            h('span', {}, 'Send'),
        );
        this.form = h(
            'form',
            {
                class: 'composer-form',
                novalidate: true,
                onsubmit: event => {
                    event.preventDefault();
                    this.send();
                },
            },
            this.#fromRow(content),
            h('div', {class: 'composer-row'}, this.to.element, this.copies),
            (this.copyRows = h(
                'div',
                {class: 'composer-copy-rows'},
                h('div', {class: 'composer-row'}, this.cc.element),
                h('div', {class: 'composer-row'}, this.bcc.element),
            )),
            h('div', {class: 'composer-row'}, h('label', {htmlFor: subject}, 'Subject'), this.subject),
            this.text,
            this.files,
            h(
                'div',
                {class: 'composer-foot'},
                this.sendButton,
                iconButton('clip', 'Attach files', () => this.picker.click()),
                this.picker,
                this.state,
                iconButton('trash', 'Throw this draft away', event => this.discard(event.currentTarget)),
            ),
        );
        this.element = h(
            'section',
            {
                class: 'composer',
                role: 'dialog',
                'aria-labelledby': title,
                onkeydown: event => this.#key(event),
                onpaste: event => {
                    if (event.clipboardData.files.length) {
                        event.preventDefault();
                        this.attach(event.clipboardData.files);
                    }
                },
            },
            h(
                'div',
                {class: 'composer-head'},
                this.title,
                iconButton('close', 'Keep as a draft and close', () => this.close(), {key: 'Esc'}),
            ),
            this.form,
            h('div', {class: 'composer-drop', 'aria-hidden': 'true'}, icon('clip'), 'Drop to attach'),
        );
        this.#showCopies(content.cc.length + content.bcc.length > 0);
        this.#drawFiles();
        this.#listenForDrops();
    }

    #fromRow(content) {
        const {address, name, aliases = []} = store.account;
        if (!aliases.length) return null;
        const id = newId('from');
        this.from = h(
            'select',
            {id, onchange: () => this.changed()},
            [address, ...aliases]
                .filter(a => !a.startsWith('@'))
                .map(a => h('option', {value: a}, fullAddress({name, address: a}))),
        );
        this.from.value = [address, ...aliases].find(a => a.toLowerCase() === content.from?.toLowerCase()) ?? address;
        return h('div', {class: 'composer-row'}, h('label', {htmlFor: id}, 'From'), this.from);
    }

    begin() {
        if (!this.draft.content.to.length) return this.to.input.focus();
        this.text.focus();
        this.text.setSelectionRange(0, 0); // above what is quoted
        this.text.scrollTop = 0;
        return undefined;
    }

    #showCopies(shown) {
        const had = this.copies.hidden;
        this.copies.hidden = shown;
        this.copyRows.hidden = !shown;
        if (shown && !had && this.copies.isConnected) this.cc.input.focus();
    }

    #content() {
        return {
            from: this.from?.value ?? this.draft.content.from,
            to: this.to.value,
            cc: this.cc.value,
            bcc: this.bcc.value,
            subject: this.subject.value,
            text: this.text.value,
        };
    }

    changed() {
        this.draft.change(this.#content());
        this.title.textContent = this.subject.value || 'New message';
        this.#saveIn(this.draft.size > 2e6 ? PAUSE_LARGE : PAUSE);
    }

    #saveIn(milliseconds) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), milliseconds);
    }

    async save() {
        clearTimeout(this.timer);
        if (this.draft.saved || this.draft.isEmpty) return;
        this.state.textContent = 'Saving';
        try {
            await this.draft.save();
            this.state.textContent = this.draft.saved ? 'Saved as a draft' : '';
        } catch (problem) {
            // Said once and quietly: whoever is writing goes on writing, and it is tried again.
            this.state.textContent = `Not saved yet: ${problem.message}`;
            if (open === this) this.#saveIn(TRY_AGAIN);
        }
    }

    /** What is typed into an address field and not yet a person becomes one, or is named as wrong. */
    #settle() {
        for (const f of [this.to, this.cc, this.bcc]) f.settle();
    }

    async send() {
        this.#settle();
        const {to, cc, bcc, draft} = this;
        const wrong = [to, cc, bcc].find(f => f.wrong.length);
        if (wrong) {
            toast(`${wrong.wrong.map(p => p.address).join(', ')} is not an address.`, {alert: true});
            return wrong.input.focus();
        }
        if (!to.value.length && !cc.value.length && !bcc.value.length) {
            toast('Say first whom this is for.', {alert: true});
            return to.input.focus();
        }
        if (this.loading) await this.loading;
        const own = this.text.value.split(/^(?:On .* wrote:|-------- Forwarded)/m)[0];
        if (
            !draft.files.length &&
            /\b(attached|attachment|enclosed)\b/i.test(own) &&
            !(await confirm('Without an attachment?', 'The text speaks of one, and nothing is attached.', 'Send anyway'))
        )
            return this.text.focus();
        if (!this.subject.value.trim() && !(await confirm('Without a subject?', 'This message has no subject.', 'Send anyway')))
            return this.subject.focus();
        this.#leave();
        const again = () => compose(draft, this.done);
        return hold(draft, {
            reopen: again,
            sent: (answer, which) => {
                if (open?.draft === which) open.#leave();
                announce('Sent');
                this.done(draft, answer);
            },
        });
    }

    /** Closes and keeps what was written. */
    async close() {
        this.#settle();
        const {draft} = this;
        this.#leave();
        if (draft.isEmpty && draft.id) return attempt(null, () => draft.discard()).then(() => this.done(draft));
        if (draft.isEmpty) return undefined;
        try {
            const wasSaved = draft.saved;
            await draft.save();
            if (!wasSaved) toast('Kept as a draft', {action: {label: 'Open', run: () => compose(draft, this.done)}});
        } catch (problem) {
            complain(problem, () => compose(draft, this.done));
        }
        return this.done(draft);
    }

    async discard(button) {
        const {draft} = this;
        clearTimeout(this.timer);
        if (!draft.isEmpty && !(await confirm('Throw this draft away?', 'What you wrote will be gone.', 'Throw away'))) return;
        await attempt(button, async () => {
            await draft.discard();
            this.#leave();
            this.done(draft);
        });
    }

    #leave() {
        clearTimeout(this.timer);
        this.element.remove();
        this.endDrops();
        if (open === this) open = null;
        document.body.classList.toggle('composing', open !== null);
    }

    /** Waits for files that come from another message, saying so. */
    takeFiles(message) {
        this.state.textContent = 'Fetching attachments';
        this.loading = attempt(null, () => this.draft.takeFiles(message)).then(() => {
            this.loading = null;
            this.state.textContent = '';
            this.#drawFiles();
        });
        return this.loading;
    }

    attach(files) {
        for (const file of files) this.draft.addFile(file);
        announce(`${count(files.length, 'file')} attached`);
        this.#drawFiles();
        this.changed();
    }

    #drawFiles() {
        this.files.replaceChildren(
            ...this.draft.files.map(file =>
                h(
                    'li',
                    {class: 'composer-file'},
                    icon('clip'),
                    h('span', {class: 'file-name', title: file.name}, file.name),
                    h('span', {class: 'file-size'}, size(file.size)),
                    iconButton('close', `Remove ${file.name}`, () => {
                        this.draft.files = this.draft.files.filter(f => f !== file);
                        this.#drawFiles();
                        this.changed();
                    }),
                ),
            ),
        );
        this.files.hidden = !this.draft.files.length;
    }

    #listenForDrops() {
        let inside = 0; // enter and leave come for each element passed
        const show = by => {
            inside = Math.max(0, inside + by);
            this.element.classList.toggle('dropping', inside > 0);
        };
        const hasFiles = event => event.dataTransfer?.types.includes('Files');
        const listeners = {
            dragenter: event => {
                if (hasFiles(event)) {
                    event.preventDefault();
                    show(1);
                }
            },
            dragleave: event => {
                if (hasFiles(event)) show(-1);
            },
            dragover: event => {
                if (hasFiles(event)) event.preventDefault();
            },
            drop: event => {
                if (!hasFiles(event)) return;
                event.preventDefault();
                show(-inside);
                this.attach(event.dataTransfer.files);
            },
        };
        for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
        this.endDrops = () => {
            for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
        };
    }

    #key(event) {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.send();
        else if (event.key === 'Escape' && !event.defaultPrevented) this.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
    }
}

addEventListener('online', () => open?.save());

addEventListener('beforeunload', event => {
    if ((open && !open.draft.saved && !open.draft.isEmpty) || isWaiting()) event.preventDefault();
});
