//! Who wrote an advisory is mailed when an approver sends it back: by whom, why, and where to go on.

use broadcast::advisory::{self, Severity, VersionId, Wording};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
};
use testkit::world::World;

use crate::{
    furnished::{at_cert, complete, draft, edition},
    people_are_told_as_they_chose::form,
};

const ANN: &str = "ann.alyst@example.org";
const BOB: &str = "bob.alyst@example.org";
const DAN: &str = "dan.duty@example.org";

/// An analyst and a duty manager, and a version that one has written and submitted.
async fn submitted(world: &World, wording: &Wording) -> ((PersonId, Actor), Actor, VersionId) {
    let (id, ann) = at_cert(world, "Ann Alyst", Role::Analyst).await;
    let (_, dan) = at_cert(world, "Dan Duty", Role::DutyManager).await;
    let (_, version) = draft(world, &ann, wording).await;
    submit(world, &ann, version).await;
    ((id, ann), dan, version)
}

async fn submit(world: &World, by: &Actor, version: VersionId) {
    let edition = edition(world, version).await;
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::submit(&mut tx, by, version, edition).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
}

async fn send_back(world: &World, by: &Actor, version: VersionId, why: &str) {
    let edition = edition(world, version).await;
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::send_back(&mut tx, by, version, edition, why).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
}

/// What this address was told of things that came back.
fn told(world: &World, address: &str) -> Vec<String> {
    let mails = world.post.to(address).into_iter().map(|mail| mail.letter);
    let back = mails.filter(|letter| letter.subject.contains("sent back"));
    back.map(|letter| format!("{}\n{}", letter.subject, letter.text)).collect()
}

#[tokio::test]
async fn every_author_is_told_by_whom_and_why_but_not_of_what_they_sent_back_themselves() {
    let world = World::new(SERVICES).await;
    let mut wording = complete("Update the scanners", Severity::Medium);
    wording.tlp = Tlp::Green;
    let ((_, ann), dan, version) = submitted(&world, &wording).await;
    // Bea adds a word and leaves the CERT, Bob adds another and stays.
    for name in ["Bea Alyst", "Bob Alyst"] {
        let (_, editor) = at_cert(&world, name, Role::Analyst).await;
        wording.content.details.push_str(name);
        let edition = edition(&world, version).await;
        let mut tx = world.app.write().await.unwrap();
        advisory::actions::edit(&mut tx, &editor, version, edition, &wording).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = world.app.write().await.unwrap();
    let left = sql!(
        "UPDATE membership SET until_at = ?1
         WHERE holder_id = (SELECT id FROM person WHERE email = 'bea.alyst@example.org')"
    );
    let now = tx.now;
    tx.run(left, params![now]).await.unwrap();
    tx.commit().await.unwrap();
    submit(&world, &ann, version).await;
    send_back(&world, &dan, version, "Say what a practice must do").await;
    for address in [ANN, BOB] {
        let [mail] = told(&world, address).try_into().unwrap();
        for said in [
            "CC-0001 was sent back to you",
            "Update the scanners",
            "Dan Duty sent it back",
            "Say what a practice must do",
            "http://carecert.test/advisories/CC-0001/edit",
        ] {
            assert!(mail.contains(said), "{said}: {mail}");
        }
    }
    assert!(told(&world, "bea.alyst@example.org").is_empty(), "she is no more at the CERT");
    assert!(told(&world, DAN).is_empty(), "he wrote nothing of it");

    // Who edits it and sends it back all the same knows that they did.
    wording.content.details.push_str("A word of Dan's");
    let edition = edition(&world, version).await;
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::edit(&mut tx, &dan, version, edition, &wording).await.unwrap();
    tx.commit().await.unwrap();
    submit(&world, &ann, version).await;
    send_back(&world, &dan, version, "Not yet").await;
    assert_eq!((told(&world, ANN).len(), told(&world, BOB).len()), (2, 2));
    assert!(told(&world, DAN).is_empty());
}

#[tokio::test]
async fn what_is_not_high_waits_for_the_end_of_quiet_hours_and_is_not_told_once_it_is_submitted_again() {
    let world = World::new(SERVICES).await;
    let ((id, ann), dan, version) = submitted(&world, &complete("Medium", Severity::Medium)).await;
    let quiet = [("quiet-from", "08:30"), ("quiet-until", "12:00"), ("digest-hour", "13")];
    let chose = world.signed_in(id).await.post("/account/notifications", &form(&quiet)).await;
    assert_eq!(chose.status, 303, "{}", chose.body);
    send_back(&world, &dan, version, "Shorter").await;
    assert!(told(&world, ANN).is_empty(), "it is nine o'clock, and quiet until noon");
    // What was submitted again in the meantime is no news at noon; what came back again is, once.
    world.app.env.advance(SignedDuration::from_mins(1));
    submit(&world, &ann, version).await;
    send_back(&world, &dan, version, "Shorter still").await;
    world.pass(SignedDuration::from_hours(3)).await;
    let [mail] = world.post.to(ANN).try_into().unwrap();
    assert!(mail.letter.subject.contains("[CC-0001]"), "at AMBER no more than that: {}", mail.letter.subject);

    let (_, high) = draft(&world, &ann, &complete("High", Severity::High)).await;
    world.pass(SignedDuration::from_hours(21)).await;
    submit(&world, &ann, high).await;
    send_back(&world, &dan, high, "Not true").await;
    assert_eq!(world.post.to(ANN).len(), 2, "High comes at once, at nine the next morning");
}
