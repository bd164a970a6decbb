// My account: how much is stored, what I am called, my password, what else may sign in as me, and who did lately.

import {appPasswords, sessions, tokens} from './access.js';
import {api} from './api.js';
import {field, h, valuesOf} from './dom.js';
import {store} from './store.js';
import {attempt, card, toast} from './ui.js';
import {clientName, mediumDate, size} from './words.js';

function overview(account) {
    const {used, limit} = account.quota;
    const others = account.aliases?.length ? `, also reached at ${account.aliases.join(', ')}` : '';
    const share = limit ? Math.min(1, used / limit) : 0;
    return card('Storage', null, {
        content: [
            limit &&
                h('meter', {
                    class: 'storage',
                    min: 0,
                    max: 1,
                    low: 0.8,
                    high: 0.95,
                    optimum: 0,
                    value: share,
                    'aria-label': 'Storage used',
                }),
            h('p', {}, h('strong', {}, size(used)), limit ? ` of ${size(limit)} used` : ' used, and there is no limit'),
            h('p', {class: 'quiet'}, `${account.address}${others}. Since ${mediumDate(account.created_at)}.`),
        ],
    });
}

function nameCard(account) {
    const name = field({
        label: 'Name',
        name: 'name',
        value: account.name ?? '',
        maxlength: 200,
        autocomplete: 'name',
        hint: 'Stands beside your address in what you send.',
    });
    const button = h('button', {class: 'button'}, 'Save');
    return card('Name', null, {
        content: h(
            'form',
            {
                onsubmit: event => {
                    event.preventDefault();
                    attempt(button, async () => {
                        Object.assign(store.account, await api.patch('/account', valuesOf(event.target)));
                        toast('Your name is saved');
                    });
                },
            },
            name,
            button,
        ),
    });
}

function passwordCard() {
    const old = field({
        label: 'Present password',
        name: 'old',
        type: 'password',
        autocomplete: 'current-password',
        required: true,
    });
    const fresh = field({
        label: 'New password',
        name: 'new',
        type: 'password',
        autocomplete: 'new-password',
        required: true,
        minlength: 8,
        hint: 'Several words nobody would put together are strong and easy to keep in mind.',
    });
    const again = field({
        label: 'New password again',
        name: 'again',
        type: 'password',
        autocomplete: 'new-password',
        required: true,
    });
    const button = h('button', {class: 'button'}, 'Change the password');
    const check = () =>
        again.input.setCustomValidity(again.input.value === fresh.input.value ? '' : 'The two are not the same.');
    for (const f of [fresh, again]) f.input.addEventListener('input', check);
    return card('Password', 'Changing it signs you out everywhere else. App passwords and tokens go on working.', {
        content: h(
            'form',
            {
                onsubmit: event => {
                    event.preventDefault();
                    attempt(button, async () => {
                        await api.put('/account/password', {old: old.input.value, new: fresh.input.value});
                        event.target.reset();
                        toast('Your password is changed');
                    });
                },
            },
            h('input', {
                type: 'text',
                autocomplete: 'username',
                value: store.account.address,
                hidden: true,
                'aria-hidden': 'true',
                tabindex: -1,
            }),
            old,
            fresh,
            again,
            button,
        ),
    });
}

function logins(account) {
    const list = account.last_logins ?? [];
    return card('Last sign-ins', 'If you do not know one of them, change your password.', {
        content: list.length
            ? h(
                  'div',
                  {class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Last sign-ins'},
                  h(
                      'table',
                      {},
                      h(
                          'thead',
                          {},
                          h(
                              'tr',
                              {},
                              ['When', 'From', 'How', 'With', 'Outcome'].map(t => h('th', {scope: 'col'}, t)),
                          ),
                      ),
                      h(
                          'tbody',
                          {},
                          list.map(l =>
                              h(
                                  'tr',
                                  {},
                                  h('td', {}, mediumDate(l.at)),
                                  h('td', {}, l.address),
                                  h('td', {}, l.method),
                                  h('td', {class: 'cut', title: l.client}, clientName(l.client)),
                                  h(
                                      'td',
                                      {},
                                      h(
                                          'span',
                                          {class: ['tag', l.ok ? 'tag-good' : 'tag-bad']},
                                          l.ok ? 'signed in' : 'refused',
                                      ),
                                  ),
                              ),
                          ),
                      ),
                  ),
              )
            : h('p', {class: 'quiet'}, 'None is on record.'),
    });
}

export async function accountPage() {
    const account = await api.get('/account');
    Object.assign(store.account, account);
    return [
        h('h1', {tabindex: -1}, 'My account'),
        h(
            'div',
            {class: 'cards'},
            overview(account),
            nameCard(account),
            appPasswords(account),
            passwordCard(),
            sessions(),
            tokens(account),
            logins(account),
        ),
    ];
}
