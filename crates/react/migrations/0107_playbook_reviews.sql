-- Who outside the program has read a playbook and agreed with it: a clinician its steps, a translator its Welsh.
CREATE TABLE playbook_review (
    id {id} PRIMARY KEY,
    -- The playbook, ours or another: playbook--…
    cacao_id {text} NOT NULL,
    -- clinical or welsh; see react::playbook::review::Kind.
    kind {text} NOT NULL,
    -- SHA-256 of what was read: of other words nobody has said anything.
    hash {bytes} NOT NULL,
    -- The name and the profession of whoever read it, and the day: 2026-11-27.
    name {text} NOT NULL,
    profession {text} NOT NULL,
    day {text} NOT NULL,
    written_by {id} NOT NULL,
    written_at {time} NOT NULL,
    -- When it was taken back, or another one took its place.
    over_at {time}
) {strict};
CREATE UNIQUE INDEX playbook_review_standing ON playbook_review (cacao_id, kind) WHERE over_at IS NULL;
CREATE INDEX playbook_review_over ON playbook_review (over_at) WHERE over_at IS NOT NULL;
