-- Searching mail: an index of the terms of every message in a mailbox, made in the delivery's wake.

-- The tsv holds terms as message/search_terms makes them, in order: those of sender, recipients and subject also as f:term,
-- t:term and s:term, and the account as #id, so that the index narrows down all of it by itself. Kept apart from the row: what
-- is found is sorted by entry without reading it.
CREATE TABLE search_document (
    entry_id   bigint PRIMARY KEY REFERENCES mailbox_message ON DELETE CASCADE,
    account_id bigint NOT NULL,
    message_id bigint NOT NULL,  -- the message it was made of: a draft's entry gets another
    tsv        tsvector NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE search_document ALTER COLUMN tsv SET STORAGE EXTERNAL;
CREATE INDEX search_document_account ON search_document (account_id, entry_id);
-- A short list of what is not in the index proper yet: every search reads through all of it.
CREATE INDEX search_document_tsv ON search_document USING gin (tsv) WITH (gin_pending_list_limit = 256);

-- How far the index has come. Within a mailbox uids are in the order of commits, so that nothing below is missed.
CREATE TABLE search_progress (
    mailbox_id  bigint PRIMARY KEY REFERENCES mailbox ON DELETE CASCADE,
    indexed_uid bigint NOT NULL CHECK (indexed_uid > 0)  -- the first that is not in it; no row: 1
);
