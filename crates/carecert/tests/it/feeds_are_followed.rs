//! Feeds are asked on a schedule: only for what has changed, patiently where they fail, and people are
//! told when one ceases to tell anything.

use broadcast::{
    feed::{
        Feed, FeedError, FeedId, Outcome, Plan, actions,
        store::{self, Run},
    },
    source::{Findings, Source, Worth},
};
use carecert::SERVICES;
use db::{params, sql};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    net::{NetError, Response},
};
use testkit::world::World;

use crate::furnished::{at_cert, follow, plan};

const RSS: &str = "https://news.example/rss";
const NEWS: &str = r#"<rss version="2.0"><channel><title>News</title>
    <item><guid>1</guid><title>Gateways under attack</title><link>https://news.example/1</link></item></channel></rss>"#;
const MORE: &str = r#"<rss version="2.0"><channel><title>News</title>
    <item><guid>2</guid><title>Pumps recalled</title><link>https://news.example/2</link></item>
    <item><guid>1</guid><title>Gateways under attack</title><link>https://news.example/1</link></item></channel></rss>"#;

const FOLDER: &str = "https://raw.githubusercontent.com/cisagov/CSAF/develop/csaf_files/IT/white/";
const CHANGES: &[u8] = include_bytes!("../../../../data/broadcast/csaf-it/changes.csv");
const ROLIE: &str = include_str!("../../../../data/broadcast/csaf-it/cisa-csaf-it-feed-tlp-white.json");

macro_rules! advisory {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../../data/broadcast/csaf-it/", $name)).as_slice(),
            include_bytes!(concat!("../../../../data/broadcast/csaf-it/", $name, ".sha512")).as_slice(),
            include_bytes!(concat!("../../../../data/broadcast/csaf-it/", $name, ".asc")).as_slice(),
        )
    };
}
type Advisory = (&'static str, &'static [u8], &'static [u8], &'static [u8]);
const ADVISORIES: [Advisory; 4] = [
    advisory!("va-24-201-01.json"),
    advisory!("va-24-254-01.json"),
    advisory!("va-24-254-02.json"),
    advisory!("va-24-262-01.json"),
];

/// CISA's folder, with its two lists.
fn serve_cisa(world: &World) {
    world.net.serves(&format!("{FOLDER}changes.csv"), &[("etag", "\"c1\"")], CHANGES);
    world.net.serves(&format!("{FOLDER}feed.json"), &[("etag", "\"f1\"")], ROLIE);
    for (name, document, checksum, signature) in ADVISORIES {
        let url = format!("{FOLDER}2024/{name}");
        world.net.serves(&url, &[], document);
        world.net.serves(&format!("{url}.sha512"), &[], checksum);
        world.net.serves(&format!("{url}.asc"), &[], signature);
    }
}

