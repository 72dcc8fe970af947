//! Playbooks: ours are read by whoever needs them, also without a sign-in; those that the CERT imports are
//! checked, given back byte for byte, and read as far as they are marked.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::Role};
use react::playbook::{self, built_ins};
use serde_json::{Value, json};
use testkit::world::World;

use crate::{
    furnished_playbooks::{id, imported, playbook},
    process::Installation,
};

/// The page of an imported playbook.
async fn page(world: &World, name: &str) -> String {
    let mut snapshot = world.app.read().await.unwrap();
    let all = playbook::store::list(&mut snapshot, &Actor::Job("test"), name, None).await.unwrap();
    assert_eq!(all.len(), 1, "{name}: {all:?}");
    format!("/playbooks/{}", all[0].id)
}

/// The same playbook, modified on this day of November.
fn modified(document: &Value, day: u32) -> String {
    let mut document = document.clone();
    document["modified"] = json!(format!("2026-11-{day:02}T00:00:00.000Z"));
    document["description"] = json!(format!("As of {day}."));
    document.to_string()
}

#[tokio::test]
async fn ours_are_read_without_signing_in() {
    let world = World::new(SERVICES).await;
    let anyone = world.visitor();
    let list = anyone.get("/playbooks").await;
    assert_eq!(list.status, 200);
    assert!(list.body.contains("0300 303 5222"), "the telephone stands on it");
    assert!(!list.body.contains("Imported by"), "what is imported asks for a sign-in");
    for ours in built_ins() {
        let path = format!("/playbooks/{}", ours.slug);
        assert!(list.body.contains(&format!("href=\"{path}\"")), "{}", ours.slug);
        let page = anyone.get(&path).await;
        assert_eq!(page.status, 200, "{}", ours.slug);
        for words in [
            "Not clinically reviewed",
            "The first ten minutes",
            "The first hour",
            "The first day",
            "0300 303 5222",
        ] {
            assert!(page.body.contains(words), "{}: {words}", ours.slug);
        }
        assert!(page.body.len() < 100_000, "{} has {} bytes", ours.slug, page.body.len());
        let file = anyone.get(&format!("{path}/file")).await;
        assert_eq!(file.body, ours.playbook.text, "{}: byte for byte", ours.slug);
    }
    let ransomware = anyone.get("/playbooks/ransomware").await.body;
    let (cable, pay) = (ransomware.find("Pull out the network cable"), ransomware.find("Do not pay"));
    assert!(cable < pay && cable.is_some(), "first the cable");
    let owners = ["IT on call", "Site manager", "SIRO", "Communications", "Information governance"];
    assert!(owners.iter().all(|owner| ransomware.contains(&format!("<strong>{owner}</strong>"))));
    assert!(
        ransomware.contains("class=\"carecert-flow\"")
            && ransomware.contains("href=\"/playbooks/data-breach\"")
    );

    let found = anyone.get("/playbooks?q=Laptop").await.body;
    assert!(found.contains("/playbooks/lost-device") && !found.contains("/playbooks/insider\""));
    assert!(
        anyone
            .get("/playbooks?q=zebra")
            .await
            .body
            .contains("None of CareCERT&#39;s own playbooks says that")
    );
    for gone in
        ["/playbooks/zebra", "/playbooks/00000000-0000-7000-8000-000000000000", "/playbooks/zebra/file"]
    {
        assert_eq!(anyone.get(gone).await.status, 404, "{gone}");
    }
}

#[tokio::test]
async fn an_imported_playbook_is_read_as_far_as_it_is_marked() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let ann = world.signed_in(world.person("Ann Alyst", Role::Analyst, None).await).await;
    let marks = [
        ("Clear numbats", Some("TLP:CLEAR"), true),
        ("Green numbats", Some("TLP:GREEN"), true),
        ("Amber numbats", Some("TLP:AMBER"), false),
        ("Strict numbats", Some("TLP:AMBER+STRICT"), false),
        ("Red numbats", Some("TLP:RED"), false),
        ("Silent numbats", None, false),
    ];
    for (number, (name, tlp, shared)) in (200..).zip(marks) {
        let text = serde_json::to_string_pretty(&playbook(number, name, tlp)).unwrap();
        let report = imported(&world, &text).await;
        assert_eq!((report.kind, report.new, report.refused, report.remarked), ("playbooks", 1, 0, 1));
        world.pass(SignedDuration::from_secs(1)).await;
        let page = page(&world, name).await;
        let (file, expected) = (format!("{page}/file"), if shared { 200 } else { 404 });
        for door in [&page, &file] {
            assert_eq!(world.visitor().get(door).await.status, 404, "{name}: whoever is not signed in");
            assert_eq!(rae.get(door).await.status, expected, "{name}: {door}");
            assert_eq!(ann.get(door).await.status, 200, "{name}");
        }
        assert_eq!(ann.get(&file).await.body, text, "byte for byte");
        for words in ["numbats", "zebras"] {
            let list = rae.get(&format!("/playbooks?q={words}")).await.body;
            assert_eq!(list.contains(name), shared && words == "numbats", "{name}");
        }
        assert!(ann.get("/playbooks?q=NUMBAT").await.body.contains(name));
        assert!(!world.visitor().get("/playbooks?q=numbat").await.body.contains(name));
    }
    let shown = ann.get(&page(&world, "Green numbats").await).await.body;
    assert!(shown.contains("Turn the key.") && shown.contains("never executed here"), "{shown}");
    assert!(
        shown.contains("bash: shut -h &#60;now&#62;") && shown.contains("Not clinically reviewed"),
        "{shown}"
    );
    assert!(shown.contains("<strong>The porter</strong>") && shown.contains("What to do"), "{shown}");
}

