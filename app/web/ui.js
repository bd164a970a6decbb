// What all views share: notices, questions, menus, and the states of waiting and of failure.

import {h, icon, iconButton, textButton, newId} from './dom.js';

/**
 * A notice at the bottom. `action` {label, run} is offered while it stands; `alert` interrupts a screen reader.
 * Gives back {close, text(words)}.
 */
export function toast(words, {action, seconds = 6, alert = false} = {}) {
    const text = h('span', {}, words);
    let timer;
    const close = () => {
        clearTimeout(timer);
        notice.remove();
    };
    const notice = h(
        'div',
        {class: ['toast', alert && 'toast-bad'], role: alert ? 'alert' : 'status'},
        text,
        action &&
            h(
                'button',
                {
                    type: 'button',
                    class: 'toast-action',
                    onclick: () => {
                        close();
                        action.run();
                    },
                },
                action.label,
            ),
        iconButton('close', 'Dismiss', () => close()),
    );
    document.getElementById('toasts').append(notice);
    if (seconds) timer = setTimeout(close, seconds * 1000);
    return {
        close,
        text: more => {
            text.textContent = more;
        },
    };
}

/** Says what went wrong in plain words, with a way to try again where there is one. */
export function complain(problem, retry) {
    if (problem.name === 'AbortError') return;
    if (problem.status === undefined) console.error(problem);
    const wait = problem.retryAfter ? ` Try again in ${problem.retryAfter} s.` : '';
    toast(problem.status === undefined ? 'Something on this page went wrong. Reloading it may help.' : problem.message + wait, {
        alert: true,
        seconds: 12,
        action: retry && {label: 'Try again', run: retry},
    });
}

/** Runs what a button does: the button is busy meanwhile, and a failure is said with the same thing to try again. */
export async function attempt(button, work) {
    button?.setAttribute('aria-busy', 'true');
    try {
        return await work();
    } catch (problem) {
        complain(problem, () => attempt(button, work));
        return undefined;
    } finally {
        button?.removeAttribute('aria-busy');
    }
}

/** The place of something that is being fetched: shows it, or why not with a button that tries again. */
export async function fill(place, fetchIt, show) {
    place.replaceChildren(h('div', {class: 'waiting', role: 'status'}, h('span', {class: 'visually-hidden'}, 'Loading')));
    try {
        const content = await fetchIt();
        place.replaceChildren(...[show(content)].flat().filter(Boolean));
    } catch (problem) {
        if (problem.name === 'AbortError') return;
        if (problem.status === undefined) console.error(problem);
        place.replaceChildren(failure(problem, () => fill(place, fetchIt, show)));
    }
}

export function failure(problem, retry) {
    return h(
        'div',
        {class: 'failure', role: 'alert'},
        h('p', {}, problem.status === undefined ? 'Something on this page went wrong.' : problem.message),
        retry && textButton('Try again', retry, {iconName: 'retry'}),
    );
}

/** A card of the page; `content` as it comes, or fetched by `load` and shown by `show`. */
export function card(title, words, {load, show, content = []} = {}) {
    const body = h('div', {class: 'card-body'}, content);
    const element = h('section', {class: 'card'}, h('h2', {}, title), words && h('p', {class: 'card-words'}, words), body);
    element.refresh = () => fill(body, load, show);
    if (load) element.refresh();
    return element;
}

export function empty(iconName, title, words, ...more) {
    return h(
        'div',
        {class: 'empty'},
        h('div', {class: 'empty-picture'}, icon(iconName)),
        h('p', {class: 'empty-title'}, title),
        words && h('p', {}, words),
        more,
    );
}

