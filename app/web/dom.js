// Builds the page's elements. Whatever comes from mail goes in as text or as a plain attribute: there is no way here to have a
// string parsed as markup, so a name, a subject or a file name cannot become an element.

/** Beside this module: the server gives the page's files a version in their path. */
export const ICON = new URL('icon.svg', import.meta.url).href;

const AS_PROPERTY = new Set(['value', 'checked', 'disabled', 'indeterminate', 'hidden', 'htmlFor', 'inert']);

function put(element, name, value) {
    if (value === undefined || value === null || (value === false && !AS_PROPERTY.has(name))) return;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.setAttribute('class', [value].flat().filter(Boolean).join(' '));
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else if (AS_PROPERTY.has(name)) element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
}

function grow(element, children) {
    for (const child of children.flat(Infinity))
        if (child !== undefined && child !== null && child !== false) element.append(child);
    return element;
}

/** h('button', {class: 'primary', onclick: f}, 'Send'): an element with its attributes, listeners and children. */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) put(element, name, value);
    return grow(element, children);
}

const SVG = 'http://www.w3.org/2000/svg';

/** The outlines of the icons, on a field of 24 by 24. */
const OUTLINES = {
    inbox: 'M3 13l3-8h12l3 8v6H3zM3 13h5l1.5 3h5L16 13h5',
    sent: 'M21 3L3 10.5l7 3.5 3.5 7zM21 3L10 14',
    drafts: 'M14 4l6 6L9 21H3v-6zM12 6l6 6',
    junk: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16.5v.1',
    trash: 'M4 6h16M9 6V4h6v2M6 6l1 15h10l1-15M10 10v7M14 10v7',
    archive: 'M3 4h18v5H3zM5 9v11h14V9M10 13h4',
    folder: 'M3 6h6l2 2h10v11H3z',
    pen: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
    search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5',
    star: 'M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1.1 5.9-5.3-2.9-5.3 2.9 1.1-5.9L3.5 9.7l5.9-.8z',
    reply: 'M10 5L3 12l7 7v-4.5c5 0 8.5 1.5 11 5-.5-6-4-10-11-10.5z',
    reply_all: 'M8 6l-6 6 6 6M13 6l-6 6 6 6v-4c4 0 6.5 1 9 4-.5-5-3.5-8-9-8.3z',
    forward: 'M14 5l7 7-7 7v-4.5c-5 0-8.5 1.5-11 5 .5-6 4-10 11-10.5z',
    clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14 7.5',
    download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
    close: 'M5 5l14 14M19 5L5 19',
    back: 'M15 5l-7 7 7 7',
    menu: 'M4 6h16M4 12h16M4 18h16',
    more: 'M5 12v.1M12 12v.1M19 12v.1',
    check: 'M4 12.5l5.5 5.5L20 6.5',
    unread: 'M3 6h18v13H3zM3 7l9 7 9-7',
    read: 'M3 10l9-6 9 6v10H3zM3 10.5l9 6 9-6',
    user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c.5-4.5 3.5-7 8-7s7.5 2.5 8 7',
    server: 'M4 4h16v7H4zM4 13h16v7H4zM8 7.5v.1M8 16.5v.1',
    image: 'M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M16 9v.1',
    file: 'M6 3h8l5 5v13H6zM14 3v5h5',
    plus: 'M12 5v14M5 12h14',
    info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.5v.1',
    retry: 'M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6',
    pause: 'M8 5v14M16 5v14',
    play: 'M7 4l12 8-12 8z',
    move: 'M3 6h6l2 2h10v11H3zM9 13.5h6M12.5 11l2.5 2.5-2.5 2.5',
    shield: 'M12 3l8 3v6c0 4.5-3 7.5-8 9-5-1.5-8-4.5-8-9V6z',
    sign_out: 'M10 4H4v16h6M9 12h12M17 8l4 4-4 4',
    down: 'M6 9l6 6 6-6',
    copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
    sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
};

/** An icon beside a text that says the same; a button of nothing but an icon needs a label of its own. */
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    for (const [key, value] of Object.entries({class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true'})) {
        svg.setAttribute(key, value);
    }
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', OUTLINES[name]);
    svg.append(path);
    return svg;
}

/** A button of an icon alone: its label is its tooltip too, with the key that does the same. */
export function iconButton(name, label, onclick, {key, ...more} = {}) {
    return h(
        'button',
        {
            type: 'button',
            'aria-label': label,
            title: key ? `${label} (${key})` : label,
            onclick,
            ...more,
            class: ['icon-button', more.class],
        },
        icon(name),
    );
}

export function textButton(label, onclick, {iconName, ...more} = {}) {
    return h(
        'button',
        {type: 'button', onclick, ...more, class: ['button', more.class]},
        iconName && icon(iconName),
        h('span', {}, label),
    );
}

let ids = 0;

/** A labelled field: {label, hint?, ...attributes of the input}. The input is at .input. */
export function field({label, hint, tag = 'input', options, ...attributes}) {
    const id = `f${++ids}`;
    const input = h(
        tag,
        {id, ...attributes, ...(hint && {'aria-describedby': `${id}-hint`})},
        options?.map(o => h('option', {value: o.value}, o.label)),
    );
    const row = h(
        'div',
        {class: 'field'},
        h('label', {htmlFor: id}, label),
        input,
        hint && h('p', {class: 'hint', id: `${id}-hint`}, hint),
    );
    row.input = input;
    return row;
}

export function newId(prefix) {
    return `${prefix}${++ids}`;
}

/** Says it to screen readers without showing it. */
export function announce(text) {
    const place = document.getElementById('announce');
    place.textContent = '';
    requestAnimationFrame(() => {
        place.textContent = text;
    });
}

/** The form's values by name; check boxes as booleans. */
export function valuesOf(form) {
    const values = {};
    for (const input of form.elements) {
        if (input.name) values[input.name] = input.type === 'checkbox' ? input.checked : input.value;
    }
    return values;
}
