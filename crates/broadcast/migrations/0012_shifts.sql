-- A filter of the list of threats that somebody keeps under a name, for themselves or for all at the CERT.
CREATE TABLE saved_filter (
    id {id} PRIMARY KEY,
    owner_id {id} NOT NULL,
    name {text} NOT NULL,
    -- The list's own address, behind the question mark.
    query {text} NOT NULL,
    shared {bool} NOT NULL,
    version {int} NOT NULL,
    changed_at {time} NOT NULL,
    UNIQUE (owner_id, name)
) {strict};
CREATE INDEX saved_filter_shared ON saved_filter (name, id) WHERE shared = TRUE;

-- What a shift wrote for the next: each writing is a row, the newest holds.
CREATE TABLE handover (
    id {id} PRIMARY KEY,
    text {text} NOT NULL,
    written_by {id} NOT NULL,
    written_at {time} NOT NULL
) {strict};
CREATE INDEX handover_age ON handover (written_at);

-- The threat of which another was dismissed as a duplicate.
ALTER TABLE threat ADD COLUMN duplicate_of {id};
CREATE INDEX threat_duplicate ON threat (duplicate_of, id) WHERE duplicate_of IS NOT NULL;

-- Two threats that look alike and are not the same, as somebody said; a row each way.
CREATE TABLE threat_told_apart (
    threat_id {id} NOT NULL REFERENCES threat (id),
    other_id {id} NOT NULL REFERENCES threat (id),
    told_by {id} NOT NULL,
    told_at {time} NOT NULL,
    PRIMARY KEY (threat_id, other_id)
) {strict};
