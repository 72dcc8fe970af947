//! Two who act at the same moment, each in a transaction of their own: whoever comes second meets
//! what the first has left, and nothing that was said is lost.
//!
//! The first transaction is held open until the second waits for it; on SQLite, which has one
//! writer, it waits from the beginning.

use std::{collections::BTreeSet, future::Future};

use broadcast::{
    advisory::{self, AdvisoryError, State as Standing, VersionId, Wording},
    alert::{self, AlertError, AlertId, Answers, FanOut, State, store},
    audience::{self, Choices, Mode},
    response::{self, Chosen, ResponseError},
};
use carecert::SERVICES;
use db::{Engine, Statement, params, sql};
use jiff::SignedDuration;
use platform::{
    Actor, App, Tx,
    access::Role,
    account::{
        AccountError,
        actions::{self as people, Invitation},
    },
    job::{Failure, Job},
    log,
    organisation::contact::{self as contacts, ContactError, ContactKind, ContactRole, Details},
    work,
};
use testkit::world::World;
use tokio::task::JoinHandle;

use crate::issuing::{Desk, actor, contact, everybody, wording};
use crate::sector_in_hand::stages;

/// Not registered: SQLite has no such view.
static WAITING: Statement = Statement::new(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    file!(),
    line!(),
);

/// Begins `second` while `first` is open, commits `first` once `second` is done or waits for it,
/// and answers with what `second` came to.
async fn while_open<T: Send + 'static>(
    world: &World,
    first: Tx,
    second: impl Future<Output = T> + Send + 'static,
) -> T {
    let second = tokio::spawn(second);
    if world.app.db.engine() == Engine::Postgres {
        until_it_waits(world, &second).await;
    }
    first.commit().await.unwrap();
    second.await.unwrap()
}

async fn until_it_waits<T>(world: &World, second: &JoinHandle<T>) {
    for _ in 0..100_000 {
        let mut snapshot = world.app.read().await.unwrap();
        let (waiting,): (i64,) = snapshot.one(&WAITING, params![]).await.unwrap();
        if waiting > 0 || second.is_finished() {
            return;
        }
    }
    panic!("the second neither ends nor waits");
}

/// One action in a transaction of its own, kept if it was done.
macro_rules! alone {
    ($world:expr, $verb:path, $actor:expr, $($argument:expr),+) => {{
        let (app, actor): (App, Actor) = ($world.app.clone(), $actor.clone());
        async move {
            let mut tx = app.write().await.unwrap();
            let done = $verb(&mut tx, &actor, $($argument),+).await;
            if done.is_ok() {
                tx.commit().await.unwrap();
            }
            done
        }
    }};
}

async fn deliver(app: App, alert: AlertId) -> Result<(), Failure> {
    FanOut { alert }.run(app).await
}

async fn standing(world: &World, version: VersionId) -> advisory::Version {
    advisory::store::version(&mut world.app.read().await.unwrap(), version).await.unwrap().unwrap()
}

async fn alert_of(world: &World, alert: AlertId) -> alert::Alert {
    store::alert(&mut world.app.read().await.unwrap(), alert).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_said_while_an_update_comes_into_force_is_carried_over() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let rae = actor(&world, "Rae", Role::Responder, Some(trust)).await;
    let desk = Desk::open(&world).await;
    let before = desk.delivered(&wording("Any"), &everybody()).await;
    let number = alert_of(&world, before).await.number;
    let update = desk.update(number).await;
    desk.approve(update).await;
    let after = desk.publish(update, Answers::Stand).await;
    world.app.env.advance(SignedDuration::from_secs(61));

    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &rae, before, &Chosen::All).await.unwrap();
    while_open(&world, tx, deliver(world.app.clone(), after)).await.unwrap();
    let (rows, counts) = stages(&world, after).await;
    assert_eq!(rows, [("in_progress".to_owned(), 1)], "the acknowledgement stands");
    assert_eq!(rows, counts);

    // Who answers what is no longer in force is sent to what is.
    let late = alone!(world, response::acknowledge, rae, before, &Chosen::All).await;
    assert!(matches!(late, Err(ResponseError::Superseded)), "{late:?}");
}

