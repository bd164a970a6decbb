// Sends ten seconds after "Send", so that it can be undone. Until then the message is a draft on the server; leaving the page
// sends it at once.

import {announce} from './dom.js';
import {complain, toast} from './ui.js';

const SECONDS = 10;
const waiting = new Map(); // draft -> what ends its waiting

/** `reopen(draft)` shows it again: after Undo, or when it could not be sent. `sent(answer, draft)` once it went out. */
export function hold(draft, {reopen, sent}) {
    let left = SECONDS;
    const words = () => `Sending in ${left} s`;
    const stop = () => {
        clearInterval(timer);
        waiting.delete(draft);
        notice.close();
    };
    const notice = toast(words(), {
        seconds: 0,
        action: {
            label: 'Undo',
            run: () => {
                stop();
                announce('Not sent');
                reopen(draft);
            },
        },
    });
    const timer = setInterval(() => {
        if (--left > 0) return notice.text(words());
        stop();
        return deliver(draft, {reopen, sent});
    }, 1000);
    waiting.set(draft, stop);
    draft.save().catch(() => {
        /* sending saves again, and says what is wrong */
    });
}

async function deliver(draft, {reopen, sent}) {
    const notice = toast('Sending', {seconds: 0});
    try {
        const answer = await draft.send();
        notice.close();
        sent(answer, draft);
    } catch (problem) {
        notice.close();
        complain(problem, () => deliver(draft, {reopen, sent}));
        reopen(draft);
    }
}

addEventListener('pagehide', () => {
    for (const [draft, stop] of waiting) {
        stop();
        if (draft.id && draft.saved) draft.send({keepalive: true}).catch(() => {});
    }
});

/** Whether leaving now would lose something: what is not a draft on the server yet. */
export function isWaiting() {
    return [...waiting.keys()].some(d => !d.saved || !d.id);
}
