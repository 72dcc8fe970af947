//! A backup taken while the service runs and is written to, put back elsewhere: nothing is missing,
//! the log proves itself, and nothing is ever overwritten. On both engines by the same commands.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, env::Env, log};
use testkit::{database, world::World};

use crate::{
    issuing::actor,
    process::{Installation, until},
};

/// How many entries the log holds, by the database at this address.
async fn entries(address: &str) -> i64 {
    let db = db::Db::open(address, db::Options::default()).await.unwrap();
    let statement = sql!("SELECT count(*) FROM log_entry");
    let (count,): (i64,) = db.read().await.unwrap().one(statement, params![]).await.unwrap();
    db.close().await;
    count
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes entries into the log until it is told to stop; says how many.
async fn keep_writing(world: &World, by: Actor, stop: Arc<AtomicBool>) -> i64 {
    let mut written = 0;
    while !stop.load(Ordering::SeqCst) {
        let mut tx = world.app.write().await.unwrap();
        log::write(&mut tx, &by, log::Entry::new("test.written")).await.unwrap();
        tx.commit().await.unwrap();
        written += 1;
        tokio::task::yield_now().await;
    }
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_service_is_whole_and_overwrites_nothing() {
    let world = World::new(SERVICES).await;
    world.app.env.advance(Env::machine().now().duration_since(world.now()));
    let writer = actor(&world, "Wren Writer", Role::Admin, None).await;
    let address = &world.app.settings.database_url;
    let installation = Installation::on(address, None);
    // Threats keep their documents as files.
    let catalogue = installation.path("kev.json");
    let vulnerability = r#"{"cveID":"CVE-2017-0144","vendorProject":"Microsoft","product":"SMBv1","vulnerabilityName":"EternalBlue","dateAdded":"2022-02-10","shortDescription":"It spreads.","requiredAction":"Patch.","dueDate":"2022-08-10","knownRansomwareCampaignUse":"Known","notes":"","cwes":[]}"#;
    let document = format!(
        r#"{{"title":"CISA","catalogVersion":"2026.06.01","dateReleased":"2026-06-01T00:00:00Z","count":1,"vulnerabilities":[{vulnerability}]}}"#
    );
    std::fs::write(&catalogue, document).unwrap();
    let imported = installation.run(&["import", "kev", &catalogue.display().to_string()]).await;
    assert!(imported.status.success(), "{imported:?}");
    let service = installation.serve().await;
    until("the import's entry is sealed", async || {
        text(&installation.run(&["audit", "verify"]).await.stdout).contains("The log is whole.")
    })
    .await;

    let stop = Arc::new(AtomicBool::new(false));
    let backup = installation.path("backup").display().to_string();
    let before = entries(address).await;
    let (written, taken) = tokio::join!(keep_writing(&world, writer, Arc::clone(&stop)), async {
        let taken = installation.run(&["backup", &backup]).await;
        stop.store(true, Ordering::SeqCst);
        taken
    });
    assert!(taken.status.success(), "{taken:?}");
    assert!(written > 1, "it was written to meanwhile");
    let again = installation.run(&["backup", &backup]).await;
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(text(&again.stderr).contains("already holds something"), "{again:?}");
    drop(service);

    // Onto what is there: refused, and nothing is touched.
    let held = entries(address).await;
    let onto = installation.run(&["restore", &backup]).await;
    assert_eq!(onto.status.code(), Some(1), "{onto:?}");
    assert!(text(&onto.stderr).contains("never overwrites"), "{onto:?}");
    assert_eq!(entries(address).await, held);

    let fresh = database::unmade().await;
    let elsewhere = Installation::on(&fresh.address, None);
    let restored = elsewhere.run(&["restore", &backup]).await;
    assert!(restored.status.success(), "{restored:?}");
    let kept = entries(&fresh.address).await;
    assert!((before..=before + written).contains(&kept), "{before} {kept} {written}");
    let proved = elsewhere.run(&["audit", "verify"]).await;
    assert!(proved.status.success() && text(&proved.stdout).contains("The log is whole."), "{proved:?}");
    let twice = elsewhere.run(&["restore", &backup]).await;
    assert_eq!(twice.status.code(), Some(1), "{twice:?}");
    // The same document again is the same: threats and files are there.
    let again = elsewhere.run(&["import", "kev", &catalogue.display().to_string(), "--json"]).await;
    assert!(text(&again.stdout).contains(r#""new":0,"changed":0,"same":1"#), "{again:?}");

    // A backup that was damaged, or never finished, is not put back.
    let copies = std::fs::read_dir(&backup).unwrap().map(|entry| entry.unwrap().path());
    let copy = copies.filter(|path| path.is_file()).find(|path| !path.ends_with("manifest.json")).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let third = database::unmade().await;
    let damaged = Installation::on(&third.address, None).run(&["restore", &backup]).await;
    assert!(damaged.status.code() == Some(1) && text(&damaged.stderr).contains("damaged"), "{damaged:?}");
    std::fs::remove_file(installation.path("backup/manifest.json")).unwrap();
    let unfinished = Installation::on(&third.address, None).run(&["restore", &backup]).await;
    assert!(text(&unfinished.stderr).contains("not a finished backup"), "{unfinished:?}");
}
