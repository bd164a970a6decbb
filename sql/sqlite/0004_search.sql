-- Searching mail: an index of the terms of every message in a mailbox, made in the delivery's wake.

-- The rowid is the entry's id. Terms as message/search_terms makes them, in order, with a space between; the account as a and its
-- id. message_id: the message it was made of: a draft's entry gets another.
CREATE VIRTUAL TABLE search_document USING fts5(
    account, sender, recipients, subject, body, attachments, message_id UNINDEXED, tokenize = 'ascii', columnsize = 0
);
CREATE TRIGGER search_document_entry_gone AFTER DELETE ON mailbox_message
BEGIN
    DELETE FROM search_document WHERE rowid = OLD.id;
END;

-- How far the index has come. Within a mailbox uids are in the order of commits, so that nothing below is missed.
CREATE TABLE search_progress (
    mailbox_id  INTEGER PRIMARY KEY REFERENCES mailbox ON DELETE CASCADE,
    indexed_uid INTEGER NOT NULL CHECK (indexed_uid > 0)  -- the first that is not in it; no row: 1
) STRICT;
