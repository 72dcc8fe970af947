-- When an organisation became aware of something that a law asks to be reported, as somebody decided. Nothing of it is
-- changed: a correction is another row, which names the one that it corrects.
CREATE TABLE awareness (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own or shared; see react::case::Zone.
    zone {text} NOT NULL,
    -- Of what; see react::regime::Trigger.
    trigger_code {text} NOT NULL,
    aware_at {time} NOT NULL,
    -- By whom it was decided, as it was typed, and why.
    decided_by {text} NOT NULL,
    why {text} NOT NULL,
    -- Who wrote it down, and the organisation whose person that is; none for the CERT.
    person_id {id},
    through_id {id},
    recorded_at {time} NOT NULL,
    -- One is corrected once: who is faster corrects it, the other one corrects the correction.
    corrects_id {id} UNIQUE REFERENCES awareness (id),
    -- The form that it was sent with: sent twice, it is one decision.
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX awareness_of ON awareness (incident_id, id);
CREATE INDEX awareness_words ON awareness (recorded_at) WHERE why <> '' OR decided_by <> '';

-- A clock: one duty of one regime that an awareness began.
CREATE TABLE duty_clock (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    organisation_id {id} NOT NULL,
    zone {text} NOT NULL,
    -- The awareness from which it counts now.
    awareness_id {id} NOT NULL REFERENCES awareness (id),
    -- The regime and the duty in content/clocks, and the version that set it.
    regime {text} NOT NULL,
    regime_version {int} NOT NULL,
    duty {text} NOT NULL,
    -- running, met, late or not_required; see react::regime::State.
    state {text} NOT NULL,
    -- NULL where the law names no hour.
    due_at {time},
    -- When it was reported first, or decided not to be required.
    ended_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX duty_clock_of ON duty_clock (incident_id, id);
CREATE INDEX duty_clock_awareness ON duty_clock (awareness_id, id);

-- Every deadline that a clock has had, and from which awareness it was counted.
CREATE TABLE duty_due (
    id {id} PRIMARY KEY,
    clock_id {id} NOT NULL REFERENCES duty_clock (id),
    zone {text} NOT NULL,
    awareness_id {id} NOT NULL REFERENCES awareness (id),
    due_at {time},
    set_at {time} NOT NULL
) {strict};
CREATE INDEX duty_due_of ON duty_due (clock_id, id);

-- What was done about a clock: reported, with what was sent and the receipt for it; decided not to be required, or
-- required after all; explained. Nothing of it is changed.
CREATE TABLE duty_step (
    id {id} PRIMARY KEY,
    clock_id {id} NOT NULL REFERENCES duty_clock (id),
    zone {text} NOT NULL,
    -- reported, not_required, required or explained; see react::regime::store::Step.
    step {text} NOT NULL,
    -- When it was sent, or decided.
    happened_at {time} NOT NULL,
    -- Who sent it, or decided, as it was typed.
    by_name {text} NOT NULL,
    -- The number that the recipient gave; empty where none.
    reference {text} NOT NULL,
    -- What was sent, as it was.
    text {text} NOT NULL,
    -- The reasons: for being late, for not being required.
    reason {text} NOT NULL,
    person_id {id},
    through_id {id},
    recorded_at {time} NOT NULL,
    form {id} NOT NULL UNIQUE
) {strict};
CREATE INDEX duty_step_of ON duty_step (clock_id, id);
CREATE INDEX duty_step_words ON duty_step (recorded_at) WHERE text <> '' OR reason <> '' OR by_name <> '';

-- What the case does not tell by itself and a report has to say; the newest of a key counts.
CREATE TABLE duty_fact (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    zone {text} NOT NULL,
    -- The key of the fact in content/clocks.
    fact {text} NOT NULL,
    text {text} NOT NULL,
    person_id {id},
    through_id {id},
    recorded_at {time} NOT NULL
) {strict};
CREATE INDEX duty_fact_of ON duty_fact (incident_id, zone, fact, id);
CREATE INDEX duty_fact_words ON duty_fact (recorded_at) WHERE text <> '';
