-- A playbook that the CERT has imported. Those of the program itself are part of it, and stand in no table.
CREATE TABLE playbook (
    id {id} PRIMARY KEY,
    -- What names it wherever it travels: playbook--…
    cacao_id {text} NOT NULL UNIQUE,
    -- The version that is read.
    number {int} NOT NULL,
    name {text} NOT NULL,
    -- Its Traffic Light Protocol level; NULL where it says none, and it is then for the CERT alone.
    tlp {text},
    -- current <-> withdrawn.
    state {text} NOT NULL,
    withdrawn_reason {text},
    withdrawn_at {time},
    -- Grows with every change.
    version {int} NOT NULL
) {strict};

-- Every version that was imported, byte for byte. None is forgotten: a run is held to the one that it began with.
CREATE TABLE playbook_version (
    playbook_id {id} NOT NULL REFERENCES playbook (id),
    number {int} NOT NULL,
    -- SHA-256 of its canonical JSON (RFC 8785).
    hash {bytes} NOT NULL UNIQUE,
    -- When whoever made it says that they did.
    modified {time} NOT NULL,
    document {bytes} NOT NULL,
    imported_by {id},
    imported_at {time} NOT NULL,
    PRIMARY KEY (playbook_id, number)
) {strict};

-- The folded words of the names of playbooks, for search.
CREATE TABLE playbook_word (
    word {text} NOT NULL,
    playbook_id {id} NOT NULL REFERENCES playbook (id),
    PRIMARY KEY (word, playbook_id)
) {strict};
CREATE INDEX playbook_word_of ON playbook_word (playbook_id);
