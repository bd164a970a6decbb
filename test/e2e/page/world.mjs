// What a scenario has: the running server, its account, mail coming in over SMTP, and another server that must never hear of anything.
//
// page_test.py starts the server and says by the environment where it is. Mail takes the way all mail takes.

import http from 'node:http';
import net from 'node:net';

const given = name => {
    const value = process.env[`PAGE_${name}`];
    if (!value) throw new Error(`PAGE_${name} is not set: page_test.py runs the scenarios`);
    return value;
};

export const world = {
    url: given('URL'),
    smtpPort: Number(given('SMTP_PORT')),
    account: given('ACCOUNT'),
    password: given('PASSWORD'),
    pictures: process.env.PAGE_PICTURES, // undefined: nobody looks at them
    modules: given('MODULES'),
};

export const PATIENCE = 120_000; // milliseconds until what must happen is taken not to happen

/** Asks until the answer is true, and gives it back. */
export async function eventually(ask, what) {
    const end = Date.now() + PATIENCE;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`${PATIENCE / 1000} s have passed without ${what}`);
        await new Promise(resolve => setTimeout(resolve, 25));
    }
}

/** The API as a script uses it, with the account's own password. */
export async function api(method, path, body) {
    const answer = await fetch(`${world.url}/api/v1${path}`, {
        method,
        headers: {
            Authorization: `Basic ${Buffer.from(`${world.account}:${world.password}`).toString('base64')}`,
            ...(body && {'Content-Type': 'application/json'}),
        },
        body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
}

const encoded = text => (/^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`);

function part(type, content, ...fields) {
    const lines = Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n');
    return [`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', ...fields, '', lines].join('\r\n');
}

let serial = 0;

/** {from, subject, text, html, files: [{name, type, content, id?}], fields} -> the octets of a message. */
export function mime({
    from = 'Bob Baker <bob@elsewhere.test>',
    to = world.account,
    subject = 'Hello',
    text,
    html,
    files = [],
    fields = [],
}) {
    const bodies = [
        text !== undefined && part('text/plain; charset=utf-8', text),
        html !== undefined && part('text/html; charset=utf-8', html),
    ].filter(Boolean);
    const parts = [
        ...bodies,
        ...files.map(f =>
            part(
                `${f.type}; name="${encoded(f.name)}"`,
                f.content,
                `Content-Disposition: ${f.id ? 'inline' : 'attachment'}; filename="${encoded(f.name)}"`,
                ...(f.id ? [`Content-ID: <${f.id}>`] : []),
            ),
        ),
    ];
    const kind = files.length ? (files.some(f => f.id) ? 'related' : 'mixed') : 'alternative';
    const head = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${encoded(subject)}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: <page-${process.pid}-${++serial}@elsewhere.test>`,
        'MIME-Version: 1.0',
        ...fields,
    ];
    if (parts.length === 1) return [...head, parts[0]].join('\r\n');
    return [
        ...head,
        `Content-Type: multipart/${kind}; boundary="=_b"`,
        '',
        ...parts.flatMap(p => ['--=_b', p]),
        '--=_b--',
        '',
    ].join('\r\n');
}

/** Hands a message in as another server does; resolves once it is accepted. */
export function deliver(message) {
    const octets = typeof message === 'string' ? message : mime(message);
    const said = [
        'EHLO client.test',
        'MAIL FROM:<bob@elsewhere.test>',
        `RCPT TO:<${world.account}>`,
        'DATA',
        `${octets.replace(/^\./gm, '..')}\r\n.`,
        'QUIT',
    ];
    return new Promise((resolve, reject) => {
        const socket = net.connect(world.smtpPort, '127.0.0.1');
        let heard = '';
        let accepted = null;
        socket.setTimeout(PATIENCE, () => socket.destroy(new Error('SMTP: no answer')));
        socket.on('error', reject);
        socket.on('close', () => (accepted ? resolve(accepted) : reject(new Error(`SMTP: ${heard}`))));
        socket.on('data', data => {
            heard += data;
            const last = /(?:^|\n)(\d{3}) [^\n]*\n$/.exec(heard);
            if (!last) return;
            if (Number(last[1]) >= 400) socket.destroy();
            accepted ??= /250 2\.0\.0 (\d+) accepted/.exec(heard)?.[1] ?? null;
            heard = Number(last[1]) >= 400 ? heard : '';
            if (said.length) socket.write(`${said.shift()}\r\n`);
        });
    });
}

/** A server that writes down whoever asks it anything: {url, asked}. */
export async function canary() {
    const asked = [];
    const server = http.createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.writeHead(200, {'Content-Type': 'image/png', 'Access-Control-Allow-Origin': '*'}).end(PICTURE);
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        asked,
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}

/** A PNG of one red dot. */
export const PICTURE = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
);
