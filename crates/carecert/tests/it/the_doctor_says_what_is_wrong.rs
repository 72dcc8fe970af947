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

use crate::{
    process::Installation,
    sector_in_hand::{alert, organisations},
};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstrations_own_tables_are_no_newer_programs() {
    let world = World::new(SERVICES).await;
    let mut tx = world.app.write().await.unwrap();
    for number in 1..=carecert::demo::SERVICE.migrations.len() {
        let demo = sql!("INSERT INTO migration (set_name, number, checksum) VALUES ('demo', ?1, ?2)");
        tx.run(demo, params![i64::try_from(number).unwrap(), vec![0_u8]]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let installation = Installation::on(&world.app.settings.database_url, None);
    let (_, found) = findings(&installation).await;
    let says = |words: &str| found.iter().any(|(.., says)| says.contains(words));
    assert!(says("It holds a demonstration") && says("Its tables are up to date."), "{found:?}");
    assert!(!says("A newer CareCERT") && says("It has no organisation yet"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn response_policies_of_the_installations_own_are_taken_or_refused() {
    let world = World::new(SERVICES).await;
    let trust = organisations(&world, "R", "nhs_trust", 1).await;
    let alert = alert(&world, 1, "high", "green", &trust).await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE alert SET policy = 'own/1' WHERE id = ?1"), params![alert]).await.unwrap();
    tx.commit().await.unwrap();
    let installation = Installation::on(&world.app.settings.database_url, None);
    let (_, found) = findings(&installation).await;
    let says = |found: &[(String, String, String)], words: &str| {
        let said: Vec<_> = found.iter().filter(|(_, about, _)| about == "policy").collect();
        assert!(said.iter().any(|(.., says)| says.contains(words)), "{words}: {said:?}");
    };
    // Without its file, nobody would be told of the deadlines of what was issued under it.
    says(&found, "issued under own/1, which is not known here");

    let (settings, file) = (installation.path("carecert.toml"), installation.path("policies.toml"));
    let text = std::fs::read_to_string(&settings).unwrap();
    let named = format!("{text}\n[response]\npolicies_file = \"{}\"\n", file.display());
    std::fs::write(&settings, named).unwrap();
    let (_, found) = findings(&installation).await;
    says(&found, "policies.toml cannot be read");
    // The day of whoever runs this test lies behind all of them.
    let shipped = include_str!("../../../../content/policies/response.toml").replace("2026-", "2020-");
    std::fs::write(&file, shipped.replace("due - 24h", "due - 49h")).unwrap();
    let (_, found) = findings(&installation).await;
    says(&found, "policies.toml: version 1: high.acknowledge: its rungs are not in the order");
    std::fs::write(&file, &shipped).unwrap();
    let (_, found) = findings(&installation).await;
    says(&found, "Alerts are issued under own/2.");
    assert!(!wrong(&found).contains(&"policy"), "{found:?}");
}
