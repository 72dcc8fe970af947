-- An incident at one organisation, as it was reported once or several times.
CREATE TABLE incident (
    id {id} PRIMARY KEY,
    -- What people quote. Drawn by lot: a running number would tell how many others report.
    receipt {text} NOT NULL UNIQUE,
    -- NULL while nobody knows which it is: a report names it as somebody typed it.
    organisation_id {id},
    -- session | code | unverified -> called_back | refuted; see react::incident::Standing.
    standing {text} NOT NULL,
    -- Whether it is kept apart from those that are known to be real.
    apart {bool} NOT NULL,
    -- reported -> open -> closed, or joined; see react::incident::State.
    state {text} NOT NULL,
    opened_at {time} NOT NULL,
    taken_by {id},
    taken_at {time},
    -- Why it was closed; empty where it was not.
    reason {text} NOT NULL,
    closed_at {time},
    -- The one that it turned out to be.
    joined_into {id} REFERENCES incident (id),
    -- Whether the words of its reports are still kept.
    words_kept {bool} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE INDEX incident_list ON incident (apart, id);
CREATE INDEX incident_state ON incident (apart, state, id);
CREATE INDEX incident_standing ON incident (apart, standing, id);
CREATE INDEX incident_organisation ON incident (organisation_id, id);
CREATE INDEX incident_words ON incident (closed_at, id) WHERE words_kept = TRUE;

-- What somebody reported, or has begun to. One without an incident is a draft.
CREATE TABLE report (
    id {id} PRIMARY KEY,
    -- The form that it was begun with: sent twice, it is one report.
    form {id} NOT NULL UNIQUE,
    incident_id {id} REFERENCES incident (id),
    -- session, code, phone, mail or offline.
    way {text} NOT NULL,
    organisation_id {id},
    -- The organisation whose person reports; another one, where that answers for it.
    through_id {id},
    -- Who typed it: who reports, or who takes the call.
    person_id {id},
    code_id {id} REFERENCES report_code (id),
    -- By what the browser of a code's holder is known again, as a hash, and until when.
    holder {bytes},
    holder_until {time},
    -- The organisation as it was typed.
    named {text} NOT NULL,
    -- Codes of what is seen, and of the care that is affected, with spaces between them.
    seen {text} NOT NULL,
    since_at {time},
    affected {text} NOT NULL,
    care {text} NOT NULL,
    ring_name {text} NOT NULL,
    ring_telephone {text} NOT NULL,
    more {text} NOT NULL,
    begun_at {time} NOT NULL,
    saved_at {time} NOT NULL,
    sent_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX report_incident ON report (incident_id, id);
CREATE INDEX report_organisation ON report (organisation_id, begun_at);
CREATE UNIQUE INDEX report_holder ON report (holder);
CREATE INDEX report_holder_until ON report (holder_until) WHERE holder IS NOT NULL;
CREATE INDEX report_draft ON report (person_id, saved_at) WHERE sent_at IS NULL;
CREATE INDEX report_calls ON report (saved_at) WHERE way = 'phone' AND sent_at IS NULL;
CREATE INDEX report_unsent ON report (saved_at) WHERE sent_at IS NULL;

-- What was added afterwards, by either side. Nothing of it takes the place of anything.
CREATE TABLE incident_addition (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- The form that it was sent with: sent twice, it is one addition.
    form {id} NOT NULL UNIQUE,
    -- organisation, holder (of a code) or cert.
    side {text} NOT NULL,
    through_id {id},
    person_id {id},
    -- The report of the holder of a code who added it.
    report_id {id} REFERENCES report (id),
    text {text} NOT NULL,
    added_at {time} NOT NULL
) {strict};
CREATE INDEX incident_addition_of ON incident_addition (incident_id, id);
