//! The case over the API: systems of the organisation, of guests and of the CERT read and write in the zones of those whose
//! key it is, as far as its scopes go, and in no other.

use carecert::SERVICES;
use http::StatusCode;
use platform::access::Role;
use react::case::Zone;
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::{
    furnished_cases::{fill, let_in},
    furnished_incidents::reported,
    issuing::actor,
};

/// The lists of a case, and what the rows of each are called.
const LISTS: [(&str, &str); 6] = [
    ("timeline", "entries"),
    ("tasks", "tasks"),
    ("notes", "notes"),
    ("messages", "messages"),
    ("decisions", "decisions"),
    ("observables", "observables"),
];

/// What else there is to read.
const FURTHER: [&str; 9] =
    ["stix", "misp", "live", "situations", "impact", "awareness", "clocks", "evidence", "runs"];

/// What is written in each, with a word in it.
fn written(zone: Zone, word: &str) -> Vec<(&'static str, Value)> {
    let zone = zone.code();
    vec![
        ("timeline", json!({"zone": zone, "text": word})),
        ("tasks", json!({"zone": zone, "title": word, "owner": "cert", "due_at": "2030-01-01T00:00:00Z"})),
        ("notes", json!({"zone": zone, "title": word, "text": word})),
        ("messages", json!({"zone": zone, "text": word})),
        ("decisions", json!({"zone": zone, "decided": word, "decider": "Pat", "role": "Gold", "why": word})),
        ("observables", json!({"zone": zone, "text": format!("https://{word}.evil-host.org/x")})),
    ]
}

async fn rows(client: &Client<'_>, base: &str, (list, name): (&str, &str)) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("{base}/{list}{after}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{list}: {}", answer.body);
        let page = answer.json();
        all.extend(page[name].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return all };
        after = format!("?after={next}");
    }
}

#[tokio::test]
async fn each_reads_and_writes_the_zones_of_those_whose_key_it_is() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let supplier = world.organisation("8JA02", "Supplies", "supplier").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    for (by, zone, word) in
        [(&rae, Zone::Own, "numbat"), (&rae, Zone::Shared, "wallaby"), (&ana, Zone::Cert, "zebrafish")]
    {
        fill(&world, by, sent.incident, zone, word).await;
    }
    let_in(&world, &ana, sent.incident, "8JA02", Zone::Shared).await;
    let (own, cert) =
        (format!("/api/v1/incidents/{}", sent.receipt), format!("/api/v1/cert/incidents/{}", sent.receipt));
    let both = "cases:read cases:write";
    let readers = [
        (world.machine(&world.key(trust, both).await), &own, vec![Zone::Own, Zone::Shared], "tapir"),
        (world.machine(&world.key(supplier, both).await), &own, vec![Zone::Shared], "gecko"),
        (world.machine(&world.cert_key(both).await), &cert, vec![Zone::Shared, Zone::Cert], "heron"),
    ];
    let words = [(Zone::Own, "numbat"), (Zone::Shared, "wallaby"), (Zone::Cert, "zebrafish")];
    for (client, base, reads, word) in &readers {
        for list in LISTS {
            let text = serde_json::to_string(&rows(client, base, list).await).unwrap();
            for (zone, told) in words.iter().filter(|_| list.0 != "observables") {
                assert_eq!(text.contains(told), reads.contains(zone), "{word} {list:?} {told}");
            }
            // No names of people, but where somebody wrote one: who is at work.
            let names = text.matches("Rae Responder").count() + text.matches("Ana Lyst").count();
            assert_eq!(names, text.matches(" is at work on it.").count(), "{text}");
        }
        for zone in Zone::ALL {
            for (list, body) in written(*zone, word) {
                let answer = client.post_json(&format!("{base}/{list}"), &body).await;
                let expected = match (reads.contains(zone), list, zone) {
                    (false, ..) => StatusCode::NOT_FOUND,
                    // Nobody gives what the CERT does not read to the CERT.
                    (true, "tasks", Zone::Own) => StatusCode::UNPROCESSABLE_ENTITY,
                    (true, ..) => StatusCode::CREATED,
                };
                assert_eq!(answer.status, expected, "{word} {list} {zone:?}: {}", answer.body);
            }
        }
        for list in LISTS {
            let text = serde_json::to_string(&rows(client, base, list).await).unwrap();
            assert!(text.contains(word), "{word} in {list:?}");
        }
    }
    // What one wrote in the shared zone the others read, and people see which machine it was.
    let text = serde_json::to_string(&rows(&readers[1].0, &own, LISTS[3]).await).unwrap();
    assert!(text.contains("tapir") && text.contains("heron"), "{text}");
    let page = world.signed_in(rae.person().unwrap().id).await;
    let messages = page.get(&format!("/incidents/{}/messages", sent.incident)).await.body;
    assert!(messages.contains("test, Supplies") && !messages.contains("has left"), "{messages}");
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_strangers_find_nothing() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let strange = world.organisation("RXX", "Strange NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let (own, cert) =
        (format!("/api/v1/incidents/{}", sent.receipt), format!("/api/v1/cert/incidents/{}", sent.receipt));
    let reads = world.machine(&world.key(trust, "cases:read incidents:read incidents:report").await);
    let old = world.machine(&world.key(trust, "incidents:read incidents:report").await);
    let stranger = world.machine(&world.key(strange, "cases:read cases:write").await);
    let cert_reads = world.machine(&world.cert_key("cases:read reported:read").await);
    for (list, _) in LISTS.into_iter().chain(FURTHER.map(|list| (list, ""))) {
        // A key that was given before there were cases opens none.
        assert_eq!(old.get(&format!("{own}/{list}")).await.status, 403, "{list}");
        assert_eq!(stranger.get(&format!("{own}/{list}")).await.status, 404, "{list}");
        assert_eq!(cert_reads.get(&format!("{own}/{list}")).await.status, 403, "{list}");
        if list != "live" {
            assert_eq!(reads.get(&format!("{own}/{list}")).await.status, 200, "{list}");
            assert_eq!(cert_reads.get(&format!("{cert}/{list}")).await.status, 200, "{list}");
        }
    }
    for (list, body) in written(Zone::Shared, "tapir") {
        assert_eq!(reads.post_json(&format!("{own}/{list}"), &body).await.status, 403, "{list}");
        assert_eq!(stranger.post_json(&format!("{own}/{list}"), &body).await.status, 404, "{list}");
        assert_eq!(cert_reads.post_json(&format!("{cert}/{list}"), &body).await.status, 403, "{list}");
    }
}

