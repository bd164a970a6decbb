-- Domains, accounts, aliases, messages and mailboxes: the same model as sql/postgresql, in SQLite's words.
-- Times are microseconds since 1970 UTC. Sizes are octets. Booleans are 0 and 1. STRICT tables check types.

-- One sequence for messages and for their entries in mailboxes, so that an id names one thing only.
CREATE TABLE object_id (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    next INTEGER NOT NULL CHECK (next > 0)
) STRICT;
INSERT INTO object_id VALUES (1, 1);

CREATE TABLE domain (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE CHECK (name = lower(name) AND length(name) BETWEEN 1 AND 255),
    created_at INTEGER NOT NULL
) STRICT;

-- The one name space of accounts and aliases; the foreign keys with kind keep an address from being both.
CREATE TABLE address (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id  INTEGER NOT NULL REFERENCES domain ON DELETE RESTRICT,
    local_part TEXT NOT NULL CHECK (length(CAST(local_part AS BLOB)) <= 256),
    kind       TEXT NOT NULL CHECK (kind IN ('account', 'alias')),
    UNIQUE (domain_id, local_part),
    UNIQUE (id, kind),
    CHECK (local_part <> '' OR kind = 'alias')  -- '' is the domain's catch-all
) STRICT;

CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL DEFAULT 'account' CHECK (kind = 'account'),
    name          TEXT NOT NULL DEFAULT '' CHECK (length(CAST(name AS BLOB)) <= 1024),
    admin         INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
    disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    password_hash TEXT CHECK (password_hash <> ''),  -- Argon2id; NULL: cannot sign in
    quota_limit   INTEGER CHECK (quota_limit > 0),   -- NULL: unlimited
    quota_used    INTEGER NOT NULL DEFAULT 0 CHECK (quota_used >= 0),
    created_at    INTEGER NOT NULL,
    FOREIGN KEY (id, kind) REFERENCES address (id, kind) ON DELETE CASCADE
) STRICT;

CREATE TABLE alias (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL DEFAULT 'alias' CHECK (kind = 'alias'),
    created_at INTEGER NOT NULL,
    FOREIGN KEY (id, kind) REFERENCES address (id, kind) ON DELETE CASCADE
) STRICT;

-- Targets are accounts, never aliases: a loop cannot be written down.
CREATE TABLE alias_target (
    alias_id   INTEGER NOT NULL REFERENCES alias ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    PRIMARY KEY (alias_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_target_account ON alias_target (account_id);

-- uid_validity, uid_next and highest_modseq are IMAP's (RFC 9051 2.3.1.1, RFC 7162 3.1); total and unread are kept, not counted.
CREATE TABLE mailbox (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    name           TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 1024),
    role           TEXT CHECK (role IN ('inbox', 'sent', 'drafts', 'junk', 'trash', 'archive')),
    uid_validity   INTEGER NOT NULL CHECK (uid_validity BETWEEN 1 AND 4294967295),
    uid_next       INTEGER NOT NULL DEFAULT 1 CHECK (uid_next BETWEEN 1 AND 4294967295),
    highest_modseq INTEGER NOT NULL DEFAULT 1 CHECK (highest_modseq > 0),
    total          INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0),
    unread         INTEGER NOT NULL DEFAULT 0 CHECK (unread BETWEEN 0 AND total),
    UNIQUE (account_id, name),
    UNIQUE (account_id, role)
) STRICT;

-- What was accepted, once, however many recipients it has. The summary columns are computed at delivery.
CREATE TABLE message (
    id                INTEGER PRIMARY KEY,
    received_at       INTEGER NOT NULL,
    reverse_path      TEXT NOT NULL,  -- '' is the null reverse-path
    recipients        TEXT NOT NULL CHECK (json_valid(recipients)),  -- the envelope's, as given
    size              INTEGER NOT NULL CHECK (size >= 0),
    sha256            BLOB NOT NULL CHECK (length(sha256) = 32),
    return_path_size  INTEGER NOT NULL CHECK (return_path_size >= 0),
    from_name         TEXT NOT NULL,
    from_address      TEXT NOT NULL,
    to_list           TEXT NOT NULL CHECK (json_valid(to_list)),  -- [{"name","address"}]
    subject           TEXT NOT NULL,
    sent_at           INTEGER,  -- the Date field, where it is one
    preview           TEXT NOT NULL,
    has_attachments   INTEGER NOT NULL CHECK (has_attachments IN (0, 1)),
    header_message_id TEXT NOT NULL,
    in_reply_to       TEXT NOT NULL,
    reference_list    TEXT NOT NULL CHECK (json_valid(reference_list))  -- ["id"]
) STRICT;

-- The octets of a message in parts of at most 1 MiB, so that no reader or writer holds a large message whole.
CREATE TABLE message_content (
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    part       INTEGER NOT NULL CHECK (part >= 0),
    octets     BLOB NOT NULL CHECK (length(octets) <= 1048576),
    PRIMARY KEY (message_id, part)
) STRICT;

CREATE TABLE mailbox_message (
    id           INTEGER PRIMARY KEY,
    mailbox_id   INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid          INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
    message_id   INTEGER NOT NULL REFERENCES message ON DELETE RESTRICT,
    modseq       INTEGER NOT NULL CHECK (modseq > 0),
    received_at  INTEGER NOT NULL,
    seen         INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1)),
    flagged      INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)),
    answered     INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)),
    delivered_to TEXT NOT NULL,  -- the forward-path's address as given
    UNIQUE (mailbox_id, uid)
) STRICT;
CREATE INDEX mailbox_message_message ON mailbox_message (message_id);

-- What happened to a message, step by step; detail is a JSON object.
CREATE TABLE message_event (
    id         INTEGER NOT NULL,
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind <> ''),
    recipient  TEXT NOT NULL DEFAULT '',
    detail     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    PRIMARY KEY (message_id, id)
) STRICT, WITHOUT ROWID;

-- For people in sqlite3.
CREATE VIEW inbox AS
SELECT a.local_part || '@' || d.name AS account, e.id, e.uid, m.from_address AS "from", m.to_list AS "to", m.subject,
       strftime('%Y-%m-%dT%H:%M:%SZ', e.received_at / 1000000, 'unixepoch') AS received_at,
       m.size, e.seen, e.flagged, m.preview, m.id AS message_id
FROM mailbox_message e
JOIN mailbox b ON b.id = e.mailbox_id AND b.role = 'inbox'
JOIN address a ON a.id = b.account_id
JOIN domain d ON d.id = a.domain_id
JOIN message m ON m.id = e.message_id;

CREATE VIEW sent AS
SELECT a.local_part || '@' || d.name AS account, e.id, e.uid, m.from_address AS "from", m.to_list AS "to", m.subject,
       strftime('%Y-%m-%dT%H:%M:%SZ', e.received_at / 1000000, 'unixepoch') AS received_at,
       m.size, e.seen, e.flagged, m.preview, m.id AS message_id
FROM mailbox_message e
JOIN mailbox b ON b.id = e.mailbox_id AND b.role = 'sent'
JOIN address a ON a.id = b.account_id
JOIN domain d ON d.id = a.domain_id
JOIN message m ON m.id = e.message_id;
