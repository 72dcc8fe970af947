-- Where and when a threat is active, as the CERT's analysts know it: one row for each state of each
-- entry, so that what was believed on a day can be read again.
CREATE TABLE threat_activity (
    id {id} PRIMARY KEY,
    -- Which entry: the same through its corrections.
    activity_id {id} NOT NULL,
    threat_id {id} NOT NULL REFERENCES threat (id),
    -- A region's code; empty for the whole country.
    region {text} NOT NULL,
    -- Codes of types of organisations with spaces between them; empty where no type is known.
    kinds {text} NOT NULL,
    -- The first and the last day, ISO 8601; without a last one it goes on.
    from_on {text} NOT NULL,
    until_on {text},
    basis {text} NOT NULL,
    confidence {text} NOT NULL,
    note {text} NOT NULL,
    -- entered, corrected or ended.
    change {text} NOT NULL,
    changed_by {id} NOT NULL,
    changed_at {time} NOT NULL,
    superseded_at {time}
) {strict};
CREATE UNIQUE INDEX threat_activity_standing ON threat_activity (activity_id) WHERE superseded_at IS NULL;
CREATE INDEX threat_activity_entry ON threat_activity (activity_id, id);
CREATE INDEX threat_activity_region ON threat_activity (region, threat_id) WHERE superseded_at IS NULL;
CREATE INDEX threat_activity_threat ON threat_activity (threat_id, id) WHERE superseded_at IS NULL;

-- What an organisation reported that it saw.
CREATE TABLE sighting (
    id {id} PRIMARY KEY,
    -- What the organisation quotes. Drawn by lot: a running number would tell how many others report.
    receipt {text} NOT NULL UNIQUE,
    -- The form that it was sent with: sent twice, it is one sighting.
    form {id} NOT NULL,
    organisation_id {id} NOT NULL,
    -- The organisation whose person or key reported it: another one, where that answers for it.
    through_id {id} NOT NULL,
    reporter_kind {text} NOT NULL,
    reporter_id {id},
    seen {text} NOT NULL,
    -- The day, ISO 8601.
    seen_on {text} NOT NULL,
    harm {text} NOT NULL,
    -- What happened, where in the organisation, and which threat they think it was: their words.
    words {text} NOT NULL,
    place {text} NOT NULL,
    called {text} NOT NULL,
    -- A list of indicators, defanged, as one document.
    indicators {text} NOT NULL,
    telling {text} NOT NULL,
    tlp {text} NOT NULL,
    reported_at {time} NOT NULL,
    -- new -> linked | dismissed; see broadcast::sighting::Status.
    status {text} NOT NULL,
    threat_id {id} REFERENCES threat (id),
    -- Why it was dismissed.
    reason {text},
    judged_by {id},
    judged_at {time},
    version {int} NOT NULL,
    UNIQUE (form, organisation_id)
) {strict};
CREATE INDEX sighting_organisation ON sighting (organisation_id, id);
CREATE INDEX sighting_status ON sighting (status, id);
CREATE INDEX sighting_threat ON sighting (threat_id, seen_on) WHERE status = 'linked';
CREATE INDEX sighting_seen ON sighting (seen_on);
CREATE INDEX sighting_words ON sighting (reported_at) WHERE words <> '' OR place <> '' OR called <> '';

-- Because of which sightings a threat was entered by hand: an advisory about it rests on them.
CREATE TABLE threat_sighting (
    threat_id {id} NOT NULL REFERENCES threat (id),
    sighting_id {id} NOT NULL REFERENCES sighting (id),
    PRIMARY KEY (threat_id, sighting_id)
) {strict};

-- On which sightings an advisory rests: their marking binds it.
CREATE TABLE advisory_sighting (
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    sighting_id {id} NOT NULL REFERENCES sighting (id),
    PRIMARY KEY (advisory_id, sighting_id)
) {strict};
