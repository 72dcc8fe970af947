//! From publishing to the mailboxes: a minute to call back, one mail for a mailbox, nothing lost and
//! nothing twice, an update and a withdrawal told.

use broadcast::{
    advisory::{Wording, actions as advisory},
    alert::{Answers, FanOut, State, actions, store},
};
use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    access::Role,
    job::{self, When},
    message::{self, PostError},
};
use testkit::world::World;

use crate::issuing::{Desk, actor, answers_for, contact, everybody, wording};

const MINUTE: SignedDuration = SignedDuration::from_secs(61);

async fn count(world: &World, what: &'static db::Statement) -> i64 {
    let (count,): (i64,) = world.app.read().await.unwrap().one(what, params![]).await.unwrap();
    count
}

#[tokio::test]
async fn a_mailbox_shared_by_120_practices_gets_one_mail() {
    let world = World::new(SERVICES).await;
    for number in 0..120 {
        let practice = world
            .organisation(&format!("A{number:03}"), &format!("Practice {number:03}"), "gp_practice")
            .await;
        contact(&world, practice, "shared_mailbox", "it@practices.example").await;
    }
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("EternalBlue"), &everybody()).await;

    let mails = world.post.mails();
    assert_eq!(mails.len(), 1);
    let letter = &mails[0].letter;
    assert_eq!(letter.subject, "[CC-0001] High: EternalBlue");
    assert!(letter.text.contains("- Practice 000 (A000)\n") && letter.text.contains("- and 100 more\n"));
    assert!(letter.text.contains(&format!("http://carecert.test/alerts/{alert}")));
    // 48 hours and 14 days after 09:00 on Monday, 1 June, in London.
    assert!(letter.text.contains("acknowledge it by 3 June 2026, 09:00"), "{}", letter.text);
    assert!(letter.text.contains("remediate and close it by 15 June 2026, 09:00"));
    let html = letter.html.as_ref().expect("HTML too");
    assert!(html.contains("and 100 more") && !html.contains("<img") && !html.contains("src="));
    assert_eq!(count(&world, sql!("SELECT count(*) FROM response")).await, 120);
    assert_eq!(count(&world, sql!("SELECT CAST(sum(count) AS BIGINT) FROM response_count")).await, 120);
    assert_eq!(count(&world, sql!("SELECT count(*) FROM clock")).await, 240);

    // The job again, as after a kill: nothing is queued twice.
    let mut tx = world.app.write().await.unwrap();
    job::enqueue(&mut tx, &FanOut { alert }, When::default()).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(world.post.mails().len(), 1);
}

#[tokio::test]
async fn who_answers_for_others_is_told_and_so_is_who_covers() {
    let world = World::new(SERVICES).await;
    let icb = world.organisation("QAA", "Northern ICB", "icb").await;
    let away = contact(&world, icb, "security_lead", "away@icb.example").await;
    let deputy = contact(&world, icb, "deputy", "deputy@icb.example").await;
    let practice = world.organisation("A81001", "The Practice", "gp_practice").await;
    contact(&world, practice, "security_lead", "manager@practice.example").await;
    answers_for(&world, icb, practice).await;
    let mut tx = world.app.write().await.unwrap();
    let (id, now): (db::macro_support::Uuid, _) = (tx.id(), tx.now);
    let cover = sql!(
        "INSERT INTO contact_cover (id, contact_id, deputy_id, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    let until = now + SignedDuration::from_hours(24);
    tx.run(cover, params![id, away, deputy, now, until]).await.unwrap();
    tx.commit().await.unwrap();
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("Any"), &everybody()).await;

    assert!(world.post.to("away@icb.example").is_empty());
    assert!(world.post.to("manager@practice.example").is_empty());
    let told = world.post.to("deputy@icb.example");
    assert_eq!(told.len(), 1);
    assert!(told[0].letter.text.contains("Northern ICB (QAA)"));
    assert!(told[0].letter.text.contains("The Practice (A81001)"));
}

