//! Incidents over the API: reported by an organisation's own system, read by it and by the CERT's, and by nobody else's.

use carecert::SERVICES;
use http::StatusCode;
use platform::access::Role;
use serde_json::{Value, json};
use testkit::world::World;

use crate::{
    furnished_incidents::{reported, unknown},
    issuing::{actor, answers_for},
};

const OWN: &str = "/api/v1/incidents";
const CERT: &str = "/api/v1/cert/incidents";

fn report(code: &str) -> Value {
    json!({"organisation": code, "seen": ["files_locked", "system_down", "files_locked"],
           "since": "2026-06-01T02:10:00Z", "affected": ["wards"], "care": "The Quokka ward works on paper.",
           "ring_name": "Pat Porter", "ring_telephone": "01632 960 123"})
}

#[tokio::test]
async fn a_system_reports_is_told_what_to_do_and_reads_how_it_stands() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    answers_for(&world, board, trust).await;
    let machine = world.machine(&world.key(trust, "incidents:read incidents:report").await);
    world.pass(jiff::SignedDuration::from_hours(24)).await;
    let taken = machine.post_json(OWN, &report("rwa")).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    let taken = taken.json();
    assert_eq!(taken["told_before"], false);
    let steps = taken["first_steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step.as_str().unwrap().contains("leave it on")), "{steps:?}");
    let number = taken["number"].as_str().unwrap();
    let path = format!("{OWN}/{number}");
    let added = machine.post_json(&format!("{path}/additions"), &json!({"text": "Wombat ward too"})).await;
    assert_eq!(added.status, StatusCode::NO_CONTENT, "{}", added.body);

    // The CERT's people see what came, with whom to ring; machines are told no names and numbers of people.
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let page = format!("/incidents/{}", taken["link"].as_str().unwrap().rsplit('/').next().unwrap());
    let seen = ana.get(&page).await.body;
    assert!(seen.contains("By one of its systems") && seen.contains("Pat Porter"), "{seen}");
    let cert = world.machine(&world.cert_key("reported:read").await);
    for (machine, list, path) in [(&machine, OWN, &path), (&cert, CERT, &format!("{CERT}/{number}"))] {
        let rows = machine.get(list).await.json();
        assert_eq!(rows["incidents"].as_array().unwrap().len(), 1, "{rows}");
        assert_eq!(rows["incidents"][0]["seen"], json!(["files_locked", "system_down"]));
        let whole = machine.get(path).await;
        assert!(!whole.body.contains("Porter") && !whole.body.contains("960 123"), "{}", whole.body);
        let whole = whole.json();
        assert_eq!((&whole["state"], &whole["standing"]), (&json!("reported"), &json!("session")));
        assert_eq!(whole["reports"][0]["since"], "2026-06-01T02:10:00Z");
        assert_eq!(whole["additions"][0]["text"], "Wombat ward too");
    }
    // Who answers for it reads it too.
    let answering = world.machine(&world.key(board, "incidents:read incidents:report").await);
    assert_eq!(answering.get(&path).await.status, 200);
    world.app.env.advance(jiff::SignedDuration::from_millis(1));
    assert_eq!(answering.post_json(OWN, &report("RWA")).await.json()["told_before"], true);
}

#[tokio::test]
async fn what_a_system_cannot_report_is_refused_with_the_field() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let machine = world.machine(&world.key(trust, "incidents:report").await);
    for (field, value, said) in [
        ("organisation", json!("RBB"), "You do not report for an organisation RBB"),
        ("seen", json!([]), "Select what you see"),
        ("seen", json!(["gremlins"]), "gremlins"),
        ("since", json!("2999-01-01T00:00:00Z"), "since: "),
        ("since", json!("yesterday"), "since: "),
        ("care", json!("x".repeat(2_001)), "care: "),
        ("more", json!("a\u{0}b"), "a character that is in no text"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut body = report("RWA");
        body[field] = value;
        let refused = machine.post_json(OWN, &body).await;
        assert!(
            [400, 422].contains(&refused.status.as_u16()) && refused.body.contains(said),
            "{field}: {}",
            refused.body
        );
    }
    assert_eq!(machine.get(OWN).await.status, 403, "it may report, and read nothing");
}

#[tokio::test]
async fn no_other_system_learns_of_an_incident() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let apart = unknown(&world, Some(trust), "Walking").await;
    let stranger = world.machine(&world.key(other, "incidents:read incidents:report").await);
    assert_eq!(stranger.get(OWN).await.json(), json!({"incidents": []}));
    let one = format!("{OWN}/{}", sent.receipt);
    assert_eq!(stranger.get(&one).await.status, 404);
    let added = stranger.post_json(&format!("{one}/additions"), &json!({"text": "Let me in"})).await;
    assert_eq!(added.status, 404, "{}", added.body);
    assert_eq!(stranger.get(&format!("{CERT}/{}", sent.receipt)).await.status, 403);
    // What nobody has vouched for is for the CERT alone, and stands apart there.
    let own = world.machine(&world.key(trust, "incidents:read").await);
    assert_eq!(own.get(&format!("{OWN}/{}", apart.receipt)).await.status, 404);
    assert_eq!(own.get(OWN).await.json()["incidents"].as_array().unwrap().len(), 1);
    let cert = world.machine(&world.cert_key("reported:read").await);
    let main = cert.get(CERT).await.body;
    assert!(main.contains(sent.receipt.code()) && !main.contains(apart.receipt.code()), "{main}");
    let aside = cert.get(&format!("{CERT}?apart=true&standing=unverified")).await.body;
    assert!(!aside.contains(sent.receipt.code()) && aside.contains(apart.receipt.code()), "{aside}");
    assert_eq!(cert.get(OWN).await.status, 403);
}
