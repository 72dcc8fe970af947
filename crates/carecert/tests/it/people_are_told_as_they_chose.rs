//! Preferences, quiet hours and the daily digest: nobody is told twice, High ignores all, and a
//! digest tells what still stands, at its marking.

use broadcast::{
    advisory::{Severity, Wording},
    alert::{AlertId, actions, store},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use jiff::SignedDuration;
use platform::{access::Role, message::PostError, organisation::OrganisationId};
use testkit::world::World;

use crate::issuing::{Desk, contact, everybody, wording};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MAILBOX: &str = "lena.lead@example.org";

fn of(severity: Severity, title: &str) -> Wording {
    Wording { severity, ..wording(title) }
}

/// A trust, and the form that its lead has filled in with `fields` over the defaults.
async fn chose(world: &World, fields: &[(&str, &str)]) -> OrganisationId {
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    contact(world, trust, "security_lead", MAILBOX).await;
    let answer = world.signed_in(lead).await.post("/account/notifications", &form(fields)).await;
    assert_eq!(answer.location(), Some("/account/notifications?saved=yes"), "{}", answer.body);
    trust
}

/// The form with `fields` over the defaults.
pub fn form<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("medium-mail", "at_once"),
        ("low-mail", "at_once"),
        ("information_only-mail", "at_once"),
        ("digest-hour", "8"),
    ];
    all.retain(|(name, _)| fields.iter().all(|(field, _)| field != name));
    all.extend(fields);
    all
}

fn subjects(world: &World) -> Vec<String> {
    world.post.to(MAILBOX).into_iter().map(|mail| mail.letter.subject).collect()
}

async fn withdraw(world: &World, desk: &Desk<'_>, alert: AlertId) {
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "Wrong").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;
}

#[tokio::test]
async fn a_digest_tells_each_thing_once_as_it_stands() {
    let world = World::new(SERVICES).await;
    let trust = chose(&world, &[("medium-mail", "digest"), ("low-mail", "never")]).await;
    let desk = Desk::open(&world).await;
    let open = desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    let answered = desk.delivered(&of(Severity::Medium, "Scanners"), &everybody()).await;
    let gone = desk.delivered(&of(Severity::Medium, "Mistake"), &everybody()).await;
    desk.delivered(&of(Severity::Low, "Trifle"), &everybody()).await;
    let amber = Wording { tlp: Tlp::Amber, ..of(Severity::Medium, "Hidden") };
    desk.delivered(&amber, &everybody()).await;
    withdraw(&world, &desk, gone).await;
    // As under a policy that asks for an answer at Medium too, and one of the two was given.
    let mut tx = world.app.write().await.unwrap();
    for (alert, stage) in [(open, "unacknowledged"), (answered, "in_progress")] {
        let statement = sql!("UPDATE response SET stage = ?2 WHERE alert_id = ?1 AND organisation_id = ?3");
        tx.run(statement, params![alert, stage, trust]).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.pass(HOUR * 12).await;
    assert_eq!(subjects(&world), [""; 0]);

    // 08:00 the next day; then days without anything new.
    world.pass(HOUR * 12).await;
    assert_eq!(subjects(&world), ["Daily digest from Test CSOC"]);
    let text = world.post.to(MAILBOX)[0].letter.text.clone();
    assert!(text.contains("[CC-0001] Medium: Printers\nNew. It is not acknowledged yet.\n"), "{text}");
    assert!(text.contains("[CC-0002] Medium: Scanners\nNew.") && !text.contains("Mistake"), "{text}");
    assert_eq!(text.matches("not acknowledged yet").count(), 1, "{text}");
    assert!(text.contains("[CC-0005]\nhttp://carecert.test/alerts/") && !text.contains("Hidden"), "{text}");
    assert!(!text.contains("Trifle"), "{text}");
    world.pass(HOUR * 72).await;
    assert_eq!(subjects(&world).len(), 1);

    // What is told by a digest counts as told: its withdrawal is told too, by the next.
    let fresh = desk.delivered(&of(Severity::Medium, "Switches"), &everybody()).await;
    world.pass(HOUR * 24).await;
    withdraw(&world, &desk, fresh).await;
    world.pass(HOUR * 24).await;
    let texts: Vec<_> = world.post.to(MAILBOX).into_iter().map(|mail| mail.letter.text).collect();
    assert_eq!(texts.len(), 3);
    assert!(texts[1].contains("Medium: Switches\nNew.") && texts[2].contains("Switches\nWithdrawn"));
}

#[tokio::test]
async fn a_digest_that_could_not_leave_is_the_same_mail_again() {
    let world = World::new(SERVICES).await;
    chose(&world, &[("medium-mail", "digest")]).await;
    let desk = Desk::open(&world).await;
    desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    // Its hour has come and the digest is queued; what is new meanwhile waits for the next.
    world.post.refuse(Some(PostError::Later("the server is down".to_owned())));
    world.pass(HOUR * 24).await;
    desk.delivered(&of(Severity::Medium, "Switches"), &everybody()).await;
    let digests = sql!("SELECT count(*) FROM message WHERE kind = 'digest'");
    let (queued,): (i64,) = world.app.read().await.unwrap().one(digests, params![]).await.unwrap();
    assert_eq!((queued, subjects(&world).len()), (1, 0));
    world.post.refuse(None);
    world.pass(HOUR * 5).await;
    assert_eq!(subjects(&world).len(), 1);
    assert!(!world.post.to(MAILBOX)[0].letter.text.contains("Switches"));
    world.pass(HOUR * 24).await;
    let mails = world.post.to(MAILBOX);
    assert_eq!(mails.len(), 2);
    assert!(mails[1].letter.text.contains("Switches") && !mails[1].letter.text.contains("Printers"));
    let waiting = sql!("SELECT count(*) FROM message WHERE state IN ('waiting', 'sending')");
    let (waiting,): (i64,) = world.app.read().await.unwrap().one(waiting, params![]).await.unwrap();
    assert_eq!(waiting, 0);
}

#[tokio::test]
async fn quiet_hours_hold_all_back_but_high() {
    let world = World::new(SERVICES).await;
    chose(&world, &[("quiet-from", "08:30"), ("quiet-until", "12:00"), ("medium-mail", "at_once")]).await;
    let desk = Desk::open(&world).await;
    // 09:00 in London.
    desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    desk.delivered(&of(Severity::High, "Pumps"), &everybody()).await;
    assert_eq!(subjects(&world), ["[CC-0002] High: Pumps"]);
    world.pass(HOUR * 3).await;
    assert_eq!(subjects(&world), ["[CC-0002] High: Pumps", "[CC-0001] Medium: Printers"]);
}

#[tokio::test]
async fn a_form_is_refused_with_what_to_mend_and_high_cannot_be_switched_off() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    contact(&world, trust, "security_lead", MAILBOX).await;
    let client = world.signed_in(lead).await;
    for (fields, sentence) in [
        (vec![("medium-mail", "sometimes")], "Select how you are told of severity Medium"),
        (vec![("digest-hour", "24")], "Select when the digest is sent"),
        (vec![("quiet-from", "22:00")], "Enter when quiet hours end, like 07:00"),
        (vec![("quiet-from", "25:00"), ("quiet-until", "07:00")], "Enter when quiet hours begin"),
        (vec![("quiet-from", "07:00"), ("quiet-until", "07:00")], "must end at another time"),
        (vec![("quiet-from", "07:00"), ("quiet-until", "09:00")], "outside your quiet hours"),
    ] {
        let answer = client.post("/account/notifications", &form(&fields)).await;
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(answer.body.contains(sentence), "{fields:?}: {}", answer.body);
    }
    let answer = client.post("/account/notifications", &form(&[("high-mail", "never")])).await;
    assert_eq!(answer.location(), Some("/account/notifications?saved=yes"));
    let desk = Desk::open(&world).await;
    desk.delivered(&of(Severity::High, "Pumps"), &everybody()).await;
    assert_eq!(subjects(&world), ["[CC-0001] High: Pumps"]);
}

