//! What samples about the offline form and about mails that report speak of.

use std::collections::HashMap;

use formats::age;
use platform::Actor;
use react::{
    offline,
    report::{self, Facts, Seen, Way, actions::Sender},
};
use serde_json::{Value, json};
use testkit::world::World;

/// A sealed file, and an incident that a mail reported.
pub async fn furnish(world: &World, names: &mut HashMap<&'static str, String>) {
    names.insert("sealed", sealed(world, &written()).await);
    let facts = Facts { seen: vec![Seen::SomethingElse], ..Facts::default() };
    let mut tx = world.app.write().await.expect("a write");
    let form = tx.id();
    let sender = Sender::Unknown { organisation: None };
    let sent = report::actions::take(&mut tx, &Actor::Job("mailbox"), form, Way::Mail, sender, &facts);
    names.insert("mailed_incident", sent.await.expect("a report").incident.to_string());
    tx.commit().await.expect("a commit");
}

/// What the offline form writes.
pub fn written() -> Value {
    json!({
        "form": "carecert-report/1",
        "organisation": "RWA",
        "code": "",
        "seen": ["files_locked", "system_down"],
        "since": "2026-06-01T07:10",
        "affected": ["theatres"],
        "care": "Two theatres stand still.",
        "ring": {"name": "Pat Ward", "telephone": "07700 900 123"},
        "more": "A note on every screen.",
    })
}

/// A file of the offline form, as text.
pub async fn sealed(world: &World, written: &Value) -> String {
    let recipient = offline::actions::made(&world.app).await.expect("keys").current;
    age::armoured(&age::seal(written.to_string().as_bytes(), &recipient, &world.app.env.bytes()))
}
