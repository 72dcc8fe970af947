//! The SQL of a responder's pages: what waits, what is done, who stands where.

use db::{DbError, Snapshot, Value, params, sql};
use jiff::{Timestamp, civil::Date};
use platform::{Actor, access::Role, fold::Prefix, organisation::OrganisationId};

use super::{AlertHead, mine, mine_of};
use crate::response::{
    AlertId, Applies, Event, EventId, Outcome, Stage,
    line::{Line, line_of},
};
use crate::{
    advisory::{AdvisoryNumber, Severity},
    alert::State,
};

db::record! {
    /// An alert that waits for somebody, with how many of the organisations stand where.
    pub(in crate::response) struct Waiting {
        pub alert_id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub organisations: i64,
        pub unacknowledged: i64,
        pub in_progress: i64,
        pub awaits_executive: i64,
        /// Of them, those that somebody else answers for.
        pub others: i64,
        /// The first deadline of all that run; far away where none does.
        pub urgent_at: Timestamp,
    }
}

/// What stands for a title that a marking keeps from a reader (decision 0008).
pub(in crate::response) const WITHHELD: &str = "For those who answer it";

/// The title of `a`, or [`WITHHELD`] where it went to none of the reader's own organisations
/// (`$not_own`) and they do not answer it either (`$reads` is [`reads`]).
macro_rules! title {
    ($not_own:literal, $reads:literal) => {
        concat!(
            "CASE WHEN a.tlp = 'amber+strict' AND CAST(",
            $reads,
            " AS BIGINT) = 0 AND ",
            $not_own,
            " THEN 'For those who answer it' ELSE a.title END AS title"
        )
    };
}

pub(in crate::response) use title;

/// Whether the actor answers for somebody, or decides on their risks.
pub(in crate::response) fn reads(actor: &Actor) -> bool {
    actor.is_any(Role::ANSWERING) || actor.is_any(&[Role::Executive])
}

/// Behind every deadline: what has none is the least urgent.
pub(in crate::response) const NEVER: i64 = 253_402_207_200_000_000;

/// What waits for the actor, the most urgent first, 51 at most behind `after`.
///
/// Index: `response_open` for each organisation, then the primary keys of `clock` and `alert`.
/// MATERIALIZED, or SQLite would look for each deadline wherever it is mentioned.
pub(in crate::response) async fn waiting(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: (i64, AlertId),
) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        mine!(),
        ", open AS MATERIALIZED (
             SELECT r.alert_id, r.stage, CASE WHEN m.through_id = m.organisation_id THEN 1 ELSE 0 END AS own,
                    CASE WHEN m.through_id = m.organisation_id AND EXISTS (
                             SELECT 1 FROM answers_for x
                             WHERE x.organisation_id = m.organisation_id
                               AND x.from_at <= ?2 AND (x.until_at IS NULL OR x.until_at > ?2))
                         THEN 1 ELSE 0 END AS other,
                    coalesce((SELECT min(k.due_at) FROM clock k
                              WHERE k.about_id = r.alert_id AND k.organisation_id = r.organisation_id
                                AND k.stopped_at IS NULL), ?9) AS due_at
             FROM mine m CROSS JOIN response r
             WHERE r.organisation_id = m.organisation_id
               AND r.stage IN ('unacknowledged', 'in_progress', 'awaits_executive')
         )
         SELECT a.id AS alert_id, a.number, ", title!("max(o.own) = 0", "?10"), ", a.severity, count(*) AS organisations,
                CAST(sum(CASE WHEN o.stage = 'unacknowledged' THEN 1 ELSE 0 END) AS BIGINT) AS unacknowledged,
                CAST(sum(CASE WHEN o.stage = 'in_progress' THEN 1 ELSE 0 END) AS BIGINT) AS in_progress,
                CAST(sum(CASE WHEN o.stage = 'awaits_executive' THEN 1 ELSE 0 END) AS BIGINT) AS awaits_executive,
                CAST(sum(o.other) AS BIGINT) AS others,
                min(o.due_at) AS urgent_at
         FROM open o
         JOIN alert a ON a.id = o.alert_id AND a.state = 'in_force'
         GROUP BY a.id, a.number, a.title, a.tlp, a.severity
         HAVING (min(o.due_at), a.id) > (?7, ?8)
         ORDER BY min(o.due_at), a.id LIMIT 51"
    );
    let values = mine_of(actor, now, Role::READING, params![after.0, after.1, NEVER, reads(actor)]);
    snapshot.all(statement, values).await
}

db::record! {
    /// An alert for which nothing is left to do.
    pub(in crate::response) struct Done {
        pub alert_id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub state: State,
        pub issued_at: Timestamp,
        pub informed: bool,
    }
}

