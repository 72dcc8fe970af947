//! What tests about incidents begin with: what organisations report by each way, and sheets of codes, through the
//! real actions.

use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{Zone, Zones},
    code::{self, CodeId, OneTimeCode, SheetId},
    correlation::{self, CorrelationId, store::Correlation},
    incident::{
        self, IncidentId,
        store::{Incident, incident as read_incident},
    },
    observable::{self, ObservableId},
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

/// Enters a text among the observables of an incident.
pub(crate) async fn observed(world: &World, by: &Actor, incident: IncidentId, zone: Zone, text: &str) {
    let mut tx = world.app.write().await.expect("a write");
    observable::actions::enter(&mut tx, by, incident, zone, text).await.expect("observables");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
}

/// The correlations that there are, the last grown first.
pub(crate) async fn correlations(world: &World) -> Vec<Correlation> {
    let mut snapshot = world.app.read().await.expect("a read");
    let end = (jiff::Timestamp::from_second(253_000_000_000).expect("a moment"), CorrelationId(Uuid::max()));
    correlation::store::all(&mut snapshot, end).await.expect("correlations")
}

/// Says what kind of incident it is, so that it can be closed.
pub(crate) async fn classified(world: &World, by: &Actor, id: IncidentId) {
    let mut tx = world.app.write().await.expect("a write");
    let now = tx.now;
    let sight = react::case::sight(&mut tx, by, now, id).await.expect("the case is seen");
    let kind = "malicious-code:infected-system";
    react::triage::actions::classify(&mut tx, by, &sight, kind).await.expect("classified");
    tx.commit().await.expect("a commit");
}

/// The version of the triage of an incident.
pub(crate) async fn triage_version(world: &World, id: IncidentId) -> i64 {
    let mut snapshot = world.app.read().await.expect("a read");
    react::triage::store::triage(&mut snapshot, id).await.expect("a triage").expect("it is there").version
}

/// What the samples of incidents, codes and calls speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let analyst = actor(world, "Incidents Analyst", Role::Analyst, None).await;
    let responder = actor(world, "Incidents Responder", Role::Responder, Some(organisation)).await;
    number(world, organisation, "01632 960 000").await;
    let first = reported(world, &responder, "RWA").await;
    let twin = reported(world, &responder, "RWA").await;
    let apart = unknown(world, Some(organisation), "Walking").await;
    // Two others have the same, twice: one to draft an advisory from, one to dismiss.
    let beyond = world.organisation("RWB", "Beyond NHS Trust", "trust").await;
    let elsewhere = actor(world, "Incidents Elsewhere", Role::Responder, Some(beyond)).await;
    for trace in ["http://evil-numbat.net/first", "http://evil-quoll.net/second"] {
        let theirs = reported(world, &elsewhere, "RWB").await;
        let ours = reported(world, &responder, "RWA").await;
        observed(world, &elsewhere, theirs.incident, Zone::Shared, &format!("{trace}.exe")).await;
        observed(world, &responder, ours.incident, Zone::Shared, &format!("{trace}.exe")).await;
    }
    observed(world, &responder, first.incident, Zone::Shared, "203.0.113.77").await;
    let mut found = correlations(world).await;
    let (to_dismiss, to_draft) = (found.remove(0), found.remove(0));
    let observable = {
        let mut snapshot = world.app.read().await.expect("a read");
        let all = Zones::of(&[Zone::Shared]);
        let kept = observable::store::of_case(&mut snapshot, first.incident, all, ObservableId(Uuid::nil()));
        kept.await.expect("observables")[0].id
    };
    let (sheet, codes_in_clear) = sheet(world, &analyst, organisation, 10).await;
    let code = codes(world, sheet).await[9];
    let mut tx = world.app.write().await.expect("a write");
    let form = tx.id();
    let call = actions::answer_call(&mut tx, &analyst, form).await.expect("a call");
    // Something to see on the page of an incident.
    let form = tx.id();
    incident::actions::add(&mut tx, &responder, first.incident, form, "Two wards").await.expect("added");
    tx.commit().await.expect("a commit");
    classified(world, &analyst, first.incident).await;
    crate::furnished_clocks::furnish(world, &responder, first.incident, names).await;
    names.insert("triage_version", triage_version(world, first.incident).await.to_string());
    names.extend([
        ("incident", first.incident.to_string()),
        ("incident_number", first.receipt.to_string()),
        ("twin", twin.incident.to_string()),
        ("correlation", to_draft.id.to_string()),
        ("correlation_to_dismiss", to_dismiss.id.to_string()),
        ("observable", observable.to_string()),
        ("apart_incident", apart.incident.to_string()),
        ("apart_version", "1".to_owned()),
        ("sheet", sheet.to_string()),
        ("sheet_code", code.to_string()),
        ("report_code", codes_in_clear[0].to_string()),
        ("call", call.to_string()),
    ]);
}
