//! One function for each verb; pages, imports and tests all call these.

use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, Role},
    import::Taken,
    log::{self, Entry},
    organisation::{self, OrganisationId},
};
use serde_json::json;

use super::{
    MOST_USES, Said, SupplierError, SupplierId, UseId, folded,
    store::{self, Use},
};
use crate::{access::HANDLE_INCIDENTS, outage, stands};

type Result<T> = std::result::Result<T, SupplierError>;

const TO_DO: &str = "say what organisations use";

/// Says that the organisation of this code uses a system. Where that is down just now, it is concerned too.
pub async fn add(tx: &mut Tx, actor: &Actor, code: &str, said: &Said) -> Result<UseId> {
    let organisation = writes_for(tx, actor, code).await?;
    let said = checked(said)?;
    let supplier = named(tx, &said.supplier).await?;
    let (known, count) = store::known(tx, organisation, supplier, &folded(&said.system)).await?;
    if known.is_some() {
        return Err(SupplierError::Known);
    }
    if count >= MOST_USES {
        return Err(SupplierError::Enough);
    }
    let id = once(store::insert_use(tx, organisation, supplier, &said).await)?;
    write_log(tx, actor, "supplier.used", (supplier, organisation), id).await?;
    outage::actions::concerns_too(tx, organisation, supplier, &folded(&said.system)).await?;
    Ok(id)
}

/// Says something else of a system.
pub async fn change(tx: &mut Tx, actor: &Actor, id: UseId, version: i64, said: &Said) -> Result<()> {
    let now = tx.now;
    let before = own(tx, actor, now, id).await?;
    let said = checked(said)?;
    let supplier = named(tx, &said.supplier).await?;
    let (known, _) = store::known(tx, before.organisation_id, supplier, &folded(&said.system)).await?;
    if known.is_some_and(|known| known.id != id) {
        return Err(SupplierError::Known);
    }
    if !store::change_use(tx, (id, version), supplier, &said).await? {
        return Err(SupplierError::Overtaken);
    }
    write_log(tx, actor, "supplier.use_changed", (supplier, before.organisation_id), id).await?;
    outage::actions::concerns_too(tx, before.organisation_id, supplier, &folded(&said.system)).await?;
    Ok(())
}

/// Says that a system is not used any more.
pub async fn end(tx: &mut Tx, actor: &Actor, id: UseId, version: i64) -> Result<()> {
    let now = tx.now;
    let before = own(tx, actor, now, id).await?;
    if !store::end_use(tx, (id, version)).await? {
        return Err(SupplierError::Overtaken);
    }
    write_log(tx, actor, "supplier.use_ended", (before.supplier_id, before.organisation_id), id).await
}

/// Makes a supplier a part of another one: both names are the same from now on.
pub async fn join(
    tx: &mut Tx,
    actor: &Actor,
    id: SupplierId,
    version: i64,
    into: &str,
) -> Result<SupplierId> {
    actor.require(HANDLE_INCIDENTS, "join suppliers")?;
    let from = store::supplier(tx, id).await?.ok_or(SupplierError::NotFound)?;
    let into = match organisation::store::id_of(tx, &into.trim().to_uppercase()).await? {
        Some(found) => store::that_is(tx, found).await?,
        None => store::named(tx, &folded(into)).await?,
    };
    let into = into.filter(|into| *into != id).ok_or(SupplierError::NotTheSame)?;
    if !store::join(tx, (id, version), into).await? {
        return Err(SupplierError::Overtaken);
    }
    let entry = Entry::new("supplier.joined").about(from.id.0);
    log::write(tx, actor, entry.with(json!({"into": into}))).await?;
    outage::actions::joined(tx, from.id, into).await?;
    Ok(into)
}

/// Takes a row of a list: what was said before of the same system is said anew.
pub(super) async fn take(tx: &mut Tx, organisation: OrganisationId, said: &Said) -> Result<Taken> {
    let said = checked(said)?;
    let supplier = named(tx, &said.supplier).await?;
    let (known, count) = store::known(tx, organisation, supplier, &folded(&said.system)).await?;
    let Some(known) = known else {
        if count >= MOST_USES {
            return Err(SupplierError::Enough);
        }
        store::insert_use(tx, organisation, supplier, &said).await?;
        outage::actions::concerns_too(tx, organisation, supplier, &folded(&said.system)).await?;
        return Ok(Taken::New);
    };
    if (known.system.as_str(), known.clinical, known.downtime.as_str())
        == (&said.system, said.clinical, &said.downtime)
    {
        return Ok(Taken::Same);
    }
    store::change_use(tx, (known.id, known.version), supplier, &said).await?;
    Ok(Taken::Changed)
}

/// The organisation of this code, where the actor may say what it uses: its own people, and the CERT.
pub(super) async fn writes_for(tx: &mut Tx, actor: &Actor, code: &str) -> Result<OrganisationId> {
    let (code, now) = (code.trim().to_uppercase(), tx.now);
    let found = if actor.is_any(HANDLE_INCIDENTS) || matches!(actor, Actor::Job(_)) {
        organisation::store::id_of(tx, &code).await?
    } else {
        organisation::store::answered_for(tx, actor, now, &code).await?.map(|(organisation, _)| organisation)
    };
    found.ok_or(SupplierError::NotYours(code))
}

/// One that the actor may change.
pub(super) async fn own(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: UseId,
) -> Result<Use> {
    let found = store::one(snapshot, id).await?.ok_or(SupplierError::NotFound)?;
    if actor.is_any(HANDLE_INCIDENTS) {
        return Ok(found);
    }
    let organisation = found.organisation_id;
    stands::through(snapshot, actor, now, Role::READING, organisation)
        .await?
        .ok_or(SupplierError::NotFound)?;
    let through = stands::through(snapshot, actor, now, Role::ANSWERING, organisation).await?;
    through.ok_or(Forbidden(TO_DO))?;
    Ok(found)
}

/// The supplier that somebody means: an organisation by its code, or a name. One that is not known is kept.
pub(crate) async fn named(tx: &mut Tx, typed: &str) -> Result<SupplierId> {
    let typed = typed.trim();
    if let Some(found) = organisation::store::find_by_code(tx, &typed.to_uppercase()).await? {
        if let Some(known) = store::that_is(tx, found.id).await? {
            return Ok(known);
        }
        let id = store::insert(tx, &found.name, Some(found.id)).await?;
        store::is_organisation(tx, id, found.id).await?;
        return Ok(id);
    }
    let key = folded(typed);
    if key.is_empty() {
        return Err(SupplierError::NoSupplier);
    }
    match store::named(tx, &key).await? {
        Some(known) => Ok(known),
        None => Ok(store::insert(tx, typed, None).await?),
    }
}

fn checked(said: &Said) -> Result<Said> {
    let said = Said {
        supplier: said.supplier.trim().to_owned(),
        system: said.system.trim().to_owned(),
        clinical: said.clinical,
        downtime: said.downtime.trim().to_owned(),
    };
    if folded(&said.system).is_empty() { Err(SupplierError::NoSystem) } else { Ok(said) }
}

fn once<T>(kept: std::result::Result<T, db::DbError>) -> Result<T> {
    match kept {
        Err(db::DbError::Constraint(_)) => Err(SupplierError::Known),
        other => Ok(other?),
    }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    (supplier, organisation): (SupplierId, OrganisationId),
    id: UseId,
) -> Result<()> {
    let entry = Entry::new(verb).about(supplier.0).organisation(organisation);
    log::write(tx, actor, entry.with(json!({"use": id}))).await?;
    Ok(())
}
