// Dates, sizes, addresses and events in the words people use.

const time = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const weekday = new Intl.DateTimeFormat(undefined, {weekday: 'short'});
const day = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short'});
const longAgo = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short', year: 'numeric'});
const full = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'short'});
const medium = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});

const DAY = 24 * 3600 * 1000;

/** 14:05, Tue, 3 Nov, 3 Nov 2024: as short as it is clear. */
export function shortDate(text) {
    const date = new Date(text);
    if (!text || isNaN(date)) return '';
    const midnight = new Date().setHours(0, 0, 0, 0);
    if (date >= midnight && date < midnight + DAY) return time.format(date);
    if (date < midnight && date >= midnight - 6 * DAY) return weekday.format(date);
    return (date.getFullYear() === new Date().getFullYear() ? day : longAgo).format(date);
}

export function fullDate(text) {
    return text && !isNaN(new Date(text)) ? full.format(new Date(text)) : '';
}
export function mediumDate(text) {
    return text && !isNaN(new Date(text)) ? medium.format(new Date(text)) : '';
}
export function agoOrNever(text) {
    return text ? mediumDate(text) : 'never';
}

export function size(octets) {
    if (octets < 1000) return `${octets} bytes`;
    for (const [unit, worth] of [
        ['GB', 1e9],
        ['MB', 1e6],
        ['KB', 1e3],
    ]) {
        if (octets >= worth) return `${(octets / worth).toFixed(octets < 10 * worth && worth > 1e3 ? 1 : 0)} ${unit}`;
    }
    return '';
}

export function count(n, one, many = `${one}s`) {
    return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

export function nameOf(a) {
    return a?.name || a?.address || 'Unknown sender';
}

/** Bob <bob@x.test>, for reading and for quoting. */
export function fullAddress(a) {
    return a.name ? `${a.name} <${a.address}>` : a.address;
}

export function namesOf(list) {
    return list.map(nameOf).join(', ');
}

/** One or two letters for the round picture beside a name. */
export function initials(a) {
    const words = nameOf(a)
        .replace(/@.*/, '')
        .split(/[\s._-]+/)
        .filter(w => /^[\p{L}\p{N}]/u.test(w));
    if (!words.length) return '?';
    const first = word => [...word][0].toLocaleUpperCase();
    return words.length > 1 && a?.name ? first(words[0]) + first(words.at(-1)) : first(words[0]);
}

/** The same colour for the same address, always. */
export function hueOf(a) {
    let sum = 7;
    for (const c of a?.address || a?.name || '') sum = (sum * 31 + c.codePointAt(0)) % 100003;
    return sum % 8;
}

export function subjectOf(entry) {
    return entry.subject || '(no subject)';
}

export function duration(seconds) {
    for (const [unit, worth] of [
        ['day', 86400],
        ['hour', 3600],
        ['minute', 60],
    ]) {
        if (seconds >= worth) return count(Math.floor(seconds / worth), unit);
    }
    return count(Math.floor(seconds), 'second');
}

/** What an event of a message's life means: {title, more, tone}. The remote server's own words stay as they are. */
export function eventWords({kind, recipient, detail = {}}) {
    const to = recipient ? ` to ${recipient}` : '';
    const via = detail.host ? `${detail.host}${detail.address ? ` (${detail.address})` : ''}` : '';
    const said = detail.reply || detail.reason || '';
    const secured = detail.tls ? `, encrypted (${detail.tls})` : '';
    switch (kind) {
        case 'received': {
            const from = detail.account
                ? `sent by ${detail.account}`
                : detail.helo
                  ? `from ${detail.helo} (${detail.client ?? '?'})`
                  : '';
            const octets = detail.size ? `, ${size(detail.size)}` : '';
            return {
                title: 'Arrived at this server',
                more: `${from}${octets}${detail.protocol ? `, ${detail.protocol}` : ''}${secured}`.replace(/^, /, ''),
                tone: 'plain',
            };
        }
        case 'composed':
            return {title: 'Written by this server', more: '', tone: 'plain'};
        case 'imported':
            return {title: 'Brought here from elsewhere', more: '', tone: 'plain'};
        case 'delivered':
            return {title: `Delivered${to || ' here'}`, more: detail.mailbox ? `into ${detail.mailbox}` : '', tone: 'good'};
        case 'copied':
            return {title: 'A copy was kept', more: '', tone: 'plain'};
        case 'queued':
            return {
                title: `Waiting to be sent${to}`,
                more: detail.destination ? `through the servers of ${detail.destination}` : '',
                tone: 'plain',
            };
        case 'relayed':
            return {title: `Handed over${to}`, more: `${via} took it${secured}`, said, tone: 'good'};
        case 'deferred':
            return {
                title: `Could not be delivered yet${to}`,
                said,
                tone: 'wait',
                more: [via, detail.until ? `Next try ${mediumDate(detail.until)}` : 'It will be tried again']
                    .filter(Boolean)
                    .join('. '),
            };
        case 'bounced':
            return {title: `Refused for good${to}`, more: via, said, tone: 'bad'};
        case 'expired':
            return {title: `Given up${to}`, more: 'It could not be delivered for too long.', said, tone: 'bad'};
        case 'notified':
            return {title: `The sender was told${to}`, more: detail.subject ?? '', tone: 'plain'};
        case 'held':
            return {title: `Put on hold${to}`, more: 'by an administrator', tone: 'wait'};
        case 'released':
            return {title: `Released from hold${to}`, more: 'by an administrator', tone: 'plain'};
        case 'retried':
            return {title: `Asked to be tried at once${to}`, more: 'by an administrator', tone: 'plain'};
        case 'removed':
            return {title: `Taken out of the queue${to}`, more: 'by an administrator', tone: 'bad'};
        case 'read':
        case 'fetched':
            return {title: 'Read', more: detail.protocol ? `over ${detail.protocol}` : '', tone: 'plain'};
        default:
            return {
                title: `${kind}${to}`,
                more: Object.entries(detail)
                    .map(([k, v]) => `${k}: ${v}`)
                    .join(', '),
                tone: 'plain',
            };
    }
}

const BROWSERS = [
    ['Edg', 'Edge'],
    ['OPR', 'Opera'],
    ['Firefox', 'Firefox'],
    ['Chrome', 'Chrome'],
    ['Version', 'Safari'],
];
const SYSTEMS = [
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
];

/** 'Mozilla/5.0 (X11; Linux x86_64) ... Chrome/146.0' -> 'Chrome 146 on Linux'; what is no browser's name stays as it is. */
export function clientName(agent) {
    if (!agent?.startsWith('Mozilla/')) return agent || 'Unknown program';
    const version = key => new RegExp(`${key}/(\\d+)`).exec(agent)?.[1];
    const [key, name] = BROWSERS.find(([k]) => version(k)) ?? [];
    const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
    if (!name) return agent;
    return `${name} ${version(key)}${system ? ` on ${system}` : ''}`;
}
