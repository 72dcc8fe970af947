//! Organisations that were let in to one zone of one case: a supplier, a regional body, the police.

mod pages;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, Role, scope::mine_of},
    log::{self, Entry},
    mine,
    organisation::{self, OrganisationId},
};
use serde_json::json;

use super::{
    CaseError, Party, Sight, Zone, sight, task,
    timeline::{self, Entering, Kind},
};
use crate::{
    access::{InCases, key_may},
    follow_up,
    incident::{IncidentId, Receipt, State},
    run,
};

pub(crate) use pages::routes;

db::id! {
    /// Names that an organisation was let in.
    pub GuestId
}

db::record! {
    /// An organisation that is let in.
    pub struct Guest {
        /// Names that it is.
        pub id: GuestId,
        /// Which.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// To which zone.
        pub zone: Zone,
        /// Why.
        pub why: String,
        /// Who let it in, where they have not left.
        pub by: Option<String>,
        /// When.
        pub let_in_at: Timestamp,
    }
}

/// Those that are let in to a case, the first first, 100 at most. Index: `case_guest_of`.
pub async fn guests(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Guest>, DbError> {
    let statement = sql!(
        "SELECT g.id, g.organisation_id, o.code, o.name, g.zone, g.why, p.name AS by, g.let_in_at
         FROM case_guest g JOIN organisation o ON o.id = g.organisation_id
         LEFT JOIN person p ON p.id = g.let_in_by AND p.erased_at IS NULL
         WHERE g.incident_id = ?1 AND g.ended_at IS NULL ORDER BY g.let_in_at, g.id LIMIT 100"
    );
    snapshot.all(statement, params![incident]).await
}

db::record! {
    /// A case to which somebody's organisation was let in: what they may know of it before they open it.
    pub struct LetIn {
        /// The incident.
        pub id: IncidentId,
        /// Its number.
        pub receipt: Receipt,
        /// Of which organisation it is.
        pub name: Option<String>,
        /// Where it stands.
        pub state: State,
    }
}

/// The cases to which those were let in for whom `actor` stands, the newest first, 100 at most. Index:
/// `case_guest_organisation`. On `read_long`: somebody may stand for thousands.
pub async fn let_in_to(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<LetIn>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT DISTINCT i.id, i.receipt, o.name, i.state
         FROM mine m CROSS JOIN case_guest g CROSS JOIN incident i LEFT JOIN organisation o ON o.id = i.organisation_id
         WHERE g.organisation_id = m.organisation_id AND g.ended_at IS NULL
           AND i.id = g.incident_id AND i.apart = FALSE
           AND (i.organisation_id IS NULL OR i.organisation_id NOT IN (SELECT organisation_id FROM mine))
         ORDER BY i.id DESC LIMIT 100"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![])).await
}

/// The case in which somebody is let in. Index: the key.
pub(crate) async fn case_of(snapshot: &mut Snapshot, guest: GuestId) -> Result<Option<IncidentId>, DbError> {
    let statement = sql!("SELECT incident_id FROM case_guest WHERE id = ?1 AND ended_at IS NULL");
    Ok(snapshot.maybe::<(IncidentId,)>(statement, params![guest]).await?.map(|(id,)| id))
}

/// The most organisations that are let in to one zone of a case: of all three fewer than [`guests`] reads.
const MOST_GUESTS: i64 = 20;

/// How many are let in to a zone. Index: `case_guest_of`.
async fn how_many(snapshot: &mut Snapshot, incident: IncidentId, zone: Zone) -> Result<i64, DbError> {
    let statement =
        sql!("SELECT count(*) FROM case_guest WHERE incident_id = ?1 AND zone = ?2 AND ended_at IS NULL");
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}

/// Lets an organisation in to a zone: the CERT to those that it reads, the organisation's leads to theirs.
pub async fn let_in(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    code: &str,
    zone: Zone,
    why: &str,
) -> Result<GuestId, CaseError> {
    let (by, sight) = keeper(tx, actor, incident, zone).await?;
    let code = code.trim().to_uppercase();
    let organisation = organisation::store::id_of(tx, &code).await?;
    let organisation = organisation.ok_or(CaseError::NoOrganisation(code))?;
    if sight.incident.organisation_id == Some(organisation) {
        return Err(CaseError::Refused("It is this organisation’s own case.".into()));
    }
    if how_many(tx, incident, zone).await? >= MOST_GUESTS {
        return Err(CaseError::Refused(format!(
            "{MOST_GUESTS} organisations are let in here, which is the most."
        )));
    }
    let (id, now): (GuestId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_guest (id, incident_id, organisation_id, zone, why, let_in_by, let_in_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (incident_id, organisation_id, zone) WHERE ended_at IS NULL DO NOTHING"
    );
    let kept = tx.run(statement, params![id, incident, organisation, zone, why.trim(), by, now]).await?;
    if kept == 0 {
        return Err(CaseError::Refused("It is let in there already.".into()));
    }
    let name = organisation::store::find(tx, organisation).await?.map(|found| found.name).unwrap_or_default();
    let text = format!("{name} was let in here.");
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Event, id.0, &text)).await?;
    write_log(tx, actor, "case.let_in", incident, organisation, zone).await?;
    Ok(id)
}

/// Ends that an organisation is let in: from now on the case does not exist for it.
pub async fn let_out(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    guest: GuestId,
) -> Result<(), CaseError> {
    let all = guests(tx, incident).await?;
    let found = all.into_iter().find(|each| each.id == guest).ok_or(CaseError::NotFound)?;
    let (by, sight) = keeper(tx, actor, incident, found.zone).await?;
    let now = tx.now;
    let statement =
        sql!("UPDATE case_guest SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL");
    if tx.run(statement, params![guest, now, by]).await? == 0 {
        return Err(CaseError::Overtaken);
    }
    task::store::give_back(tx, incident, found.zone, found.organisation_id).await?;
    run::store::give_back(tx, (incident, found.zone), found.organisation_id).await?;
    follow_up::store::give_back(tx, incident, found.zone, found.organisation_id).await?;
    let text = format!("{} was let out.", found.name);
    timeline::enter(tx, actor, &sight, &Entering::now(tx, found.zone, Kind::Event, guest.0, &text)).await?;
    write_log(tx, actor, "case.let_out", incident, found.organisation_id, found.zone).await
}

/// The person, or the key, who lets others in to this zone, or out.
async fn keeper(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Zone,
) -> Result<(platform::access::PersonId, Sight), CaseError> {
    const TO_DO: &str = "let others in to this case";
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let holder = actor.holder().filter(|_| keeps(&sight, actor)).ok_or(Forbidden(TO_DO))?;
    Ok((platform::access::PersonId(holder), sight))
}

/// Whether the actor lets others in to the zones of this case in which they write.
fn keeps(sight: &Sight, actor: &Actor) -> bool {
    match (sight.party, actor) {
        (Party::Guest, _) => false,
        (_, Actor::Key(key)) => sight.writes_any() && key_may(key, InCases::Share),
        (Party::Cert, _) => sight.writes_any(),
        (Party::Organisation, _) => sight.writes_any() && actor.is_any(&[Role::Lead, Role::Executive]),
    }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    incident: IncidentId,
    organisation: OrganisationId,
    zone: Zone,
) -> Result<(), CaseError> {
    // Whom an organisation lets in to what is its own alone, the CERT does not learn from the log.
    let entry = Entry::new(verb).about(incident.0);
    let entry = if zone == Zone::Own { entry } else { entry.organisation(organisation) };
    log::write(tx, actor, entry.with(json!({"zone": zone.code()}))).await?;
    Ok(())
}
