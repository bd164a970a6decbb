-- Viewing mail and managing an account: threads, what changed in a mailbox, API tokens, web sessions, logins, kept responses.

-- The conversation an entry is in, which is the number of its first entry. Not known to the delivery, which nothing here is to
-- slow down: what follows it fills this in. NULL until then.
ALTER TABLE mailbox_message ADD COLUMN thread_id INTEGER;
CREATE INDEX mailbox_message_thread ON mailbox_message (thread_id) WHERE thread_id IS NOT NULL;

-- Which thread of an account a Message-ID belongs to, of a message that is there or of one it refers to. The first 64 bits of
-- the id's SHA-256: who makes two ids collide has joined two of his own messages.
CREATE TABLE thread_reference (
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    reference  INTEGER NOT NULL,
    thread_id  INTEGER NOT NULL,
    PRIMARY KEY (account_id, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_reference_thread ON thread_reference (thread_id);

-- How far what follows a delivery has come. Within a mailbox uids are in the order of commits, so that nothing below is missed.
CREATE TABLE mailbox_progress (
    mailbox_id  INTEGER PRIMARY KEY REFERENCES mailbox ON DELETE CASCADE,
    indexed_uid INTEGER NOT NULL CHECK (indexed_uid > 0)  -- the first that is not done; no row: 1
) STRICT;

-- What changed in a mailbox besides deliveries, as RFC 7162 3.1 numbers it.
CREATE TABLE mailbox_change (
    mailbox_id       INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    modseq           INTEGER NOT NULL CHECK (modseq > 0),
    entry_id         INTEGER NOT NULL,
    uid              INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
    kind             TEXT NOT NULL CHECK (kind IN ('flags', 'moved_in', 'moved_out', 'removed')),
    other_mailbox_id INTEGER,  -- where it was moved from or to: this one when a draft was written anew
    at               INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, modseq, entry_id),
    CHECK ((other_mailbox_id IS NOT NULL) = (kind IN ('moved_in', 'moved_out')))
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_change_at ON mailbox_change (at);

-- Of what changed up to here not every row is there any more.
ALTER TABLE mailbox ADD COLUMN forgotten_modseq INTEGER NOT NULL DEFAULT 0;

-- What an account sent, lately.
CREATE INDEX message_submitted ON message (submitted_by, received_at) WHERE submitted_by IS NOT NULL;

-- At least 128 random bits each, shown once.
CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    name         TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 256),
    token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    scopes       TEXT NOT NULL,  -- of read, send, admin, with a space between
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    UNIQUE (account_id, name)
) STRICT;

CREATE TABLE web_session (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    address      TEXT NOT NULL,
    user_agent   TEXT NOT NULL
) STRICT;
CREATE INDEX web_session_account ON web_session (account_id);
CREATE INDEX web_session_expires ON web_session (expires_at);

-- The last attempts to sign in, so that a person sees one that was not theirs.
CREATE TABLE login (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    address    TEXT NOT NULL,
    method     TEXT NOT NULL,
    client     TEXT NOT NULL,
    ok         INTEGER NOT NULL CHECK (ok IN (0, 1))
) STRICT;
CREATE INDEX login_account ON login (account_id, id);

-- What was answered to a request that may be asked again, written with what the request did.
CREATE TABLE idempotency (
    account_id   INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    key          TEXT NOT NULL CHECK (length(CAST(key AS BLOB)) BETWEEN 1 AND 255),
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    status       INTEGER NOT NULL CHECK (status BETWEEN 100 AND 599),
    response     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency (created_at);
