// Administration of who has mail here: accounts, domains, aliases.

import {showSecret} from './access.js';
import {api} from './api.js';
import {h, field, iconButton, valuesOf} from './dom.js';
import {attempt, confirm, fill, openDialog, openMenu, toast} from './ui.js';
import {count, size} from './words.js';

/** A table in a region that scrolls by keyboard too where the screen is narrow. */
export function table(title, heads, rows, none) {
    if (!rows.length) return h('p', {class: 'quiet'}, none);
    return h(
        'div',
        {class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': title},
        h(
            'table',
            {},
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    heads.map(t => h('th', {scope: 'col'}, t || h('span', {class: 'visually-hidden'}, 'Actions'))),
                ),
            ),
            h('tbody', {}, rows),
        ),
    );
}

function addForm(fields, label, add) {
    const button = h('button', {class: 'button'}, label);
    return h(
        'form',
        {
            class: 'inline-form card',
            onsubmit: event => {
                event.preventDefault();
                attempt(button, async () => {
                    await add(valuesOf(event.target));
                    event.target.reset();
                });
            },
        },
        fields,
        button,
    );
}

// 32 letters and figures that cannot be mistaken for each other; 20 of them are 100 random bits.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const newPassword = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(20)), b => LETTERS[b % 32])
        .join('')
        .replace(/.{5}(?=.)/g, '$&-');

const UNITS = {K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40};

/** '2G' -> octets; empty: no limit; null: not a size. */
function octetsOf(text) {
    if (!text.trim()) return undefined;
    const found = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*$/i.exec(text);
    return found ? Math.round(Number(found[1]) * (UNITS[found[2].toUpperCase()] ?? 1)) : null;
}

const quotaOf = account => ({
    used: account.quota?.used ?? account.quota_used ?? 0,
    limit: account.quota?.limit ?? account.quota_limit ?? null,
});

export async function accountsPart(place) {
    const refresh = () => accountsPart(place);
    const path = a => `/admin/accounts/${encodeURIComponent(a.address)}`;
    const change = (a, what, words) =>
        attempt(null, async () => {
            await api.patch(path(a), what);
            toast(words);
            refresh();
        });
    const menu = (anchor, a) =>
        openMenu(
            anchor,
            [
                {
                    label: 'Set a new password',
                    iconName: 'shield',
                    run: () =>
                        attempt(anchor, async () => {
                            if (
                                !(await confirm(
                                    `A new password for ${a.address}?`,
                                    'The present one stops working.',
                                    'Set a new password',
                                ))
                            )
                                return;
                            const password = newPassword();
                            await api.put(`${path(a)}/password`, {password});
                            showSecret(`Password of ${a.address}`, 'It is shown only now.', password);
                        }),
                },
                {label: 'Name and quota', iconName: 'pen', run: () => editAccount(a, path(a), refresh)},
                {
                    label: a.admin ? 'Make it no administrator' : 'Make it an administrator',
                    iconName: 'server',
                    run: () => change(a, {admin: !a.admin}, 'Changed'),
                },
                {
                    label: a.disabled ? 'Let it sign in again' : 'Disable',
                    iconName: a.disabled ? 'play' : 'pause',
                    run: () => change(a, {disabled: !a.disabled}, a.disabled ? 'Enabled' : 'Disabled'),
                },
                '-',
                {
                    label: 'Remove',
                    iconName: 'trash',
                    danger: true,
                    run: async () => {
                        if (
                            !(await confirm(
                                `Remove ${a.address}?`,
                                'The account and all its mail will be gone for good.',
                                'Remove the account',
                            ))
                        )
                            return;
                        await attempt(anchor, async () => {
                            await api.remove(path(a));
                            toast(`${a.address} is removed`);
                            refresh();
                        });
                    },
                },
            ],
            `Change ${a.address}`,
        );
    await fill(
        place,
        async () => (await api.get('/admin/accounts')).accounts,
        accounts => [
            addForm(
                [
                    field({
                        label: 'Address',
                        name: 'address',
                        type: 'email',
                        required: true,
                        autocomplete: 'off',
                        placeholder: 'carol@example.org',
                    }),
                    field({label: 'Name', name: 'name', autocomplete: 'off', maxlength: 200}),
                ],
                'Add an account',
                async ({address, name}) => {
                    const password = newPassword();
                    await api.post('/admin/accounts', {address, name, password});
                    await refresh();
                    showSecret(
                        `Password of ${address}`,
                        'Give it to whoever the account is for. It is shown only now.',
                        password,
                    );
                },
            ),
            table(
                'Accounts',
                ['Address', 'Name', 'Stored', 'State', ''],
                accounts.map(a => {
                    const {used, limit} = quotaOf(a);
                    return h(
                        'tr',
                        {},
                        h('td', {}, a.address),
                        h('td', {}, a.name),
                        h('td', {}, `${size(used)}${limit ? ` of ${size(limit)}` : ''}`),
                        h(
                            'td',
                            {},
                            a.disabled
                                ? h('span', {class: 'tag tag-bad'}, 'disabled')
                                : a.admin
                                  ? h('span', {class: 'tag tag-good'}, 'administrator')
                                  : '',
                        ),
                        h(
                            'td',
                            {class: 'table-actions'},
                            iconButton('more', `Change ${a.address}`, event => menu(event.currentTarget, a), {
                                'aria-haspopup': 'menu',
                                'aria-expanded': 'false',
                            }),
                        ),
                    );
                }),
                'There is no account yet.',
            ),
        ],
    );
}

