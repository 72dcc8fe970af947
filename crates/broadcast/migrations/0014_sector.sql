-- How many stand at which stage now, by region and kind: the sum of response_count over its hours.
-- What asks about many alerts at once reads these alone.
CREATE TABLE response_total (
    alert_id {id} NOT NULL,
    region {text} NOT NULL,
    kind {text} NOT NULL,
    stage {text} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (alert_id, region, kind, stage)
) {strict};
INSERT INTO response_total (alert_id, region, kind, stage, count)
SELECT alert_id, region, kind, stage, CAST(sum(count) AS BIGINT) FROM response_count
GROUP BY alert_id, region, kind, stage HAVING sum(count) <> 0;

-- How many took so many whole hours for a step, now by region and kind too. Nodes of an earlier program go on
-- with response_time, which a later migration drops.
CREATE TABLE response_time_by_kind (
    alert_id {id} NOT NULL,
    -- 'acknowledged' or 'closed'.
    step {text} NOT NULL,
    region {text} NOT NULL,
    kind {text} NOT NULL,
    hours {int} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (alert_id, step, region, kind, hours)
) {strict};
INSERT INTO response_time_by_kind (alert_id, step, region, kind, hours, count)
SELECT alert_id, step, region, kind, hours, count(*) FROM (
    SELECT r.alert_id, 'acknowledged' AS step, r.region, r.kind,
           (r.acknowledged_at - coalesce(r.asked_at, a.issued_at)) / 3600000000 AS hours
    FROM response r JOIN alert a ON a.id = r.alert_id
    WHERE r.acknowledged_at IS NOT NULL
    UNION ALL
    SELECT r.alert_id, 'closed', r.region, r.kind,
           (r.closed_at - coalesce(r.asked_at, a.issued_at)) / 3600000000
    FROM response r JOIN alert a ON a.id = r.alert_id
    WHERE r.stage = 'closed' AND r.closed_at IS NOT NULL
) timed
GROUP BY alert_id, step, region, kind, hours;

-- How many of a region and kind were reached, how many have a deadline behind them, and how many
-- different bodies acknowledged and closed, for themselves or for others, as last counted: no counter
-- can follow them.
CREATE TABLE response_recount (
    alert_id {id} NOT NULL REFERENCES alert (id),
    region {text} NOT NULL,
    kind {text} NOT NULL,
    reached {int} NOT NULL,
    late {int} NOT NULL,
    acknowledging {int} NOT NULL,
    closing {int} NOT NULL,
    PRIMARY KEY (alert_id, region, kind)
) {strict};

-- The median time that an alert took for a step, as last counted, so that a year of alerts is read
-- at once.
CREATE TABLE response_pace (
    alert_id {id} NOT NULL REFERENCES alert (id),
    step {text} NOT NULL,
    median_hours {int} NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (alert_id, step)
) {strict};

CREATE INDEX alert_in_force ON alert (issued_at DESC, id DESC) WHERE state = 'in_force';
-- Who named what is in the way: a report reads these few alone.
CREATE INDEX response_blocked ON response (alert_id, organisation_id) WHERE blockers <> '';

-- What the CERT learned from an alert, in versions: the newest is read, the others stay.
CREATE TABLE alert_lesson (
    alert_id {id} NOT NULL REFERENCES alert (id),
    version {int} NOT NULL,
    -- Markdown.
    words {text} NOT NULL,
    written_by {id} NOT NULL,
    written_at {time} NOT NULL,
    PRIMARY KEY (alert_id, version)
) {strict};
