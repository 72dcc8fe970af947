//! Writing lessons down: pages and tests call this.

use platform::{Actor, Tx, access::Forbidden};

use super::{Learned, LessonId, MOST, store};
use crate::{
    case::{
        CaseError, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    follow_up,
    incident::IncidentId,
};

pub(super) const TO_DO: &str = "write lessons in this case";

/// Writes down what was learned. The same form sent again is one lesson.
pub async fn write(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Zone,
    learned: &Learned,
) -> Result<LessonId, CaseError> {
    keep(tx, actor, incident, Some(zone), learned, None).await
}

/// Writes a lesson anew: the other one stands in its place, in the same zone, and has its actions.
pub async fn write_anew(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    before: LessonId,
    learned: &Learned,
) -> Result<LessonId, CaseError> {
    keep(tx, actor, incident, None, learned, Some(before)).await
}

async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Option<Zone>,
    learned: &Learned,
    before: Option<LessonId>,
) -> Result<LessonId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let before = match before {
        Some(id) => Some(store::lesson(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?),
        None => None,
    };
    let zone = before.as_ref().map(|before| before.zone).or(zone).ok_or(CaseError::NotFound)?;
    sight.write(zone, TO_DO)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    let (count, same) = store::sent_with(tx, (incident, zone), learned.form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} lessons here, which is the most.")));
    }
    let id = store::insert(tx, (incident, zone), learned, (by, sight.through)).await?;
    if let Some(before) = before {
        if !store::replace(tx, before.id, id).await? {
            return Err(CaseError::Refused(
                "Somebody wrote it anew after you opened it. Go back and write that one anew.".into(),
            ));
        }
        follow_up::store::pass_on(tx, before.id, id).await?;
    }
    let text = format!("Lesson: {}", learned.title.trim());
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Lesson, id.0, &text)).await?;
    write_log(tx, actor, "case.lesson_written", &sight.incident, id.0).await?;
    Ok(id)
}
