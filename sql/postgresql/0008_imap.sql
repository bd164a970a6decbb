-- Mailboxes as IMAP sees them. Deliveries do not name these columns.

-- Flags of RFC 9051 2.3.2 that nothing else here has a meaning for. A message that is marked as deleted is there until it is
-- expunged.
ALTER TABLE mailbox_message ADD COLUMN deleted boolean NOT NULL DEFAULT false, ADD COLUMN draft boolean NOT NULL DEFAULT false;
-- Sorted, with a blank between; each once, whatever the case of its letters. NOT VALID: what is there has none, and need not be
-- looked through.
ALTER TABLE mailbox_message ADD COLUMN keywords text NOT NULL DEFAULT '';
ALTER TABLE mailbox_message ADD CONSTRAINT mailbox_message_keywords_check CHECK (octet_length(keywords) <= 2048) NOT VALID;

ALTER TABLE mailbox ADD COLUMN subscribed boolean NOT NULL DEFAULT true;
