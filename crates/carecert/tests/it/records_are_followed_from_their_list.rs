//! CVE records are followed from the CVE Program's own lists of what changed: each record once for each change, the
//! newest first, so many at a time.

use broadcast::{
    feed::{FeedId, Outcome, Plan, actions, store},
    source::Source,
    threat,
};
use carecert::SERVICES;
use db::{params, sql};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use platform::{Actor, access::Role, job, net::Response};
use serde_json::{Value, json};
use testkit::world::World;

use crate::furnished::{at_cert, follow, plan};

const RECORDS: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");
const FOLDER: &str = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/";

/// Real records by their numbers, but for those that were rejected.
fn records(count: usize) -> Vec<(String, String)> {
    let records = RECORDS.lines().filter(|line| !line.contains("\"REJECTED\"")).take(count);
    let number = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        record["cveMetadata"]["cveId"].as_str().unwrap().to_owned()
    };
    records.map(|line| (number(line), line.to_owned())).collect()
}

fn address(cve: &str) -> String {
    format!("{FOLDER}2024/{cve}.json")
}

/// What changed until a minute of the first of June.
fn period(minute: &str, changed: &[&str]) -> Value {
    let rows: Vec<Value> = changed
        .iter()
        .map(|cve| {
            json!({"cveId": cve, "cveOrgLink": format!("https://www.cve.org/CVERecord?id={cve}"),
                   "githubLink": address(cve), "dateUpdated": format!("2026-06-01T{minute}:00.000Z")})
        })
        .collect();
    json!({"fetchTime": format!("2026-06-01T{minute}:30.000Z"), "numberOfChanges": rows.len(), "new": rows,
           "updated": [], "error": []})
}

async fn follows(world: &World, list: &str) -> (Actor, FeedId) {
    let (_, duty) = at_cert(world, "Dora Duty", Role::DutyManager).await;
    let plan = Plan { source: Source::Cve, ..plan(&format!("{FOLDER}{list}")) };
    let feed = follow(world, &duty, &plan).await;
    (duty, feed)
}

async fn latest(world: &World, feed: FeedId) -> store::Run {
    store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap().remove(0)
}

async fn ask(world: &World, actor: &Actor, feed: FeedId) -> store::Run {
    world.app.env.advance(SignedDuration::from_secs(1));
    let mut tx = world.app.write().await.unwrap();
    actions::ask(&mut tx, actor, feed).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    latest(world, feed).await
}

fn asked(world: &World) -> Vec<String> {
    world.net.asked().into_iter().map(|request| request.url.to_string().replace(FOLDER, "")).collect()
}

fn missing() -> Response {
    Response { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Vec::new() }
}

#[tokio::test]
async fn a_log_of_changes_leads_to_each_record_once_until_it_changes_again() {
    let world = World::new(SERVICES).await;
    let records = records(3);
    let [a, b, c] = [0, 1, 2].map(|place| records[place].0.as_str());
    for (cve, record) in &records {
        world.net.serves(&address(cve), &[], record.as_bytes());
    }
    let log = |periods: &[Value]| Value::from(periods.to_vec()).to_string();
    let first = [period("10:20", &[b]), period("10:10", &[a, b])];
    let url = format!("{FOLDER}deltaLog.json");
    world.net.serves(&url, &[("etag", "\"1\"")], log(&first));
    let (duty, feed) = follows(&world, "deltaLog.json").await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.new, run.refused), (Outcome::Heard, 2, 0), "{:?}", run.told());
    assert_eq!(run.told().unwrap(), [""; 0]);
    assert_eq!(
        asked(&world),
        ["deltaLog.json".to_owned(), format!("2024/{b}.json"), format!("2024/{a}.json")]
    );
    let found = threat::store::threat_of(&mut world.app.read().await.unwrap(), a.parse().unwrap()).await;
    assert!(found.unwrap().is_some());
    // One more has changed since, and the first a second time.
    let more = [period("10:30", &[c, a]), first[0].clone(), first[1].clone()];
    world.net.serves(&url, &[("etag", "\"2\"")], log(&more));
    let run = ask(&world, &duty, feed).await;
    assert_eq!((run.new, run.same), (1, 1), "{:?}", run.told());
    assert_eq!(asked(&world).len(), 3);
}

