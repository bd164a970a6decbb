-- Following any message by who sent it or who was to have it.

-- Without regard to the case of letters a-z, newest first.
CREATE INDEX message_sender ON message (lower(reverse_path), id);
CREATE INDEX message_event_recipient ON message_event (lower(recipient), message_id) WHERE recipient <> '';
