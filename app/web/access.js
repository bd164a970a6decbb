// What may sign in as me besides my password: passwords for single programs, tokens for scripts, and the browsers that are
// signed in now.

import {api, ROOT} from './api.js';
import {h, field, textButton, valuesOf} from './dom.js';
import {attempt, card, confirm, copyButton, openDialog, toast} from './ui.js';
import {agoOrNever, clientName, mediumDate} from './words.js';

/** A secret is shown once: it cannot be asked for again. */
export function showSecret(title, words, secret) {
    openDialog(
        title,
        h(
            'div',
            {class: 'dialog-body'},
            h('p', {}, words),
            h('p', {class: 'secret'}, h('code', {tabindex: 0}, secret)),
            copyButton(secret),
        ),
    );
}

function revoke(place, what, name, path) {
    return textButton(
        'Revoke',
        async event => {
            const button = event.currentTarget;
            if (!(await confirm(`Revoke ${name}?`, `Whatever uses this ${what} is shut out at once.`, 'Revoke'))) return;
            await attempt(button, async () => {
                await api.remove(path);
                toast(`${name} is revoked`);
                place.refresh();
            });
        },
        {class: 'small', 'aria-label': `Revoke ${name}`},
    );
}

function things(list, none, line) {
    return list.length ? h('ul', {class: 'things'}, list.map(line)) : h('p', {class: 'quiet'}, none);
}

function thing(title, words, ...more) {
    return h(
        'li',
        {class: 'thing'},
        h('div', {class: 'thing-words'}, h('p', {class: 'thing-title'}, title), h('p', {class: 'quiet'}, words)),
        more,
    );
}

/** Terms and what is said of each. */
function terms(rows) {
    return h(
        'dl',
        {},
        rows.filter(Boolean).map(([term, words]) => h('div', {}, h('dt', {}, term), h('dd', {}, words))),
    );
}

/** A server by its name and ports; nothing where it has none. */
function serverTerms(title, {host, starttls_port: starttls, tls_port: tls}) {
    if (!tls && !starttls) return [];
    return [
        h('p', {class: 'quiet'}, title),
        terms([
            ['Server', host],
            tls && ['Port', `${tls}, SSL/TLS`],
            starttls && [tls ? 'or port' : 'Port', `${starttls}, STARTTLS`],
        ]),
    ];
}

/** What Thunderbird asks for where it does not find it by itself. The server says where mail programs reach it. */
function thunderbird(account) {
    return h(
        'aside',
        {class: 'thunderbird', 'aria-label': 'Settings for Thunderbird'},
        h('h3', {}, 'For Thunderbird and other programs'),
        serverTerms('Incoming server (IMAP)', account.imap),
        serverTerms('Outgoing server (SMTP)', account.submission),
        h('p', {class: 'quiet'}, 'Both'),
        terms([
            ['Sign-in', 'Normal password'],
            ['User name', account.address],
            ['Password', 'an app password from here'],
        ]),
    );
}

export function appPasswords(account) {
    const name = field({
        label: 'What is it for?',
        name: 'name',
        required: true,
        maxlength: 100,
        placeholder: 'Thunderbird on the laptop',
        autocomplete: 'off',
    });
    const button = h('button', {class: 'button'}, 'Make an app password');
    const element = card(
        'App passwords',
        'A password for one program or device. A lost phone is then one click, and nobody else has to type a new password.',
        {
            load: async () => (await api.get('/account/app-passwords')).app_passwords,
            show: list => [
                h(
                    'div',
                    {class: 'split'},
                    h(
                        'div',
                        {},
                        things(list, 'There is none yet.', p =>
                            thing(
                                p.name,
                                `Since ${mediumDate(p.created_at)}, last used: ${agoOrNever(p.last_used_at)}`,
                                revoke(element, 'password', p.name, `/account/app-passwords/${encodeURIComponent(p.id)}`),
                            ),
                        ),
                        h(
                            'form',
                            {
                                class: 'inline-form',
                                onsubmit: event => {
                                    event.preventDefault();
                                    attempt(button, async () => {
                                        const made = await api.post('/account/app-passwords', valuesOf(event.target));
                                        event.target.reset();
                                        await element.refresh();
                                        showSecret(
                                            `App password for ${made.name}`,
                                            'It is shown only now. Type or paste it as it stands, with the hyphens.',
                                            made.password,
                                        );
                                    });
                                },
                            },
                            name,
                            button,
                        ),
                    ),
                    thunderbird(account),
                ),
            ],
        },
    );
    return element;
}

