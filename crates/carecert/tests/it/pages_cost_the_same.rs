//! What a page costs is a fixed number of statements, however many organisations, alerts and
//! threats there are.

use broadcast::{
    response::{self, Chosen},
    sighting::Seen,
};
use formats::Tlp;
use platform::access::Role;
use testkit::world::{Client, World};

use crate::{
    furnished_incidents,
    furnished_questions::{asked, entry, published},
    furnished_sightings::{report, reported},
    issuing,
    sector_in_hand::{actor, alert, answers_for, contact, organisations, world},
};

/// The statements that each page runs, in an installation of `many` of everything.
async fn costs(many: usize) -> Vec<(String, u64)> {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", many).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices[1..]).await;
    let mut tx = world.app.write().await.unwrap();
    for practice in &practices {
        contact(&mut tx, *practice, "security_lead", &format!("lead@{practice}.example")).await;
    }
    tx.commit().await.unwrap();
    let mut alerts = Vec::new();
    for number in 1..=many {
        alerts.push(alert(&world, i64::try_from(number).unwrap(), "high", "green", &practices).await);
    }
    let newest = *alerts.last().unwrap();
    let ray = actor(&world, "Ray Board", Role::Responder, board).await;
    let analyst = issuing::actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let ask = async |place: usize| {
        let question = asked(&world, &ray, newest, &format!("A{place:04}"), "Is it?").await;
        published(&world, &analyst, question, &entry(Tlp::Green, "Is it?")).await;
    };
    for place in 1..many {
        ask(place).await;
    }
    let mut tx = world.app.write().await.unwrap();
    for alert in alerts.iter().skip(1).step_by(2) {
        response::acknowledge(&mut tx, &ray, *alert, &Chosen::All).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.pass(jiff::SignedDuration::from_hours(50)).await;

    for place in 1..many {
        reported(&world, &ray, &format!("A{place:04}"), &report(Seen::Money)).await;
    }
    // The first page of the log names the same kinds of things, however many there are.
    ask(1).await;

    let ray = world.signed_in(ray.person().unwrap().id).await;
    let duty = world.person("Dee Manager", Role::DutyManager, None).await;
    let duty = world.signed_in(duty).await;
    let auditor = world.person("Agnes Auditor", Role::Auditor, None).await;
    let auditor = world.signed_in(auditor).await;
    let mut costs = Vec::new();
    for (client, path) in [
        (&ray, "/".to_owned()),
        (&ray, "/alerts".to_owned()),
        (&ray, format!("/alerts/{newest}")),
        (&ray, format!("/alerts/{newest}/respond")),
        (&ray, format!("/organisations/{board}/pace")),
        (&ray, format!("/alerts/{newest}/questions")),
        (&ray, format!("/alerts/{newest}/faq")),
        (&ray, "/sightings".to_owned()),
        (&ray, "/sightings/new".to_owned()),
        (&duty, format!("/alerts/{newest}")),
        (&duty, "/?duty".to_owned()),
        (&duty, "/questions".to_owned()),
        (&duty, "/sector".to_owned()),
        (&duty, "/sector/whole".to_owned()),
        (&duty, format!("/sector/{newest}")),
        (&duty, format!("/sector/{newest}/report")),
        (&duty, format!("/sector/{newest}/report/blockers")),
        (&duty, format!("/sector/{newest}/late")),
        (&duty, format!("/sector/{newest}/ring")),
        (&duty, "/organisations?q=surgery".to_owned()),
        (&duty, "/threats".to_owned()),
        (&duty, "/threats/risen".to_owned()),
        (&duty, "/threats/filters".to_owned()),
        (&duty, "/threats/handover/write".to_owned()),
        (&duty, "/threats/sightings".to_owned()),
        (&duty, "/threats/areas".to_owned()),
        (&duty, "/threats/areas/everywhere".to_owned()),
        (&duty, "/advisories".to_owned()),
        (&auditor, "/log".to_owned()),
        (&auditor, "/log?organisation=A0001".to_owned()),
    ] {
        let named = path.replace(&newest.to_string(), "ID").replace(&board.to_string(), "ID");
        costs.push((named, cost(&world, client, &path).await));
    }
    costs
}

async fn cost(world: &World, client: &Client<'_>, path: &str) -> u64 {
    let before = world.app.db.statements();
    let page = client.get(path).await;
    let answered = page.status.is_success() || page.status.is_redirection();
    assert!(answered, "{path}: {} {}", page.status, page.body);
    world.app.db.statements() - before
}

/// The statements that each page about incidents runs, where `many` were reported, each at an organisation of its own
/// and all through one that answers for them.
async fn costs_of_incidents(many: usize) -> Vec<(String, u64)> {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", many).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices).await;
    let ray = actor(&world, "Ray Board", Role::Responder, board).await;
    let mut newest = furnished_incidents::reported(&world, &ray, "A0000").await;
    for place in 1..many {
        newest = furnished_incidents::reported(&world, &ray, &format!("A{place:04}")).await;
    }
    let ray = world.signed_in(ray.person().unwrap().id).await;
    let duty = world.person("Dee Manager", Role::DutyManager, None).await;
    let duty = world.signed_in(duty).await;
    let (id, number) = (newest.incident.to_string(), newest.receipt.to_string());
    let mut costs = Vec::new();
    for (client, path) in [
        (&ray, "/".to_owned()),
        (&ray, "/incidents".to_owned()),
        (&ray, "/report/new".to_owned()),
        (&ray, format!("/incidents/{id}")),
        (&ray, format!("/incidents/{id}/timeline")),
        (&ray, format!("/incidents/{id}/tasks")),
        (&duty, "/?duty".to_owned()),
        (&duty, "/incidents".to_owned()),
        (&duty, "/incidents?state=reported&priority=p2".to_owned()),
        (&duty, "/incidents?q=A00".to_owned()),
        (&duty, format!("/incidents?q={number}")),
        (&duty, format!("/incidents/{id}")),
        (&duty, format!("/incidents/{id}/timeline")),
        (&duty, format!("/incidents/{id}/tasks")),
        (&duty, format!("/incidents/{id}/similar")),
    ] {
        let named = path.replace(&id, "ID").replace(&number, "NUMBER");
        costs.push((named, cost(&world, client, &path).await));
    }
    costs
}

#[tokio::test]
async fn a_page_about_incidents_runs_as_many_statements_for_one_as_for_many() {
    assert_eq!(costs_of_incidents(1).await, costs_of_incidents(60).await);
}

#[tokio::test]
async fn a_page_runs_as_many_statements_for_one_as_for_many() {
    assert_eq!(costs(3).await, costs(40).await);
}

#[tokio::test]
async fn a_report_runs_as_many_statements_however_many_there_were() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 30).await;
    let mut costs = Vec::new();
    for (place, practice) in practices.iter().enumerate() {
        let ray = actor(&world, &format!("Ray {place}"), Role::Responder, *practice).await;
        let before = world.app.db.statements();
        furnished_incidents::reported(&world, &ray, &format!("A{place:04}")).await;
        costs.push(world.app.db.statements() - before);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}
