//! Entering and correcting: pages, other nouns of a case and tests call these.

use platform::{
    Actor, Tx,
    log::{self, Entry},
    organisation::OrganisationId,
};
use serde_json::json;
use uuid::Uuid;

use super::{Entering, EntryId, Kind, Typed, store};
use crate::{
    case::{CaseError, Sight, Zone, sight},
    incident::{IncidentId, store::Incident},
};

/// Enters something in the timeline of the case that `actor` has in `sight`. The caller has asked [`Sight::write`].
pub async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    entering: &Entering<'_>,
) -> Result<EntryId, CaseError> {
    let by = (actor.holder(), sight.through);
    store::insert(tx, sight.incident.id, by, entering).await
}

/// Enters something that no person did: a clock that ran out, a job's report.
pub async fn enter_by_itself(
    tx: &mut Tx,
    incident: IncidentId,
    entering: &Entering<'_>,
) -> Result<EntryId, CaseError> {
    store::insert(tx, incident, (None, None), entering).await
}

/// Enters that something happened to the incident itself, by whoever acts; `through` is the organisation whose person
/// that is, none at the CERT.
pub(crate) async fn enter_event(
    tx: &mut Tx,
    actor: &Actor,
    through: Option<OrganisationId>,
    incident: IncidentId,
    (zone, text): (Zone, &str),
) -> Result<(), db::DbError> {
    let entering = Entering::now(tx, zone, Kind::Event, incident.0, text);
    let by = (actor.person().map(|person| person.id.0), through);
    kept(store::insert(tx, incident, by, &entering).await)
}

/// The same as [`enter_by_itself`], for clocks, whose only errors are the database's.
pub(crate) async fn enter_rung(
    tx: &mut Tx,
    incident: IncidentId,
    entering: &Entering<'_>,
) -> Result<(), db::DbError> {
    kept(enter_by_itself(tx, incident, entering).await)
}

/// Without a form nothing comes twice: whatever refuses it is the database's.
fn kept(entered: Result<EntryId, CaseError>) -> Result<(), db::DbError> {
    match entered {
        Ok(_) => Ok(()),
        Err(CaseError::Database(error)) => Err(error),
        Err(other) => Err(db::DbError::Engine(other.to_string())),
    }
}

/// Writes down what happened. The same form sent again is one entry.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Zone,
    typed: &Typed,
) -> Result<EntryId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, "write in this case")?;
    if let Some(before) = store::sent_with(tx, incident, typed.form).await? {
        return Ok(before);
    }
    let id = enter(tx, actor, &sight, &entering(tx, zone, typed, None)?).await?;
    write_log(tx, actor, "case.entered", &sight.incident, id.0).await?;
    Ok(id)
}

/// Appends what is right about an entry; that one stays as it was. An entry is corrected once.
pub async fn correct(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    wrong: EntryId,
    typed: &Typed,
) -> Result<EntryId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let entry = store::entry(tx, incident, sight.reads, wrong).await?.ok_or(CaseError::NotFound)?;
    sight.write(entry.zone, "write in this case")?;
    if let Some(before) = store::sent_with(tx, incident, typed.form).await? {
        return Ok(before);
    }
    if entry.corrected_by.is_some() {
        return Err(CaseError::Refused("It was corrected already: correct the correction.".into()));
    }
    let id = enter(tx, actor, &sight, &entering(tx, entry.zone, typed, Some(wrong))?).await?;
    write_log(tx, actor, "case.corrected", &sight.incident, id.0).await?;
    Ok(id)
}

fn entering<'a>(
    tx: &Tx,
    zone: Zone,
    typed: &'a Typed,
    corrects: Option<EntryId>,
) -> Result<Entering<'a>, CaseError> {
    if typed.text.trim().is_empty() {
        return Err(CaseError::Refused("Write what happened.".into()));
    }
    if typed.happened_at > tx.now {
        return Err(CaseError::Refused("When it happened must be in the past.".into()));
    }
    let &Typed { form, happened_at, ref text } = typed;
    Ok(Entering { zone, kind: Kind::Event, happened_at, about: None, text, corrects, form: Some(form) })
}

/// Tells the log that something was done in a case, by the thing's id: never what it says, nor in which zone.
pub(crate) async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    incident: &Incident,
    id: Uuid,
) -> Result<(), CaseError> {
    let mut entry = Entry::new(verb).about(incident.id.0);
    if let Some(organisation) = incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(json!({"id": id}))).await?;
    Ok(())
}
