//! One function for each verb; pages, the API and tests call these. Each enters the custody of the piece, the timeline where
//! the case has changed by it, and the log, which learns what was done and never why.

use platform::{
    Actor, App, Tx,
    access::Forbidden,
    blob::Arrived,
    log::{self, Entry},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Deed, EvidenceError, EvidenceId, MOST_PIECES,
    sent::Came,
    store::{self, By, Done, Piece, Told},
};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, sight,
        timeline::{self, Entering, Kind},
        writer,
    },
    incident::IncidentId,
};

type Result<T> = std::result::Result<T, EvidenceError>;

/// Keeps what came of a form with its file.
pub(super) async fn keep_sent(
    app: &App,
    actor: &Actor,
    incident: IncidentId,
    came: Came,
    told: Told,
) -> Result<EvidenceId> {
    let told = Told { name: came.name, ..told };
    let mut tx = app.write().await?;
    let kept = keep(app, &mut tx, actor, incident, came.file, &told).await?;
    tx.commit().await?;
    Ok(kept)
}

/// Keeps a file that has come, as evidence. The same form sent again is one piece.
pub async fn keep(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    arrived: Arrived,
    told: &Told,
) -> Result<EvidenceId> {
    const TO_DO: &str = "keep evidence in this case";
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(told.zone, TO_DO)?;
    let by = by(actor, &sight, TO_DO)?;
    if let Some(person) = by.0
        && let Some(kept) = store::of_form(tx, incident, told.form, person).await?
    {
        return Ok(kept);
    }
    if arrived.size == 0 {
        return Err(EvidenceError::Empty);
    }
    if told.hash.is_some_and(|hash| hash != arrived.hash) {
        return Err(EvidenceError::NotTheSame(data_encoding::HEXLOWER.encode(&arrived.hash)));
    }
    if store::count(tx, incident, told.zone).await? >= MOST_PIECES {
        return Err(EvidenceError::Enough);
    }
    let size = arrived.size;
    let hash = arrived.keep(app, tx).await?;
    let id = match store::insert(tx, incident, told, (hash, size), by).await {
        Err(db::DbError::Constraint(_)) => return Err(CaseError::Twice.into()),
        other => other?,
    };
    store::enter(tx, id, by, Done::because(Deed::Kept, "")).await?;
    let text = format!("Evidence was kept: {}", told.about);
    enter_timeline(tx, actor, &sight, told.zone, id, &text).await?;
    super::stamps::ask_for(app, tx, id).await?;
    write_log(tx, actor, &sight, "evidence.kept", id, told.zone).await?;
    Ok(id)
}

/// Hands a piece out to whoever asks, who has said why. Whether they take it to the end is not known: it counts.
pub async fn hand_out(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: EvidenceId,
    why: &str,
) -> Result<Piece> {
    let (sight, piece, by) = read(tx, actor, incident, id, "read evidence").await?;
    still_kept(&piece)?;
    store::enter(tx, id, by, Done::because(Deed::Read, why)).await?;
    write_log(tx, actor, &sight, "evidence.read", id, piece.zone).await?;
    Ok(piece)
}

/// A piece that may be handed out, or whose hash may be computed again.
pub async fn kept(tx: &mut Tx, actor: &Actor, incident: IncidentId, id: EvidenceId) -> Result<Piece> {
    let (_, piece, _) = read(tx, actor, incident, id, "read evidence").await?;
    still_kept(&piece)?;
    Ok(piece)
}

/// Enters that the hash of a piece was computed again, and whether it was the same.
pub async fn checked(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: EvidenceId,
    deed: Deed,
) -> Result<()> {
    let (sight, piece, by) = read(tx, actor, incident, id, "check evidence").await?;
    store::enter(tx, id, by, Done::because(deed, "")).await?;
    if deed == Deed::Damaged {
        let text = format!("Evidence is damaged: {}", piece.called());
        enter_timeline(tx, actor, &sight, piece.zone, id, &text).await?;
    }
    write_log(tx, actor, &sight, "evidence.checked", id, piece.zone).await
}

/// Enters that a piece was handed over to somebody outside: the police, an insurer, a forensic firm.
pub async fn hand_over(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: EvidenceId,
    form: Uuid,
    (whom, why): (&str, &str),
) -> Result<()> {
    const TO_DO: &str = "hand evidence over";
    let (sight, piece, by) = read(tx, actor, incident, id, TO_DO).await?;
    sight.write(piece.zone, TO_DO)?;
    if store::is_done(tx, id, form).await? {
        return Ok(());
    }
    let done = Done { deed: Deed::HandedOver, why, whom, form: Some(form) };
    match store::enter(tx, id, by, done).await {
        Err(db::DbError::Constraint(_)) => return Err(CaseError::Twice.into()),
        other => other?,
    }
    let text = format!("Evidence was handed over to {}: {}", whom.trim(), piece.called());
    enter_timeline(tx, actor, &sight, piece.zone, id, &text).await?;
    write_log(tx, actor, &sight, "evidence.handed_over", id, piece.zone).await
}

/// Withdraws a piece: it is not handed out any more, and its bytes are deleted when the policy says so.
pub async fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (id, version): (EvidenceId, i64),
    why: &str,
) -> Result<()> {
    const TO_DO: &str = "withdraw evidence";
    let (sight, piece, by) = read(tx, actor, incident, id, TO_DO).await?;
    sight.write(piece.zone, TO_DO)?;
    // Its bytes are gone for good after a while: that is for those whose case it is.
    if sight.party == Party::Guest {
        return Err(Forbidden(TO_DO).into());
    }
    if !store::withdraw(tx, id, version).await? {
        return Err(CaseError::Overtaken.into());
    }
    store::enter(tx, id, by, Done::because(Deed::Withdrawn, why)).await?;
    let text = format!("Evidence was withdrawn: {}", piece.called());
    enter_timeline(tx, actor, &sight, piece.zone, id, &text).await?;
    write_log(tx, actor, &sight, "evidence.withdrawn", id, piece.zone).await
}

/// A piece that the actor may see, and who they are.
async fn read(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: EvidenceId,
    to_do: &'static str,
) -> Result<(Sight, Piece, By)> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let piece = store::piece(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    // Who only reads a case takes nothing of it along, whatever they may do elsewhere.
    if !sight.would_write.contains(piece.zone) {
        return Err(Forbidden(to_do).into());
    }
    let by = by(actor, &sight, to_do)?;
    Ok((sight, piece, by))
}

const fn still_kept(piece: &Piece) -> Result<()> {
    match (piece.withdrawn_at, &piece.blob_hash) {
        (Some(_), _) => Err(EvidenceError::Withdrawn),
        (None, None) => Err(EvidenceError::Forgotten),
        (None, Some(_)) => Ok(()),
    }
}

fn by(actor: &Actor, sight: &Sight, to_do: &'static str) -> Result<By> {
    Ok((Some(writer(actor, to_do)?.0), sight.through))
}

async fn enter_timeline(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    zone: Zone,
    id: EvidenceId,
    text: &str,
) -> Result<()> {
    let entering = Entering::now(tx, zone, Kind::Evidence, id.0, text);
    timeline::enter(tx, actor, sight, &entering).await?;
    Ok(())
}

/// About the incident, so that the log of a case is found whole.
async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    verb: &'static str,
    id: EvidenceId,
    zone: Zone,
) -> Result<()> {
    let mut entry = Entry::new(verb).about_a("incident", sight.incident.id.0);
    if let Some(organisation) = sight.incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(json!({"evidence": id, "zone": zone.code()}))).await?;
    Ok(())
}