#[tokio::test]
async fn what_is_said_after_most_was_carried_over_is_carried_over_too() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let rae = actor(&world, "Rae", Role::Responder, Some(trust)).await;
    let desk = Desk::open(&world).await;
    let before = desk.delivered(&wording("Any"), &everybody()).await;
    let number = alert_of(&world, before).await.number;
    let update = desk.update(number).await;
    desk.approve(update).await;
    let after = desk.publish(update, Answers::Stand).await;
    world.app.env.advance(SignedDuration::from_secs(61));

    // On SQLite they take turns: some is carried over, then Rae answers, then the update comes into
    // force. On PostgreSQL they meet as they will.
    let turn = world.app.write().await.unwrap();
    let delivery = tokio::spawn(deliver(world.app.clone(), after));
    tokio::task::yield_now().await;
    let answer = tokio::spawn(alone!(world, response::acknowledge, rae, before, &Chosen::All));
    tokio::task::yield_now().await;
    drop(turn);
    delivery.await.unwrap().unwrap();
    let answer = answer.await.unwrap();
    let (rows, counts) = stages(&world, after).await;
    let stage = if answer.is_ok() { "in_progress" } else { "unacknowledged" };
    assert_eq!(rows, [(stage.to_owned(), 1)], "{answer:?}");
    assert_eq!(rows, counts);
    if world.app.db.engine() == Engine::Sqlite {
        answer.expect("it was in force then");
    }
}

#[tokio::test]
async fn a_ticket_system_misses_no_change_whoever_commits_first() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let slow = desk.delivered(&wording("Slow"), &everybody()).await;
    let quick = desk.delivered(&wording("Quick"), &everybody()).await;
    let token = world.key(trust, "alerts:read").await;
    let machine = world.machine(&token);
    let read = async |query: &str| {
        let list = machine.get(&format!("/api/v1/alerts{query}")).await.json();
        let numbers = list["alerts"].as_array().unwrap().iter();
        let numbers: Vec<_> = numbers.map(|alert| alert["number"].as_str().unwrap().to_owned()).collect();
        (numbers, list["next"].as_str().unwrap_or_default().to_owned())
    };
    let (_, cursor) = read("").await;
    world.app.env.advance(SignedDuration::from_secs(1));

    let slow = alert_of(&world, slow).await.number;
    let quick = alert_of(&world, quick).await.number;
    let mut tx = world.app.write().await.unwrap();
    alert::actions::withdraw(&mut tx, &desk.duty, slow, "Wrong").await.unwrap();
    world.app.env.advance(SignedDuration::from_secs(1));
    let second = tokio::spawn(alone!(world, alert::actions::withdraw, desk.duty, quick, "Wrong too"));
    if world.app.db.engine() == Engine::Postgres {
        until_it_waits(&world, &second).await;
    }
    let (mut told, cursor) = read(&format!("?after={cursor}")).await;
    tx.commit().await.unwrap();
    second.await.unwrap().unwrap();
    told.extend(read(&format!("?after={cursor}")).await.0);
    assert_eq!(told, ["CC-0001", "CC-0002"]);
}

#[tokio::test]
async fn what_is_edited_meanwhile_is_neither_approved_nor_published() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.draft(&wording("Any"), &everybody()).await;
    let edition = desk.edition(version).await;
    alone!(world, advisory::actions::submit, desk.analyst, version, edition).await.unwrap();
    let in_review = edition + 1;

    let other = Wording { title: "Another".to_owned(), ..wording("Any") };
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::edit(&mut tx, &desk.analyst, version, in_review, &other).await.unwrap();
    let approved =
        while_open(&world, tx, alone!(world, advisory::actions::approve, desk.duty, version, in_review))
            .await;
    assert!(matches!(approved, Err(AdvisoryError::Overtaken)), "{approved:?}");
    assert_eq!(standing(&world, version).await.state, Standing::Draft);

    desk.approve(version).await;
    let approved = standing(&world, version).await;
    let choices = Choices { mode: Some(Mode::ForInformation), parts: Vec::new() };
    let mut tx = world.app.write().await.unwrap();
    audience::actions::choose(&mut tx, &desk.analyst, version, approved.edition, &choices).await.unwrap();
    let publish = alone!(world, alert::actions::publish, desk.duty, version, Answers::Anew);
    let published = while_open(&world, tx, publish).await;
    assert!(matches!(published, Err(AlertError::Advisory(_))), "{published:?}");
    assert_eq!(standing(&world, version).await.state, Standing::Draft);

    // The other way round: what is approved first stays as it was approved.
    let edition = desk.edition(version).await;
    alone!(world, advisory::actions::submit, desk.analyst, version, edition).await.unwrap();
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::approve(&mut tx, &desk.duty, version, edition + 1).await.unwrap();
    let other = wording("A third");
    let edit = alone!(world, advisory::actions::edit, desk.analyst, version, edition + 1, &other);
    let edited = while_open(&world, tx, edit).await;
    assert!(matches!(edited, Err(AdvisoryError::Overtaken)), "{edited:?}");
    assert_eq!(standing(&world, version).await.state, Standing::Approved);
}

