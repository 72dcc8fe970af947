//! Closing an incident, or joining it to another, ends what is followed in it, and says so beforehand; what the organisation
//! follows for itself is its own, and goes on.

use carecert::SERVICES;
use platform::{Actor, access::Role};
use react::{
    case::{Zone, Zones},
    run::{self, RunId, Standing, store},
};
use testkit::world::World;

use crate::{
    furnished_incidents::{classified, reported},
    furnished_runs::{open, started},
    issuing::actor,
};

async fn sides(world: &World) -> (Actor, Actor) {
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
    (rae, actor(world, "Ana Lyst", Role::Analyst, None).await)
}

#[tokio::test]
async fn closing_says_what_it_stops_and_leaves_the_organisations_own_alone() {
    let world = World::new(SERVICES).await;
    let (rae, ana) = sides(&world).await;
    let incident = reported(&world, &rae, "RWA").await.incident;
    classified(&world, &ana, incident).await;
    let shared = started(&world, &rae, incident, "ransomware", Zone::Shared).await;
    let cert = started(&world, &ana, incident, "malware", Zone::Cert).await;
    let own = started(&world, &rae, incident, "not-known", Zone::Own).await;
    let analyst = world.signed_in(ana.person().unwrap().id).await;
    let page = format!("/incidents/{incident}");
    let before = analyst.get(&page).await.body;
    let form = before.split_once("<h2>Close it</h2>").unwrap().1;
    assert!(form.contains("Still being followed") && form.contains("stops them"), "{form}");
    assert!(form.contains(&shared.to_string()) && form.contains(&cert.to_string()), "{form}");
    assert!(!before.contains(&own.to_string()), "what is the organisation’s alone is not told: {before}");

    let closed = analyst.post(&format!("{page}/close"), &[("version", "1"), ("reason", "Over")]).await;
    assert_eq!(closed.status, 303, "{}", closed.body);
    let mut snapshot = world.app.read().await.unwrap();
    let zones = Zones::of(&[Zone::Own, Zone::Shared, Zone::Cert]);
    let runs = store::runs(&mut snapshot, incident, zones).await.unwrap();
    drop(snapshot);
    let stands = |id: RunId| {
        let run = runs.iter().find(|run| run.id == id).unwrap();
        (run.standing, run.reason.as_str(), run.open > 0)
    };
    let stopped = (Standing::Stopped, "The incident was closed.", false);
    assert_eq!((stands(shared), stands(cert)), (stopped, stopped));
    assert_eq!(stands(own), (Standing::Running, "", true));
    let timeline = analyst.get(&format!("{page}/timeline")).await.body;
    assert!(timeline.contains("Stopped following the playbook"), "{timeline}");

    // What is its own is followed to its end, whenever that is.
    let task = &open(&world, own).await[0];
    let mut tx = world.app.write().await.unwrap();
    let (what, seen) = ((incident, own, task.id), (task.version, tx.id()));
    run::actions::act(&mut tx, &rae, what, seen, &run::Act::Done, &run::Words::default()).await.unwrap();
    tx.commit().await.unwrap();
    // Nobody is asked for a step of what was stopped.
    let page = analyst.get(&format!("{page}/runs/{shared}")).await.body;
    assert!(page.contains("The incident was closed.") && !page.contains("/tasks/"), "{page}");
}

#[tokio::test]
async fn what_is_followed_ends_where_the_case_goes_on_in_another() {
    let world = World::new(SERVICES).await;
    let (rae, ana) = sides(&world).await;
    let from = reported(&world, &rae, "RWA").await.incident;
    let into = reported(&world, &rae, "RWA").await;
    let run = started(&world, &rae, from, "ransomware", Zone::Shared).await;
    let analyst = world.signed_in(ana.person().unwrap().id).await;
    let form = [("version", "1"), ("into", into.receipt.code())];
    let joined = analyst.post(&format!("/incidents/{from}/join"), &form).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    let page = analyst.get(&format!("/incidents/{from}/runs/{run}")).await.body;
    let reason = format!("The case goes on in {}.", into.receipt);
    assert!(page.contains("Stopped") && page.contains(&reason), "{page}");
}
