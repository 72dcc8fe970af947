//! `carecert import csaf`: files and folders, each advisory checked by the checksum and the signature
//! beside it.

use std::{fs, path::Path};

use broadcast::{
    source::{Beside, DocumentId, Keys},
    threat::{intake::csaf, store},
};
use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role};
use serde_json::{Value, json};
use testkit::world::World;

use crate::{furnished::at_cert, process::Installation};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/broadcast");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
/// Made by `gpg` 2.2.40 for these tests in May 2026; its secret half is thrown away.
const FINGERPRINT: &str = "399DA2DDEB8F6647482BA576D8528FE5552A8F2D";

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().display().to_string()
}

async fn import(installation: &Installation, arguments: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["import", "csaf", "--json"], arguments].concat();
    let done = installation.run(&arguments).await;
    let told = serde_json::from_slice(&done.stdout);
    (done.status.code(), told.unwrap_or_else(|_| panic!("{done:?}")))
}

fn counts(told: &Value) -> [u64; 4] {
    ["new", "changed", "same", "refused"].map(|count| told[count].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_walked_and_what_is_no_advisory_is_passed_over() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let (medical, it) = (format!("{DATA}/csaf-medical"), format!("{DATA}/csaf-it"));
    let (code, told) = import(&installation, &[&medical, &it]).await;
    assert_eq!((code, counts(&told)), (Some(0), [55, 0, 0, 0]), "{told}");
    // The feed beside them is none, which is said of the folder alone.
    assert_eq!(told["remarked"], 1, "{told}");
    assert_eq!((&told["remarks"][0]["file"], &told["remarks"][0]["line"]), (&json!(it), &Value::Null));
    let (code, told) = import(&installation, &[&medical]).await;
    assert_eq!((code, counts(&told)), (Some(0), [0, 0, 46, 0]));
    assert!(told.get("remarks").is_none(), "{told}");

    // Who names the feed is told that it is no advisory.
    let feed = format!("{it}/cisa-csaf-it-feed-tlp-white.json");
    let (code, told) = import(&installation, &[&feed]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 0, 1]));
    assert!(told["refusals"][0]["reason"].as_str().unwrap().contains("is it a CSAF document?"), "{told}");
    fs::create_dir_all(installation.path("within/empty")).unwrap();
    let (code, told) = import(&installation, &[&text(installation.path("within"))]).await;
    assert_eq!(
        (code, &told["refusals"][0]["reason"]),
        (Some(3), &json!("There is no advisory in this folder."))
    );
    fs::copy(format!("{medical}/icsma-24-249-01.json"), installation.path("within/empty/a.json")).unwrap();
    fs::write(installation.path("within/broken.json"), "{\"document\": ").unwrap();
    fs::write(installation.path("within/list.json"), "[1, 2]").unwrap();
    let (code, told) = import(&installation, &[&text(installation.path("within"))]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 2, 1]), "{told}");
    assert!(told["refusals"][0]["file"].as_str().unwrap().ends_with("broken.json"), "{told}");

    let done = installation.run(&["import", "csaf", &medical, "--keys", &feed]).await;
    assert_eq!(done.status.code(), Some(1), "what holds no keys is none: {done:?}");
    let done = installation.run(&["import", "kev", &feed, "--keys", &feed]).await;
    assert!(done.status.code() == Some(1) && String::from_utf8_lossy(&done.stderr).contains("csaf alone"));
}