/// From now on this address answers with this status, and nothing.
fn answers(world: &World, url: &str, code: u16, headers: &[(&'static str, &str)]) {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let status = StatusCode::from_u16(code).unwrap();
    world.net.answers(url, Ok(Response { status, headers, body: Vec::new() }));
}

fn csaf(url: &str) -> Plan {
    Plan { name: "CISA".to_owned(), source: Source::Csaf, url: url.parse().unwrap(), ..plan(RSS) }
}

async fn runs(world: &World, feed: FeedId) -> Vec<Run> {
    store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap()
}

async fn latest(world: &World, feed: FeedId) -> Run {
    runs(world, feed).await.remove(0)
}

async fn stands(world: &World, feed: FeedId) -> Feed {
    store::feed(&mut world.app.read().await.unwrap(), feed).await.unwrap().unwrap()
}

async fn ask_now(world: &World, actor: &Actor, feed: FeedId) -> Run {
    world.app.env.advance(SignedDuration::from_secs(1));
    let mut tx = world.app.write().await.unwrap();
    actions::ask(&mut tx, actor, feed).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    latest(world, feed).await
}

fn addresses(world: &World) -> Vec<String> {
    world.net.asked().into_iter().map(|request| request.url.to_string()).collect()
}

async fn world() -> (World, Actor) {
    let world = World::new(SERVICES).await;
    let (_, duty) = at_cert(&world, "Dora Duty", Role::DutyManager).await;
    (world, duty)
}

#[tokio::test]
async fn a_feed_is_asked_at_once_then_on_its_schedule_and_only_for_what_has_changed() {
    let (world, duty) = world().await;
    world.net.serves(RSS, &[("etag", "\"a\""), ("last-modified", "Tue, 02 Jun 2026 08:00:00 GMT")], NEWS);
    let feed = follow(&world, &duty, &plan(RSS)).await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!(
        (run.outcome, run.new, run.asked, run.bytes),
        (Outcome::Heard, 1, 1, i64::try_from(NEWS.len()).unwrap())
    );
    assert!(world.net.asked()[0].headers.is_empty(), "nothing is known of it yet");

    answers(&world, RSS, 304, &[]);
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(addresses(&world), [""; 0], "not before its time");
    world.pass(SignedDuration::from_mins(37)).await;
    let asked = world.net.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].headers["if-none-match"], "\"a\"");
    assert_eq!(asked[0].headers["if-modified-since"], "Tue, 02 Jun 2026 08:00:00 GMT");
    assert_eq!(latest(&world, feed).await.outcome, Outcome::Same);

    // A server that knows nothing of this sends the same again: it is not read again.
    world.net.serves(RSS, &[], NEWS);
    let run = ask_now(&world, &duty, feed).await;
    assert_eq!((run.outcome, run.same), (Outcome::Same, 0));
    world.net.serves(RSS, &[], MORE);
    let run = ask_now(&world, &duty, feed).await;
    assert_eq!((run.outcome, run.new, run.same), (Outcome::Heard, 1, 1));
    // Each asking made the next one and no other.
    let waiting = sql!("SELECT count(*) FROM job WHERE kind = 'feed.follow'");
    let (waiting,): (i64,) = world.app.read().await.unwrap().one(waiting, params![]).await.unwrap();
    assert!(waiting <= 3, "{waiting} jobs");
    world.net.asked();
    world.pass(SignedDuration::from_mins(67)).await;
    assert_eq!(addresses(&world).len(), 1);
}

#[tokio::test]
async fn a_feed_that_fails_is_asked_patiently_and_people_are_told_once() {
    let (world, duty) = world().await;
    world.person("Ada Admin", Role::Admin, None).await;
    world.person("Ann Alyst", Role::Analyst, None).await;
    world.net.answers(RSS, Err(NetError::Unreachable("no route".to_owned())));
    let feed = follow(&world, &duty, &plan(RSS)).await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!(run.outcome, Outcome::Failed);
    assert_eq!(run.told().unwrap(), ["The server cannot be reached: no route."]);
    world.pass(SignedDuration::from_hours(23)).await;
    let tries = runs(&world, feed).await.len();
    assert!((12..=26).contains(&tries), "about once an hour: {tries}");
    assert!(world.post.mails().is_empty());
    world.pass(SignedDuration::from_hours(3)).await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 2, "the duty manager and the administrator");
    assert!(mails.iter().all(|mail| mail.letter.subject == "The feed Example news cannot be read"));
    assert!(mails[0].letter.text.contains("no route"), "{}", mails[0].letter.text);
    let analyst = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let list = analyst.get("/threats").await.body;
    assert!(
        list.contains("What these feeds would tell is missing here") && list.contains("Example news"),
        "{list}"
    );
    world.pass(SignedDuration::from_hours(48)).await;
    assert_eq!(world.post.mails().len(), 2, "once");
    // It is well again: nothing warns any more, and another failure is told anew.
    world.net.serves(RSS, &[], NEWS);
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(stands(&world, feed).await.alarmed_at, None);
    assert!(!analyst.get("/threats").await.body.contains("is missing here"));
    answers(&world, RSS, 500, &[]);
    world.pass(SignedDuration::from_hours(27)).await;
    assert_eq!(world.post.mails().len(), 4);
}

