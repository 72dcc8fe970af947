//! The mail server is down for a day: nothing is given up, operators see how much waits, since when and why, texts go
//! meanwhile, and when it is back all that still matters leaves once, what is urgent first.

use std::collections::BTreeSet;

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    job::Lane,
    log,
    message::{self, Draft, Letter, Mail, MessageId, Post, PostError, SmtpPost},
    organisation::{OrganisationId, contact::Mobile},
    rota,
    settings::{Cert, Smtp, SmtpSecurity},
};
use react::{
    case::{Zone, task},
    incident::actions as incidents,
    report::{
        Care, Facts, Way,
        actions::{Sender, Sent, take},
    },
};
use serde_json::json;
use testkit::world::World;

use crate::{
    furnished_cases::wanted, furnished_incidents::facts, issuing::actor, texts_reach_mobiles as texted,
};

/// A mail that says nothing of interest, to a mailbox of its own.
fn note(place: usize, lane: Lane) -> Draft {
    Draft {
        kind: "log_head",
        lane,
        address: format!("{}{place}@trust.example", lane.code()),
        person: None,
        contact: None,
        organisation: None,
        about: ("test", None),
        fields: json!({ "size": 0, "root": "00", "day": "2026-06-01" }),
        not_before: None,
        key: format!("test/{}/{place}", lane.code()),
    }
}

/// An urgent incident, reported by somebody who is signed in.
async fn urgent(world: &World, by: &Actor, trust: OrganisationId) -> Sent {
    let mut tx = world.app.write().await.unwrap();
    let form: db::macro_support::Uuid = tx.id();
    let said = Facts { affected: vec![Care::Emergency], ..facts() };
    let sender = Sender::Known { organisation: trust, through: trust };
    let sent = take(&mut tx, by, form, Way::Session, sender, &said).await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    sent
}

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

#[tokio::test]
async fn nothing_is_lost_and_all_leave_once_in_their_order() {
    let world = World::with(SERVICES, |settings| settings.sms = Some(texted::gateway())).await;
    world.net.answers(texted::SEND, texted::created());
    world.post.refuse(Some(PostError::Down("connection refused".to_owned())));
    let mut tx = world.app.write().await.unwrap();
    // More than one batch of what is not urgent, queued before what is.
    for place in 0..250 {
        message::queue(&mut tx, &note(place, Lane::Bulk)).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let dee = actor(&world, "Dee Duty", Role::DutyManager, None).await;
    let dee_id = dee.person().unwrap().id;
    let mut tx = world.app.write().await.unwrap();
    rota::set_order(&mut tx, &[dee_id]).await.unwrap();
    rota::set_mobile(&mut tx, dee_id, Mobile::read("07700 900 123").as_ref()).await.unwrap();
    tx.commit().await.unwrap();
    actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let taken = urgent(&world, &rae, trust).await;
    let waiting = urgent(&world, &rae, trust).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(texted::texts(&world.net.asked()).len(), 2, "texts have a way of their own");

    // A task falls due, is done, and its reminder is out of date; so is what was said of an incident that is taken on.
    let mut tx = world.app.write().await.unwrap();
    incidents::take_on(&mut tx, &dee, taken.incident, 1).await.unwrap();
    let due_at = Some(tx.now + SignedDuration::from_hours(1));
    let owner = task::Owner::Person(dee_id);
    let mine = task::Wanted { due_at, owner, ..wanted("Ring the supplier") };
    let form = tx.id();
    let task = task::actions::add(&mut tx, &dee, taken.incident, (Zone::Cert, form), &mine).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(2)).await;
    let reminders = sql!("SELECT count(*) FROM message WHERE kind = 'case_task_due' AND state = 'waiting'");
    assert_eq!(number(&world, reminders).await, 1);
    let duty = world.signed_in(dee_id).await;
    let path = format!("/incidents/{}/tasks/{task}", taken.incident);
    assert_eq!(
        duty.post(&path, &[("version", "1"), ("event", "finish"), ("outcome", "Done")]).await.status,
        303
    );
    world.pass(SignedDuration::from_hours(26)).await;

    assert!(world.post.mails().is_empty());
    let counted = sql!(
        "SELECT count(*) FROM message WHERE channel = 'mail' AND state <> 'called_back' AND (state <> 'waiting' OR attempts > 0)"
    );
    assert_eq!(number(&world, counted).await, 0, "it is no message's fault");
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    let page = admin.get("/jobs").await.body;
    for told in
        ["Email does not leave, since 1 June 2026, 09:01", "connection refused", "Other mail", "Urgent mail"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    let row = page.split("Other mail").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains(">250<") && row.contains("1 June 2026, 09:00"), "{row}");

    let list = duty.get("/incidents").await.body;
    assert!(list.contains("Email does not leave"), "who is on call is told where they look: {list}");

    world.post.refuse(None);
    world.pass(SignedDuration::from_mins(10)).await;
    let mails = world.post.mails();
    let ids: BTreeSet<_> = mails.iter().map(|mail| mail.id.0).collect();
    assert_eq!(ids.len(), mails.len(), "each once");
    let bulk: Vec<_> = mails.iter().filter(|mail| mail.to.starts_with("bulk")).collect();
    assert_eq!(bulk.len(), 250);
    let first_bulk = mails.iter().position(|mail| mail.to.starts_with("bulk")).unwrap();
    let last_urgent =
        mails.iter().rposition(|mail| mail.letter.text.contains(waiting.receipt.code())).unwrap();
    assert!(last_urgent < first_bulk, "{last_urgent} {first_bulk}");
    let calls = world.post.to("dee.duty@example.org");
    let calls = calls.iter().filter(|mail| mail.letter.text.contains(waiting.receipt.code())).count();
    assert_eq!(calls, 1, "of all the calls the last one");
    let dropped = sql!(
        "SELECT kind, last_error FROM message WHERE state = 'called_back' AND channel = 'mail' ORDER BY kind, id"
    );
    let dropped: Vec<(String, String)> =
        world.app.read().await.unwrap().all(dropped, params![]).await.unwrap();
    let why = |kind: &str| dropped.iter().find(|(of, _)| of == kind).map(|(_, why)| why.as_str());
    assert_eq!(why("case_task_due"), Some("It was dealt with before this was sent."), "{dropped:?}");
    assert_eq!(why("incident_reported"), Some("Somebody took it on before this was sent."), "{dropped:?}");
    assert!(!admin.get("/jobs").await.body.contains("Email does not leave"));
    let told = sql!("SELECT count(*) FROM log_entry WHERE verb IN ('carrier.down', 'carrier.up')");
    assert_eq!(number(&world, told).await, 2, "the log says when it began and when it ended");
    log::seal(&world.app).await.unwrap();
}

