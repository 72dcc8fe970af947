-- The number of an entry among all that were committed, given within a second by whichever node comes first. Whoever
-- follows a case takes it up again behind the last number that they were told, on any node.
ALTER TABLE case_entry ADD COLUMN number {int};
CREATE UNIQUE INDEX case_entry_number ON case_entry (number);
CREATE INDEX case_entry_unnumbered ON case_entry (id) WHERE number IS NULL;
CREATE INDEX case_entry_follow ON case_entry (incident_id, number);
