-- What is done to accounts as time goes by: Trash and Junk are emptied, and who has little room left is told.

-- When it came into this mailbox, where that was not when it was received: it was moved here, or brought from elsewhere.
ALTER TABLE mailbox_message ADD COLUMN arrived_at timestamptz;
-- Of what is there already it is known as long as changes are remembered; what is not known counts from now.
UPDATE mailbox_message
SET arrived_at = COALESCE((SELECT max(c.at) FROM mailbox_change c WHERE c.mailbox_id = mailbox_message.mailbox_id
                           AND c.entry_id = mailbox_message.id AND c.kind = 'moved_in'), now())
WHERE mailbox_id IN (SELECT id FROM mailbox WHERE role IN ('trash', 'junk'));

-- The mark of its quota, in percent, that the account was told it has passed.
ALTER TABLE account ADD COLUMN quota_told smallint NOT NULL DEFAULT 0 CHECK (quota_told IN (0, 80, 95));

-- Old attempts to sign in are found by their time.
CREATE INDEX login_at ON login (at);
