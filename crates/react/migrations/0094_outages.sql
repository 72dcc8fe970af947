-- That a supplier's systems are down for those who use them: declared by the CERT on an incident.
CREATE TABLE outage (
    id {id} PRIMARY KEY,
    receipt {text} NOT NULL UNIQUE,
    -- The form that it was declared with: sent twice, it is one.
    form {id} NOT NULL UNIQUE,
    incident_id {id} NOT NULL REFERENCES incident (id),
    supplier_id {id} NOT NULL REFERENCES supplier (id),
    -- The system that is down, as it was typed and folded; both empty for all of the supplier's.
    system {text} NOT NULL,
    folded {text} NOT NULL,
    -- What those concerned are told.
    told {text} NOT NULL,
    -- declared -> restored | withdrawn; see react::outage::State.
    state {text} NOT NULL,
    since_at {time} NOT NULL,
    declared_at {time} NOT NULL,
    declared_by {id} NOT NULL,
    -- By when those concerned are asked to say how they stand.
    answer_by {time} NOT NULL,
    -- When all that it concerned at first had been written to.
    told_at {time},
    -- When it was known at two organisations or more, and triage was told.
    spread_at {time},
    ended_at {time},
    ended_by {id},
    version {int} NOT NULL
) {strict};
CREATE INDEX outage_listed ON outage (declared_at, id);
CREATE INDEX outage_incident ON outage (incident_id, id);
CREATE INDEX outage_supplier ON outage (supplier_id, id);
CREATE INDEX outage_words ON outage (ended_at, id) WHERE ended_at IS NOT NULL AND told <> '';

-- What the CERT told those concerned afterwards. Nothing of it is changed.
CREATE TABLE outage_update (
    id {id} PRIMARY KEY,
    outage_id {id} NOT NULL REFERENCES outage (id),
    form {id} NOT NULL UNIQUE,
    text {text} NOT NULL,
    added_at {time} NOT NULL,
    added_by {id} NOT NULL
) {strict};
CREATE INDEX outage_update_of ON outage_update (outage_id, id);

-- An organisation that it concerns, and what it says: read by itself and by the CERT.
CREATE TABLE outage_reply (
    outage_id {id} NOT NULL REFERENCES outage (id),
    organisation_id {id} NOT NULL,
    -- The kind that the organisation was of when it was asked.
    kind {text} NOT NULL,
    -- waiting, affected, not_affected or recovered; see react::outage::Stands.
    stands {text} NOT NULL,
    -- working, not_working, none or not_known, as on an impact board.
    downtime {text} NOT NULL,
    -- yes, no or not_known.
    patients {text} NOT NULL,
    note {text} NOT NULL,
    -- When it answered first, and when it last did.
    first_at {time},
    answered_at {time},
    answered_by {id},
    through_id {id},
    -- The incident of its own that it opened.
    incident_id {id} REFERENCES incident (id),
    version {int} NOT NULL,
    PRIMARY KEY (outage_id, organisation_id)
) {strict};
CREATE INDEX outage_reply_organisation ON outage_reply (organisation_id, outage_id);
CREATE INDEX outage_reply_stands ON outage_reply (outage_id, stands, organisation_id);
CREATE INDEX outage_reply_incident ON outage_reply (incident_id) WHERE incident_id IS NOT NULL;
