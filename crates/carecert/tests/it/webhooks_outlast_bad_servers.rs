//! Servers that are slow, broken, impatient or gone: nothing that waits is lost, nothing goes under another
//! id, nobody else waits, and people are told once.

use std::sync::atomic::{AtomicBool, Ordering};

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    net::NetError,
    organisation::OrganisationId,
    retention,
    webhook::{
        DeliveryId, Health, OffReason, Owner, State, WebhookError, WebhookId, actions, deliver_due, store,
    },
};
use testkit::world::World;

use crate::{
    furnished_webhooks::{answers, fates, header, hook, kind, of, sent, signature, stands, takes, told},
    issuing::{Desk, everybody, wording},
};

const DESK: &str = "https://desk.example/hook";
const HERE: Actor = Actor::Job("test");

async fn trust(world: &World) -> OrganisationId {
    world.organisation("RAA", "Trust", "trust").await
}

async fn test(world: &World, id: WebhookId) -> DeliveryId {
    let mut tx = world.app.write().await.unwrap();
    let delivery = actions::test(&mut tx, &HERE, id).await.unwrap();
    tx.commit().await.unwrap();
    delivery
}

async fn again(world: &World, id: WebhookId, hours: u32) -> u64 {
    let mut tx = world.app.write().await.unwrap();
    let count = actions::send_failed_again(&mut tx, &HERE, id, hours).await.unwrap();
    tx.commit().await.unwrap();
    count
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_ever_more_seldom_under_the_same_id() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    answers(&world, DESK, 500, &[]);
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("One"), &everybody()).await;
    let first = sent(&world, DESK);
    assert_eq!(first.len(), 1);
    assert!(stands(&world, id).await.failing_since.is_some());
    world.pass(SignedDuration::from_secs(59)).await;
    assert!(sent(&world, DESK).is_empty(), "not before its pause is over");
    world.pass(SignedDuration::from_secs(60)).await;
    assert_eq!(sent(&world, DESK).len(), 1);
    world.pass(SignedDuration::from_hours(24)).await;
    let tries = sent(&world, DESK);
    assert!((5..=12).contains(&tries.len()), "{}", tries.len());
    for request in tries.iter().chain(&first) {
        assert_eq!(header(request, "webhook-id"), header(&first[0], "webhook-id"));
        assert_eq!(request.body, first[0].body);
    }
    takes(&world, DESK);
    world.pass(SignedDuration::from_hours(10)).await;
    assert_eq!(sent(&world, DESK).len(), 1);
    assert_eq!(fates(&world, id).await, ["delivered"]);
    let stands = stands(&world, id).await;
    assert_eq!((stands.failing_since, stands.next_at), (None, None));
}

#[tokio::test]
async fn a_server_that_asks_for_patience_is_believed_within_a_day() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    for (told, hours) in [("7200", 2), ("9000000", 24)] {
        answers(&world, DESK, 429, &[("retry-after", told)]);
        test(&world, id).await;
        world.work().await;
        let waits = stands(&world, id).await.next_at.unwrap().duration_since(world.now());
        assert_eq!(waits, SignedDuration::from_hours(hours));
        assert_eq!(sent(&world, DESK).len(), 1);
        takes(&world, DESK);
        world.pass(SignedDuration::from_hours(hours)).await;
        assert_eq!(sent(&world, DESK).len(), 1);
    }
    assert_eq!(fates(&world, id).await, ["delivered", "delivered"]);
}

#[tokio::test]
async fn what_one_delivery_is_refused_for_holds_no_other_up() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    answers(&world, DESK, 422, &[]);
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("Refused"), &everybody()).await;
    takes(&world, DESK);
    // Well before the first is tried again.
    test(&world, id).await;
    world.work().await;
    assert_eq!(fates(&world, id).await, ["waiting", "delivered"]);
    world.pass(SignedDuration::from_mins(3)).await;
    assert_eq!(fates(&world, id).await, ["delivered", "delivered"]);
}

