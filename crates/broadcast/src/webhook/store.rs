//! The SQL of who is told, and of what they are told.
//!
//! Each query of listeners goes through webhooks in the order of their ids, behind one, 500 at most; it
//! costs nothing where there are none.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    organisation::OrganisationId,
    webhook::{Happened, Hearing, Owner, WebhookId},
};

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

/// Those that took the news of an alert, in whichever of its advisory's versions, or may be taking it now.
/// Index: `alert_advisory`, `webhook_delivery_about`.
pub(super) fn who_were_told<'a>(
    snapshot: &'a mut Snapshot,
    what: &'a Happened,
    after: WebhookId,
) -> Hearing<'a> {
    Box::pin(async move {
        let statement = sql!(
            "SELECT DISTINCT w.id FROM alert a CROSS JOIN alert v CROSS JOIN webhook_delivery d CROSS JOIN webhook w
             WHERE a.id = ?3 AND v.advisory_id = a.advisory_id AND d.about_id = v.id AND d.webhook_id > ?1 AND d.event IN ('alert.published', 'alert.revised')
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
/// them. An update is due for one or few at the same moment, who are where it begins (index:
/// `clock_response_late`, then `answers_for`'s unique key and `webhook_owner`); the others for an audience,
/// where it begins with the webhooks (index: their primary key, then clock's for each).
pub(super) fn of_late<'a>(snapshot: &'a mut Snapshot, what: &'a Happened, after: WebhookId) -> Hearing<'a> {
    Box::pin(async move {
        let Some((clock, due)) = deadline_in(what) else { return Ok(Vec::new()) };
        let of_few = sql!(
            "WITH late AS (
                 SELECT organisation_id FROM clock
                 WHERE about_id = ?3 AND due_at = ?5 AND name = ?4 AND stopped_at IS NULL AND kind = 'response'
             ), concerned AS (
                 SELECT organisation_id FROM late
                 UNION
                 SELECT f.answering_id FROM late l CROSS JOIN answers_for f
                 WHERE f.organisation_id = l.organisation_id AND f.from_at <= ?5
                   AND (f.until_at IS NULL OR f.until_at > ?5)
             )
             SELECT id FROM (
                 SELECT w.id FROM webhook w
                 WHERE w.organisation_id IS NULL AND w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
                 UNION ALL
                 SELECT w.id FROM concerned c CROSS JOIN webhook w
                 WHERE w.organisation_id = c.organisation_id AND w.id > ?1 AND w.state = 'on' AND w.events LIKE ?2
             ) AS listening ORDER BY id LIMIT 500"
        );
        let of_many = sql!(
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
        let statement = if clock == "update" { of_few } else { of_many };
        let values = params![after, named(what), what.about, clock, due];
        Ok(ids(snapshot.all(statement, values).await?))
    })
}

/// Whether anybody listens of the CERT, and of those whose deadline has passed within a range of ids, which
/// is that of one batch of the sweep. Index: `webhook_owner`, the primary key of clock, `answers_for`'s
/// unique key.
pub(super) async fn anybody_hears(
    snapshot: &mut Snapshot,
    what: &Happened,
    (first, last): (OrganisationId, OrganisationId),
) -> Result<bool, DbError> {
    let Some((clock, due)) = deadline_in(what) else { return Ok(false) };
    let statement = sql!(
        "SELECT w.id FROM webhook w WHERE w.organisation_id IS NULL AND w.state = 'on' AND w.events LIKE ?1
         UNION ALL
         SELECT w.id FROM clock k CROSS JOIN webhook w
         WHERE k.about_id = ?2 AND k.organisation_id BETWEEN ?3 AND ?4 AND k.name = ?5 AND k.due_at = ?6
           AND k.stopped_at IS NULL AND w.organisation_id = k.organisation_id AND w.state = 'on' AND w.events LIKE ?1
         UNION ALL
         SELECT w.id FROM clock k CROSS JOIN answers_for f CROSS JOIN webhook w
         WHERE k.about_id = ?2 AND k.organisation_id BETWEEN ?3 AND ?4 AND k.name = ?5 AND k.due_at = ?6
           AND k.stopped_at IS NULL AND f.organisation_id = k.organisation_id AND f.from_at <= ?6
           AND (f.until_at IS NULL OR f.until_at > ?6)
           AND w.organisation_id = f.answering_id AND w.state = 'on' AND w.events LIKE ?1
         LIMIT 1"
    );
    let values = params![named(what), what.about, first, last, clock, due];
    Ok(snapshot.maybe::<(WebhookId,)>(statement, values).await?.is_some())
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

/// `mine`: the organisation `?1` and those that it answers for at `?2`.
macro_rules! mine {
    () => {
        "WITH mine AS (
             SELECT id FROM organisation WHERE id = ?1
             UNION
             SELECT f.organisation_id FROM answers_for f
             WHERE f.answering_id = ?1 AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2)
         ) "
    };
}

/// For whom something was said of those that the owner of a webhook is told of, by code, 20 at most.
/// Index: for the CERT `response_event_alert`; otherwise `answers_for_answering`, then the primary key of
/// `response_event`.
pub(super) async fn spoken(
    snapshot: &mut Snapshot,
    owner: Owner,
    now: Timestamp,
    alert: AlertId,
    said: EventId,
) -> Result<Vec<Spoken>, DbError> {
    let all = sql!(
        "SELECT o.code, e.event, e.stage, count(*) OVER () AS total
         FROM response_event e JOIN organisation o ON o.id = e.organisation_id
         WHERE e.alert_id = ?1 AND e.id = ?2 ORDER BY o.code LIMIT 20"
    );
    let of_mine = sql!(
        mine!(),
        "SELECT o.code, e.event, e.stage, count(*) OVER () AS total
         FROM mine m CROSS JOIN response_event e CROSS JOIN organisation o
         WHERE e.organisation_id = m.id AND e.alert_id = ?3 AND e.id = ?4 AND o.id = m.id
         ORDER BY o.code LIMIT 20"
    );
    match owner {
        Owner::Cert => snapshot.all(all, params![alert, said]).await,
        Owner::Organisation(id) => snapshot.all(of_mine, params![id, now, alert, said]).await,
    }
}

db::record! {
    /// An organisation whose deadline has passed.
    pub(super) struct Late {
        pub code: String,
        pub total: i64,
    }
}

/// Whose deadline has passed and still counts, of those that the owner of a webhook is told of, by code, 20
/// at most. Index: for the CERT `clock_response_late`; otherwise `answers_for_answering`, then the primary
/// key of clock.
pub(super) async fn late(
    snapshot: &mut Snapshot,
    owner: Owner,
    now: Timestamp,
    alert: AlertId,
    (clock, due): (&str, i64),
) -> Result<Vec<Late>, DbError> {
    let all = sql!(
        "SELECT o.code, count(*) OVER () AS total FROM clock k JOIN organisation o ON o.id = k.organisation_id
         WHERE k.about_id = ?1 AND k.due_at = ?3 AND k.name = ?2 AND k.stopped_at IS NULL AND k.kind = 'response'
         ORDER BY o.code LIMIT 20"
    );
    let of_mine = sql!(
        mine!(),
        "SELECT o.code, count(*) OVER () AS total FROM mine m CROSS JOIN clock k CROSS JOIN organisation o
         WHERE k.about_id = ?3 AND k.organisation_id = m.id AND k.name = ?4 AND k.due_at = ?5
           AND k.stopped_at IS NULL AND o.id = m.id
         ORDER BY o.code LIMIT 20"
    );
    match owner {
        Owner::Cert => snapshot.all(all, params![alert, clock, due]).await,
        Owner::Organisation(id) => snapshot.all(of_mine, params![id, now, alert, clock, due]).await,
    }
}