#[tokio::test]
async fn a_list_of_the_last_minutes_says_what_it_does_not_reach_back_to() {
    let world = World::new(SERVICES).await;
    let records = records(2);
    let [a, b] = [0, 1].map(|place| records[place].0.as_str());
    for (cve, record) in &records {
        world.net.serves(&address(cve), &[], record.as_bytes());
    }
    let url = format!("{FOLDER}delta.json");
    world.net.serves(&url, &[], period("10:10", &[a]).to_string());
    let (duty, feed) = follows(&world, "delta.json").await;
    world.work().await;
    assert_eq!(latest(&world, feed).await.told().unwrap(), [""; 0]);
    world.net.serves(&url, &[], period("10:12", &[b]).to_string());
    assert_eq!(ask(&world, &duty, feed).await.told().unwrap(), [""; 0], "it follows at once");
    world.net.serves(&url, &[], period("12:00", &[a]).to_string());
    let run = ask(&world, &duty, feed).await;
    assert_eq!(run.outcome, Outcome::Same);
    let analyst = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let page = analyst.get(&format!("/sources/feeds/{feed}")).await.body;
    assert!(page.contains("records that changed between may be missing here"), "{page}");
}

#[tokio::test]
async fn a_record_that_could_not_be_had_is_tried_again_though_the_list_names_it_no_more() {
    let world = World::new(SERVICES).await;
    let records = records(2);
    let [a, b] = [0, 1].map(|place| records[place].0.as_str());
    world.net.answers(&address(a), Ok(missing()));
    world.net.serves(&address(b), &[], records[1].1.as_bytes());
    let url = format!("{FOLDER}delta.json");
    world.net.serves(&url, &[], period("10:10", &[a, b]).to_string());
    let (duty, feed) = follows(&world, "delta.json").await;
    world.work().await;
    assert_eq!(latest(&world, feed).await.new, 1);
    world.net.serves(&url, &[], period("10:12", &[b]).to_string());
    world.net.serves(&address(a), &[], records[0].1.as_bytes());
    let run = ask(&world, &duty, feed).await;
    assert_eq!((run.outcome, run.new), (Outcome::Heard, 1), "{:?}", run.told());
}

#[tokio::test]
async fn a_long_list_of_records_is_read_in_turns_and_nothing_within_the_network_is_asked() {
    let world = World::new(SERVICES).await;
    let numbers: Vec<String> = (1000..1203).map(|number| format!("CVE-2026-{number}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let mut list = period("10:10", &numbers);
    for (place, link) in ["https://10.0.0.1/a.json", "https://localhost/a.json"].iter().enumerate() {
        list["new"][place]["githubLink"] = json!(link);
    }
    let url = format!("{FOLDER}deltaLog.json");
    world.net.serves(&url, &[("etag", "\"1\"")], json!([list]).to_string());
    let (_, feed) = follows(&world, "deltaLog.json").await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE job SET lane = 'paused' WHERE kind <> 'feed.follow'"), params![]).await.unwrap();
    tx.commit().await.unwrap();
    job::run_due(&world.app, job::Lane::Elsewhere, 1).await.unwrap();
    let run = latest(&world, feed).await;
    assert_eq!((run.asked, run.refused, run.remaining), (201, 2, 1), "{:?}", run.told());
    let asked = asked(&world);
    assert!(asked.iter().all(|url| !url.contains("10.0.0.1") && !url.contains("localhost")), "{asked:?}");
}

#[tokio::test]
async fn a_list_that_is_cut_short_fails_and_what_is_no_record_is_named() {
    let world = World::new(SERVICES).await;
    let whole = period("10:10", &["CVE-2026-0001"]).to_string();
    let url = format!("{FOLDER}delta.json");
    world.net.serves(&url, &[("etag", "\"1\"")], &whole[..whole.len() / 2]);
    let (duty, feed) = follows(&world, "delta.json").await;
    world.work().await;
    let run = latest(&world, feed).await;
    let why = "The list of changed records cannot be read: it ends too early.";
    assert_eq!((run.outcome, run.told().unwrap()), (Outcome::Failed, vec![why.to_owned()]));
    let old = json!({"data_type": "CVE", "data_format": "MITRE", "data_version": "4.0",
                     "CVE_data_meta": {"ID": "CVE-2019-0001"}});
    world.net.serves(&url, &[], old.to_string());
    let told = ask(&world, &duty, feed).await.told().unwrap();
    assert!(told.iter().any(|it| it.contains("a record in version “4.0” of the CVE format")), "{told:?}");
    // A list of records is as good as one a line.
    let records: Vec<String> = records(3).into_iter().map(|(_, record)| record).collect();
    world.net.serves(&url, &[], format!("[{}]", records.join(",")));
    assert_eq!(ask(&world, &duty, feed).await.new, 3);
}
