//! The SQL of decisions: what waits for an executive.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Actor, access::Role};

use super::{mine, mine_of};
use crate::{
    advisory::{AdvisoryNumber, Severity},
    response::{AlertId, DECIDING, Event, EventId},
};

db::record! {
    /// A request to accept a risk, for one organisation or many.
    pub(in crate::response) struct Request {
        pub alert_id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub event_id: EventId,
        pub at: Timestamp,
        pub said: String,
        pub by: Option<String>,
        pub organisations: i64,
        /// One of them by name.
        pub example: String,
        /// The first deadline that goes on running.
        pub due_at: Option<Timestamp>,
        /// Whether it is the executive's own request, on which another has to decide.
        pub own: bool,
    }
}

/// `q` is what asks for the decision that `r` waits for: the last request.
macro_rules! request {
    () => {
        "q.organisation_id = r.organisation_id AND q.alert_id = r.alert_id
         AND q.id = (SELECT asked.id FROM response_event asked
                     WHERE asked.organisation_id = r.organisation_id AND asked.alert_id = r.alert_id
                       AND asked.event = 'ask_to_accept' ORDER BY asked.version DESC LIMIT 1)"
    };
}
pub(super) use request;

/// Whether `?1` made the request `q`, in person or through a key that they gave out.
macro_rules! own {
    () => {
        "(coalesce(q.actor_id = ?1, FALSE)
          OR EXISTS (SELECT 1 FROM api_key y WHERE y.id = q.actor_id AND y.created_by = ?1))"
    };
}
pub(super) use own;

macro_rules! requests {
    ($and:literal) => {
        concat!(
            mine!(),
            "SELECT a.id AS alert_id, a.number, a.title, a.severity, q.id AS event_id, q.at, q.said,
                    coalesce(p.name, (SELECT 'the API key ' || y.name FROM api_key y WHERE y.id = q.actor_id)) AS by,
                    count(*) AS organisations, min(o.name) AS example, min(k.due_at) AS due_at, ",
            own!(),
            " AS own
             FROM mine m CROSS JOIN response r
             JOIN alert a ON a.id = r.alert_id AND a.state = 'in_force'
             JOIN organisation o ON o.id = r.organisation_id
             JOIN response_event q ON ",
            request!(),
            " LEFT JOIN person p ON p.id = q.actor_id
             LEFT JOIN clock k ON k.about_id = r.alert_id AND k.organisation_id = r.organisation_id
                  AND k.name = 'remediate' AND k.stopped_at IS NULL
             WHERE r.organisation_id = m.organisation_id AND r.stage = 'awaits_executive'",
            $and,
            " GROUP BY a.id, a.number, a.title, a.severity, q.id, q.at, q.said, q.actor_id, p.name
              ORDER BY q.id LIMIT 51"
        )
    };
}

/// What waits for this executive, the oldest first. Index: `response_open`.
pub(in crate::response) async fn waiting(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: EventId,
) -> Result<Vec<Request>, DbError> {
    let statement = sql!(requests!(" AND q.id > ?7"));
    snapshot.all(statement, mine_of(actor, now, DECIDING, params![after])).await
}

/// What waits for this executive about one alert.
pub(in crate::response) async fn about(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Vec<Request>, DbError> {
    let statement = sql!(requests!(" AND a.id = ?7"));
    snapshot.all(statement, mine_of(actor, now, DECIDING, params![alert])).await
}

/// Name and code of those for whom something was said, one more than a mail names.
/// Index: `response_event_alert`.
pub(in crate::response) async fn named(
    snapshot: &mut Snapshot,
    alert: AlertId,
    event: EventId,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        "SELECT o.name, o.code FROM response_event e JOIN organisation o ON o.id = e.organisation_id
         WHERE e.alert_id = ?1 AND e.id = ?2 ORDER BY o.name, o.code LIMIT 51"
    );
    snapshot.all(statement, params![alert, event]).await
}

/// What was said at once for some or many, and in which words. Index: `response_event_alert`.
pub(in crate::response) async fn said(
    snapshot: &mut Snapshot,
    alert: AlertId,
    event: EventId,
) -> Result<Option<(Event, String)>, DbError> {
    let statement = sql!("SELECT event, said FROM response_event WHERE alert_id = ?1 AND id = ?2 LIMIT 1");
    snapshot.maybe(statement, params![alert, event]).await
}

db::record! {
    /// A request that an executive has sent back, and to which nothing was said since.
    pub(in crate::response) struct SentBack {
        pub at: Timestamp,
        pub said: String,
        pub organisations: i64,
        /// One of them by name.
        pub example: String,
    }
}

/// What the executive has sent back to the actor about an alert, the newest first. Index: the
/// primary keys of `response` and `response_event`.
pub(in crate::response) async fn sent_back(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Vec<SentBack>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT e.at, e.said, count(*) AS organisations, min(o.name) AS example
         FROM mine m CROSS JOIN response r
         JOIN response_event e ON e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id
              AND e.version = r.version AND e.event = 'send_back'
         JOIN organisation o ON o.id = r.organisation_id
         WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
         GROUP BY e.id, e.at, e.said ORDER BY e.id DESC LIMIT 5"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![alert])).await
}

/// The alerts about which something was sent back to the actor and nothing said since.
/// Index: `response_event_back`, which holds what was sent back alone.
pub(in crate::response) async fn alerts_sent_back(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<(AlertId,)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT DISTINCT e.alert_id
         FROM mine m CROSS JOIN response_event e
         JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
              AND r.version = e.version
         WHERE e.organisation_id = m.organisation_id AND e.event = 'send_back'"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![])).await
}