#[tokio::test]
async fn a_feed_that_tells_nothing_new_for_too_long_has_fallen_silent() {
    let (world, duty) = world().await;
    world.net.serves(RSS, &[], NEWS);
    let feed = follow(&world, &duty, &plan(RSS)).await;
    world.pass(SignedDuration::from_hours(24 * 7 - 2)).await;
    assert!(world.post.mails().is_empty());
    world.pass(SignedDuration::from_hours(4)).await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].letter.subject, "The feed Example news has fallen silent");
    let page = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let page = page.get(&format!("/sources/feeds/{feed}")).await.body;
    assert!(page.contains("It has fallen silent"), "{page}");
    // One that is paused is silent because somebody wants it so.
    let mut tx = world.app.write().await.unwrap();
    let version = stands(&world, feed).await.version;
    actions::pause(&mut tx, &duty, feed, version).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stands(&world, feed).await.alarmed_at, None);
    world.net.asked();
    world.pass(SignedDuration::from_hours(24 * 14)).await;
    assert!(world.net.asked().is_empty() && world.post.mails().len() == 1);
    assert!(matches!(
        actions::ask(&mut world.app.write().await.unwrap(), &duty, feed).await,
        Err(FeedError::Paused)
    ));
    // Once it is resumed it has its days to tell something again.
    let mut tx = world.app.write().await.unwrap();
    let version = stands(&world, feed).await.version;
    actions::resume(&mut tx, &duty, feed, version).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(24 * 7 - 2)).await;
    assert_eq!(world.post.mails().len(), 1);
    world.pass(SignedDuration::from_hours(4)).await;
    assert_eq!(world.post.mails().len(), 2);
}

#[tokio::test]
async fn a_server_that_asks_for_patience_is_given_it() {
    let (world, duty) = world().await;
    answers(&world, RSS, 429, &[("retry-after", "7200")]);
    let feed = follow(&world, &duty, &plan(RSS)).await;
    world.work().await;
    let before = world.now();
    assert_eq!(stands(&world, feed).await.next_at, Some(before + SignedDuration::from_hours(2)));
    assert!(latest(&world, feed).await.told().unwrap()[0].contains("asks for patience"));
    // It is a bound for us: nobody can have a feed asleep for ever.
    answers(&world, RSS, 503, &[("retry-after", "999999999")]);
    ask_now(&world, &duty, feed).await;
    assert_eq!(stands(&world, feed).await.next_at, Some(world.now() + SignedDuration::from_hours(24)));
}

#[tokio::test]
async fn lists_of_advisories_lead_to_documents_with_their_proofs_once() {
    for list in ["changes.csv", "feed.json"] {
        let (world, duty) = world().await;
        serve_cisa(&world);
        let feed = follow(&world, &duty, &csaf(&format!("{FOLDER}{list}"))).await;
        world.work().await;
        let run = latest(&world, feed).await;
        assert_eq!((run.outcome, run.refused, run.remaining), (Outcome::Heard, 0, 0), "{:?}", run.told());
        // The list, and of each of four documents itself, its checksum and its signature.
        assert_eq!(run.asked, 13, "{list}");
        let asked = addresses(&world);
        assert!(
            asked[1].ends_with("va-24-262-01.json") || asked[1].ends_with("va-24-254-02.json"),
            "the newest first: {asked:?}"
        );
        let statement = sql!("SELECT findings FROM source_document ORDER BY name");
        let found: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
        assert_eq!(found.len(), 4);
        for (findings,) in found {
            let findings: Findings = serde_json::from_str(&findings).unwrap();
            assert_eq!(findings.checks.checksums, ["SHA-512"]);
            assert_eq!(findings.checks.signatures[0].worth, Worth::Unchecked);
        }
        // The list has not changed: nothing else is asked for.
        answers(&world, &format!("{FOLDER}{list}"), 304, &[]);
        let run = ask_now(&world, &duty, feed).await;
        assert_eq!((run.outcome, run.asked), (Outcome::Same, 1));
        // One document has: it alone is read again.
        let (name, date) = ("va-24-201-01.json", "2026-06-01T00:00:00Z");
        let changed = if list == "changes.csv" {
            format!("csaf_files/IT/white/2024/{name},{date}\n").into_bytes()
        } else {
            let mut feed: serde_json::Value = serde_json::from_str(ROLIE).unwrap();
            for entry in feed["feed"]["entry"].as_array_mut().unwrap() {
                if entry["content"]["src"].as_str().unwrap().ends_with(name) {
                    entry["updated"] = date.into();
                }
            }
            feed.to_string().into_bytes()
        };
        world.net.serves(&format!("{FOLDER}{list}"), &[], changed);
        world.net.asked();
        ask_now(&world, &duty, feed).await;
        let asked = addresses(&world);
        assert_eq!(asked.len(), 4, "{asked:?}");
        assert!(asked[1].ends_with(name));
    }
}

