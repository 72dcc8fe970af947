//! Jobs and messages: done, tried again, given up, taken over; never lost.

use std::sync::atomic::{AtomicU32, Ordering};

use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor, App, Service,
    job::{self, Failure, Job, Lane, Patience, State, Tick, When},
    message::{self, Draft, Letter, PostError},
    retention,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use testkit::world::World;

/// What these jobs do is counted by their name; each test uses its own.
#[derive(Serialize, Deserialize)]
struct Count {
    fails: bool,
}

static DONE: AtomicU32 = AtomicU32::new(0);

impl Job for Count {
    const NAME: &'static str = "count";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, _: App) -> Result<(), Failure> {
        if self.fails {
            return Err(Failure("it does not want to".to_owned()));
        }
        DONE.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Panics;

impl Job for Panics {
    const NAME: &'static str = "panics";
    const LANE: Lane = Lane::Urgent;

    async fn run(self, _: App) -> Result<(), Failure> {
        panic!("on purpose")
    }
}

#[derive(Serialize, Deserialize)]
struct Endless;

impl Job for Endless {
    const NAME: &'static str = "endless";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, _: App) -> Result<(), Failure> {
        std::future::pending().await
    }
}

#[derive(Serialize, Deserialize)]
struct QueuesTheNext;

impl Job for QueuesTheNext {
    const NAME: &'static str = "queues_the_next";
    const LANE: Lane = Lane::Elsewhere;
    const PATIENCE: Patience = Patience::Endless;

    async fn run(self, _: App) -> Result<(), Failure> {
        Err(Failure("it cannot".to_owned()))
    }
}

static TEST: Service = Service {
    name: "test",
    migrations: &[],
    routes: Vec::new,
    navigation: |_: &Actor| Vec::new(),
    jobs: &[
        job::Kind::of::<Count>(),
        job::Kind::of::<Panics>(),
        job::Kind::of::<Endless>(),
        job::Kind::of::<QueuesTheNext>(),
    ],
    messages: &[message::Kind {
        name: "note",
        render: |_, to_render| {
            Box::pin(async move {
                let words = to_render.fields["words"].as_str().unwrap_or_default().to_owned();
                Ok(Letter { subject: words.clone(), text: words, html: None })
            })
        },
    }],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[],
    panels: &[],
    waiting: &[],
    shift: &[],
};

const SERVICES: &[&Service] = &[&platform::SERVICE, &TEST];

async fn queue<J: Job>(world: &World, job: &J, when: When) {
    let mut tx = world.app.write().await.expect("a write begins");
    job::enqueue(&mut tx, job, when).await.expect("queued");
    tx.commit().await.expect("a commit");
}

async fn counts(world: &World) -> (i64, i64, i64) {
    let counts = job::counts(&mut world.app.read().await.expect("a read")).await.expect("counts");
    (counts.waiting, counts.running, counts.dead)
}

#[tokio::test]
async fn a_job_waits_for_its_moment_runs_once_and_is_gone() {
    let world = World::new(SERVICES).await;
    let later = world.now() + SignedDuration::from_mins(10);
    let when = When { not_before: Some(later), key: Some("the same".to_owned()) };
    queue(&world, &Count { fails: false }, when.clone()).await;
    queue(&world, &Count { fails: false }, when).await;
    assert_eq!(counts(&world).await, (1, 0, 0), "the same key is queued once");
    world.work().await;
    assert_eq!(counts(&world).await, (1, 0, 0));
    let before = DONE.load(Ordering::SeqCst);
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(DONE.load(Ordering::SeqCst), before + 1);
    assert_eq!(counts(&world).await, (0, 0, 0));
}

#[tokio::test]
async fn a_failing_job_is_tried_eight_times_and_then_waits_for_a_person() {
    let world = World::new(SERVICES).await;
    queue(&world, &Count { fails: true }, When::default()).await;
    queue(&world, &Panics, When::default()).await;
    world.pass(SignedDuration::from_hours(12)).await;
    assert_eq!(counts(&world).await, (0, 0, 2));
    let mut snapshot = world.app.read().await.expect("a read");
    let dead = job::list(&mut snapshot, State::Dead, None).await.expect("the dead list");
    drop(snapshot);
    assert!(dead.iter().all(|job| job.attempts == 8));
    assert!(dead.iter().any(|job| job.last_error.as_deref() == Some("it does not want to")));
    let mut tx = world.app.write().await.expect("a write begins");
    assert!(job::retry(&mut tx, dead[0].id).await.expect("retried"));
    assert!(!job::retry(&mut tx, dead[0].id).await.expect("no longer dead"));
    tx.commit().await.expect("a commit");
    assert_eq!(counts(&world).await, (1, 0, 1));
}

