//! One function for each verb; pages and tests all call these. The log is told how many there were, never which.

use std::collections::HashSet;

use formats::{
    ObservableKind,
    observable::{Nesting, Observable, read},
};
use hmac::{Hmac, KeyInit, Mac};
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
};
use serde_json::json;
use sha2::Sha256;

use super::{
    MOST, MOST_AT_ONCE, ObservableId, Origin, kind_of,
    leaving_out::{self, LeftOut, POLICY},
    store::{self, From, New},
};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, sight,
        timeline::{self, Entering, Kind},
    },
    correlation,
    incident::{IncidentId, store::Incident},
};

/// What was found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// How many there are in it.
    pub found: usize,
    /// How many of them the case did not have.
    pub new: usize,
    /// How many patients' numbers were met; none is kept.
    pub patients: usize,
    /// How many more there were than are kept of one text.
    pub beyond: usize,
}

/// Keeps what stands in a text, in a zone in which the actor writes.
pub async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    zone: Zone,
    text: &str,
) -> Result<Entered, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, id).await?;
    sight.write(zone, "enter observables")?;
    if store::count(tx, id, zone).await? >= MOST {
        let sentence = format!("This case has {MOST} observables here, and takes no more.");
        return Err(CaseError::Refused(sentence));
    }
    let from = From {
        incident: id,
        zone,
        origin: Origin::Typed,
        person: actor.person().map(|person| person.id),
        through: sight.through,
    };
    let entered = keep(tx, &sight.incident, &from, text).await?;
    if entered.new > 0 {
        tell_entered(tx, actor, &sight, zone, entered.new).await?;
    }
    Ok(entered)
}

/// Keeps what stands in what was reported or added: it is shared, since both sides read that.
pub(crate) async fn found_in(
    tx: &mut Tx,
    incident: &Incident,
    origin: Origin,
    text: &str,
) -> Result<(), db::DbError> {
    if store::count(tx, incident.id, Zone::Shared).await? >= MOST {
        return Ok(());
    }
    let from = From { incident: incident.id, zone: Zone::Shared, origin, person: None, through: None };
    keep(tx, incident, &from, text).await?;
    Ok(())
}

/// Judges again what of an incident is compared: now that it is known, or known otherwise, whose it is. What is that
/// organisation's own would name it.
pub(crate) async fn judge_again(tx: &mut Tx, incident: &Incident) -> Result<(), db::DbError> {
    let own = own_domains(tx, incident).await?;
    for each in store::to_judge(tx, incident.id).await? {
        let Some(kind) = kind_of(&each.kind) else { continue };
        // What a warning list names was never among these.
        let why = leaving_out::why(kind, &each.value, false, &own);
        if why.map_or("", LeftOut::code) != each.left_out {
            store::leave_out(tx, each.id, why).await?;
        }
    }
    Ok(())
}

/// Ends that an observable is compared with what others have: it was no trace of the attack.
pub async fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    observable: ObservableId,
) -> Result<(), CaseError> {
    const TO_DO: &str = "withdraw observables";
    let now = tx.now;
    let sight = sight(tx, actor, now, id).await?;
    let zone = store::zone(tx, id, observable).await?.ok_or(CaseError::NotFound)?;
    sight.write(zone, TO_DO)?;
    if sight.party == Party::Guest {
        return Err(Forbidden(TO_DO).into());
    }
    // Two who saw the same withdraw it once.
    if !store::withdraw(tx, observable).await? {
        return Ok(());
    }
    let entering = Entering::now(tx, zone, Kind::Event, id.0, "An observable was withdrawn.");
    timeline::enter(tx, actor, &sight, &entering).await?;
    let entry = Entry::new("observable.withdrawn").about(id.0);
    log::write(tx, actor, entry.with(json!({"observable": observable}))).await?;
    Ok(())
}

/// Keeps what a machine names one by one, in a zone in which it writes; says which each of them is. What the case has
/// already is that.
pub async fn enter_each(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    zone: Zone,
    each: Vec<Observable>,
) -> Result<Vec<ObservableId>, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, id).await?;
    sight.write(zone, "enter observables")?;
    let from = From {
        incident: id,
        zone,
        origin: Origin::Typed,
        person: actor.person().map(|person| person.id),
        through: sight.through,
    };
    let more = i64::try_from(each.len()).unwrap_or(i64::MAX);
    if store::count(tx, id, zone).await?.saturating_add(more) > MOST {
        let sentence = format!("This case would have more than {MOST} observables here, which is the most.");
        return Err(CaseError::Refused(sentence));
    }
    let secret = secret(tx).await?;
    let hashes: Vec<_> = each.iter().map(|each| hash(&secret, each.kind, &each.value)).collect();
    let mut entered = Entered::default();
    keep_these(tx, &sight.incident, &from, each, &mut entered).await?;
    if entered.new > 0 {
        tell_entered(tx, actor, &sight, zone, entered.new).await?;
    }
    let mut ids = Vec::new();
    for hash in hashes {
        ids.push(store::kept_as(tx, id, zone, hash).await?.ok_or(CaseError::NotFound)?);
    }
    Ok(ids)
}

