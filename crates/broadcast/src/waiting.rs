//! What of this service waits at the CERT: threats to decide about, advisories to approve, questions and sightings.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
};

use crate::{
    access::{APPROVE, WRITE_ADVISORIES},
    advisory, question, sighting,
    triage::Decision,
};

/// The CERT's part of what waits.
pub const AT_THE_CERT: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

async fn read(snapshot: &mut Snapshot, actor: &Actor, _: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let mut lines = Vec::new();
    if actor.is_any(APPROVE) {
        let versions = in_state(snapshot, advisory::State::InReview).await?;
        lines.extend(line(versions, Urgency::Soon, APPROVALS, "/advisories?state=in_review"));
        let approved = in_state(snapshot, advisory::State::Approved).await?;
        lines.extend(line(approved, Urgency::Soon, PUBLICATIONS, "/advisories?state=approved"));
    }
    if actor.is_any(WRITE_ADVISORIES) {
        for (decision, urgency) in [(Decision::Act, Urgency::Soon), (Decision::Attend, Urgency::Open)] {
            let href = format!("/threats?decision={}", decision.code());
            let threats = line(new_threats(snapshot, decision).await?, urgency, THREATS, &href);
            lines.extend(threats.map(|line| Waiting {
                words: format!("{}: {}", decision.label(), line.words),
                hint: decision.means().to_owned(),
                ..line
            }));
        }
        let questions = question::store::waiting(snapshot).await?;
        lines.extend(line(questions, Urgency::Soon, QUESTIONS, "/questions"));
        let sightings = sighting::store::waiting(snapshot).await?;
        lines.extend(line(sightings, Urgency::Soon, SIGHTINGS, "/threats/sightings"));
    }
    Ok(lines)
}

const APPROVALS: (&str, &str) = ("advisory is to be approved", "advisories are to be approved");
const PUBLICATIONS: (&str, &str) =
    ("approved advisory is to be published", "approved advisories are to be published");
const THREATS: (&str, &str) = ("new threat", "new threats");
const QUESTIONS: (&str, &str) =
    ("question of an organisation is to be answered", "questions of organisations are to be answered");
const SIGHTINGS: (&str, &str) =
    ("sighting of an organisation is to be looked at", "sightings of organisations are to be looked at");

fn line(count: i64, urgency: Urgency, (one, many): (&str, &str), href: &str) -> Option<Waiting> {
    (count > 0).then(|| Waiting::new(urgency, counted(count, one, many), href))
}

/// How many versions of advisories are in this state, counted up to 1,000. Index: `advisory_version_state`.
async fn in_state(snapshot: &mut Snapshot, state: advisory::State) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM advisory_version WHERE state = ?1 LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![state]).await?.0)
}

/// How many new threats have this decision, counted up to 1,000. Index: `threat_triage`.
async fn new_threats(snapshot: &mut Snapshot, decision: Decision) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM threat
             WHERE status = 'new' AND kind NOT IN ('attack_pattern', 'threat_actor')
               AND rank >= ?1 AND rank < ?2 LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![decision.from(), decision.below()]).await?.0)
}
