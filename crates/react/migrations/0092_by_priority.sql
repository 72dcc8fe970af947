-- The list of incidents in the order of their urgency; those without a priority last. The word is that of
-- react::incident::store.
CREATE INDEX incident_urgency ON incident (apart, (COALESCE(priority, 'p9')), id DESC);
