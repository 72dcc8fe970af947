//! Evidence over the API: systems send files of any size, which are hashed on the way in and never held, read the custody,
//! and take archives that need a password. The custody names the key; what is in another zone does not exist.

use std::path::Path;

use carecert::SERVICES;
use data_encoding::HEXLOWER;
use http::{Method, header};
use jiff::SignedDuration;
use react::case::Zone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::world::{Answer, Client, World};

use crate::{
    evidence_is_kept_and_never_shown::opened,
    furnished_evidence::{case, form, kept},
};

/// A world whose uploads come in to a folder of its own.
async fn world(folder: &Path, most: u64) -> World {
    World::with(SERVICES, |settings| {
        folder.clone_into(&mut settings.data_dir);
        settings.evidence.most_bytes = most;
    })
    .await
}

/// Sends a form with a file, as a machine does.
async fn send(client: &Client<'_>, path: &str, fields: &[(&str, &str)], content: &str) -> Answer {
    let body = form(fields, "fire wall.log", content);
    client.send(Method::POST, path, "multipart/form-data; boundary=part", body).await
}

/// The custody of a piece: what was done, by which side, and why.
async fn custody(client: &Client<'_>, path: &str) -> Vec<(String, String, String)> {
    let piece = client.get(path).await.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entry = |entry: &Value| (text(&entry["deed"]), text(&entry["side"]), text(&entry["why"]));
    piece["custody"].as_array().unwrap().iter().map(entry).collect()
}

