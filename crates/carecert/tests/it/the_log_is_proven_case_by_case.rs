//! What the log says of a case is proven entry by entry: to whoever has the database, and, without it, to whoever has
//! the file that was downloaded. What stands in a zone that its reader does not read is not in it.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    log::{self, Entry},
};
use react::{case::Zone, evidence::log_proof::LogProof};
use serde_json::json;
use testkit::world::{Client, World};

use crate::{
    furnished_evidence::{Case, case, kept},
    process::{Installation, carecert},
};

/// Entries about other things, a moment later.
async fn others(world: &World, count: usize) {
    world.app.env.advance(SignedDuration::from_millis(1));
    let mut tx = world.app.write().await.unwrap();
    for number in 0..count {
        let entry = Entry::new("test.happened").with(json!({"number": number}));
        log::write(&mut tx, &Actor::Job("test"), entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    while log::seal(&world.app).await.unwrap() > 0 {}
}

async fn proof(client: &Client<'_>, case: &Case, head: &str) -> LogProof {
    let answer = client.get(&format!("/incidents/{}/log-proof?head={head}", case.incident)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let name = format!("attachment; filename=\"{}-log-proof.json\"", case.receipt);
    assert_eq!(answer.headers["content-disposition"], name);
    serde_json::from_str(&answer.body).expect("a proof")
}

fn verbs(proof: &LogProof) -> Vec<&str> {
    proof.entries.iter().map(|entry| entry.fields.verb.as_str()).collect()
}

/// A case with a piece in each zone, among entries about other things.
async fn told(world: &World) -> Case {
    let case = case(world).await;
    others(world, 700).await;
    let (responder, analyst) = (world.signed_in(case.responder).await, world.signed_in(case.analyst).await);
    kept(&responder, case.incident, Zone::Own, "A", "a").await;
    others(world, 900).await;
    kept(&responder, case.incident, Zone::Shared, "B", "b").await;
    kept(&analyst, case.incident, Zone::Cert, "C", "c").await;
    others(world, 1_300).await;
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_proves_what_its_reader_may_know_and_nothing_else() {
    let world = World::new(SERVICES).await;
    let case = told(&world).await;
    let responder = world.signed_in(case.responder).await;
    let first = proof(&responder, &case, "").await;
    assert_eq!(first.check(), Ok(()));
    // Whom the CERT rings is the CERT's own.
    assert_eq!(verbs(&first), ["incident.reported", "case.let_in", "evidence.kept", "evidence.kept"]);
    for (person, expected) in [
        (
            case.analyst,
            &["incident.paged", "incident.reported", "case.let_in", "evidence.kept", "evidence.kept"][..],
        ),
        (case.guest, &["case.let_in", "evidence.kept"][..]),
    ] {
        let theirs = proof(&world.signed_in(person).await, &case, "").await;
        assert_eq!((verbs(&theirs).as_slice(), theirs.check()), (expected, Ok(())));
    }
    let whole = serde_json::to_string(&first).unwrap();
    assert!(!whole.contains("payload") && !whole.contains("Quokka") && !whole.contains("Rae"));

    // With the roots of blocks at hand it is the same file.
    assert_eq!(log::keep_blocks(&world.app).await.unwrap(), 2);
    assert_eq!(proof(&responder, &case, "").await, first);

    // Later, with the head that was kept.
    others(&world, 2_500).await;
    kept(&responder, case.incident, Zone::Shared, "D", "d").await;
    others(&world, 1).await;
    let later = proof(&responder, &case, &first.head).await;
    assert_eq!((later.entries.len(), later.check()), (5, Ok(())));
    let older = later.older.as_ref().expect("the older head");
    assert_eq!((older.size, &older.head), (first.size, &first.head));

    let unknown =
        responder.get(&format!("/incidents/{}/log-proof?head={}", case.incident, "7".repeat(64))).await;
    assert!(unknown.status == 422 && unknown.body.contains("never had the head"), "{}", unknown.body);
    // Where it was typed, with what was typed and what to do.
    let page = responder.get(&format!("/incidents/{}/log-proof?head=zz", case.incident)).await;
    assert_eq!(page.status, 422);
    for words in [
        "There is a problem",
        "href=\"#head\"",
        "value=\"zz\"",
        "A head has 64 digits",
        "Download the proof",
        "<nav",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }

    // Whatever is changed in it is noticed.
    for change in [
        |proof: &mut LogProof| proof.entries[0].fields.verb = "incident.closed".to_owned(),
        |proof: &mut LogProof| proof.entries[2].fields.at.push('0'),
        |proof: &mut LogProof| proof.entries[1].number += 1,
        |proof: &mut LogProof| proof.entries[1].path.swap(0, 1),
        |proof: &mut LogProof| proof.head = "7".repeat(64),
        |proof: &mut LogProof| proof.older.as_mut().unwrap().head = "7".repeat(64),
        |proof: &mut LogProof| proof.entries.push(proof.entries[0].clone()),
    ] {
        let mut changed = later.clone();
        change(&mut changed);
        assert!(changed.check().is_err(), "{changed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_proves_a_case_and_names_what_was_changed() {
    let world = World::new(SERVICES).await;
    let case = told(&world).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let head = log::head(&mut world.app.read().await.unwrap()).await.unwrap();
    let hex = data_encoding::HEXLOWER.encode(&head.root);
    others(&world, 5).await;
    let run = async |arguments: &[&str]| {
        let done = installation.run(arguments).await;
        (done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (code, told) = run(&["audit", "verify", "--case", &case.receipt, "--head", &hex]).await;
    assert_eq!(code, Some(0), "{told}");
    for words in [
        "The log is whole.",
        "\tincident.reported\t",
        "\tevidence.kept\t",
        &format!("{}: 6 entries, each proven to be in the log", case.receipt),
        &format!("that of the first {} entries, which stand as they were", head.size),
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    let (code, told) = run(&["audit", "verify", "--case", "I-2222-2222"]).await;
    assert!(code == Some(1) && told.contains("There is no incident I-2222-2222"), "{told}");

    // The file, without a database.
    let responder = world.signed_in(case.responder).await;
    let proof = proof(&responder, &case, &hex).await;
    let file = installation.path("proof.json");
    std::fs::write(&file, serde_json::to_string(&proof).unwrap()).unwrap();
    let alone = |arguments: &[&str]| {
        let done =
            carecert(&["audit", "verify-proof"]).arg(&file).args(arguments).output().expect("it starts");
        (done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (code, told) = alone(&["--head", &hex]);
    assert!(code == Some(0) && told.contains("The head that you gave is of the same log"), "{told}");
    let (code, told) = alone(&["--head", &"7".repeat(64)]);
    assert!(code == Some(1) && told.contains("NOT in this file"), "{told}");
    let mut changed = proof.clone();
    let one = changed.entries.iter().position(|entry| entry.fields.verb == "evidence.kept").unwrap();
    changed.entries[one].fields.actor_id = String::new();
    std::fs::write(&file, serde_json::to_string(&changed).unwrap()).unwrap();
    let (code, told) = alone(&[]);
    assert!(code == Some(1) && told.contains(&format!("Entry {}", changed.entries[one].number)), "{told}");

    // Somebody changes who did something, in the database itself.
    let mut tx = world.app.write().await.unwrap();
    let tamper = sql!("UPDATE log_entry SET actor_id = NULL WHERE verb = 'evidence.kept'");
    tx.run(tamper, params![]).await.unwrap();
    tx.commit().await.unwrap();
    let (code, told) = run(&["audit", "verify", "--case", &case.receipt]).await;
    assert!(code == Some(1) && told.contains("The log is NOT as it was sealed"), "{told}");
}
