//! The weekly bulletin: each mailbox is told once a week what concerns its own organisations and what
//! is for everybody, nobody is told what is another's, and a quiet week is quiet.

use std::collections::BTreeMap;

use broadcast::{
    advisory::{Severity, Wording},
    alert::{actions, store},
    audience::{Choices, Mode, Part},
    bulletin::{self, Issue},
    response::{self, Chosen},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use jiff::{SignedDuration, Timestamp, civil::Weekday};
use platform::{access::Role, job::Job, settings::Weekly};
use serde_json::json;
use testkit::{cut, world::World};

use crate::{
    issuing::{Desk, actor, answers_for, contact, everybody, wording},
    sector_in_hand::organisations,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A world that begins on Monday, 1 June, at 09:00 in London, and sends bulletins an hour later.
async fn world() -> World {
    World::with(SERVICES, |settings| settings.bulletin = Some(Weekly { day: Weekday::Monday, hour: 10 }))
        .await
}

/// Lets days pass, with the housekeeping that the process does each hour.
async fn pass(world: &World, duration: SignedDuration) {
    let end = world.now() + duration;
    while world.now() < end {
        bulletin::keep_up(&world.app).await.unwrap();
        world.pass(SignedDuration::from_hours(6).min(end.duration_since(world.now()))).await;
    }
}

fn bulletins(world: &World, address: &str) -> Vec<String> {
    let mails = world.post.to(address).into_iter();
    mails.filter(|mail| mail.letter.subject.starts_with("Weekly")).map(|mail| mail.letter.text).collect()
}

fn of(severity: Severity, tlp: Tlp, title: &str) -> Wording {
    Wording { severity, tlp, ..wording(title) }
}

fn only(kind: &str) -> Choices {
    Choices { mode: Some(Mode::MustRespond), parts: vec![(Part::Kind, vec![kind.to_owned()])] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_told_once_a_week_of_its_own_and_of_what_is_for_everybody() {
    let world = world().await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let board = world.organisation("QAA", "Board", "icb").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    contact(&world, trust, "deputy", "deputy@trust.example").await;
    contact(&world, board, "security_lead", "lead@board.example").await;
    for place in 0..3 {
        let practice =
            world.organisation(&format!("A8{place:04}"), &format!("Practice {place}"), "gp_practice").await;
        contact(&world, practice, "shared_mailbox", "it@practice.example").await;
        answers_for(&world, board, practice).await;
    }
    let desk = Desk::open(&world).await;
    pass(&world, DAY).await;
    assert!(bulletins(&world, "lead@trust.example").is_empty(), "a week in which nothing was published");
    let acknowledged = desk.delivered(&of(Severity::High, Tlp::Green, "Printers"), &only("trust")).await;
    desk.delivered(&of(Severity::High, Tlp::Amber, "Secret"), &only("trust")).await;
    desk.delivered(&of(Severity::High, Tlp::Red, "Hidden"), &only("trust")).await;
    desk.delivered(&of(Severity::High, Tlp::Green, "Practices"), &only("gp_practice")).await;
    let gone = desk.delivered(&of(Severity::Low, Tlp::Clear, "Mistake"), &only("trust")).await;
    desk.delivered(&of(Severity::Low, Tlp::Clear, "Everyone"), &only("trust")).await;
    let responder = actor(&world, "Rhys Responder", Role::Responder, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, acknowledged, &Chosen::All).await.unwrap();
    let number = store::alert(&mut tx, gone).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "Wrong").await.unwrap();
    tx.commit().await.unwrap();
    pass(&world, DAY * 8).await;

    let told = bulletins(&world, "lead@trust.example");
    assert_eq!(told.len(), 1);
    let told = &told[0];
    assert!(
        told.contains("[CC-0001] High: Printers\nIt is in hand and to be closed, by 16 June 2026"),
        "{told}"
    );
    assert!(told.contains("[CC-0002]\nhttp://carecert.test/alerts/"), "{told}");
    assert!(
        told.contains("[CC-0006] Low: Everyone") && !told.contains("For everybody"),
        "told as their own: {told}"
    );
    for word in ["Secret", "Hidden", "CC-0003", "Practices", "Mistake"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
    let told = bulletins(&world, "lead@board.example");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("[CC-0004] High: Practices\nIt waits to be acknowledged for 3 organisations"),
        "{told:?}"
    );
    assert!(told[0].contains("For everybody\n\n[CC-0006] Low: Everyone"), "{told:?}");
    assert!(!told[0].contains("Printers") && !told[0].contains("CC-0002"), "{told:?}");
    // Another answers for them, and a deputy does not cover.
    for silent in ["it@practice.example", "deputy@trust.example"] {
        assert!(bulletins(&world, silent).is_empty(), "{silent}");
    }
    pass(&world, DAY * 14).await;
    assert_eq!(bulletins(&world, "lead@trust.example").len(), 1, "quiet weeks");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_want_it_gets_none_and_quiet_hours_hold() {
    let world = world().await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let form = [
        ("medium-mail", "at_once"),
        ("low-mail", "at_once"),
        ("information_only-mail", "at_once"),
        ("digest-hour", "8"),
    ];
    let quiet = [("quiet-from", "09:30"), ("quiet-until", "17:00"), ("bulletin", "yes")];
    for (name, more) in [("Nia None", &quiet[..0]), ("Quinn Quiet", &quiet[..])] {
        let lead = world.person(name, Role::Lead, Some(trust)).await;
        let lead = world.signed_in(lead).await;
        let page = lead.get("/account/notifications").await.body;
        assert!(page.contains("Send the weekly bulletin") && page.contains("checked"), "{page}");
        let posted = lead.post("/account/notifications", &[&form[..], more].concat()).await;
        assert_eq!(posted.status, 303, "{}", posted.body);
        let page = lead.get("/account/notifications").await.body;
        assert_eq!(page.contains("value=\"yes\" checked"), !more.is_empty(), "{page}");
        let address = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        contact(&world, trust, "security_lead", &address).await;
    }
    let desk = Desk::open(&world).await;
    pass(&world, DAY).await;
    desk.delivered(&of(Severity::Low, Tlp::Green, "Any"), &everybody()).await;
    pass(&world, DAY * 6 - SignedDuration::from_hours(1)).await;
    pass(&world, SignedDuration::from_hours(3)).await;
    assert!(bulletins(&world, "quinn.quiet@example.org").is_empty(), "it is 11:00");
    pass(&world, DAY).await;
    assert_eq!(bulletins(&world, "quinn.quiet@example.org").len(), 1);
    assert!(bulletins(&world, "nia.none@example.org").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_twice_however_often_the_job_is_killed_or_run() {
    let world = world().await;
    for (place, trust) in organisations(&world, "T", "trust", 1_000).await.into_iter().enumerate() {
        contact(&world, trust, "security_lead", &format!("lead{place}@trust.example")).await;
    }
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&of(Severity::Low, Tlp::Green, "Any"), &everybody()).await;
    bulletin::keep_up(&world.app).await.unwrap();
    bulletin::keep_up(&world.app).await.unwrap();
    let number = async |statement| {
        world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
    };
    let jobs = sql!("SELECT count(*) FROM job WHERE kind = 'bulletin.issue'");
    assert_eq!(number(jobs).await, 1);
    world.app.env.advance(SignedDuration::from_hours(1));
    // Killed at one wait after another: whoever begins again queues what is missing. How often a run waits
    // depends on the engine; that the last mailboxes are missing is what every kill leaves behind.
    let due: Timestamp = "2026-06-01T09:00:00Z".parse().unwrap();
    let issue: Issue = serde_json::from_value(json!({ "at": due.as_microsecond() })).unwrap();
    let mut kills = 0;
    while cut::after(1 << kills, issue.run(world.app.clone())).await != cut::Cut::Finished {
        kills += 1;
    }
    let mut tx = world.app.write().await.unwrap();
    let last = sql!("DELETE FROM message WHERE kind = 'bulletin' AND address > 'lead5@trust.example'");
    assert!(tx.run(last, params![]).await.unwrap() > 100);
    tx.commit().await.unwrap();
    let (one, two) = tokio::join!(issue.run(world.app.clone()), issue.run(world.app.clone()));
    one.and(two).unwrap();
    let queued = sql!("SELECT count(*) FROM message WHERE kind = 'bulletin'");
    let mailboxes = sql!("SELECT count(DISTINCT address) FROM message WHERE kind = 'bulletin'");
    assert_eq!((number(queued).await, number(mailboxes).await), (1_000, 1_000));
    world.work().await;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for mail in world.post.mails().into_iter().filter(|mail| mail.letter.subject.starts_with("Weekly")) {
        *told.entry(mail.to).or_default() += 1;
    }
    assert_eq!((told.len(), told.values().max()), (1_000, Some(&1)), "{alert}");
    assert!(number(sql!("SELECT count(*) FROM log_entry WHERE verb = 'bulletin.issued'")).await >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulletin_that_is_days_late_is_left_out() {
    let world = world().await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    Desk::open(&world).await.delivered(&of(Severity::Low, Tlp::Clear, "Any"), &everybody()).await;
    bulletin::keep_up(&world.app).await.unwrap();
    world.app.env.advance(DAY * 4);
    world.work().await;
    assert!(bulletins(&world, "lead@trust.example").is_empty());
}
