-- What a run is held to: the playbook as it was when the run began, whatever becomes of it afterwards.
CREATE TABLE run_document (
    -- SHA-256 of its canonical JSON (RFC 8785).
    hash {bytes} PRIMARY KEY,
    document {bytes} NOT NULL,
    kept_at {time} NOT NULL
) {strict};

-- A playbook that is followed in the case of an incident.
CREATE TABLE run (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert; see react::case::Zone.
    zone {text} NOT NULL,
    -- How its address named the playbook: the word of one of the program's own, or the id of one that was imported.
    playbook {text} NOT NULL,
    name {text} NOT NULL,
    hash {bytes} NOT NULL REFERENCES run_document (hash),
    -- Where people stand: formats::cacao::run::State.
    state {json} NOT NULL,
    -- running -> ended or stopped; see react::run::Standing.
    standing {text} NOT NULL,
    started_by {id} NOT NULL,
    through_id {id},
    started_at {time} NOT NULL,
    ended_at {time},
    -- Why it was stopped; empty where it was not.
    reason {text} NOT NULL,
    -- How many events it has.
    events {int} NOT NULL,
    -- Whether the words of its tasks are still kept.
    words_kept {bool} NOT NULL,
    -- The form that it was started with: sent twice, it is one run.
    form {id} NOT NULL UNIQUE,
    version {int} NOT NULL
) {strict};
CREATE INDEX run_of ON run (incident_id, id);
CREATE INDEX run_words ON run (incident_id, id) WHERE words_kept = TRUE;

-- What somebody is asked to do, to answer or to find out, once for each stay at a step.
CREATE TABLE run_task (
    id {id} PRIMARY KEY,
    run_id {id} NOT NULL REFERENCES run (id),
    -- What names the stay at the step within the run.
    visit {int} NOT NULL,
    step {text} NOT NULL,
    -- The branches and rounds in which it lies, as formats::cacao::run::path writes them.
    scope {text} NOT NULL,
    -- task, question or fact.
    kind {text} NOT NULL,
    -- open <-> waiting, then done, cannot, skipped, answered or dropped; see react::run::TaskState.
    state {text} NOT NULL,
    -- Of a question of a while, how many rounds there were.
    rounds {int} NOT NULL,
    -- Of a fact, the visit of its question.
    question {int},
    owner_id {id},
    opened_at {time} NOT NULL,
    due_at {time},
    closed_at {time},
    closed_by {id},
    through_id {id},
    -- Of a question, the code of the answer.
    answer {text} NOT NULL,
    -- What people wrote: what was done or found, how it is undone, and why not.
    evidence {text} NOT NULL,
    undo {text} NOT NULL,
    reason {text} NOT NULL,
    version {int} NOT NULL,
    UNIQUE (run_id, visit)
) {strict};
CREATE INDEX run_task_open ON run_task (run_id, visit) WHERE closed_at IS NULL;
CREATE INDEX run_task_closed ON run_task (run_id, closed_at, visit);

-- Each thing that happened in a run. Nothing is changed or deleted, and no words of people stand in it.
CREATE TABLE run_event (
    id {id} PRIMARY KEY,
    run_id {id} NOT NULL REFERENCES run (id),
    number {int} NOT NULL,
    -- See react::run::Happened.
    kind {text} NOT NULL,
    -- The step, and the visit, where it is about one.
    step {text} NOT NULL,
    visit {int},
    -- An answer, a round, a number of branches.
    detail {text} NOT NULL,
    person_id {id},
    through_id {id},
    at {time} NOT NULL,
    -- The form that caused it: sent twice, it happens once.
    form {id} UNIQUE,
    UNIQUE (run_id, number)
) {strict};