#[tokio::test]
async fn a_server_that_is_gone_is_switched_off_and_its_people_are_told() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    world.person("Lea Lead", Role::Lead, Some(trust)).await;
    world.person("Vic Viewer", Role::Viewer, Some(trust)).await;
    world.person("Ada Admin", Role::Admin, None).await;
    let (id, _) = of(&world, trust, DESK).await;
    answers(&world, DESK, 410, &[]);
    test(&world, id).await;
    world.work().await;
    let stands = stands(&world, id).await;
    assert_eq!((stands.state, stands.off_reason), (State::Off, Some(OffReason::Gone)));
    assert_eq!(fates(&world, id).await, ["failed"]);
    let mails = world.post.mails();
    assert_eq!(mails.len(), 1, "the lead alone");
    assert_eq!(mails[0].to, "lea.lead@example.org");
    assert_eq!(mails[0].letter.subject, "The webhook Desk was switched off");
    assert!(mails[0].letter.text.contains(&format!("/webhooks/{id}")), "{}", mails[0].letter.text);
}

#[tokio::test]
async fn a_server_that_takes_nothing_for_five_days_is_switched_off_once_and_can_come_back() {
    let world = World::new(SERVICES).await;
    trust(&world).await;
    let (id, _) = hook(&world, Owner::Cert, DESK).await;
    world.net.answers(DESK, Err(NetError::Unreachable("no route to 10.0.0.1".to_owned())));
    let desk = Desk::open(&world).await;
    let mut alerts = 0;
    while stands(&world, id).await.state == State::On {
        desk.delivered(&wording(&format!("Alert {alerts}")), &everybody()).await;
        world.pass(SignedDuration::from_hours(12)).await;
        alerts += 1;
        assert!(alerts < 20);
    }
    assert!((10..=12).contains(&alerts), "{alerts} half days");
    let off = stands(&world, id).await;
    assert_eq!((off.off_reason, off.next_at), (Some(OffReason::Failing), None));
    let mails = world.post.mails();
    let told: Vec<_> = mails.iter().filter(|mail| mail.letter.subject.contains("switched off")).collect();
    assert_eq!(
        told.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["dee.manager@example.org"],
        "not the analyst"
    );
    assert!(!told[0].letter.text.contains("10.0.0.1"), "{}", told[0].letter.text);
    // Nothing waits, and nothing is queued for it while it is off.
    let fates_then = fates(&world, id).await;
    assert!(fates_then.iter().all(|fate| fate == "failed"), "{fates_then:?}");
    desk.delivered(&wording("While it is off"), &everybody()).await;
    assert_eq!(fates(&world, id).await.len(), fates_then.len());
    world.net.asked();
    // On again, and what failed is sent again: all of the last day, then the rest.
    takes(&world, DESK);
    let mut tx = world.app.write().await.unwrap();
    assert!(matches!(actions::test(&mut tx, &HERE, id).await, Err(WebhookError::Off)));
    actions::switch_on(&mut tx, &HERE, id, off.version).await.unwrap();
    tx.commit().await.unwrap();
    let recent = again(&world, id, 24).await;
    world.work().await;
    assert_eq!(sent(&world, DESK).len() as u64, recent);
    assert!(recent > 0 && recent < fates_then.len() as u64, "{recent}");
    let rest = again(&world, id, 24 * 30).await;
    world.work().await;
    assert_eq!(recent + rest, fates_then.len() as u64);
    assert_eq!(sent(&world, DESK).len() as u64, rest);
    assert!(fates(&world, id).await.iter().all(|fate| fate == "delivered"));
    assert_eq!(again(&world, id, 24 * 30).await, 0);
}

#[tokio::test]
async fn a_delivery_is_tried_for_three_days_and_one_that_ended_can_be_sent_again() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    answers(&world, DESK, 503, &[]);
    let delivery = test(&world, id).await;
    world.pass(SignedDuration::from_hours(70)).await;
    assert_eq!(fates(&world, id).await, ["waiting"]);
    world.pass(SignedDuration::from_hours(14)).await;
    assert_eq!(fates(&world, id).await, ["failed"]);
    // Nothing waits: whether it works again is not known, and nobody counts on.
    assert_eq!((stands(&world, id).await.failing_since, stands(&world, id).await.next_at), (None, None));
    world.net.asked();
    takes(&world, DESK);
    for _ in 0..2 {
        world.app.env.advance(SignedDuration::from_secs(1));
        let mut tx = world.app.write().await.unwrap();
        actions::send_again(&mut tx, &HERE, id, delivery).await.unwrap();
        let twice = actions::send_again(&mut tx, &HERE, id, delivery).await;
        assert!(matches!(twice, Err(WebhookError::Waiting)));
        tx.commit().await.unwrap();
        world.work().await;
        let requests = sent(&world, DESK);
        assert_eq!(requests.len(), 1);
        assert_eq!(header(&requests[0], "webhook-id"), delivery.to_string());
        assert_eq!(fates(&world, id).await, ["delivered"]);
    }
}

