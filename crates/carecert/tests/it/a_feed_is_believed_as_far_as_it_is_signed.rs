//! A feed of advisories is believed as far as its signatures go: what a given key must have signed is
//! refused without, and what was signed once is not replaced by what is not.

use std::fs;

use broadcast::{
    feed::{
        Fares, FeedId, Outcome, Plan,
        store::{self, Run},
    },
    source::{Findings, Source, Worth},
};
use carecert::SERVICES;
use db::{params, sql};
use http::{HeaderMap, StatusCode};
use platform::{Actor, access::Role, net::Response};
use serde_json::json;
use testkit::world::World;

use crate::furnished::{at_cert, follow, plan};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/broadcast");
/// Whose signature over it is a fixture.
const SIGNED: &str = "icsma-24-058-01.json";
const FINGERPRINT: &str = "399DA2DDEB8F6647482BA576D8528FE5552A8F2D";

const PROVIDER: &str = "https://p.example/provider-metadata.json";
const KEY: &str = "https://p.example/key.asc";

fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// There is nothing beside this document.
fn alone(world: &World, document: &str) {
    for ending in [".sha512", ".sha256", ".asc"] {
        let status = StatusCode::NOT_FOUND;
        let nothing = Response { status, headers: HeaderMap::new(), body: Vec::new() };
        world.net.answers(&format!("{document}{ending}"), Ok(nothing));
    }
}

fn csaf(url: &str) -> Plan {
    Plan { source: Source::Csaf, url: url.parse().unwrap(), ..plan(url) }
}

async fn world() -> (World, Actor) {
    let world = World::new(SERVICES).await;
    let (_, duty) = at_cert(&world, "Dora Duty", Role::DutyManager).await;
    // An advisory, signed with a key of ours.
    let document = format!("https://p.example/2024/{SIGNED}");
    world.net.serves(&document, &[], read(&format!("{DATA}/csaf-medical/{SIGNED}")));
    alone(&world, &document);
    world.net.serves(&format!("{document}.asc"), &[], read(&format!("{FIXTURES}/{SIGNED}.asc")));
    world.net.serves(KEY, &[], read(&format!("{FIXTURES}/publisher-key.asc")));
    world.net.serves("https://p.example/changes.csv", &[], format!("2024/{SIGNED},2024-02-27T07:00:00Z"));
    (world, duty)
}

/// A provider that tells this fingerprint of its key.
fn provide(world: &World, fingerprint: &str) {
    let metadata = json!({
        "canonical_url": PROVIDER, "metadata_version": "2.0", "role": "csaf_trusted_provider",
        "last_updated": "2024-01-01T00:00:00Z", "list_on_CSAF_aggregators": true,
        "mirror_on_CSAF_aggregators": true,
        "publisher": {"category": "coordinator", "name": "CISA", "namespace": "https://www.cisa.gov/"},
        "public_openpgp_keys": [{"fingerprint": fingerprint, "url": KEY}],
        "distributions": [{"directory_url": "https://p.example/"}],
    });
    world.net.serves(PROVIDER, &[], metadata.to_string());
}

async fn latest(world: &World, feed: FeedId) -> Run {
    store::runs(&mut world.app.read().await.unwrap(), feed, None).await.unwrap().remove(0)
}

/// What the signatures over all that was taken in are worth.
async fn worth(world: &World) -> Vec<Worth> {
    let statement = sql!("SELECT findings FROM source_document WHERE findings IS NOT NULL ORDER BY id");
    let found: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    let findings = found.into_iter().map(|(text,)| serde_json::from_str::<Findings>(&text).unwrap());
    findings.flat_map(|findings| findings.checks.signatures).map(|signed| signed.worth).collect()
}

#[tokio::test]
async fn what_none_of_the_given_keys_has_signed_is_refused() {
    let (world, duty) = world().await;
    let unsigned = "va-24-201-01.json";
    let document = format!("https://p.example/2024/{unsigned}");
    world.net.serves(&document, &[], read(&format!("{DATA}/csaf-it/{unsigned}")));
    alone(&world, &document);
    // Of the signature of somebody else, no more is known than of none.
    let other = "va-24-254-01.json";
    let document = format!("https://p.example/2024/{other}");
    world.net.serves(&document, &[], read(&format!("{DATA}/csaf-it/{other}")));
    alone(&world, &document);
    world.net.serves(&format!("{document}.asc"), &[], read(&format!("{DATA}/csaf-it/{other}.asc")));
    let list: Vec<_> =
        [SIGNED, unsigned, other].iter().map(|name| format!("2024/{name},2024-01-01T00:00:00Z")).collect();
    world.net.serves("https://p.example/changes.csv", &[], list.join("\n"));
    let keys = String::from_utf8(read(&format!("{FIXTURES}/publisher-key.asc"))).unwrap();
    let plan = Plan { keys: Some(keys), ..csaf("https://p.example/changes.csv") };
    let feed = follow(&world, &duty, &plan).await;
    world.work().await;
    let run = latest(&world, feed).await;
    assert_eq!((run.outcome, run.new, run.refused), (Outcome::Heard, 1, 2), "{:?}", run.told());
    // Each is told of once.
    let told = run.told().unwrap();
    for name in [unsigned, other] {
        assert_eq!(told.iter().filter(|sentence| sentence.contains(name)).count(), 1, "{told:?}");
    }
    assert_eq!(worth(&world).await, [Worth::Good]);
    let failed = store::failed(&mut world.app.read().await.unwrap(), feed).await.unwrap();
    assert_eq!(failed.len(), 2);
    for each in failed {
        assert!(each.error.starts_with("None of the keys given for it has signed it."), "{}", each.error);
    }
}

