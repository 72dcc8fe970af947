-- The sealed log: what happened, who did it, about what. Nothing is ever changed here but the
-- sealer's two columns and, on erasure, payload and salt.
CREATE TABLE log_entry (
    id {id} PRIMARY KEY,
    at {time} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {id},
    verb {text} NOT NULL,
    about_kind {text} NOT NULL,
    about_id {id},
    organisation_id {id},
    payload {text},
    salt {bytes},
    digest {bytes} NOT NULL,
    sequence {int} UNIQUE
) {strict};
CREATE INDEX log_entry_unsealed ON log_entry (id) WHERE sequence IS NULL;
CREATE INDEX log_entry_about ON log_entry (about_id, id);
-- What was done for many at once, or about an alert as such: few of all the entries about it.
CREATE INDEX log_entry_for_many ON log_entry (about_id, at) WHERE organisation_id IS NULL;
CREATE INDEX log_entry_organisation ON log_entry (organisation_id, id);
CREATE INDEX log_entry_actor ON log_entry (actor_id, id);
CREATE INDEX log_entry_at ON log_entry (at, id);

-- One row for each batch that the sealer closed: the tree's size, root and right edge.
CREATE TABLE log_seal (
    size {int} PRIMARY KEY,
    previous_size {int} NOT NULL UNIQUE,
    root {bytes} NOT NULL,
    edge {bytes} NOT NULL,
    sealed_at {time} NOT NULL
) {strict};
