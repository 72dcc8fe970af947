//! A feed that is cut short on its way is not well: what was read is taken in, the run fails, and what lies
//! behind is fetched next time, whatever the server says of whether it has changed.

use broadcast::{
    feed::{FeedId, Outcome, Plan, actions, store},
    source::Source,
};
use carecert::SERVICES;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use platform::{Actor, access::Role, net::Response};
use serde_json::{Value, json};
use testkit::world::World;

use crate::furnished::{at_cert, follow, plan};

const KEV: &[u8] = include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
const RECORDS: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");
const ATTACK: &[u8] = include_bytes!("../../../../data/broadcast/stix/ics-attack-18.1.json.gz");
const NEWS: &str = r#"<rss version="2.0"><channel><title>News</title>
    <item><guid>2</guid><title>Pumps recalled</title></item>
    <item><guid>1</guid><title>Gateways under attack</title></item></channel></rss>"#;
const SCORES: &str = "#model_version:v2025.03.14,score_date:2026-06-01T00:00:00+0000\ncve,epss,percentile\n\
                      CVE-2026-0001,0.1,0.5\nCVE-2026-0002,0.2,0.6\n";

/// The first entries of CISA's catalogue.
fn catalogue() -> Vec<u8> {
    let mut catalogue: Value = serde_json::from_slice(KEV).unwrap();
    catalogue["vulnerabilities"].as_array_mut().unwrap().truncate(4);
    catalogue["count"] = json!(4);
    catalogue.to_string().into_bytes()
}

/// A list of the first records.
fn records() -> Vec<u8> {
    let records: Vec<&str> = RECORDS.lines().take(3).collect();
    format!("[{}]", records.join(",\n")).into_bytes()
}

async fn ask(world: &World, actor: &Actor, feed: FeedId) -> store::Run {
    world.app.env.advance(SignedDuration::from_secs(1));
    let mut tx = world.app.write().await.unwrap();
    actions::ask(&mut tx, actor, feed).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap().remove(0)
}

#[tokio::test]
async fn what_is_cut_short_fails_and_is_fetched_whole_though_its_server_says_that_nothing_changed() {
    let world = World::new(SERVICES).await;
    let (_, duty) = at_cert(&world, "Dora Duty", Role::DutyManager).await;
    let (catalogue, records) = (catalogue(), records());
    let all: [(Source, &[u8], usize); 5] = [
        (Source::Kev, &catalogue, catalogue.len() * 3 / 4),
        (Source::Cve, &records, records.len() * 3 / 4),
        // In the middle of its last row.
        (Source::Epss, SCORES.as_bytes(), SCORES.len() - 6),
        (Source::Stix, ATTACK, 60_000),
        (Source::News, NEWS.as_bytes(), NEWS.len() - 20),
    ];
    for (source, whole, cut) in all {
        let url = format!("https://feeds.example/{}", source.code());
        world.net.serves(&url, &[("etag", "\"one\"")], &whole[..cut]);
        let feed = follow(&world, &duty, &Plan { source, ..plan(&url) }).await;
        world.work().await;
        let run = store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap().remove(0);
        let told = run.told().unwrap();
        assert_eq!(run.outcome, Outcome::Failed, "{source:?}: {told:?}");
        assert!(run.new > 0, "{source:?}: what was read is taken in: {told:?}");
        assert!(told[0].starts_with("It could not be read to its end"), "{source:?}: {told:?}");
        world.net.asked();
        if source == Source::Stix {
            continue;
        }
        world.net.serves(&url, &[("etag", "\"one\"")], whole);
        let run = ask(&world, &duty, feed).await;
        let asked = world.net.asked();
        assert!(!asked[0].headers.contains_key("if-none-match"), "{source:?}: {:?}", asked[0].headers);
        assert_eq!((run.outcome, run.refused), (Outcome::Heard, 0), "{source:?}: {:?}", run.told());
    }
}

#[tokio::test]
async fn a_feed_that_stays_cut_short_is_told_to_people() {
    let world = World::new(SERVICES).await;
    let (_, duty) = at_cert(&world, "Dora Duty", Role::DutyManager).await;
    let url = "https://feeds.example/kev";
    let catalogue = catalogue();
    world.net.serves(url, &[("etag", "\"one\"")], &catalogue[..catalogue.len() / 2]);
    follow(&world, &duty, &Plan { source: Source::Kev, ..plan(url) }).await;
    world.pass(SignedDuration::from_hours(26)).await;
    let mails = world.post.mails();
    assert!(mails.iter().any(|mail| mail.letter.subject.contains("cannot be read")), "{}", mails.len());
}

#[tokio::test]
async fn a_list_of_advisories_that_is_cut_short_is_read_again() {
    let world = World::new(SERVICES).await;
    let (_, duty) = at_cert(&world, "Dora Duty", Role::DutyManager).await;
    let url = "https://p.example/changes.csv";
    let advisory = include_bytes!("../../../../data/broadcast/csaf-it/va-24-254-01.json");
    world.net.serves("https://p.example/2024/va-24-254-01.json", &[], advisory.as_slice());
    for proof in [".sha512", ".sha256", ".asc"] {
        let none = Response { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Vec::new() };
        world.net.answers(&format!("https://p.example/2024/va-24-254-01.json{proof}"), Ok(none));
    }
    let whole = "2024/va-24-254-01.json,2026-01-02T00:00:00Z\n2024/b.json,2026-01-01T00:00:00Z\n";
    world.net.serves(url, &[("etag", "\"one\"")], &whole[..whole.len() - 8]);
    let feed = follow(&world, &duty, &Plan { source: Source::Csaf, ..plan(url) }).await;
    world.work().await;
    let run = store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap().remove(0);
    let told = run.told().unwrap();
    assert!(run.outcome == Outcome::Failed && run.new > 0, "{told:?}");
    assert!(told[0].starts_with("The list could not be read to its end"), "{told:?}");
    world.net.asked();
    world.net.serves(url, &[("etag", "\"one\"")], whole);
    ask(&world, &duty, feed).await;
    let asked: Vec<String> = world.net.asked().into_iter().map(|request| request.url.to_string()).collect();
    assert!(asked.iter().any(|url| url.ends_with("/2024/b.json")), "{asked:?}");
}