#[tokio::test]
async fn called_back_within_the_minute_nobody_hears_of_it() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let reader = world.signed_in(world.person("Reader", Role::Responder, Some(trust)).await).await;
    let desk = Desk::open(&world).await;
    let duty = world.signed_in(world.person("Duty", Role::DutyManager, None).await).await;
    let version = desk.approved(&wording("Wrong"), &everybody()).await;
    let asked = duty.get(&format!("/audiences/{version}/publish")).await;
    assert!(asked.body.contains("60 seconds after you publish"), "{}", asked.body);
    let edition = desk.edition(version).await.to_string();
    let published = duty.post(&format!("/audiences/{version}/publish"), &[("edition", &edition)]).await;
    let page = published.location().expect("the alert's page").to_owned();

    assert!(duty.get(&page).await.body.contains("in 60 seconds"));
    assert_eq!(reader.get(&page).await.status, 404);
    world.pass(SignedDuration::from_secs(30)).await;
    let call_back = format!("{page}/call-back");
    assert_eq!(duty.post(&call_back, &[("reason", " ")]).await.status, 422);
    assert_eq!(duty.post(&call_back, &[("reason", "The wrong region")]).await.status, 303);
    world.pass(SignedDuration::from_hours(72)).await;
    assert!(world.post.to("lead@trust.example").is_empty());
    assert_eq!(reader.get(&page).await.status, 404);
    for left in [
        count(&world, sql!("SELECT count(*) FROM response")).await,
        count(&world, sql!("SELECT count(*) FROM response_count")).await,
        count(&world, sql!("SELECT count(*) FROM clock")).await,
    ] {
        assert_eq!(left, 0);
    }
    // The version is approved again, and can be published after all; then it is too late.
    let again = desk.publish(version, Answers::Anew).await;
    world.pass(MINUTE).await;
    assert_eq!(world.post.to("lead@trust.example").len(), 1);
    let late = duty.post(&format!("/alerts/{again}/call-back"), &[("reason", "Too late")]).await;
    assert_eq!(late.status, 409);
    assert_eq!(reader.get(&format!("/alerts/{again}")).await.status, 200);
}

#[tokio::test]
async fn what_is_published_is_what_was_read() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let duty = world.signed_in(world.person("Duty", Role::DutyManager, None).await).await;
    let version = desk.approved(&wording("Read"), &everybody()).await;
    let read = desk.edition(version).await.to_string();
    // While the page is open it is edited, and somebody else approves it again.
    let mut tx = world.app.write().await.unwrap();
    let edition: i64 = read.parse().unwrap();
    advisory::edit(&mut tx, &desk.analyst, version, edition, &wording("Unread")).await.unwrap();
    tx.commit().await.unwrap();
    desk.approve(version).await;
    let path = format!("/audiences/{version}/publish");
    assert_eq!(duty.post(&path, &[("edition", &read)]).await.status, 409);
    let edition = desk.edition(version).await.to_string();
    assert!(duty.get(&path).await.body.contains(&format!("name=\"edition\" value=\"{edition}\"")));
    assert_eq!(duty.post(&path, &[("edition", &edition)]).await.status, 303);
}

#[tokio::test]
async fn refusals_are_tried_again_and_their_fate_shows() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    world.post.refuse(Some(PostError::Later("451 come back later".to_owned())));
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    let client = world.signed_in(world.person("Reader", Role::Auditor, None).await).await;
    let page = client.get(&format!("/alerts/{alert}/deliveries?state=waiting")).await;
    assert!(page.body.contains("lead@trust.example") && page.body.contains("451 come back later"));
    world.post.refuse(None);
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(world.post.to("lead@trust.example").len(), 1);

    world.post.refuse(Some(PostError::Refused("550 no such mailbox".to_owned())));
    let second = desk.delivered(&wording("Another"), &everybody()).await;
    let page = client.get(&format!("/alerts/{second}/deliveries")).await;
    assert!(page.body.contains("550 no such mailbox"), "{}", page.body);
    let page = client.get(&format!("/alerts/{second}/deliveries?organisation=raa")).await;
    assert!(page.body.contains("lead@trust.example") && page.body.contains("550 no such mailbox"));
    let page = client.get(&format!("/alerts/{second}/deliveries?organisation=RBB")).await;
    assert!(!page.body.contains("lead@trust.example"), "{}", page.body);
    let fates = message::fates_about(&mut world.app.read().await.unwrap(), second.0).await.unwrap();
    assert_eq!((fates.failed, fates.sent, fates.waiting), (1, 0, 0));
}

