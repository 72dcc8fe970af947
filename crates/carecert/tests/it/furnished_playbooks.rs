//! What tests about playbooks begin with: a small one, and the same kept by the CERT.

use platform::{Actor, import::Report};
use react::playbook::import;
use serde_json::{Value, json};
use testkit::world::World;

use crate::walk::Names;

/// The id of something of this type and number.
pub(crate) fn id(kind: &str, number: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012x}")
}

/// A playbook of this number and name, with one step for people and one for a machine, marked so.
pub(crate) fn playbook(number: u32, name: &str, tlp: Option<&str>) -> Value {
    let (agent, marking) = (id("individual", 8), id("marking-tlp", 9));
    let when = "2026-11-01T00:00:00.000Z";
    let mut document = json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", number), "name": name,
        "description": "Numbats at the door.", "created_by": id("identity", 7), "created": when, "modified": when,
        "workflow_start": id("start", 1),
        "workflow": {
            id("start", 1): {"type": "start", "on_completion": id("action", 2)},
            id("action", 2): {"type": "action", "name": "Close the door", "description": "They come in by it.",
                "commands": [{"type": "manual", "command": "Turn the key."}, {"type": "bash", "command": "shut -h <now>"}],
                "agent": agent, "on_completion": id("end", 3)},
            id("end", 3): {"type": "end"},
        },
        "agent_definitions": {agent: {"type": "individual", "name": "The porter"}},
        "x_kept": {"by": ["us"]},
    });
    if let Some(tlp) = tlp {
        document["markings"] = json!([marking]);
        document["data_marking_definitions"] = json!({marking.clone(): {"type": "marking-tlp", "id": marking,
            "created_by": id("identity", 7), "created": when, "tlpv2_level": tlp}});
    }
    document
}

/// Imports it, as the command does.
pub(crate) async fn imported(world: &World, document: &str) -> Report {
    let taken = import::take_in(&world.app, &Actor::Job("import"), document.as_bytes(), "numbats.json").await;
    taken.expect("an import")
}

/// What the samples of playbooks speak of.
pub(crate) async fn furnish(world: &World, names: &mut Names) {
    let report = imported(world, &playbook(100, "Numbats", Some("TLP:GREEN")).to_string()).await;
    assert_eq!((report.new, report.refused), (1, 0), "{report:?}");
    let mut snapshot = world.app.read().await.expect("a read");
    let actor = Actor::Job("walk");
    let all = react::playbook::store::list(&mut snapshot, &actor, "", None).await.expect("a list");
    names.insert("imported_playbook", all[0].id.to_string());
    let sent = playbook(101, "Quokkas", None).to_string();
    let document = sent.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    names.insert("playbook_document", document);
    names.insert("playbook_file", sent);
}
