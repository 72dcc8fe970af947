-- An entry is corrected once; whoever was wrong again corrects the correction.
DROP INDEX case_entry_corrects;
CREATE UNIQUE INDEX case_entry_corrects ON case_entry (corrects_id);
-- Guests that were let out are forgotten with their case too.
CREATE INDEX case_guest_incident ON case_guest (incident_id);