/// Alerts that went to the actor's organisations and ask nothing of them any more, the newest
/// first, 51 at most behind `before`.
///
/// Index: `alert_issued`; `response_open` once for all that is open, the key of `response` for each
/// alert. The inner list has a limit, though one that nobody reaches, and what was sent is asked
/// for as a value: or PostgreSQL would begin with every response that the reader ever gave.
pub(in crate::response) async fn done(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    before: (i64, AlertId),
) -> Result<Vec<Done>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT a.id AS alert_id, a.number, ",
        title!(
            "NOT EXISTS (SELECT 1 FROM mine m CROSS JOIN response r
                         WHERE m.through_id = m.organisation_id
                           AND r.organisation_id = m.organisation_id AND r.alert_id = a.id)",
            "?9"
        ),
        ", a.severity, a.state, a.issued_at,
                a.acknowledge_by IS NULL AS informed
         FROM (
             SELECT * FROM alert
             WHERE (issued_at, id) < (?7, ?8) AND state IN ('in_force', 'superseded', 'withdrawn')
             ORDER BY issued_at DESC, id DESC LIMIT 1000000
         ) AS a
         WHERE (a.state <> 'in_force' OR a.id NOT IN (
                 SELECT r.alert_id FROM mine m CROSS JOIN response r
                 WHERE r.organisation_id = m.organisation_id
                   AND r.stage IN ('unacknowledged', 'in_progress', 'awaits_executive')))
           AND 1 = (SELECT 1 FROM mine m CROSS JOIN response r
                    WHERE r.organisation_id = m.organisation_id AND r.alert_id = a.id LIMIT 1)
         ORDER BY a.issued_at DESC, a.id DESC LIMIT 51"
    );
    let values = mine_of(actor, now, Role::READING, params![before.0, before.1, reads(actor)]);
    snapshot.all(statement, values).await
}

db::record! {
    /// Somebody else who answers for an organisation of the actor's own.
    pub(in crate::response) struct Answering {
        pub organisation: String,
        pub answering: String,
        pub telephone: Option<String>,
    }
}

/// Who else answers for the actor's own organisations. Index: the key of `answers_for`.
pub(in crate::response) async fn answering(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Answering>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.name AS organisation, b.name AS answering, b.telephone
         FROM mine m
         JOIN answers_for x ON x.organisation_id = m.organisation_id
         JOIN organisation o ON o.id = m.organisation_id
         JOIN organisation b ON b.id = x.answering_id
         WHERE m.through_id = m.organisation_id
           AND x.from_at <= ?2 AND (x.until_at IS NULL OR x.until_at > ?2)
         ORDER BY o.name, b.name LIMIT 20"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, vec![])).await
}

db::record! {
    /// One organisation's response, as its responder sees it.
    pub(in crate::response) struct Shown {
        pub organisation_id: OrganisationId,
        pub code: String,
        pub name: String,
        pub stage: Stage,
        pub applies: Applies,
        pub applies_reason: Option<String>,
        pub done: Option<String>,
        pub systems: Option<u32>,
        pub planned_on: Option<String>,
        pub blockers: Option<String>,
        pub mitigation: Option<String>,
        pub next_update_at: Option<Timestamp>,
        pub outcome: Option<Outcome>,
        pub version: i64,
        pub changed_at: Timestamp,
        pub ticked: bool,
    }
}

db::listing! {
    /// The organisations of an alert that the actor stands for, with what they said, by code.
    ///
    /// Index: the primary key of `response` for each of `mine`; by name or code also
    /// `organisation_word`.
    static ORGANISATIONS = concat!(
        mine!(),
        "SELECT o.id AS organisation_id, o.code, o.name, r.stage, r.applies, r.applies_reason, r.done, r.systems,
                r.planned_on, r.blockers, r.mitigation, r.next_update_at, r.outcome, r.version, r.changed_at,
                EXISTS (SELECT 1 FROM response_choice c
                        WHERE c.list_id = ?1 AND c.alert_id = r.alert_id
                          AND c.organisation_id = r.organisation_id) AS ticked
         FROM mine m CROSS JOIN response r
         JOIN organisation o ON o.id = r.organisation_id");
    of_alert: "r.organisation_id = m.organisation_id AND r.alert_id = ?1",
    word: "EXISTS (SELECT 1 FROM organisation_word w
                    WHERE w.organisation_id = r.organisation_id AND w.word >= ?1 AND w.word < ?2)",
    after: "o.code > ?1",
    one: "o.code = ?1",
    // Index: the primary key of `response_choice`.
    ticked: "EXISTS (SELECT 1 FROM response_choice c
                     WHERE c.list_id = ?1 AND c.alert_id = r.alert_id AND c.organisation_id = r.organisation_id)",
    tail: "ORDER BY o.code LIMIT 51",
}

/// Which organisations a page lists.
#[derive(Clone, Debug, Default)]
pub(in crate::response) struct Wanted<'a> {
    /// The beginning of a folded word of name, code or postcode.
    pub word: Option<&'a Prefix>,
    /// Behind this code.
    pub after: Option<&'a str>,
    /// Only this code.
    pub one: Option<&'a str>,
    /// Only those that the actor has ticked.
    pub ticked: bool,
}