function editAccount(a, path, refresh) {
    const {limit} = quotaOf(a);
    const name = field({label: 'Name', name: 'name', value: a.name ?? '', maxlength: 200, autocomplete: 'off'});
    const quota = field({
        label: 'Quota',
        name: 'quota',
        value: limit ? `${+(limit / UNITS.M).toFixed(1)}M` : '',
        placeholder: '2G',
        autocomplete: 'off',
        hint: 'Such as 500M or 2G. Left empty there is no limit.',
    });
    const button = h('button', {class: 'button primary'}, 'Save');
    const dialog = openDialog(
        a.address,
        h(
            'form',
            {
                class: 'dialog-body',
                onsubmit: event => {
                    event.preventDefault();
                    const octets = octetsOf(quota.input.value);
                    quota.input.setCustomValidity(octets === null ? 'A size such as 500M or 2G.' : '');
                    if (octets === null) return quota.input.reportValidity();
                    return attempt(button, async () => {
                        await api.patch(path, {name: name.input.value, quota: octets ?? null});
                        dialog.close();
                        refresh();
                    });
                },
            },
            name,
            quota,
            h('div', {class: 'dialog-buttons'}, button),
        ),
    );
    quota.input.addEventListener('input', () => quota.input.setCustomValidity(''));
}

function removeButton(what, words, path, refresh) {
    return iconButton('trash', `Remove ${what}`, async event => {
        const button = event.currentTarget;
        if (!(await confirm(`Remove ${what}?`, words, 'Remove'))) return;
        await attempt(button, async () => {
            await api.remove(path);
            toast(`${what} is removed`);
            refresh();
        });
    });
}

export async function domainsPart(place) {
    const refresh = () => domainsPart(place);
    await fill(
        place,
        async () => (await api.get('/admin/domains')).domains,
        domains => [
            addForm(
                [
                    field({
                        label: 'Domain',
                        name: 'name',
                        required: true,
                        autocomplete: 'off',
                        placeholder: 'example.org',
                        autocapitalize: 'none',
                    }),
                ],
                'Add a domain',
                async ({name}) => {
                    await api.post('/admin/domains', {name});
                    toast(`Mail for ${name} is taken in now`);
                    refresh();
                },
            ),
            table(
                'Domains',
                ['Domain', 'Accounts', 'Aliases', ''],
                domains.map(d =>
                    h(
                        'tr',
                        {},
                        h('td', {}, d.name),
                        h('td', {}, d.accounts ?? ''),
                        h('td', {}, d.aliases ?? ''),
                        h(
                            'td',
                            {class: 'table-actions'},
                            removeButton(
                                d.name,
                                'Mail for it is refused from then on. It must have no accounts or aliases.',
                                `/admin/domains/${encodeURIComponent(d.name)}`,
                                refresh,
                            ),
                        ),
                    ),
                ),
                'There is no domain yet: add the first.',
            ),
        ],
    );
}

export async function aliasesPart(place) {
    const refresh = () => aliasesPart(place);
    await fill(
        place,
        async () => (await api.get('/admin/aliases')).aliases,
        aliases => [
            addForm(
                [
                    field({
                        label: 'Address',
                        name: 'address',
                        required: true,
                        autocomplete: 'off',
                        placeholder: 'sales@example.org',
                        autocapitalize: 'none',
                        hint: '@example.org takes whatever nobody else has.',
                    }),
                    field({
                        label: 'Goes to',
                        name: 'targets',
                        required: true,
                        autocomplete: 'off',
                        placeholder: 'alice@example.org, bob@example.org',
                        autocapitalize: 'none',
                    }),
                ],
                'Add an alias',
                async ({address, targets}) => {
                    await api.post('/admin/aliases', {address, targets: targets.split(/[\s,;]+/).filter(Boolean)});
                    refresh();
                },
            ),
            table(
                'Aliases',
                ['Address', 'Goes to', ''],
                aliases.map(a =>
                    h(
                        'tr',
                        {},
                        h('td', {}, a.address),
                        h('td', {}, (a.targets ?? []).join(', ')),
                        h(
                            'td',
                            {class: 'table-actions'},
                            removeButton(
                                a.address,
                                `Mail for it is refused then; it went to ${count((a.targets ?? []).length, 'account')}.`,
                                `/admin/aliases/${encodeURIComponent(a.address)}`,
                                refresh,
                            ),
                        ),
                    ),
                ),
                'There is no alias yet.',
            ),
        ],
    );
}
