//! What goes between a responder and the executive: who is asked, by contact and by account; what the
//! responder hears of the decision; and the clock, which goes by the date that was said.

use broadcast::{
    alert::AlertId,
    response::{self, Chosen, Decision, Outcome, Said},
};
use db::{params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{Actor, access::Role, organisation::OrganisationId};
use testkit::world::World;

use crate::sector_in_hand::{actor, alert, answers_for, contact, organisations, world};

/// A request to accept the risk, without a date.
fn request() -> Said {
    Said { outcome: Some(Outcome::RiskAccepted), ..Said::reason("The scanner cannot be patched") }
}

async fn mailbox(world: &World, organisation: OrganisationId, role: &str, email: &str) {
    let mut tx = world.app.write().await.unwrap();
    contact(&mut tx, organisation, role, email).await;
    tx.commit().await.unwrap();
}

async fn acknowledge(world: &World, actor: &Actor, alert: AlertId) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, actor, alert, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ask(world: &World, actor: &Actor, alert: AlertId, said: &Said) {
    let mut tx = world.app.write().await.unwrap();
    response::answer(&mut tx, actor, alert, &Chosen::All, said).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
}

async fn decide(world: &World, actor: &Actor, alert: AlertId, decision: Decision) {
    let mut tx = world.app.write().await.unwrap();
    response::decide(&mut tx, actor, alert, &decision, 1).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
}

/// When the update of an organisation is due.
async fn update_due(world: &World, alert: AlertId, organisation: OrganisationId) -> Timestamp {
    let statement = sql!(
        "SELECT due_at FROM clock WHERE about_id = ?1 AND organisation_id = ?2 AND name = 'update'
         AND stopped_at IS NULL"
    );
    let mut snapshot = world.app.read().await.unwrap();
    let (due,): (Timestamp,) = snapshot.one(statement, params![alert, organisation]).await.unwrap();
    due
}

#[tokio::test]
async fn the_clock_goes_by_the_date_that_was_said_when_asking() {
    let world = world().await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await[0];
    mailbox(&world, trust, "executive", "siro@r0.example").await;
    mailbox(&world, trust, "security_lead", "lead@r0.example").await;
    let alert = alert(&world, 1, "high", "green", &[trust]).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, trust).await;
    acknowledge(&world, &rae, alert).await;
    let by_policy = update_due(&world, alert, trust).await;
    assert_eq!(by_policy, world.now() + SignedDuration::from_hours(72));
    // Within the policy's time, and then later, with a reason.
    let sooner = world.now() + SignedDuration::from_hours(60);
    ask(&world, &rae, alert, &Said { next_update_at: Some(sooner), ..request() }).await;
    assert_eq!(update_due(&world, alert, trust).await, sooner);
    world.pass(SignedDuration::from_hours(37)).await;
    let reminders = world.post.to("lead@r0.example");
    let reminded = reminders.iter().any(|mail| mail.letter.text.contains("Say how it goes by 3 June 2026"));
    assert!(reminded, "{reminders:?}");
    let eve = actor(&world, "Eve Executive", Role::Executive, trust).await;
    decide(&world, &eve, alert, Decision::SendBack("Isolate it".to_owned())).await;
    assert_eq!(update_due(&world, alert, trust).await, sooner, "without a date it goes on as it was");
    ask(&world, &rae, alert, &request()).await;
    assert_eq!(update_due(&world, alert, trust).await, sooner);
}

#[tokio::test]
async fn contacts_and_accounts_are_asked_and_the_decision_comes_back() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 2).await;
    let trust = trusts[0];
    mailbox(&world, trust, "executive", "siro@r0.example").await;
    // The same address as that of an account: one mail.
    mailbox(&world, trust, "executive", "Eve.Executive@example.org").await;
    mailbox(&world, trust, "security_lead", "lead@r0.example").await;
    let alert = alert(&world, 1, "high", "green", &trusts).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, trust).await;
    let eve = actor(&world, "Eve Executive", Role::Executive, trust).await;
    actor(&world, "Ned Executive", Role::Executive, trust).await;
    actor(&world, "Other Executive", Role::Executive, trusts[1]).await;
    acknowledge(&world, &rae, alert).await;
    ask(&world, &rae, alert, &request()).await;
    let asked = world.post.mails().into_iter().map(|mail| mail.to.to_lowercase());
    let mut asked: Vec<_> = asked.collect();
    asked.sort();
    assert_eq!(asked, ["eve.executive@example.org", "ned.executive@example.org", "siro@r0.example"]);
    assert!(world.post.mails()[0].letter.text.contains("Sign in to decide"));

    decide(&world, &eve, alert, Decision::SendBack("Isolate it <first>".to_owned())).await;
    let told = world.post.to("lead@r0.example");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].letter.subject, "Alert CC-0001: the risk is not accepted");
    let text = &told[0].letter.text;
    assert!(
        text.contains("Isolate it") && text.contains("Surgery R0000") && !text.contains("R0001"),
        "{text}"
    );
    let browser = world.signed_in(rae.person().unwrap().id).await;
    assert!(browser.get("/alerts").await.body.contains("Sent back"));
    let path = format!("/alerts/{alert}/respond");
    let page = browser.get(&path).await.body;
    assert!(page.contains("Your executive did not accept the risk on 1 June 2026"), "{page}");
    assert!(page.contains("Isolate it &#60;first&#62;"), "{page}");

    // Whoever asks again has read it.
    ask(&world, &rae, alert, &request()).await;
    assert!(!browser.get("/alerts").await.body.contains("Sent back"));
    assert!(!browser.get(&path).await.body.contains("did not accept"));
    decide(&world, &eve, alert, Decision::Accept).await;
    let told = world.post.to("lead@r0.example");
    assert_eq!(told.len(), 2);
    assert_eq!(told[1].letter.subject, "Alert CC-0001: the risk is accepted");
}

