-- Ringing the people on call for an incident, until one says that they look at it: how it stands now.
CREATE TABLE incident_paging (
    incident_id {id} PRIMARY KEY REFERENCES incident (id),
    -- The most urgent priority that it was rung for.
    priority {text} NOT NULL,
    -- Whether nobody had vouched for the incident when it began.
    apart {bool} NOT NULL,
    begun_at {time} NOT NULL,
    -- Who is called first whatever the rota says: who has the incident in hand.
    first_id {id},
    acknowledged_by {id},
    acknowledged_at {time},
    -- When it ended otherwise: the incident was closed, or is not urgent any more.
    ended_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX incident_paging_apart ON incident_paging (begun_at) WHERE apart = TRUE;

-- Who was called, and when.
CREATE TABLE incident_page_call (
    incident_id {id} NOT NULL REFERENCES incident (id),
    called_at {time} NOT NULL,
    person_id {id} NOT NULL,
    PRIMARY KEY (incident_id, called_at, person_id)
) {strict};
