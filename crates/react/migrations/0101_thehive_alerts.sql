-- What a system raises, until it becomes a part of a case: an organisation's own, or the CERT's own.
CREATE TABLE thehive_alert (
    id {id} PRIMARY KEY,
    -- NULL where it is the CERT's.
    organisation_id {id},
    -- The same, and nil in place of NULL: so that what is raised twice is one.
    owner_id {id} NOT NULL,
    -- The key with which it was raised.
    key_id {id} NOT NULL,
    type {text} NOT NULL,
    source {text} NOT NULL,
    source_ref {text} NOT NULL,
    link {text} NOT NULL,
    title {text} NOT NULL,
    text {text} NOT NULL,
    severity {int} NOT NULL,
    happened_at {time} NOT NULL,
    tags {text} NOT NULL,
    tlp {int} NOT NULL,
    pap {int} NOT NULL,
    -- As they came, as JSON: they are observables once they are in a case.
    observables {text} NOT NULL,
    -- new, in_progress or ignored; imported once it is a part of a case.
    status {text} NOT NULL,
    incident_id {id} REFERENCES incident (id),
    imported_at {time},
    raised_at {time} NOT NULL,
    changed_at {time} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX thehive_alert_once ON thehive_alert (owner_id, type, source, source_ref);
CREATE INDEX thehive_alert_of ON thehive_alert (owner_id, id);
CREATE INDEX thehive_alert_incident ON thehive_alert (incident_id);
CREATE INDEX thehive_alert_changed ON thehive_alert (changed_at);