/// Deliveries that came to nothing.
async fn failed(world: &World, id: WebhookId, many: usize) {
    let mut tx = world.app.write().await.unwrap();
    for place in 0..many {
        let (delivery, now): (DeliveryId, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO webhook_delivery (id, webhook_id, event, about_id, fields, state, created_at, attempts, settled_at,
                                           unique_key)
             VALUES (?1, ?2, 'test', ?2, 'null', 'failed', ?3, 1, ?3, ?4)"
        );
        tx.run_later(statement, params![delivery, id, now, place.to_string()]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_long_turn_has_sent_is_noted_while_it_goes_on() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    failed(&world, id, 400).await;
    again(&world, id, 1).await;
    world.net.falls_silent_after(DESK, 300);
    let delivered = async || fates(&world, id).await.iter().filter(|fate| *fate == "delivered").count();
    let turn = deliver_due(&world.app, Health::Well);
    let seen = async {
        // The last is still waited for; all but what was sent just before it is noted.
        while delivered().await < 288 {
            tokio::task::yield_now().await;
        }
        assert_eq!(delivered().await, 288);
        assert!(stands(&world, id).await.next_at > Some(world.now()), "its worker has it");
        world.net.patience_ends();
    };
    let both = async { tokio::join!(turn, seen) };
    let (turn, ()) = tokio::time::timeout(std::time::Duration::from_mins(1), both).await.expect("noted");
    assert_eq!(turn.unwrap(), 1);
    let ids: std::collections::HashSet<_> =
        sent(&world, DESK).iter().map(|request| header(request, "webhook-id")).collect();
    assert_eq!((ids.len(), delivered().await), (301, 300), "each once, and the last is tried again");
    let told = told(&world, id).await;
    assert!(told.iter().all(|(_, _, fate, tries)| fate != "delivered" || *tries == 2), "each is noted once");
    assert!(stands(&world, id).await.failing_since.is_some());
}

#[tokio::test]
async fn at_most_a_thousand_are_sent_again_at_once() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    failed(&world, id, 1010).await;
    assert_eq!(again(&world, id, 1).await, 1000);
    let before = world.app.db.statements();
    deliver_due(&world.app, Health::Well).await.unwrap();
    let statements = world.app.db.statements() - before;
    assert!(statements < 100, "many are read and noted with each: {statements}");
    assert_eq!(sent(&world, DESK).len(), 1000);
    assert_eq!(again(&world, id, 1).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_servers_that_never_answer_keep_nobody_waiting() {
    let world = World::new(SERVICES).await;
    let mut slow = Vec::new();
    for place in 0..60 {
        let code = format!("S{place:02}");
        let organisation = world.organisation(&code, "Slow", "trust").await;
        let url = format!("https://{}.example/", code.to_lowercase());
        slow.push(of(&world, organisation, &url).await.0);
        world.net.falls_silent(&url);
    }
    let good = trust(&world).await;
    let (good, _) = of(&world, good, DESK).await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("One"), &everybody()).await;
    desk.publish(version, broadcast::alert::Answers::Anew).await;
    world.app.env.advance(SignedDuration::from_secs(61));
    let turns = world.work();
    let seen = async {
        // The sixty are still waited for when the good one's is taken and noted.
        while fates(&world, good).await != ["delivered"] {
            tokio::task::yield_now().await;
        }
        for id in &slow {
            assert_eq!(fates(&world, *id).await, ["waiting"]);
        }
        world.net.patience_ends();
    };
    let both = async { tokio::join!(turns, seen) };
    tokio::time::timeout(std::time::Duration::from_mins(1), both).await.expect("the good one is told");
    // From now on they are in the lane of those that fail, each after its pause.
    for id in &slow {
        let stands = stands(&world, *id).await;
        assert!(stands.failing_since.is_some() && stands.next_at > Some(world.now()));
    }
    assert_eq!(deliver_due(&world.app, Health::Well).await.unwrap(), 0);
}

#[tokio::test]
async fn what_becomes_due_while_a_slow_server_is_waited_for_is_told_meanwhile() {
    let world = World::new(SERVICES).await;
    let slow = world.organisation("S00", "Slow", "trust").await;
    let (slow, _) = of(&world, slow, "https://s00.example/").await;
    world.net.falls_silent("https://s00.example/");
    let good = trust(&world).await;
    let (good, _) = of(&world, good, DESK).await;
    test(&world, slow).await;
    let turns = deliver_due(&world.app, Health::Well);
    let seen = async {
        while world.net.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        test(&world, good).await;
        while fates(&world, good).await != ["delivered"] {
            tokio::task::yield_now().await;
        }
        assert_eq!(fates(&world, slow).await, ["waiting"]);
        world.net.patience_ends();
    };
    let (turns, ()) = tokio::join!(turns, seen);
    assert_eq!(turns.unwrap(), 2);
}

#[tokio::test]
async fn killed_between_sending_and_noting_it_is_sent_again_under_its_id() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    let delivery = test(&world, id).await;
    world.work().await;
    // As if it had died after the server took it: the worker holds it, and nothing is noted.
    let mut tx = world.app.write().await.unwrap();
    let lease = tx.now + SignedDuration::from_secs(90);
    let held = sql!("UPDATE webhook SET lease_until = ?1, next_at = ?1");
    tx.run(held, params![lease]).await.unwrap();
    let unnoted = sql!(
        "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, settled_at = NULL, delivered_at = NULL"
    );
    let queued = sql!(
        "INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
         SELECT id, webhook_id, created_at, 0 FROM webhook_delivery"
    );
    tx.run(unnoted, params![]).await.unwrap();
    tx.run(queued, params![]).await.unwrap();
    tx.commit().await.unwrap();
    // What happens meanwhile waits for the lease's end too, and is not forgotten.
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("Meanwhile"), &everybody()).await;
    assert_eq!(fates(&world, id).await, ["waiting", "waiting"]);
    world.pass(SignedDuration::from_secs(30)).await;
    let requests = sent(&world, DESK);
    let ids: Vec<_> = requests.iter().map(|request| header(request, "webhook-id")).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!((&ids[0], &ids[1]), (&delivery.to_string(), &delivery.to_string()));
    assert_eq!(kind(&requests[2]), "alert.published");
    assert_eq!(fates(&world, id).await, ["delivered", "delivered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_at_the_same_moment_send_each_once() {
    let world = World::new(SERVICES).await;
    let mut ids = Vec::new();
    for place in 0..30 {
        let code = format!("W{place:02}");
        let organisation = world.organisation(&code, "Trust", "trust").await;
        ids.push(of(&world, organisation, &format!("https://{}.example/", code.to_lowercase())).await.0);
    }
    for id in &ids {
        test(&world, *id).await;
    }
    let turn = || deliver_due(&world.app, Health::Well);
    let (a, b, c) = tokio::join!(turn(), turn(), turn());
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 30);
    assert_eq!(world.net.asked().len(), 30);
    for id in &ids {
        assert_eq!(fates(&world, *id).await, ["delivered"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_while_turns_are_noted_is_never_forgotten() {
    let world = World::new(SERVICES).await;
    let mut ids = Vec::new();
    for place in 0..12 {
        let code = format!("W{place:02}");
        let organisation = world.organisation(&code, "Trust", "trust").await;
        ids.push(of(&world, organisation, &format!("https://{}.example/", code.to_lowercase())).await.0);
    }
    let desk = Desk::open(&world).await;
    let mut versions = Vec::new();
    for place in 0..4 {
        versions.push(desk.approved(&wording(&format!("Alert {place}")), &everybody()).await);
    }
    let ended = AtomicBool::new(false);
    let adding = async {
        for version in versions {
            desk.publish(version, broadcast::alert::Answers::Anew).await;
            world.app.env.advance(SignedDuration::from_secs(61));
            for id in ids.iter().rev() {
                let mut tx = world.app.write().await.unwrap();
                match actions::test(&mut tx, &HERE, *id).await {
                    Ok(_) => tx.commit().await.unwrap(),
                    Err(WebhookError::Testing) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            // The fan-out of the alert, beside the turns.
            platform::job::run_due(&world.app, platform::job::Lane::Bulk, 8).await.unwrap();
        }
        ended.store(true, Ordering::SeqCst);
    };
    let turns = || async {
        while !ended.load(Ordering::SeqCst) {
            deliver_due(&world.app, Health::Well).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(adding, turns(), turns());
    world.work().await;
    for id in &ids {
        let told = told(&world, *id).await;
        assert!(
            told.iter().all(|(_, _, fate, tries)| (fate.as_str(), *tries) == ("delivered", 1)),
            "{told:?}"
        );
        let alerts = told.iter().filter(|(_, event, ..)| event == "alert.published").count();
        assert_eq!(alerts, 4, "{told:?}");
        assert_eq!(stands(&world, *id).await.next_at, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_in_mid_turn_is_noted_as_it_was() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    world.net.falls_silent(DESK);
    test(&world, id).await;
    let turn = deliver_due(&world.app, Health::Well);
    let switch = async {
        while world.net.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        let mut tx = world.app.write().await.unwrap();
        actions::switch_off(&mut tx, &HERE, id, 1).await.unwrap();
        tx.commit().await.unwrap();
        world.net.patience_ends();
    };
    let (turn, ()) = tokio::join!(turn, switch);
    turn.unwrap();
    let stands = stands(&world, id).await;
    assert_eq!((stands.state, stands.next_at, stands.failing_since), (State::Off, None, None));
    assert_eq!(told(&world, id).await[0].2, "failed");
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_and_two_are_never_made_three() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (id, first) = of(&world, trust, DESK).await;
    let first = first.shown();
    let mut tx = world.app.write().await.unwrap();
    let second = actions::rotate(&mut tx, &HERE, id, 1).await.unwrap().shown();
    let twice = actions::rotate(&mut tx, &HERE, id, 2).await;
    assert!(matches!(twice, Err(WebhookError::TwoSecrets)));
    tx.commit().await.unwrap();
    test(&world, id).await;
    world.work().await;
    let request = sent(&world, DESK).remove(0);
    let both = format!("{} {}", signature(&second, &request), signature(&first, &request));
    assert_eq!(header(&request, "webhook-signature"), both);
    world.app.env.advance(SignedDuration::from_hours(24));
    test(&world, id).await;
    world.work().await;
    let request = sent(&world, DESK).remove(0);
    assert_eq!(header(&request, "webhook-signature"), signature(&second, &request));
    // It is not kept any longer either, and another can be made.
    world.app.env.advance(SignedDuration::from_secs(1));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    let kept = sql!("SELECT count(*) FROM webhook WHERE previous_secret IS NOT NULL");
    let (kept,): (i64,) = world.app.read().await.unwrap().one(kept, params![]).await.unwrap();
    assert_eq!(kept, 0);
    let mut tx = world.app.write().await.unwrap();
    actions::rotate(&mut tx, &HERE, id, 2).await.unwrap();
}

#[tokio::test]
async fn what_was_told_is_forgotten_in_time_and_what_was_removed_at_once() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    let (kept, _) = of(&world, trust, DESK).await;
    let (removed, _) = of(&world, trust, "https://removed.example/").await;
    for id in [kept, removed] {
        test(&world, id).await;
    }
    world.work().await;
    let mut tx = world.app.write().await.unwrap();
    actions::remove(&mut tx, &HERE, removed, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store::webhook(&mut world.app.read().await.unwrap(), removed).await.unwrap().is_none());
    let policy = retention::Policy::shipped();
    world.app.env.advance(SignedDuration::from_secs(1));
    assert_eq!(retention::sweep(&world.app, &policy).await.unwrap(), 2, "the delivery, then the webhook");
    assert_eq!(fates(&world, kept).await.len(), 1);
    world.app.env.advance(SignedDuration::from_hours(24 * 181));
    retention::sweep(&world.app, &policy).await.unwrap();
    assert_eq!(fates(&world, kept).await.len(), 0);
    assert_eq!(stands(&world, kept).await.state, State::On);
}