const SCOPES = {read: 'Read mail', send: 'Send mail', admin: 'Administrate'};

function tokenWords({scopes, last_used_at: used, expires_at: ends}) {
    const may = scopes.map(s => (SCOPES[s] ?? s).toLowerCase()).join(', ');
    return `May ${may}. Last used: ${agoOrNever(used)}.${ends ? ` Ends ${mediumDate(ends)}.` : ''}`;
}

export function tokens(account) {
    const name = field({
        label: 'Name',
        name: 'name',
        required: true,
        maxlength: 100,
        placeholder: 'Backup script',
        autocomplete: 'off',
    });
    const expires = field({label: 'Ends on', name: 'expires_at', type: 'date', hint: 'Left empty it does not end.'});
    const scopes = Object.entries(SCOPES)
        .filter(([scope]) => scope !== 'admin' || account.admin)
        .map(([scope, words]) =>
            h('label', {class: 'check'}, h('input', {type: 'checkbox', name: scope, checked: scope === 'read'}), words),
        );
    const button = h('button', {class: 'button'}, 'Make a token');
    const element = card('API tokens', 'For scripts and programs that speak to the API. Each may do only what you allow it.', {
        load: async () => (await api.get('/account/tokens')).tokens,
        show: list => [
            things(list, 'There is none yet.', t =>
                thing(t.name, tokenWords(t), revoke(element, 'token', t.name, `/account/tokens/${encodeURIComponent(t.id)}`)),
            ),
            h(
                'form',
                {
                    class: 'inline-form',
                    onsubmit: event => {
                        event.preventDefault();
                        const v = valuesOf(event.target);
                        const wanted = Object.keys(SCOPES).filter(s => v[s]);
                        if (!wanted.length) return toast('Choose at least one thing it may do.', {alert: true});
                        return attempt(button, async () => {
                            const made = await api.post('/account/tokens', {
                                name: v.name,
                                scopes: wanted,
                                ...(v.expires_at && {expires_at: `${v.expires_at}T00:00:00Z`}),
                            });
                            event.target.reset();
                            await element.refresh();
                            showSecret(
                                `Token ${made.name}`,
                                `It is shown only now. Send it as "Authorization: Bearer" to ${location.origin}${ROOT}.`,
                                made.token,
                            );
                        });
                    },
                },
                name,
                h('fieldset', {}, h('legend', {}, 'It may'), scopes),
                expires,
                button,
            ),
        ],
    });
    return element;
}

export function sessions() {
    const element = card('Signed in now', null, {
        load: async () => (await api.get('/account/sessions')).sessions,
        show: list => [
            things(list, 'Nowhere.', s =>
                thing(
                    h('span', {}, clientName(s.client), s.current && h('span', {class: 'tag tag-good'}, 'this one')),
                    `From ${s.address}, since ${mediumDate(s.created_at)}, last seen ${mediumDate(s.last_seen_at)}`,
                    !s.current &&
                        textButton(
                            'Sign out',
                            event =>
                                attempt(event.currentTarget, async () => {
                                    await api.remove(`/account/sessions/${encodeURIComponent(s.id)}`);
                                    element.refresh();
                                }),
                            {class: 'small'},
                        ),
                ),
            ),
            textButton('Sign out everywhere', async event => {
                const button = event.currentTarget;
                if (await confirm('Sign out everywhere?', 'This browser too.', 'Sign out'))
                    await attempt(button, async () => {
                        await api.remove('/account/sessions');
                        location.reload();
                    });
            }),
        ],
    });
    return element;
}