#[tokio::test]
async fn a_lead_chooses_for_their_own_mailboxes_alone() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let other = world.organisation("RBB", "Other", "trust").await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    let client = world.signed_in(lead).await;
    let own = contact(&world, trust, "shared_mailbox", "it@trust.example").await;
    let foreign = contact(&world, other, "shared_mailbox", "it@other.example").await;
    let person = contact(&world, trust, "security_lead", MAILBOX).await;
    let shared = contact(&world, trust, "shared_mailbox", "it@both.example").await;
    contact(&world, other, "shared_mailbox", "it@both.example").await;
    // Spelt otherwise it is the same mailbox, and another's.
    let spelt = contact(&world, trust, "shared_mailbox", "IT@Third.example").await;
    contact(&world, other, "shared_mailbox", "it@third.example").await;
    let new = contact(&world, trust, "shared_mailbox", "new@trust.example").await;
    let unconfirmed = sql!("UPDATE contact SET verified_at = NULL WHERE email = 'new@trust.example'");
    let mut tx = world.app.write().await.unwrap();
    tx.run(unconfirmed, params![]).await.unwrap();
    tx.commit().await.unwrap();
    let choices = [(own, 303), (foreign, 404), (person, 409), (shared, 409), (spelt, 409), (new, 409)];
    for (contact, status) in choices {
        let path = format!("/contacts/{contact}/notifications");
        let answer = client.post(&path, &form(&[("medium-mail", "never")])).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(client.get(&path).await.status, if status == 303 { 200 } else { status });
    }
    let desk = Desk::open(&world).await;
    desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    let mut told: Vec<_> = world.post.mails().into_iter().map(|mail| mail.to).collect();
    told.sort();
    let both = ["IT@Third.example", "it@both.example", "it@other.example", "it@third.example", MAILBOX];
    assert_eq!(told, both);
}
