-- What an attack left that a machine can look for elsewhere, as it stands in a case.
CREATE TABLE observable (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert; see react::case::Zone.
    zone {text} NOT NULL,
    -- As formats::ObservableKind names it.
    kind {text} NOT NULL,
    value {text} NOT NULL,
    -- Of kind and value, under the installation's key: by this alone it is compared with what others have.
    hash {bytes} NOT NULL,
    -- report, addition or typed.
    origin {text} NOT NULL,
    -- Why it is not compared: listed, own, shared, weak or withdrawn; empty where it is.
    left_out {text} NOT NULL,
    -- The warning list that names it; empty where none does.
    listed {text} NOT NULL,
    added_by {id},
    through_id {id},
    added_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX observable_once ON observable (incident_id, zone, hash);
CREATE INDEX observable_of ON observable (incident_id, id);
CREATE INDEX observable_compared ON observable (hash, added_at) WHERE zone <> 'own' AND left_out = '';
CREATE INDEX observable_added ON observable (added_at);

-- The key of the hashes: made once, by the first that needs it.
CREATE TABLE observable_key (
    place {int} PRIMARY KEY,
    secret {bytes} NOT NULL,
    made_at {time} NOT NULL
) {strict};

-- That the same was found at several organisations: for the CERT alone.
CREATE TABLE correlation (
    id {id} PRIMARY KEY,
    receipt {text} NOT NULL UNIQUE,
    -- found -> drafted | dismissed; see react::correlation::State.
    state {text} NOT NULL,
    score {int} NOT NULL,
    found_at {time} NOT NULL,
    -- When something was last added to it.
    grown_at {time} NOT NULL,
    decided_by {id},
    decided_at {time},
    -- Why it was dismissed; empty where it was not.
    reason {text} NOT NULL,
    -- The number of the advisory that was drafted from it.
    advisory {text},
    version {int} NOT NULL
) {strict};
CREATE INDEX correlation_state ON correlation (state, grown_at, id);
CREATE INDEX correlation_grown ON correlation (grown_at, id);

CREATE TABLE correlation_incident (
    correlation_id {id} NOT NULL REFERENCES correlation (id),
    incident_id {id} NOT NULL REFERENCES incident (id),
    PRIMARY KEY (correlation_id, incident_id)
) {strict};
CREATE INDEX correlation_incident_of ON correlation_incident (incident_id, correlation_id);

CREATE TABLE correlation_observable (
    correlation_id {id} NOT NULL REFERENCES correlation (id),
    hash {bytes} NOT NULL,
    kind {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (correlation_id, hash)
) {strict};
CREATE INDEX correlation_observable_hash ON correlation_observable (hash);
