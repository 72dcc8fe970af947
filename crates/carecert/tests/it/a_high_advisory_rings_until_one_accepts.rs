//! Submitting a High advisory rings the approvers one after the other until one takes it on.

use broadcast::advisory::{Severity, VersionId, actions, rota};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
};
use testkit::world::World;

use crate::furnished::{at_cert, complete, draft};

/// A world with an analyst and a rota of two approvers; a third duty manager is not on it.
async fn furnished() -> (World, Actor, Vec<(PersonId, Actor)>) {
    let world = World::new(SERVICES).await;
    let (_, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let mut duty = Vec::new();
    for name in ["Dan Duty", "Dee Duty", "Dot Duty"] {
        duty.push(at_cert(&world, name, Role::DutyManager).await);
    }
    let mut tx = world.app.write().await.unwrap();
    rota::set(&mut tx, &duty[0].1, &[duty[1].0, duty[0].0]).await.unwrap();
    tx.commit().await.unwrap();
    (world, ann, duty)
}

async fn submit(world: &World, actor: &Actor, version: VersionId) {
    let mut tx = world.app.write().await.unwrap();
    actions::submit(&mut tx, actor, version, 1).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
}

fn rung(world: &World) -> [usize; 3] {
    ["dan.duty@example.org", "dee.duty@example.org", "dot.duty@example.org"]
        .map(|who| world.post.to(who).len())
}

async fn ten_minutes(world: &World) {
    world.pass(SignedDuration::from_mins(10)).await;
}

#[tokio::test]
async fn the_rota_goes_round_twice_and_then_all_are_rung() {
    let (world, ann, _) = furnished().await;
    let (_, version) = draft(&world, &ann, &complete("WannaCry", Severity::High)).await;
    submit(&world, &ann, version).await;
    assert_eq!(rung(&world), [0, 1, 0]);
    for expected in [[1, 1, 0], [1, 2, 0], [2, 2, 0], [3, 3, 0], [3, 3, 0]] {
        ten_minutes(&world).await;
        assert_eq!(rung(&world), expected);
    }
}

#[tokio::test]
async fn nobody_else_is_rung_once_one_accepts() {
    let (world, ann, duty) = furnished().await;
    let mut wording = complete("Secret title", Severity::High);
    wording.tlp = Tlp::AmberStrict;
    let (number, version) = draft(&world, &ann, &wording).await;
    submit(&world, &ann, version).await;
    let mail = world.post.to("dee.duty@example.org").remove(0);
    assert!(mail.letter.text.contains(&number.to_string()));
    assert!(mail.letter.text.contains(&format!("http://carecert.test/approvals/{version}")));
    // Above GREEN a mail says no more, and indicators are in no mail.
    for more in ["Secret title", "High", "evil"] {
        assert!(!mail.letter.text.contains(more), "{more}: {}", mail.letter.text);
    }

    let dee = world.signed_in(duty[1].0).await;
    let page = dee.get(&format!("/approvals/{version}")).await;
    assert!(page.body.contains("Ann Alyst asks you to approve") && page.body.contains("I take it on"));
    // Opening the page accepts nothing.
    ten_minutes(&world).await;
    assert_eq!(rung(&world), [1, 1, 0]);
    assert_eq!(dee.post(&format!("/approvals/{version}/take-on"), &[]).await.status, 303);
    for _ in 0..2 {
        ten_minutes(&world).await;
    }
    assert_eq!(rung(&world), [1, 1, 0]);
    assert!(dee.get(&format!("/approvals/{version}")).await.body.contains("Taken on by Dee Duty"));
    assert_eq!(dee.post(&format!("/approvals/{version}/approve"), &[("edition", "2")]).await.status, 303);
    let late = dee.post(&format!("/approvals/{version}/approve"), &[("edition", "3")]).await;
    assert!(late.status == 409 && late.body.contains("Approved"));
}

#[tokio::test]
async fn whoever_took_it_on_and_decides_nothing_is_rung_again_and_then_the_others() {
    let (world, ann, duty) = furnished().await;
    let (_, version) = draft(&world, &ann, &complete("WannaCry", Severity::High)).await;
    submit(&world, &ann, version).await;
    ten_minutes(&world).await;
    assert_eq!(rung(&world), [1, 1, 0]);
    let (dan, dee) = (world.signed_in(duty[0].0).await, world.signed_in(duty[1].0).await);
    let take_on = format!("/approvals/{version}/take-on");
    assert_eq!(dan.post(&take_on, &[]).await.status, 303);
    ten_minutes(&world).await;
    // Said twice, it is said once.
    assert_eq!(dan.post(&take_on, &[]).await.status, 303);
    ten_minutes(&world).await;
    assert_eq!(rung(&world), [1, 1, 0]);
    // Dan is second on the rota, and had taken it on.
    for expected in [[2, 1, 0], [2, 2, 0]] {
        ten_minutes(&world).await;
        assert_eq!(rung(&world), expected);
    }
    assert!(!dee.get(&format!("/approvals/{version}")).await.body.contains("Taken on by"));
    assert_eq!(dee.post(&take_on, &[]).await.status, 303);
    ten_minutes(&world).await;
    assert_eq!(dee.post(&format!("/approvals/{version}/approve"), &[("edition", "2")]).await.status, 303);
    for _ in 0..6 {
        ten_minutes(&world).await;
    }
    assert_eq!(rung(&world), [2, 2, 0]);
}

#[tokio::test]
async fn editors_are_passed_over_and_others_are_not_rung_at_all() {
    let (world, ann, duty) = furnished().await;
    // Dee, who is first, wrote it.
    let (_, version) = draft(&world, &duty[1].1, &complete("WannaCry", Severity::High)).await;
    submit(&world, &duty[1].1, version).await;
    assert_eq!(rung(&world), [1, 0, 0]);
    let (_, medium) = draft(&world, &ann, &complete("Small", Severity::Medium)).await;
    submit(&world, &ann, medium).await;
    assert_eq!(rung(&world), [1, 0, 0]);
}

#[tokio::test]
async fn a_version_sent_back_stops_ringing_and_rings_anew_when_submitted_again() {
    let (world, ann, duty) = furnished().await;
    let (_, version) = draft(&world, &ann, &complete("WannaCry", Severity::High)).await;
    submit(&world, &ann, version).await;
    let mut tx = world.app.write().await.unwrap();
    actions::send_back(&mut tx, &duty[0].1, version, 2, "Shorter").await.unwrap();
    tx.commit().await.unwrap();
    ten_minutes(&world).await;
    assert_eq!(rung(&world), [0, 1, 0]);
    let mut tx = world.app.write().await.unwrap();
    actions::submit(&mut tx, &ann, version, 3).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(rung(&world), [0, 2, 0]);
}
