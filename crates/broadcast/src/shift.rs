//! What of this service a shift at the CERT hands over: alerts, first those that are late, advisories on their way, what
//! organisations have asked and seen. Threats stand apart in the note: there are always some.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    waiting::{Shift, Urgency, Waiting},
    web::{shell::Language, show},
};

use crate::{
    advisory::{AdvisoryNumber, Severity, State, store::list},
    alert::AlertId,
    question, sighting,
    waiting::{APPROVALS, PUBLICATIONS, QUESTIONS, SIGHTINGS, in_state, line, to_ring, versions},
};

/// Alerts that organisations are late with.
pub const ALERTS: Shift = Shift { heading: "Alerts", read: |snapshot, now| Box::pin(alerts(snapshot, now)) };
/// Advisories that somebody has to go on with.
pub const ADVISORIES: Shift =
    Shift { heading: "Advisories", read: |snapshot, _| Box::pin(advisories(snapshot)) };
/// What organisations told the CERT.
pub const TOLD: Shift =
    Shift { heading: "Questions and sightings", read: |snapshot, _| Box::pin(told(snapshot)) };

/// How many of a kind are named one by one.
const SHOWN: usize = 5;

async fn alerts(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let mut lines = to_ring(snapshot, now).await?;
    let late = late(snapshot, now).await?;
    let more = late.len().saturating_sub(SHOWN);
    let deadlines = ("deadline has passed", "deadlines have passed");
    lines.extend(late.into_iter().take(SHOWN).filter_map(|alert| {
        let href = format!("/sector/{}/late", alert.id);
        let waiting = line(alert.late, Urgency::Soon, deadlines, &href)?;
        Some(Waiting { hint: format!("{}: {}", alert.number, alert.title), ..waiting })
    }));
    let alerts = ("more alert has deadlines that have passed", "more alerts have deadlines that have passed");
    lines.extend(line(i64::try_from(more).unwrap_or(i64::MAX), Urgency::Soon, alerts, "/sector"));
    let in_force = ("alert is in force", "alerts are in force");
    lines.extend(line(alerts_in_force(snapshot).await?, Urgency::Open, in_force, "/sector"));
    Ok(lines)
}

async fn advisories(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let mut lines = versions(in_state(snapshot, State::InReview).await?, &APPROVALS);
    lines.extend(versions(in_state(snapshot, State::Approved).await?, &PUBLICATIONS));
    lines.extend(sent_back(snapshot).await?.into_iter().map(SentBack::line));
    let alone = list::released_alone(snapshot).await?.len();
    let words =
        ("release by one person alone is to be reviewed", "releases by one person alone are to be reviewed");
    lines.extend(line(
        i64::try_from(alone).unwrap_or(i64::MAX),
        Urgency::Soon,
        words,
        "/advisories/to-review",
    ));
    let drafts = ("advisory is being written", "advisories are being written");
    lines.extend(line(being_written(snapshot).await?, Urgency::Open, drafts, "/advisories?state=draft"));
    Ok(lines)
}

/// Counted up to 1,000. Index: `alert_in_force`.
async fn alerts_in_force(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM alert WHERE state = 'in_force' LIMIT 1000) standing"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}

/// Those that no approver sent back, counted up to 1,000. Index: `advisory_version_state`.
async fn being_written(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM advisory_version WHERE state = 'draft' AND sent_back_reason IS NULL LIMIT 1000) drafts"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}

async fn told(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let questions = line(question::store::waiting(snapshot).await?, Urgency::Soon, QUESTIONS, "/questions");
    let since = question::store::waiting_since(snapshot).await?;
    let since = since.map(|since| show::instant(since.as_microsecond(), Language::English));
    let hint = since.map(|since| format!("the first since {since}")).unwrap_or_default();
    let questions = questions.map(|line| Waiting { hint, ..line });
    let sightings = sighting::store::waiting(snapshot).await?;
    let sightings = line(sightings, Urgency::Soon, SIGHTINGS, "/threats/sightings");
    Ok(questions.into_iter().chain(sightings).collect())
}

db::record! {
    /// A version that an approver sent back, and that was not submitted again.
    struct SentBack {
        number: AdvisoryNumber,
        title: String,
        severity: Severity,
        author: Option<String>,
    }
}

impl SentBack {
    fn line(self) -> Waiting {
        let urgency = if self.severity == Severity::High { Urgency::Now } else { Urgency::Soon };
        let author = self.author.as_deref().unwrap_or("somebody who has left");
        let hint = format!("{}, {}, begun by {author}", self.number, self.severity.label());
        let href = format!("/advisories/{}", self.number);
        Waiting { hint, ..Waiting::new(urgency, format!("Sent back to its authors: {}", self.title), href) }
    }
}

/// Those that were begun last, five at most. Index: `advisory_version_state`.
async fn sent_back(snapshot: &mut Snapshot) -> Result<Vec<SentBack>, DbError> {
    let statement = sql!(
        "SELECT a.number, v.title, v.severity, p.name AS author
         FROM advisory_version v
         JOIN advisory a ON a.id = v.advisory_id
         LEFT JOIN person p ON p.id = v.created_by AND p.erased_at IS NULL
         WHERE v.state = 'draft' AND v.sent_back_reason IS NOT NULL ORDER BY v.id DESC LIMIT 5"
    );
    snapshot.all(statement, params![]).await
}

db::record! {
    /// An alert of which organisations are late.
    struct Late {
        id: AlertId,
        number: AdvisoryNumber,
        title: String,
        late: i64,
    }
}

/// Of the newest 20 alerts, those in force with deadlines that have passed at `now`, counted up to 1,000
/// each. Index: `alert_issued`, then `clock_response_late`.
async fn late(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Late>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, late FROM (
             SELECT a.id, a.number, a.title, a.issued_at, a.state,
                    (SELECT CAST(count(*) AS BIGINT) FROM (
                         SELECT k.organisation_id FROM clock k
                         WHERE k.about_id = a.id AND k.kind = 'response' AND k.stopped_at IS NULL AND k.due_at <= ?1
                         LIMIT 1000) passed) AS late
             FROM (SELECT id, number, title, issued_at, state FROM alert
                   ORDER BY issued_at DESC, id DESC LIMIT 20) a) counted
         WHERE state = 'in_force' AND late > 0 ORDER BY issued_at DESC, id DESC"
    );
    snapshot.all(statement, params![now]).await
}
