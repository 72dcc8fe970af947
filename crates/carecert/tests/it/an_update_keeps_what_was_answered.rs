//! Answers that stand after an update are there as if they had been given to it: in the position as at
//! any moment, in an organisation's history, and before the executive who was asked.

use broadcast::{
    alert::{AlertId, Answers, store},
    response::{self, Chosen, Outcome, Said},
};
use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::Role};
use testkit::world::{Client, World};

use crate::issuing::{Desk, actor, everybody, wording};

/// The figures of the position as at a time of Monday, 1 June 2026: required, excused, answered.
async fn position(client: &Client<'_>, alert: AlertId, time: &str) -> [String; 3] {
    let path = format!("/sector/{alert}/at?at-day=1&at-month=6&at-year=2026&time={time}");
    let page = client.get(&path).await;
    assert_eq!(page.status.as_u16(), 200, "{}", page.body);
    ["Required", "Excused", "Answered"].map(|figure| {
        let at = page.body.find(figure).expect(figure);
        let value = page.body[at..].split("<dd").nth(1).and_then(|rest| rest.split('>').nth(1));
        value.and_then(|value| value.split('<').next()).expect("a value").trim().to_owned()
    })
}

async fn acknowledge(world: &World, actor: &Actor, alert: AlertId) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, actor, alert, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
}

async fn answer(world: &World, actor: &Actor, alert: AlertId, said: &Said) {
    let mut tx = world.app.write().await.unwrap();
    response::answer(&mut tx, actor, alert, &Chosen::All, said).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_position_of_an_update_is_right_at_any_moment() {
    let world = World::new(SERVICES).await;
    let mut people = Vec::new();
    let mut trusts = Vec::new();
    for code in ["RAA", "RAB", "RAC", "RAD"] {
        let trust = world.organisation(code, &format!("Trust {code}"), "trust").await;
        people.push(actor(&world, &format!("Rae {code}"), Role::Responder, Some(trust)).await);
        trusts.push(trust);
    }
    let desk = Desk::open(&world).await;
    // Issued at 09:00, in force a minute later.
    let before = desk.delivered(&wording("Any"), &everybody()).await;
    world.pass(SignedDuration::from_hours(1)).await;
    for person in &people[..2] {
        acknowledge(&world, person, before).await;
    }
    let eve = world.person("Eve Executive", Role::Executive, Some(trusts[1])).await;
    let asked = Said { outcome: Some(Outcome::RiskAccepted), ..Said::reason("It cannot be patched") };
    answer(&world, &people[1], before, &asked).await;

    // The update is issued at 11:01; within its minute the third trust answers the version before.
    world.pass(SignedDuration::from_hours(1)).await;
    let mut tx = world.app.read().await.unwrap();
    let number = store::alert(&mut tx, before).await.unwrap().unwrap().number;
    drop(tx);
    let version = desk.update(number).await;
    desk.approve(version).await;
    let after = desk.publish(version, Answers::Stand).await;
    world.pass(SignedDuration::from_secs(30)).await;
    acknowledge(&world, &people[2], before).await;
    world.pass(SignedDuration::from_secs(31)).await;
    // At 13:02 and 14:02 two speak to the update itself.
    world.pass(SignedDuration::from_hours(2)).await;
    acknowledge(&world, &people[3], after).await;
    world.pass(SignedDuration::from_hours(1)).await;
    answer(
        &world,
        &people[0],
        after,
        &Said { applies: Some(response::Applies::No), ..Said::reason("None here") },
    )
    .await;

    world.pass(SignedDuration::from_hours(1)).await;
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    for (time, figures) in [
        ("11:00", ["0", "0", "0"]),
        ("11:02", ["4", "0", "3"]),
        ("13:00", ["4", "0", "3"]),
        ("13:30", ["4", "0", "4"]),
        ("14:30", ["4", "1", "3"]),
    ] {
        assert_eq!(position(&auditor, after, time).await, figures, "{time}");
    }
    assert_eq!(position(&auditor, before, "10:30").await, ["4", "0", "2"]);

    let eve = world.signed_in(eve).await;
    assert!(eve.get("/decisions").await.body.contains("Trust RAB"), "the question still waits");
    let decided = eve.post(&format!("/decisions/{after}"), &[("decision", "accept"), ("seen", "1")]).await;
    assert_eq!(decided.location(), Some("/decisions?done=accept"), "{}", decided.body);
    let history = eve.get(&format!("/alerts/{after}/respond/said/RAB")).await.body;
    // Counted from 09:00, when they were first asked, also for what was said to the update.
    let page = auditor.get(&format!("/sector/{after}")).await.body;
    for time in ["About 1 hour, of the 4 that have", "About 6 hours, of the 1 that have"] {
        assert!(page.contains(time), "{time}: {page}");
    }
    for said in ["Acknowledged", "It cannot be patched", "Risk accepted"] {
        assert!(history.contains(said), "{said}: {history}");
    }
}