#[tokio::test]
async fn whoever_was_told_is_told_of_a_withdrawal() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "The vendor was wrong.").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(24 * 15)).await;
    let subjects: Vec<_> =
        world.post.to("lead@trust.example").into_iter().map(|mail| mail.letter.subject).collect();
    assert_eq!(subjects, ["[CC-0001] High: Any", "[CC-0001] Withdrawn: Any"], "and no reminder");
    let reader = world.signed_in(world.person("Reader", Role::Viewer, Some(trust)).await).await;
    assert!(reader.get(&format!("/alerts/{alert}")).await.body.contains("The vendor was wrong."));
}

#[tokio::test]
async fn nobody_is_reminded_of_an_alert_that_was_withdrawn_while_the_reminder_was_on_its_way() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    world.post.refuse(Some(PostError::Later("451 come back later".to_owned())));
    world.pass(SignedDuration::from_hours(13)).await;
    let mut tx = world.app.write().await.unwrap();
    // A node has taken it and dies before it has sent it.
    let taken = sql!("UPDATE message SET state = 'sending', lease_until = ?1 WHERE state = 'waiting'");
    let now = tx.now;
    assert_eq!(tx.run(taken, params![now]).await.unwrap(), 1);
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "The vendor was wrong.").await.unwrap();
    tx.commit().await.unwrap();
    world.post.refuse(None);
    world.pass(SignedDuration::from_hours(24)).await;
    let subjects: Vec<_> =
        world.post.to("lead@trust.example").into_iter().map(|mail| mail.letter.subject).collect();
    assert_eq!(subjects, ["[CC-0001] High: Any", "[CC-0001] Withdrawn: Any"]);
}