#[tokio::test]
async fn a_feed_of_which_everything_is_refused_is_not_well() {
    let (world, duty) = world().await;
    // Its one entry leads nowhere; or to a document that none of the given keys has signed.
    let nowhere = json!({"feed": {"id": "f", "title": "Advisories", "updated": "2024-01-01T00:00:00Z",
        "entry": [{"id": "a", "title": "A", "published": "2024-01-01T00:00:00Z",
            "updated": "2024-01-01T00:00:00Z", "content": {"src": "file:///etc/passwd"},
            "link": [{"rel": "self", "href": "file:///etc/passwd"}]}]}});
    world.net.serves("https://p.example/feed.json", &[("etag", "\"a\"")], nowhere.to_string());
    let unsigned = "https://p.example/2024/va-24-201-01.json";
    world.net.serves(unsigned, &[], read(&format!("{DATA}/csaf-it/va-24-201-01.json")));
    alone(&world, unsigned);
    let list = "2024/va-24-201-01.json,2024-01-01T00:00:00Z";
    world.net.serves("https://p.example/changes.csv", &[("etag", "\"a\"")], list);
    let keys = String::from_utf8(read(&format!("{FIXTURES}/publisher-key.asc"))).unwrap();
    let feeds = [
        follow(&world, &duty, &csaf("https://p.example/feed.json")).await,
        follow(&world, &duty, &Plan { keys: Some(keys), ..csaf("https://p.example/changes.csv") }).await,
    ];
    world.work().await;
    // It stays so, also once nothing is tried any more; and somebody is told as of any feed that fails.
    for _ in 0..8 {
        for feed in feeds {
            let run = latest(&world, feed).await;
            assert_eq!(run.outcome, Outcome::Failed, "{:?}", run.told());
            let told = run.told().unwrap();
            assert!(told[0].contains("can be taken in") || told[0].contains("be taken in"), "{told:?}");
            let feed = store::feed(&mut world.app.read().await.unwrap(), feed).await.unwrap().unwrap();
            assert_eq!(feed.fares(world.app.env.now()), Fares::Failing);
        }
        world.pass(jiff::SignedDuration::from_hours(7)).await;
    }
    for feed in feeds {
        let feed = store::feed(&mut world.app.read().await.unwrap(), feed).await.unwrap().unwrap();
        assert!(feed.alarmed_at.is_some());
    }
}

#[tokio::test]
async fn a_key_counts_where_it_has_the_fingerprint_that_its_provider_tells() {
    for (told, worth_of_it) in [
        (FINGERPRINT.to_owned(), Worth::Good),
        ("399d a2dd eb8f 6647 482b a576 d852 8fe5 552a 8f2d".to_owned(), Worth::Good),
        (FINGERPRINT.replace('3', "4"), Worth::Unchecked),
    ] {
        let (world, duty) = world().await;
        provide(&world, &told);
        let feed = follow(&world, &duty, &csaf(PROVIDER)).await;
        world.work().await;
        let run = latest(&world, feed).await;
        assert_eq!((run.outcome, run.new), (Outcome::Heard, 1), "{:?}", run.told());
        assert_eq!(worth(&world).await, [worth_of_it], "{told}");
    }
}

#[tokio::test]
async fn documents_wait_for_a_key_that_cannot_be_had_for_now() {
    let (world, duty) = world().await;
    provide(&world, FINGERPRINT);
    let unwell = Response { status: StatusCode::BAD_GATEWAY, headers: HeaderMap::new(), body: Vec::new() };
    world.net.answers(KEY, Ok(unwell));
    let feed = follow(&world, &duty, &csaf(PROVIDER)).await;
    world.work().await;
    assert_eq!(latest(&world, feed).await.outcome, Outcome::Failed);
    assert_eq!(worth(&world).await, []);
    world.net.serves(KEY, &[], read(&format!("{FIXTURES}/publisher-key.asc")));
    world.pass(jiff::SignedDuration::from_mins(6)).await;
    assert_eq!(latest(&world, feed).await.outcome, Outcome::Heard);
    assert_eq!(worth(&world).await, [Worth::Good]);
}

#[tokio::test]
async fn what_was_signed_is_not_replaced_by_what_is_not() {
    let (world, duty) = world().await;
    provide(&world, FINGERPRINT);
    follow(&world, &duty, &csaf(PROVIDER)).await;
    world.work().await;
    assert_eq!(worth(&world).await, [Worth::Good]);
    // Another feed has the same advisory, in its own words.
    let real = String::from_utf8(read(&format!("{DATA}/csaf-medical/{SIGNED}"))).unwrap();
    world.net.serves("https://q.example/it.json", &[], real.replace("Santesoft", "Santosoft"));
    alone(&world, "https://q.example/it.json");
    let other = follow(&world, &duty, &csaf("https://q.example/it.json")).await;
    world.work().await;
    let run = latest(&world, other).await;
    assert_eq!((run.outcome, run.new, run.changed, run.remarked), (Outcome::Same, 0, 0, 1));
    let told = run.told().unwrap();
    assert!(told[0].contains(FINGERPRINT) && told[0].contains("import its file by hand"), "{told:?}");
    let analyst = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let threats = analyst.get("/threats").await.body;
    assert!(threats.contains("Santesoft") && !threats.contains("Santosoft"), "{threats}");
}
