//! What of this service waits at the CERT: organisations to ring, advisories to approve and to publish, those that
//! came back to their authors, threats to decide about, questions and sightings.

use std::fmt::Write as _;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
};

use crate::{
    access::{APPROVE, WRITE_ADVISORIES},
    advisory::{AdvisoryNumber, Severity, State, VersionId},
    alert::AlertId,
    question,
    sector::unreached,
    sighting,
    triage::Decision,
};

/// The CERT's part of what waits.
pub const AT_THE_CERT: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

/// How many of a kind are shown one by one.
const SHOWN: usize = 5;

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let mut lines = Vec::new();
    if actor.is_any(APPROVE) {
        lines.extend(versions(in_state(snapshot, State::InReview).await?, &APPROVALS));
        lines.extend(versions(in_state(snapshot, State::Approved).await?, &PUBLICATIONS));
    }
    if actor.is_any(WRITE_ADVISORIES) {
        lines.extend(unreached::waiting(snapshot).await?);
        lines.extend(to_ring(snapshot, now).await?);
        lines.extend(sent_back(snapshot, actor).await?);
        lines.extend(to_decide(snapshot).await?);
        let questions = question::store::waiting(snapshot).await?;
        lines.extend(line(questions, Urgency::Soon, QUESTIONS, "/questions"));
        let sightings = sighting::store::waiting(snapshot).await?;
        lines.extend(line(sightings, Urgency::Soon, SIGHTINGS, "/threats/sightings"));
    }
    Ok(lines)
}

/// New threats that somebody has to see to, by what is decided about them; and those of which that is not known,
/// though they are exploited.
async fn to_decide(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let mut lines = Vec::new();
    for (decision, urgency) in [(Decision::Act, Urgency::Soon), (Decision::Attend, Urgency::Open)] {
        let href = format!("/threats?decision={}", decision.code());
        let threats = line(new_threats(snapshot, decision).await?, urgency, THREATS, &href);
        let Some(line) = threats else { continue };
        let mut hint = decision.means().to_owned();
        if decision == Decision::Attend {
            let more = new_threats(snapshot, Decision::AttendOrAct).await?;
            if more > 0 {
                let _ = write!(hint, " {}.", counted(more, "of them may be Act", "of them may be Act"));
            }
        }
        lines.push(Waiting { words: format!("{}: {}", decision.label(), line.words), hint, ..line });
    }
    let href = format!("/threats?decision={}&exploited=yes", Decision::Undecided.code());
    let exploited = exploited_undecided(snapshot).await?;
    lines.extend(line(exploited, Urgency::Open, THREATS, &href).map(|line| Waiting {
        words: format!("Exploited, {}: {}", Decision::Undecided.label().to_lowercase(), line.words),
        hint: Decision::Undecided.means().to_owned(),
        ..line
    }));
    Ok(lines)
}

/// What an approver does with versions in one state.
pub(crate) struct Step {
    verb: &'static str,
    /// The page of one, around its id.
    page: (&'static str, &'static str),
    more: (&'static str, &'static str),
}

/// Those in review.
pub(crate) const APPROVALS: Step = Step {
    verb: "Approve or send back",
    page: ("/approvals/", ""),
    more: ("More advisories are to be approved", "/advisories?state=in_review"),
};
/// Those that are approved.
pub(crate) const PUBLICATIONS: Step = Step {
    verb: "Publish",
    page: ("/audiences/", "/publish"),
    more: ("More advisories are to be published", "/advisories?state=approved"),
};
const CALLS: (&str, &str) = ("organisation is to be rung", "organisations are to be rung");
const THREATS: (&str, &str) = ("new threat", "new threats");
/// Those of organisations that nobody has answered: one, and many.
pub(crate) const QUESTIONS: (&str, &str) =
    ("question of an organisation is to be answered", "questions of organisations are to be answered");
/// Those of organisations that nobody has read: one, and many.
pub(crate) const SIGHTINGS: (&str, &str) =
    ("sighting of an organisation is to be looked at", "sightings of organisations are to be looked at");

/// So many of a kind in one line, unless there are none.
pub(crate) fn line(count: i64, urgency: Urgency, (one, many): (&str, &str), href: &str) -> Option<Waiting> {
    (count > 0).then(|| Waiting::new(urgency, counted(count, one, many), href))
}

/// A version of an advisory, as a line names it.
pub(crate) type Version = (VersionId, AdvisoryNumber, String, Severity);

/// The versions in this state, those that were begun first; one more than are shown. Index:
/// `advisory_version_state`.
pub(crate) async fn in_state(snapshot: &mut Snapshot, state: State) -> Result<Vec<Version>, DbError> {
    let statement = sql!(
        "SELECT v.id, a.number, v.title, v.severity
         FROM advisory_version v JOIN advisory a ON a.id = v.advisory_id
         WHERE v.state = ?1 ORDER BY v.id LIMIT 6"
    );
    snapshot.all(statement, params![state]).await
}

