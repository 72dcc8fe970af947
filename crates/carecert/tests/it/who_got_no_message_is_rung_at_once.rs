//! Whom no message of an alert told is known by name within minutes, with whom to ring there, long before any
//! deadline: until they acknowledge, or somebody rang and reached them.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::{Client, World};

use crate::issuing::{Desk, answers_for, contact, everybody, wording};

#[tokio::test(flavor = "multi_thread")]
async fn whom_no_message_told_is_listed_until_somebody_reaches_them() {
    let world = World::new(SERVICES).await;
    let told = world.organisation("RAA", "Told Trust", "trust").await;
    contact(&world, told, "security_lead", "lead@told.example").await;
    let silent = world.organisation("RBB", "Silent Trust", "trust").await;
    let other = world.organisation("RCC", "Other Trust", "trust").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    answers_for(&world, told, practice).await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Patch the file server"), &everybody()).await;
    let duty = world.signed_in(world.person("Dana Duty", Role::DutyManager, None).await).await;
    world.pass(SignedDuration::from_mins(3)).await;

    let unreached = format!("/sector/{alert}/unreached");
    let listed = async |client: &Client<'_>| {
        let page = client.get(&unreached).await.body;
        ["RAA", "RBB", "RCC", "A81001"]
            .into_iter()
            .filter(|code| page.contains(&format!("({code})")))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&duty).await, ["RBB", "RCC"], "whose board answers for them got its mail");
    let home = duty.get("/").await.body;
    assert!(
        home.contains("2 organisations got no message and are to be rung") && home.contains(&unreached),
        "{home}"
    );
    let page = duty.get(&format!("/sector/{alert}")).await.body;
    assert!(page.contains("Not reached by any message, to be rung: 2"), "{page}");
    let narrowed = duty.get(&format!("{unreached}?kind=gp_practice")).await.body;
    assert!(narrowed.contains("Everybody of this region and type got a message"), "{narrowed}");

    let call = format!("/sector/{alert}/ring/{silent}");
    duty.post(&call, &[("outcome", "no_answer"), ("note", "")]).await;
    assert_eq!(listed(&duty).await, ["RBB", "RCC"], "nobody was spoken to");
    duty.post(&call, &[("outcome", "reached"), ("note", "They have a new mailbox")]).await;
    assert_eq!(listed(&duty).await, ["RCC"]);

    // Who acknowledges was reached, however they heard of it.
    let rita = world.signed_in(world.person("Rita", Role::Responder, Some(other)).await).await;
    let acknowledged = rita.post(&format!("/alerts/{alert}/respond/acknowledge"), &[]).await;
    assert_eq!(acknowledged.status.as_u16(), 303, "{}", acknowledged.body);
    assert_eq!(listed(&duty).await, [""; 0]);
    world.pass(SignedDuration::from_mins(3)).await;
    let page = duty.get(&format!("/sector/{alert}")).await.body;
    assert!(!page.contains("Not reached by any message"), "{page}");
    let figures = page.split("Reached").nth(1).expect("how many were reached");
    assert!(figures[..120].contains(">3<"), "{figures}");
    assert!(!duty.get("/").await.body.contains("got no message"));
    assert_eq!(rita.get(&unreached).await.status.as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_to_be_sent_is_not_yet_missed() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    let down = platform::message::PostError::Later("452 4.3.1 Insufficient system storage".to_owned());
    world.post.refuse(Some(down));
    let alert = desk.delivered(&wording("Patch the file server"), &everybody()).await;
    let duty = world.signed_in(world.person("Dana Duty", Role::DutyManager, None).await).await;
    world.pass(SignedDuration::from_mins(3)).await;
    assert!(!duty.get("/").await.body.contains("got no message"), "it is tried again");
    // Given up in the end: then somebody has to ring.
    world.post.refuse(Some(platform::message::PostError::Refused("552 5.3.4 Message too big".to_owned())));
    world.pass(SignedDuration::from_hours(12)).await;
    world.pass(SignedDuration::from_hours(1)).await;
    let home = duty.get("/").await.body;
    assert!(home.contains("1 organisation got no message and is to be rung"), "{home}");
    assert!(duty.get(&format!("/sector/{alert}/unreached")).await.body.contains("(RAA)"));
}