#[tokio::test]
async fn versions_follow_each_other_and_none_is_lost() {
    let world = World::new(SERVICES).await;
    let first = playbook(300, "Numbats", Some("TLP:GREEN"));
    let counts = async |document: &str| {
        let report = imported(&world, document).await;
        let said = report.refusals.first().map(|refusal| refusal.reason.clone()).unwrap_or_default();
        ([report.new, report.changed, report.same, report.refused], said)
    };
    assert_eq!(counts(&modified(&first, 2)).await.0, [1, 0, 0, 0]);
    // The same, however it is written.
    let value: Value = serde_json::from_str(&modified(&first, 2)).unwrap();
    assert_eq!(counts(&serde_json::to_string_pretty(&value).unwrap()).await.0, [0, 0, 1, 0]);
    assert_eq!(counts(&modified(&first, 4)).await.0, [0, 1, 0, 0]);
    let (refused, said) = counts(&modified(&first, 3)).await;
    assert!(refused == [0, 0, 0, 1] && said.contains("A newer version of this playbook is here"), "{said}");
    let other = modified(&first, 4).replace("Numbats at", "x").replace("As of 4.", "Otherwise.");
    assert!(counts(&other).await.1.contains("and yet says something else"));
    let mut ours: Value = serde_json::from_str(&built_ins()[0].playbook.text).unwrap();
    ours["name"] = json!("Ours, changed");
    assert!(counts(&ours.to_string()).await.1.contains("one of CareCERT's own playbooks"));

    // What was read before can be found by its hash, for whoever began with it.
    let old = formats::cacao::Playbook::read(modified(&first, 2).as_bytes()).unwrap();
    let kept =
        playbook::store::version(&mut world.app.read().await.unwrap(), &playbook::hash(&old)).await.unwrap();
    assert_eq!(kept, Some(modified(&first, 2).into_bytes()));

    // Whoever made it can revoke it, and one that is not known is not taken in to be revoked.
    let mut revoked: Value = serde_json::from_str(&modified(&first, 5)).unwrap();
    revoked["revoked"] = json!(true);
    assert_eq!(counts(&revoked.to_string()).await.0, [0, 1, 0, 0]);
    let ann = world.signed_in(world.person("Ann Alyst", Role::Analyst, None).await).await;
    assert!(ann.get(&page(&world, "Numbats").await).await.body.contains("Whoever made it has revoked it."));
    revoked["id"] = json!(id("playbook", 301));
    assert!(counts(&revoked.to_string()).await.1.contains("has revoked it"));
}

