-- A document of a source as it came: kept verbatim as a blob.
CREATE TABLE source_document (
    id {id} PRIMARY KEY,
    source {text} NOT NULL,
    name {text} NOT NULL,
    hash {bytes} NOT NULL,
    taken_in_at {time} NOT NULL,
    UNIQUE (source, hash)
) {strict};

CREATE TABLE threat (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    title {text} NOT NULL,
    summary {text} NOT NULL,
    status {text} NOT NULL,
    claimed_by {id},
    dismissed_reason {text},
    known_exploited {bool} NOT NULL,
    ransomware {bool} NOT NULL,
    -- The day the newest source dated it, ISO 8601, and the list's sort key: the best first.
    dated {text} NOT NULL,
    rank {int} NOT NULL,
    version {int} NOT NULL,
    changed_at {time} NOT NULL
) {strict};
CREATE INDEX threat_rank ON threat (rank DESC, dated DESC, id DESC);
CREATE INDEX threat_status ON threat (status, rank DESC, dated DESC, id DESC);
CREATE INDEX threat_claimed ON threat (claimed_by, rank DESC, dated DESC, id DESC) WHERE claimed_by IS NOT NULL;

-- The same CVE from any source is one threat.
CREATE TABLE threat_cve (
    cve {text} PRIMARY KEY,
    threat_id {id} NOT NULL REFERENCES threat (id)
) {strict};
CREATE INDEX threat_cve_threat ON threat_cve (threat_id);

-- What one source says about one threat: its words, what was read from them, and where they stand.
CREATE TABLE threat_statement (
    id {id} PRIMARY KEY,
    threat_id {id} NOT NULL REFERENCES threat (id),
    source {text} NOT NULL,
    source_key {text} NOT NULL,
    document_id {id} REFERENCES source_document (id),
    verbatim {text} NOT NULL,
    hash {bytes} NOT NULL,
    -- What was read from it: broadcast::threat::Said as one document.
    said {text} NOT NULL,
    -- What was noticed on reading, such as a due date before the date it was added.
    flags {text} NOT NULL,
    recorded_at {time} NOT NULL,
    superseded_at {time}
) {strict};
CREATE UNIQUE INDEX threat_statement_current ON threat_statement (source, source_key) WHERE superseded_at IS NULL;
CREATE INDEX threat_statement_threat ON threat_statement (threat_id, recorded_at);

CREATE TABLE threat_word (
    word {text} NOT NULL,
    threat_id {id} NOT NULL REFERENCES threat (id),
    PRIMARY KEY (word, threat_id)
) {strict};
CREATE INDEX threat_word_of ON threat_word (threat_id);

CREATE TABLE threat_comment (
    id {id} PRIMARY KEY,
    threat_id {id} NOT NULL REFERENCES threat (id),
    person_id {id} NOT NULL,
    at {time} NOT NULL,
    text {text} NOT NULL
) {strict};
CREATE INDEX threat_comment_threat ON threat_comment (threat_id, id);
