//! The SQL of who is told, and of what they are told.
//!
//! Each query of listeners goes through webhooks in the order of their ids, behind one, 500 at most; it
//! costs nothing where there are none.

use db::{DbError, Snapshot, Value, params, sql};
use jiff::Timestamp;
use platform::{
    organisation::OrganisationId,
    webhook::{Happened, Hearing, Owner, WebhookId},
};
use uuid::Uuid;

use crate::{
    alert::AlertId,
    response::{Event, EventId, Stage},
};

/// Whether the organisation `w.organisation_id` answers for one with a response of which `$more` holds, at
/// the moment `$now`.
macro_rules! answers_where {
    ($more:literal, $now:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM answers_for f CROSS JOIN response r
                     WHERE f.answering_id = w.organisation_id AND f.from_at <= ",
            $now,
            " AND (f.until_at IS NULL OR f.until_at > ",
            $now,
            ") AND r.organisation_id = f.organisation_id AND ",
            $more,
            ")"
        )
    };
}

/// As it stands in the column of what a webhook is told of.
fn named(what: &Happened) -> String {
    format!("% {} %", what.event)
}

fn ids(rows: Vec<(WebhookId,)>) -> Vec<WebhookId> {
    rows.into_iter().map(|(id,)| id).collect()
}

/// The CERT's own, and those of the organisations that an alert went to, or that answer for one of them.
/// Index: webhook's primary key, then those of response and `answers_for_answering` for each.
pub(super) fn of_audience<'a>(
    snapshot: &'a mut Snapshot,
    what: &'a Happened,
    after: WebhookId,
) -> Hearing<'a> {
    Box::pin(async move {
        let statement = sql!(
            "SELECT w.id FROM webhook w
             WHERE w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
               AND (w.organisation_id IS NULL
                    OR EXISTS (SELECT 1 FROM response r WHERE r.organisation_id = w.organisation_id AND r.alert_id = ?3)
                    OR ",
            answers_where!("r.alert_id = ?3", "(SELECT changed_at FROM alert WHERE id = ?3)"),
            ") ORDER BY w.id LIMIT 500"
        );
        Ok(ids(snapshot.all(statement, params![after, named(what), what.about]).await?))
    })
}

/// Those that took the news of an alert, or may be taking it now. Index: `webhook_delivery_about`.
pub(super) fn who_were_told<'a>(
    snapshot: &'a mut Snapshot,
    what: &'a Happened,
    after: WebhookId,
) -> Hearing<'a> {
    Box::pin(async move {
        let statement = sql!(
            "SELECT DISTINCT w.id FROM webhook_delivery d CROSS JOIN webhook w
             WHERE d.about_id = ?3 AND d.webhook_id > ?1 AND d.event IN ('alert.published', 'alert.revised')
               AND w.id = d.webhook_id AND w.state = 'on' AND w.events LIKE ?2
               AND (d.delivered_at IS NOT NULL OR (d.state = 'waiting' AND w.lease_until IS NOT NULL))
             ORDER BY w.id LIMIT 500"
        );
        Ok(ids(snapshot.all(statement, params![after, named(what), what.about]).await?))
    })
}

/// The CERT's own, and those of the organisations for which something was said, or that answer for one of
/// them. Index: `response_event_alert`, `answers_for`'s unique key, `webhook_owner`.
pub(super) fn of_answered<'a>(
    snapshot: &'a mut Snapshot,
    what: &'a Happened,
    after: WebhookId,
) -> Hearing<'a> {
    Box::pin(async move {
        let Some(said) = said_in(what) else { return Ok(Vec::new()) };
        let statement = sql!(
            "WITH spoken AS (
                 SELECT organisation_id, at FROM response_event WHERE alert_id = ?3 AND id = ?4
             ), concerned AS (
                 SELECT organisation_id FROM spoken
                 UNION
                 SELECT f.answering_id FROM spoken e CROSS JOIN answers_for f
                 WHERE f.organisation_id = e.organisation_id AND f.from_at <= e.at
                   AND (f.until_at IS NULL OR f.until_at > e.at)
             )
             SELECT id FROM (
                 SELECT w.id FROM webhook w
                 WHERE w.organisation_id IS NULL AND w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
                 UNION ALL
                 SELECT w.id FROM concerned c CROSS JOIN webhook w
                 WHERE w.organisation_id = c.organisation_id AND w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
             ) AS listening ORDER BY id LIMIT 500"
        );
        Ok(ids(snapshot.all(statement, params![after, named(what), what.about, said]).await?))
    })
}