/** A modal dialog; the element's own focus trap and Escape do the rest. `onclose` when it has gone. */
export function openDialog(title, content, {onclose, wide} = {}) {
    const id = newId('dialog');
    const before = document.activeElement;
    const dialog = h(
        'dialog',
        {class: ['dialog', wide && 'dialog-wide'], 'aria-labelledby': id},
        h(
            'div',
            {class: 'dialog-head'},
            h('h2', {id}, title),
            iconButton('close', 'Close', () => dialog.close(), {key: 'Esc'}),
        ),
        content,
    );
    dialog.addEventListener('close', () => {
        dialog.remove();
        if (before?.isConnected) before.focus();
        onclose?.();
    });
    // A click beside the dialog lands on the dialog element itself, which its content covers wholly.
    dialog.addEventListener('pointerdown', event => {
        if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

/** Asks before what cannot be undone. Resolves to whether it was confirmed. */
export function confirm(title, words, doIt) {
    return new Promise(resolve => {
        let sure = false;
        const dialog = openDialog(
            title,
            h(
                'div',
                {class: 'dialog-body'},
                h('p', {}, words),
                h(
                    'div',
                    {class: 'dialog-buttons'},
                    textButton('Cancel', () => dialog.close()),
                    textButton(
                        doIt,
                        () => {
                            sure = true;
                            dialog.close();
                        },
                        {class: 'danger'},
                    ),
                ),
            ),
            {onclose: () => resolve(sure)},
        );
        dialog.querySelector('.dialog-buttons button').focus();
    });
}

/** Asks for one line of text. Resolves to it, or null. */
export function ask(title, label, doIt, value = '') {
    return new Promise(resolve => {
        const id = newId('ask');
        let given = null;
        const input = h('input', {id, name: 'answer', value, required: true, maxlength: 200, autocomplete: 'off'});
        const form = h(
            'form',
            {
                class: 'dialog-body',
                onsubmit: event => {
                    event.preventDefault();
                    given = input.value.trim();
                    dialog.close();
                },
            },
            h('div', {class: 'field'}, h('label', {htmlFor: id}, label), input),
            h(
                'div',
                {class: 'dialog-buttons'},
                textButton('Cancel', () => dialog.close()),
                h('button', {class: 'button primary'}, doIt),
            ),
        );
        const dialog = openDialog(title, form, {onclose: () => resolve(given)});
        input.focus();
        input.select();
    });
}

/** A menu below `anchor`: items {label, iconName?, run, danger?} or '-'. Arrow keys walk; Escape and clicks elsewhere close. */
export function openMenu(anchor, items, label) {
    const close = back => {
        menu.remove();
        anchor.setAttribute('aria-expanded', 'false');
        document.removeEventListener('pointerdown', outside, true);
        if (back) anchor.focus();
    };
    const outside = event => {
        if (!menu.contains(event.target)) close(false);
    };
    const menu = h(
        'div',
        {class: 'menu', role: 'menu', 'aria-label': label},
        items.map(item =>
            item === '-'
                ? h('div', {class: 'menu-line', role: 'separator'})
                : h(
                      'button',
                      {
                          type: 'button',
                          role: 'menuitem',
                          tabindex: -1,
                          class: item.danger && 'menu-danger',
                          onclick: () => {
                              close(true);
                              item.run();
                          },
                      },
                      item.iconName && icon(item.iconName),
                      h('span', {}, item.label),
                  ),
        ),
    );
    const buttons = [...menu.querySelectorAll('button')];
    menu.addEventListener('keydown', event => {
        const at = buttons.indexOf(document.activeElement);
        const to = {ArrowDown: at + 1, ArrowUp: at - 1 + buttons.length, Home: 0, End: buttons.length - 1}[event.key];
        if (to !== undefined) buttons[to % buttons.length].focus();
        else if (event.key === 'Escape' || event.key === 'Tab') close(true);
        else return;
        event.preventDefault();
        event.stopPropagation();
    });
    const place = anchor.getBoundingClientRect();
    (anchor.closest('dialog') ?? document.getElementById('main') ?? document.body).append(menu);
    const {offsetWidth: width, offsetHeight: height} = menu;
    menu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    menu.style.top = `${place.bottom + height + 12 > innerHeight ? Math.max(8, place.top - height - 4) : place.bottom + 4}px`;
    anchor.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', outside, true);
    buttons[0].focus();
}

/** A button that copies `text`, and says that it did. */
export function copyButton(text, label = 'Copy') {
    const button = textButton(
        label,
        async () => {
            const said = button.querySelector('span');
            try {
                await navigator.clipboard.writeText(text);
                said.textContent = 'Copied';
            } catch {
                said.textContent = 'Select and copy it by hand'; // no clipboard outside of TLS
            }
            setTimeout(() => {
                said.textContent = label;
            }, 2000);
        },
        {iconName: 'copy'},
    );
    return button;
}
