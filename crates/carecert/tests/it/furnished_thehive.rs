//! What the samples of TheHive's API speak of: made over that API itself.

use platform::{access::Role, organisation::OrganisationId};
use react::incident::{self, IncidentId};
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::{
    furnished_incidents::{reported, standing},
    issuing::actor,
    walk::Names,
};

/// Where an organisation's key calls.
pub(crate) const OWN: &str = "/thehive/api/v1";
/// Where a key of the CERT's calls.
pub(crate) const CERT: &str = "/thehive/cert/api/v1";
/// Everything that an organisation's key may do here.
pub(crate) const OWN_SCOPES: &str = "cases:read cases:write cases:share";
/// Everything that a key of the CERT's may do here.
pub(crate) const CERT_SCOPES: &str = "cases:read cases:write cases:share cases:close";

/// Sends something that is made; what came of it.
pub(crate) async fn made(client: &Client<'_>, path: &str, body: &Value) -> Value {
    let answer = client.post_json(path, body).await;
    assert_eq!(answer.status, 201, "{path} {body}: {}", answer.body);
    answer.json()
}

/// Its id.
pub(crate) fn id(made: &Value) -> String {
    made["_id"].as_str().expect("an id").to_owned()
}

/// An alert of a system.
pub(crate) fn alert(source_ref: &str) -> Value {
    json!({"type": "siem", "source": "Wombat", "sourceRef": source_ref, "title": "Wombat", "description": "Wombat",
           "observables": [{"dataType": "domain", "data": "evil-potoroo.net"}]})
}

/// Somebody at the CERT takes an incident on.
pub(crate) async fn taken_on(world: &World, by: &platform::Actor, id: IncidentId) {
    let version = standing(world, id).await.version;
    let mut tx = world.app.write().await.expect("a write");
    incident::actions::take_on(&mut tx, by, id, version).await.expect("taken on");
    tx.commit().await.expect("a commit");
}

/// What the samples speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let (own, cert) = (world.key(organisation, OWN_SCOPES).await, world.cert_key(CERT_SCOPES).await);
    let (own, cert) = (world.machine(&own).with("x-zone", "shared"), world.machine(&cert));
    let case = names["incident"].clone();
    let event = json!({"date": world.now().as_millisecond(), "title": "Wombat"});
    let entry = made(&own, &format!("{OWN}/case/{case}/customEvent"), &event).await;
    let log = format!("{OWN}/task/{}/log", names["case_task"]);
    let log = made(&own, &log, &json!({"message": "Wombat"})).await;
    let observable = json!({"dataType": "domain", "data": "evil-bettong.net"});
    let observable = made(&own, &format!("{OWN}/case/{case}/observable"), &observable).await;
    let theirs = made(&own, &format!("{OWN}/alert"), &alert("1")).await;
    let certs = made(&cert, &format!("{CERT}/alert"), &alert("1")).await;
    let responder = actor(world, "Hive Responder", Role::Responder, Some(organisation)).await;
    let analyst = actor(world, "Hive Analyst", Role::Analyst, None).await;
    let mut merged = Vec::new();
    for _ in 0..2 {
        let sent = reported(world, &responder, "RWA").await;
        taken_on(world, &analyst, sent.incident).await;
        merged.push(sent.incident.to_string());
    }
    names.extend([
        ("hive_entry", id(&entry)),
        ("hive_log", id(&log)),
        ("hive_observable", id(&observable[0])),
        ("hive_alert", id(&theirs)),
        ("hive_cert_alert", id(&certs)),
        ("hive_merged", merged.join(",")),
    ]);
}
