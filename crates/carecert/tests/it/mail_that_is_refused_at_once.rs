//! Mail that our own server refuses at once: an unknown mailbox counts as one from which mail came back, within the same
//! bound, and any other refusal is a message that failed.

use carecert::SERVICES;
use db::{params, sql};
use formats::bounce::Status;
use jiff::SignedDuration;
use platform::{access::Role, message::PostError};
use testkit::world::World;

use crate::{
    issuing::{Desk, contact, everybody, wording},
    mail_that_came_back::{LEAD, SHARED, confirmed, logged, reached, trust},
};

/// As the server that mail is handed to answers for a mailbox that is not there.
fn refusal() -> PostError {
    let status = Status { class: 5, subject: 1, detail: 1 };
    PostError::NoMailbox { status, said: "550 5.1.1 user unknown".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_refused_at_once_is_unconfirmed_as_if_its_mail_had_come_back() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    contact(&world, trust, "security_lead", LEAD).await;
    let shared = contact(&world, trust, "shared_mailbox", SHARED).await;
    let other = world.organisation("RBB", "Other", "trust").await;
    contact(&world, other, "shared_mailbox", "it@other.example").await;
    let desk = Desk::open(&world).await;
    world.post.refuse_to(SHARED, refusal());
    world.post.refuse_to("it@other.example", refusal());
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    world.pass(SignedDuration::from_hours(2)).await;

    assert!(!confirmed(&world, SHARED).await && confirmed(&world, LEAD).await);
    let told = world.post.to(LEAD).pop().unwrap().letter;
    assert!(told.subject == "Mail to a contact of Trust came back", "{}", told.subject);
    assert!(told.text.contains("the mailbox does not exist"), "{}", told.text);
    assert_eq!(reached(&world, alert).await, 1, "its lead was, and the other nobody");
    let lead = world.signed_in(world.person("Lena Lead", Role::Lead, Some(trust)).await).await;
    let page = lead.get(&format!("/contacts/{shared}")).await.body;
    assert!(page.contains("came back on 1 June 2026: the mailbox does not exist."), "{page}");
    let duty = world.signed_in(world.person("Dana Duty", Role::DutyManager, None).await).await;
    let page = duty.get("/organisations/unreachable").await.body;
    assert!(page.contains("RBB") && !page.contains("RAA"), "{page}");
    let page = duty.get(&format!("/alerts/{alert}/deliveries?state=came_back")).await.body;
    assert!(page.contains(SHARED) && page.contains("5.1.1. 550 5.1.1 user unknown"), "{page}");
    assert_eq!(logged(&world, "contact.unconfirmed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_refusal_fails_the_message_and_unconfirms_nobody() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    contact(&world, trust, "security_lead", LEAD).await;
    let desk = Desk::open(&world).await;
    world.post.refuse_to(LEAD, PostError::Refused("permanent error (550): 5.1.8 bad sender".to_owned()));
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    assert!(confirmed(&world, LEAD).await);
    let duty = world.signed_in(world.person("Dana Duty", Role::DutyManager, None).await).await;
    let page = duty.get(&format!("/alerts/{alert}/deliveries?state=failed")).await.body;
    assert!(page.contains(LEAD) && page.contains("5.1.8 bad sender"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_everybody_as_unknown_does_not_unconfirm_the_sector() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let desk = Desk::open(&world).await;
    for place in 0..110 {
        contact(&world, trust, "shared_mailbox", &format!("m{place}@trust.example")).await;
    }
    world.post.refuse(Some(refusal()));
    desk.delivered(&wording("One"), &everybody()).await;
    let statement = sql!("SELECT count(*) FROM contact WHERE verified_at IS NOT NULL");
    let (left,): (i64,) = world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    assert_eq!(left, 10, "while there were few, once was enough");
}
