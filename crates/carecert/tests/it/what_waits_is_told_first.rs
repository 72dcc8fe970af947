//! The first page of whoever is signed in: what waits for them, the most urgent first, and nothing of anybody else's.

use carecert::SERVICES;
use platform::access::Role;
use testkit::world::World;

use crate::{
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
    for told in ["1 report is not verified", "1 approved advisory is to be published"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // Who takes nothing on is asked for nothing.
    assert!(auditor.get("/").await.body.contains("Nothing waits for you"));
}
