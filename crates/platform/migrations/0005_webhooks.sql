-- A server that is told what happens: an organisation's, or the CERT's own.
CREATE TABLE webhook (
    id {id} PRIMARY KEY,
    -- Whose it is; the CERT's own where it is NULL.
    organisation_id {id} REFERENCES organisation (id),
    name {text} NOT NULL,
    url {text} NOT NULL,
    -- 'json' or 'chat'.
    format {text} NOT NULL,
    -- The names of what it is told of, each with a space before and behind it.
    events {text} NOT NULL,
    -- As they are, since they sign; the one before signs as well until then.
    secret {bytes} NOT NULL,
    previous_secret {bytes},
    previous_until {time},
    -- on <-> off; either -> removed: it is gone for everybody, and its rows are deleted bit by bit.
    state {text} NOT NULL,
    -- Why it is off: 'person', 'failing' or 'gone'.
    off_reason {text},
    changed_at {time} NOT NULL,
    version {int} NOT NULL,
    -- The form that it was added with: sent again, it adds nothing.
    form {id},
    created_by {id} NOT NULL,
    created_at {time} NOT NULL,
    -- When something is to be sent next, or when the worker that has it counts as dead; NULL where
    -- nothing waits.
    next_at {time},
    -- A worker has it until then.
    lease_until {time},
    -- How often it failed in succession, since when nothing was taken, until when it is left alone.
    failures {int} NOT NULL,
    failing_since {time},
    paused_until {time},
    UNIQUE (created_by, form)
) {strict};
CREATE INDEX webhook_owner ON webhook (organisation_id, created_at, id);
-- Two lanes: a server that fails keeps nobody waiting but others that fail.
CREATE INDEX webhook_due_well ON webhook (next_at, id) WHERE next_at IS NOT NULL AND failing_since IS NULL;
CREATE INDEX webhook_due_failing ON webhook (next_at, id) WHERE next_at IS NOT NULL AND failing_since IS NOT NULL;
CREATE INDEX webhook_previous ON webhook (previous_until) WHERE previous_until IS NOT NULL;
CREATE INDEX webhook_removed ON webhook (changed_at, id) WHERE state = 'removed';

-- What a webhook is told, once; its id is the `webhook-id` of each try.
CREATE TABLE webhook_delivery (
    id {id} PRIMARY KEY,
    webhook_id {id} NOT NULL REFERENCES webhook (id),
    event {text} NOT NULL,
    about_id {id} NOT NULL,
    fields {json} NOT NULL,
    -- waiting -> delivered | failed | called_back; any of them -> waiting, when it is sent again.
    state {text} NOT NULL,
    created_at {time} NOT NULL,
    -- Since when it is tried, which is for a few days.
    queued_at {time} NOT NULL,
    not_before {time} NOT NULL,
    attempts {int} NOT NULL,
    -- What came of the last try: a status, or why there is none.
    answer {int},
    problem {text},
    -- When it was first taken, whatever became of it since.
    delivered_at {time},
    settled_at {time},
    -- The same thing is told once.
    unique_key {text} NOT NULL,
    UNIQUE (webhook_id, unique_key)
) {strict};
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, not_before, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_failed ON webhook_delivery (webhook_id, created_at, id) WHERE state = 'failed';
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, created_at, id);
CREATE INDEX webhook_delivery_about ON webhook_delivery (about_id, webhook_id);
CREATE INDEX webhook_delivery_settled ON webhook_delivery (settled_at) WHERE settled_at IS NOT NULL;
