-- Whom a version is meant for, and whether they must respond.
CREATE TABLE audience (
    version_id {id} PRIMARY KEY REFERENCES advisory_version (id),
    mode {text}
) {strict};

-- What was chosen, one row for each choice, so that one statement joins any audience: kind, region,
-- parent, organisation (codes all), and the same with exclude_ before them.
CREATE TABLE audience_choice (
    version_id {id} NOT NULL REFERENCES audience (version_id),
    part {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (version_id, part, value)
) {strict};

-- One publication of one version of an advisory.
CREATE TABLE alert (
    id {id} PRIMARY KEY,
    advisory_id {id} NOT NULL REFERENCES advisory (id),
    version_id {id} NOT NULL REFERENCES advisory_version (id),
    number {int} NOT NULL,
    title {text} NOT NULL,
    severity {text} NOT NULL,
    tlp {text} NOT NULL,
    mode {text} NOT NULL,
    -- issued (nobody sees it yet) -> in_force -> superseded | withdrawn; issued -> called_back.
    state {text} NOT NULL,
    -- The response policy and its version, such as response/1.
    policy {text} NOT NULL,
    issued_at {time} NOT NULL,
    issued_by {id} NOT NULL,
    -- Delivery begins then; until then it can be called back.
    deliver_at {time} NOT NULL,
    fanned_out_at {time},
    -- When it was called back, superseded or withdrawn, and why.
    ended_at {time},
    ended_reason {text},
    -- The alert of an earlier version that this one takes the place of when it comes into force, and
    -- whether the answers given to that one stand.
    supersedes_id {id} REFERENCES alert (id),
    answers_stand {bool} NOT NULL,
    acknowledge_by {time},
    remediate_by {time},
    -- Moves with everything that readers are told; the API's change cursor and ETag.
    changed_at {time} NOT NULL
) {strict};
CREATE INDEX alert_issued ON alert (issued_at DESC, id DESC);
CREATE INDEX alert_advisory ON alert (advisory_id, issued_at);
CREATE INDEX alert_number ON alert (number, issued_at);
CREATE INDEX alert_changed ON alert (changed_at, id);
-- A version that was called back can be published again.
CREATE UNIQUE INDEX alert_version ON alert (version_id) WHERE state <> 'called_back';

-- The frozen audience of an alert, and where each organisation stands with it.
CREATE TABLE response (
    organisation_id {id} NOT NULL,
    alert_id {id} NOT NULL REFERENCES alert (id),
    -- As at issue: counters and pages must not move when a body does.
    kind {text} NOT NULL,
    region {text} NOT NULL,
    -- When it was asked, where that was by an earlier alert whose answers were carried over.
    asked_at {time},
    stage {text} NOT NULL,
    applies {text} NOT NULL,
    applies_reason {text},
    acknowledged_at {time},
    acknowledged_by {id},
    -- The organisation through which it was answered, where it was not itself.
    answered_through {id},
    done {text},
    systems {int},
    planned_on {text},
    blockers {text},
    mitigation {text},
    next_update_at {time},
    outcome {text},
    closed_at {time},
    version {int} NOT NULL,
    changed_at {time} NOT NULL,
    PRIMARY KEY (organisation_id, alert_id)
) {strict};
CREATE INDEX response_alert ON response (alert_id, stage, organisation_id);
CREATE INDEX response_open ON response (organisation_id, stage, alert_id);
-- Whose deadline is behind them, the longest first. For these alone: a deadline of one organisation
-- is found by the key of clock, and an index without "kind" would be taken for that too.
CREATE INDEX clock_response_late ON clock (about_id, due_at, organisation_id, name)
    WHERE stopped_at IS NULL AND kind = 'response';
-- Whom nothing but a call reminds any more: they are counted from this index alone.
CREATE INDEX clock_response_ring ON clock (about_id, due_at, organisation_id, name)
    WHERE stopped_at IS NULL AND kind = 'response' AND next_due_at IS NULL;

-- What was said, one row for each thing said; a correction is a new row. What is said for many at
-- once has one id, so that the rest of the change follows from these rows.
CREATE TABLE response_event (
    organisation_id {id} NOT NULL,
    alert_id {id} NOT NULL,
    id {id} NOT NULL,
    at {time} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {id},
    through_id {id},
    event {text} NOT NULL,
    was {text} NOT NULL,
    stage {text} NOT NULL,
    -- The version that the response had after it.
    version {int} NOT NULL,
    said {text} NOT NULL,
    PRIMARY KEY (organisation_id, alert_id, id)
) {strict};
CREATE INDEX response_event_alert ON response_event (alert_id, id, organisation_id);

-- What somebody is about to say about an alert: kept page by page, gone once it is said.
CREATE TABLE response_draft (
    holder_id {id} NOT NULL,
    alert_id {id} NOT NULL REFERENCES alert (id),
    -- For all that the holder answers for, all but those in response_choice, or only those.
    chosen {text} NOT NULL,
    -- broadcast::response::Said as one document.
    said {text} NOT NULL,
    changed_at {time} NOT NULL,
    PRIMARY KEY (holder_id, alert_id)
) {strict};
CREATE INDEX response_draft_age ON response_draft (changed_at);
-- Organisations by name: a person's list over several pages, or an event's while it is said.
CREATE TABLE response_choice (
    list_id {id} NOT NULL,
    alert_id {id} NOT NULL REFERENCES alert (id),
    organisation_id {id} NOT NULL,
    PRIMARY KEY (list_id, alert_id, organisation_id)
) {strict};

-- How many organisations moved into a stage in which hour, by region and kind: net changes.
CREATE TABLE response_count (
    alert_id {id} NOT NULL,
    region {text} NOT NULL,
    kind {text} NOT NULL,
    stage {text} NOT NULL,
    hour {time} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (alert_id, region, kind, stage, hour)
) {strict};

-- How many took so many whole hours, from when they were asked, until they acknowledged or closed:
-- net changes.
CREATE TABLE response_time (
    alert_id {id} NOT NULL,
    -- 'acknowledged' or 'closed'.
    step {text} NOT NULL,
    hours {int} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (alert_id, step, hours)
) {strict};

-- Who rang a late organisation, when, and what came of it.
CREATE TABLE ring (
    id {id} PRIMARY KEY,
    alert_id {id} NOT NULL REFERENCES alert (id),
    organisation_id {id} NOT NULL,
    caller_id {id} NOT NULL,
    at {time} NOT NULL,
    outcome {text} NOT NULL,
    note {text} NOT NULL
) {strict};
CREATE INDEX ring_alert ON ring (alert_id, organisation_id, at);
CREATE INDEX ring_noted ON ring (at) WHERE note <> '';

-- How many of those who must respond were told of an alert, as last counted.
CREATE TABLE response_reach (
    alert_id {id} PRIMARY KEY REFERENCES alert (id),
    reached {int} NOT NULL,
    counted_at {time} NOT NULL
) {strict};
