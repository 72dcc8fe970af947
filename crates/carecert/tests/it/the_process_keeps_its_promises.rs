//! What an operator relies on: a stop loses nothing, imports say what they refused, a wrong command
//! is told apart from a failed one, and the log names nobody.

use std::collections::{BTreeMap, BTreeSet};

use broadcast::alert::Answers;
use carecert::SERVICES;
use db::{params, sql};
use platform::{access::Role, env::Env};
use serde_json::{Value, json};
use testkit::{
    database,
    smtp::{Security, SmtpServer},
    world::{PASSWORD, World},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    issuing::{Desk, contact, everybody, wording},
    process::{Installation, carecert, form, rest, until},
    sector_in_hand::organisations,
};

/// What a service answers that wants the rest of a request (RFC 9110, section 15.2.1).
const CONTINUE: &[u8; 25] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A world whose clock shows what the machine's shows, as the process beside it sees it.
async fn world_now() -> World {
    let world = World::new(SERVICES).await;
    world.app.env.advance(Env::machine().now().duration_since(world.now()));
    world
}

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_what_was_asked_and_finishes_or_returns_what_runs() {
    let world = world_now().await;
    let surgeries = organisations(&world, "S", "gp_practice", 3_000).await;
    let mut tx = world.app.write().await.unwrap();
    for (place, surgery) in surgeries.iter().enumerate() {
        let email = format!("s{place}@stop.example");
        crate::sector_in_hand::contact(&mut tx, *surgery, "security_lead", &email).await;
    }
    tx.commit().await.unwrap();
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Stopping"), &everybody()).await;
    desk.publish(version, Answers::Anew).await;
    let mut tx = world.app.write().await.unwrap();
    for due in [sql!("UPDATE alert SET deliver_at = 0"), sql!("UPDATE job SET run_at = 0")] {
        tx.run(due, params![]).await.unwrap();
    }
    tx.commit().await.unwrap();

    let installation = Installation::on(&world.app.settings.database_url, None);
    let service = installation.serve().await;
    // A request whose body is still on its way, while the alert's job writes its messages. That the
    // service asks for the body says that it has taken the request on.
    let whole = form("/sign-in", "", "email=nobody%40stop.example&password=wrong").replacen(
        "\r\n\r\n",
        "\r\nExpect: 100-continue\r\n\r\n",
        1,
    );
    let (begun, missing) = whole.split_at(whole.len() - 5);
    let mut asked = installation.begin(begun).await;
    let mut go_on = [0; CONTINUE.len()];
    asked.read_exact(&mut go_on).await.expect("the body is asked for");
    assert_eq!(&go_on, CONTINUE);
    let running = sql!("SELECT count(*) FROM job WHERE state = 'running' AND kind = 'alert.fan_out'");
    until("a running job", || async { number(&world, running).await > 0 }).await;
    service.terminate();
    until("the stop", || async { installation.log().contains("stopping") }).await;
    asked.write_all(missing.as_bytes()).await.unwrap();
    let answer = rest(asked).await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    let status = service.ended().await;
    assert!(status.success(), "{status}: {}", installation.log());

    let held =
        sql!("SELECT count(*) FROM job WHERE state <> 'waiting' OR lease_until IS NOT NULL OR attempts > 0");
    assert_eq!(number(&world, held).await, 0, "nothing is held by a process that is no more");
    let sending = sql!("SELECT count(*) FROM message WHERE state = 'sending'");
    assert_eq!(number(&world, sending).await, 0);
    // Whatever was returned is done by whoever comes next, once for each mailbox.
    world.work().await;
    let told = sql!("SELECT count(DISTINCT address) FROM message WHERE kind = 'alert'");
    let messages = sql!("SELECT count(*) FROM message WHERE kind = 'alert'");
    assert_eq!((number(&world, told).await, number(&world, messages).await), (3_000, 3_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_what_it_refused_and_a_wrong_command_is_another_matter() {
    let world = world_now().await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let file = installation.path("organisations.csv");
    std::fs::write(&file, "code,name,type\nRAA,First Trust,trust\n,Nameless,trust\nRAB,Second Trust,trust\n")
        .unwrap();
    let file = file.display().to_string();
    let done = installation.run(&["import", "organisations", &file, "--json"]).await;
    assert_eq!(done.status.code(), Some(3), "{done:?}");
    let told = String::from_utf8(done.stdout).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let keys: BTreeSet<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["kind", "new", "changed", "same", "refused", "refusals"]));
    assert_eq!(told["kind"], "organisations");
    let counts: Vec<_> = ["new", "changed", "same", "refused"].map(|key| told[key].clone()).into();
    assert_eq!(counts, [json!(2), json!(0), json!(0), json!(1)]);
    let refusal = &told["refusals"][0];
    assert_eq!((&refusal["file"], &refusal["line"]), (&json!(file), &json!(3)));
    assert!(
        refusal["reason"].as_str().is_some_and(|reason| !reason.is_empty())
            && refusal.get("column").is_some()
    );

    let empty = installation.path("empty.csv");
    std::fs::write(&empty, "").unwrap();
    for kind in ["organisations", "answers", "contacts"] {
        let done = installation.run(&["import", kind, &empty.display().to_string(), "--json"]).await;
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((done.status.code(), &told["refused"]), (Some(3), &json!(1)), "{kind}: {told}");
        assert_eq!(told["refusals"][0]["reason"], "The file is empty.", "{kind}");
    }

    let again = installation.run(&["import", "organisations", &file, "--json"]).await;
    let told: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&told["new"], &told["same"], &told["refused"]), (&json!(0), &json!(2), &json!(1)));
    let absent = installation.run(&["import", "organisations", "/nowhere/at/all.csv", "--json"]).await;
    assert_eq!(absent.status.code(), Some(1), "{absent:?}");
    for wrong in
        [&["import", "dragons", "x.csv"][..], &["import"], &["serve", "--frobnicate"], &["conquer"], &[]]
    {
        let told = carecert(wrong).output().unwrap();
        assert_eq!(told.status.code(), Some(2), "{wrong:?}");
        assert!(told.stdout.is_empty() && !told.stderr.is_empty(), "{wrong:?}");
    }
}

