//! Alerts at TLP:CLEAR as Atom and JSON Feed, as our own reader of news reads them: what is in force in
//! full, what ended for a while, and nothing twice to whoever holds it.

use broadcast::{
    advisory::Wording,
    alert::{AlertId, Answers, actions, store},
};
use carecert::SERVICES;
use formats::{Tlp, news};
use http::{StatusCode, header};
use jiff::SignedDuration;
use testkit::world::{Answer, World};

use crate::issuing::{Desk, everybody, wording};

const ATOM: &str = "/feeds/alerts.atom";
const JSON: &str = "/feeds/alerts.json";

fn read(answer: &Answer) -> news::Feed {
    assert_eq!(answer.status, StatusCode::OK);
    let feed = news::read(answer.body.as_bytes(), None);
    assert!(feed.refusals.is_empty(), "{feed:?}");
    assert!(feed.warnings.is_empty() || feed.entries.is_empty(), "{feed:?}");
    feed
}

fn header_of(answer: &Answer, name: header::HeaderName) -> String {
    answer.headers[name].to_str().unwrap().to_owned()
}

async fn clear(desk: &Desk<'_>, title: &str) -> AlertId {
    let wording = Wording { tlp: Tlp::Clear, ..wording(title) };
    desk.delivered(&wording, &everybody()).await
}

#[tokio::test]
async fn both_feeds_say_the_same_in_full_and_are_found_from_the_first_page() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    for (path, format) in [(ATOM, news::Format::Atom), (JSON, news::Format::Json)] {
        let feed = read(&world.visitor().get(path).await);
        assert_eq!((feed.format, feed.entries.len()), (format, 0), "also where there is nothing");
    }
    let first = clear(&desk, "Gateways <under> \u{b}attack & \"more\" ]]>").await;
    let second = clear(&desk, "Second").await;
    let (atom, json) = (world.visitor().get(ATOM).await, world.visitor().get(JSON).await);
    assert_eq!(header_of(&atom, header::CONTENT_TYPE), "application/atom+xml; charset=utf-8");
    assert_eq!(header_of(&json, header::CONTENT_TYPE), "application/feed+json; charset=utf-8");
    assert_eq!(header_of(&atom, header::CACHE_CONTROL), "public, max-age=300");
    assert!(
        atom.body.contains(
            r#"rel="self" type="application/atom+xml" href="http://carecert.test/feeds/alerts.atom""#
        )
    );
    assert_eq!(json.json()["version"], "https://jsonfeed.org/version/1.1");
    let (atom, json) = (read(&atom), read(&json));
    assert_eq!(atom.title, "Cyber alerts of Test CSOC");
    assert_eq!(atom.link.as_deref(), Some("http://carecert.test/"));
    let told = |feed: &news::Feed| {
        let entries = feed.entries.iter();
        let told = entries.map(|entry| {
            let news::NewsEntry { id, title, link, summary, published, updated, .. } = entry.clone();
            (id, title, link, summary, published, updated)
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&atom), told(&json));
    // The newest change first.
    let ids: Vec<_> = atom.entries.iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(ids, [format!("urn:uuid:{second}"), format!("urn:uuid:{first}")]);
    let entry = &atom.entries[1];
    assert_eq!(entry.title, "[CC-0001] High: Gateways <under> attack & \"more\" ]]>");
    assert_eq!(entry.link, Some(format!("http://carecert.test/alerts/{first}")));
    assert_eq!(entry.categories, ["TLP:CLEAR", "High"]);
    for words in ["Attackers use it now.", "It can be used without signing in.", "Install the update."] {
        assert!(entry.summary.contains(words), "{}", entry.summary);
    }
    assert!(entry.published < entry.updated, "it was issued a minute before it came into force");
    let home = world.visitor().get("/").await.body;
    assert!(home.contains(r#"<link rel="alternate" type="application/atom+xml""#), "{home}");
    assert!(home.contains(r#"<link rel="alternate" type="application/feed+json""#), "{home}");
}

#[tokio::test]
async fn what_ended_says_so_for_a_month() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let first = clear(&desk, "Updated later").await;
    let withdrawn = clear(&desk, "Withdrawn later").await;
    let number = |alert| {
        let world = &world;
        async move {
            let mut snapshot = world.app.read().await.unwrap();
            store::alert(&mut snapshot, alert).await.unwrap().unwrap().number
        }
    };
    let update = desk.update(number(first).await).await;
    desk.approve(update).await;
    let update = desk.publish(update, Answers::Anew).await;
    let before = world.visitor().get(ATOM).await;
    world.pass(SignedDuration::from_secs(61)).await;
    let mut tx = world.app.write().await.unwrap();
    let withdraw = number(withdrawn).await;
    actions::withdraw(&mut tx, &desk.duty, withdraw, "It was a <mistake>.").await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    let after = world.visitor().with("if-none-match", &header_of(&before, header::ETAG)).get(ATOM).await;
    let feed = read(&after);
    let entry = |id: AlertId| {
        let id = format!("urn:uuid:{id}");
        feed.entries.iter().find(|entry| entry.id == id).expect("it is listed").clone()
    };
    let old = entry(first);
    assert_eq!(old.title, "[CC-0001] No longer current: Updated later");
    assert_eq!(old.summary, "An update of CC-0001 has taken the place of this alert.");
    assert!(entry(update).summary.contains("More is known."), "{:?}", entry(update));
    let gone = entry(withdrawn);
    assert_eq!(gone.title, "[CC-0002] Withdrawn: Withdrawn later");
    assert_eq!(gone.summary, "This alert was withdrawn and no longer holds. It was a <mistake>.");
    assert_eq!(gone.categories, ["TLP:CLEAR"]);
    assert!(gone.updated > gone.published);
    world.app.env.advance(SignedDuration::from_hours(31 * 24));
    let feed = read(&world.visitor().get(JSON).await);
    let ids: Vec<_> = feed.entries.iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(ids, [format!("urn:uuid:{update}")], "what is in force stays");
}

#[tokio::test]
async fn whoever_holds_a_feed_is_not_sent_it_again_until_it_changes() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    clear(&desk, "First").await;
    // As long as the second of the change may bring another, only the tag tells.
    let fresh = world.visitor().get(ATOM).await;
    assert!(fresh.headers.contains_key(header::ETAG) && !fresh.headers.contains_key(header::LAST_MODIFIED));
    world.app.env.advance(SignedDuration::from_secs(61));
    for path in [ATOM, JSON] {
        let first = world.visitor().get(path).await;
        let (tag, date) = (header_of(&first, header::ETAG), header_of(&first, header::LAST_MODIFIED));
        for (name, value) in [("if-none-match", &tag), ("if-modified-since", &date)] {
            let statements = world.app.db.statements();
            let again = world.visitor().with(name, value).get(path).await;
            assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path} {name}");
            assert_eq!(header_of(&again, header::ETAG), tag);
            assert_eq!(header_of(&again, header::CACHE_CONTROL), "public, max-age=300");
            assert_eq!(world.app.db.statements() - statements, 1, "one read");
        }
    }
    let tag = header_of(&world.visitor().get(ATOM).await, header::ETAG);
    for place in 0..60 {
        clear(&desk, &format!("Further {place}")).await;
    }
    let full = world.visitor().with("if-none-match", &tag).get(ATOM).await;
    assert_eq!(read(&full).entries.len(), 50, "bounded");
}
