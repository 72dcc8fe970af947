//! What tests about runs begin with: a playbook that is followed in the case of an incident.

use carecert::SERVICES;
use db::macro_support::Uuid;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{Zone, Zones, timeline},
    incident::IncidentId,
    run::{RunId, actions, store},
};
use serde_json::Value;
use testkit::world::{Client, World};

use crate::{furnished_incidents::reported, furnished_playbooks::imported, issuing::actor, walk::Names};

/// A case at a trust, with somebody on each side.
pub(crate) struct Case {
    pub(crate) world: World,
    pub(crate) trust: OrganisationId,
    pub(crate) incident: IncidentId,
    pub(crate) receipt: String,
    pub(crate) rae: Actor,
    pub(crate) ana: Actor,
}

impl Case {
    pub(crate) async fn new() -> Self {
        let world = World::new(SERVICES).await;
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        let sent = reported(&world, &rae, "RWA").await;
        world.work().await;
        let (incident, receipt) = (sent.incident, sent.receipt.to_string());
        Self { world, trust, incident, receipt, rae, ana }
    }

    pub(crate) async fn client(&self, actor: &Actor) -> Client<'_> {
        self.world.signed_in(actor.person().unwrap().id).await
    }

    pub(crate) async fn somebody(&self, name: &str, role: Role, at: Option<OrganisationId>) -> Client<'_> {
        self.world.signed_in(self.world.person(name, role, at).await).await
    }

    pub(crate) fn path(&self, run: RunId) -> String {
        format!("/incidents/{}/runs/{run}", self.incident)
    }

    /// What entered the timeline, the last first.
    pub(crate) async fn told(&self, zones: &[Zone]) -> Vec<String> {
        let end = (jiff::Timestamp::MAX, timeline::EntryId(db::macro_support::Uuid::max()));
        let mut snapshot = self.world.app.read().await.unwrap();
        let entries = timeline::entries(&mut snapshot, self.incident, Zones::of(zones), end).await.unwrap();
        entries.into_iter().map(|entry| entry.text).collect()
    }

    /// Presses a button beside the task of this visit.
    pub(crate) async fn press(
        &self,
        client: &Client<'_>,
        run: RunId,
        visit: i64,
        go: &str,
        more: &[(&str, &str)],
    ) -> u16 {
        let all = open(&self.world, run).await;
        let task = all.iter().find(|task| task.visit == visit).expect("it is open");
        let version = task.version.to_string();
        let mut fields = vec![("go", go), ("version", version.as_str())];
        fields.extend(more);
        let answer = client.post(&format!("{}/tasks/{}", self.path(run), task.id), &fields).await;
        self.world.app.env.advance(SignedDuration::from_secs(1));
        answer.status.as_u16()
    }
}

/// Imports a playbook; its id.
pub(crate) async fn kept(case: &Case, document: &Value) -> String {
    let report = imported(&case.world, &document.to_string()).await;
    assert_eq!(report.refused, 0, "{report:?}");
    let mut snapshot = case.world.app.read().await.unwrap();
    let name = document["name"].as_str().unwrap();
    let all = react::playbook::store::list(&mut snapshot, &Actor::Job("test"), name, None).await.unwrap();
    all[0].id.to_string()
}

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
