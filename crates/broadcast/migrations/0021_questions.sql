-- What an organisation asks the CERT about an alert.
CREATE TABLE question (
    id {id} PRIMARY KEY,
    -- What the organisation quotes. Drawn by lot: a running number would tell how many others ask.
    receipt {text} NOT NULL UNIQUE,
    -- The form that it was sent with: sent twice, it is one question.
    form {id} NOT NULL,
    organisation_id {id} NOT NULL,
    -- The organisation whose person asked: another one, where that answers for it.
    through_id {id} NOT NULL,
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    -- The alert about which it was asked, or asked on: what is said is marked no wider.
    alert_id {id} NOT NULL REFERENCES alert (id),
    asked_by {id} NOT NULL,
    asked_at {time} NOT NULL,
    -- open -> answered | closed; answered -> open; see broadcast::question::State.
    state {text} NOT NULL,
    -- Since when it waits for the CERT, or waited last.
    waiting_since {time} NOT NULL,
    claimed_by {id},
    -- Why it was closed without an answer; empty where it was not.
    reason {text} NOT NULL,
    -- When it was last answered or closed; NULL while it waits.
    settled_at {time},
    -- Whether its words are still kept.
    words_kept {bool} NOT NULL,
    version {int} NOT NULL,
    UNIQUE (form, organisation_id)
) {strict};
CREATE INDEX question_organisation ON question (organisation_id, advisory_id, id);
CREATE INDEX question_state ON question (state, waiting_since, id);
CREATE INDEX question_advisory ON question (advisory_id, waiting_since, id);
CREATE INDEX question_waiting ON question (waiting_since, id);
CREATE INDEX question_words ON question (settled_at, id) WHERE words_kept = TRUE;

-- What was said about a question, by either side.
CREATE TABLE question_message (
    id {id} PRIMARY KEY,
    question_id {id} NOT NULL REFERENCES question (id),
    -- The form that it was sent with: sent twice, it is one message.
    form {id} NOT NULL,
    -- organisation or cert.
    side {text} NOT NULL,
    -- The organisation whose person said it; NULL at the CERT.
    through_id {id},
    text {text} NOT NULL,
    said_by {id} NOT NULL,
    said_at {time} NOT NULL,
    UNIQUE (question_id, form)
) {strict};
CREATE INDEX question_message_of ON question_message (question_id, id);

-- An entry of the published questions and answers on an advisory's alerts.
CREATE TABLE faq (
    id {id} PRIMARY KEY,
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    -- The question that it came from, which its readers are not told.
    question_id {id} NOT NULL REFERENCES question (id),
    form {id} NOT NULL UNIQUE,
    -- published -> withdrawn.
    state {text} NOT NULL,
    -- The version of its wording that is read.
    version {int} NOT NULL,
    withdrawn_reason {text},
    withdrawn_by {id},
    withdrawn_at {time}
) {strict};
CREATE INDEX faq_advisory ON faq (advisory_id, id) WHERE state = 'published';
CREATE INDEX faq_question ON faq (question_id, id);

-- Every wording that an entry had.
CREATE TABLE faq_version (
    faq_id {id} NOT NULL REFERENCES faq (id),
    version {int} NOT NULL,
    -- The alert that was the newest when it was written: later ones show it too.
    alert_id {id} NOT NULL REFERENCES alert (id),
    question {text} NOT NULL,
    answer {text} NOT NULL,
    tlp {text} NOT NULL,
    written_by {id} NOT NULL,
    written_at {time} NOT NULL,
    PRIMARY KEY (faq_id, version)
) {strict};
