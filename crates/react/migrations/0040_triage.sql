-- How urgent an incident is, as it holds now, beside what decides it: so that the list is read by it. NULL for
-- incidents of before there was a priority, until somebody answers a question about them.
ALTER TABLE incident ADD COLUMN priority {text};
-- What decides it, as codes; see react::triage::Because.
ALTER TABLE incident ADD COLUMN priority_because {text} NOT NULL DEFAULT '';
CREATE INDEX incident_priority ON incident (apart, priority, id);

-- What was decided about an incident. All of it stands in the shared zone of its case.
CREATE TABLE triage (
    incident_id {id} PRIMARY KEY REFERENCES incident (id),
    -- What follows from the answers.
    computed {text} NOT NULL,
    -- What a person set instead, and why; NULL where they did not, or withdrew it.
    set_to {text},
    set_why {text} NOT NULL,
    set_by {id},
    set_at {time},
    -- What kind of incident it is: class:type of the RSIT.
    kind {text},
    kind_by {id},
    kind_at {time},
    -- The category of the NCSC (1 to 6): what we compute, what a person proposes instead, and what the NCSC assigned.
    -- None of them takes the place of another.
    ncsc_computed {int} NOT NULL,
    ncsc_proposed {int},
    ncsc_proposed_by {id},
    ncsc_proposed_at {time},
    ncsc_assigned {int},
    ncsc_assigned_on {time},
    ncsc_reference {text} NOT NULL,
    ncsc_entered_by {id},
    ncsc_entered_at {time},
    -- When words were last written here; NULL where there are none.
    words_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX triage_words ON triage (words_at) WHERE words_at IS NOT NULL;

-- What is known, question by question. What was said before stands in the timeline and the log.
CREATE TABLE triage_answer (
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- See react::triage::Question.
    question {text} NOT NULL,
    -- yes, no or unknown.
    answer {text} NOT NULL,
    -- report, organisation or cert; see react::triage::Source.
    source {text} NOT NULL,
    said_by {id},
    through_id {id},
    said_at {time} NOT NULL,
    PRIMARY KEY (incident_id, question)
) {strict};

-- Whether it gets better or worse, as somebody judged it; the last one holds.
CREATE TABLE triage_outlook (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    outlook {text} NOT NULL,
    set_by {id} NOT NULL,
    set_at {time} NOT NULL
) {strict};
CREATE INDEX triage_outlook_of ON triage_outlook (incident_id, id);
