//! What was asked about an alert, for machines: a key reads what its own organisations asked, and of others
//! nothing; what is said above TLP:AMBER is for people.

use broadcast::audience::{Choices, Mode, Part};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::access::Role;
use serde_json::Value;
use testkit::world::World;

use crate::{
    furnished_questions::{answered, asked, entry, published},
    issuing::{Desk, actor, answers_for, contact, everybody, wording},
};

async fn number(world: &World, alert: broadcast::alert::AlertId) -> String {
    let mut snapshot = world.app.read().await.unwrap();
    broadcast::alert::store::alert(&mut snapshot, alert).await.unwrap().unwrap().number.to_string()
}

async fn read(world: &World, token: &str, path: &str) -> Value {
    let answer = world.machine(token).get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_key_reads_what_its_organisation_asked_and_what_is_answered_for_all() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let done = asked(&world, &rae, alert, "RWA", "Is the Quokka gateway concerned?").await;
    world.pass(SignedDuration::from_secs(1)).await;
    answered(&world, &desk.analyst, done, "The Wombat alone.").await;
    published(&world, &desk.analyst, done, &entry(Tlp::Green, "Is version 2 safe?")).await;
    let open = asked(&world, &rae, alert, "RWA", "And the Bilby?").await;
    let door = format!("/api/v1/alerts/{}", number(&world, alert).await);

    let own = world.key(trust, "alerts:read").await;
    let list = read(&world, &own, &format!("{door}/questions")).await;
    let texts: Vec<_> = list["questions"].as_array().unwrap().iter().map(|each| &each["text"]).collect();
    assert!(texts.len() == 2 && texts.contains(&&Value::from("And the Bilby?")), "{list}");
    let one = read(&world, &own, &format!("{door}/questions/{done}")).await;
    assert_eq!((&one["status"], &one["organisation"]), (&Value::from("answered"), &Value::from("RWA")));
    assert_eq!(one["messages"][1]["text"], "The Wombat alone.");
    assert!(!one.to_string().contains("Rae Responder"), "people are not named: {one}");

    let stranger = world.key(other, "alerts:read").await;
    assert_eq!(
        read(&world, &stranger, &format!("{door}/questions")).await["questions"],
        Value::Array(vec![])
    );
    let hidden = world.machine(&stranger).get(&format!("{door}/questions/{done}")).await;
    assert_eq!(hidden.status, 404);
    for key in [&own, &stranger] {
        let faq = read(&world, key, &format!("{door}/faq")).await;
        assert_eq!(faq["answers"][0]["question"], "Is version 2 safe?");
        assert!(!faq.to_string().contains("Quokka"), "{faq}");
    }

    let cert = world.cert_key("sector:read").await;
    let waiting = read(&world, &cert, "/api/v1/cert/questions?status=open").await;
    assert_eq!(waiting["questions"].as_array().unwrap().len(), 1);
    assert_eq!(waiting["questions"][0]["id"], open.to_string());
    let about = format!("/api/v1/cert/questions?alert={}", number(&world, alert).await);
    assert_eq!(read(&world, &cert, &about).await["questions"].as_array().unwrap().len(), 2);
    let whole = read(&world, &cert, &format!("/api/v1/cert/questions/{done}")).await;
    assert_eq!(whole["messages"][0]["side"], "organisation");
    assert_eq!(world.machine(&cert).get("/api/v1/cert/questions?alert=CC-9999").await.status, 404);
}

#[tokio::test]
async fn a_machine_is_not_told_what_is_for_people() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    answers_for(&world, board, practice).await;
    contact(&world, practice, "security_lead", "lead@practice.example").await;
    let desk = Desk::open(&world).await;
    let parts = vec![(Part::Kind, vec!["gp_practice".to_owned()])];
    let practices = Choices { mode: Some(Mode::MustRespond), parts };
    let said = broadcast::advisory::Wording { tlp: Tlp::AmberStrict, ..wording("Gateway") };
    let alert = desk.delivered(&said, &practices).await;
    let pat = actor(&world, "Pat Practice", Role::Lead, Some(practice)).await;
    let id = asked(&world, &pat, alert, "A81001", "Is the Quokka concerned?").await;
    answered(&world, &desk.analyst, id, "The Wombat alone.").await;
    published(&world, &desk.analyst, id, &entry(Tlp::AmberStrict, "Is the Bilby safe?")).await;
    let door = format!("/api/v1/alerts/{}", number(&world, alert).await);
    let keys = [
        (world.key(board, "alerts:read").await, format!("{door}/questions")),
        (world.key(practice, "alerts:read").await, format!("{door}/questions")),
        (world.key(practice, "alerts:read").await, format!("{door}/questions/{id}")),
        (world.key(practice, "alerts:read").await, format!("{door}/faq")),
        (world.cert_key("sector:read").await, "/api/v1/cert/questions".to_owned()),
        (world.cert_key("sector:read").await, format!("/api/v1/cert/questions/{id}")),
    ];
    for (key, path) in keys {
        let told = read(&world, &key, &path).await.to_string();
        assert!(["Quokka", "Wombat", "Bilby"].iter().all(|word| !told.contains(word)), "{path}: {told}");
    }
}
