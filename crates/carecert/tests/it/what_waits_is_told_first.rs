//! The first page of whoever is signed in: what waits for them, the most urgent first, and nothing of anybody else's.

use broadcast::advisory::{self, store};
use carecert::SERVICES;
use platform::access::Role;
use react::{
    case::Zone,
    follow_up::{Owner, Wanted},
};
use testkit::world::World;

use crate::{
    furnished_cases::{follows, learned},
    furnished_incidents::{reported, unknown},
    issuing::{Desk, actor, contact, everybody, wording},
};

/// Whether these stand on the page in this order.
fn in_order(page: &str, words: &[&str]) -> bool {
    let places: Vec<_> = words.iter().map(|word| page.find(word)).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[tokio::test]
async fn an_organisation_reads_of_its_own_and_of_nobody_elses() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "security@walking.example").await;
    contact(&world, other, "security_lead", "security@other.example").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    Desk::open(&world).await.delivered(&wording("Update the scanners"), &everybody()).await;
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(trust)).await).await;
    let bob = world.signed_in(world.person("Bob Other", Role::Lead, Some(other)).await).await;
    let number = sent.receipt.to_string();
    let page = lee.get("/").await.body;
    let mine = format!("Incident {number} goes on");
    assert!(in_order(&page, &[&mine, "Acknowledge: Update the scanners", "/report"]), "{page}");
    let page = bob.get("/").await.body;
    assert!(page.contains("Acknowledge: Update the scanners") && !page.contains(&number), "{page}");
    // Who only reads has nothing to answer, and a learner has nothing at all; both can report.
    let vic = world.signed_in(world.person("Vic Viewer", Role::Viewer, Some(trust)).await).await;
    let page = vic.get("/").await.body;
    assert!(page.contains(&mine) && !page.contains("Acknowledge"), "{page}");
    let lou = world.signed_in(world.person("Lou Learner", Role::Learner, Some(trust)).await).await;
    let page = lou.get("/").await.body;
    assert!(page.contains("Nothing waits for you") && page.contains("/report"), "{page}");
    assert!(!page.contains(&number), "{page}");
}

#[tokio::test]
async fn the_cert_reads_what_is_most_urgent_first() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let duty = world.signed_in(world.person("Dara Duty", Role::DutyManager, None).await).await;
    let auditor = world.signed_in(world.person("Aud Itor", Role::Auditor, None).await).await;
    assert!(duty.get("/").await.body.contains("Nothing waits for you"));
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    reported(&world, &rae, "RWA").await;
    unknown(&world, Some(trust), "Walking NHS Trust").await;
    Desk::open(&world).await.approved(&wording("Update the scanners"), &everybody()).await;
    let page = duty.get("/").await.body;
    assert!(in_order(&page, &["incident is to be taken on", "/calls"]), "{page}");
    for told in ["1 report is not verified", "Publish: Update the scanners", "CC-0001, High"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // What somebody has taken on stays before them, and before nobody else, until it is over.
    let sent = reported(&world, &rae, "RWA").await;
    let going_on = format!("Incident {} goes on", sent.receipt);
    let case = format!("/incidents/{}", sent.incident);
    assert!(!duty.get("/").await.body.contains(&going_on));
    assert_eq!(duty.post(&format!("{case}/take-on"), &[("version", "1")]).await.status, 303);
    assert!(duty.get("/").await.body.contains(&going_on), "{}", duty.get("/").await.body);
    let colleague = world.signed_in(world.person("Cole League", Role::Analyst, None).await).await;
    assert!(!colleague.get("/").await.body.contains(&going_on));
    // Who takes nothing on is asked for nothing.
    let auditors = auditor.get("/").await.body;
    assert!(
        auditors.contains("Verify the log") && !auditors.contains(&sent.receipt.to_string()),
        "{auditors}"
    );
}

#[tokio::test]
async fn what_came_back_waits_for_its_author() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let version = desk.draft(&wording("Update the scanners"), &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let edition = store::version(&mut tx, version).await.unwrap().unwrap().edition;
    advisory::actions::submit(&mut tx, &desk.analyst, version, edition).await.unwrap();
    tx.commit().await.unwrap();
    let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
    let bea = world.signed_in(world.person("Bea Analyst", Role::Analyst, None).await).await;
    let duty = world.signed_in(desk.duty.person().unwrap().id).await;
    let page = duty.get("/").await.body;
    let decision = format!("/approvals/{version}");
    assert!(page.contains("Approve or send back: Update the scanners") && page.contains(&decision), "{page}");

    let edition = (edition + 1).to_string();
    let why = [("edition", edition.as_str()), ("reason", "Say what a practice must do")];
    let sent = duty.post(&format!("{decision}/send-back"), &why).await;
    let page = duty.get(sent.location().expect("the version")).await.body;
    assert!(
        page.contains("Sent back by the approver") && page.contains("Say what a practice must do"),
        "{page}"
    );
    assert!(!duty.get("/").await.body.contains("Update the scanners"), "it is decided");
    let page = ana.get("/").await.body;
    assert!(
        page.contains("Sent back to you: Update the scanners") && page.contains("/advisories/CC-0001/edit"),
        "{page}"
    );
    assert!(!bea.get("/").await.body.contains("Update the scanners"), "she did not write it");
}

#[tokio::test]
async fn a_deadline_at_midnight_is_told_as_the_day_that_ends() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let incident = reported(&world, &rae, "RWA").await.incident;
    let mut tx = world.app.write().await.unwrap();
    react::incident::actions::take_on(&mut tx, &ana, incident, 1).await.unwrap();
    let learned = learned(&world, "Cables are eaten");
    let lesson =
        react::lesson::actions::write(&mut tx, &ana, incident, Zone::Shared, &learned).await.unwrap();
    let me = Owner::Person(ana.person().unwrap().id);
    let wanted = Wanted {
        due_at: "2026-07-01T23:00:00Z".parse().unwrap(),
        ..follows(&world, "Print the list", me, 1)
    };
    let form = world.app.env.id();
    react::follow_up::actions::add(&mut tx, &ana, (incident, lesson), form, &wanted).await.unwrap();
    tx.commit().await.unwrap();
    let page = world.signed_in(ana.person().unwrap().id).await.get("/").await.body;
    assert!(page.contains("First: Print the list, until 1 July 2026 ("), "{page}");
}