#[tokio::test]
async fn a_machine_moves_tasks_corrects_and_is_told_what_cannot_be_taken() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let base = format!("/api/v1/incidents/{}", sent.receipt);
    let machine = world.machine(&world.key(trust, "cases:read cases:write").await);
    let made = machine.post_json(&format!("{base}/tasks"), &json!({"zone": "own", "title": "Tapir"})).await;
    let task = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{base}/tasks/{task}");
    let moved = |event: &str, version: i64| json!({"event": event, "version": version, "outcome": "Done"});
    assert_eq!(machine.post_json(&path, &moved("start", 1)).await.status, 204);
    assert_eq!(machine.post_json(&path, &moved("finish", 1)).await.status, 409, "it is not as it was read");
    assert_eq!(machine.post_json(&path, &moved("finish", 2)).await.status, 204);
    assert_eq!(machine.post_json(&path, &moved("start", 3)).await.status, 422, "it is done");
    let tasks = rows(&machine, &base, LISTS[1]).await;
    assert_eq!((&tasks[0]["state"], &tasks[0]["outcome"]), (&json!("done"), &json!("Done")));
    // An entry is corrected once, where it stands.
    let wrong = machine.post_json(&format!("{base}/timeline"), &json!({"zone": "own", "text": "Ten"})).await;
    let wrong = wrong.json()["id"].clone();
    let right = json!({"zone": "own", "text": "Twelve", "corrects": wrong});
    let elsewhere = json!({"zone": "shared", "text": "Twelve", "corrects": wrong});
    for (body, status) in [(&elsewhere, 422), (&right, 201), (&right, 422)] {
        assert_eq!(machine.post_json(&format!("{base}/timeline"), body).await.status, status, "{body}");
    }
    for (list, body) in [
        ("timeline", json!({"zone": "shared", "text": " "})),
        ("timeline", json!({"zone": "shared", "text": "x".repeat(4_001)})),
        ("timeline", json!({"zone": "shared", "text": "x", "happened_at": "2999-01-01T00:00:00Z"})),
        ("timeline", json!({"zone": "shared", "text": "x", "happened_at": "yesterday"})),
        ("tasks", json!({"zone": "shared", "title": "x", "due_at": "-009999-01-01T00:00:00Z"})),
        ("messages", json!({"zone": "everywhere", "text": "x"})),
        ("messages", json!({"zone": "shared", "text": "x", "colour": "red"})),
        ("decisions", json!({"zone": "shared", "decided": "x", "decider": "", "role": "x"})),
    ] {
        let refused = machine.post_json(&format!("{base}/{list}"), &body).await;
        assert!([400, 422].contains(&refused.status.as_u16()), "{list} {body}: {}", refused.body);
        assert!(refused.json()["title"].is_string());
    }
    assert_eq!(machine.get(&format!("{base}/timeline?after=nonsense")).await.status, 422);
    // Of more than a page nothing is missed and nothing comes twice.
    for number in 0..60 {
        let body = json!({"zone": "shared", "text": format!("Message {number}")});
        assert_eq!(machine.post_json(&format!("{base}/messages"), &body).await.status, 201);
        world.app.env.advance(jiff::SignedDuration::from_millis(1));
    }
    let mut all: Vec<_> =
        rows(&machine, &base, LISTS[3]).await.into_iter().map(|row| row["text"].to_string()).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 60);
}