/// Where the page is of the document that came from this file.
async fn address(world: &World, file: &str) -> String {
    let statement = sql!("SELECT id FROM source_document WHERE name = ?1");
    let mut snapshot = world.app.read().await.unwrap();
    let (id,) = snapshot.one::<(DocumentId,)>(statement, params![file]).await.unwrap();
    format!("/sources/documents/{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn checksum_and_signature_are_checked_where_they_are_there() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let cookie = world.signed_in(ann).await.cookie.unwrap();
    let installation = Installation::on(&world.app.settings.database_url, None);
    // The files are the process's own.
    let _service = installation.serve().await;
    let shown = async || installation.get(&address(&world, "icsma-24-058-01.json").await, &cookie).await;
    let name = "icsma-24-058-01.json";
    let file = installation.path(name);
    let (there, asc, sha512) =
        (text(&file), format!("{}.asc", text(&file)), format!("{}.sha512", text(&file)));
    let (keys, real) = (format!("{FIXTURES}/publisher-key.asc"), format!("{DATA}/csaf-medical/{name}"));
    fs::copy(&real, &file).unwrap();
    fs::copy(format!("{real}.asc"), &asc).unwrap();
    fs::copy(format!("{real}.sha512"), &sha512).unwrap();

    // CISA's own signature, before anybody said whose keys count, and by keys among which CISA's is not.
    assert_eq!(counts(&import(&installation, &[&there]).await.1), [1, 0, 0, 0]);
    let page = shown().await;
    assert!(page.contains("SHA-512: right") && page.contains("Not checked"), "{page}");
    let (code, told) = import(&installation, &[&there, "--keys", &keys]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 0, 1]));
    let reason = told["refusals"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("None of the keys given for it has signed it."), "{reason}");

    // A signature by a key that counts.
    fs::copy(format!("{FIXTURES}/{name}.asc"), &asc).unwrap();
    assert_eq!(import(&installation, &[&there, "--keys", &keys]).await.0, Some(0));
    let page = shown().await;
    for told in ["Good", FINGERPRINT, "CareCERT test publisher, do not trust", "2 May 2026, 13:00"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let list = installation.get("/sources/documents", &cookie).await;
    assert!(list.contains("Signature: good"), "{list}");
    // Who imports it without keys unlearns nothing.
    assert_eq!(counts(&import(&installation, &[&there]).await.1), [0, 0, 1, 0]);
    assert!(shown().await.contains(FINGERPRINT));

    // A newer revision that nobody signed does not take its place.
    let newer = installation.path("newer.json");
    let revised = fs::read_to_string(&real).unwrap().replacen("Santesoft", "Santosoft", 1);
    let mut revised: Value = serde_json::from_str(&revised).unwrap();
    revised["document"]["tracking"]["version"] = "9".into();
    revised["document"]["tracking"]["current_release_date"] = "2026-05-20T00:00:00Z".into();
    fs::write(&newer, revised.to_string()).unwrap();
    let (code, told) = import(&installation, &[&text(&newer), "--keys", &keys]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 0, 1]), "{told}");
    let reason = told["refusals"][0]["reason"].as_str().unwrap();
    assert!(reason.contains(FINGERPRINT) && reason.contains("import it without the keys"), "{reason}");

    // One byte is another: the checksum says so, then the signature.
    let bytes = fs::read_to_string(&real).unwrap().replacen("Santesoft", "Santosoft", 1);
    fs::write(&file, bytes).unwrap();
    let (code, told) = import(&installation, &[&there, "--keys", &keys]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 0, 1]));
    assert!(told["refusals"][0]["reason"].as_str().unwrap().starts_with("The SHA-512 checksum"), "{told}");
    fs::remove_file(&sha512).unwrap();
    let (code, told) = import(&installation, &[&there, "--keys", &keys]).await;
    assert_eq!((code, counts(&told)), (Some(3), [0, 0, 0, 1]));
    let reason = told["refusals"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("The signature is bad") && reason.contains(FINGERPRINT), "{reason}");
    fs::write(&asc, "<html>Not found</html>").unwrap();
    let (_, told) = import(&installation, &[&there, "--keys", &keys]).await;
    assert_eq!(counts(&told), [0, 0, 0, 1], "{told}");
    let documents = sql!("SELECT count(*) FROM source_document");
    assert_eq!(world.app.read().await.unwrap().one::<(i64,)>(documents, params![]).await.unwrap(), (2,));
}

#[tokio::test]
async fn a_signature_whose_key_has_expired_is_shown_as_that() {
    // Made in 2024 by a key that was good until the end of 2025; it is June 2026.
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../formats/src/openpgp/fixtures");
    let keys = Keys::parse(&fs::read(format!("{fixtures}/key.asc")).unwrap()).unwrap();
    let signature = fs::read(format!("{fixtures}/va-24-201-01.json.asc")).unwrap();
    let bytes = fs::read(format!("{DATA}/csaf-it/va-24-201-01.json")).unwrap();
    let beside = Beside { signature: Some(signature), ..Beside::default() };
    let importer = Actor::Job("test");
    let report = csaf::take_in(&world.app, &importer, "va.json", bytes, beside, &keys).await.unwrap();
    assert_eq!((report.new, report.refused), (3, 0));
    let shown = world.signed_in(ann).await.get(&address(&world, "va.json").await).await.body;
    assert!(shown.contains("Does not count") && shown.contains("expired at"), "{shown}");
    let cve = "CVE-2023-45195".parse().unwrap();
    assert!(store::threat_of(&mut world.app.read().await.unwrap(), cve).await.unwrap().is_some());
}
