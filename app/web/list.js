// The list of messages. Only the rows in sight are in the page, so a mailbox of a million scrolls like one of ten: rows have
// one height, the list is as tall as what is loaded, and the next page is fetched before its end comes into sight.

import * as actions from './actions.js';
import {announce, h, iconButton} from './dom.js';
import {layer} from './keys.js';
import {messageRow, skeleton} from './row.js';
import {emit, mailboxById, on, store} from './store.js';
import {confirm, empty, failure, openMenu} from './ui.js';
import {count} from './words.js';

const ROW = 80; // as in list.css
const AROUND = 8; // rows kept beyond the edges

const sure = n =>
    confirm('Delete for good?', `${count(n, 'message')} will be gone and cannot be brought back.`, 'Delete for good');

export class MessageList {
    /** `open(entry, {focus})` shows a message; `href(entry)` is its address. */
    constructor({open, href, back}) {
        Object.assign(this, {
            open,
            href,
            back,
            pager: null,
            rows: new Map(),
            selected: new Set(),
            cursor: null,
            opened: null,
            anchor: null,
        });
        this.title = h('h2', {class: 'list-title', tabindex: -1});
        this.total = h('span', {class: 'list-total'});
        this.all = h('input', {type: 'checkbox', 'aria-label': 'Select all that are loaded', onclick: () => this.#selectAll()});
        this.bar = h('div', {class: 'list-actions', role: 'toolbar', 'aria-label': 'Actions on the selected messages'});
        this.head = h(
            'div',
            {class: 'list-head'},
            h('label', {class: 'list-all'}, this.all),
            h('div', {class: 'list-words'}, this.title, this.total),
            this.bar,
        );
        this.space = h('div', {class: 'list-rows', role: 'list', 'aria-label': 'Messages'});
        this.foot = h('div', {class: 'list-foot'});
        this.scroller = h('div', {class: 'list-scroll', onscroll: () => this.#draw()}, this.space, this.foot);
        this.element = h('section', {class: 'list-pane', 'aria-label': 'Message list'}, this.head, this.scroller);
        new ResizeObserver(() => this.#draw()).observe(this.scroller);
        on('entry', entry => this.#redraw(entry.id));
        on('gone', ({ids, undo}) => this.#leave(ids, undo));
        on('mailboxes', () => {
            if (this.pager) this.#drawHead();
        });
        on('moved', ({id, mailbox}) => {
            if (this.pager?.mailbox !== mailbox) this.#leave([id], []);
        });
        layer('List', {
            j: [() => this.step(1), 'Next message'],
            ArrowDown: [() => this.#inList() && this.step(1), 'Next message'],
            k: [() => this.step(-1), 'Previous message'],
            ArrowUp: [() => this.#inList() && this.step(-1), 'Previous message'],
            o: [() => this.openCursor(), 'Open'],
            Enter: [() => this.#inList() && this.openCursor(), 'Open'],
            u: [() => this.back(), 'Back to the list'],
            Escape: [() => this.#clearOrBack(), 'Clear the selection, or back'],
            x: [() => this.pick(this.cursor), 'Select'],
            '*': [() => this.#selectAll(), 'Select all that are loaded'],
            e: [() => this.act('archive'), 'Archive'],
            '#': [() => this.act('remove'), 'Delete'],
            Delete: [() => this.act('remove'), 'Delete'],
            '!': [() => this.act('junk'), 'Junk'],
            s: [() => this.act('star'), 'Star'],
            m: [() => this.act('seen'), 'Read or unread'],
            v: [() => this.#moveMenu(), 'Move to'],
            z: [() => actions.undoLast(), 'Undo moving or deleting'],
        });
    }

    /** Begins anew with another mailbox or search. */
    show(pager, title, {searching = false} = {}) {
        Object.assign(this, {pager, searching, cursor: null, opened: null, anchor: null});
        this.selected.clear();
        this.title.textContent = title;
        for (const row of this.rows.values()) row.remove();
        this.rows.clear();
        this.scroller.scrollTop = 0;
        this.#drawAll();
        return pager.more();
    }

    setOpened(id) {
        const before = this.opened;
        this.opened = id;
        if (id) this.cursor = id;
        for (const one of [before, id]) if (one) this.#redraw(one);
        if (id) this.#bringIntoSight(id);
    }

    changed() {
        this.#drawAll();
    }

    focusCursor() {
        const id = this.cursor && this.pager?.known.has(this.cursor) ? this.cursor : this.pager?.ids[0];
        if (!id) return this.title.focus();
        this.cursor = id;
        this.#bringIntoSight(id);
        this.rows.get(id)?.querySelector('.row-link').focus({preventScroll: true});
        return undefined;
    }

    /** j and k. With a message open beside the list the next one opens. */
    step(by) {
        const ids = this.pager?.ids ?? [];
        if (!ids.length) return false;
        const at = ids.indexOf(this.cursor);
        const next = ids[Math.max(0, Math.min(ids.length - 1, at < 0 ? 0 : at + by))];
        const inReader = this.opened && !this.#inList();
        this.cursor = next;
        if (!inReader || this.element.offsetParent) this.focusCursor();
        if (this.opened && next !== this.opened) this.open(store.entries.get(next), {focus: inReader});
        return true;
    }

    openCursor() {
        const entry = store.entries.get(this.cursor);
        if (entry) this.open(entry, {focus: true});
        return !!entry;
    }

    pick(id, through = false) {
        if (!id || !this.pager.known.has(id)) return false;
        const ids = this.pager.ids;
        const wanted = !this.selected.has(id);
        const [from, to] = [ids.indexOf(through && this.anchor ? this.anchor : id), ids.indexOf(id)].sort((a, b) => a - b);
        for (const one of ids.slice(Math.max(0, from), to + 1)) wanted ? this.selected.add(one) : this.selected.delete(one);
        this.anchor = this.cursor = id;
        this.#drawAll();
        announce(`${this.selected.size} selected`);
        return true;
    }

    /** What keys and buttons act on: the selection, else the open message, else the row of the cursor. */
    targets() {
        if (this.selected.size) return [...this.selected];
        const one = this.opened ?? this.cursor;
        return one && store.entries.has(one) ? [one] : [];
    }

    act(what, ids = this.targets()) {
        if (!ids.length) return false;
        const any = test => ids.some(id => test(store.entries.get(id) ?? {}));
        const run = {
            archive: () => actions.archive(ids),
            junk: () => actions.junk(ids),
            remove: () => actions.remove(ids, {sure}),
            star: () => actions.mark(ids, {flagged: any(e => !e.flagged)}),
            seen: () => actions.mark(ids, {seen: any(e => !e.seen)}),
        };
        run[what]();
        return true;
    }

    moveTo(anchor, ids = this.targets()) {
        openMenu(
            anchor,
            store.mailboxes
                .filter(m => m.role !== 'drafts')
                .map(m => ({label: m.name, iconName: m.role ?? 'folder', run: () => actions.move(ids, m)})),
            'Move to',
        );
    }

    #moveMenu() {
        if (!this.targets().length) return false;
        this.moveTo(
            this.selected.size ? this.bar.querySelector('.move') : (document.querySelector('.reader-pane .move') ?? this.title),
        );
        return true;
    }

    #inList() {
        return this.scroller.contains(document.activeElement);
    }

    #clearOrBack() {
        if (!this.selected.size) return this.back();
        this.selected.clear();
        this.#drawAll();
        return true;
    }

    #selectAll() {
        const some = this.selected.size > 0;
        this.selected = new Set(some ? [] : this.pager.ids);
        this.#drawAll();
        announce(`${this.selected.size} selected`);
    }

    #leave(ids, undo) {
        if (!this.pager) return;
        const rows = ids
            .filter(id => this.pager.known.has(id))
            .map(id => ({id, at: this.pager.ids.indexOf(id)}))
            .sort((a, b) => a.at - b.at);
        if (this.searching) {
            // found is found: a search shows messages wherever they are now
            for (const id of ids) this.selected.delete(id);
            this.#drawAll();
            return;
        }
        const focused = this.#inList();
        const open = this.opened && ids.includes(this.opened);
        const next = this.#neighbour(new Set(ids));
        undo.push(() => this.pager.restore(rows));
        for (const id of ids) this.selected.delete(id);
        if (rows.some(r => r.id === this.cursor)) this.cursor = next;
        this.pager.drop(ids);
        if (open) this.back({to: next});
        else if (focused) this.focusCursor();
    }

    #neighbour(going) {
        const ids = this.pager.ids;
        const at = ids.indexOf(this.cursor);
        return (
            ids.slice(at + 1).find(id => !going.has(id)) ?? ids.slice(0, Math.max(0, at)).findLast(id => !going.has(id)) ?? null
        );
    }

    #drawAll() {
        for (const id of [...this.rows.keys()]) this.#redraw(id);
        this.#drawHead();
        this.#draw();
    }

    #drawHead() {
        const {pager, selected} = this;
        this.all.checked = selected.size > 0 && selected.size === pager.ids.length;
        this.all.indeterminate = selected.size > 0 && selected.size < pager.ids.length;
        this.head.classList.toggle('choosing', selected.size > 0);
        const unread = mailboxById(pager.mailbox)?.unread;
        if (selected.size) this.total.replaceChildren(String(selected.size), h('span', {class: 'list-selected'}, ' selected'));
        else
            this.total.textContent =
                pager.total === null ? '' : `${count(pager.total, 'message')}${unread ? `, ${unread} unread` : ''}`;
        const now = selected.size ? 'choosing' : 'resting';
        if (this.bar.dataset.now === now) return;
        this.bar.dataset.now = now;
        const button = (...a) => iconButton(...a);
        this.bar.replaceChildren(
            ...(selected.size
                ? [
                      button('archive', 'Archive', () => this.act('archive'), {key: 'e'}),
                      button('trash', 'Delete', () => this.act('remove'), {key: '#'}),
                      button('junk', 'Junk', () => this.act('junk'), {key: '!'}),
                      button('unread', 'Read or unread', () => this.act('seen'), {key: 'm'}),
                      button('star', 'Star', () => this.act('star'), {key: 's'}),
                      button('move', 'Move to', event => this.moveTo(event.currentTarget), {
                          key: 'v',
                          class: 'move',
                          'aria-haspopup': 'menu',
                          'aria-expanded': 'false',
                      }),
                      button('close', 'Clear the selection', () => this.#clearOrBack(), {key: 'Esc'}),
                  ]
                : [button('retry', 'Look for new mail', () => emit('stale'))]),
        );
    }

    #drawFoot() {
        const {pager} = this;
        const nothing = pager.done && !pager.ids.length;
        if (pager.problem)
            this.foot.replaceChildren(
                failure(pager.problem, () => {
                    pager.more();
                    this.#drawFoot();
                }),
            );
        else if (nothing)
            this.foot.replaceChildren(
                this.searching
                    ? empty(
                          'search',
                          'Nothing found',
                          'Try fewer or other words, or look at what can be asked for below the search field.',
                      )
                    : empty('inbox', 'Nothing here', 'What arrives shows up by itself.'),
            );
        else if (!pager.done) this.foot.replaceChildren(...Array.from({length: pager.ids.length ? 2 : 8}, skeleton));
        else this.foot.replaceChildren();
        this.foot.setAttribute('aria-busy', String(!pager.done && !pager.problem));
    }

    #draw() {
        const {pager, scroller} = this;
        if (!pager) return;
        this.#drawFoot();
        this.space.style.height = `${pager.ids.length * ROW}px`;
        const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - AROUND);
        const last = Math.min(pager.ids.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + AROUND);
        const shown = new Set(pager.ids.slice(first, last));
        if (pager.known.has(this.cursor)) shown.add(this.cursor); // what has the focus stays, or the focus would be lost
        for (const [id, row] of this.rows)
            if (!shown.has(id)) {
                row.remove();
                this.rows.delete(id);
            }
        for (let at = first; at < last; ++at) this.#place(pager.ids[at], at);
        if (pager.known.has(this.cursor)) this.#place(this.cursor, pager.ids.indexOf(this.cursor));
        if (last > pager.ids.length - 25 && !pager.problem) pager.more();
    }

    #place(id, at) {
        let row = this.rows.get(id);
        if (!row) {
            row = this.#make(id, at);
            this.rows.set(id, row);
            const after = [...this.space.children].find(other => Number(other.getAttribute('aria-posinset')) > at + 1);
            this.space.insertBefore(row, after ?? null); // reading order is the order of the rows
        }
        row.setAttribute('aria-posinset', at + 1);
        row.style.transform = `translateY(${at * ROW}px)`;
    }

    #make(id, at) {
        const entry = store.entries.get(id);
        return messageRow(
            entry,
            {
                row: at,
                rows: this.pager.total,
                href: this.href(entry),
                selected: this.selected.has(id),
                open: this.opened === id,
                mailbox: this.searching && mailboxById(entry.mailbox)?.name,
            },
            {
                onpick: through => this.pick(id, through),
                onstar: () => this.act('star', [id]),
                onopen: event => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    this.cursor = id;
                    this.open(entry, {focus: true});
                },
            },
        );
    }

    #redraw(id) {
        const old = this.rows.get(id);
        if (!old) return;
        if (!this.pager.known.has(id)) {
            old.remove();
            this.rows.delete(id);
            return;
        }
        const focus = old.contains(document.activeElement) ? document.activeElement.className : null;
        const row = this.#make(id, this.pager.ids.indexOf(id));
        row.style.transform = old.style.transform;
        old.replaceWith(row);
        this.rows.set(id, row);
        if (focus !== null)
            (row.getElementsByClassName(focus)[0] ?? row.querySelector(focus ? '.row-link' : 'input')).focus({
                preventScroll: true,
            });
    }

    #bringIntoSight(id) {
        const at = this.pager?.ids.indexOf(id) ?? -1;
        if (at < 0) return;
        const {scroller} = this;
        if (at * ROW < scroller.scrollTop) scroller.scrollTop = at * ROW;
        else if ((at + 1) * ROW > scroller.scrollTop + scroller.clientHeight)
            scroller.scrollTop = (at + 1) * ROW - scroller.clientHeight;
        this.#draw();
    }
}
