//! The SQL of the sector's pages. Only people at the CERT come here, who see every organisation.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::organisation::OrganisationId;

use crate::{
    advisory::{AdvisoryNumber, Severity},
    alert::{AlertId, State, store::Marking},
    response::Stage,
};

db::record! {
    /// An alert of the list.
    pub(super) struct Listed {
        pub id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub tlp: Marking,
        pub state: State,
        pub issued_at: Timestamp,
        pub remediate_by: Option<Timestamp>,
    }
}

/// Alerts that were in force, the newest first, 51 at most. Index: `alert_issued`.
pub(super) async fn alerts(snapshot: &mut Snapshot, before: (i64, AlertId)) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity, tlp, state, issued_at, remediate_by FROM alert
         WHERE (issued_at, id) < (?1, ?2) AND state NOT IN ('issued', 'called_back')
         ORDER BY issued_at DESC, id DESC LIMIT 51"
    );
    snapshot.all(statement, params![before.0, before.1]).await
}

/// For the same page of alerts: how many stand where. Index: `alert_issued`, then the key of
/// `response_total`.
pub(super) async fn stages_of_alerts(
    snapshot: &mut Snapshot,
    before: (i64, AlertId),
) -> Result<Vec<(AlertId, Stage, i64)>, DbError> {
    let statement = sql!(
        "SELECT c.alert_id, c.stage, CAST(sum(c.count) AS BIGINT)
         FROM (SELECT id FROM alert
               WHERE (issued_at, id) < (?1, ?2) AND state NOT IN ('issued', 'called_back')
               ORDER BY issued_at DESC, id DESC LIMIT 51) a
         CROSS JOIN response_total c WHERE c.alert_id = a.id
         GROUP BY c.alert_id, c.stage HAVING sum(c.count) <> 0"
    );
    snapshot.all(statement, params![before.0, before.1]).await
}

/// For the same page of alerts: how many were reached, as last counted.
pub(super) async fn reached_of_alerts(
    snapshot: &mut Snapshot,
    before: (i64, AlertId),
) -> Result<Vec<(AlertId, i64)>, DbError> {
    let statement = sql!(
        "SELECT c.alert_id, c.reached
         FROM (SELECT id FROM alert
               WHERE (issued_at, id) < (?1, ?2) AND state NOT IN ('issued', 'called_back')
               ORDER BY issued_at DESC, id DESC LIMIT 51) a
         JOIN response_reach c ON c.alert_id = a.id"
    );
    snapshot.all(statement, params![before.0, before.1]).await
}

