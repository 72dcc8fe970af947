-- Who is at work on a case, as what, and for how long.
CREATE TABLE case_shift (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    role {text} NOT NULL,
    person_id {id} NOT NULL,
    -- The organisation through which they come; NULL at the CERT.
    through_id {id},
    from_at {time} NOT NULL,
    until_at {time},
    -- When somebody said that it was over.
    ended_at {time},
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX case_shift_of ON case_shift (incident_id, id);

-- What one shift writes for the next, in one zone of a case.
CREATE TABLE case_handover (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    zone {text} NOT NULL,
    -- Markdown.
    text {text} NOT NULL,
    person_id {id} NOT NULL,
    through_id {id},
    written_at {time} NOT NULL,
    -- When the next one is due.
    next_due_at {time},
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX case_handover_of ON case_handover (incident_id, zone, id);
