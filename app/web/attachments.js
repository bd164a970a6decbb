// The files of a message: what they are called, how large they are, a look at pictures, and a way to save them.

import {ROOT} from './api.js';
import {h, icon} from './dom.js';
import {openDialog} from './ui.js';
import {count, size} from './words.js';

// What the server hands out as an image; anything else, an SVG with scripts for instance, is a file to save.
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif']);
const SMALL = 3e6; // shown small without a click up to here

/** Below the API's root. */
export const pathOf = (message, attachment) =>
    `/messages/${encodeURIComponent(message.id)}/attachments/${encodeURIComponent(attachment.id)}`;
export const urlOf = (message, attachment) => ROOT + pathOf(message, attachment);
export const isPicture = attachment => PICTURES.has(attachment.content_type.toLowerCase());
const nameOfFile = attachment => attachment.filename || `unnamed ${attachment.content_type}`;

function look(message, attachment) {
    openDialog(
        nameOfFile(attachment),
        h(
            'div',
            {class: 'picture'},
            h('img', {src: urlOf(message, attachment), alt: nameOfFile(attachment)}),
            h(
                'a',
                {class: 'button', href: urlOf(message, attachment), download: nameOfFile(attachment)},
                icon('download'),
                h('span', {}, 'Save'),
            ),
        ),
        {wide: true},
    );
}

function card(message, attachment) {
    const name = nameOfFile(attachment);
    const picture = isPicture(attachment);
    return h(
        'li',
        {class: 'file'},
        picture && attachment.size <= SMALL
            ? h(
                  'button',
                  {
                      type: 'button',
                      class: 'file-picture',
                      'aria-label': `Look at ${name}`,
                      onclick: () => look(message, attachment),
                  },
                  h('img', {src: urlOf(message, attachment), alt: '', loading: 'lazy'}),
              )
            : h('span', {class: 'file-kind', 'aria-hidden': 'true'}, icon(picture ? 'image' : 'file')),
        h(
            'span',
            {class: 'file-words'},
            h('span', {class: 'file-name', title: name}, name),
            h('span', {class: 'file-size'}, `${size(attachment.size)}`),
        ),
        h(
            'a',
            {
                class: 'icon-button',
                href: urlOf(message, attachment),
                download: name,
                'aria-label': `Save ${name}`,
                title: 'Save',
            },
            icon('download'),
        ),
    );
}

/** All that are not shown within the message itself, or nothing. */
export function attachmentList(message, shownInside) {
    const files = message.attachments.filter(a => !shownInside.has(a.id));
    if (!files.length) return null;
    const all = files.reduce((sum, a) => sum + a.size, 0);
    return h(
        'section',
        {class: 'files', 'aria-label': 'Attachments'},
        h('h3', {class: 'files-title'}, icon('clip'), `${count(files.length, 'attachment')}, ${size(all)}`),
        h(
            'ul',
            {class: 'files-list'},
            files.map(a => card(message, a)),
        ),
    );
}