/// Tells the timeline and the log that there are new ones.
async fn tell_entered(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    zone: Zone,
    new: usize,
) -> Result<(), CaseError> {
    let id = sight.incident.id;
    let words = format!("Observables entered: {new}");
    timeline::enter(tx, actor, sight, &Entering::now(tx, zone, Kind::Event, id.0, &words)).await?;
    let entry = Entry::new("observable.entered").about(id.0);
    let entry = match sight.incident.organisation_id {
        Some(organisation) => entry.organisation(organisation),
        None => entry,
    };
    log::write(tx, actor, entry.with(json!({"new": new, "zone": zone.code()}))).await?;
    Ok(())
}

async fn keep(tx: &mut Tx, incident: &Incident, from: &From, text: &str) -> Result<Entered, db::DbError> {
    let mut entered = Entered::default();
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    // As a file is read: what is pasted may be a whole mail.
    for each in read(text.as_bytes(), Nesting::Every).map_while(Result::ok) {
        if each.kind == ObservableKind::NhsNumber {
            entered.patients += 1;
        } else if seen.insert((each.kind, each.value.clone())) {
            all.push(each);
        }
    }
    entered.found = all.len();
    entered.beyond = all.len().saturating_sub(MOST_AT_ONCE);
    keep_these(tx, incident, from, all, &mut entered).await?;
    Ok(entered)
}

/// Keeps the first [`MOST_AT_ONCE`] of these, and counts those that are new.
async fn keep_these(
    tx: &mut Tx,
    incident: &Incident,
    from: &From,
    all: Vec<Observable>,
    entered: &mut Entered,
) -> Result<(), db::DbError> {
    if all.is_empty() {
        return Ok(());
    }
    let own = own_domains(tx, incident).await?;
    let secret = secret(tx).await?;
    let mut compared = false;
    for each in all.into_iter().take(MOST_AT_ONCE) {
        let left_out = leaving_out::why(each.kind, &each.value, each.warning.is_some(), &own);
        let new = New {
            kind: each.kind.code(),
            hash: hash(&secret, each.kind, &each.value),
            value: each.value,
            left_out,
            listed: each.warning.unwrap_or_default(),
        };
        if store::insert(tx, from, &new).await? {
            entered.new += 1;
            compared |= left_out.is_none();
        }
    }
    if compared && from.zone != Zone::Own {
        let now = tx.now;
        correlation::actions::compare(tx, incident, now).await?;
    }
    Ok(())
}

/// The domains of the contacts of the incident's organisation, but for those where anybody has an address.
pub(crate) async fn own_domains(
    snapshot: &mut db::Snapshot,
    incident: &Incident,
) -> Result<Vec<String>, db::DbError> {
    let Some(organisation) = incident.organisation_id else { return Ok(Vec::new()) };
    let addresses = store::addresses_of(snapshot, organisation).await?;
    let domains = addresses.iter().filter_map(|address| address.rsplit_once('@'));
    let domains = domains.map(|(_, domain)| domain.to_ascii_lowercase());
    Ok(domains.filter(|domain| !POLICY.is_shared(domain)).collect())
}

async fn secret(tx: &mut Tx) -> Result<Vec<u8>, db::DbError> {
    if let Some(secret) = store::key(tx).await? {
        return Ok(secret);
    }
    let drawn = tx.bytes();
    store::keep_key(tx, drawn).await?;
    // Another node may have been faster.
    store::key(tx).await?.ok_or(db::DbError::Broken)
}

/// What an observable is compared by. Paths and keys of the registry are the same in small letters.
fn hash(secret: &[u8], kind: ObservableKind, value: &str) -> [u8; 32] {
    let folded = match kind {
        ObservableKind::FilePath | ObservableKind::RegistryKey => value.to_lowercase(),
        ObservableKind::Url => value.trim_end_matches('/').to_owned(),
        _ => value.to_owned(),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(kind.code().as_bytes());
    mac.update(&[0]);
    mac.update(folded.as_bytes());
    mac.finalize().into_bytes().into()
}