#[tokio::test]
async fn what_only_reads_makes_no_database() {
    let nothing = database::unmade().await;
    let installation = Installation::on(&nothing.address, None);
    let backup = installation.path("backup").display().to_string();
    for command in [&["audit", "verify"][..], &["backup", &backup]] {
        let done = installation.run(command).await;
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() == Some(1) && told.contains("There is no database at "), "{done:?}");
    }
    assert!(!installation.path("data").exists() && !installation.path("backup").exists());

    // Its tables are there, and nothing has happened.
    installation.run(&["import", "kev", "/nowhere/at/all.json"]).await;
    let done = installation.run(&["audit", "verify"]).await;
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && told.contains("The log holds no entries"), "{done:?}");
}

/// The cookies that an answer sets, with those that were there.
fn kept(cookie: &str, answer: &str) -> String {
    let set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let kept: BTreeMap<_, _> =
        cookie.split("; ").chain(set).filter_map(|each| each.split_once('=')).collect();
    let kept: Vec<_> = kept.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    kept.join("; ")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_nobody_and_every_request_has_an_id() {
    let world = world_now().await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "post@trust.example").await;
    world.person("Zebedee Fishwick", Role::Responder, Some(trust)).await;
    let token = world.key(trust, "alerts:read responses:write").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Logged"), &everybody()).await;
    world.app.env.advance(Env::machine().now().duration_since(world.now()));

    let server = SmtpServer::start(Security::Plain).await.unwrap();
    let installation = Installation::on(&world.app.settings.database_url, Some(&server));
    let service = installation.serve().await;
    let email = "zebedee.fishwick%40example.org";
    let wrong = installation.post("/sign-in", "", &format!("email={email}&password=sesame-mistyped")).await;
    assert!(wrong.starts_with("HTTP/1.1 422"), "{wrong}");
    let password = PASSWORD.replace(' ', "+");
    let right = installation.post("/sign-in", "", &format!("email={email}&password={password}")).await;
    let half = kept("", &right);
    world.app.env.advance(Env::machine().now().duration_since(world.now()));
    let code = world.code();
    let full = kept(&half, &installation.post("/sign-in/code", &half, &format!("code={code}")).await);
    let page = installation.get("/alerts", &full).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("CC-0001"), "{page}");
    let answered = installation.post(&format!("/alerts/{alert}/respond/acknowledge"), &full, "").await;
    assert!(answered.starts_with("HTTP/1.1 303"), "{answered}");
    installation.get(&format!("/organisations/{trust}?q=zebedee"), &full).await;
    installation.get("/join/a-token-in-an-address", "").await;
    let forgotten = installation.post("/forgotten-password", "", &format!("email={email}")).await;
    assert!(forgotten.starts_with("HTTP/1.1 "), "{forgotten}");
    let machine = format!(
        "GET /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    assert!(rest(installation.begin(&machine).await).await.starts_with("HTTP/1.1 200"));
    // Somebody is mailed by this process: the link for the forgotten password.
    until("a mail", || async { server.count() > 0 }).await;
    service.terminate();
    assert!(service.ended().await.success());

    let log = installation.log();
    let cookies = full.split("; ").filter_map(|cookie| cookie.split_once('=')).map(|(_, value)| value);
    let mut secrets: Vec<&str> = cookies.filter(|value| value.len() > 8).collect();
    assert!(!secrets.is_empty(), "{full}");
    let mailed = server.arrived();
    let link = mailed.iter().find_map(|mail| mail.source.split("/join/").nth(1)?.split_whitespace().next());
    secrets.extend(link);
    secrets.extend([
        &token,
        "zebedee",
        "Zebedee",
        "Fishwick",
        "fishwick",
        "post@trust.example",
        "example.org",
    ]);
    secrets.extend([PASSWORD, &password, "sesame", "a-token-in-an-address", &code]);
    for line in log.lines() {
        let spoken = secrets.iter().find(|secret| line.contains(**secret));
        assert_eq!(spoken, None, "{line}");
    }
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert!(lines.iter().all(|line| line.get("spans").is_none()), "the span is not told twice");
    let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
    assert!(answered.len() >= 9, "{log}");
    let ids: BTreeSet<_> = answered.iter().map(|line| line["span"]["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), answered.len(), "each its own");
}
