-- A situation report of a case: what stood when it was issued. It stands in the shared zone and is never changed.
CREATE TABLE case_situation (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    number {int} NOT NULL,
    -- improving, stable or worsening.
    outlook {text} NOT NULL,
    -- Where the incident stood.
    state {text} NOT NULL,
    summary {text} NOT NULL,
    impact {text} NOT NULL,
    happened {text} NOT NULL,
    tasks {text} NOT NULL,
    decisions {text} NOT NULL,
    next {text} NOT NULL,
    issued_by {id} NOT NULL,
    through_id {id},
    issued_at {time} NOT NULL,
    -- The head of the log when it was issued: how many entries were sealed, and the hash that stands for them.
    tree_size {int},
    tree_head {text},
    form {id} NOT NULL UNIQUE,
    UNIQUE (incident_id, number)
) {strict};
