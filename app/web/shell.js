// The page around the mail: the bar with the search, the mailboxes at the side, and the place where views stand.

import {api} from './api.js';
import {h, icon, ICON, iconButton, textButton} from './dom.js';
import {showHelp} from './keys.js';
import {avatar} from './row.js';
import {searchForm} from './search.js';
import {signOut} from './session.js';
import {on, setMailboxes, slugOf, store} from './store.js';
import {ask, attempt, confirm, openMenu, toast} from './ui.js';
import {count} from './words.js';

const THEME = 'postern.theme';

/** light, dark, or as the system has it. */
export function applyTheme(theme) {
    try {
        theme ??= localStorage.getItem(THEME) ?? 'auto';
        localStorage.setItem(THEME, theme);
    } catch {
        /* no storage: as the system has it */
    }
    document.documentElement.dataset.theme = theme ?? 'auto';
}

export class Shell {
    constructor({compose, go}) {
        Object.assign(this, {compose, go});
        this.main = h('main', {id: 'main', class: 'main', tabindex: -1});
        this.search = searchForm(go);
        this.boxes = h('ul', {class: 'boxes'});
        this.offline = h(
            'p',
            {class: 'offline', role: 'status', hidden: true},
            'Not connected. New mail shows up once the server is reached again.',
        );
        this.side = h(
            'nav',
            {class: 'side', id: 'side', 'aria-label': 'Mailboxes'},
            textButton('Write', compose, {iconName: 'pen', class: 'primary compose', title: 'Write a message (c)'}),
            this.boxes,
            h(
                'button',
                {type: 'button', class: 'side-more', onclick: event => this.#newMailbox(event.currentTarget)},
                icon('plus'),
                'New mailbox',
            ),
        );
        this.menuButton = iconButton('menu', 'Mailboxes', () => this.toggleSide(), {
            class: 'menu-button',
            'aria-controls': 'side',
            'aria-expanded': 'false',
        });
        this.me = h('button', {
            type: 'button',
            class: 'me',
            'aria-haspopup': 'menu',
            'aria-expanded': 'false',
            onclick: event => this.#accountMenu(event.currentTarget),
        });
        this.element = h(
            'div',
            {class: 'shell'},
            h(
                'a',
                {
                    class: 'skip',
                    href: '#main',
                    onclick: event => {
                        event.preventDefault();
                        this.main.focus();
                    },
                },
                'Skip to the mail',
            ),
            h(
                'header',
                {class: 'bar'},
                h('h1', {class: 'visually-hidden'}, 'Postern'),
                this.menuButton,
                h(
                    'a',
                    {class: 'brand', href: '#/inbox'},
                    h('img', {src: ICON, alt: '', width: 28, height: 28}),
                    h('span', {}, 'Postern'),
                ),
                this.search.element,
                iconButton('info', 'Keyboard', showHelp, {key: '?', class: 'help-button'}),
                this.me,
            ),
            this.side,
            h('div', {class: 'shade', onclick: () => this.toggleSide(false)}),
            this.main,
            this.offline,
            iconButton('pen', 'Write a message', compose, {key: 'c', class: 'fab'}),
        );
        on('mailboxes', () => this.#drawBoxes());
        on('connection', good => this.#connected(good));
    }

    /** Says which mailbox is open. */
    setPlace(slug) {
        this.place = slug;
        this.toggleSide(false);
        this.#drawBoxes();
    }

    toggleSide(shown = !this.element.classList.contains('side-shown')) {
        const was = this.element.classList.contains('side-shown');
        this.element.classList.toggle('side-shown', shown);
        this.menuButton.setAttribute('aria-expanded', String(shown));
        if (shown) this.side.querySelector('[aria-current], a')?.focus();
        else if (was && this.side.contains(document.activeElement)) this.menuButton.focus();
    }

    drawAccount() {
        const {name, address} = store.account;
        this.me.replaceChildren(avatar({name, address}));
        this.me.setAttribute('aria-label', `My account: ${name || address}`);
        this.me.title = address;
    }

    #connected(good) {
        clearTimeout(this.deaf);
        if (good) this.offline.hidden = true;
        else
            this.deaf = setTimeout(() => {
                this.offline.hidden = false;
            }, 8000); // a restart of the server is nobody's business
    }

    #drawBoxes() {
        const inbox = store.mailboxes.find(m => m.role === 'inbox');
        const name = store.mailboxes.find(m => slugOf(m) === this.place)?.name;
        document.title = `${inbox?.unread ? `(${inbox.unread}) ` : ''}${name ? `${name} · ` : ''}Postern`;
        const focused = this.boxes.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
        this.boxes.replaceChildren(...store.mailboxes.map(m => this.#box(m)));
        if (focused) this.boxes.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }

    #box(m) {
        const slug = slugOf(m);
        // Of drafts all count: each is something left to do.
        const n = m.role === 'drafts' ? m.total : ['sent', 'trash'].includes(m.role) ? 0 : m.unread;
        const current = slug === this.place;
        return h(
            'li',
            {class: ['box', current && 'current']},
            h(
                'a',
                {href: `#/${slug}`, 'aria-current': current ? 'page' : null, title: count(m.total, 'message')},
                icon(m.role ?? 'folder'),
                h('span', {class: 'box-name'}, m.name),
                n > 0 &&
                    h(
                        'span',
                        {class: 'box-count'},
                        n > 9999 ? '9999+' : n,
                        h('span', {class: 'visually-hidden'}, m.role === 'drafts' ? ' drafts' : ' unread'),
                    ),
            ),
            !m.role &&
                iconButton('more', `Change ${m.name}`, event => this.#boxMenu(event.currentTarget, m), {
                    class: 'box-more',
                    'aria-haspopup': 'menu',
                    'aria-expanded': 'false',
                }),
        );
    }

    #boxMenu(anchor, m) {
        openMenu(
            anchor,
            [
                {
                    label: 'Rename',
                    iconName: 'pen',
                    run: async () => {
                        const name = await ask('Rename mailbox', 'Name', 'Rename', m.name);
                        if (name && name !== m.name)
                            await attempt(anchor, async () => {
                                await api.patch(`/mailboxes/${m.id}`, {name});
                                await this.reload();
                            });
                    },
                },
                {
                    label: 'Remove',
                    iconName: 'trash',
                    danger: true,
                    run: async () => {
                        if (!(await confirm(`Remove ${m.name}?`, `Its ${count(m.total, 'message')} go to Trash.`, 'Remove')))
                            return;
                        await attempt(anchor, async () => {
                            await api.remove(`/mailboxes/${m.id}`);
                            await this.reload();
                            toast(`${m.name} is removed`);
                        });
                        if (this.place === slugOf(m)) this.go('#/inbox');
                    },
                },
            ],
            `Change ${m.name}`,
        );
    }

    async #newMailbox(button) {
        const name = await ask('New mailbox', 'Name', 'Make it');
        if (name)
            await attempt(button, async () => {
                await api.post('/mailboxes', {name});
                await this.reload();
            });
    }

    async reload() {
        setMailboxes((await api.get('/mailboxes')).mailboxes);
    }

    #accountMenu(anchor) {
        const theme = document.documentElement.dataset.theme;
        openMenu(
            anchor,
            [
                {label: 'My account', iconName: 'user', run: () => this.go('#/account')},
                ...(store.account.admin
                    ? [{label: 'Administration', iconName: 'server', run: () => this.go('#/admin/overview')}]
                    : []),
                {label: 'Keyboard', iconName: 'info', run: showHelp},
                '-',
                ...[
                    ['auto', 'Colours of the system'],
                    ['light', 'Light'],
                    ['dark', 'Dark'],
                ]
                    .filter(([name]) => name !== theme)
                    .map(([name, label]) => ({label, iconName: 'sun', run: () => applyTheme(name)})),
                '-',
                {label: 'Sign out', iconName: 'sign_out', run: () => attempt(anchor, signOut)},
            ],
            'My account',
        );
    }
}
