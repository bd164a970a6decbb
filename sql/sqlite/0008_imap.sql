-- Mailboxes as IMAP sees them. Deliveries do not name these columns.

-- Flags of RFC 9051 2.3.2 that nothing else here has a meaning for. A message that is marked as deleted is there until it is
-- expunged.
ALTER TABLE mailbox_message ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
ALTER TABLE mailbox_message ADD COLUMN draft INTEGER NOT NULL DEFAULT 0 CHECK (draft IN (0, 1));
-- Sorted, with a blank between; each once, whatever the case of its letters.
ALTER TABLE mailbox_message ADD COLUMN keywords TEXT NOT NULL DEFAULT '' CHECK (length(CAST(keywords AS BLOB)) <= 2048);

ALTER TABLE mailbox ADD COLUMN subscribed INTEGER NOT NULL DEFAULT 1 CHECK (subscribed IN (0, 1));
