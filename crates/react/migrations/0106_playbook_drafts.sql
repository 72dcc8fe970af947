-- A playbook that is being written or changed, until it is published or dropped.
CREATE TABLE playbook_draft (
    id {id} PRIMARY KEY,
    -- What it is to become a version of: playbook--…
    cacao_id {text} NOT NULL,
    name {text} NOT NULL,
    -- The number of the version that was kept when it was begun; NULL where none was.
    based_on {int},
    -- The word of the one of the program's own that it is to stand in front of; NULL where of none.
    in_front_of {text},
    -- draft <-> submitted, then published or dropped; see react::playbook::draft::State.
    state {text} NOT NULL,
    -- JSON in the form of CACAO 2.0, whole or not.
    document {bytes} NOT NULL,
    -- Grows with every change.
    edition {int} NOT NULL,
    begun_by {id} NOT NULL,
    begun_at {time} NOT NULL,
    saved_at {time} NOT NULL,
    submitted_at {time},
    -- Why it was sent back last; empty where it was not.
    sent_back {text} NOT NULL,
    -- Who published or dropped it, and when.
    decided_by {id},
    decided_at {time}
) {strict};
-- One at a time for each playbook.
CREATE UNIQUE INDEX playbook_draft_open ON playbook_draft (cacao_id) WHERE decided_at IS NULL;
CREATE INDEX playbook_draft_waiting ON playbook_draft (id) WHERE decided_at IS NULL;
CREATE INDEX playbook_draft_decided ON playbook_draft (decided_at) WHERE decided_at IS NOT NULL;

-- Who has written in a draft: none of them publishes it.
CREATE TABLE playbook_draft_editor (
    draft_id {id} NOT NULL REFERENCES playbook_draft (id),
    person_id {id} NOT NULL,
    PRIMARY KEY (draft_id, person_id)
) {strict};

-- The word of the one of the program's own that it stands in front of; NULL where of none.
ALTER TABLE playbook ADD COLUMN in_front_of {text};
CREATE INDEX playbook_in_front ON playbook (in_front_of) WHERE in_front_of IS NOT NULL;
