//! What tests about activities and sightings begin with: an actor, what is known of where it is active,
//! and what organisations report.

use broadcast::{
    activity::{self, ActivityId, Area, Basis, Confidence, Facts},
    sighting::{self, Harm, Report, Seen, SightingId, Telling},
    threat::{Kind, Said, ThreatId},
};
use formats::Tlp;
use jiff::civil::Date;
use platform::{Actor, access::Role, organisation::OrganisationId};
use testkit::world::World;

use crate::{furnished, issuing::actor, walk::Names};

/// A day as tests write it.
pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// A threat actor that the analyst enters by hand.
pub(crate) async fn threat(world: &World, analyst: &Actor, kind: Kind, title: &str) -> ThreatId {
    let said = Said {
        summary: "Sends invoices of nobody.".to_owned(),
        aliases: vec!["Paper Tiger".to_owned()],
        ..Said::new(kind, title, day("2026-05-01"))
    };
    furnished::threat(world, analyst, &said).await
}

/// What is known of where it is active: since May, by what a partner told.
pub(crate) fn facts() -> Facts {
    Facts {
        kinds: vec!["trust".parse().expect("a kind")],
        from: day("2026-05-02"),
        until: None,
        basis: Basis::Partner,
        confidence: Confidence::Medium,
        note: "Heard at the weekly call.".to_owned(),
    }
}

/// Enters where a threat is active.
pub(crate) async fn enter(world: &World, analyst: &Actor, threat: ThreatId, area: &str) -> ActivityId {
    let area = Area::of(area).expect("an area");
    let mut tx = world.app.write().await.expect("a write");
    let id = activity::actions::enter(&mut tx, analyst, threat, area, &facts()).await.expect("entered");
    tx.commit().await.expect("a commit");
    id
}

/// What somebody saw today, and others may be told of without a name.
pub(crate) fn report(seen: Seen) -> Report {
    Report {
        form: None,
        seen,
        seen_on: day("2026-06-01"),
        harm: Harm::No,
        words: "It asked for a new account number.".to_owned(),
        place: "Finance team".to_owned(),
        called: "Paper Tiger".to_owned(),
        indicators: vec!["pay.evil.example".parse().expect("an indicator")],
        telling: Telling::WithoutName,
        tlp: Tlp::Amber,
    }
}

/// Reports for the organisation of this code.
pub(crate) async fn reported(world: &World, by: &Actor, code: &str, report: &Report) -> SightingId {
    let mut tx = world.app.write().await.expect("a write");
    let taken = sighting::actions::report(&mut tx, by, code, report).await.expect("taken");
    tx.commit().await.expect("a commit");
    taken.id
}

/// Links a new sighting to a threat.
pub(crate) async fn linked(world: &World, analyst: &Actor, sighting: SightingId, threat: ThreatId) {
    let mut tx = world.app.write().await.expect("a write");
    sighting::actions::link(&mut tx, analyst, sighting, 1, threat).await.expect("linked");
    tx.commit().await.expect("a commit");
}

/// What the samples of activities and sightings speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let analyst = actor(world, "Sightings Analyst", Role::Analyst, None).await;
    let responder = actor(world, "Sightings Responder", Role::Responder, Some(organisation)).await;
    let threat = threat(world, &analyst, Kind::ThreatActor, "Paper Tiger Group").await;
    let activity = enter(world, &analyst, threat, "Y56").await;
    let seen = reported(world, &responder, "RWA", &report(Seen::Money)).await;
    let other = reported(world, &responder, "RWA", &report(Seen::Email)).await;
    linked(world, &analyst, other, threat).await;
    let dismissed = reported(world, &responder, "RWA", &report(Seen::Probing)).await;
    let mut tx = world.app.write().await.expect("a write");
    sighting::actions::dismiss(&mut tx, &analyst, dismissed, 1, "A scan of ours").await.expect("dismissed");
    let state = activity::store::standing(&mut tx, activity).await.expect("read").expect("it stands").id;
    tx.commit().await.expect("a commit");
    names.extend([
        ("actor", threat.to_string()),
        ("actor_version", "1".to_owned()),
        ("activity", activity.to_string()),
        ("activity_state", state.to_string()),
        ("sighting", seen.to_string()),
        ("dismissed_sighting", dismissed.to_string()),
    ]);
}