#[tokio::test]
async fn nobody_is_asked_in_vain() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 2).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    let alert = alert(&world, 1, "high", "green", &practices).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, practices[0]).await;
    acknowledge(&world, &rae, alert).await;
    let browser = world.signed_in(rae.person().unwrap().id).await;
    let path = format!("/alerts/{alert}/respond");
    for (question, answer) in [("applies", "yes"), ("close", "risk_accepted"), ("why-accept", "It is old")] {
        browser.post(&format!("{path}/{question}"), &[("answer", answer)]).await;
    }
    let refused = browser.submit(&format!("{path}/check"), &[]).await;
    assert_eq!(refused.status.as_u16(), 422);
    let sentence = "No executive who could decide is known for Surgery A0000.";
    assert!(refused.body.contains(sentence) && refused.body.contains("href=\"#close\""), "{}", refused.body);
    assert!(world.post.mails().is_empty());
    let page = browser.get(&path).await.body;
    assert!(page.contains("In progress") && !page.contains("Waiting for the executive"), "{page}");

    // Those of the body that answers for it decide too.
    answers_for(&world, board, &practices[..1]).await;
    let eve = actor(&world, "Eve Board", Role::Executive, board).await;
    let sent = browser.submit(&format!("{path}/check"), &[]).await;
    assert_eq!(sent.location(), Some(format!("{path}?done=ask_to_accept&moved=1&left=0").as_str()));
    world.work().await;
    assert_eq!(world.post.to("eve.board@example.org").len(), 1);
    decide(&world, &eve, alert, Decision::Accept).await;
}

#[tokio::test]
async fn a_breach_says_what_was_to_be_done() {
    let world = world().await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await[0];
    mailbox(&world, trust, "executive", "siro@r0.example").await;
    alert(&world, 1, "high", "green", &[trust]).await;
    world.pass(SignedDuration::from_hours(49)).await;
    let told = world.post.to("siro@r0.example");
    let text = &told[0].letter.text;
    assert!(text.contains("It was to be acknowledged by 3 June 2026, 09:00 (UK time)."), "{text}");
    assert!(text.contains("Sign in") && !text.contains("Acknowledge it by"), "{text}");
}

#[tokio::test]
async fn the_executives_list_leads_to_the_decision() {
    let world = world().await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await[0];
    mailbox(&world, trust, "executive", "siro@r0.example").await;
    let alert = alert(&world, 1, "high", "green", &[trust]).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, trust).await;
    let eve = actor(&world, "Eve Executive", Role::Executive, trust).await;
    let browser = world.signed_in(eve.person().unwrap().id).await;
    acknowledge(&world, &rae, alert).await;
    let before = browser.get("/alerts").await.body;
    assert!(before.contains("Your organisation has to answer, or close"), "{before}");
    assert!(!before.contains("A decision is awaited of you"), "{before}");

    ask(&world, &rae, alert, &request()).await;
    let decision = format!("href=\"/decisions/{alert}\"");
    let list = browser.get("/alerts").await.body;
    assert!(list.contains("A decision is awaited of you") && list.contains("Surgery R0000"), "{list}");
    assert_eq!(list.matches(&decision).count(), 2, "above the list, and in its row: {list}");
    let page = browser.get(&format!("/alerts/{alert}/respond")).await.body;
    assert!(page.contains(&decision), "{page}");
    // Whoever asked reads of no decision of theirs.
    let theirs = world.signed_in(rae.person().unwrap().id).await.get("/alerts").await.body;
    assert!(!theirs.contains("/decisions/"), "{theirs}");

    decide(&world, &eve, alert, Decision::Accept).await;
    let after = browser.get("/alerts").await.body;
    assert!(!after.contains("A decision is awaited of you") && !after.contains(&decision), "{after}");
}
