-- How a mailbox is told of what concerns it, where somebody chose: an account's own, or a contact's.
CREATE TABLE notification (
    -- Folded, as accounts are found by theirs.
    address {text} PRIMARY KEY,
    -- platform::notification::Preferences as one document.
    preferences {json} NOT NULL,
    changed_at {time} NOT NULL
) {strict};

-- Preferences hold for an address however it is spelt.
CREATE INDEX contact_email_folded ON contact (lower(email)) WHERE email IS NOT NULL;

-- What is put off waits in the lane 'digest'; once gathered it has the digest that tells it.
ALTER TABLE message ADD COLUMN digest_id {id};
CREATE INDEX message_digest ON message (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX message_put_off ON message (address, not_before) WHERE lane = 'digest' AND state = 'waiting';