/// A line for each of the first, and one for the others.
pub(crate) fn versions(waiting: Vec<Version>, step: &Step) -> Vec<Waiting> {
    let more =
        (waiting.len() > SHOWN).then(|| Waiting::new(Urgency::Soon, step.more.0.to_owned(), step.more.1));
    let line = |(id, number, title, severity): Version| {
        let urgency = if severity == Severity::High { Urgency::Now } else { Urgency::Soon };
        let href = format!("{}{id}{}", step.page.0, step.page.1);
        let words = format!("{}: {title}", step.verb);
        Waiting { hint: format!("{number}, {}", severity.label()), ..Waiting::new(urgency, words, href) }
    };
    waiting.into_iter().take(SHOWN).map(line).chain(more).collect()
}

/// What the actor wrote and an approver sent back. Indexes: `advisory_version_state`, the key of `advisory_editor`.
async fn sent_back(snapshot: &mut Snapshot, actor: &Actor) -> Result<Vec<Waiting>, DbError> {
    let Some(person) = actor.person() else { return Ok(Vec::new()) };
    let statement = sql!(
        "SELECT a.number, v.title
         FROM advisory_version v
         JOIN advisory_editor e ON e.version_id = v.id AND e.person_id = ?1
         JOIN advisory a ON a.id = v.advisory_id
         WHERE v.state = 'draft' AND v.sent_back_reason IS NOT NULL ORDER BY v.id DESC LIMIT 5"
    );
    let versions: Vec<(AdvisoryNumber, String)> = snapshot.all(statement, params![person.id]).await?;
    let line = |(number, title): (AdvisoryNumber, String)| {
        let words = format!("Sent back to you: {title}");
        let href = format!("/advisories/{number}/edit");
        Waiting { hint: number.to_string(), ..Waiting::new(Urgency::Soon, words, href) }
    };
    Ok(versions.into_iter().map(line).collect())
}

/// Alerts with organisations that every message has gone to without an answer, and that nobody reached since.
///
/// Indexes: `alert_in_force`, `clock_response_ring`, `ring_alert`.
pub(crate) async fn to_ring(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.number, a.title,
                (SELECT CAST(count(DISTINCT late.organisation_id) AS BIGINT) FROM (
                     SELECT k.organisation_id FROM clock k
                     WHERE k.about_id = a.id AND k.stopped_at IS NULL AND k.kind = 'response'
                       AND k.next_due_at IS NULL AND k.due_at <= ?1
                       AND NOT EXISTS (
                           SELECT 1 FROM ring g
                           WHERE g.alert_id = k.about_id AND g.organisation_id = k.organisation_id
                             AND g.outcome = 'reached' AND g.at >= k.due_at
                             AND NOT EXISTS (SELECT 1 FROM ring l
                                             WHERE l.alert_id = g.alert_id AND l.organisation_id = g.organisation_id
                                               AND (l.at, l.id) > (g.at, g.id)))
                     LIMIT 1000) late) AS organisations
         FROM alert a
         WHERE a.state = 'in_force'
           AND EXISTS (SELECT 1 FROM clock c
                       WHERE c.about_id = a.id AND c.stopped_at IS NULL AND c.kind = 'response'
                         AND c.next_due_at IS NULL)
         ORDER BY a.issued_at DESC, a.id DESC LIMIT 20"
    );
    let alerts: Vec<(AlertId, AdvisoryNumber, String, i64)> = snapshot.all(statement, params![now]).await?;
    let ring = |(id, number, title, organisations): (AlertId, AdvisoryNumber, String, i64)| {
        let waiting = line(organisations, Urgency::Now, CALLS, &format!("/sector/{id}/ring"))?;
        Some(Waiting { hint: format!("{number}: {title}"), ..waiting })
    };
    Ok(alerts.into_iter().filter_map(ring).take(SHOWN).collect())
}

/// How many new threats have this decision, counted up to 1,000. Index: `threat_triage`.
pub(crate) async fn new_threats(snapshot: &mut Snapshot, decision: Decision) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM threat
             WHERE status = 'new' AND kind NOT IN ('attack_pattern', 'threat_actor')
               AND rank >= ?1 AND rank < ?2 LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![decision.from(), decision.below()]).await?.0)
}

/// How many new threats are exploited and not decided, counted up to 1,000. Index: `threat_exploited`.
async fn exploited_undecided(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM threat
             WHERE known_exploited = TRUE AND rank >= ?1 AND rank < ?2 AND status = 'new'
               AND kind NOT IN ('attack_pattern', 'threat_actor') LIMIT 1000) waiting"
    );
    let undecided = params![Decision::Undecided.from(), Decision::Undecided.below()];
    Ok(snapshot.one::<(i64,)>(statement, undecided).await?.0)
}