fn pass(world: &World) {
    world.app.env.advance(SignedDuration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_sends_a_file_once_and_another_one_takes_it_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 10_000_000).await;
    let case = case(&world).await;
    let own = format!("/api/v1/incidents/{}/evidence", case.receipt);
    let cert = format!("/api/v1/cert/incidents/{}/evidence", case.receipt);
    let token = world.key(case.organisation, "cases:read cases:write").await;
    let machine = world.machine(&token);
    // More than an answer may be that is kept to be given again.
    let content = "the bilby was here\n".repeat(100_000);
    let hash = HEXLOWER.encode(&Sha256::digest(&content));
    let fields = [
        ("zone", "shared"),
        ("about", "Log of the firewall"),
        ("found", "On the management server"),
        ("collected_at", "2026-06-01T01:10:00Z"),
        ("collected_by", "The collector of logs"),
        ("hash", hash.as_str()),
    ];
    let named = world.machine(&token).with("idempotency-key", "fire-1");
    let sent = send(&named, &own, &fields, &content).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    pass(&world);
    // Sent again under its name it is the same piece; another file is not taken for it.
    let again = send(&named, &own, &fields, &content).await;
    assert_eq!((again.status.as_u16(), again.json()["id"].as_str()), (201, Some(id.as_str())));
    let other = send(&named, &own, &fields[..2], "another").await;
    assert!(other.status == 422 && other.body.contains("another file"), "{}", other.body);
    let list = machine.get(&own).await.json();
    assert_eq!(list["evidence"].as_array().unwrap().len(), 1, "{list}");

    let path = format!("{own}/{id}");
    let piece = machine.get(&path).await.json();
    for (name, value) in [
        ("hash", json!(hash)),
        ("size", json!(content.len())),
        ("compared", json!(true)),
        ("name", json!("fire wall.log")),
        ("found", json!("On the management server")),
        ("collected_at", json!("2026-06-01T01:10:00Z")),
        ("collected_by", json!("The collector of logs")),
        ("side", json!("organisation")),
        ("through", json!("Quokka NHS Trust")),
    ] {
        assert_eq!(piece[name], value, "{name}: {piece}");
    }

    // A name makes no archive that was handed out before: each is another one, and an entry of the custody.
    let reader =
        world.machine(&world.cert_key("cases:read cases:write").await).with("idempotency-key", "take-1");
    let (mut passwords, why) = (Vec::new(), "To find the numbat in it");
    for _ in 0..2 {
        pass(&world);
        let (answer, archive) =
            reader.download_json(&format!("{cert}/{id}/read"), &json!({ "why": why })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/zip");
        let password = answer.headers["archive-password"].to_str().unwrap().to_owned();
        let archive = archive.expect("the whole of it");
        assert!(!archive.windows(9).any(|part| part == b"the bilby"), "nothing of it is in clear");
        let (name, bytes) = opened(&archive, &password).expect("it opens");
        assert_eq!((name, bytes == content.as_bytes()), (format!("{hash}.bin"), true));
        passwords.push(password);
    }
    assert_ne!(passwords[0], passwords[1]);
    let told = custody(&machine, &path).await;
    let told: Vec<_> =
        told.iter().map(|(deed, side, why)| (deed.as_str(), side.as_str(), why.as_str())).collect();
    assert_eq!(told, [("kept", "organisation", ""), ("read", "cert", why), ("read", "cert", why)]);
    // People read which machine it was, as they know it.
    let page = format!("/incidents/{}/evidence/{id}", case.incident);
    let shown = world.signed_in(case.responder).await.get(&page).await.body;
    assert!(shown.contains("test, Quokka NHS Trust") && !shown.contains("has left"), "{shown}");
    let shown = world.signed_in(case.analyst).await.get(&page).await.body;
    assert!(shown.contains("test, Test CSOC"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_told_what_of_a_file_cannot_be_taken_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000).await;
    let case = case(&world).await;
    let path = format!("/api/v1/incidents/{}/evidence", case.receipt);
    let machine = world.machine(&world.key(case.organisation, "cases:read cases:write").await);
    let (zone, about) = (("zone", "shared"), ("about", "Memory"));
    let (long, other) = ("x".repeat(2_001), HEXLOWER.encode(&[7; 32]));
    for (fields, content, status, field) in [
        (vec![zone, about], "x".repeat(1_001), 413, "larger"),
        (vec![zone, about], String::new(), 422, "empty"),
        (vec![about], "x".to_owned(), 422, "zone:"),
        (vec![("zone", "everywhere"), about], "x".to_owned(), 422, "zone:"),
        (vec![zone], "x".to_owned(), 422, "about:"),
        (vec![zone, about, ("numbat", "x")], "x".to_owned(), 422, "numbat: No part"),
        (vec![zone, ("about", &long)], "x".to_owned(), 422, "about:"),
        (vec![zone, about, ("collected_at", "yesterday")], "x".to_owned(), 422, "collected_at:"),
        (vec![zone, about, ("collected_at", "2999-01-01T00:00:00Z")], "x".to_owned(), 422, "collected_at:"),
        (vec![zone, about, ("hash", "abc")], "x".to_owned(), 422, "hash:"),
        (vec![zone, about, ("hash", &other)], "x".to_owned(), 422, "not the one that you gave"),
    ] {
        let refused = send(&machine, &path, &fields, &content).await;
        assert_eq!(refused.status, status, "{fields:?}: {}", refused.body);
        assert!(refused.json()["detail"].as_str().unwrap().contains(field), "{field}: {}", refused.body);
    }
    let cut = form(&[zone, about], "a", "abc").replace("--part--\r\n", "");
    let cut = machine.send(Method::POST, &path, "multipart/form-data; boundary=part", cut).await;
    assert_eq!((cut.status.as_u16(), cut.json()["status"].as_u64()), (400, Some(400)));
    assert_eq!(machine.post_json(&path, &json!({"zone": "shared"})).await.status, 415);
    assert_eq!(machine.get(&path).await.json()["evidence"], json!([]));
    assert_eq!(std::fs::read_dir(folder.path().join("arriving")).map_or(0, Iterator::count), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_of_another_zone_does_not_exist_for_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let (responder, analyst) = (world.signed_in(case.responder).await, world.signed_in(case.analyst).await);
    let mut pieces = Vec::new();
    for (client, zone, about) in [
        (&responder, Zone::Own, "Letter of the lawyers"),
        (&responder, Zone::Shared, "Note from the screen"),
        (&analyst, Zone::Cert, "Image of the server"),
    ] {
        pass(&world);
        pieces.push((zone, about, kept(client, case.incident, zone, about, about).await));
    }
    let both = "cases:read cases:write";
    let own = format!("/api/v1/incidents/{}/evidence", case.receipt);
    let cert = format!("/api/v1/cert/incidents/{}/evidence", case.receipt);
    let stranger = world.organisation("RXX", "Strange NHS Trust", "trust").await;
    for (who, token, base, reads) in [
        ("the organisation", world.key(case.organisation, both).await, &own, &[Zone::Own, Zone::Shared][..]),
        ("the CERT", world.cert_key(both).await, &cert, &[Zone::Shared, Zone::Cert][..]),
        ("another organisation", world.key(stranger, both).await, &own, &[][..]),
    ] {
        let client = world.machine(&token);
        let list = client.get(base).await.body;
        for (zone, about, piece) in &pieces {
            let (theirs, path) = (reads.contains(zone), format!("{base}/{piece}"));
            assert_eq!(list.contains(about), theirs, "{who}: {about}");
            let expected = if theirs { 200 } else { 404 };
            assert_eq!(client.get(&path).await.status, expected, "{who}: {about}");
            let taken = client.download_json(&format!("{path}/read"), &json!({"why": "x"})).await.0;
            assert_eq!(taken.status, expected, "{who}: {about}");
            let sent = send(&client, base, &[("zone", zone.code()), ("about", "x")], "x").await;
            assert_eq!(sent.status, if theirs { 201 } else { 404 }, "{who} into {zone:?}: {}", sent.body);
        }
    }
    // Who may only read is told what there is, and takes nothing of it.
    let reads = world.machine(&world.key(case.organisation, "cases:read").await);
    let path = format!("{own}/{}", pieces[1].2);
    assert_eq!(reads.get(&path).await.status, 200);
    assert_eq!(reads.post_json(&format!("{path}/read"), &json!({"why": "x"})).await.status, 403);
    assert_eq!(send(&reads, &own, &[("zone", "shared"), ("about", "x")], "x").await.status, 403);
    // Taking needs a reason.
    let machine = world.machine(&world.key(case.organisation, both).await);
    assert_eq!(machine.post_json(&format!("{path}/read"), &json!({"why": " "})).await.status, 422);
}