#[tokio::test]
async fn a_version_is_published_once_and_an_alert_withdrawn_once() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let published = alert::actions::publish(&mut tx, &desk.duty, version, Answers::Anew).await.unwrap();
    let again = alone!(world, alert::actions::publish, desk.duty, version, Answers::Anew);
    let again = while_open(&world, tx, again).await;
    assert!(matches!(again, Err(AlertError::Advisory(_))), "{again:?}");
    let mut snapshot = world.app.read().await.unwrap();
    let (alerts,): (i64,) = snapshot.one(sql!("SELECT count(*) FROM alert"), params![]).await.unwrap();
    assert_eq!(alerts, 1);
    drop(snapshot);

    world.pass(SignedDuration::from_secs(61)).await;
    let number = alert_of(&world, published.alert).await.number;
    let mut tx = world.app.write().await.unwrap();
    alert::actions::withdraw(&mut tx, &desk.duty, number, "Wrong").await.unwrap();
    let again = alone!(world, alert::actions::withdraw, desk.duty, number, "Wrong");
    let again = while_open(&world, tx, again).await;
    assert!(matches!(again, Err(AlertError::Refused(_))), "{again:?}");
}

#[tokio::test]
async fn an_alert_is_called_back_or_delivered_but_not_both() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    let alert = desk.publish(version, Answers::Anew).await;
    world.app.env.advance(SignedDuration::from_secs(61));
    let mut tx = world.app.write().await.unwrap();
    alert::actions::call_back(&mut tx, &desk.duty, alert, "Wrong").await.unwrap();
    // Whether it is refused or finds nothing to do: nobody hears of it.
    let _ = while_open(&world, tx, deliver(world.app.clone(), alert)).await;
    world.work().await;
    assert_eq!(alert_of(&world, alert).await.state, State::CalledBack);
    assert!(world.post.mails().is_empty());
    assert_eq!(standing(&world, version).await.state, Standing::Approved);
}

#[tokio::test]
async fn of_two_colleagues_who_answer_one_is_told_of_the_other() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    let rae = actor(&world, "Rae", Role::Responder, Some(trust)).await;
    let lee = actor(&world, "Lee", Role::Lead, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &rae, alert, &Chosen::All).await.unwrap();
    let second = while_open(&world, tx, alone!(world, response::acknowledge, lee, alert, &Chosen::All)).await;
    match second {
        Err(ResponseError::Overtaken) => {}
        Ok(moved) => assert_eq!((moved.moved, moved.left), (0, 1)),
        other => panic!("{other:?}"),
    }
    let mut snapshot = world.app.read().await.unwrap();
    let events = sql!("SELECT count(*) FROM response_event WHERE alert_id = ?1");
    let (events,): (i64,) = snapshot.one(events, params![alert]).await.unwrap();
    assert_eq!(events, 1);
    drop(snapshot);
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, counts);
}

