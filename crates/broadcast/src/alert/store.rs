//! The SQL of alerts themselves. Their audiences are frozen in `freeze.rs`.

use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{Actor, Tx, access::PersonId, log::Finds, scope};
use uuid::Uuid;

use super::{AlertId, Answers, State};
use crate::{
    advisory::{self, AdvisoryId, AdvisoryNumber, Severity, VersionId},
    audience::Mode,
    response::Stage,
};

db::record! {
    /// An alert.
    pub struct Alert {
        /// Which.
        pub id: AlertId,
        /// The advisory it was made of.
        pub advisory_id: AdvisoryId,
        /// The version it was made of.
        pub version_id: VersionId,
        /// The number it is known by, which is the advisory's.
        pub number: AdvisoryNumber,
        /// Its title.
        pub title: String,
        /// Its severity.
        pub severity: Severity,
        /// How far it may travel.
        pub tlp: Marking,
        /// Whether those who are told must answer.
        pub mode: Mode,
        /// Where it stands.
        pub state: State,
        /// The response policy it was issued under.
        pub policy: String,
        /// When it was issued; clocks count from here.
        pub issued_at: Timestamp,
        /// Who issued it.
        pub issued_by: PersonId,
        /// When delivery begins.
        pub deliver_at: Timestamp,
        /// When every message was queued.
        pub fanned_out_at: Option<Timestamp>,
        /// When it ended, where it has.
        pub ended_at: Option<Timestamp>,
        /// Why it was called back or withdrawn.
        pub ended_reason: Option<String>,
        /// The alert whose place it takes.
        pub supersedes_id: Option<AlertId>,
        /// Whether the answers given to that one stand.
        pub answers_stand: bool,
        /// By when to acknowledge, where that is asked.
        pub acknowledge_by: Option<Timestamp>,
        /// By when to close, where that is asked.
        pub remediate_by: Option<Timestamp>,
        /// When anything of this last changed.
        pub changed_at: Timestamp,
    }
}

/// A TLP marking as it stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marking(pub Tlp);

impl db::FromValue for Marking {
    fn from_value(value: db::Value) -> Result<Self, String> {
        String::from_value(value)?
            .parse()
            .map(Self)
            .map_err(|error: formats::tlp::UnknownTlp| error.to_string())
    }
}

/// The alert of this id, whoever asks.
pub async fn alert(snapshot: &mut Snapshot, id: AlertId) -> Result<Option<Alert>, DbError> {
    snapshot.maybe(sql!("SELECT * FROM alert WHERE id = ?1"), params![id]).await
}

/// The alert of this id as `actor` may see it: people at the CERT see any; an organisation's people
/// and keys one that is out and went to an organisation they act for.
///
/// Index: the primary keys of alert and response.
pub async fn visible(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: AlertId,
    now: Timestamp,
) -> Result<Option<Alert>, DbError> {
    if actor.at_cert() {
        return alert(snapshot, id).await;
    }
    let Some(holder) = actor.holder() else { return Ok(None) };
    let statement = sql!(
        scope!(),
        "SELECT a.* FROM alert a
         WHERE a.id = ?3 AND a.state IN ('in_force', 'superseded', 'withdrawn')
           AND EXISTS (SELECT 1 FROM scope s CROSS JOIN response r
                       WHERE r.organisation_id = s.organisation_id AND r.alert_id = a.id
                         AND s.role IN ('responder', 'lead', 'executive', 'viewer'))"
    );
    snapshot.maybe(statement, params![holder, now, id]).await
}

db::record! {
    /// As whom an actor comes to an alert.
    pub struct Standing {
        /// Whether it went to an organisation of their own.
        pub own: bool,
        /// Whether they answer it or decide on its risks, for their own or for another.
        pub answers: bool,
    }
}

impl Standing {
    /// Whether AMBER+STRICT lets them read what the alert says (decision 0008).
    pub const fn reads(&self) -> bool {
        self.own || self.answers
    }
}

/// As whom `actor` comes to an alert that they may see. Index: response's primary key for the scope.
pub async fn standing(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: AlertId,
    now: Timestamp,
) -> Result<Standing, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Standing { own: false, answers: false }) };
    let statement = sql!(
        scope!(),
        ", mine AS (
             SELECT s.role, s.organisation_id = s.through_id AS own
             FROM scope s CROSS JOIN response r
             WHERE r.organisation_id = s.organisation_id AND r.alert_id = ?3
         )
         SELECT EXISTS (SELECT 1 FROM mine WHERE own) AS own,
                EXISTS (SELECT 1 FROM mine WHERE role IN ('responder', 'lead', 'executive')) AS answers"
    );
    snapshot.one(statement, params![holder, now, id]).await
}

/// The alert of this id, where `actor` sees it and its marking lets them read what it says.
pub async fn readable(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: AlertId,
    now: Timestamp,
) -> Result<Option<Alert>, DbError> {
    let alert = visible(snapshot, actor, id, now).await?;
    match alert {
        Some(alert) if alert.tlp.0 == Tlp::AmberStrict && !actor.at_cert() => {
            let reads = standing(snapshot, actor, id, now).await?.reads();
            Ok(Some(alert).filter(|_| reads))
        }
        other => Ok(other),
    }
}

