-- A message in a case, and who said that they read it. A page that is opened marks nothing.
CREATE TABLE case_message (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    text {text} NOT NULL,
    person_id {id} NOT NULL,
    through_id {id},
    sent_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX case_message_of ON case_message (incident_id, id);

CREATE TABLE case_message_read (
    incident_id {id} NOT NULL,
    message_id {id} NOT NULL REFERENCES case_message (id),
    person_id {id} NOT NULL,
    through_id {id},
    read_at {time} NOT NULL,
    PRIMARY KEY (incident_id, message_id, person_id)
) {strict};

-- Who was written that there are messages, and has not read them since.
CREATE TABLE case_message_told (
    incident_id {id} NOT NULL,
    person_id {id} NOT NULL,
    told_at {time} NOT NULL,
    PRIMARY KEY (incident_id, person_id)
) {strict};
