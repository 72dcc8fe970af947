-- A note in a case, which several people write; what it said before is kept.
CREATE TABLE case_note (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    title {text} NOT NULL,
    -- Markdown, as it stands now.
    text {text} NOT NULL,
    saved_by {id},
    through_id {id},
    saved_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE,
    version {int} NOT NULL
) {strict};
CREATE INDEX case_note_of ON case_note (incident_id, saved_at, id);

-- What a note said in each of its versions, the one that stands included.
CREATE TABLE case_note_version (
    note_id {id} NOT NULL REFERENCES case_note (id),
    version {int} NOT NULL,
    text {text} NOT NULL,
    saved_by {id},
    through_id {id},
    saved_at {time} NOT NULL,
    -- Whether it was put together of what two people wrote at the same time.
    merged {bool} NOT NULL,
    PRIMARY KEY (note_id, version)
) {strict};
