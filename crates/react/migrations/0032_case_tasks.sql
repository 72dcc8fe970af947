-- What is to be done in a case, by whom and until when.
CREATE TABLE case_task (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    title {text} NOT NULL,
    -- Why, and how.
    text {text} NOT NULL,
    -- nobody, person, organisation or cert: whose it is.
    owner {text} NOT NULL,
    person_id {id},
    -- The organisation whose it is, or through which the person comes; NULL at the CERT.
    organisation_id {id},
    due_at {time},
    -- open -> doing -> done | cannot, or withdrawn; see react::case::task::State.
    state {text} NOT NULL,
    -- What came of it, or why it cannot be done.
    outcome {text} NOT NULL,
    made_by {id} NOT NULL,
    through_id {id},
    made_at {time} NOT NULL,
    moved_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE,
    version {int} NOT NULL
) {strict};
CREATE INDEX case_task_of ON case_task (incident_id, id);
CREATE INDEX case_task_person ON case_task (person_id, id) WHERE state IN ('open', 'doing');
