// A message being written: its content, its copy on the server, and its way out. Content lives here, not in the form, so it
// survives the form being closed, a server that cannot be reached, and an undone sending.

import {api} from './api.js';
import {pathOf} from './attachments.js';
import {store} from './store.js';

const BACKUP = 'postern.unsaved';

export class Draft {
    /** `content` {from, to, cc, bcc, subject, text, in_reply_to, forward_of}; `id` where the server has it already. */
    constructor(content = {}, id = null) {
        this.content = {from: undefined, to: [], cc: [], bcc: [], subject: '', text: '', ...content};
        this.id = id;
        this.files = []; // {name, type, size, blob}
        this.saved = id !== null;
        this.saving = null;
        // One key for one message, however often sending is tried: it is sent once (Idempotency-Key).
        this.key = Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
    }

    change(change) {
        Object.assign(this.content, change);
        this.saved = false;
        this.backUp();
    }

    get isEmpty() {
        const {to, cc, bcc, subject, text} = this.content;
        return !to.length && !cc.length && !bcc.length && !subject.trim() && !text.trim() && !this.files.length;
    }

    get size() {
        return this.files.reduce((sum, f) => sum + f.size, 0);
    }

    /** The text stays in this tab until the server has it: a reload brings it back. */
    backUp() {
        try {
            if (this.saved || this.isEmpty) sessionStorage.removeItem(BACKUP);
            else
                sessionStorage.setItem(
                    BACKUP,
                    JSON.stringify({
                        account: store.account.address,
                        id: this.id,
                        content: this.content,
                        files: this.files.length,
                    }),
                );
        } catch {
            /* storage is full or forbidden: then there is no second copy */
        }
    }

    /** What a reload left behind: {draft, files} or null. `files`: how many were lost with it. */
    static fromBackup() {
        try {
            const kept = JSON.parse(sessionStorage.getItem(BACKUP) ?? 'null');
            if (kept?.account !== store.account.address) return null;
            const draft = new Draft(kept.content, kept.id);
            draft.saved = false;
            return {draft, files: kept.files};
        } catch {
            return null;
        }
    }

    #body() {
        const {files_of: _, ...json} = this.content;
        // An address alone would go out without our name.
        if (json.from) json.from = {name: store.account.name ?? '', address: json.from};
        if (!this.files.length) return {json};
        const form = new FormData();
        form.append('message', JSON.stringify(json));
        for (const f of this.files) form.append('attachment', f.blob, f.name);
        return {form};
    }

    /** Saved as it is now; a change meanwhile is saved behind it. */
    async save() {
        while (this.saving) await this.saving.catch(() => {});
        if (this.saved || (this.isEmpty && !this.id)) return;
        this.saving = this.#save().finally(() => {
            this.saving = null;
        });
        await this.saving;
    }

    async #save() {
        const {json, form} = this.#body();
        this.saved = true; // a change during the request makes it false again
        try {
            const method = this.id ? 'PUT' : 'POST';
            const path = this.id ? `/drafts/${this.id}` : '/drafts';
            const entry = form
                ? await api.form(method, path, form)
                : method === 'PUT'
                  ? await api.put(path, json)
                  : await api.post(path, json);
            this.id = entry.id;
            this.backUp();
        } catch (problem) {
            this.saved = false;
            if (problem.status === 404 && this.id) {
                // thrown away elsewhere: what is being written is kept all the same
                this.id = null;
                return this.#save();
            }
            throw problem;
        }
        return undefined;
    }

    async send({keepalive = false} = {}) {
        if (!this.id) this.saved = false; // an answer sent as it was opened
        if (!keepalive) await this.save();
        const sent = await api.post(`/drafts/${this.id}/send`, undefined, {keepalive, headers: {'Idempotency-Key': this.key}});
        this.saved = true;
        this.backUp();
        return sent;
    }

    async discard() {
        await this.saving?.catch(() => {});
        this.saved = true;
        this.backUp();
        const {id} = this;
        this.id = null;
        if (id) await api.remove(`/messages/${id}`);
    }

    addFile(file) {
        this.files.push({name: file.name, type: file.type, size: file.size, blob: file});
        this.saved = false;
    }

    /** Takes over the files of a message that is forwarded, or of a draft that is opened again. */
    async takeFiles(message) {
        const blobs = await Promise.all(message.attachments.map(a => api.blob(pathOf(message, a))));
        message.attachments.forEach((a, i) =>
            this.files.push({
                name: a.filename || 'unnamed',
                type: a.content_type,
                size: blobs[i].size,
                blob: new Blob([blobs[i]], {type: a.content_type}),
            }),
        );
    }
}
