// A list that comes in pages: a mailbox or the result of a search. Rows are fetched as they are scrolled to and kept in order;
// a page that fails says so and can be asked for again.

import {api, withQuery} from './api.js';
import {keep, store} from './store.js';

const PAGE = 60;

export class Pager {
    /** `path` with `query` lists newest first; `changed` is called whenever rows came or went. */
    constructor(path, query, changed) {
        Object.assign(this, {
            path,
            query,
            changed,
            ids: [],
            known: new Set(),
            total: null,
            cursor: null,
            done: false,
            loading: null,
            problem: null,
        });
    }

    entry(row) {
        return store.entries.get(this.ids[row]);
    }

    #page(cursor, limit, signal) {
        return api.get(withQuery(this.path, {...this.query, limit, cursor}), {signal});
    }

    /** The next page. Asked for twice at once it is fetched once. */
    more() {
        if (this.done) return Promise.resolve();
        this.loading ??= this.#more().finally(() => {
            this.loading = null;
            this.changed();
        });
        return this.loading;
    }

    async #more() {
        this.problem = null;
        try {
            const page = await this.#page(this.cursor, PAGE);
            for (const entry of page.messages) this.#add(keep(entry).id, this.ids.length);
            this.total = page.total ?? null;
            this.cursor = page.next_cursor;
            this.done = !page.next_cursor;
        } catch (problem) {
            this.problem = problem;
        }
    }

    #add(id, at) {
        if (this.known.has(id)) return false;
        this.known.add(id);
        this.ids.splice(at, 0, id);
        return true;
    }

    #remove(id) {
        this.known.delete(id);
        this.ids.splice(this.ids.indexOf(id), 1);
    }

    /**
     * Looks at the newest page again; gives back what is new. What arrived while nobody looked may be more than a page: then the
     * list begins anew.
     */
    async refresh() {
        const page = await this.#page(null, PAGE);
        const fresh = page.messages.filter(m => !this.known.has(m.id));
        const anew = fresh.length === PAGE && this.ids.length > 0;
        if (anew) Object.assign(this, {ids: [], known: new Set(), cursor: page.next_cursor, done: !page.next_cursor});
        const there = new Set(page.messages.map(m => m.id));
        const last = this.ids.indexOf(page.messages.at(-1)?.id);
        for (const id of this.ids.slice(0, last + 1)) if (!there.has(id)) this.#remove(id);
        let at = 0;
        for (const entry of page.messages) {
            keep(entry);
            if (!this.#add(entry.id, at)) at = this.ids.indexOf(entry.id);
            ++at;
        }
        if (!anew && this.ids.length <= page.messages.length)
            Object.assign(this, {cursor: page.next_cursor, done: !page.next_cursor});
        this.total = page.total ?? null;
        this.changed();
        return fresh;
    }

    /** Takes rows out: they moved away. */
    drop(ids) {
        const gone = new Set(ids.filter(id => this.known.delete(id)));
        if (!gone.size) return;
        this.ids = this.ids.filter(id => !gone.has(id));
        if (this.total !== null) this.total -= gone.size;
        this.changed();
    }

    /** Puts rows back to where they were: moving them was undone or failed. */
    restore(rows) {
        for (const {id, at} of rows) if (this.#add(id, Math.min(at, this.ids.length)) && this.total !== null) ++this.total;
        this.changed();
    }
}
