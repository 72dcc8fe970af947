-- One-time links: only their hashes are kept.
CREATE TABLE one_time_link (
    hash {bytes} PRIMARY KEY,
    purpose {text} NOT NULL,
    subject_id {id} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time}
) {strict};
CREATE INDEX one_time_link_subject ON one_time_link (subject_id, purpose);
CREATE INDEX one_time_link_age ON one_time_link (expires_at);

CREATE TABLE session (
    hash {bytes} PRIMARY KEY,
    id {id} NOT NULL UNIQUE,
    person_id {id} NOT NULL REFERENCES person (id),
    -- What is still to be shown before it counts: 'password', 'second_factor', 'enrol', 'full'.
    stage {text} NOT NULL,
    -- A second factor that was offered and not yet confirmed.
    offered_secret {bytes},
    device {text} NOT NULL,
    created_at {time} NOT NULL,
    seen_at {time} NOT NULL,
    expires_at {time} NOT NULL
) {strict};
CREATE INDEX session_person ON session (person_id, created_at);
CREATE INDEX session_age ON session (expires_at);

-- Browsers in which a person has signed in before: they have a counter of failures of their own.
CREATE TABLE known_device (
    hash {bytes} NOT NULL,
    person_id {id} NOT NULL REFERENCES person (id),
    seen_at {time} NOT NULL,
    PRIMARY KEY (hash, person_id)
) {strict};
CREATE INDEX known_device_person ON known_device (person_id);
CREATE INDEX known_device_age ON known_device (seen_at);

CREATE TABLE recovery_code (
    person_id {id} NOT NULL REFERENCES person (id),
    hash {bytes} NOT NULL,
    used_at {time},
    PRIMARY KEY (person_id, hash)
) {strict};

-- Failures by what was tried from where; see account/lockout.rs for why no address is locked by itself.
CREATE TABLE sign_in_failure (
    key {bytes} PRIMARY KEY,
    failures {int} NOT NULL,
    last_at {time} NOT NULL,
    free_at {time} NOT NULL
) {strict};
CREATE INDEX sign_in_failure_age ON sign_in_failure (last_at);

CREATE TABLE api_key (
    id {id} PRIMARY KEY,
    hash {bytes} NOT NULL UNIQUE,
    name {text} NOT NULL,
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    scopes {text} NOT NULL,
    created_by {id} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    revoked_at {time},
    -- To the hour: a write for each call would cost more than the call.
    used_at {time}
) {strict};
CREATE INDEX api_key_organisation ON api_key (organisation_id, created_at, id);

-- The answer to a POST that carried an Idempotency-Key, so that a retry gets the same one.
CREATE TABLE idempotent_answer (
    holder_id {id} NOT NULL,
    key {text} NOT NULL,
    request {bytes} NOT NULL,
    -- 0 while the first request is still being answered.
    status {int} NOT NULL,
    body {text} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (holder_id, key)
) {strict};
CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);
