-- When the steps of an incident were reached, beside those that the incident itself knows: reported and closed.
CREATE TABLE pace (
    incident_id {id} PRIMARY KEY REFERENCES incident (id),
    -- When somebody at the CERT first looked at it.
    acknowledged_at {time},
    -- Since when the attacker does no more, and since when care is as it was, as people said last.
    contained_at {time},
    recovered_at {time}
) {strict};
INSERT INTO pace (incident_id, acknowledged_at)
SELECT id, taken_at FROM incident WHERE taken_at IS NOT NULL;

-- From when until when the CERT waited for the organisation, and for what.
CREATE TABLE pace_wait (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    since_at {time} NOT NULL,
    until_at {time},
    what {text} NOT NULL,
    begun_by {id} NOT NULL,
    ended_by {id},
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX pace_wait_of ON pace_wait (incident_id, since_at);
CREATE UNIQUE INDEX pace_wait_running ON pace_wait (incident_id) WHERE until_at IS NULL;
-- The incidents of a year, by when they were reported.
CREATE INDEX incident_opened ON incident (apart, opened_at, id);