#[tokio::test]
async fn a_job_that_queues_the_next_of_its_kind_is_never_given_up() {
    let world = World::new(SERVICES).await;
    queue(&world, &QueuesTheNext, When::default()).await;
    world.pass(SignedDuration::from_hours(12)).await;
    assert_eq!(counts(&world).await, (1, 0, 0));
    let waiting = job::list(&mut world.app.read().await.expect("a read"), State::Waiting, None).await;
    assert!(waiting.expect("the list")[0].attempts > 8);
}

#[tokio::test]
async fn a_job_of_a_dead_worker_is_taken_over_when_its_lease_ends() {
    let world = World::new(SERVICES).await;
    queue(&world, &Count { fails: false }, When::default()).await;
    let mut tx = world.app.write().await.expect("a write begins");
    let lease = tx.now + SignedDuration::from_mins(5);
    let taken = sql!("UPDATE job SET state = 'running', attempts = 1, lease_until = ?1");
    tx.run(taken, params![lease]).await.expect("taken by somebody who dies");
    tx.commit().await.expect("a commit");
    assert_eq!(job::run_due(&world.app, Lane::Bulk, 5).await.expect("a turn"), Tick::default());
    world.app.env.advance(SignedDuration::from_mins(5));
    assert_eq!(job::run_due(&world.app, Lane::Bulk, 5).await.expect("a turn").taken, 1);
    assert_eq!(counts(&world).await, (0, 0, 0));
}

#[tokio::test]
async fn a_job_that_this_node_does_not_know_is_left_for_a_newer_one() {
    let world = World::new(SERVICES).await;
    queue(&world, &Count { fails: false }, When::default()).await;
    let mut tx = world.app.write().await.expect("a write begins");
    tx.run(sql!("UPDATE job SET kind = 'of_tomorrow'"), params![]).await.expect("renamed");
    tx.commit().await.expect("a commit");
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(counts(&world).await, (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_returns_what_has_not_finished() {
    let world = World::new(SERVICES).await;
    queue(&world, &Endless, When::default()).await;
    let stop = world.app.stop.clone();
    let (turn, ()) = tokio::join!(job::run_due(&world.app, Lane::Bulk, 5), async {
        stop.finish();
        stop.end();
    });
    turn.expect("a turn");
    assert_eq!(counts(&world).await, (1, 0, 0));
    let mut snapshot = world.app.read().await.expect("a read");
    let waiting = job::list(&mut snapshot, State::Waiting, None).await.expect("a list");
    assert_eq!(waiting[0].attempts, 0, "a stop is not the job's failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_long_holds_up_no_other() {
    let world = World::new(SERVICES).await;
    queue(&world, &Endless, When::default()).await;
    let app = world.app.clone();
    let turn = tokio::spawn(async move { job::run_due(&app, Lane::Bulk, 2).await });
    while counts(&world).await != (0, 1, 0) {
        tokio::task::yield_now().await;
    }
    queue(&world, &Count { fails: true }, When::default()).await;
    let tries = sql!("SELECT CAST(sum(attempts) AS BIGINT) FROM job WHERE state = 'waiting'");
    while world
        .app
        .read()
        .await
        .expect("a read")
        .one::<(Option<i64>,)>(tries, params![])
        .await
        .expect("tries")
        != (Some(1),)
    {
        tokio::task::yield_now().await;
    }
    world.app.stop.finish();
    world.app.stop.end();
    assert_eq!(turn.await.expect("a task").expect("a turn").taken, 2);
}

fn note(key: &str) -> Draft {
    Draft {
        kind: "note",
        lane: Lane::Bulk,
        address: "it@trust.example".to_owned(),
        person: None,
        contact: None,
        organisation: None,
        about: ("test", None),
        fields: json!({ "words": "Bore da" }),
        not_before: None,
        key: key.to_owned(),
    }
}

async fn send(world: &World, draft: &Draft) {
    let mut tx = world.app.write().await.expect("a write begins");
    message::queue(&mut tx, draft).await.expect("queued");
    tx.commit().await.expect("a commit");
}

async fn state(world: &World) -> (String, i64, Option<String>) {
    let statement = sql!("SELECT state, attempts, last_error FROM message");
    world.app.read().await.expect("a read").one(statement, params![]).await.expect("one message")
}

#[tokio::test]
async fn a_message_is_queued_once_and_sent_once() {
    let world = World::new(SERVICES).await;
    send(&world, &note("a")).await;
    send(&world, &note("a")).await;
    world.work().await;
    world.work().await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].letter.subject.as_str()), ("it@trust.example", "Bore da"));
    assert_eq!(state(&world).await, ("sent".to_owned(), 1, None));
}

#[tokio::test]
async fn a_refused_message_fails_and_a_postponed_one_is_tried_for_hours() {
    let world = World::new(SERVICES).await;
    world.post.refuse(Some(PostError::Refused("no such mailbox".to_owned())));
    send(&world, &note("a")).await;
    world.work().await;
    assert_eq!(state(&world).await, ("failed".to_owned(), 1, Some("no such mailbox".to_owned())));

    let world = World::new(SERVICES).await;
    world.post.refuse(Some(PostError::Later("greylisted".to_owned())));
    send(&world, &note("a")).await;
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(state(&world).await.0, "waiting");
    world.post.refuse(None);
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(state(&world).await.0, "sent");
    assert_eq!(world.post.mails().len(), 1);
}

#[tokio::test]
async fn a_message_of_a_dead_worker_is_sent_again_under_the_same_id() {
    let world = World::new(SERVICES).await;
    send(&world, &note("a")).await;
    world.work().await;
    let mut tx = world.app.write().await.expect("a write begins");
    let lease = tx.now + SignedDuration::from_mins(5);
    // Sent, but the process died before it could note so.
    let died = sql!("UPDATE message SET state = 'sending', lease_until = ?1");
    tx.run(died, params![lease]).await.expect("as if it had died");
    tx.commit().await.expect("a commit");
    world.pass(SignedDuration::from_mins(5)).await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].id, mails[1].id);
}