#[tokio::test]
async fn two_who_invite_the_same_person_both_meet_one() {
    let world = World::new(SERVICES).await;
    let (here, there) = (
        world.organisation("RAA", "Trust", "trust").await,
        world.organisation("RAB", "Other trust", "trust").await,
    );
    let mut leads = Vec::new();
    for (name, at) in [("Lee Here", here), ("Lou There", there)] {
        leads.push(actor(&world, name, Role::Lead, Some(at)).await);
    }
    let to = |organisation| Invitation {
        email: "Nia.New@example.org".to_owned(),
        name: "Nia New".to_owned(),
        role: Role::Responder,
        organisation: Some(organisation),
    };
    let invited = |by: &Actor, who: Invitation| {
        let (app, by) = (world.app.clone(), by.clone());
        async move {
            let mut tx = app.write().await.unwrap();
            let invited = people::invite(&mut tx, &by, &who).await;
            if invited.is_ok() {
                tx.commit().await.unwrap();
            }
            invited
        }
    };
    let mut tx = world.app.write().await.unwrap();
    let first = people::invite(&mut tx, &leads[0], &to(here)).await.unwrap();
    let second = while_open(&world, tx, invited(&leads[1], to(there))).await.unwrap();
    assert_eq!(first, second, "one person, with a role at each");

    // The same role twice: the second is told, whether the person is new or known.
    for email in ["nia.new@example.org", "ned.newer@example.org"] {
        let who = Invitation { email: email.to_owned(), role: Role::Viewer, ..to(here) };
        let mut tx = world.app.write().await.unwrap();
        people::invite(&mut tx, &leads[0], &who).await.unwrap();
        let again = while_open(&world, tx, invited(&leads[0], who)).await;
        assert!(matches!(again, Err(AccountError::RoleHeld)), "{again:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_changed_while_its_owner_confirms_it_is_not_confirmed() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let named = |email: &str| Details {
        role: ContactRole::SecurityLead,
        kind: ContactKind::Person,
        name: "Sam".to_owned(),
        email: Some(email.to_owned()),
        telephone: None,
    };
    let here = Actor::Job("test");
    let added = alone!(world, contacts::actions::add, here, trust, &named("sam@trust.example"));
    let contact = added.await.unwrap();
    world.work().await;
    let mail = world.post.to("sam@trust.example").pop().unwrap().letter.text;
    let token = mail.split("/confirm-address/").nth(1).unwrap().lines().next().unwrap().to_owned();
    let mut tx = world.app.write().await.unwrap();
    contacts::actions::change(&mut tx, &here, contact, 1, &named("other@trust.example")).await.unwrap();
    let app = world.app.clone();
    let confirmed = while_open(&world, tx, async move {
        let mut tx = app.write().await.unwrap();
        let confirmed = contacts::actions::confirm(&mut tx, &token).await;
        if confirmed.is_ok() {
            tx.commit().await.unwrap();
        }
        confirmed
    });
    assert!(matches!(confirmed.await, Err(ContactError::LinkEnded)));
    let mut snapshot = world.app.read().await.unwrap();
    let there = contacts::store::find(&mut snapshot, contact, world.now()).await.unwrap().unwrap();
    assert_eq!((there.email.as_deref(), there.verified_at), (Some("other@trust.example"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_nodes_do_everything_once() {
    let world = World::new(SERVICES).await;
    for number in 0..300 {
        let trust = world.organisation(&format!("R{number:03}"), "Trust", "trust").await;
        contact(&world, trust, "security_lead", &format!("lead{number}@trust.example")).await;
    }
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    desk.publish(version, Answers::Anew).await;
    // Delivery after a minute; after twelve hours who has not acknowledged is reminded.
    for (passes, mails) in [(SignedDuration::from_secs(61), 300), (SignedDuration::from_hours(12), 600)] {
        world.app.env.advance(passes);
        let [first, second, third, fourth] = std::array::from_fn(|_| work::all_due(&world.app));
        let nodes = tokio::join!(first, second, third, fourth);
        for node in [nodes.0, nodes.1, nodes.2, nodes.3] {
            node.unwrap();
        }
        world.work().await;
        let sent = world.post.mails();
        let distinct: BTreeSet<_> = sent.iter().map(|mail| mail.id.0).collect();
        assert_eq!((sent.len(), distinct.len()), (mails, mails), "each once");
    }
    let mut snapshot = world.app.db.read_long().await.unwrap();
    let tried = sql!("SELECT count(*) FROM message WHERE attempts <> 1");
    let (tried,): (i64,) = snapshot.one(tried, params![]).await.unwrap();
    assert_eq!(tried, 0);
    let report = log::verify(&mut snapshot, world.now(), None).await.unwrap();
    assert_eq!((report.finding, report.unsealed), (None, 0));
}