/// How many of an alert were reached, and when that was counted.
pub(super) async fn reached(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Option<(i64, Timestamp)>, DbError> {
    let statement = sql!("SELECT reached, counted_at FROM response_reach WHERE alert_id = ?1");
    snapshot.maybe(statement, params![alert]).await
}

db::record! {
    /// How many of one kind in one region stand where.
    pub(super) struct Counted {
        pub region: String,
        pub kind: String,
        pub stage: Stage,
        pub count: i64,
    }
}

/// The counts of an alert. Index: the key of `response_total`.
pub(super) async fn counted(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<Counted>, DbError> {
    let statement = sql!(
        "SELECT region, kind, stage, count FROM response_total
         WHERE alert_id = ?1 AND count <> 0 ORDER BY region, kind, stage"
    );
    snapshot.all(statement, params![alert]).await
}

/// By how much each stage of an alert changed hour by hour. Index: the key of `response_count`.
pub(super) async fn by_hour(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Vec<(Stage, Timestamp, i64)>, DbError> {
    let statement = sql!(
        "SELECT stage, hour, CAST(sum(count) AS BIGINT) FROM response_count
         WHERE alert_id = ?1 GROUP BY stage, hour HAVING sum(count) <> 0 ORDER BY hour, stage"
    );
    snapshot.all(statement, params![alert]).await
}

db::record! {
    /// What was last counted of one kind in one region.
    pub(super) struct Recounted {
        pub region: String,
        pub kind: String,
        pub reached: i64,
        pub late: i64,
    }
}

/// How many of an alert were reached and are late, by region and kind, as last counted. Index: the
/// key of `response_recount`.
pub(super) async fn recounted(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<Recounted>, DbError> {
    let statement = sql!(
        "SELECT region, kind, reached, late FROM response_recount WHERE alert_id = ?1 ORDER BY region, kind"
    );
    snapshot.all(statement, params![alert]).await
}

db::record! {
    /// An organisation with a deadline behind it.
    pub(super) struct Late {
        pub organisation_id: OrganisationId,
        pub code: String,
        pub name: String,
        pub stage: Stage,
        /// Which of the clocks.
        pub clock: String,
        pub due_at: Timestamp,
        /// Its own number.
        pub telephone: Option<String>,
        /// Who answers for it, where somebody does.
        pub answering: Option<String>,
        pub answering_telephone: Option<String>,
        /// Its on-call mobile, or else its security lead: name and number.
        pub contact: Option<String>,
        pub contact_telephone: Option<String>,
        /// The last call about this alert.
        pub rung_at: Option<Timestamp>,
        pub ring_outcome: Option<super::Outcome>,
    }
}

/// Whom to ring at the organisation of the clock `k` at `?1`, behind the tables that lead to it.
macro_rules! callees {
    ($from:literal) => {
        concat!(
            "SELECT o.id AS organisation_id, o.code, o.name, r.stage, k.name AS clock, k.due_at, o.telephone,
                b.name AS answering, b.telephone AS answering_telephone,
                c.name AS contact, c.telephone AS contact_telephone,
                g.at AS rung_at, g.outcome AS ring_outcome
         FROM ",
            $from,
            "
         JOIN response r ON r.organisation_id = k.organisation_id AND r.alert_id = k.about_id
         JOIN organisation o ON o.id = k.organisation_id
         LEFT JOIN organisation b ON b.id = (
             SELECT x.answering_id FROM answers_for x
             WHERE x.organisation_id = k.organisation_id
               AND x.from_at <= ?1 AND (x.until_at IS NULL OR x.until_at > ?1)
             ORDER BY x.from_at DESC LIMIT 1)
         LEFT JOIN contact c ON c.id = (
             SELECT n.id FROM contact n
             WHERE n.organisation_id = coalesce(b.id, o.id) AND n.role IN ('on_call', 'security_lead')
               AND n.telephone IS NOT NULL
               AND n.from_at <= ?1 AND (n.until_at IS NULL OR n.until_at > ?1)
             ORDER BY n.role, n.id LIMIT 1)
         LEFT JOIN ring g ON g.id = (
             SELECT l.id FROM ring l WHERE l.alert_id = k.about_id AND l.organisation_id = k.organisation_id
             ORDER BY l.at DESC, l.id DESC LIMIT 1)"
        )
    };
}

db::listing! {
    /// Those with a deadline behind them at `?1`, the longest first; one with two deadlines is there
    /// twice. All deadlines of an alert are often one instant: behind it goes the order of the index,
    /// which no page has to sort.
    ///
    /// Index: `clock_response_late`; of those to be rung `clock_response_ring`.
    static LATE = callees!("clock k");
    of_alert: "k.about_id = ?1 AND k.stopped_at IS NULL AND k.kind = 'response' AND k.due_at <= ?2
               AND (k.due_at, k.organisation_id, k.name) > (?3, ?4, ?5)",
    // The last rung of a ladder is behind them, and nobody reached them since.
    to_ring: "k.next_due_at IS NULL AND (g.outcome IS NULL OR g.outcome <> 'reached' OR g.at < k.due_at)",
    region: "r.region = ?1",
    kind: "r.kind = ?1",
    tail: "ORDER BY k.due_at, k.organisation_id, k.name LIMIT 51",
}

db::listing! {
    /// Those whom no message told, and nobody by telephone, until they acknowledge.
    ///
    /// Index: the primary keys of `response_unreached` and `clock`; `ring_alert`.
    static UNREACHED = callees!("response_unreached u
         JOIN clock k ON k.about_id = u.alert_id AND k.organisation_id = u.organisation_id AND k.name = 'acknowledge'");
    of_alert: "u.alert_id = ?1 AND u.organisation_id > ?2 AND r.stage = 'unacknowledged'
               AND NOT EXISTS (SELECT 1 FROM ring l WHERE l.alert_id = u.alert_id
                               AND l.organisation_id = u.organisation_id AND l.outcome = 'reached')",
    region: "r.region = ?1",
    kind: "r.kind = ?1",
    tail: "ORDER BY u.organisation_id LIMIT 51",
}

/// A page of those whom no message told.
pub(super) async fn unreached(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
    wanted: Wanted<'_>,
) -> Result<Vec<Late>, DbError> {
    let Wanted { after: (_, after, _), region, kind, .. } = wanted;
    let selection = UNREACHED.select(params![now]).when("of_alert", params![alert, after]);
    snapshot.list(selection.when_some("region", region).when_some("kind", kind)).await
}

/// A row of a list of late organisations: behind it the list goes on.
pub(super) type Behind = (i64, OrganisationId, String);

/// Which late organisations a page lists.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    /// Behind this row.
    pub after: Behind,
    /// Only those to be rung.
    pub to_ring: bool,
    /// Only those of this region, as at issue.
    pub region: Option<&'a str>,
    /// Only those of this kind, as at issue.
    pub kind: Option<&'a str>,
}

/// A page of those with a deadline behind them.
pub(super) async fn late(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
    wanted: Wanted<'_>,
) -> Result<Vec<Late>, DbError> {
    let Wanted { after, to_ring, region, kind } = wanted;
    let of_alert = params![alert, now, after.0, after.1, after.2];
    let mut selection = LATE.select(params![now]).when("of_alert", of_alert);
    if to_ring {
        selection = selection.when("to_ring", vec![]);
    }
    snapshot.list(selection.when_some("region", region).when_some("kind", kind)).await
}

/// How many deadlines are behind those whom an alert asks. Index: `clock_response_late`, and nothing else.
pub(super) async fn count_late(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM clock
         WHERE about_id = ?1 AND stopped_at IS NULL AND kind = 'response' AND due_at <= ?2"
    );
    let (count,): (i64,) = snapshot.one(statement, params![alert, now]).await?;
    Ok(count)
}

/// How many deadlines stand on the list of those to be rung: all whose ladder has ended, but those
/// of whom the last call since reached somebody. Index: `clock_response_ring`; for each call of
/// `ring_alert` the primary key of `clock`, which naming the kind would keep SQLite from.
pub(super) async fn count_to_ring(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT (SELECT count(*) FROM clock
                 WHERE about_id = ?1 AND stopped_at IS NULL AND kind = 'response' AND next_due_at IS NULL
                   AND due_at <= ?2)
              - (SELECT count(*) FROM ring g CROSS JOIN clock k
                 WHERE g.alert_id = ?1 AND g.outcome = 'reached'
                   AND NOT EXISTS (SELECT 1 FROM ring l
                                   WHERE l.alert_id = g.alert_id AND l.organisation_id = g.organisation_id
                                     AND (l.at, l.id) > (g.at, g.id))
                   AND k.about_id = ?1 AND k.organisation_id = g.organisation_id
                   AND k.stopped_at IS NULL AND k.next_due_at IS NULL AND k.due_at <= ?2 AND k.due_at <= g.at)"
    );
    let (count,): (i64,) = snapshot.one(statement, params![alert, now]).await?;
    Ok(count)
}

db::record! {
    /// A call about an alert.
    pub(super) struct Rung {
        pub at: Timestamp,
        pub caller: Option<String>,
        pub outcome: super::Outcome,
        pub note: String,
    }
}

/// The calls to one organisation about an alert, the newest first. Index: `ring_alert`.
pub(super) async fn calls(
    snapshot: &mut Snapshot,
    alert: AlertId,
    organisation: OrganisationId,
) -> Result<Vec<Rung>, DbError> {
    let statement = sql!(
        "SELECT g.at, p.name AS caller, g.outcome, g.note FROM ring g LEFT JOIN person p ON p.id = g.caller_id
         WHERE g.alert_id = ?1 AND g.organisation_id = ?2 ORDER BY g.at DESC LIMIT 50"
    );
    snapshot.all(statement, params![alert, organisation]).await
}

db::record! {
    /// Whom to ring at an organisation of an alert's audience.
    pub(super) struct Callee {
        pub code: String,
        pub name: String,
        pub telephone: Option<String>,
        pub stage: Stage,
    }
}

/// An organisation of an alert's audience.
pub(super) async fn callee(
    snapshot: &mut Snapshot,
    alert: AlertId,
    organisation: OrganisationId,
) -> Result<Option<Callee>, DbError> {
    let statement = sql!(
        "SELECT o.code, o.name, o.telephone, r.stage FROM response r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.organisation_id = ?2 AND r.alert_id = ?1"
    );
    snapshot.maybe(statement, params![alert, organisation]).await
}

db::record! {
    /// A number at an organisation, or at whoever answers for it.
    pub(super) struct Number {
        pub of: String,
        pub name: String,
        pub role: String,
        pub telephone: String,
    }
}

/// The numbers at an organisation and at whoever answers for it, in the order in which they are rung. Index:
/// `contact_organisation`.
pub(super) async fn numbers(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<Number>, DbError> {
    let statement = sql!(
        "SELECT o.name AS of, c.name, c.role, c.telephone
         FROM (SELECT id AS organisation_id FROM organisation WHERE id = ?1
               UNION SELECT answering_id FROM answers_for
                     WHERE organisation_id = ?1 AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)) x
         JOIN contact c ON c.organisation_id = x.organisation_id
         JOIN organisation o ON o.id = c.organisation_id
         WHERE c.telephone IS NOT NULL AND c.from_at <= ?2 AND (c.until_at IS NULL OR c.until_at > ?2)
         ORDER BY o.name, CASE c.role WHEN 'on_call' THEN 1 WHEN 'security_lead' THEN 2 WHEN 'deputy' THEN 3
                                      WHEN 'shared_mailbox' THEN 4 ELSE 5 END, c.name LIMIT 50"
    );
    snapshot.all(statement, params![organisation, now]).await
}
