-- What is decided about each threat by SSVC (broadcast::triage): its decision points as their vector, with
-- what analysts set; nothing where there is nothing to decide. The decision itself is the band of the rank.
ALTER TABLE threat ADD COLUMN points {text};
-- The version of the triage policy under which they were judged; 0 for what is to be judged yet, by a job.
ALTER TABLE threat ADD COLUMN policy {int} NOT NULL DEFAULT 0;
CREATE INDEX threat_policy ON threat (policy, id);
-- Until then nothing is decided about them: the band of "Not yet decided", in the order that they had.
UPDATE threat SET rank = rank + 30000000 WHERE kind NOT IN ('attack_pattern', 'threat_actor');

-- What an analyst set a decision point to, and why; with its end once it was withdrawn or replaced.
CREATE TABLE triage_override (
    id {id} PRIMARY KEY,
    threat_id {id} NOT NULL REFERENCES threat (id),
    point {text} NOT NULL,
    value {text} NOT NULL,
    reason {text} NOT NULL,
    set_by {id} NOT NULL,
    set_at {time} NOT NULL,
    ended_at {time},
    ended_by {id}
) {strict};
CREATE UNIQUE INDEX triage_override_standing ON triage_override (threat_id, point) WHERE ended_at IS NULL;
CREATE INDEX triage_override_threat ON triage_override (threat_id, id);
CREATE INDEX triage_override_ended ON triage_override (ended_at) WHERE ended_at IS NOT NULL;

-- Whether a change let the threat rise in the list: what people come back to see.
ALTER TABLE threat_change ADD COLUMN rose {bool} NOT NULL DEFAULT FALSE;
CREATE INDEX threat_change_rose ON threat_change (at DESC, id DESC) WHERE rose = TRUE;
CREATE INDEX threat_change_at ON threat_change (at);
