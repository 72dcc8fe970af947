-- A call to a number that was held before the incident, to learn whether the organisation reported it.
CREATE TABLE call_back (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- The contact that was rung; NULL for the organisation's own number.
    contact_id {id},
    number {text} NOT NULL,
    -- confirmed, not_reached or refuted.
    outcome {text} NOT NULL,
    note {text} NOT NULL,
    rung_by {id} NOT NULL,
    rung_at {time} NOT NULL
) {strict};
CREATE INDEX call_back_incident ON call_back (incident_id, id);
CREATE INDEX call_back_note ON call_back (rung_at) WHERE note <> '' OR number <> '';