/// The CERT's own, and those of the organisations whose deadline has passed, or that answer for one of
/// them. Index: webhook's primary key, then clock's for each.
pub(super) fn of_late<'a>(snapshot: &'a mut Snapshot, what: &'a Happened, after: WebhookId) -> Hearing<'a> {
    Box::pin(async move {
        let Some((clock, due)) = deadline_in(what) else { return Ok(Vec::new()) };
        let statement = sql!(
            "SELECT w.id FROM webhook w
             WHERE w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
               AND (w.organisation_id IS NULL
                    OR EXISTS (SELECT 1 FROM clock k
                               WHERE k.about_id = ?3 AND k.organisation_id = w.organisation_id AND k.name = ?4
                                 AND k.due_at = ?5 AND k.stopped_at IS NULL)
                    OR EXISTS (SELECT 1 FROM answers_for f CROSS JOIN clock k
                               WHERE f.answering_id = w.organisation_id AND f.from_at <= ?5
                                 AND (f.until_at IS NULL OR f.until_at > ?5)
                                 AND k.about_id = ?3 AND k.organisation_id = f.organisation_id AND k.name = ?4
                                 AND k.due_at = ?5 AND k.stopped_at IS NULL))
             ORDER BY w.id LIMIT 500"
        );
        let values = params![after, named(what), what.about, clock, due];
        Ok(ids(snapshot.all(statement, values).await?))
    })
}

/// What was said, by the fields of what happened.
fn said_in(what: &Happened) -> Option<EventId> {
    what.fields["said"].as_str()?.parse().ok()
}

fn deadline_in(what: &Happened) -> Option<(&str, i64)> {
    Some((what.fields["clock"].as_str()?, what.fields["due"].as_i64()?))
}

/// Whether an alert concerns an organisation: it went to it, or to one that it answers for now. Index: the
/// primary key of response, `answers_for_answering`.
pub(super) async fn concerns(
    snapshot: &mut Snapshot,
    alert: AlertId,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT EXISTS (SELECT 1 FROM response r WHERE r.organisation_id = w.organisation_id AND r.alert_id = ?2) OR ",
        answers_where!("r.alert_id = ?2", "?3"),
        " AS concerns FROM (SELECT id AS organisation_id FROM organisation WHERE id = ?1) w"
    );
    let found: Option<(bool,)> = snapshot.maybe(statement, params![organisation, alert, now]).await?;
    Ok(found.is_some_and(|(concerns,)| concerns))
}

db::record! {
    /// An organisation for which something was said.
    pub(super) struct Spoken {
        pub code: String,
        pub event: Event,
        pub stage: Stage,
        pub total: i64,
    }
}

/// `one`: those of `$all` (a column `organisation_id`) that this owner is told of: all of them where it is
/// the CERT, and otherwise the organisation `?1` and those that it answers for at `?2`.
macro_rules! told_of {
    ($all:literal, $columns:literal, $then:literal) => {
        concat!(
            "SELECT o.code, ",
            $columns,
            " count(*) OVER () AS total FROM ",
            $all,
            " JOIN organisation o ON o.id = e.organisation_id WHERE ",
            $then,
            " AND (CAST(?3 AS BIGINT) = 1 OR e.organisation_id = ?1
                   OR EXISTS (SELECT 1 FROM answers_for f
                              WHERE f.organisation_id = e.organisation_id AND f.answering_id = ?1
                                AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2)))
             ORDER BY o.code LIMIT 20"
        )
    };
}

/// The values of [`told_of!`], before those of the text itself.
fn told_of(owner: Owner, now: Timestamp, rest: Vec<Value>) -> Vec<Value> {
    let organisation = owner.organisation();
    let mut values =
        params![organisation.map_or(Uuid::nil(), |id| id.0), now, i64::from(organisation.is_none())];
    values.extend(rest);
    values
}

/// For whom something was said of those that the owner of a webhook is told of, by code, 20 at most.
/// Index: `response_event_alert`, then the primary key of organisation, `answers_for_answering`.
pub(super) async fn spoken(
    snapshot: &mut Snapshot,
    owner: Owner,
    now: Timestamp,
    alert: AlertId,
    said: EventId,
) -> Result<Vec<Spoken>, DbError> {
    let statement = sql!(told_of!("response_event e", "e.event, e.stage,", "e.alert_id = ?4 AND e.id = ?5"));
    snapshot.all(statement, told_of(owner, now, params![alert, said])).await
}

db::record! {
    /// An organisation whose deadline has passed.
    pub(super) struct Late {
        pub code: String,
        pub total: i64,
    }
}

/// Whose deadline has passed and still counts, of those that the owner of a webhook is told of, by code, 20
/// at most. Index: `clock_response_late`, then the primary key of organisation, `answers_for_answering`.
pub(super) async fn late(
    snapshot: &mut Snapshot,
    owner: Owner,
    now: Timestamp,
    alert: AlertId,
    (clock, due): (&str, i64),
) -> Result<Vec<Late>, DbError> {
    let statement = sql!(told_of!(
        "clock e",
        "",
        "e.about_id = ?4 AND e.name = ?5 AND e.due_at = ?6 AND e.stopped_at IS NULL AND e.kind = 'response'"
    ));
    snapshot.all(statement, told_of(owner, now, params![alert, clock, due])).await
}
