-- Whose systems organisations use: a supplier is an organisation of the register, or a name.
CREATE TABLE supplier (
    id {id} PRIMARY KEY,
    name {text} NOT NULL,
    -- The words of its name, folded: by them it is known again, however it is typed.
    folded {text} NOT NULL UNIQUE,
    -- The organisation that it is, where that is known.
    organisation_id {id},
    -- The one that it turned out to be: whatever is said of it is said of that one.
    joined_into {id} REFERENCES supplier (id),
    added_at {time} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX supplier_organisation ON supplier (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX supplier_listed ON supplier (folded, id) WHERE joined_into IS NULL;
CREATE INDEX supplier_joined ON supplier (joined_into) WHERE joined_into IS NOT NULL;

-- The words by which a supplier is found.
CREATE TABLE supplier_word (
    word {text} NOT NULL,
    supplier_id {id} NOT NULL REFERENCES supplier (id),
    PRIMARY KEY (word, supplier_id)
) {strict};

-- A system that an organisation uses, and whose it is: its own word, read by it and by the CERT.
CREATE TABLE supplier_use (
    id {id} PRIMARY KEY,
    supplier_id {id} NOT NULL REFERENCES supplier (id),
    organisation_id {id} NOT NULL,
    system {text} NOT NULL,
    folded {text} NOT NULL,
    -- Whether care relies on it.
    clinical {bool} NOT NULL,
    -- How work goes on without it, or where that is written; empty where it was not said.
    downtime {text} NOT NULL,
    changed_at {time} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX supplier_use_once ON supplier_use (organisation_id, supplier_id, folded);
CREATE INDEX supplier_use_of ON supplier_use (supplier_id, organisation_id);
