//! Submitting a High advisory rings the approvers one after the other until one takes it on, and then until one
//! decides; by mail and by text.

use broadcast::advisory::{Severity, VersionId, actions, rota};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
    message::PostError,
    organisation::contact::Mobile,
};
use testkit::world::World;

use crate::{
    furnished::{at_cert, complete, draft},
    texts_reach_mobiles as texted,
};

/// A world with an analyst and a rota of two approvers; a third duty manager is not on it.
async fn furnished() -> (World, Actor, Vec<(PersonId, Actor)>) {
    furnish(World::new(SERVICES).await).await
}

async fn furnish(world: World) -> (World, Actor, Vec<(PersonId, Actor)>) {
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
async fn one_alone_is_rung_again_and_again_until_they_decide() {
    let (world, ann, duty) = furnished().await;
    let mut tx = world.app.write().await.unwrap();
    rota::set(&mut tx, &duty[1].1, &[duty[1].0]).await.unwrap();
    tx.commit().await.unwrap();
    let (_, version) = draft(&world, &ann, &complete("WannaCry", Severity::High)).await;
    submit(&world, &ann, version).await;
    let mut rung_at = Vec::new();
    for minutes in (0..=400).step_by(10) {
        if rung(&world)[1] > rung_at.len() {
            rung_at.push(minutes);
        }
        ten_minutes(&world).await;
    }
    assert_eq!(rung_at, [0, 10, 20, 40, 80, 160, 280, 400]);
    assert_eq!(rung(&world), [0, 8, 0]);
    let mut tx = world.app.write().await.unwrap();
    actions::approve(&mut tx, &duty[1].1, version, 2).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(12)).await;
    assert_eq!(rung(&world), [0, 8, 0], "it is decided");
}

#[tokio::test]
async fn a_mobile_is_texted_too_and_no_more_than_the_marking_allows() {
    for tlp in [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red] {
        let world = World::with(SERVICES, |settings| settings.sms = Some(texted::gateway())).await;
        world.net.answers(texted::SEND, texted::created());
        let (world, ann, duty) = furnish(world).await;
        let mobile = Mobile::read("07700 900 123");
        let mut tx = world.app.write().await.unwrap();
        rota::set_mobiles(&mut tx, &duty[1].1, &[(duty[1].0, mobile)]).await.unwrap();
        tx.commit().await.unwrap();
        let mut wording = complete("Secret title", Severity::High);
        wording.tlp = tlp;
        let (number, version) = draft(&world, &ann, &wording).await;
        // Nothing leaves by mail: the telephone says so nevertheless.
        world.post.refuse(Some(PostError::Down("connection refused".to_owned())));
        submit(&world, &ann, version).await;
        let link = format!("http://carecert.test/approvals/{version}");
        let words = match tlp {
            Tlp::Red => {
                "Test CSOC: A decision waits for you. http://carecert.test/advisories?state=in_review"
                    .to_owned()
            }
            Tlp::Amber | Tlp::AmberStrict => format!("{number} {link}"),
            _ => format!("Test CSOC: {number} waits for your approval. {link}"),
        };
        let asked = texted::texts(&world.net.asked());
        assert_eq!(asked, [("+447700900123".to_owned(), words)], "{tlp}");
        // Dan gave no mobile; both their mails wait, of which the last is heard, and none once it is decided.
        for _ in 0..3 {
            ten_minutes(&world).await;
        }
        assert_eq!(texted::texts(&world.net.asked()).len(), 1);
        if tlp == Tlp::Green {
            let mut tx = world.app.write().await.unwrap();
            actions::send_back(&mut tx, &duty[0].1, version, 2, "Shorter").await.unwrap();
            tx.commit().await.unwrap();
        }
        world.post.refuse(None);
        world.pass(SignedDuration::from_mins(6)).await;
        let heard = usize::from(tlp != Tlp::Green);
        assert_eq!(rung(&world), [heard, heard, 0], "{tlp}");
    }
}

#[tokio::test]
async fn the_rota_says_how_its_people_are_asked() {
    for gateway in [None, Some(texted::gateway())] {
        let texts_leave = gateway.is_some();
        let world = World::with(SERVICES, |settings| settings.sms = gateway).await;
        let (world, _, duty) = furnish(world).await;
        let page = world.signed_in(duty[0].0).await.get("/advisories/rota").await.body;
        assert_eq!(page.contains("by mail and, where a mobile is given, by text."), texts_leave, "{page}");
        assert_eq!(
            page.contains("by mail alone: this installation sends no texts yet"),
            !texts_leave,
            "{page}"
        );
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
