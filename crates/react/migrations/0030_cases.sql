-- What stands in the case of an incident, in the order in which it happened. Nothing of it is changed or deleted:
-- who was wrong appends what is right.
CREATE TABLE case_entry (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert; see react::case::Zone.
    zone {text} NOT NULL,
    -- What kind of thing it is; see react::case::timeline::Kind.
    kind {text} NOT NULL,
    -- When it happened, as far as is known, and when it was written down.
    happened_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    -- Who wrote it down, and the organisation whose person that is; neither where it entered by itself.
    person_id {id},
    through_id {id},
    -- The row of which it tells: a task, a clock, a message.
    about_id {id},
    text {text} NOT NULL,
    -- The entry that it corrects.
    corrects_id {id} REFERENCES case_entry (id),
    -- The form that it was sent with: sent twice, it is one entry. NULL where it entered by itself.
    form {id} UNIQUE
) {strict};
CREATE INDEX case_entry_of ON case_entry (incident_id, happened_at, id);
CREATE INDEX case_entry_corrects ON case_entry (corrects_id);

-- An organisation that was let in to one zone of one case: a supplier, a regional body, the police.
CREATE TABLE case_guest (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    organisation_id {id} NOT NULL,
    zone {text} NOT NULL,
    why {text} NOT NULL,
    let_in_by {id} NOT NULL,
    let_in_at {time} NOT NULL,
    ended_by {id},
    ended_at {time}
) {strict};
CREATE UNIQUE INDEX case_guest_of ON case_guest (incident_id, organisation_id, zone) WHERE ended_at IS NULL;
CREATE INDEX case_guest_organisation ON case_guest (organisation_id, incident_id) WHERE ended_at IS NULL;
