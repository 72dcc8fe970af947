//! TheHive's own client for Python, against this program as it listens: every call that docs/thehive.md says is covered.

use std::{path::PathBuf, process::Stdio};

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::access::Role;
use react::incident::IncidentId;
use serde_json::Value;
use testkit::world::World;
use tokio::process::Command;

use crate::{
    furnished_incidents::classified,
    furnished_thehive::{CERT_SCOPES, OWN_SCOPES, taken_on},
    issuing::actor,
};

/// The Python that has the client: the one that is named, or the one that `cargo xtask test` installs.
fn python() -> PathBuf {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/thehive4py/bin/python");
    let python = std::env::var_os("CARECERT_TEST_THEHIVE4PY").map_or_else(|| installed.into(), PathBuf::from);
    assert!(python.exists(), "no Python has thehive4py: `cargo xtask test --only sqlite` installs one");
    python
}

/// Runs a part of the journey; what it says.
async fn journey(arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/thehive4py/journey.py");
    let output = Command::new(python())
        .args(["-W", "error::DeprecationWarning:thehive4py", script])
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("Python runs");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{errors}");
    said.into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn thehive4py_makes_finds_and_closes_what_is_covered() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    for (code, name) in [("8JA01", "Walking Supplies"), ("8JA02", "Walking Repairs")] {
        world.organisation(code, name, "supplier").await;
    }
    let own = world.key(trust, OWN_SCOPES).await;
    let (another, third) = (world.key(trust, OWN_SCOPES).await, world.key(trust, OWN_SCOPES).await);
    let cert = world.cert_key(CERT_SCOPES).await;
    world.app.env.advance(SignedDuration::from_hours(1));
    let address = world.listen().await;
    let said = journey(&["organisation", &address, &own, &another, &third]).await;
    let made: Value = serde_json::from_str(&said).expect("ids");

    // What people do in between.
    let analyst = actor(&world, "Ana Analyst", Role::Analyst, None).await;
    for name in ["case", "other"] {
        let id: IncidentId = made[name].as_str().expect("an id").parse().expect("an incident");
        taken_on(&world, &analyst, id).await;
        classified(&world, &analyst, id).await;
    }
    journey(&["cert", &address, &cert, &said]).await;

    // People see on their pages what the client wrote.
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(rae).await;
    let case = format!("/incidents/{}", made["case"].as_str().expect("an id"));
    for (page, words) in [
        ("", "The wombats left."),
        ("", "Wombats everywhere"),
        ("/timeline", "what it is called: title, tags"),
        ("/timeline?kind=task", "There are thirteen."),
        ("/timeline", "it was what it looked like"),
        ("/tasks", "Count them"),
        ("/observables", "evil-wombat[.]net"),
    ] {
        let body = rae.get(&format!("{case}{page}")).await.body;
        assert!(body.contains(words), "{page} does not say “{words}”: {body}");
    }
    let tasks = rae.get(&format!("{case}/tasks")).await.body;
    assert!(!tasks.contains("Is it their supplier?"), "{tasks}");
}
