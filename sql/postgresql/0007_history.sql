-- A delivery writes fewer rows: the octets of a small message and the first steps of its timeline are in its own row. Each row less
-- is a foreign key, some index entries and a place in three arrays less, which together are half of what a delivery costs.

-- What had happened to it when its row was written: [{"kind","at","recipient","detail"}], without the time where that is received_at,
-- in microseconds since 1970 otherwise; without recipient and detail where there are none. Of recipients the first only. What
-- happens later is in message_event. NULL: nothing, or removed as old.
ALTER TABLE message ADD COLUMN history json;
-- Old ones are found by their time.
CREATE INDEX message_history ON message (received_at) WHERE history IS NOT NULL;
-- And by their recipient, without regard to the case of letters a-z; for the others there is message_event_recipient.
CREATE INDEX message_recipient ON message (lower(recipients ->> 0), id);

-- The octets of a message of at most 1 MiB that goes to nobody elsewhere. Of one that does, or is larger, they are in
-- message_content. Never in both.
ALTER TABLE message ADD COLUMN octets bytea CHECK (octet_length(octets) <= 1048576);
ALTER TABLE message ALTER COLUMN octets SET STORAGE EXTERNAL;

CREATE VIEW message_octets AS
SELECT id AS message_id, 0 AS part, octets FROM message WHERE octets IS NOT NULL
UNION ALL
SELECT message_id, part, octets FROM message_content;

-- All that happened to a message, in order of (id, step).
CREATE VIEW message_timeline AS
SELECT m.id AS message_id, CAST(0 AS bigint) AS id, h.step,
       COALESCE(timestamptz 'epoch' + CAST(h.what ->> 'at' AS bigint) * interval '1 microsecond', m.received_at) AS at,
       h.what ->> 'kind' AS kind, COALESCE(h.what ->> 'recipient', '') AS recipient,
       COALESCE(CAST(h.what -> 'detail' AS jsonb), '{}') AS detail
FROM message m CROSS JOIN LATERAL json_array_elements(m.history) WITH ORDINALITY AS h (what, step)
UNION ALL
SELECT message_id, id, 0, at, kind, recipient, detail FROM message_event;
