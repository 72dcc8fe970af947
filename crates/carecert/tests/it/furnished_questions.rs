//! What tests about questions begin with: what organisations ask about an alert, and what they are
//! answered, through the real actions.

use broadcast::{
    alert::AlertId,
    faq::{self, FaqId, Wording},
    question::{self, QuestionId},
};
use formats::Tlp;
use platform::{Actor, access::Role, organisation::OrganisationId};
use testkit::world::World;

use crate::{issuing::actor, walk::Names};

/// Asks for the organisation of this code.
pub(crate) async fn asked(world: &World, by: &Actor, alert: AlertId, code: &str, text: &str) -> QuestionId {
    let mut tx = world.app.write().await.expect("a write");
    let id = question::actions::ask(&mut tx, by, alert, code, None, text).await.expect("asked");
    tx.commit().await.expect("a commit");
    id
}

/// The question's version.
pub(crate) async fn version(world: &World, question: QuestionId) -> i64 {
    let mut snapshot = world.app.read().await.expect("a read");
    question::store::question(&mut snapshot, question)
        .await
        .expect("a question")
        .expect("it is there")
        .version
}

/// Answers a question.
pub(crate) async fn answered(world: &World, analyst: &Actor, question: QuestionId, text: &str) {
    let version = version(world, question).await;
    let mut tx = world.app.write().await.expect("a write");
    question::actions::answer(&mut tx, analyst, question, version, text).await.expect("answered");
    tx.commit().await.expect("a commit");
}

/// An entry that says little.
pub(crate) fn entry(tlp: Tlp, question: &str) -> Wording {
    Wording { question: question.to_owned(), answer: "Version 2 is safe.".to_owned(), tlp }
}

/// Publishes an entry because of a question.
pub(crate) async fn published(
    world: &World,
    analyst: &Actor,
    question: QuestionId,
    wording: &Wording,
) -> FaqId {
    let mut tx = world.app.write().await.expect("a write");
    let id = faq::actions::publish(&mut tx, analyst, question, None, wording).await.expect("published");
    tx.commit().await.expect("a commit");
    id
}

/// What the samples of questions and of published answers speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let analyst = actor(world, "Questions Analyst", Role::Analyst, None).await;
    let responder = actor(world, "Questions Responder", Role::Responder, Some(organisation)).await;
    let alert: AlertId = names["asked_alert"].parse().expect("an alert");
    let open = asked(world, &responder, alert, "RWA", "Does it concern version 2?").await;
    let done = asked(world, &responder, alert, "RWA", "When did it begin?").await;
    answered(world, &analyst, done, "In May.").await;
    let faq = published(world, &analyst, done, &entry(Tlp::Green, "Since when is it exploited?")).await;
    names.extend([
        ("question", open.to_string()),
        ("answered_question", done.to_string()),
        ("faq", faq.to_string()),
    ]);
}
