//! Whom no message of an alert told: found when it is counted who was reached, listed at `/sector/{id}/unreached`
//! and on the first page of who may ring. That a mail did not arrive is known in a minute; nobody should wait for the
//! deadline to pass before they ring.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use db::{DbError, MANY, Snapshot, many, params, sql};
use formats::Tlp;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Tx,
    organisation::OrganisationId,
    waiting::{Urgency, Waiting},
    web::{
        Error, Visit,
        cursor::Page,
        form::Problems,
        shell::{Shell, render},
    },
};

use super::{
    SectorError, late,
    store::{self, Late},
};
use crate::{
    access::WRITE_ADVISORIES,
    advisory::{AdvisoryNumber, Severity},
    alert::{Alert, AlertId, State},
    response::{self, AlertHead},
    waiting::line,
};

/// Those whom messages about the alert `?1` in these states told, at a mailbox or mobile of theirs or of whoever
/// answers for them at `?2`. Indexes: `message_about`, `contact_email`, `contact_mobile`, `answers_for_answering`.
macro_rules! behind {
    ($states:literal) => {
        concat!(
            "WITH told AS (
                 SELECT c.organisation_id FROM message m JOIN contact c ON c.email = m.address
                 WHERE m.about_id = ?1 AND m.channel = 'mail' AND m.state IN (",
            $states,
            ")
                 UNION
                 SELECT c.organisation_id FROM message m JOIN contact c ON c.mobile = m.address
                 WHERE m.about_id = ?1 AND m.channel = 'sms' AND c.mobile IS NOT NULL AND m.state IN (",
            $states,
            ")
             ), behind AS (
                 SELECT organisation_id FROM told
                 UNION SELECT a.organisation_id FROM told t CROSS JOIN answers_for a
                       WHERE a.answering_id = t.organisation_id
                         AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
             ) "
        )
    };
}
pub(super) use behind;

const UNTOLD: (&str, &str) =
    ("organisation got no message and is to be rung", "organisations got no message and are to be rung");

/// By what the list of an alert has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    added: Vec<OrganisationId>,
    removed: Vec<OrganisationId>,
}

/// Finds whom no message told of an alert, nor waits to tell. Nobody before all its messages are written, nor of one
/// that is for named people alone and so never sent. Reads every response of the alert.
pub(super) async fn now(snapshot: &mut Snapshot, alert: &Alert, now: Timestamp) -> Result<Change, DbError> {
    let kept = sql!("SELECT organisation_id FROM response_unreached WHERE alert_id = ?1");
    let kept: Vec<(OrganisationId,)> = snapshot.all(kept, params![alert.id]).await?;
    let kept: BTreeSet<_> = kept.into_iter().map(|(organisation,)| organisation).collect();
    let found = sql!(
        behind!("'waiting', 'sending', 'sent'"),
        "SELECT organisation_id FROM response
         WHERE alert_id = ?1 AND stage = 'unacknowledged'
           AND organisation_id NOT IN (SELECT organisation_id FROM behind)"
    );
    let is_sent = alert.state == State::InForce && alert.fanned_out_at.is_some() && alert.tlp.0 != Tlp::Red;
    let found: Vec<(OrganisationId,)> =
        if is_sent { snapshot.all(found, params![alert.id, now]).await? } else { Vec::new() };
    let found: BTreeSet<_> = found.into_iter().map(|(organisation,)| organisation).collect();
    Ok(Change {
        added: found.difference(&kept).copied().collect(),
        removed: kept.difference(&found).copied().collect(),
    })
}

/// Keeps the list as it is now. Index: the primary key.
pub(super) async fn keep(tx: &mut Tx, alert: AlertId, change: &Change) -> Result<(), DbError> {
    let add = sql!(
        "INSERT INTO response_unreached (alert_id, organisation_id)
         SELECT alert_id, organisation_id FROM response
         WHERE alert_id = ?33 AND organisation_id IN (",
        many!(),
        ") ON CONFLICT DO NOTHING"
    );
    let remove =
        sql!("DELETE FROM response_unreached WHERE alert_id = ?33 AND organisation_id IN (", many!(), ")");
    for (statement, organisations) in [(add, &change.added), (remove, &change.removed)] {
        for some in organisations.chunks(MANY) {
            tx.run_later(statement, many(some).chain(params![alert]).collect()).await?;
        }
    }
    Ok(())
}

/// How many of the alert in this column were told by no message and by nobody, counted up to 1,000. Indexes: the
/// primary keys of `response_unreached` and `response`, `ring_alert`.
macro_rules! untold {
    ($alert:literal) => {
        concat!(
            "(SELECT CAST(count(*) AS BIGINT) FROM (
                  SELECT u.organisation_id FROM response_unreached u CROSS JOIN response r
                  WHERE u.alert_id = ",
            $alert,
            " AND r.organisation_id = u.organisation_id AND r.alert_id = u.alert_id AND r.stage = 'unacknowledged'
                    AND NOT EXISTS (SELECT 1 FROM ring l WHERE l.alert_id = u.alert_id
                                    AND l.organisation_id = u.organisation_id AND l.outcome = 'reached')
                  LIMIT 1000) few)"
        )
    };
}

/// How many of an alert were told by no message and by nobody, counted up to 1,000.
pub(super) async fn count(snapshot: &mut Snapshot, alert: AlertId) -> Result<i64, DbError> {
    let statement = sql!("SELECT ", untold!("?1"));
    Ok(snapshot.one::<(i64,)>(statement, params![alert]).await?.0)
}

/// Lines of the first page of who may ring: alerts in force, the newest first. Index: `alert_in_force`.
pub(crate) async fn waiting(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.number, a.title, a.severity, ",
        untold!("a.id"),
        " AS organisations
         FROM alert a
         WHERE a.state = 'in_force' AND EXISTS (SELECT 1 FROM response_unreached u WHERE u.alert_id = a.id)
         ORDER BY a.issued_at DESC, a.id DESC LIMIT 20"
    );
    let alerts: Vec<(AlertId, AdvisoryNumber, String, Severity, i64)> =
        snapshot.all(statement, params![]).await?;
    let row =
        |(id, number, title, severity, organisations): (AlertId, AdvisoryNumber, String, Severity, i64)| {
            let urgency = if severity == Severity::High { Urgency::Now } else { Urgency::Soon };
            let waiting = line(organisations, urgency, UNTOLD, &format!("/sector/{id}/unreached"))?;
            Some(Waiting { hint: format!("{number}: {title}"), ..waiting })
        };
    Ok(alerts.into_iter().filter_map(row).collect())
}

#[derive(Template)]
#[template(path = "sector/unreached.html")]
struct UnreachedPage {
    shell: Shell,
    alert: AlertHead,
    asked: late::Asked,
    page: Page<Late>,
    may_note: bool,
    problems: Problems,
}

impl UnreachedPage {
    fn next(&self) -> Option<String> {
        let path = format!("/sector/{}/unreached", self.alert.id);
        self.page.next.as_ref().map(|after| self.asked.next(&path, after))
    }
}

/// `GET /sector/{id}/unreached`
pub(super) async fn list(
    visit: Visit,
    Path(id): Path<AlertId>,
    Query(asked): Query<late::Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let now = visit.shell.now;
    let page = late::page_of(store::unreached(&mut snapshot, id, now, asked.wanted(false)).await?);
    drop(snapshot);
    let may_note = visit.actor.is_any(WRITE_ADVISORIES);
    let page = UnreachedPage { shell: visit.shell, alert, asked, page, may_note, problems: Problems::none() };
    Ok(render(StatusCode::OK, &page))
}
