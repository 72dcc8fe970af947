//! What an operator sees and decides: the figures of `/metrics`, and how long things are kept.

use std::collections::BTreeSet;

use broadcast::{
    response::{self, Chosen, Outcome, Said},
    sector::{self, Call},
};
use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    key::{self, Scope, actions::NewKey},
    metrics,
    organisation::{
        answering::actions::{self as answering, Terms},
        import,
    },
    retention::{self, Policy},
};
use testkit::world::World;

use crate::sector_in_hand::{actor, alert, contact, organisations, world};

/// The value of a figure.
fn figure(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).parse().unwrap()
}

#[tokio::test]
async fn what_waits_and_how_late_it_is_can_be_watched() {
    let world = world().await;
    let surgeries = organisations(&world, "A", "gp_practice", 3).await;
    let mut tx = world.app.write().await.unwrap();
    for (place, surgery) in surgeries.iter().enumerate() {
        contact(&mut tx, *surgery, "executive", &format!("exec{place}@a.example")).await;
    }
    tx.commit().await.unwrap();
    let asked = alert(&world, 1, "high", "green", &surgeries).await;
    let responder = actor(&world, "Rhys Responder", Role::Responder, surgeries[0]).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, asked, &Chosen::All).await.unwrap();
    let said = Said { outcome: Some(Outcome::RiskAccepted), ..Said::reason("It cannot be patched") };
    response::answer(&mut tx, &responder, asked, &Chosen::All, &said).await.unwrap();
    tx.commit().await.unwrap();
    // Nothing works: the first rung, 12 hours after issue, is an hour late.
    world.app.env.advance(SignedDuration::from_hours(13));
    metrics::gather(&world.app).await.unwrap();
    let page = world.visitor().get("/metrics").await.body;
    let urgent = r#"{channel="mail",lane="urgent"}"#;
    assert!((figure(&page, &format!("messages_waiting{urgent}")) - 1.0).abs() < f64::EPSILON, "{page}");
    let oldest = figure(&page, &format!("message_oldest_waiting_seconds{urgent}"));
    assert!((oldest - 13.0 * 3600.0).abs() < f64::EPSILON, "{oldest}");
    assert!(figure(&page, r#"messages_waiting{channel="mail",lane="bulk"}"#).abs() < f64::EPSILON);
    assert!((figure(&page, "log_unsealed_entries") - 2.0).abs() < f64::EPSILON, "{page}");
    assert!((figure(&page, "clock_lateness_seconds") - 3600.0).abs() < f64::EPSILON, "{page}");
    assert!(figure(&page, "database_readers_in_use") < 9.0);
    assert!(figure(&page, r#"jobs{state="dead"}"#).abs() < f64::EPSILON);
    assert!(!page.contains("a.example") && !page.contains("Surgery"), "{page}");

    // Durations can be added over nodes, and tell what stays below 25 ms.
    let page = world.visitor().get("/metrics").await.body;
    let bucket =
        |line: &str| line.starts_with("http_request_seconds_bucket{") && line.contains(r#"le="0.025""#);
    assert!(page.lines().any(bucket) && !page.contains("quantile"), "{page}");

    // Scraping asks nothing of the database: what was gathered stands.
    world.work().await;
    assert_eq!(world.visitor().get("/metrics").await.body.matches("log_unsealed_entries 2").count(), 1);
    metrics::gather(&world.app).await.unwrap();
    let page = world.visitor().get("/metrics").await.body;
    for name in [
        "messages_waiting{channel=\"mail\",lane=\"urgent\"}",
        "clock_lateness_seconds",
        "log_unsealed_entries",
    ] {
        assert!(figure(&page, name).abs() < f64::EPSILON, "{name}: {page}");
    }
}

#[tokio::test]
async fn the_policy_names_exactly_what_is_forgotten() {
    let rules: BTreeSet<_> =
        SERVICES.iter().flat_map(|service| service.retention).map(|rule| rule.name).collect();
    let policy = Policy::shipped();
    assert_eq!(policy.names().collect::<BTreeSet<_>>(), rules);
    let count = SERVICES.iter().map(|service| service.retention.len()).sum::<usize>();
    assert_eq!(rules.len(), count, "each once");
}

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

#[tokio::test]
async fn clocks_call_notes_and_drafts_go_in_their_time() {
    let world = world().await;
    let surgeries = organisations(&world, "A", "gp_practice", 2).await;
    let asked = alert(&world, 1, "high", "green", &surgeries).await;
    let responder = actor(&world, "Rhys Responder", Role::Responder, surgeries[0]).await;
    let duty = crate::issuing::actor(&world, "Dee Manager", Role::DutyManager, None).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, asked, &Chosen::All).await.unwrap();
    let note = "Spoke to Sam";
    let call = Call { alert: asked, organisation: surgeries[1], outcome: sector::Outcome::Reached, note };
    sector::ring(&mut tx, &duty, &call).await.unwrap();
    tx.commit().await.unwrap();
    let person = world.person("Dora Drafter", Role::Responder, Some(surgeries[1])).await;
    let drafter = world.signed_in(person).await;
    let choice =
        [("mode", "only"), ("tick", &surgeries[1].to_string()), ("shown", &surgeries[1].to_string())];
    let path = format!("/alerts/{asked}/respond/organisations");
    assert_eq!(drafter.post(&path, &choice).await.status, 303);

    let stopped = sql!("SELECT count(*) FROM clock WHERE stopped_at IS NOT NULL");
    let running = sql!("SELECT count(*) FROM clock WHERE stopped_at IS NULL");
    let notes = sql!("SELECT count(*) FROM ring WHERE note <> ''");
    let drafts =
        sql!("SELECT (SELECT count(*) FROM response_draft) + (SELECT count(*) FROM response_choice)");
    let open = number(&world, running).await;
    assert_eq!(
        (number(&world, stopped).await, number(&world, notes).await, number(&world, drafts).await),
        (1, 1, 2)
    );
    for (days, left) in [(29, (1, 1, 2)), (2, (1, 1, 0)), (333, (1, 1, 0)), (2, (0, 0, 0))] {
        world.app.env.advance(SignedDuration::from_hours(24 * days));
        retention::sweep(&world.app, &Policy::shipped()).await.unwrap();
        let now = (number(&world, stopped).await, number(&world, notes).await, number(&world, drafts).await);
        assert_eq!(now, left, "after {days} more days");
    }
    assert_eq!(number(&world, running).await, open, "what runs is not forgotten");
    assert_eq!(number(&world, sql!("SELECT count(*) FROM ring")).await, 1, "that it was rung stays");
}

#[tokio::test]
async fn a_link_that_a_list_shortens_ends_the_keys_that_stand_on_it() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    let here = Actor::Job("test");
    let mut tx = world.app.write().await.unwrap();
    let terms = Terms { from: tx.now, until: None, note: String::new() };
    answering::add(&mut tx, &here, practice, "QAA", &terms).await.unwrap();
    let new = NewKey {
        form: None,
        name: "Tickets".to_owned(),
        organisation: Some(board),
        scopes: vec![Scope::ReadOrganisations],
        days: 90,
        stands_for: vec![practice],
    };
    let (_, token) = key::actions::create(&mut tx, &here, &new).await.unwrap();
    tx.commit().await.unwrap();
    let machine = world.machine(&token);
    let list = "answering,organisation,until\nQAA,A81001,2026-06-03\n";
    let bytes = std::sync::atomic::AtomicU64::new(0);
    let on_progress = |done| bytes.store(done, std::sync::atomic::Ordering::SeqCst);
    let report = import::answers(&world.app, &here, list.as_bytes(), "a.csv", &on_progress).await.unwrap();
    assert_eq!((report.changed, report.refused), (1, 0), "{report:?}");
    assert_eq!(bytes.into_inner(), list.len() as u64, "the bar came to its end");

    // The last day is still the board's.
    world.app.env.advance(SignedDuration::from_hours(48));
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, 200);
    world.app.env.advance(SignedDuration::from_hours(24));
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, 404);
}
