-- A mail to the CERT's mailbox, as far as it was read. What is attached to it stays in the mailbox.
CREATE TABLE report_mail (
    id {id} PRIMARY KEY,
    -- What was read of it, as a hash: the same mail is taken once.
    digest {bytes} NOT NULL UNIQUE,
    -- The report that it made, or that it adds to.
    report_id {id} NOT NULL REFERENCES report (id),
    is_reply {bool} NOT NULL,
    -- Who it says to be from, which proves nothing.
    sender {text} NOT NULL,
    sender_name {text} NOT NULL,
    -- The organisation that had confirmed this address as one of its contacts; a hint and no more.
    hinted_id {id},
    subject {text} NOT NULL,
    text {text} NOT NULL,
    -- Names of what is attached, one a line.
    attachments {text} NOT NULL,
    -- Whether there is more of it in the mailbox.
    is_cut {bool} NOT NULL,
    -- Where an automatic answer went; NULL where none did.
    answered_to {text},
    taken_at {time} NOT NULL,
    -- Whether what it says is still kept.
    words_kept {bool} NOT NULL
) {strict};
CREATE INDEX report_mail_of ON report_mail (report_id, id);
CREATE INDEX report_mail_answered ON report_mail (answered_to, taken_at) WHERE answered_to IS NOT NULL;
CREATE INDEX report_mail_answers ON report_mail (taken_at) WHERE answered_to IS NOT NULL;
CREATE INDEX report_mail_words ON report_mail (taken_at) WHERE words_kept = TRUE;
