-- A service of an organisation in a case, and how care goes on there: as it stands now.
CREATE TABLE impact_service (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- Always shared: who helps has to see it.
    zone {text} NOT NULL,
    name {text} NOT NULL,
    -- The systems that it relies on, as they were typed.
    systems {text} NOT NULL,
    -- normal, degraded or stopped.
    state {text} NOT NULL,
    -- working, not_working, none or not_known.
    downtime {text} NOT NULL,
    -- Where patients are diverted to, and since when; empty where they are not.
    diverted_to {text} NOT NULL,
    diverted_since {time},
    -- none, possible, likely or actual.
    harm {text} NOT NULL,
    harm_note {text} NOT NULL,
    changed_at {time} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE INDEX impact_service_of ON impact_service (incident_id, id);

-- Every way in which a service has stood. Nothing of it is changed.
CREATE TABLE impact_change (
    id {id} PRIMARY KEY,
    service_id {id} NOT NULL REFERENCES impact_service (id),
    incident_id {id} NOT NULL REFERENCES incident (id),
    zone {text} NOT NULL,
    name {text} NOT NULL,
    systems {text} NOT NULL,
    state {text} NOT NULL,
    downtime {text} NOT NULL,
    diverted_to {text} NOT NULL,
    diverted_since {time},
    harm {text} NOT NULL,
    harm_note {text} NOT NULL,
    -- Who wrote it down, and the organisation whose person that is; none for the CERT.
    person_id {id},
    through_id {id},
    recorded_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX impact_change_of ON impact_change (incident_id, id);
CREATE INDEX impact_change_service ON impact_change (service_id, id);
CREATE INDEX impact_change_words ON impact_change (recorded_at) WHERE harm_note <> '';

-- How much was postponed because of the incident, all together up to a moment.
CREATE TABLE impact_count (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    zone {text} NOT NULL,
    -- Up to when it is counted.
    counted_at {time} NOT NULL,
    appointments {int} NOT NULL,
    procedures {int} NOT NULL,
    person_id {id},
    through_id {id},
    recorded_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX impact_count_of ON impact_count (incident_id, counted_at, id);
