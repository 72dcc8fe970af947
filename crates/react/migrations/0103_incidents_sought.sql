-- The list of incidents by two of its filters at once: few are under way, many were; and few are urgent.
CREATE INDEX incident_state_priority ON incident (apart, state, priority, id);
CREATE INDEX incident_state_standing ON incident (apart, state, standing, id);
CREATE INDEX incident_standing_priority ON incident (apart, standing, priority, id);
-- What else is under way at an organisation that was reported within three days, which is asked for each row of a list.
CREATE INDEX incident_under_way ON incident (organisation_id, opened_at) WHERE state IN ('reported', 'open');
