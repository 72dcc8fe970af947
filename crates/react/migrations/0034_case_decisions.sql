-- What was decided in a case. Nothing is changed: who decides anew writes another one, which names this one.
CREATE TABLE case_decision (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert.
    zone {text} NOT NULL,
    decided {text} NOT NULL,
    -- By whom, with their role, as it is written down.
    decider {text} NOT NULL,
    role {text} NOT NULL,
    why {text} NOT NULL,
    -- What else was weighed.
    options {text} NOT NULL,
    decided_at {time} NOT NULL,
    -- When it is to be looked at again.
    review_at {time},
    -- The one that it reviews.
    reviews_id {id} REFERENCES case_decision (id),
    person_id {id} NOT NULL,
    through_id {id},
    recorded_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX case_decision_of ON case_decision (incident_id, decided_at, id);
CREATE UNIQUE INDEX case_decision_reviews ON case_decision (reviews_id);
