-- The roots of each 1,024 entries of the log, so that a proof need not read all of it. They follow from the entries
-- alone, and are believed no further than the proof that is made of them holds.
CREATE TABLE log_block (
    place {int} PRIMARY KEY,
    root {bytes} NOT NULL
) {strict};
CREATE INDEX log_seal_root ON log_seal (root);
