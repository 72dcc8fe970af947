//! The offline form in a real browser: opened from a file, without a server, it seals what was typed, and what it
//! made is sent from another browser and stands with every answer.

use std::{fs, path::Path, time::Duration};

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use platform::access::Role;
use react::{code, incident::Standing};
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::furnished::at_cert;

/// The form, saved as a browser saves it, and its address.
async fn saved(world: &World, folder: &Path) -> String {
    react::offline::actions::made(&world.app).await.unwrap();
    let form = world.visitor().get("/report/offline/file").await;
    assert_eq!(form.status, StatusCode::OK);
    let path = folder.join("carecert-report-form.html");
    fs::write(&path, form.body).unwrap();
    format!("file://{}", path.display())
}

/// The file that the form made, once it is whole.
async fn downloaded(folder: &Path) -> std::path::PathBuf {
    for _ in 0..600 {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        if let Some(file) =
            files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "age"))
        {
            return file;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_report_is_sealed_without_a_network_and_sent_from_elsewhere() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let (_, duty) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let mut tx = world.app.write().await.unwrap();
    let (_, codes) = code::actions::print(&mut tx, &duty, trust, 1).await.unwrap();
    tx.commit().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = saved(&world, folder.path()).await;

    let browser = Browser::open(Size::Desktop).await.unwrap();
    browser.goto(&address).await.unwrap();
    browser.save_downloads_in(folder.path()).await.unwrap();
    assert_eq!(browser.heading().await.unwrap(), "Report a cyber attack without a network");
    browser.assert_accessible().await.unwrap();
    browser.assert_usable_by_keyboard().await.unwrap();
    // Nothing is promised before something is answered.
    let seal =
        "document.getElementById('seal').click(); return document.getElementById('problems').innerText";
    let problems: String = browser.ask(seal).await.unwrap();
    assert!(problems.contains("Enter the name or the ODS code") && problems.contains("Choose what you see"));
    assert!(problems.contains("Enter a telephone number that works now"), "{problems}");
    browser.assert_accessible().await.unwrap();
    // Whose telephones are gone seals all the same.
    browser.choose("No telephone works here now").await.unwrap();
    let problems: String = browser.ask(seal).await.unwrap();
    assert!(problems.contains("Choose what you see") && !problems.contains("telephone"), "{problems}");

    browser.fill("Your organisation", "RWA <b>Walking</b> “Trust”").await.unwrap();
    browser.choose("Files are locked, or a ransom is demanded").await.unwrap();
    browser.choose("A device is lost or stolen").await.unwrap();
    browser.choose("Operations and theatres").await.unwrap();
    browser.fill("Since when?", "1/6/2026 7:10").await.unwrap();
    browser.fill("How is care affected?", "Zwei Säle stehen still – 第二").await.unwrap();
    browser.fill("Whom should we ring?", "Pat Ward").await.unwrap();
    browser.fill("On which telephone number?", "07700 900 123").await.unwrap();
    browser.fill("Anything else?", "A note on\nevery screen").await.unwrap();
    browser.fill("One-time code", &codes[0].to_string().to_lowercase()).await.unwrap();
    let text = "document.getElementById('seal').click(); return document.body.innerText";
    let text: String = browser.ask(text).await.unwrap();
    for said in [
        "It is not sent yet",
        "To read out: 0300 303 5222",
        "Pat Ward, 07700 900 123",
        "Pull out the network cable",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    assert!(!text.contains("Change to another device of another kind"), "steps of what is not seen");
    browser.assert_accessible().await.unwrap();
    let name: String = browser.ask("return document.getElementById('save').download").await.unwrap();
    let stem = name.strip_prefix("carecert-report-").and_then(|name| name.strip_suffix(".age")).unwrap();
    assert!(stem.chars().all(|sign| sign.is_ascii_digit() || sign == '-'), "{name}");
    browser.ask::<()>("document.getElementById('save').click()").await.unwrap();
    let file = downloaded(folder.path()).await;
    let sealed = fs::read_to_string(&file).unwrap();
    assert!(!sealed.contains("RWA") && !sealed.contains("Pat"));
    let pasted: String = browser.ask("return document.getElementById('sealed').value").await.unwrap();
    assert_eq!(sealed, pasted);
    assert!(browser.console_errors().await.unwrap().is_empty());
    browser.assert_no_foreign_requests("file://").await.unwrap();
    browser.zoom_400().await.unwrap();
    browser.assert_no_sideways_scroll().await.unwrap();
    browser.close().await.unwrap();

    // On another machine, without scripts.
    let origin = world.listen().await;
    let browser = Browser::open(Size::Phone).await.unwrap();
    browser.disable_scripts().await.unwrap();
    browser.goto(&format!("{origin}/report/upload")).await.unwrap();
    browser.fill("The sealed file", file.to_str().unwrap()).await.unwrap();
    browser.press("Send").await.unwrap();
    assert_eq!(browser.heading().await.unwrap(), "Report received");
    browser.close().await.unwrap();

    let statement = sql!(
        "SELECT i.standing, r.named, r.seen, CAST(r.since_at AS BIGINT) AS since_at, r.affected, r.care, r.ring_name, r.ring_telephone, r.more
         FROM report r JOIN incident i ON i.id = r.incident_id WHERE r.organisation_id = ?1"
    );
    let mut snapshot = world.app.read().await.unwrap();
    let row: db::Row = snapshot.one(statement, params![trust]).await.unwrap();
    assert_eq!(row.get::<Standing>("standing").unwrap(), Standing::Code);
    for (column, expected) in [
        ("named", "RWA <b>Walking</b> “Trust”"),
        ("seen", "files_locked device_lost"),
        ("affected", "theatres"),
        ("care", "Zwei Säle stehen still – 第二"),
        ("ring_name", "Pat Ward"),
        ("ring_telephone", "07700 900 123"),
        ("more", "A note on\nevery screen"),
    ] {
        assert_eq!(row.get::<String>(column).unwrap(), expected, "{column}");
    }
    let since: jiff::Timestamp = "2026-06-01T06:10:00Z".parse().unwrap();
    assert_eq!(row.get::<i64>("since_at").unwrap(), since.as_microsecond());
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_form_that_cannot_seal_says_so() {
    let world = World::new(SERVICES).await;
    let folder = tempfile::tempdir().unwrap();
    let address = saved(&world, folder.path()).await;
    let path = address.strip_prefix("file://").unwrap();
    // As in a browser that is too old for the ciphers: their script does not run, since its hash is another.
    let form = fs::read_to_string(path).unwrap();
    fs::write(path, form.replacen("var noble=", "var  noble=", 1)).unwrap();
    let browser = Browser::open(Size::Phone).await.unwrap();
    browser.goto(&address).await.unwrap();
    let text = browser.text().await.unwrap();
    assert!(
        text.contains("This browser cannot seal your report") && text.contains("0300 303 5222"),
        "{text}"
    );
    assert!(browser.ask::<bool>("return document.getElementById('seal').disabled").await.unwrap());
    browser.disable_scripts().await.unwrap();
    browser.goto(&address).await.unwrap();
    let text: String = browser.ask("return document.querySelector('noscript').textContent").await.unwrap();
    assert!(text.contains("This browser runs no scripts"), "{text}");
    browser.close().await.unwrap();
}