#[tokio::test]
async fn a_document_that_is_not_its_publishers_is_refused_tried_again_and_told() {
    let (world, duty) = world().await;
    serve_cisa(&world);
    let broken = format!("{FOLDER}2024/va-24-254-01.json");
    world.net.serves(&format!("{broken}.sha512"), &[], format!("{}  va-24-254-01.json", "0".repeat(128)));
    let missing = format!("{FOLDER}2024/va-24-254-02.json");
    answers(&world, &missing, 404, &[]);
    let feed = follow(&world, &duty, &csaf(&format!("{FOLDER}changes.csv"))).await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.refused), (Outcome::Heard, 1));
    let page = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let shown = page.get(&format!("/sources/feeds/{feed}")).await.body;
    assert!(
        shown.contains("What could not be taken in") && shown.contains("There is nothing at this address"),
        "{shown}"
    );
    assert!(shown.contains("checksum"), "{shown}");
    // The list is read again though it has not changed, and those two alone are tried.
    for _ in 0..6 {
        world.net.asked();
        ask_now(&world, &duty, feed).await;
    }
    assert_eq!(addresses(&world).len(), 1, "five times, and no more");
    let failed = store::failed(&mut world.app.read().await.unwrap(), feed).await.unwrap();
    assert_eq!(
        failed.iter().map(|each| (each.url.as_str(), each.tries)).collect::<Vec<_>>(),
        [(broken.as_str(), 5), (missing.as_str(), 5)]
    );
}

#[tokio::test]
async fn a_provider_leads_to_its_lists_and_to_its_keys() {
    let (world, duty) = world().await;
    serve_cisa(&world);
    let metadata = "https://www.cisa.gov/csaf/provider-metadata.json";
    let provider = |keys: &str| {
        format!(
            r#"{{"canonical_url": "{metadata}", "metadata_version": "2.0", "role": "csaf_trusted_provider",
                 "last_updated": "2024-01-01T00:00:00Z", "list_on_CSAF_aggregators": true,
                 "mirror_on_CSAF_aggregators": true, "publisher": {{"category": "coordinator", "name": "CISA",
                 "namespace": "https://www.cisa.gov/"}}, "public_openpgp_keys": {keys},
                 "distributions": [{{"directory_url": "{FOLDER}"}}]}}"#
        )
    };
    world.net.serves(metadata, &[], provider("[]"));
    let feed = follow(&world, &duty, &csaf(metadata)).await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.asked), (Outcome::Heard, 14), "{:?}", run.told());
    // The metadata is read each time: what it leads to says itself whether it has changed.
    answers(&world, &format!("{FOLDER}changes.csv"), 304, &[]);
    assert_eq!(ask_now(&world, &duty, feed).await.asked, 2);
    // A key that is not there is told, and stops nothing.
    answers(&world, "https://www.cisa.gov/key.asc", 404, &[]);
    world.net.serves(
        metadata,
        &[],
        provider(r#"[{"url": "https://www.cisa.gov/key.asc"}, {"url": "http://10.0.0.1/"}]"#),
    );
    let run = ask_now(&world, &duty, feed).await;
    assert_eq!(run.outcome, Outcome::Same);
    let told = run.told().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|sentence| sentence.starts_with("A key of the provider: ")), "{told:?}");
    // A provider of nothing that can be followed is a feed that fails.
    world.net.serves(metadata, &[], provider("[]").replace(FOLDER, "https://10.0.0.1/"));
    assert_eq!(ask_now(&world, &duty, feed).await.outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_long_list_is_read_in_turns_the_newest_first() {
    let (world, duty) = world().await;
    let row = |n: u32| format!("2026/a{n:03}.json,2026-01-01T{:02}:{:02}:00Z", n / 60, n % 60);
    let changes: Vec<String> = (0..210).map(row).collect();
    world.net.serves("https://p.example/changes.csv", &[("etag", "\"1\"")], changes.join("\n"));
    let feed = follow(&world, &duty, &csaf("https://p.example/changes.csv")).await;
    // Only the feed is worked on, and once. None of them can be had, which costs a request each.
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE job SET lane = 'paused' WHERE kind <> 'feed.follow'"), params![]).await.unwrap();
    tx.commit().await.unwrap();
    platform::job::run_due(&world.app, platform::job::Lane::Elsewhere, 1).await.unwrap();
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.asked, run.remaining), (Outcome::Failed, 201, 10));
    let asked = addresses(&world);
    assert!(asked[1].ends_with("a209.json") && asked[200].ends_with("a010.json"));
    // Where what is new can be had, here with three vulnerabilities, the rest follows soon.
    let (name, document, checksum, signature) = ADVISORIES[0];
    let more = format!("{}\n2026/{name},2026-02-01T00:00:00Z", changes.join("\n"));
    world.net.serves("https://p.example/changes.csv", &[], more);
    for (file, bytes) in [("", document), (".sha512", checksum), (".asc", signature)] {
        world.net.serves(&format!("https://p.example/2026/{name}{file}"), &[], bytes);
    }
    world.app.env.advance(SignedDuration::from_hours(1));
    platform::job::run_due(&world.app, platform::job::Lane::Elsewhere, 1).await.unwrap();
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.new, run.remaining), (Outcome::Heard, 3, 11), "{:?}", run.told());
    assert_eq!(stands(&world, feed).await.next_at, Some(world.now() + SignedDuration::from_secs(30)));
}

