// Talks to /api/v1. Every answer is the parsed JSON or a Problem in plain words; nothing else escapes from here.
//
// The cookie says who we are, and the token that came with signing in proves that the request is the page's own; it is kept in
// memory only. When the session has ended, `onSignedOut` is awaited and the same call is made again: what somebody was doing
// goes on after they signed in, and nothing they typed is lost.

export const ROOT = '/api/v1';

/** status 0: the server was not reached. */
class Problem extends Error {
    constructor(status, detail, {parameter, retryAfter} = {}) {
        super(detail);
        this.status = status;
        this.parameter = parameter;
        this.retryAfter = retryAfter;
    }
}

let csrf = null;
let onSignedOut = null;

export function useToken(token) {
    csrf = token;
}
export function whenSignedOut(handler) {
    onSignedOut = handler;
}

const WORDS = {
    413: 'This is larger than the server takes.',
    429: 'Too many tries. Please wait a moment.',
    500: 'The server could not do this. Its log says why.',
    502: 'The server does not answer at the moment.',
    503: 'The server is busy or its database is away. Please try again soon.',
};

async function problemOf(answer) {
    let said = {};
    try {
        said = await answer.json();
    } catch {
        /* a proxy's page, or nothing: the status has to do */
    }
    return new Problem(
        answer.status,
        said.detail || WORDS[answer.status] || said.title || `The server answered ${answer.status}.`,
        {parameter: said.parameter, retryAfter: Number(answer.headers.get('Retry-After')) || undefined},
    );
}

async function request(method, path, {json, form, headers, signal, keepalive} = {}) {
    // X-Requested-With: the server then answers 401 without a challenge, and no password box of the browser's comes up.
    const all = {Accept: 'application/json', 'X-Requested-With': 'postern', ...headers};
    if (csrf && method !== 'GET') all['X-CSRF-Token'] = csrf;
    if (json !== undefined) all['Content-Type'] = 'application/json';
    try {
        return await fetch(ROOT + path, {
            method,
            headers: all,
            body: json !== undefined ? JSON.stringify(json) : form,
            signal,
            keepalive,
            credentials: 'same-origin',
            redirect: 'error',
            cache: 'no-cache',
        });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new Problem(
            0,
            navigator.onLine === false
                ? 'You are offline. This works again once there is a connection.'
                : 'The server cannot be reached. Please check your connection.',
        );
    }
}

async function freshToken() {
    const answer = await request('GET', '/session');
    if (!answer.ok) return false;
    csrf = (await answer.json()).csrf_token;
    return true;
}

async function send(method, path, options = {}) {
    let answer = await request(method, path, options);
    // Another tab signed in anew: the cookie is good and our token is not.
    if (answer.status === 403 && method !== 'GET' && path !== '/session') {
        const problem = await problemOf(answer.clone());
        if (/csrf|token/i.test(problem.message) && (await freshToken())) answer = await request(method, path, options);
    }
    if (answer.status === 401 && onSignedOut && path !== '/session') {
        await onSignedOut();
        answer = await request(method, path, options);
    }
    if (!answer.ok) throw await problemOf(answer);
    return answer;
}

async function parsed(method, path, options) {
    const answer = await send(method, path, options);
    if (answer.status === 204 || answer.status === 304) return null;
    return answer.json();
}

export const api = {
    get: (path, options) => parsed('GET', path, options),
    post: (path, json, options) => parsed('POST', path, {json, ...options}),
    put: (path, json, options) => parsed('PUT', path, {json, ...options}),
    patch: (path, json, options) => parsed('PATCH', path, {json, ...options}),
    remove: (path, options) => parsed('DELETE', path, options),
    form: (method, path, form, options) => parsed(method, path, {form, ...options}),
    /** The octets of an attachment. */
    blob: async path => (await send('GET', path)).blob(),
    /** The first `octets` of something long, and whether there is more. */
    head: async (path, octets) => {
        const answer = await send('GET', path, {headers: {Range: `bytes=0-${octets - 1}`, Accept: '*/*'}});
        const all = await answer.arrayBuffer();
        const length = Number((answer.headers.get('Content-Range') ?? '').split('/')[1]) || all.byteLength;
        return {text: new TextDecoder().decode(all.slice(0, octets)), more: length > octets};
    },
};

/** '/search' and {q: 'a b', cursor: null} -> '/search?q=a%20b' */
export function withQuery(path, query) {
    const parts = Object.entries(query)
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return parts.length ? `${path}?${parts.join('&')}` : path;
}
