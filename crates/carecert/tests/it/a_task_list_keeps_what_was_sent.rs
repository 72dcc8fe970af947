//! The task list of an answer: what was sent stands there until it is changed, the next deadline says
//! what it is for, and who may not answer is told who can.

use broadcast::response::{self, Chosen};
use jiff::SignedDuration;
use platform::access::Role;
use serde_json::json;

use crate::sector_in_hand::{actor, alert, contact, key, organisations, world};

#[tokio::test]
async fn what_was_sent_stands_until_it_is_changed() {
    let world = world().await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await[0];
    let mut tx = world.app.write().await.unwrap();
    contact(&mut tx, trust, "executive", "siro@r0.example").await;
    tx.commit().await.unwrap();
    let alert = alert(&world, 1, "high", "green", &[trust]).await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let path = format!("/alerts/{alert}/respond");
    rae.post(&format!("{path}/acknowledge"), &[]).await;
    let page = rae.get(&path).await.body;
    assert!(page.contains("Not started") && page.contains("for the next update"), "{page}");

    for (question, answer) in [("applies", "yes"), ("done", "Patched half")] {
        rae.post(&format!("{path}/{question}"), &[("answer", answer)]).await;
    }
    let past = [("answer-day", "1"), ("answer-month", "2"), ("answer-year", "2020")];
    let refused = rae.post(&format!("{path}/planned"), &past).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.body.contains("The planned date must be today or later"), "{}", refused.body);
    let today = [("answer-day", "1"), ("answer-month", "6"), ("answer-year", "2026")];
    assert_eq!(rae.post(&format!("{path}/planned"), &today).await.status.as_u16(), 303);
    // A draft of yesterday names a day that is over.
    world.pass(SignedDuration::from_hours(24)).await;
    let rae = world.signed_in(rae_again(&world).await).await;
    let refused = rae.submit(&format!("{path}/check"), &[]).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.body.contains("href=\"#planned\"") && refused.body.contains("id=\"planned\""));
    let none = [("answer-day", ""), ("answer-month", ""), ("answer-year", "")];
    rae.post(&format!("{path}/planned"), &none).await;
    assert_eq!(rae.submit(&format!("{path}/check"), &[]).await.status.as_u16(), 303);
    // Pressed twice, it is sent once; opened again, there is nothing to send.
    let again = rae.post(&format!("{path}/check"), &[("seen", "1780304400000000")]).await;
    assert_eq!(again.status.as_u16(), 409);
    assert!(again.body.contains("changed or sent since this page was opened"), "{}", again.body);
    let check = rae.get(&format!("{path}/check")).await.body;
    assert!(
        check.contains("there is nothing to send") && !check.contains("<button class=\"nhsuk-button\""),
        "{check}"
    );
    let page = rae.get(&path).await.body;
    assert!(page.contains("Said: yes") && page.contains("Sent 2 June 2026"), "{page}");
    assert!(page.contains("Not started"), "it is not closed");

    // What is not said needs a reason, and the problem leads to its question.
    rae.post(&format!("{path}/close"), &[("answer", "risk_accepted")]).await;
    let refused = rae.submit(&format!("{path}/check"), &[]).await;
    assert!(refused.body.contains("href=\"#why-accept\"") && refused.body.contains("id=\"why-accept\""));
    rae.post(&format!("{path}/why-accept"), &[("answer", "It is old")]).await;
    // Nothing is called closed before the executive has decided, and what was said before still stands.
    let check = rae.get(&format!("{path}/check")).await.body;
    for said in
        ["Not yet: your executive is asked to accept the risk", "Patched half (said before)", "As before"]
    {
        assert!(check.contains(said), "{said}: {check}");
    }
    assert!(!check.contains("Risk accepted") && !check.contains("Not said<"), "{check}");
    assert_eq!(rae.submit(&format!("{path}/check"), &[]).await.status.as_u16(), 303);
    let page = rae.get(&path).await.body;
    assert!(page.contains("Said: yes") && !page.contains("Not started"), "{page}");
    assert_eq!(page.matches("Waiting for the executive").count(), 2, "as its stage and its close: {page}");
    let said = rae.get(&format!("{path}/said/R0000")).await.body;
    assert!(said.contains("Waiting for the executive") && !said.contains("Risk accepted"), "{said}");
    // While it waits it cannot be closed in another way, and the page says so before anything is sent.
    rae.post(&format!("{path}/close"), &[("answer", "remediated")]).await;
    let check = rae.get(&format!("{path}/check")).await.body;
    assert!(check.contains("This cannot be sent. The executive was asked"), "{check}");
    assert!(!check.contains("name=\"seen\""), "{check}");
}

/// A new sign-in of the responder: the first one has grown old.
async fn rae_again(world: &testkit::world::World) -> platform::access::PersonId {
    let statement = db::sql!("SELECT id FROM person WHERE email = 'rae.responder@example.org'");
    let mut snapshot = world.app.read().await.unwrap();
    let (id,): (platform::access::PersonId,) = snapshot.one(statement, db::params![]).await.unwrap();
    id
}

#[tokio::test]
async fn a_machine_plans_for_days_to_come() {
    let world = world().await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await;
    alert(&world, 1, "high", "green", &trust).await;
    let machine = world.machine(&key(&world, trust[0], "alerts:read responses:write").await);
    let all = json!({ "organisations": "all" });
    machine.post_json("/api/v1/alerts/CC-0001/acknowledge", &all).await;
    let planned = |day: &str| json!({ "organisations": "all", "planned_on": day });
    let refused = machine.post_json("/api/v1/alerts/CC-0001/responses", &planned("2020-02-01")).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.body.contains("The planned date must be today or later."), "{}", refused.body);
    let taken = machine.post_json("/api/v1/alerts/CC-0001/responses", &planned("2026-06-01")).await;
    assert_eq!(taken.status.as_u16(), 200, "{}", taken.body);
}

#[tokio::test]
async fn who_may_not_answer_is_told_who_can() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 2).await;
    let alert = alert(&world, 1, "high", "green", &trusts).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, trusts[0]).await;
    actor(&world, "Lee Lead", Role::Lead, trusts[0]).await;
    actor(&world, "Sid Stranger", Role::Responder, trusts[1]).await;
    let path = format!("/alerts/{alert}/respond");
    for role in [Role::Viewer, Role::Executive] {
        let reader = world.person(role.label(), role, Some(trusts[0])).await;
        let reader = world.signed_in(reader).await;
        let home = reader.get("/alerts").await.body;
        assert!(home.contains("Your organisation has to acknowledge"), "{home}");
        let page = reader.get(&path).await.body;
        assert!(page.contains("Your organisation has to acknowledge this alert"), "{page}");
        assert!(page.contains("Lee Lead and Rae Responder can."), "{page}");
        assert!(!page.contains("Sid Stranger") && !page.contains("Your answer"), "{page}");
    }
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &rae, alert, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
    let rae = world.signed_in(rae.person().unwrap().id).await;
    assert!(rae.get("/alerts").await.body.contains("Answer, or close"));
}
