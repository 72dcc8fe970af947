-- What people learned from an incident. Nothing is changed: who writes it anew writes another one, in its place.
CREATE TABLE lesson (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    -- The lesson in a line; what happened, what helped and what hindered.
    title {text} NOT NULL,
    happened {text} NOT NULL,
    helped {text} NOT NULL,
    hindered {text} NOT NULL,
    person_id {id} NOT NULL,
    through_id {id},
    recorded_at {time} NOT NULL,
    -- The one that stands in its place, in the same zone.
    replaced_by {id} REFERENCES lesson (id),
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX lesson_of ON lesson (incident_id, id);
CREATE INDEX lesson_shared ON lesson (id) WHERE zone = 'shared' AND replaced_by IS NULL;

-- The folded words of lessons that are shared, by which the CERT finds them.
CREATE TABLE lesson_word (
    word {text} NOT NULL,
    lesson_id {id} NOT NULL REFERENCES lesson (id),
    PRIMARY KEY (word, lesson_id)
) {strict};
CREATE INDEX lesson_word_has ON lesson_word (lesson_id, word);

-- What is to be done so that a lesson is learned. It outlives the incident.
CREATE TABLE follow_up (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- As its lesson's: own, shared or cert.
    zone {text} NOT NULL,
    lesson_id {id} NOT NULL REFERENCES lesson (id),
    title {text} NOT NULL,
    -- Why, and how.
    text {text} NOT NULL,
    -- person, role or nobody: whose it is.
    owner {text} NOT NULL,
    person_id {id},
    role {text},
    -- The organisation whose role it is, or through which the person comes; NULL at the CERT.
    organisation_id {id},
    due_at {time} NOT NULL,
    -- open -> done | dropped; see react::follow_up::State.
    state {text} NOT NULL,
    -- What came of it, or why it was dropped.
    outcome {text} NOT NULL,
    made_by {id} NOT NULL,
    through_id {id},
    made_at {time} NOT NULL,
    moved_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE,
    version {int} NOT NULL
) {strict};
CREATE INDEX follow_up_of ON follow_up (incident_id, due_at, id);
CREATE INDEX follow_up_lesson ON follow_up (lesson_id);
CREATE INDEX follow_up_person ON follow_up (person_id, due_at, id) WHERE state = 'open' AND owner = 'person';
CREATE INDEX follow_up_role ON follow_up (organisation_id, role, due_at, id) WHERE state = 'open' AND owner = 'role';