#[tokio::test]
async fn what_is_decided_about_a_feed_is_decided_once_and_by_those_who_may() {
    let (world, duty) = world().await;
    let (_, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let mut tx = world.app.write().await.unwrap();
    assert!(matches!(actions::add(&mut tx, &analyst, &plan(RSS)).await, Err(FeedError::Forbidden(_))));
    let feed = actions::add(&mut tx, &duty, &plan(RSS)).await.unwrap();
    assert!(matches!(actions::add(&mut tx, &duty, &plan(RSS)).await, Err(FeedError::Twice)));
    let other = actions::add(&mut tx, &duty, &plan("https://news.example/atom")).await.unwrap();
    assert!(matches!(actions::change(&mut tx, &duty, other, 1, &plan(RSS)).await, Err(FeedError::Twice)));
    tx.commit().await.unwrap();
    let weekly = Plan { every_minutes: 7 * 24 * 60, ..plan(RSS) };
    let mut tx = world.app.write().await.unwrap();
    actions::change(&mut tx, &duty, feed, 1, &weekly).await.unwrap();
    assert!(matches!(actions::change(&mut tx, &duty, feed, 1, &weekly).await, Err(FeedError::Overtaken)));
    tx.commit().await.unwrap();
    // What was queued before does nothing; what the change queued is done.
    world.net.serves(RSS, &[], NEWS);
    world.work().await;
    assert_eq!(runs(&world, feed).await.len(), 1);
    let version = stands(&world, feed).await.version;
    let mut tx = world.app.write().await.unwrap();
    actions::remove(&mut tx, &duty, feed, version).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(24 * 8)).await;
    assert!(store::feed(&mut world.app.read().await.unwrap(), feed).await.unwrap().is_none());
    let threats = world
        .signed_in(world.person("Amy Alyst", Role::Analyst, None).await)
        .await
        .get("/threats")
        .await
        .body;
    assert!(threats.contains("Gateways under attack"), "what it told stays");
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed() {
    let (world, _) = world().await;
    let duty = world.signed_in(world.person("Dan Duty", Role::DutyManager, None).await).await;
    for (field, value, told) in [
        ("name", "", "Enter a name for it"),
        ("source", "hand", "Select what is published there"),
        ("url", "ftp://news.example/", "Enter a web address"),
        ("url", "https://me:secret@news.example/", "Enter a web address"),
        ("url", "http://169.254.169.254/latest", "Enter an address on the public internet"),
        ("url", "https://10.0.0.1/rss", "Enter an address on the public internet"),
        ("url", "http://localhost:8080/", "Enter an address on the public internet"),
        ("every", "1", "Select how often it is asked"),
        ("silent", "x", "Select after how long"),
        ("keys", "no key", "These are no public keys"),
    ] {
        let mut fields =
            vec![("name", "Mine &"), ("source", "news"), ("url", RSS), ("every", "60"), ("silent", "168")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = duty.post("/sources/feeds/new", &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(answer.body.contains(told), "{told} in {}", answer.body);
        assert!(field == "name" || answer.body.contains("Mine &#38;"), "{}", answer.body);
    }
    let suggested = duty.get("/sources/feeds/new?suggested=0").await.body;
    assert!(suggested.contains("known_exploited_vulnerabilities.json"), "{suggested}");
}
