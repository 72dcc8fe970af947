-- Mail that came back: when it last did from a contact's address, and why. What is kept of the mail itself
-- is its message, in the state 'came_back'.
ALTER TABLE contact ADD COLUMN came_back_at {time};
ALTER TABLE contact ADD COLUMN came_back_reason {text};
CREATE INDEX contact_came_back ON contact (came_back_at, email) WHERE came_back_at IS NOT NULL;

-- How often mail to an address came back of late; what a digest told is not counted beside the digest.
CREATE INDEX message_came_back ON message (address, settled_at)
    WHERE state = 'came_back' AND channel = 'mail' AND digest_id IS NULL;