#[tokio::test]
async fn an_update_takes_the_place_of_the_alert_before() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let other = world.organisation("RBB", "Other Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    contact(&world, other, "security_lead", "lead@other.example").await;
    let desk = Desk::open(&world).await;
    let first = desk.delivered(&wording("Any"), &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let statement = sql!("UPDATE response SET stage = 'closed' WHERE organisation_id = ?1");
    tx.run(statement, params![trust]).await.unwrap();
    let number = store::alert(&mut tx, first).await.unwrap().unwrap().number;
    tx.commit().await.unwrap();

    for (answers, stage) in [(Answers::Stand, "closed"), (Answers::Anew, "unacknowledged")] {
        let version = desk.update(number).await;
        let mut tx = world.app.read().await.unwrap();
        let advisory = store::alert(&mut tx, first).await.unwrap().unwrap().advisory_id;
        let before = store::newest(&mut tx, advisory).await.unwrap().unwrap();
        drop(tx);
        desk.approve(version).await;
        world.pass(SignedDuration::from_hours(1)).await;
        let second = desk.publish(version, answers).await;
        // Until it is delivered the one before stands, also for those who answer it now.
        let mut snapshot = world.app.read().await.unwrap();
        assert_eq!(store::alert(&mut snapshot, before.id).await.unwrap().unwrap().state, State::InForce);
        drop(snapshot);
        world.pass(MINUTE).await;
        let mut snapshot = world.app.read().await.unwrap();
        assert_eq!(store::alert(&mut snapshot, before.id).await.unwrap().unwrap().state, State::Superseded);
        let stages = sql!("SELECT stage FROM response WHERE alert_id = ?1 AND organisation_id = ?2");
        let (stands,): (String,) = snapshot.one(stages, params![second, trust]).await.unwrap();
        assert_eq!(stands, stage);
        let clocks = sql!(
            "SELECT count(*), min(started_at) FROM clock WHERE about_id = ?1 AND organisation_id = ?2
             AND next_due_at IS NOT NULL"
        );
        let (running, started): (i64, i64) = snapshot.one(clocks, params![second, other]).await.unwrap();
        let expected =
            if answers == Answers::Stand { before.issued_at } else { issued(&mut snapshot, second).await };
        assert_eq!((running, started), (2, expected.as_microsecond()));
        let old = sql!("SELECT count(*) FROM clock WHERE about_id = ?1 AND next_due_at IS NOT NULL");
        let (old,): (i64,) = snapshot.one(old, params![before.id]).await.unwrap();
        assert_eq!(old, 0);
        let mail = world.post.to("lead@other.example").pop().unwrap().letter;
        assert_eq!(mail.subject, "[CC-0001] Updated: High: Any");
        assert_eq!(mail.text.contains("What you have answered stands"), answers == Answers::Stand);
        let html = mail.html.unwrap();
        for text in [&mail.text, &html] {
            assert!(text.contains("What is new:") && text.contains("Changed: Threat details"), "{text}");
            assert!(!text.contains("More is known."), "the words themselves stay behind the sign-in: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_new_above_green_is_not_even_noted_beside_the_mail() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    for (tlp, noted) in [(formats::Tlp::Amber, 0), (formats::Tlp::Green, 1)] {
        let first = desk.delivered(&Wording { tlp, ..wording("Any") }, &everybody()).await;
        let number = store::alert(&mut world.app.read().await.unwrap(), first).await.unwrap().unwrap().number;
        let version = desk.update(number).await;
        desk.approve(version).await;
        let alert = desk.publish(version, Answers::Anew).await;
        world.pass(MINUTE).await;
        let statement = sql!(
            "SELECT count(*) FROM message WHERE about_id = ?1 AND state = 'sent'
             AND CAST(fields AS TEXT) LIKE '%Changed: Threat details%'"
        );
        let (count,): (i64,) = world.app.read().await.unwrap().one(statement, params![alert]).await.unwrap();
        assert_eq!(count, noted, "{tlp}");
        let mail = world.post.to("lead@trust.example").pop().unwrap().letter;
        assert_eq!(mail.text.contains("What is new:"), noted == 1, "{tlp}: {}", mail.text);
    }
}

async fn issued(snapshot: &mut db::Snapshot, alert: broadcast::alert::AlertId) -> jiff::Timestamp {
    store::alert(snapshot, alert).await.unwrap().unwrap().issued_at
}

#[tokio::test]
async fn an_alert_does_not_exist_for_those_whom_it_did_not_go_to() {
    let world = World::new(SERVICES).await;
    let inside = world.organisation("RAA", "Inside Trust", "trust").await;
    let outside = world.organisation("A81001", "Outside Practice", "gp_practice").await;
    let desk = Desk::open(&world).await;
    let mut trusts = everybody();
    trusts.parts[0].1 = vec!["trust".to_owned()];
    let alert = desk.delivered(&wording("Any"), &trusts).await;
    let path = format!("/alerts/{alert}");
    for (organisation, status) in [(inside, 200), (outside, 404)] {
        let person = world.person(&format!("Reader {status}"), Role::Responder, Some(organisation)).await;
        assert_eq!(world.signed_in(person).await.get(&path).await.status, status);
        let token = world.key(organisation, "alerts:read").await;
        let machine = world.machine(&token);
        assert_eq!(machine.get("/api/v1/alerts/CC-0001").await.status, status);
        let list = machine.get("/api/v1/alerts").await.json();
        assert_eq!(list["alerts"].as_array().unwrap().len(), usize::from(status == 200), "{list}");
    }
    // A learner at the same trust reads no alerts.
    let learner = actor(&world, "Learner", Role::Learner, Some(inside)).await;
    let mut snapshot = world.app.read().await.unwrap();
    assert!(store::visible(&mut snapshot, &learner, alert, world.now()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_ticket_system_is_told_what_changed_and_only_once() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("First"), &everybody()).await;
    let token = world.key(trust, "alerts:read").await;
    let machine = world.machine(&token);
    let list = machine.get("/api/v1/alerts").await.json();
    assert_eq!(list["alerts"][0]["said"]["title"], "First");
    assert_eq!(list["more"], false);
    let next = list["next"].as_str().unwrap().to_owned();
    let later = machine.get(&format!("/api/v1/alerts?after={next}")).await.json();
    assert_eq!((later["alerts"].as_array().unwrap().len(), later["next"].as_str()), (0, Some(next.as_str())));
    desk.delivered(&wording("Second"), &everybody()).await;
    let later = machine.get(&format!("/api/v1/alerts?after={next}")).await.json();
    assert_eq!(later["alerts"][0]["number"], "CC-0002");

    let one = machine.get("/api/v1/alerts/CC-0001").await;
    assert_eq!(one.json()["said"]["content"]["steps"][0]["text"], "Install the update.");
    assert!(one.headers.contains_key("etag"));
}
