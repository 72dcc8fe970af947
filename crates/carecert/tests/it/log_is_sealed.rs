//! The log: sealed in the order of commits, proved whole, and every tampering named.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    log::{self, Entry, Finding},
};
use serde_json::json;
use testkit::world::World;

async fn write(world: &World, count: usize) {
    let mut tx = world.app.write().await.expect("a write begins");
    for number in 0..count {
        let entry = Entry::new("test.happened").with(json!({ "number": number }));
        log::write(&mut tx, &Actor::Job("test"), entry).await.expect("an entry");
    }
    tx.commit().await.expect("a commit");
}

async fn verify(world: &World, head: Option<log::Hash>) -> log::Report {
    let mut snapshot = world.app.db.read_long().await.expect("a read begins");
    log::verify(&mut snapshot, world.now(), head).await.expect("the log can be read")
}

async fn sealed(batches: &[usize]) -> World {
    let world = World::new(SERVICES).await;
    for count in batches {
        write(&world, *count).await;
        log::seal(&world.app).await.expect("sealed");
    }
    world
}

#[tokio::test]
async fn a_sealed_log_is_whole_and_keeps_every_head_it_had() {
    let world = sealed(&[3, 1]).await;
    let first = verify(&world, None).await;
    assert_eq!((first.size, &first.finding, first.unsealed), (4, &None, 0));
    write(&world, 1500).await;
    log::seal(&world.app).await.expect("sealed");
    let later = verify(&world, Some(first.head)).await;
    assert_eq!((later.size, later.finding), (1504, None));
    assert_ne!(later.head, first.head);
    assert_eq!(verify(&world, Some([7; 32])).await.finding, Some(Finding::Head));
}

#[tokio::test]
async fn what_was_rolled_back_is_not_in_it() {
    let world = sealed(&[1]).await;
    let mut tx = world.app.write().await.expect("a write begins");
    log::write(&mut tx, &Actor::Job("test"), Entry::new("test.undone")).await.expect("an entry");
    drop(tx);
    assert_eq!(log::seal(&world.app).await.expect("sealed"), 0);
    assert_eq!(verify(&world, None).await.size, 1);
}

#[tokio::test]
async fn a_changed_payload_is_named() {
    let world = sealed(&[2, 3]).await;
    let mut tx = world.app.write().await.expect("a write begins");
    tx.run(sql!("UPDATE log_entry SET payload = '{\"number\":9}' WHERE sequence = 4"), params![])
        .await
        .expect("tampered");
    tx.commit().await.expect("a commit");
    assert_eq!(verify(&world, None).await.finding, Some(Finding::Payload(4)));
}

#[tokio::test]
async fn a_changed_actor_is_found_in_its_batch() {
    let world = sealed(&[2, 3]).await;
    let mut tx = world.app.write().await.expect("a write begins");
    tx.run(sql!("UPDATE log_entry SET actor_kind = 'other' WHERE sequence = 4"), params![])
        .await
        .expect("tampered");
    tx.commit().await.expect("a commit");
    assert_eq!(verify(&world, None).await.finding, Some(Finding::Root { first: 3, last: 5 }));
}

#[tokio::test]
async fn a_deleted_entry_is_named() {
    let world = sealed(&[5]).await;
    let mut tx = world.app.write().await.expect("a write begins");
    tx.run(sql!("DELETE FROM log_entry WHERE sequence = 2"), params![]).await.expect("tampered");
    tx.commit().await.expect("a commit");
    assert_eq!(verify(&world, None).await.finding, Some(Finding::Missing(2)));
}

#[tokio::test]
async fn a_smuggled_entry_is_named() {
    let world = sealed(&[2]).await;
    write(&world, 1).await;
    let mut tx = world.app.write().await.expect("a write begins");
    tx.run(sql!("UPDATE log_entry SET sequence = 3 WHERE sequence IS NULL"), params![])
        .await
        .expect("tampered");
    tx.commit().await.expect("a commit");
    assert_eq!(verify(&world, None).await.finding, Some(Finding::Beyond(3)));
}

#[tokio::test]
async fn a_payload_can_be_erased_and_the_log_still_verifies() {
    let world = sealed(&[4]).await;
    let mut tx = world.app.write().await.expect("a write begins");
    let erase = sql!("UPDATE log_entry SET payload = NULL, salt = NULL WHERE sequence = 2");
    tx.run(erase, params![]).await.expect("erased");
    tx.commit().await.expect("a commit");
    assert_eq!(verify(&world, None).await.finding, None);
}

#[tokio::test]
async fn what_stays_unsealed_for_a_minute_is_reported() {
    let world = sealed(&[1]).await;
    write(&world, 2).await;
    assert_eq!(verify(&world, None).await.unsealed, 0);
    world.app.env.advance(SignedDuration::from_secs(61));
    assert_eq!(verify(&world, None).await.unsealed, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sealers_at_once_seal_everything_once() {
    let world = World::new(SERVICES).await;
    write(&world, 1200).await;
    let (first, second) = tokio::join!(log::seal(&world.app), log::seal(&world.app));
    let sealed = first.expect("sealed") + second.expect("sealed");
    assert_eq!(sealed + log::seal(&world.app).await.expect("sealed"), 1200);
    let report = verify(&world, None).await;
    assert_eq!((report.size, report.finding), (1200, None));
}

#[tokio::test]
async fn the_auditors_get_one_head_a_day_and_it_proves_the_log() {
    let world = sealed(&[3]).await;
    world.person("Anne Audit", Role::Auditor, None).await;
    world.person("Ben Analyst", Role::Analyst, None).await;
    for _ in 0..2 {
        log::mail_head(&world.app).await.expect("queued");
        world.work().await;
    }
    let mails = world.post.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "anne.audit@example.org");
    let head = verify(&world, None).await.head;
    assert!(mails[0].letter.text.contains(&data_encoding::HEXLOWER.encode(&head)));
    world.app.env.advance(SignedDuration::from_hours(24));
    log::mail_head(&world.app).await.expect("queued");
    world.work().await;
    assert_eq!(world.post.mails().len(), 2);
}
