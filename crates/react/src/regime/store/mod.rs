//! The SQL of regulatory clocks. What is read begins with the zones that the reader's sight of the case gives.

mod retention;
mod writing;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::organisation::OrganisationId;
use uuid::Uuid;

use super::{AwarenessId, ClockId, Duty, Regime, State, Trigger, find, regimes};
use crate::{
    case::{Zone, Zones},
    incident::IncidentId,
};

pub use retention::{AWARENESS, FACTS, STEPS};
pub(in crate::regime) use writing::{
    Beginning, Deciding, Doing, Writer, advance, insert_awareness, insert_clock, insert_fact, insert_step,
};

platform::vocabulary! {
    /// What was done about a clock.
    pub enum Step {
        Reported = "reported", "Reported";
        NotRequired = "not_required", "Decided that no report is required";
        Required = "required", "Decided that a report is required after all";
        Explained = "explained", "Said why it was late";
    }
}

db::record! {
    /// A decision on when the organisation became aware, and of what.
    pub struct Awareness {
        /// Which.
        pub id: AwarenessId,
        /// Whose it is.
        pub zone: Zone,
        /// Of what.
        pub trigger_code: Trigger,
        /// Since when.
        pub aware_at: Timestamp,
        /// By whom it was decided; empty where that was forgotten.
        pub decided_by: String,
        /// Why.
        pub why: String,
        /// Who wrote it down, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When it was written down.
        pub recorded_at: Timestamp,
        /// The one that it corrects.
        pub corrects_id: Option<AwarenessId>,
        /// The one that corrects it.
        pub corrected_by: Option<AwarenessId>,
    }
}

db::record! {
    /// A clock, as it stands.
    pub struct Clock {
        /// Which.
        pub id: ClockId,
        /// Whose it is.
        pub zone: Zone,
        /// Of which organisation.
        pub organisation_id: OrganisationId,
        /// From which awareness it counts.
        pub awareness_id: AwarenessId,
        /// When that was.
        pub aware_at: Timestamp,
        /// The regime.
        pub regime: String,
        /// The version of the regime that set it.
        pub regime_version: i64,
        /// The duty.
        pub duty: String,
        /// Where it stands.
        pub state: State,
        /// When it is due; none where the law names no hour.
        pub due_at: Option<Timestamp>,
        /// When it was reported first, or decided not to be required.
        pub ended_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Clock {
    /// What the law says of it; `None` where `content/clocks/` no longer does.
    pub fn law(&self) -> Option<(&'static Regime, &'static Duty)> {
        let regime = find(&self.regime)?;
        Some((regime, regime.duty(&self.duty)?))
    }

    /// Its place in the law: of its regime among all, and of its duty among those of the regime.
    fn place(&self) -> (Option<usize>, Option<usize>) {
        let regime = regimes().iter().position(|regime| regime.id == self.regime);
        let duty =
            find(&self.regime).and_then(|regime| regime.duties.iter().position(|duty| duty.id == self.duty));
        (regime, duty)
    }

    /// What it is called.
    pub fn called(&self) -> String {
        called(&self.regime, &self.duty)
    }

    /// To whom.
    pub fn recipient(&self) -> &'static str {
        self.law().map_or("", |(_, duty)| duty.recipient.as_str())
    }

    /// Whether it runs and its time is over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == State::Running && self.due_at.is_some_and(|due| due <= now)
    }
}

fn called(regime: &str, duty: &str) -> String {
    match find(regime).and_then(|regime| Some((regime, regime.duty(duty)?))) {
        Some((regime, duty)) => format!("{}: {}", regime.name, duty.name),
        None => format!("{regime} {duty}"),
    }
}

macro_rules! awarenesses {
    () => {
        "SELECT a.id, a.zone, a.trigger_code, a.aware_at, a.decided_by, a.why, coalesce(p.name, k.name) AS by,
                o.name AS through, a.recorded_at, a.corrects_id,
                (SELECT l.id FROM awareness l WHERE l.corrects_id = a.id) AS corrected_by
         FROM awareness a
         LEFT JOIN person p ON p.id = a.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = a.person_id
         LEFT JOIN organisation o ON o.id = a.through_id "
    };
}

