// One message: who wrote what to whom, its text in the form one likes, its files, and what happened to it.

import {api, ROOT} from './api.js';
import {attachmentList, isPicture, urlOf} from './attachments.js';
import {details} from './details.js';
import {h, icon, iconButton, textButton} from './dom.js';
import {showHtml} from './frame.js';
import {avatar} from './row.js';
import {plainText} from './text.js';
import {failure, fill, openMenu} from './ui.js';
import {fullAddress, fullDate, mediumDate, nameOf, namesOf, subjectOf} from './words.js';

const SOURCE_SHOWN = 256 * 1024;

const VIEWS = {html: 'Formatted', text: 'Plain text', source: 'Source'};

export class MessageView {
    /** `compose` {reply, replyAll, forward, to}: what its buttons do. */
    constructor(message, compose) {
        this.message = message;
        this.compose = compose;
        this.images = false;
        this.view = message.html ? 'html' : 'text';
        this.body = h('div', {class: 'message-body'});
        this.notice = h('div', {class: 'message-notice'});
        this.files = h('div', {class: 'message-files'});
        this.more = h('div', {class: 'message-details', hidden: true});
        this.detailsButton = h(
            'button',
            {type: 'button', class: 'link-button', 'aria-expanded': 'false', onclick: () => this.toggleDetails()},
            'Show details',
        );
        this.element = h(
            'article',
            {class: 'message', 'aria-label': `${nameOf(message.from)}, ${mediumDate(message.received_at)}`},
            this.#head(),
            this.more,
            this.notice,
            this.body,
            this.files,
        );
        this.#showBody();
    }

    #head() {
        const {message} = this;
        const to = [...message.to, ...(message.cc ?? [])];
        return h(
            'header',
            {class: 'message-head'},
            avatar(message.from),
            h(
                'div',
                {class: 'message-who'},
                h(
                    'p',
                    {class: 'message-from'},
                    h('strong', {}, nameOf(message.from)),
                    ' ',
                    message.from.name && h('span', {class: 'message-address quiet'}, message.from.address),
                ),
                h(
                    'p',
                    {class: 'message-to quiet', title: to.map(fullAddress).join(', ')},
                    to.length ? `to ${namesOf(to)}` : 'to undisclosed recipients',
                    ' ',
                    this.detailsButton,
                ),
            ),
            h(
                'time',
                {class: 'message-when quiet', datetime: message.received_at, title: fullDate(message.received_at)},
                mediumDate(message.received_at),
            ),
            h(
                'div',
                {class: 'message-side'},
                iconButton('reply', 'Reply', () => this.compose.reply(message), {key: 'r'}),
                iconButton('more', 'More', event => this.#menu(event.currentTarget), {
                    'aria-haspopup': 'menu',
                    'aria-expanded': 'false',
                }),
            ),
        );
    }

    #menu(anchor) {
        const {message, compose} = this;
        const views = Object.entries(VIEWS).filter(([view]) => view !== this.view && (view !== 'html' || message.html));
        openMenu(
            anchor,
            [
                {label: 'Reply to all', iconName: 'reply_all', run: () => compose.replyAll(message)},
                {label: 'Forward', iconName: 'forward', run: () => compose.forward(message)},
                '-',
                ...views.map(([view, label]) => ({
                    label,
                    iconName: view === 'source' ? 'file' : 'read',
                    run: () => this.setView(view),
                })),
                '-',
                {
                    label: 'Save as a file',
                    iconName: 'download',
                    run: () =>
                        h('a', {
                            href: `${ROOT}/messages/${message.id}/raw`,
                            download: `${subjectOf(message).slice(0, 60)}.eml`,
                        }).click(),
                },
            ],
            'More to do with this message',
        );
    }

    setView(view) {
        this.view = view;
        this.#showBody();
    }

    toggleDetails() {
        this.more.hidden = !this.more.hidden;
        if (!this.more.firstChild) this.more.append(details(this.message));
        this.detailsButton.textContent = this.more.hidden ? 'Show details' : 'Hide details';
        this.detailsButton.setAttribute('aria-expanded', String(!this.more.hidden));
    }

    #pictureOf = id => {
        const found = this.message.attachments.find(a => a.content_id?.replace(/^<|>$/g, '') === id && isPicture(a));
        if (!found) return null;
        this.shown.add(found.id);
        return urlOf(this.message, found);
    };

    async #showBody() {
        const {message, view} = this;
        this.shown = new Set();
        this.notice.replaceChildren();
        this.body.className = `message-body view-${view}`;
        if (view === 'html') await this.#showHtml();
        else if (view === 'source') this.#showSource();
        else
            this.body.replaceChildren(
                message.text?.trim()
                    ? plainText(message.text, this.compose.to)
                    : h('p', {class: 'quiet'}, message.html ? 'This message has no plain text.' : 'This message has no text.'),
            );
        if (view !== 'source' && message.truncated)
            this.notice.append(
                this.#note('info', 'This is only the beginning of a very long message.', 'Source', () =>
                    this.setView('source'),
                ),
            );
        if (view !== (message.html ? 'html' : 'text'))
            this.notice.append(
                this.#note('info', `Shown as ${VIEWS[view].toLowerCase()}.`, 'Back', () =>
                    this.setView(message.html ? 'html' : 'text'),
                ),
            );
        this.files.replaceChildren(...[attachmentList(message, this.shown)].filter(Boolean));
    }

    #note(iconName, words, label, run) {
        return h('div', {class: 'note'}, icon(iconName), h('p', {}, words), textButton(label, run, {class: 'small'}));
    }

    async #showHtml() {
        const {message} = this;
        try {
            const {remote} = await showHtml(this.body, message.html, {
                images: this.images,
                pictureOf: this.#pictureOf,
                onmail: this.compose.to,
                title: `Text of: ${subjectOf(message)}`,
            });
            if (!remote || this.images) return;
            this.notice.append(
                this.#note(
                    'shield',
                    'Images from elsewhere are not loaded: they would tell the sender that you read this.',
                    'Show images',
                    () => {
                        this.images = true;
                        this.#showBody();
                    },
                ),
            );
        } catch (problem) {
            console.error(problem);
            this.body.replaceChildren(
                failure({status: 0, message: 'The formatted text cannot be shown.'}, () => this.#showBody()),
            );
        }
    }

    #showSource() {
        const {message} = this;
        fill(
            this.body,
            () => api.head(`/messages/${message.id}/raw`, SOURCE_SHOWN),
            ({text, more}) => [
                h('pre', {class: 'source', tabindex: 0, 'aria-label': 'Source of the message'}, text),
                more && h('p', {class: 'quiet'}, 'This is the beginning. "Save as a file" has all of it.'),
            ],
        );
    }
}
