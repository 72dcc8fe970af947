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