/// The newest alert of an advisory that was not called back. Index: `alert_advisory`.
pub async fn newest(snapshot: &mut Snapshot, advisory: AdvisoryId) -> Result<Option<Alert>, DbError> {
    let statement = sql!(
        "SELECT * FROM alert WHERE advisory_id = ?1 AND state <> 'called_back'
         ORDER BY issued_at DESC LIMIT 1"
    );
    snapshot.maybe(statement, params![advisory]).await
}

/// The alert that was made of a version and not called back. Index: `alert_version`.
pub async fn of_version(snapshot: &mut Snapshot, version: VersionId) -> Result<Option<Alert>, DbError> {
    let statement = sql!("SELECT * FROM alert WHERE version_id = ?1 AND state <> 'called_back'");
    snapshot.maybe(statement, params![version]).await
}

/// Every alert of an advisory, the newest first. Index: `alert_advisory`.
pub async fn of_advisory(snapshot: &mut Snapshot, advisory: AdvisoryId) -> Result<Vec<Alert>, DbError> {
    let statement = sql!("SELECT * FROM alert WHERE advisory_id = ?1 ORDER BY issued_at DESC");
    snapshot.all(statement, params![advisory]).await
}

/// An advisory and its alerts by their number, for the log.
pub fn called<'a>(snapshot: &'a mut Snapshot, text: &'a str) -> Finds<'a> {
    Box::pin(async move {
        let Ok(number) = text.parse() else { return Ok(Vec::new()) };
        let Some(advisory) = advisory::store::id_of(snapshot, number).await? else { return Ok(Vec::new()) };
        let alerts = of_advisory(snapshot, advisory).await?;
        Ok(std::iter::once(advisory.0).chain(alerts.iter().map(|alert| alert.id.0)).collect())
    })
}

pub(super) async fn insert(tx: &mut Tx, alert: &Alert) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO alert (id, advisory_id, version_id, number, title, severity, tlp, mode, state, policy,
                            issued_at, issued_by, deliver_at, supersedes_id, answers_stand,
                            acknowledge_by, remediate_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
    );
    let values = params![
        alert.id,
        alert.advisory_id,
        alert.version_id,
        alert.number,
        &alert.title,
        alert.severity,
        alert.tlp.0.code(),
        alert.mode,
        alert.state,
        &alert.policy,
        alert.issued_at,
        alert.issued_by,
        alert.deliver_at,
        alert.supersedes_id,
        alert.answers_stand,
        alert.acknowledge_by,
        alert.remediate_by,
        alert.changed_at
    ];
    tx.run(statement, values).await?;
    Ok(())
}

/// The moment of a change to an alert, later than every other's. Whoever changes another alert waits
/// here until `tx` ends, so that changes are seen in the order of their moments: a machine's cursor
/// never passes one that is still to be committed.
async fn next_change(tx: &mut Tx) -> Result<Timestamp, DbError> {
    let statement = sql!(
        "INSERT INTO advisory_counter (name, last) VALUES ('alert_change', ?1)
         ON CONFLICT (name) DO UPDATE
         SET last = CASE WHEN advisory_counter.last < ?1 THEN ?1 ELSE advisory_counter.last + 1 END
         RETURNING last"
    );
    let now = tx.now;
    let (changed_at,): (Timestamp,) = tx.one(statement, params![now]).await?;
    Ok(changed_at)
}

/// Moves an alert from one state to the next; `false` where it has left that state.
pub(super) async fn advance(
    tx: &mut Tx,
    id: AlertId,
    from: State,
    to: State,
    reason: Option<&str>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE alert SET state = ?3, changed_at = ?4, ended_at = ?5, ended_reason = ?6
         WHERE id = ?1 AND state = ?2"
    );
    let changed_at = next_change(tx).await?;
    let ended = (to != State::InForce).then_some(tx.now);
    Ok(tx.run(statement, params![id, from, to, changed_at, ended, reason]).await? == 1)
}

/// Notes that every message is queued.
pub(super) async fn note_fanned_out(tx: &mut Tx, id: AlertId) -> Result<(), DbError> {
    let now = tx.now;
    tx.run(sql!("UPDATE alert SET fanned_out_at = ?2 WHERE id = ?1"), params![id, now]).await?;
    Ok(())
}

impl Alert {
    /// What becomes of the answers to the alert whose place it takes.
    pub const fn answers(&self) -> Answers {
        if self.answers_stand { Answers::Stand } else { Answers::Anew }
    }

    /// Whether it takes an older one's place.
    pub const fn is_update(&self) -> bool {
        self.supersedes_id.is_some()
    }

    /// Whether an answer is awaited of those who must respond.
    pub const fn asks(&self) -> bool {
        self.acknowledge_by.is_some()
    }
}

db::record! {
    /// One of the reader's organisations and where it stands with an alert.
    pub struct Yours {
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Its stage.
        pub stage: Stage,
        /// Who answers for it, where that is not the reader.
        pub answered_by: Option<String>,
        /// How many of the reader's organisations the alert went to.
        pub total: i64,
        /// How many of them are open and the reader's to answer.
        pub open: i64,
    }
}

