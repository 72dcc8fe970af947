//! `carecert doctor` finds what keeps an installation from working, says what to do, and changes
//! nothing.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{access::Role, message::PostError};
use serde_json::Value;
use testkit::{
    smtp::{Security, SmtpServer},
    world::World,
};

use crate::{
    furnished_webhooks,
    issuing::{Desk, contact, everybody, wording},
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
async fn a_missing_setting_keeps_nothing_else_from_being_looked_at() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let file = installation.path("carecert.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("telephone = \"0300\"\n", "")).unwrap();
    let (code, found) = findings(&installation).await;
    assert_eq!(code, Some(1));
    assert_eq!(wrong(&found), ["settings", "folder", "mail", "people", "people"], "{found:?}");
    assert!(found[0].2.contains("cert.telephone is not set"), "{found:?}");
    // What cannot be read at all is told in the same form.
    std::fs::write(&file, format!("{text}\n[evidence]\nno_such = 1\n")).unwrap();
    let (code, found) = findings(&installation).await;
    assert_eq!((code, wrong(&found)), (Some(1), vec!["settings"]), "{found:?}");
    std::fs::remove_file(&file).unwrap();
    let (code, found) = findings(&installation).await;
    assert_eq!((code, wrong(&found)), (Some(1), vec!["settings"]), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a port at which nobody listens")]
async fn what_others_said_is_told_in_plain_sentences() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = installation.path("carecert.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let key = "x-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0";
    let more = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {free}\nsecurity = \"plain\"\n[network]\nallow = \"127.0.0.0/8\"\n\
         [sms]\nurl = \"http://127.0.0.1:{free}\"\nkey = \"{key}\"\ntemplate = \"f33517ff-2a88-4f6e-b855-c550268ce08a\"\n"
    );
    std::fs::write(&file, format!("{text}{more}")).unwrap();
    let (_, found) = findings(&installation).await;
    for about in ["mail", "texts"] {
        let (.., says) = found.iter().find(|(health, of, _)| health == "wrong" && of == about).unwrap();
        assert!(says.ends_with('.') && !says.contains("..") && !says.contains("Not delivered"), "{says}");
    }
    // The database has no key for the offline form; a file of one has one.
    assert!(found.iter().all(|(.., says)| !says.contains("1 keys")), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_where_it_was_sent_is_told() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let url = "https://siem.trust.example/hook";
    furnished_webhooks::of(&world, trust, url).await;
    furnished_webhooks::answers(&world, url, 500, &[]);
    world.post.refuse(Some(PostError::Refused("550 not you".to_owned())));
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let (_, found) = findings(&installation).await;
    let says = |about: &str, words: &str| {
        found.iter().any(|(health, of, says)| health == "look" && of == about && says.contains(words))
    };
    assert!(
        says("alerts", &format!("Messages about CC-0001 that failed: 1. See /alerts/{alert}/deliveries")),
        "{found:?}"
    );
    assert!(
        says("webhooks", "Webhooks whose server takes nothing: 1, the first since 2026-06-01"),
        "{found:?}"
    );

    furnished_webhooks::answers(&world, url, 410, &[]);
    world.pass(SignedDuration::from_hours(24)).await;
    let (_, found) = findings(&installation).await;
    let given_up =
        |(_, about, says): &(String, String, String)| about == "webhooks" && says.contains("switched off");
    assert!(found.iter().any(given_up), "{found:?}");
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
