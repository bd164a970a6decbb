// Addresses as people type and paste them.

// Only what the page must judge: that there is something on both sides of the @. The server knows the rest, and says so.
const SHAPE = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$|^"[^"]+"@[^\s@<>(),;:"]+$/u;

export const isAddress = text => SHAPE.test(text);

/** 'Bob <bob@x>, carol@y; "D, E" <d@z>' -> [{name, address}]; what is no address keeps its words as address. */
export function parseAddresses(text) {
    const parts = [];
    let part = '';
    let quoted = false;
    let angled = false;
    for (const c of text) {
        if (c === '"') quoted = !quoted;
        else if (c === '<' && !quoted) angled = true;
        else if (c === '>' && !quoted) angled = false;
        if ((c === ',' || c === ';' || c === '\n') && !quoted && !angled) {
            parts.push(part);
            part = '';
        } else part += c;
    }
    return [...parts, part]
        .map(p => p.trim())
        .filter(Boolean)
        .map(parseOne);
}

function parseOne(text) {
    const found = /^(.*?)\s*<([^<>]*)>$/s.exec(text);
    if (!found) return {name: '', address: text};
    return {name: found[1].trim().replace(/^"(.*)"$/, '$1'), address: found[2].trim()};
}

/** One of each, compared as the server does; those in `without` left out. */
export function distinct(list, without = []) {
    const seen = new Set(without.map(a => a.toLowerCase()));
    return list.filter(a => {
        const key = a.address.toLowerCase();
        return key && !seen.has(key) && seen.add(key);
    });
}