#[tokio::test]
async fn the_cert_imports_and_withdraws_on_a_page() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let ann = world.signed_in(world.person("Ann Alyst", Role::Analyst, None).await).await;
    let good = playbook(400, "Quolls", Some("TLP:GREEN"));
    let mut bad = good.clone();
    bad["workflow"][id("action", 2)]["on_completion"] = json!(id("end", 77));
    let again =
        ann.post("/playbooks/import", &[("document", &serde_json::to_string_pretty(&bad).unwrap())]).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("“Close the door”") && again.body.contains("is not a step here"),
        "{}",
        again.body
    );
    assert!(again.body.contains("Numbats at the door."), "what was typed is kept");
    assert!(ann.post("/playbooks/import", &[("document", " ")]).await.body.contains("Enter the playbook"));
    let text = serde_json::to_string_pretty(&good).unwrap();
    assert_eq!(rae.post("/playbooks/import", &[("document", &text)]).await.status, 403);
    let done = ann.post("/playbooks/import", &[("document", &text)]).await;
    let page = done.location().expect("its page").to_owned();
    assert!(rae.get(&page).await.body.contains("Quolls"));

    // As a file: what is wrong with one stands beside its text, to be mended; the same again is the same.
    let file = ann.upload("/playbooks/import/file", &serde_json::to_string_pretty(&bad).unwrap()).await;
    assert!(file.status == 422 && file.body.contains("is not a step here"), "{}", file.body);
    assert!(file.body.contains("#file") && file.body.contains("Numbats at the door."), "{}", file.body);
    let nothing = ann.upload("/playbooks/import/file", "").await;
    assert!(nothing.status == 422 && nothing.body.contains("Choose the file"), "{}", nothing.body);
    assert_eq!(rae.upload("/playbooks/import/file", &text).await.status, 403);
    assert_eq!(ann.upload("/playbooks/import/file", &text).await.location(), Some(page.as_str()));

    let withdraw = format!("{page}/withdraw");
    assert_eq!(rae.post(&withdraw, &[("version", "1"), ("reason", "No")]).await.status, 403);
    assert!(
        ann.post(&withdraw, &[("version", "1"), ("reason", "")])
            .await
            .body
            .contains("Enter why it is withdrawn")
    );
    assert_eq!(ann.post(&withdraw, &[("version", "9"), ("reason", "Old")]).await.status, 409);
    assert_eq!(ann.post(&withdraw, &[("version", "1"), ("reason", "Old")]).await.status, 303);
    assert_eq!(ann.post(&withdraw, &[("version", "2"), ("reason", "Old")]).await.status, 409);
    assert_eq!(rae.get(&page).await.status, 404);
    assert!(ann.get(&page).await.body.contains("Withdrawn"));
    // Sent again, it is read again.
    assert_eq!(ann.post("/playbooks/import", &[("document", &text)]).await.location(), Some(page.as_str()));
    assert_eq!(rae.get(&page).await.status, 200);
    let log = world.signed_in(world.person("Audrey", Role::Auditor, None).await).await.get("/log").await.body;
    assert!(
        log.contains("Withdrew a playbook") && log.contains("Imported a playbook") && log.contains("Quolls"),
        "{log}"
    );
}

#[tokio::test]
async fn a_list_of_many_is_read_page_by_page() {
    let world = World::new(SERVICES).await;
    let ann = world.signed_in(world.person("Ann Alyst", Role::Analyst, None).await).await;
    for number in 0..52 {
        imported(&world, &playbook(500 + number, &format!("Bilby {number:02}."), None).to_string()).await;
        world.pass(SignedDuration::from_secs(1)).await;
    }
    let first = ann.get("/playbooks").await.body;
    assert!(first.contains("Bilby 51.") && first.contains("Bilby 02.") && !first.contains("Bilby 01."));
    let next = first.split("href=\"/playbooks?").nth(1).expect("a next page").split('"').next().unwrap();
    let second =
        ann.get(&format!("/playbooks?{}", next.replace("&#38;", "&").replace("&amp;", "&"))).await.body;
    assert!(second.contains("Bilby 01.") && second.contains("Bilby 00.") && !second.contains("Bilby 02."));
    assert!(!second.contains("/playbooks/ransomware"), "ours are not told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_it_refused() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let file = |name: &str, document: &Value| {
        let path = installation.path(name);
        std::fs::write(&path, serde_json::to_string_pretty(document).unwrap()).unwrap();
        path.display().to_string()
    };
    let good = playbook(600, "Numbats", Some("TLP:GREEN"));
    let mut bad = playbook(601, "Numbats", None);
    bad["workflow"][id("action", 2)]["on_completion"] = json!(id("action", 2));
    bad["workflow"][id("start", 1)]["on_completion"] = json!(id("action", 6));
    let (good, bad) = (file("good.json", &good), file("bad.json", &bad));
    let done = installation.run(&["import", "playbooks", &good, &bad, &good, "--json"]).await;
    assert_eq!(done.status.code(), Some(3), "{done:?}");
    let told: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    assert_eq!(
        [&told["kind"], &told["new"], &told["same"], &told["refused"]],
        [&json!("playbooks"), &json!(1), &json!(1), &json!(1)]
    );
    let refusal = &told["refusals"][0];
    assert_eq!((&refusal["file"], &refusal["column"]), (&json!(bad), &json!(id("start", 1))));
    assert!(refusal["line"].as_u64().is_some_and(|line| line > 1), "{told}");
    assert!(
        refusal["reason"].as_str().unwrap().contains("is not a step here. Name one that is, or add it."),
        "{told}"
    );
    assert!(told["remarks"][0]["reason"].as_str().unwrap().contains("never executed"), "{told}");
}
