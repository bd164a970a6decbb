-- Submission and relaying: app passwords, the outbound half of a message, the queue.

-- SCRAM (RFC 5802 5.1) tells the client a salt and an iteration count before it knows which app password will be used, so both
-- are the account's. They come with its first app password and never change: every key is made with them.
ALTER TABLE account ADD COLUMN scram_salt BLOB CHECK (length(scram_salt) = 16);
ALTER TABLE account ADD COLUMN scram_iterations INTEGER CHECK (scram_iterations >= 4096)
    CHECK ((scram_salt IS NULL) = (scram_iterations IS NULL));

-- 128 random bits each, shown once. token_hash finds the row for PLAIN and LOGIN; the keys serve SCRAM-SHA-256. A fast hash is
-- enough because nobody can guess 128 bits; an account's own password has Argon2id and nothing else.
CREATE TABLE app_password (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id       INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    name             TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 256),
    token_hash       BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    scram_stored_key BLOB NOT NULL CHECK (length(scram_stored_key) = 32),
    scram_server_key BLOB NOT NULL CHECK (length(scram_server_key) = 32),
    created_at       INTEGER NOT NULL,
    last_used_at     INTEGER,
    UNIQUE (account_id, name)
) STRICT;

-- Who submitted it; NULL for what came from elsewhere or was made here. No reference: the timeline outlives the account, and ids
-- of accounts are not given twice.
ALTER TABLE message ADD COLUMN submitted_by INTEGER;

-- What a message's transactions outwards need besides its octets. Lives as long as one of its queue items.
CREATE TABLE outbound (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE RESTRICT,
    body       TEXT NOT NULL CHECK (body IN ('7BIT', '8BITMIME', 'BINARYMIME')),
    smtputf8   INTEGER NOT NULL CHECK (smtputf8 IN (0, 1)),
    ret        TEXT CHECK (ret IN ('FULL', 'HDRS')),                -- RFC 3461 4.3
    envid      TEXT CHECK (length(CAST(envid AS BLOB)) <= 100)      -- RFC 3461 4.4, decoded
) STRICT;

-- One row per remote recipient until its fate is known; what happened to it stays in message_event.
-- A row is due when next_attempt_at has come and no lease on it is running.
CREATE TABLE queue_item (
    id              INTEGER PRIMARY KEY,  -- from object_id
    message_id      INTEGER NOT NULL REFERENCES outbound ON DELETE RESTRICT,
    recipient       TEXT NOT NULL CHECK (recipient <> ''),    -- forward-path as given
    destination     TEXT NOT NULL CHECK (destination <> ''),  -- the domain as A-labels, or the address literal
    state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'held')),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    created_at      INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    lease_owner     TEXT CHECK (lease_owner <> ''),
    lease_until     INTEGER,
    notify          TEXT CHECK (notify <> ''),  -- RFC 3461 4.1: NEVER, or of SUCCESS, FAILURE, DELAY; NULL: not given
    orcpt           TEXT,                       -- RFC 3461 4.2: "rfc822;user@example.org", decoded
    delay_notified  INTEGER NOT NULL DEFAULT 0 CHECK (delay_notified IN (0, 1)),  -- the sender was told that it takes long
    last_host       TEXT NOT NULL DEFAULT '',
    last_status     TEXT NOT NULL DEFAULT '',   -- RFC 3463
    last_reply      TEXT NOT NULL DEFAULT '',   -- the remote's own words, or ours when there was no remote
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
) STRICT;
CREATE INDEX queue_item_due ON queue_item (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX queue_item_message ON queue_item (message_id);

-- Old events are found by their time.
CREATE INDEX message_event_at ON message_event (at);