#[tokio::test]
async fn old_messages_are_forgotten_and_their_counts_stay() {
    let world = World::new(SERVICES).await;
    let about: db::macro_support::Uuid = world.app.env.id();
    send(&world, &Draft { about: ("test", Some(about)), ..note("old") }).await;
    world.work().await;
    world.app.env.advance(SignedDuration::from_hours(24 * 181));
    send(&world, &Draft { about: ("test", Some(about)), ..note("new") }).await;
    world.work().await;
    let policy = retention::Policy::shipped();
    assert_eq!(retention::sweep(&world.app, &policy).await.expect("a sweep"), 1);
    assert_eq!(retention::sweep(&world.app, &policy).await.expect("a sweep"), 0);
    let fates =
        message::fates_about(&mut world.app.read().await.expect("a read"), about).await.expect("fates");
    assert_eq!((fates.sent, fates.waiting), (2, 0));
}

#[tokio::test]
async fn who_an_ended_contact_was_is_forgotten_after_a_month() {
    let world = World::new(SERVICES).await;
    let organisation = world.organisation("RWA", "Trust", "trust").await;
    let mut tx = world.app.write().await.expect("a write begins");
    let (id, now): (db::macro_support::Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO contact (id, organisation_id, role, kind, name, email, from_at, until_at, version)
         VALUES (?1, ?2, 'deputy', 'person', 'Ann Gone', 'ann@trust.example', ?3, ?3, 1)"
    );
    tx.run(statement, params![id, organisation, now]).await.expect("a contact");
    tx.commit().await.expect("a commit");
    let policy = retention::Policy::shipped();
    assert_eq!(retention::sweep(&world.app, &policy).await.expect("a sweep"), 0);
    world.app.env.advance(SignedDuration::from_hours(24 * 31));
    assert_eq!(retention::sweep(&world.app, &policy).await.expect("a sweep"), 1);
    let kept = sql!("SELECT name, email FROM contact");
    let kept: (String, Option<String>) =
        world.app.read().await.expect("a read").one(kept, params![]).await.expect("it is still there");
    assert_eq!(kept, (String::new(), None));
}
