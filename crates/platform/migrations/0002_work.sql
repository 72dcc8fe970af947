-- What is to be done later: jobs, messages and clocks, each its own queue.
CREATE TABLE job (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    payload {json} NOT NULL,
    lane {text} NOT NULL,
    state {text} NOT NULL,
    run_at {time} NOT NULL,
    attempts {int} NOT NULL,
    lease_until {time},
    last_error {text},
    created_at {time} NOT NULL,
    -- The same work is queued once.
    unique_key {text} UNIQUE
) {strict};
CREATE INDEX job_due ON job (lane, state, run_at, id);

CREATE TABLE message (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    channel {text} NOT NULL,
    lane {text} NOT NULL,
    address {text} NOT NULL,
    person_id {id},
    contact_id {id},
    organisation_id {id},
    about_kind {text} NOT NULL,
    about_id {id},
    fields {json} NOT NULL,
    state {text} NOT NULL,
    not_before {time} NOT NULL,
    attempts {int} NOT NULL,
    lease_until {time},
    last_error {text},
    created_at {time} NOT NULL,
    settled_at {time},
    -- The same message is queued once.
    unique_key {text} NOT NULL UNIQUE
) {strict};
-- The channel, so that what waits is counted without reading it.
CREATE INDEX message_due ON message (lane, state, not_before, id, channel);
CREATE INDEX message_about ON message (about_id, state, id);
CREATE INDEX message_contact ON message (contact_id, id);
CREATE INDEX message_settled ON message (settled_at) WHERE settled_at IS NOT NULL;

-- How many settled messages about something were deleted when they were over their time.
CREATE TABLE message_total (
    about_id {id} NOT NULL,
    state {text} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (about_id, state)
) {strict};

CREATE TABLE clock (
    about_id {id} NOT NULL,
    organisation_id {id} NOT NULL,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    started_at {time} NOT NULL,
    due_at {time} NOT NULL,
    zone {text} NOT NULL,
    policy {text} NOT NULL,
    -- The next rung of the ladder, and when it is reached; NULL when the clock has stopped.
    rung {int} NOT NULL,
    next_due_at {time},
    stopped_at {time},
    PRIMARY KEY (about_id, organisation_id, name)
) {strict};
CREATE INDEX clock_due ON clock (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX clock_stopped ON clock (stopped_at) WHERE stopped_at IS NOT NULL;
CREATE INDEX clock_organisation ON clock (organisation_id, next_due_at);

CREATE TABLE blob (
    hash {bytes} PRIMARY KEY,
    size {int} NOT NULL,
    created_at {time} NOT NULL
) {strict};
CREATE TABLE blob_part (
    hash {bytes} NOT NULL,
    part {int} NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (hash, part)
) {strict};
