// A field of addresses: what is typed becomes a person with a comma, Enter or by leaving the field, and those one has
// corresponded with are offered while typing (a combobox of ARIA's pattern).

import {distinct, isAddress, parseAddresses} from './address.js';
import {announce, h, newId} from './dom.js';
import {store} from './store.js';
import {fullAddress, nameOf} from './words.js';

const OFFERED = 6;

function matches(typed, taken) {
    const words = typed.toLowerCase();
    const found = [];
    for (const [address, name] of store.correspondents) {
        const low = address.toLowerCase();
        if (taken.has(low)) continue;
        const rank =
            low.startsWith(words) || name.toLowerCase().startsWith(words)
                ? 0
                : low.includes(words) || name.toLowerCase().includes(words)
                  ? 1
                  : 2;
        if (rank < 2) found.push({rank, name, address});
        if (found.length > 200) break;
    }
    return found.sort((a, b) => a.rank - b.rank || a.address.length - b.address.length).slice(0, OFFERED);
}

export class RecipientField {
    /** `changed` is called at every change of the list. */
    constructor(label, changed) {
        const id = newId('to');
        Object.assign(this, {changed, people: [], offers: [], at: -1});
        this.input = h('input', {
            id,
            type: 'text',
            role: 'combobox',
            autocomplete: 'off',
            autocapitalize: 'none',
            spellcheck: 'false',
            inputmode: 'email',
            'aria-expanded': 'false',
            'aria-controls': `${id}-offers`,
            'aria-autocomplete': 'list',
            oninput: () => this.#typed(),
            onkeydown: event => this.#key(event),
            onblur: () => this.#leave(),
            onpaste: event => this.#paste(event),
        });
        this.list = h('span', {class: 'people', role: 'list', 'aria-label': label});
        this.offer = h('div', {
            class: 'offers',
            id: `${id}-offers`,
            role: 'listbox',
            'aria-label': 'Suggestions',
            hidden: true,
        });
        this.element = h(
            'div',
            {
                class: 'recipients',
                onpointerdown: event => {
                    if (event.target === this.element || event.target === this.list) {
                        event.preventDefault();
                        this.input.focus();
                    }
                },
            },
            h('label', {htmlFor: id}, label),
            this.list,
            this.input,
            this.offer,
        );
    }

    get value() {
        return this.people;
    }

    set value(people) {
        this.people = distinct(people);
        this.#draw();
    }

    /** What is no address, for saying so. */
    get wrong() {
        return this.people.filter(p => !isAddress(p.address));
    }

    /** Takes in what is typed but not yet a person. */
    settle() {
        this.#take(this.input.value);
    }

    #take(text) {
        this.input.value = '';
        this.#hide();
        const found = parseAddresses(text).map(p => (p.name ? p : {...p, name: store.correspondents.get(p.address) ?? ''}));
        if (!found.length) return;
        this.value = [...this.people, ...found];
        this.changed();
    }

    #draw() {
        this.list.replaceChildren(
            ...this.people.map(person =>
                h(
                    'span',
                    {role: 'listitem', class: ['person', !isAddress(person.address) && 'person-wrong']},
                    h('span', {title: fullAddress(person)}, nameOf(person)),
                    h(
                        'button',
                        {type: 'button', 'aria-label': `Remove ${fullAddress(person)}`, onclick: () => this.#drop(person)},
                        '×',
                    ),
                ),
            ),
        );
        this.list.hidden = !this.people.length;
    }

    #drop(person) {
        this.people = this.people.filter(p => p !== person);
        this.#draw();
        this.changed();
        this.input.focus();
    }

    #typed() {
        if (/[,;\n]$/.test(this.input.value) && !/"[^"]*$/.test(this.input.value)) return this.#take(this.input.value);
        const typed = this.input.value.trim();
        this.offers = typed ? matches(typed, new Set(this.people.map(p => p.address.toLowerCase()))) : [];
        this.at = -1;
        this.#drawOffers();
        if (this.offers.length) announce(`${this.offers.length} suggestions`);
        return undefined;
    }

    #drawOffers() {
        this.offer.replaceChildren(
            ...this.offers.map((person, i) =>
                h(
                    'div',
                    {
                        role: 'option',
                        id: `${this.offer.id}-${i}`,
                        'aria-selected': String(i === this.at),
                        onpointerdown: event => {
                            event.preventDefault();
                            this.#choose(person);
                        },
                    },
                    h('strong', {}, nameOf(person)),
                    person.name && h('span', {class: 'quiet'}, ` ${person.address}`),
                ),
            ),
        );
        this.offer.hidden = !this.offers.length;
        this.input.setAttribute('aria-expanded', String(!this.offer.hidden));
        if (this.at >= 0) this.input.setAttribute('aria-activedescendant', `${this.offer.id}-${this.at}`);
        else this.input.removeAttribute('aria-activedescendant');
    }

    #hide() {
        this.offers = [];
        this.#drawOffers();
    }

    #choose(person) {
        this.input.value = '';
        this.#hide();
        this.value = [...this.people, {name: person.name, address: person.address}];
        this.changed();
    }

    #key(event) {
        const {key} = event;
        if (event.isComposing) return;
        if (this.offers.length && (key === 'ArrowDown' || key === 'ArrowUp')) {
            this.at =
                (this.at + (key === 'ArrowDown' ? 1 : this.offers.length) + (this.at < 0 && key === 'ArrowUp' ? 1 : 0)) %
                this.offers.length;
            this.#drawOffers();
        } else if (this.offers.length && (key === 'Enter' || key === 'Tab') && this.at >= 0) this.#choose(this.offers[this.at]);
        else if (this.offers.length && key === 'Escape') this.#hide();
        else if (key === 'Enter' && !event.ctrlKey && !event.metaKey && this.input.value.trim()) this.#take(this.input.value);
        else if (key === 'Enter' && !event.ctrlKey && !event.metaKey) {
            /* a lone Enter sends nothing */
        } else if (key === 'Backspace' && !this.input.value && this.people.length) this.#drop(this.people.at(-1));
        else return;
        event.preventDefault();
        event.stopPropagation();
    }

    #paste(event) {
        const text = event.clipboardData.getData('text/plain');
        if (!/[,;\n]/.test(text)) return;
        event.preventDefault();
        this.#take(this.input.value + text);
    }

    #leave() {
        this.#take(this.input.value);
    }
}
