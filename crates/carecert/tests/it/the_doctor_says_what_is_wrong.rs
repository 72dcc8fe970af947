//! `carecert doctor` finds what keeps an installation from working, says what to do, and changes
//! nothing.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use carecert::SERVICES;
use db::{params, sql};
use platform::access::Role;
use serde_json::Value;
use testkit::{
    smtp::{Security, SmtpServer},
    world::World,
};

use crate::process::Installation;

/// The exit code, and what is found: how well, about what, and in which words.
async fn findings(installation: &Installation) -> (Option<i32>, Vec<(String, String, String)>) {
    let done = installation.run(&["doctor", "--json"]).await;
    let told: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    let all = told["findings"].as_array().unwrap().iter();
    let all = all.map(|each| (text(each, "health"), text(each, "about"), text(each, "says")));
    (done.status.code(), all.collect())
}

fn wrong(findings: &[(String, String, String)]) -> Vec<&str> {
    findings.iter().filter(|(health, ..)| health == "wrong").map(|(_, about, _)| about.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_found_until_nothing_is() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let (code, found) = findings(&installation).await;
    assert_eq!(code, Some(1));
    assert_eq!(wrong(&found), ["folder", "mail", "people", "people"], "{found:?}");
    let shown = installation.run(&["doctor"]).await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("WRONG  mail       No mail server is configured"), "{shown}");
    assert!(!installation.path("data").exists(), "it changes nothing");

    let server = SmtpServer::start(Security::Plain).await.unwrap();
    let installation = Installation::on(&world.app.settings.database_url, Some(&server));
    DirBuilder::new().mode(0o755).create(installation.path("data")).unwrap();
    world.person("Ada Admin", Role::Admin, None).await;
    world.person("Dan Duty", Role::DutyManager, None).await;
    let (_, found) = findings(&installation).await;
    assert_eq!(wrong(&found), ["folder", "people"], "{found:?}");
    assert!(found.iter().any(|(.., says)| says.contains("chmod 700")), "{found:?}");
    assert!(found.iter().any(|(.., says)| says.contains("invite a second one")), "{found:?}");

    std::fs::remove_dir(installation.path("data")).unwrap();
    DirBuilder::new().mode(0o700).create(installation.path("data")).unwrap();
    world.person("Dee Duty", Role::DutyManager, None).await;
    let (code, found) = findings(&installation).await;
    assert_eq!((code, wrong(&found)), (Some(0), vec![]), "{found:?}");

    // The program's clock is this machine's: what the test wrote in its own time has waited long.
    let mut tx = world.app.write().await.unwrap();
    let dead = sql!(
        "INSERT INTO job (id, kind, payload, lane, state, run_at, attempts, created_at)
         VALUES (?1, 'x', '{}', 'bulk', 'dead', ?2, 8, ?2)"
    );
    let (id, now) = (tx.id::<platform::job::JobId>(), tx.now);
    tx.run(dead, params![id, now]).await.unwrap();
    platform::log::write(&mut tx, &platform::Actor::Job("test"), platform::log::Entry::new("feed.asked"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (code, found) = findings(&installation).await;
    assert_eq!((code, wrong(&found)), (Some(1), vec!["work", "work"]), "{found:?}");
    assert!(found.iter().any(|(.., says)| says.contains("not sealed: 1")), "{found:?}");

    let mut tx = world.app.write().await.unwrap();
    let newer = sql!("INSERT INTO migration (set_name, number, checksum) VALUES ('react', 999, ?1)");
    tx.run(newer, params![vec![0_u8]]).await.unwrap();
    tx.commit().await.unwrap();
    let (_, found) = findings(&installation).await;
    assert!(found.iter().any(|(.., says)| says.contains("A newer CareCERT")), "{found:?}");
}