/// The actor's organisations that an alert went to, by name, 20 at most.
///
/// Index: response's primary key for each organisation in scope.
pub async fn yours(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: AlertId,
    now: Timestamp,
) -> Result<Vec<Yours>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement = sql!(
        scope!(),
        ", asked AS (
             SELECT DISTINCT organisation_id FROM scope WHERE role IN ('responder', 'lead', 'executive', 'viewer')
         ), mine AS (
             SELECT o.code, o.name, r.stage,
                    (SELECT min(w.name) FROM answers_for f JOIN organisation w ON w.id = f.answering_id
                     WHERE f.organisation_id = o.id AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2)
                       AND f.answering_id NOT IN (SELECT through_id FROM scope)) AS answered_by
             FROM asked s CROSS JOIN response r JOIN organisation o ON o.id = r.organisation_id
             WHERE r.organisation_id = s.organisation_id AND r.alert_id = ?3
         )
         SELECT code, name, stage, answered_by, count(*) OVER () AS total,
                CAST(sum(CASE WHEN answered_by IS NULL
                               AND stage IN ('unacknowledged', 'in_progress', 'awaits_executive')
                              THEN 1 ELSE 0 END) OVER () AS BIGINT) AS open
         FROM mine ORDER BY name, code LIMIT 20"
    );
    snapshot.all(statement, params![holder, now, id]).await
}

/// The alerts that `actor` sees and that changed behind `from`, oldest change first, 51 at most.
///
/// Index: `alert_changed`, then response's primary key for the scope.
pub async fn changed(
    snapshot: &mut Snapshot,
    actor: &Actor,
    from: (i64, Uuid),
    now: Timestamp,
) -> Result<Vec<Alert>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement = sql!(
        scope!(),
        "SELECT a.* FROM alert a
         WHERE (a.changed_at, a.id) > (?3, ?4) AND a.state IN ('in_force', 'superseded', 'withdrawn')
           AND EXISTS (SELECT 1 FROM scope s CROSS JOIN response r
                       WHERE r.organisation_id = s.organisation_id AND r.alert_id = a.id)
         ORDER BY a.changed_at, a.id LIMIT 51"
    );
    snapshot.all(statement, params![holder, now, from.0, from.1]).await
}

/// Those at TLP:AMBER+STRICT of the alerts that [`changed`] lists, up to the change at `until`, which
/// went to an organisation of the actor's own. Index: as there.
pub async fn changed_own_strict(
    snapshot: &mut Snapshot,
    actor: &Actor,
    from: (i64, Uuid),
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<AlertId>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement = sql!(
        scope!(),
        "SELECT a.id FROM alert a
         WHERE (a.changed_at, a.id) > (?3, ?4) AND a.changed_at <= ?5 AND a.tlp = 'amber+strict'
           AND a.state IN ('in_force', 'superseded', 'withdrawn')
           AND EXISTS (SELECT 1 FROM scope s CROSS JOIN response r
                       WHERE s.through_id = s.organisation_id
                         AND r.organisation_id = s.organisation_id AND r.alert_id = a.id)
         ORDER BY a.changed_at, a.id LIMIT 51"
    );
    let own: Vec<(AlertId,)> = snapshot.all(statement, params![holder, now, from.0, from.1, until]).await?;
    Ok(own.into_iter().map(|(id,)| id).collect())
}

/// The newest alert of a number that `actor` sees. Index: `alert_number`.
pub async fn newest_visible(
    snapshot: &mut Snapshot,
    actor: &Actor,
    number: AdvisoryNumber,
    now: Timestamp,
) -> Result<Option<Alert>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(None) };
    let statement = sql!(
        scope!(),
        "SELECT a.* FROM alert a
         WHERE a.number = ?3 AND a.state IN ('in_force', 'superseded', 'withdrawn')
           AND EXISTS (SELECT 1 FROM scope s CROSS JOIN response r
                       WHERE r.organisation_id = s.organisation_id AND r.alert_id = a.id)
         ORDER BY a.issued_at DESC LIMIT 1"
    );
    snapshot.maybe(statement, params![holder, now, number]).await
}

db::record! {
    /// An alert in force of which messages failed.
    pub struct Failed {
        /// Which.
        pub id: AlertId,
        /// Its number.
        pub number: AdvisoryNumber,
        /// How many of its messages were refused, or given up.
        pub messages: i64,
    }
}

/// The alerts in force of which messages failed, the newest first, five at most. Index: `message_about` for
/// each alert in force.
pub async fn failed(snapshot: &mut Snapshot) -> Result<Vec<Failed>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.number, count(*) AS messages
         FROM alert a CROSS JOIN message m
         WHERE a.state = 'in_force' AND m.about_id = a.id AND m.state = 'failed'
         GROUP BY a.id, a.number, a.issued_at ORDER BY a.issued_at DESC, a.id LIMIT 5"
    );
    snapshot.all(statement, params![]).await
}
