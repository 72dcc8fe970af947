-- What somebody at the CERT has in hand, for their first page: only what is open stands in it.
CREATE INDEX incident_in_hand ON incident (taken_by, id) WHERE state = 'open';
