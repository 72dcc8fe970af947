//! What tests about incidents begin with: what organisations report by each way, and sheets of codes, through the
//! real actions.

use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    code::{self, CodeId, OneTimeCode, SheetId},
    incident::{
        self, IncidentId,
        store::{Incident, incident as read_incident},
    },
    report::{
        Facts, Ring, Seen, Way,
        actions::{self, Sender, Sent},
    },
};
use testkit::world::World;

use crate::{issuing::actor, walk::Names};

/// What somebody reports whose files are locked.
pub(crate) fn facts() -> Facts {
    Facts {
        seen: vec![Seen::FilesLocked],
        care: "The Quokka ward works on paper.".to_owned(),
        ring: Ring { name: "Pat Porter".to_owned(), telephone: "01632 960 123".to_owned() },
        more: "A wombat on every screen.".to_owned(),
        ..Facts::default()
    }
}

/// Reports for the organisation of this code, signed in.
pub(crate) async fn reported(world: &World, by: &Actor, code: &str) -> Sent {
    let mut tx = world.app.write().await.expect("a write");
    let form = tx.id();
    let (sent, _) =
        actions::send_written(&mut tx, by, None, form, code, &facts()).await.expect("it was reported");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    sent
}

/// A report of somebody of whom nothing is known, who names an organisation that the CERT has found or not.
pub(crate) async fn unknown(world: &World, organisation: Option<OrganisationId>, named: &str) -> Sent {
    let facts = Facts { named: named.to_owned(), ..facts() };
    let mut tx = world.app.write().await.expect("a write");
    let (form, sender): (Uuid, _) = (tx.id(), Sender::Unknown { organisation });
    let sent =
        actions::take(&mut tx, &Actor::Anyone, form, Way::Mail, sender, &facts).await.expect("it was taken");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    sent
}

/// A sheet of so many codes.
pub(crate) async fn sheet(
    world: &World,
    by: &Actor,
    organisation: OrganisationId,
    size: i64,
) -> (SheetId, Vec<OneTimeCode>) {
    let mut tx = world.app.write().await.expect("a write");
    let (sheet, codes) = code::actions::print(&mut tx, by, organisation, size).await.expect("a sheet");
    tx.commit().await.expect("a commit");
    (sheet.id, codes)
}

/// The ids of a sheet's codes, in their places.
pub(crate) async fn codes(world: &World, sheet: SheetId) -> Vec<CodeId> {
    let rows = code::store::codes(&mut world.app.read().await.expect("a read"), sheet).await.expect("codes");
    rows.into_iter().map(|row| row.id).collect()
}

/// An incident as it stands.
pub(crate) async fn standing(world: &World, id: IncidentId) -> Incident {
    let mut snapshot = world.app.read().await.expect("a read");
    read_incident(&mut snapshot, id).await.expect("an incident").expect("it is there")
}

/// Gives an organisation a number of its own, as the register has it.
pub(crate) async fn number(world: &World, organisation: OrganisationId, telephone: &str) {
    let mut tx = world.app.write().await.expect("a write");
    let statement = sql!("UPDATE organisation SET telephone = ?2 WHERE id = ?1");
    tx.run(statement, params![organisation, telephone]).await.expect("a number");
    tx.commit().await.expect("a commit");
}

/// What the samples of incidents, codes and calls speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let analyst = actor(world, "Incidents Analyst", Role::Analyst, None).await;
    let responder = actor(world, "Incidents Responder", Role::Responder, Some(organisation)).await;
    number(world, organisation, "01632 960 000").await;
    let first = reported(world, &responder, "RWA").await;
    let twin = reported(world, &responder, "RWA").await;
    let apart = unknown(world, Some(organisation), "Walking").await;
    let (sheet, codes_in_clear) = sheet(world, &analyst, organisation, 10).await;
    let code = codes(world, sheet).await[9];
    let mut tx = world.app.write().await.expect("a write");
    let form = tx.id();
    let call = actions::answer_call(&mut tx, &analyst, form).await.expect("a call");
    // Something to see on the page of an incident.
    let form = tx.id();
    incident::actions::add(&mut tx, &responder, first.incident, form, "Two wards").await.expect("added");
    tx.commit().await.expect("a commit");
    crate::furnished_clocks::furnish(world, &responder, first.incident, names).await;
    names.extend([
        ("incident", first.incident.to_string()),
        ("twin_receipt", twin.receipt.to_string()),
        ("apart_incident", apart.incident.to_string()),
        ("apart_version", "1".to_owned()),
        ("sheet", sheet.to_string()),
        ("sheet_code", code.to_string()),
        ("report_code", codes_in_clear[0].to_string()),
        ("call", call.to_string()),
    ]);
}
