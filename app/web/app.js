// Begins: signs in, fetches the mailboxes, and follows the address bar from view to view. Views that not everybody needs are
// fetched when they are first asked for.

import {api} from './api.js';
import {h} from './dom.js';
import {layer, showHelp} from './keys.js';
import {listen} from './live.js';
import {Mail} from './mail.js';
import {signIn} from './session.js';
import {applyTheme, Shell} from './shell.js';
import {mailboxByRole, setMailboxes, slugOf, store} from './store.js';
import {complain, failure, fill} from './ui.js';

const app = document.getElementById('app');
let shell;
let mail;

/** '#/inbox/17' -> {slug: 'inbox', id: '17'} */
function placeOf(hash) {
    const [first = 'inbox', second, third] = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
    if (first === 'search') return {query: decodeURIComponent(second ?? ''), id: third};
    if (first === 'account' || first === 'admin') return {page: first, section: second};
    return {slug: first, id: second};
}

function go(hash, {replace = false, focus = false} = {}) {
    if (hash !== location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', hash);
    follow({focus});
}

const PAGES = {
    account: async () => (await import('./account.js')).accountPage(),
    admin: async section => (await import('./admin.js')).adminPage(section),
};

function follow({focus = false} = {}) {
    let place;
    try {
        place = placeOf(location.hash);
    } catch {
        place = {slug: 'inbox'}; // an address bar with a broken escape
    }
    shell.setPlace(place.page ?? place.slug ?? 'search');
    shell.search.show(place.query ?? '');
    if (place.page) return showPage(place);
    if (!mail.element.isConnected) shell.main.replaceChildren(mail.element);
    return mail.show(place, {focus});
}

function showPage({page, section}) {
    const pane = h('div', {class: 'page'});
    shell.main.replaceChildren(pane);
    document.title = `${page === 'account' ? 'My account' : 'Administration'} · Postern`;
    return fill(
        pane,
        () => PAGES[page](section),
        content => content,
    ).then(() => pane.querySelector('h1')?.focus());
}

const goTo = role => () => {
    const mailbox = mailboxByRole(role);
    if (mailbox) go(`#/${slugOf(mailbox)}`);
};

async function begin() {
    applyTheme();
    await signIn();
    const [account, {mailboxes}] = await Promise.all([api.get('/account'), api.get('/mailboxes')]);
    Object.assign(store.account, account);
    mail = new Mail(go);
    const write = () => {
        mail.write();
    };
    shell = new Shell({compose: write, go});
    shell.drawAccount();
    app.replaceChildren(shell.element);
    setMailboxes(mailboxes);
    layer('Everywhere', {
        c: [write, 'Write a message'],
        '/': [() => shell.search.focus(), 'Search'],
        '?': [showHelp, 'This help'],
        'g i': [goTo('inbox'), 'Go to the inbox'],
        'g d': [goTo('drafts'), 'Go to the drafts'],
        'g s': [goTo('sent'), 'Go to what was sent'],
        'g t': [goTo('trash'), 'Go to the trash'],
        'g a': [() => go('#/account'), 'Go to my account'],
    });
    addEventListener('popstate', () => follow());
    follow();
    mail.offerBackup();
    listen();
}

begin().catch(problem => {
    complain(problem);
    app.replaceChildren(
        h(
            'div',
            {class: 'start-failure'},
            failure(problem, () => location.reload()),
        ),
    );
});
