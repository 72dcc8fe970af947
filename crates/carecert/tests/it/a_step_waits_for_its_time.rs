//! A step before which the playbook says to wait: it says until when, tells whoever has it when the time has come,
//! and holds up nobody who has a reason not to wait.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::access::Role;
use react::{case::Zone, playbook::store, run};
use serde_json::json;
use testkit::world::World;

use crate::{
    furnished_incidents::reported,
    furnished_playbooks::{id, imported, playbook},
    furnished_runs::{open, started},
    issuing::actor,
};

#[tokio::test]
async fn a_step_waits_until_its_time_and_may_begin_early_with_a_reason() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let incident = reported(&world, &rae, "RWA").await.incident;
    let mut document = playbook(900, "Numbats", Some("TLP:GREEN"));
    document["workflow"][id("action", 2)]["delay"] = json!(30 * 60_000);
    document["workflow"][id("action", 2)]["timeout"] = json!(10 * 60_000);
    assert_eq!(imported(&world, &document.to_string()).await.new, 1);
    let all = store::list(&mut world.app.read().await.unwrap(), &rae, "numbats", None).await.unwrap();
    let named = all[0].id.to_string();
    let client = world.signed_in(rae.person().unwrap().id).await;

    // It waits visibly; without a reason nothing is done, with one it is.
    let early = started(&world, &rae, incident, &named, Zone::Shared).await;
    let task = open(&world, early).await.remove(0);
    assert_eq!(task.begins_at, Some(task.opened_at + SignedDuration::from_mins(30)));
    assert_eq!(task.due_at, Some(task.opened_at + SignedDuration::from_mins(40)), "its time runs from then");
    let path = format!("/incidents/{incident}/runs/{early}");
    let page = client.get(&path).await.body;
    assert!(page.contains("Wait until") && page.contains("30 minutes left"), "{page}");
    let act = format!("{path}/tasks/{}", task.id);
    let refused = client.post(&act, &[("go", "done"), ("version", "1")]).await;
    assert!(
        refused.status == 422 && refused.body.contains("If you begin early, say why"),
        "{}",
        refused.body
    );
    let why = [("go", "done"), ("version", "1"), ("evidence", "They are at the door already")];
    assert_eq!(client.post(&act, &why).await.status, 303);
    let mut snapshot = world.app.read().await.unwrap();
    let events = run::store::events(&mut snapshot, early, 0).await.unwrap();
    drop(snapshot);
    let kinds: Vec<_> = events.iter().map(|event| event.kind.code()).collect();
    assert_eq!(kinds, ["begun", "opened", "early", "done", "ended"]);
    let numbers: Vec<_> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let timeline = client.get(&format!("/incidents/{incident}/timeline")).await.body;
    assert!(timeline.contains("Begun before the time that the playbook says."), "{timeline}");

    // Its time comes: whoever started the run is told, and nothing asks for a reason any more.
    let patient = started(&world, &rae, incident, &named, Zone::Shared).await;
    let task = open(&world, patient).await.remove(0);
    world.work().await;
    let before = world.post.mails().len();
    world.pass(SignedDuration::from_mins(29)).await;
    assert_eq!(world.post.mails().len(), before, "not yet");
    world.pass(SignedDuration::from_mins(2)).await;
    assert_eq!(world.post.mails().len(), before + 1, "it may begin");
    let path = format!("/incidents/{incident}/runs/{patient}");
    assert!(!client.get(&path).await.body.contains("Wait until"));
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.post.mails().len(), before + 2, "and then it is late");
    let act = format!("{path}/tasks/{}", task.id);
    assert_eq!(client.post(&act, &[("go", "done"), ("version", "1")]).await.status, 303);

    // Leaving it out begins nothing.
    let left = started(&world, &rae, incident, &named, Zone::Shared).await;
    let task = open(&world, left).await.remove(0);
    let act = format!("/incidents/{incident}/runs/{left}/tasks/{}", task.id);
    let skip = [("go", "skip"), ("version", "1"), ("reason", "The door is gone")];
    assert_eq!(client.post(&act, &skip).await.status, 303);
    let timeline = client.get(&format!("/incidents/{incident}/timeline")).await.body;
    assert_eq!(timeline.matches("Begun before the time").count(), 1, "{timeline}");
}
