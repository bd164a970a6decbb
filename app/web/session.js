// Signing in and out. The sign-in form covers the page and leaves it standing: when a session ends in the midst of something,
// that is still there afterwards.

import {api, useToken, whenSignedOut} from './api.js';
import {field, h, ICON, valuesOf} from './dom.js';
import {store} from './store.js';

let asking = null; // one form, however many calls found out that the session has ended

function take({account, csrf_token}) {
    const other = store.account && store.account.address !== account.address;
    useToken(csrf_token);
    if (other) location.reload(); // somebody else: nothing of the one before may be left
    store.account = account;
    return account;
}

/** Who is signed in, asking for a password where nobody is. */
export async function signIn() {
    try {
        return take(await api.get('/session'));
    } catch (problem) {
        if (problem.status !== 401) throw problem;
    }
    return askToSignIn();
}

export async function signOut() {
    await api.remove('/session');
    location.replace('/');
    location.reload();
}

function refusal({status, retryAfter, message}) {
    if (status === 401) return 'This address and password do not go together.';
    if (status !== 429) return message;
    return `Too many tries. Please wait ${retryAfter ? `${retryAfter} seconds` : 'a little'} and try again.`;
}

function askToSignIn(words) {
    asking ??= showForm(words).finally(() => {
        asking = null;
    });
    return asking;
}

function showForm(words) {
    return new Promise(resolve => {
        const said = h('p', {class: 'sign-in-problem', role: 'alert'}, words);
        const login = field({
            label: 'Address',
            name: 'login',
            type: 'email',
            autocomplete: 'username',
            required: true,
            inputmode: 'email',
            autocapitalize: 'none',
            spellcheck: 'false',
            value: store.account?.address ?? '',
        });
        const password = field({
            label: 'Password',
            name: 'password',
            type: 'password',
            autocomplete: 'current-password',
            required: true,
        });
        const button = h('button', {class: 'button primary sign-in-button'}, 'Sign in');
        const form = h(
            'form',
            {
                class: 'sign-in-form',
                onsubmit: async event => {
                    event.preventDefault();
                    button.disabled = true;
                    said.textContent = '';
                    try {
                        const account = take(await api.post('/session', valuesOf(form)));
                        dialog.close();
                        dialog.remove();
                        resolve(account);
                    } catch (problem) {
                        said.textContent = refusal(problem);
                        password.input.select();
                        password.input.focus();
                    } finally {
                        button.disabled = false;
                    }
                },
            },
            h('img', {src: ICON, alt: '', width: 56, height: 56}),
            h('h1', {id: 'sign-in-title'}, 'Postern'),
            h('p', {class: 'sign-in-words'}, 'Your mail, on your own server.'),
            said,
            login,
            password,
            button,
        );
        const dialog = h(
            'dialog',
            {class: 'sign-in', 'aria-labelledby': 'sign-in-title', oncancel: event => event.preventDefault()},
            form,
        );
        document.body.append(dialog);
        dialog.showModal();
        (login.input.value ? password.input : login.input).focus();
    });
}

whenSignedOut(() => askToSignIn('Your session has ended. Sign in to go on; what you were doing is still here.'));
