-- Addresses that are asked on a schedule for what a source publishes.
CREATE TABLE feed (
    id {id} PRIMARY KEY,
    name {text} NOT NULL,
    source {text} NOT NULL,
    url {text} NOT NULL,
    every_minutes {int} NOT NULL,
    -- Without anything new for this long, it has fallen silent.
    silent_hours {int} NOT NULL,
    -- Public keys by which its documents' signatures count, armoured; NULL where none were given.
    keys {text},
    version {int} NOT NULL,
    -- The asking that comes next; a job of an earlier one does nothing.
    turn {int} NOT NULL,
    -- When that is; NULL while it is paused.
    next_at {time},
    created_at {time} NOT NULL,
    -- When it was asked last, and when it last told something new.
    asked_at {time},
    heard_at {time},
    -- How often it failed in succession, and since when.
    failures {int} NOT NULL,
    failing_since {time},
    -- Since when people know that it is silent or failing.
    alarmed_at {time}
) {strict};
CREATE UNIQUE INDEX feed_url ON feed (url, source);
CREATE INDEX feed_alarmed ON feed (alarmed_at) WHERE alarmed_at IS NOT NULL;

-- What came of each asking.
CREATE TABLE feed_run (
    feed_id {id} NOT NULL REFERENCES feed (id),
    id {id} NOT NULL,
    at {time} NOT NULL,
    -- In microseconds.
    took {int} NOT NULL,
    outcome {text} NOT NULL,
    -- Requests, and bytes of their answers.
    asked {int} NOT NULL,
    bytes {int} NOT NULL,
    new {int} NOT NULL,
    changed {int} NOT NULL,
    same {int} NOT NULL,
    refused {int} NOT NULL,
    remarked {int} NOT NULL,
    -- Documents that are left for the next one.
    remaining {int} NOT NULL,
    -- What to know of it, the first sentences, as a list.
    told {json} NOT NULL,
    PRIMARY KEY (feed_id, id)
) {strict};
CREATE INDEX feed_run_at ON feed_run (at);

-- The addresses that a feed leads to, its own among them.
CREATE TABLE feed_place (
    feed_id {id} NOT NULL REFERENCES feed (id),
    url {text} NOT NULL,
    -- By which its server tells whether it has changed.
    etag {text},
    last_modified {text},
    -- SHA-256 of what was taken in; a server may know nothing of ETags.
    hash {bytes},
    -- When the list that names it says that it last changed.
    listed_at {time},
    -- How often it could not be had since, and why.
    tries {int} NOT NULL,
    error {text},
    PRIMARY KEY (feed_id, url)
) {strict};
CREATE INDEX feed_place_failed ON feed_place (feed_id, url) WHERE error IS NOT NULL;
