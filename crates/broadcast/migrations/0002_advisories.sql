CREATE TABLE advisory (
    id {id} PRIMARY KEY,
    -- Shown as CC-0001.
    number {int} NOT NULL UNIQUE,
    threat_id {id} REFERENCES threat (id),
    created_at {time} NOT NULL,
    -- The version that stands, once one was published.
    published_version_id {id},
    withdrawn_at {time},
    withdrawn_reason {text}
) {strict};
CREATE INDEX advisory_threat ON advisory (threat_id);

-- The last number that was given: two advisories written at once wait here for theirs.
CREATE TABLE advisory_counter (
    name {text} PRIMARY KEY,
    last {int} NOT NULL
) {strict};
INSERT INTO advisory_counter (name, last) VALUES ('advisory', 0);

CREATE TABLE advisory_version (
    id {id} PRIMARY KEY,
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    version {int} NOT NULL,
    state {text} NOT NULL,
    title {text} NOT NULL,
    severity {text} NOT NULL,
    tlp {text} NOT NULL,
    -- Everything else that an advisory says, as one document: broadcast::advisory::Content.
    content {text} NOT NULL,
    -- Counts edits, so that two editors cannot overwrite each other.
    edition {int} NOT NULL,
    created_by {id} NOT NULL,
    created_at {time} NOT NULL,
    submitted_by {id},
    submitted_at {time},
    -- Why the approver sent it back, until it is submitted again.
    sent_back_reason {text},
    approved_by {id},
    approved_at {time},
    -- Where one person released it alone: why, and when it was reviewed afterwards.
    released_alone_reason {text},
    reviewed_by {id},
    reviewed_at {time},
    published_at {time},
    UNIQUE (advisory_id, version)
) {strict};
CREATE INDEX advisory_version_state ON advisory_version (state, id DESC);
-- One version at a time is on its way.
CREATE UNIQUE INDEX advisory_version_open ON advisory_version (advisory_id)
    WHERE state IN ('draft', 'in_review', 'approved');
CREATE INDEX advisory_version_alone ON advisory_version (id)
    WHERE released_alone_reason IS NOT NULL AND reviewed_at IS NULL;

-- Whoever edited a version does not approve it.
CREATE TABLE advisory_editor (
    version_id {id} NOT NULL REFERENCES advisory_version (id),
    person_id {id} NOT NULL,
    PRIMARY KEY (version_id, person_id)
) {strict};

CREATE TABLE advisory_cve (
    cve {text} NOT NULL,
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    PRIMARY KEY (cve, advisory_id)
) {strict};
CREATE INDEX advisory_cve_of ON advisory_cve (advisory_id);

CREATE TABLE advisory_severity (
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    at {time} NOT NULL,
    severity {text} NOT NULL,
    PRIMARY KEY (advisory_id, at)
) {strict};

-- Who is rung when a High advisory waits for approval, in this order, until one accepts.
CREATE TABLE approver (
    person_id {id} PRIMARY KEY,
    position {int} NOT NULL
) {strict};
-- Who was rung for a version and who took it on; somebody may take it on without being rung.
CREATE TABLE approval_call (
    version_id {id} NOT NULL REFERENCES advisory_version (id),
    person_id {id} NOT NULL,
    called_at {time},
    accepted_at {time},
    PRIMARY KEY (version_id, person_id)
) {strict};
