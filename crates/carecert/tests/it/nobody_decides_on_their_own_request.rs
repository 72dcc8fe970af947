//! Whoever asks that a risk be accepted is not who accepts it, whichever door they asked by: in a
//! body with a lead who is its executive too, another executive decides.

use broadcast::{
    alert::AlertId,
    response::{self, Chosen, Decision, Outcome, ResponseError, Said},
};
use http::StatusCode;
use platform::{
    Actor,
    access::{Person, PersonId, Role},
    account::actions::{Invitation, invite},
    key::{self, Scope, actions::NewKey},
    organisation::OrganisationId,
};
use serde_json::json;
use testkit::world::World;

use crate::sector_in_hand::{actor, alert, answers_for, organisations, stages, world};

/// A lead of `organisation` who is its executive too.
async fn lead_and_executive(world: &World, organisation: OrganisationId) -> (PersonId, Actor) {
    let id = world.person("Lee Lead", Role::Lead, Some(organisation)).await;
    let mut tx = world.app.write().await.unwrap();
    let also = Invitation {
        email: "lee.lead@example.org".to_owned(),
        name: "Lee Lead".to_owned(),
        role: Role::Executive,
        organisation: Some(organisation),
    };
    invite(&mut tx, &Actor::Job("test"), &also).await.unwrap();
    tx.commit().await.unwrap();
    let roles = [Role::Lead, Role::Executive].map(|role| (Some(organisation), role)).into();
    let person = Person { id, name: "Lee Lead".to_owned(), session: world.app.env.id(), roles };
    (id, Actor::Person(person))
}

/// Acknowledges, and asks the executive to accept the risk.
async fn ask(world: &World, actor: &Actor, alert: AlertId, chosen: &Chosen) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, actor, alert, chosen).await.unwrap();
    let said = Said { outcome: Some(Outcome::RiskAccepted), ..Said::reason("It cannot be patched") };
    response::answer(&mut tx, actor, alert, chosen, &said).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn who_asked_is_told_that_another_decides_and_another_does() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 1).await;
    let alert = alert(&world, 1, "high", "green", &trusts).await;
    let (lee, lead) = lead_and_executive(&world, trusts[0]).await;
    let eve = world.person("Eve Executive", Role::Executive, Some(trusts[0])).await;
    ask(&world, &lead, alert, &Chosen::All).await;

    let lee = world.signed_in(lee).await;
    let path = format!("/decisions/{alert}");
    assert!(lee.get("/decisions").await.body.contains("another executive decides"));
    let page = lee.get(&path).await;
    assert!(page.body.contains("another executive has to decide"), "{}", page.body);
    assert!(!page.body.contains("name=\"decision\""), "there is nothing to press");
    for (decision, seen) in [("accept", "1"), ("accept", "0"), ("send_back", "1")] {
        let form = [("decision", decision), ("reason", "Because"), ("seen", seen)];
        let refused = lee.post(&path, &form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{decision}");
        assert!(refused.body.contains("You asked for this risk to be accepted yourself"), "{}", refused.body);
    }
    assert_eq!(stages(&world, alert).await.0, [("awaits_executive".to_owned(), 1)]);

    let eve = world.signed_in(eve).await;
    assert!(eve.get(&path).await.body.contains("name=\"decision\""));
    let accepted = eve.post(&path, &[("decision", "accept"), ("seen", "1")]).await;
    assert_eq!(accepted.location(), Some("/decisions?done=accept"));
    assert_eq!(stages(&world, alert).await.0, [("closed".to_owned(), 1)]);
}

#[tokio::test]
async fn what_others_asked_is_decided_and_ones_own_waits_on() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 3).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices).await;
    let alert = alert(&world, 1, "high", "green", &practices).await;
    let (_, lead) = lead_and_executive(&world, board).await;
    world.person("Eve Executive", Role::Executive, Some(board)).await;
    let ray = actor(&world, "Ray Responder", Role::Responder, board).await;
    ask(&world, &lead, alert, &Chosen::Only(practices[..1].to_vec())).await;
    ask(&world, &ray, alert, &Chosen::Only(practices[1..].to_vec())).await;

    let mut tx = world.app.write().await.unwrap();
    let unseen = response::decide(&mut tx, &lead, alert, &Decision::Accept, 3).await;
    assert!(matches!(unseen, Err(ResponseError::NotAsSeen)));
    drop(tx);
    let mut tx = world.app.write().await.unwrap();
    let decided = response::decide(&mut tx, &lead, alert, &Decision::Accept, 2).await.unwrap();
    assert_eq!((decided.moved, decided.left), (2, 1));
    tx.commit().await.unwrap();
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, [("awaits_executive".to_owned(), 1), ("closed".to_owned(), 2)]);
    assert_eq!(rows, counts);
}

#[tokio::test]
async fn a_key_that_somebody_gave_out_asks_as_they_do() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 1).await;
    let alert = alert(&world, 1, "high", "green", &trusts).await;
    let (lee, lead) = lead_and_executive(&world, trusts[0]).await;
    world.person("Eve Executive", Role::Executive, Some(trusts[0])).await;
    let mut tx = world.app.write().await.unwrap();
    let new = NewKey {
        form: None,
        name: "Ticket system".to_owned(),
        organisation: Some(trusts[0]),
        scopes: vec![Scope::ReadAlerts, Scope::WriteResponses],
        days: 30,
        stands_for: trusts.clone(),
    };
    let (_, token) = key::actions::create(&mut tx, &lead, &new).await.unwrap();
    tx.commit().await.unwrap();
    let machine = world.machine(&token);
    let all = json!({ "organisations": "all" });
    assert_eq!(machine.post_json("/api/v1/alerts/CC-0001/acknowledge", &all).await.status, StatusCode::OK);
    let asked = json!({ "organisations": "all", "outcome": "risk_accepted", "reason": "It is old" });
    let answer = machine.post_json("/api/v1/alerts/CC-0001/responses", &asked).await;
    assert_eq!(answer.json(), json!({ "moved": 1, "left": 0 }), "{}", answer.body);

    let lee = world.signed_in(lee).await;
    let refused = lee.post(&format!("/decisions/{alert}"), &[("decision", "accept"), ("seen", "1")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert_eq!(stages(&world, alert).await.0, [("awaits_executive".to_owned(), 1)]);
}
