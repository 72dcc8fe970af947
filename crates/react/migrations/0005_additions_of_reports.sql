-- What the holder of a code, or whoever answers our mail, has added counts for their report alone.
CREATE INDEX incident_addition_report ON incident_addition (report_id, id) WHERE report_id IS NOT NULL;