macro_rules! clocks {
    () => {
        "SELECT c.id, c.zone, c.organisation_id, c.awareness_id, a.aware_at, c.regime, c.regime_version, c.duty,
                c.state, c.due_at, c.ended_at, c.version
         FROM duty_clock c JOIN awareness a ON a.id = c.awareness_id "
    };
}

/// The decisions of a case that stand in these zones, the first first, 200 at most. Index: `awareness_of`.
pub async fn awarenesses(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Awareness>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement =
        sql!(awarenesses!(), "WHERE a.incident_id = ?1 AND a.zone IN (?2, ?3, ?4) ORDER BY a.id LIMIT 200");
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// One of them. Index: the key.
pub async fn awareness(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: AwarenessId,
) -> Result<Option<Awareness>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(awarenesses!(), "WHERE a.id = ?1 AND a.incident_id = ?2 AND a.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// What was kept of this form, a decision or a step. Indexes: their unique ones.
pub(in crate::regime) async fn kept_of(snapshot: &mut Snapshot, form: Uuid) -> Result<Option<Uuid>, DbError> {
    let statement =
        sql!("SELECT id FROM awareness WHERE form = ?1 UNION ALL SELECT id FROM duty_step WHERE form = ?1");
    let found: Vec<(Uuid,)> = snapshot.all(statement, params![form]).await?;
    Ok(found.first().map(|(id,)| *id))
}

/// How many decisions a zone of a case has. Index: `awareness_of`.
pub(in crate::regime) async fn count(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM awareness WHERE incident_id = ?1 AND zone = ?2");
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}

/// Whether a clock of this incident still runs of which both sides know. Index: `duty_clock_of`.
pub(crate) async fn runs(snapshot: &mut Snapshot, incident: IncidentId) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM duty_clock WHERE incident_id = ?1 AND zone = 'shared' AND state = 'running'"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![incident]).await?.0 > 0)
}

/// The clocks of a case that stand in these zones, in the order of their awareness and of the law, 200 at most. Index:
/// `duty_clock_of`.
pub async fn clocks(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Clock>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement =
        sql!(clocks!(), "WHERE c.incident_id = ?1 AND c.zone IN (?2, ?3, ?4) ORDER BY c.id LIMIT 200");
    let mut clocks: Vec<Clock> = snapshot.all(statement, params![incident, own, shared, cert]).await?;
    clocks.sort_by_key(|clock| (clock.awareness_id, clock.place()));
    Ok(clocks)
}

/// One of them. Index: the key.
pub async fn clock(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: ClockId,
) -> Result<Option<Clock>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(clocks!(), "WHERE c.id = ?1 AND c.incident_id = ?2 AND c.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// The clocks that count from an awareness, whoever asks, in the order of the law: a duty that counts from the report of
/// another one stands behind it. Index: `duty_clock_awareness`.
pub(in crate::regime) async fn of_awareness(
    snapshot: &mut Snapshot,
    awareness: AwarenessId,
) -> Result<Vec<Clock>, DbError> {
    let statement = sql!(clocks!(), "WHERE c.awareness_id = ?1 ORDER BY c.id LIMIT 100");
    let mut clocks: Vec<Clock> = snapshot.all(statement, params![awareness]).await?;
    clocks.sort_by_key(Clock::place);
    Ok(clocks)
}

db::record! {
    /// What a reminder has to know of its clock.
    pub(in crate::regime) struct Ringing {
        pub incident_id: IncidentId,
        pub zone: Zone,
        pub regime: String,
        pub duty: String,
        pub state: State,
        pub due_at: Option<Timestamp>,
    }
}

impl Ringing {
    /// What the clock is called.
    pub fn called(&self) -> String {
        called(&self.regime, &self.duty)
    }
}

/// A clock, for the job that reminds of it: whoever reads what it writes comes through their own sight. Index: the key.
pub(in crate::regime) async fn ringing(
    snapshot: &mut Snapshot,
    id: ClockId,
) -> Result<Option<Ringing>, DbError> {
    let statement =
        sql!("SELECT incident_id, zone, regime, duty, state, due_at FROM duty_clock WHERE id = ?1");
    snapshot.maybe(statement, params![id]).await
}

db::record! {
    /// A deadline that a clock has, or had.
    pub struct Due {
        /// When it is due; none where the law names no hour.
        pub due_at: Option<Timestamp>,
        /// When it was set.
        pub set_at: Timestamp,
        /// From which awareness it counts.
        pub aware_at: Timestamp,
        /// Who decided on that.
        pub decided_by: String,
    }
}

/// The deadlines of a clock that the reader has in sight, the last first, 50 at most. Index: `duty_due_of`.
pub async fn dues(snapshot: &mut Snapshot, clock: ClockId) -> Result<Vec<Due>, DbError> {
    let statement = sql!(
        "SELECT d.due_at, d.set_at, a.aware_at, a.decided_by
         FROM duty_due d JOIN awareness a ON a.id = d.awareness_id
         WHERE d.clock_id = ?1 ORDER BY d.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![clock]).await
}

db::record! {
    /// What was done about a clock.
    pub struct Done {
        /// Which it is.
        pub id: Uuid,
        /// What.
        pub step: Step,
        /// When it was sent, or decided.
        pub happened_at: Timestamp,
        /// Who sent it, or decided; empty where that was forgotten.
        pub by_name: String,
        /// The number that the recipient gave.
        pub reference: String,
        /// What was sent, as it was.
        pub text: String,
        /// The reasons.
        pub reason: String,
        /// Who wrote it down, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When it was written down.
        pub recorded_at: Timestamp,
    }
}

/// What was done about a clock that the reader has in sight, the first first, 100 at most. Index: `duty_step_of`.
pub async fn done(snapshot: &mut Snapshot, clock: ClockId) -> Result<Vec<Done>, DbError> {
    let statement = sql!(
        "SELECT s.id, s.step, s.happened_at, s.by_name, s.reference, s.text, s.reason,
                coalesce(p.name, k.name) AS by, o.name AS through, s.recorded_at
         FROM duty_step s
         LEFT JOIN person p ON p.id = s.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = s.person_id
         LEFT JOIN organisation o ON o.id = s.through_id
         WHERE s.clock_id = ?1 ORDER BY s.id LIMIT 100"
    );
    snapshot.all(statement, params![clock]).await
}

/// The reasons given about the clocks of a case that stand in these zones, each with its clock, the first first, 500 at
/// most. Index: `duty_clock_of`, `duty_step_of`.
pub async fn reasons(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<(ClockId, String)>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT s.clock_id, s.reason FROM duty_clock c JOIN duty_step s ON s.clock_id = c.id
         WHERE c.incident_id = ?1 AND c.zone IN (?2, ?3, ?4) AND s.reason <> '' ORDER BY s.id LIMIT 500"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// When a clock was reported first. Index: `duty_step_of`.
pub(in crate::regime) async fn first_reported(
    snapshot: &mut Snapshot,
    clock: ClockId,
) -> Result<Option<Timestamp>, DbError> {
    let statement =
        sql!("SELECT min(happened_at) AS first FROM duty_step WHERE clock_id = ?1 AND step = 'reported'");
    let (first,): (Option<Timestamp>,) = snapshot.one(statement, params![clock]).await?;
    Ok(first)
}

/// How often something was done about the clocks in a zone of a case. Index: `duty_clock_of`, `duty_step_of`.
pub(in crate::regime) async fn steps_of_case(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM duty_clock c JOIN duty_step s ON s.clock_id = c.id
         WHERE c.incident_id = ?1 AND c.zone = ?2"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}

db::record! {
    /// What somebody wrote for a fact: the newest of its key in its zone.
    pub struct Written {
        /// Whose it is.
        pub zone: Zone,
        /// The key.
        pub fact: String,
        /// What.
        pub text: String,
    }
}

/// The newest of each fact in these zones, 400 at most: what is written for an own clock goes before what is shared.
/// Index: `duty_fact_of`.
pub async fn facts(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Written>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT zone, fact, text FROM (
             SELECT zone, fact, text, row_number() OVER (PARTITION BY zone, fact ORDER BY id DESC) AS place
             FROM duty_fact WHERE incident_id = ?1 AND zone IN (?2, ?3, ?4)) newest
         WHERE place = 1 ORDER BY zone, fact LIMIT 400"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// How often facts were written in a zone of a case. Index: `duty_fact_of`.
pub(in crate::regime) async fn facts_written(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM duty_fact WHERE incident_id = ?1 AND zone = ?2");
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}
