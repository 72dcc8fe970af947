//! What tests about runs begin with: a playbook that is followed in the case of an incident.

use db::macro_support::Uuid;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::Zone,
    incident::IncidentId,
    run::{RunId, actions, store},
};
use testkit::world::World;

use crate::{issuing::actor, walk::Names};

/// Begins to follow the playbook of this name in this zone.
pub(crate) async fn started(
    world: &World,
    by: &Actor,
    incident: IncidentId,
    named: &str,
    zone: Zone,
) -> RunId {
    let mut tx = world.app.write().await.expect("a write");
    let form: Uuid = tx.id();
    let run = actions::start(&mut tx, by, incident, (named, zone), form).await.expect("a run");
    tx.commit().await.expect("a commit");
    run
}

/// What is open in a run: the id of each task, its version and the step.
pub(crate) async fn open(world: &World, run: RunId) -> Vec<store::Task> {
    store::open(&mut world.app.read().await.expect("a read"), run).await.expect("what is open")
}

/// What the samples of runs speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let responder = actor(world, "Runs Responder", Role::Responder, Some(organisation)).await;
    let incident: Uuid = names["incident"].parse().expect("an incident");
    let run = started(world, &responder, IncidentId(incident), "ransomware", Zone::Shared).await;
    names.insert("run", run.to_string());
    names.insert("run_task", open(world, run).await[0].id.to_string());
}