/// A page of the organisations of an alert that the actor stands for in one of `roles`.
pub(in crate::response) async fn organisations(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    alert: AlertId,
    wanted: &Wanted<'_>,
) -> Result<Vec<Shown>, DbError> {
    let mut selection =
        ORGANISATIONS.select(mine_of(actor, now, roles, vec![])).when("of_alert", params![alert]);
    if let Some(word) = wanted.word {
        selection = selection.when("word", params![&word.from, &word.below]);
    }
    if wanted.ticked {
        selection = selection.when("ticked", params![actor.holder().unwrap_or_default()]);
    }
    let selection = selection.when_some("after", wanted.after).when_some("one", wanted.one);
    snapshot.list(selection).await
}

/// The responses of the organisations that the actor stands for, behind a code and so many at most, by code.
///
/// Index: the primary key of `response` for each of `mine`, that of `clock` for each line.
pub(in crate::response) async fn lines(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
    (after, most): (&str, i64),
) -> Result<Vec<Line>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT ",
        line_of!(),
        " FROM mine m CROSS JOIN response r
          JOIN organisation o ON o.id = r.organisation_id
          LEFT JOIN organisation t ON t.id = r.answered_through
          WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7 AND o.code > ?8
          ORDER BY o.code LIMIT ?9"
    );
    let values = mine_of(actor, now, Role::READING, params![alert, after, most]);
    snapshot.all(statement, values).await
}

db::record! {
    /// How many of the actor's organisations stand at a stage, and the first deadline among them.
    pub(in crate::response) struct Standing {
        pub stage: Stage,
        pub organisations: i64,
        pub due_at: Option<Timestamp>,
    }
}

/// Where the organisations that the actor stands for in one of `roles` are with an alert.
pub(in crate::response) async fn standing(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    alert: AlertId,
) -> Result<Vec<Standing>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT stage, count(*) AS organisations, min(due_at) AS due_at FROM (
             SELECT r.stage, (SELECT min(k.due_at) FROM clock k
                              WHERE k.about_id = r.alert_id AND k.organisation_id = r.organisation_id
                                AND k.stopped_at IS NULL) AS due_at
             FROM mine m CROSS JOIN response r
             WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
         ) each GROUP BY stage ORDER BY stage"
    );
    snapshot.all(statement, mine_of(actor, now, roles, params![alert])).await
}

db::record! {
    /// Something that was said, for an organisation's history.
    pub(in crate::response) struct Told {
        pub id: EventId,
        pub at: Timestamp,
        pub event: Event,
        pub said: String,
        pub by: Option<String>,
        pub through: Option<String>,
    }
}

/// What was said for one organisation about an alert, the newest first. Index: the primary key of
/// `response_event`. Call it for an organisation that the actor was seen to stand for.
pub(in crate::response) async fn history(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    alert: AlertId,
) -> Result<Vec<Told>, DbError> {
    let statement = sql!(
        "SELECT e.id, e.at, e.event, e.said,
                coalesce(p.name, (SELECT 'the API key ' || y.name FROM api_key y WHERE y.id = e.actor_id)) AS by,
                CASE WHEN e.through_id <> e.organisation_id THEN t.name END AS through
         FROM response_event e
         LEFT JOIN person p ON p.id = e.actor_id
         LEFT JOIN organisation t ON t.id = e.through_id
         WHERE e.organisation_id = ?1 AND e.alert_id = ?2 ORDER BY e.version DESC LIMIT 50"
    );
    snapshot.all(statement, params![organisation, alert]).await
}

/// How many of the chosen there are, as the draft of the actor says. Index: as for answering.
pub(in crate::response) async fn count_chosen(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: &AlertHead,
    mode: &str,
) -> Result<i64, DbError> {
    let statement = sql!(mine!(), "SELECT count(*)", super::chosen!());
    let list = actor.holder().unwrap_or_default();
    let rest: Vec<Value> = params![alert.id, mode, list];
    let (count,): (i64,) = snapshot.one(statement, mine_of(actor, now, Role::ANSWERING, rest)).await?;
    Ok(count)
}

/// How many of the chosen stand at which stage, as the draft of the actor says. Index: as for answering.
pub(in crate::response) async fn chosen_at(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: &AlertHead,
    mode: &str,
) -> Result<Vec<(Stage, i64)>, DbError> {
    let statement =
        sql!(mine!(), "SELECT r.stage, count(*)", super::chosen!(), "GROUP BY r.stage ORDER BY r.stage");
    let list = actor.holder().unwrap_or_default();
    let rest: Vec<Value> = params![alert.id, mode, list];
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, rest)).await
}

impl Shown {
    /// The planned day, where it is one.
    pub(in crate::response) fn planned(&self) -> Option<Date> {
        self.planned_on.as_deref()?.parse().ok()
    }
}
