//! What tests about webhooks begin with: one of an organisation or of the CERT, its server, and what that
//! was sent, checked by a computation of the signature that is not the program's.

use broadcast::alert::AlertId;
use data_encoding::BASE64;
use db::{params, sql};
use http::{HeaderMap, StatusCode};
use platform::{
    Actor,
    net::{Request, Response},
    organisation::OrganisationId,
    webhook::{
        DeliveryId, Format, Owner, Plan, Secret, WebhookId, actions,
        store::{self, Webhook},
    },
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::world::World;

use crate::walk::Names;

/// Everything that can be chosen.
pub(crate) const EVERYTHING: [&str; 5] =
    ["alert.published", "alert.revised", "alert.withdrawn", "response.changed", "alert.overdue"];

/// A webhook that is told of everything, as JSON.
pub(crate) fn plan(url: &str) -> Plan {
    Plan {
        name: "Desk".to_owned(),
        url: url.parse().expect("an address"),
        format: Format::Json,
        events: EVERYTHING.to_vec(),
    }
}

/// Adds a webhook whose server takes everything.
pub(crate) async fn hook(world: &World, owner: Owner, url: &str) -> (WebhookId, Secret) {
    takes(world, url);
    let mut tx = world.app.write().await.expect("a write");
    let added = actions::add(&mut tx, &Actor::Job("test"), owner, &plan(url), None).await.expect("added");
    tx.commit().await.expect("a commit");
    added
}

/// A webhook of an organisation.
pub(crate) async fn of(world: &World, organisation: OrganisationId, url: &str) -> (WebhookId, Secret) {
    hook(world, Owner::Organisation(organisation), url).await
}

/// How a webhook stands.
pub(crate) async fn stands(world: &World, id: WebhookId) -> Webhook {
    let mut snapshot = world.app.read().await.expect("a read");
    store::webhook(&mut snapshot, id).await.expect("a webhook").expect("it is there")
}

/// From now on the server takes everything.
pub(crate) fn takes(world: &World, url: &str) {
    answers(world, url, 204, &[]);
}

/// From now on the server answers so.
pub(crate) fn answers(world: &World, url: &str, status: u16, headers: &[(&'static str, &str)]) {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header")))
        .collect();
    let status = StatusCode::from_u16(status).expect("a status");
    world.net.answers(url, Ok(Response { status, headers, body: b"Thanks".to_vec() }));
}

/// What a server was sent since it was last asked about, oldest first.
pub(crate) fn sent(world: &World, url: &str) -> Vec<Request> {
    world.net.asked().into_iter().filter(|request| request.url.as_str() == url).collect()
}

/// The JSON of a request.
pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

/// Its `type`.
pub(crate) fn kind(request: &Request) -> String {
    body(request)["type"].as_str().expect("a type").to_owned()
}

/// A header of a request.
pub(crate) fn header(request: &Request, name: &str) -> String {
    request.headers[name].to_str().expect("text").to_owned()
}

/// What the header of signatures has to hold for a secret as people were shown it: HMAC of RFC 2104, by
/// hand.
pub(crate) fn signature(secret: &str, request: &Request) -> String {
    let mut key = BASE64.decode(secret.strip_prefix("whsec_").expect("a secret").as_bytes()).expect("Base64");
    key.resize(64, 0);
    let pad = |with: u8| key.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let head = format!("{}.{}.", header(request, "webhook-id"), header(request, "webhook-timestamp"));
    let inner =
        Sha256::new().chain_update(pad(0x36)).chain_update(head).chain_update(&request.body).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    format!("v1,{}", BASE64.encode(&outer))
}

/// Everything that a webhook was told, oldest first: id, event, fate and tries.
pub(crate) async fn told(world: &World, id: WebhookId) -> Vec<(DeliveryId, String, String, i64)> {
    let statement = sql!(
        "SELECT id, event, state, attempts FROM webhook_delivery WHERE webhook_id = ?1 ORDER BY created_at, id"
    );
    world.app.read().await.expect("a read").all(statement, params![id]).await.expect("deliveries")
}

/// What became of each thing that a webhook was told.
pub(crate) async fn fates(world: &World, id: WebhookId) -> Vec<String> {
    told(world, id).await.into_iter().map(|(_, _, state, _)| state).collect()
}

/// The link that is told of an alert.
pub(crate) fn link(alert: AlertId) -> String {
    format!("http://carecert.test/alerts/{alert}")
}

/// A webhook of the organisation and one of the CERT, each with something delivered, and others that are
/// switched off.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let owners = [("", Owner::Organisation(organisation)), ("cert_", Owner::Cert)];
    for (place, (of, owner)) in owners.into_iter().enumerate() {
        let (id, _) = hook(world, owner, "https://desk.example/furnished").await;
        let (off, _) = hook(world, owner, "https://desk.example/off").await;
        let here = Actor::Job("test");
        let mut tx = world.app.write().await.expect("a write");
        let delivery = actions::test(&mut tx, &here, id).await.expect("a test");
        actions::switch_off(&mut tx, &here, off, 1).await.expect("off");
        tx.commit().await.expect("a commit");
        let keys: [&'static str; 3] = match (place, of) {
            (0, _) => ["webhook", "webhook_off", "webhook_delivery"],
            _ => ["cert_webhook", "cert_webhook_off", "cert_webhook_delivery"],
        };
        names.extend([
            (keys[0], id.to_string()),
            (keys[1], off.to_string()),
            (keys[2], delivery.to_string()),
        ]);
    }
    world.work().await;
    world.net.asked();
}