#[tokio::test]
async fn a_server_that_puts_a_mail_off_is_asked_for_two_days() {
    let world = World::new(SERVICES).await;
    world.post.refuse(Some(PostError::Later("451 come back later".to_owned())));
    let mut tx = world.app.write().await.unwrap();
    message::queue(&mut tx, &note(1, Lane::Urgent)).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(47)).await;
    let waiting = sql!("SELECT count(*) FROM message WHERE state = 'waiting'");
    assert_eq!(number(&world, waiting).await, 1);
    world.pass(SignedDuration::from_hours(80)).await;
    assert_eq!(number(&world, waiting).await, 0, "and then no more");
    assert_eq!(number(&world, sql!("SELECT count(*) FROM message WHERE state = 'failed'")).await, 1);
}

#[tokio::test]
async fn of_two_nodes_one_asks_a_server_that_is_down() {
    let world = World::new(SERVICES).await;
    let node = world.beside().await;
    world.post.refuse(Some(PostError::Down("connection refused".to_owned())));
    let mut tx = world.app.write().await.unwrap();
    for place in 0..5 {
        message::queue(&mut tx, &note(place, Lane::Urgent)).await.unwrap();
    }
    tx.commit().await.unwrap();
    message::deliver_due(&world.app, Lane::Urgent).await.unwrap();
    assert_eq!(
        message::deliver_due(&node.app, Lane::Urgent).await.unwrap().taken,
        0,
        "it is known there too"
    );
    world.app.env.advance(SignedDuration::from_mins(6));
    let (one, two) = tokio::join!(
        message::deliver_due(&world.app, Lane::Urgent),
        message::deliver_due(&node.app, Lane::Urgent)
    );
    assert_eq!(one.unwrap().taken + two.unwrap().taken, 1);
    world.post.refuse(None);
    world.app.env.advance(SignedDuration::from_mins(6));
    assert_eq!(message::deliver_due(&node.app, Lane::Urgent).await.unwrap().sent, 1);
    assert_eq!(message::deliver_due(&world.app, Lane::Urgent).await.unwrap().sent, 4, "the rest follow");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a port at which nobody listens")]
async fn a_server_that_is_not_there_is_told_from_a_mail_that_is_wrong() {
    let free = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port: free,
        security: SmtpSecurity::Plain,
        credentials: None,
        ca_file: None,
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    };
    let cert = Cert {
        name: "Test CSOC".to_owned(),
        telephone: "0300 303 5222".to_owned(),
        mail_from: "Test CSOC <alerts@cert.example>".to_owned(),
        bounces_to: None,
        data_controller: "nobody".to_owned(),
        privacy_email: "privacy@cert.example".to_owned(),
    };
    let letter = Letter { subject: "A".to_owned(), text: "B".to_owned(), html: None };
    let id = MessageId("0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b".parse().unwrap());
    let mail =
        Mail { id, to: "it@trust.example".to_owned(), letter, again: false, answers: None, mailing: None };
    let sent = SmtpPost::new(&smtp, &cert).unwrap().send(&mail).await;
    assert!(matches!(sent, Err(PostError::Down(_))), "{sent:?}");
}
