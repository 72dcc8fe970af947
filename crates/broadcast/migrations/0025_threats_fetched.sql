-- Threats that have a word are fetched, sorted and thrown away but for a page: with all that is compared in one index,
-- their rows, which are wide, are read for the page alone.
CREATE INDEX threat_sought ON threat (id, rank, dated, kind, status, known_exploited, ransomware, medical, claimed_by);
