//! What documents say is read as it is meant: of which versions it holds, what a device is for, what a threat
//! is called, how severe it is; and by all of that a threat is found.

use broadcast::{
    source::{Beside, Keys, Source},
    threat::{
        Kind, ThreatId,
        intake::{self, csaf},
        list::{self, Filter},
        store,
    },
    triage::jobs,
};
use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, import::Report};
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::bundles_are_kept_and_related::{bundle, object};
use crate::furnished::at_cert;

const RECORDS: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");
const SIEMENS: &[u8] = include_bytes!("../../../../data/broadcast/csaf-story/icsma-17-215-02.json");
const MINIMED: &[u8] = include_bytes!("../../../../data/broadcast/csaf-medical/icsma-19-178-01.json");
const INFUSOMAT: &[u8] = include_bytes!("../../../../data/broadcast/csaf-medical/icsma-21-294-01.json");
const PHILLIPS: &[u8] = include_bytes!("../../../../data/broadcast/csaf-medical/icsma-18-025-01.json");
const SAMSUNG: &str = "CVE-2022-44455";

async fn take_in(world: &World, source: Source, bytes: impl Into<Vec<u8>>) -> Report {
    let input = std::io::Cursor::new(bytes.into());
    let report =
        intake::take_in(&world.app, &Actor::Job("test"), source, input, "file", |_| {}).await.unwrap();
    assert_eq!(report.refused, 0, "{:?}", report.refusals);
    report
}

async fn advisory(world: &World, bytes: impl Into<Vec<u8>>) {
    let (beside, keys) = (Beside::default(), Keys::default());
    csaf::take_in(&world.app, &Actor::Job("test"), "a.json", bytes.into(), beside, &keys).await.unwrap();
}

/// A real document with something changed.
fn changed(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = serde_json::from_slice(bytes).unwrap();
    change(&mut document);
    serde_json::to_vec(&document).unwrap()
}

/// A real record with something changed.
fn record(cve: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    changed(RECORDS.lines().find(|line| line.contains(cve)).unwrap().as_bytes(), change)
}

async fn of(world: &World, cve: &str) -> ThreatId {
    store::threat_of(&mut world.app.read().await.unwrap(), cve.parse().unwrap()).await.unwrap().unwrap()
}

async fn titled(world: &World, cve: &str) -> String {
    let id = of(world, cve).await;
    store::threat(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap().title
}

async fn page(client: &Client<'_>, threat: ThreatId) -> String {
    client.get(&format!("/threats/{threat}")).await.body
}

async fn analyst(world: &World) -> Client<'_> {
    let (ann, _) = at_cert(world, "Ann Alyst", Role::Analyst).await;
    world.signed_in(ann).await
}

/// The names of what a search finds, sorted.
async fn found(world: &World, search: &str) -> Vec<String> {
    let filter = Filter { search: search.to_owned(), ..Filter::default() };
    let found = list::list(&mut world.app.db.read_long().await.unwrap(), &filter, None).await.unwrap();
    let mut titles: Vec<_> = found.into_iter().map(|listed| listed.title).collect();
    titles.sort_unstable();
    titles
}

#[tokio::test]
async fn of_versions_that_are_not_listed_and_of_changes_within_a_range_it_is_told_what_holds() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    take_in(&world, Source::Cve, record("CVE-2021-47524", |_| ())).await;
    let shown = page(&client, of(&world, "CVE-2021-47524").await).await;
    for told in [
        "Linux Linux, all other commits: Not affected",
        "Linux Linux, all other versions: Affected",
        "and later: Not affected",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let range = json!({"version": "9.1", "lessThan": "9.2", "status": "affected",
                       "changes": [{"at": "9.1.14-h4", "status": "unaffected"}]});
    let pan_os = record("CVE-2024-33593", |record| {
        let affected = json!([{"vendor": "Palo Alto", "product": "PAN-OS", "versions": [range]}]);
        record["containers"]["cna"]["affected"] = affected;
    });
    take_in(&world, Source::Cve, pan_os).await;
    let shown = page(&client, of(&world, "CVE-2024-33593").await).await;
    assert!(shown.contains("Palo Alto PAN-OS 9.1 to below 9.2: Affected"), "{shown}");
    assert!(shown.contains("Palo Alto PAN-OS 9.1 to below 9.2, from 9.1.14-h4 on: Not affected"), "{shown}");
    // That nothing is known of the others goes without saying.
    assert!(!shown.contains("PAN-OS, all other"), "{shown}");
}

#[tokio::test]
async fn of_more_products_than_are_kept_it_is_told_how_many_there_are() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    let many = record(SAMSUNG, |record| {
        let versions: Vec<_> =
            (0..1_038).map(|number| json!({"version": number.to_string(), "status": "affected"})).collect();
        record["containers"]["cna"]["affected"] =
            json!([{"vendor": "Cisco", "product": "IOS", "versions": versions}]);
        record["containers"]["adp"] = json!([]);
    });
    take_in(&world, Source::Cve, many).await;
    let shown = page(&client, of(&world, SAMSUNG).await).await;
    assert!(shown.contains("and 988 more, which the document names."), "{shown}");
}

#[tokio::test]
async fn what_a_device_is_for_is_told_where_the_title_tells_it() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    advisory(&world, MINIMED).await;
    let shown = page(&client, of(&world, "CVE-2019-10964").await).await;
    assert!(shown.contains("Used for: insulin and blood sugar."), "{shown}");
}

#[tokio::test]
async fn a_number_is_no_name_and_a_draft_says_that_it_is_one() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    let draft = changed(SIEMENS, |document| document["document"]["tracking"]["status"] = json!("draft"));
    advisory(&world, draft).await;
    let siemens = "ICSMA-17-215-02_Siemens Molecular Imaging Vulnerabilities (CVE-2015-1635)";
    assert_eq!(titled(&world, "CVE-2015-1635").await, siemens);
    let shown = page(&client, of(&world, "CVE-2015-1635").await).await;
    assert!(shown.contains("Its publisher calls it a draft"), "{shown}");
    take_in(&world, Source::Cve, record("CVE-2022-2856", |_| ())).await;
    assert!(titled(&world, "CVE-2022-2856").await.starts_with("Insufficient validation of untrusted input"));
}

#[tokio::test]
async fn a_threat_is_found_by_its_products_and_devices_however_its_maker_is_written() {
    let world = World::new(SERVICES).await;
    advisory(&world, INFUSOMAT).await;
    advisory(&world, PHILLIPS).await;
    advisory(&world, SIEMENS).await;
    let infusomat = found(&world, "perfusor").await;
    assert_eq!(infusomat.len(), 5, "{infusomat:?}");
    assert_eq!(found(&world, "SPECT/CT").await.len(), 4);
    // One document writes the maker in two ways; the other form is found where this one is meant.
    let philips = found(&world, "philips").await;
    assert!(!philips.is_empty());
    assert_eq!(found(&world, "Phillips").await, philips);
    // Commits and versions are no words.
    take_in(&world, Source::Cve, record("CVE-2021-47524", |_| ())).await;
    let words =
        sql!("SELECT count(*) FROM threat_word WHERE word = 'versions' OR word LIKE '%1da177e4c3f4%'");
    let count: (i64,) = world.app.read().await.unwrap().one(words, params![]).await.unwrap();
    assert_eq!(count, (0,));
}

#[tokio::test]
async fn what_an_earlier_program_took_in_is_drawn_anew() {
    let world = World::new(SERVICES).await;
    advisory(&world, INFUSOMAT).await;
    // As the migration leaves it.
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("DELETE FROM threat_word WHERE word = 'perfusor'"), params![]).await.unwrap();
    tx.run(sql!("UPDATE threat SET policy = 0"), params![]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&world, "perfusor").await.len(), 0);
    jobs::keep_up(&world.app).await.unwrap();
    world.work().await;
    assert_eq!(found(&world, "perfusor").await.len(), 5);
}

#[tokio::test]
async fn a_score_that_the_file_of_predictions_repeats_stands_where_no_source_gives_one() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    let scored = async || {
        let all = list::list(&mut world.app.db.read_long().await.unwrap(), &Filter::default(), None).await;
        all.unwrap().into_iter().map(|listed| listed.score).collect::<Vec<_>>()
    };
    let file = |cvss: &str| {
        format!(
            "CVE,CVSS3,EPSS,EPSS Percentile,Description,Vendor,Product\n{SAMSUNG},{cvss},0.01,0.5,It leaks.,V,P\n"
        )
    };
    // In whichever order they come.
    let unscored = record(SAMSUNG, |record| {
        record["containers"]["cna"]["metrics"] = json!([]);
        record["containers"]["adp"] = json!([]);
    });
    take_in(&world, Source::Cve, unscored).await;
    assert_eq!(scored().await, [None]);
    take_in(&world, Source::Epss, file("8.1")).await;
    assert_eq!(scored().await, [Some(81)]);
    let shown = page(&client, of(&world, SAMSUNG).await).await;
    assert!(shown.contains("8.1 High, CVSS 3<"), "{shown}");
    assert!(shown.contains("FIRST, exploit prediction (EPSS), a list that does not tell whose score it is"));
    let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let given = record(SAMSUNG, |record| {
        let score =
            json!({"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL", "vectorString": vector});
        record["containers"]["cna"]["metrics"] = json!([{"cvssV3_1": score}]);
    });
    take_in(&world, Source::Cve, given).await;
    assert_eq!(scored().await, [Some(98)]);
    // A source's own goes before another score of the file, and the rule says in which order.
    take_in(&world, Source::Epss, file("8.2")).await;
    assert_eq!(scored().await, [Some(98)]);
    let shown = page(&client, of(&world, SAMSUNG).await).await;
    assert!(shown.contains("The headline is 9.8, from the authority that gave the number."), "{shown}");
    assert!(shown.contains("last one from a list that does not tell whose score it is"), "{shown}");
}

#[tokio::test]
async fn a_group_that_its_maker_took_back_waits_for_nobody_until_it_stands_again() {
    let world = World::new(SERVICES).await;
    let client = analyst(&world).await;
    let group = |day, revoked: bool| {
        let says = json!({"name": "A\u{202E}PT34", "aliases": ["gpj\u{202E}exe"], "revoked": revoked});
        bundle(&[object("intrusion-set", 1, day, says)])
    };
    take_in(&world, Source::Stix, group(1, true)).await;
    let filter = Filter { kinds: list::Kinds::One(Kind::ThreatActor), ..Filter::default() };
    let listed = async || {
        let all = list::list(&mut world.app.db.read_long().await.unwrap(), &filter, None).await.unwrap();
        let [one] = &all[..] else { panic!("{all:?}") };
        (one.id, one.title.clone(), one.status.code())
    };
    let (threat, title, status) = listed().await;
    assert_eq!((title.as_str(), status), ("APT34", "dismissed"));
    let shown = page(&client, threat).await;
    assert!(shown.contains("Dismissed: Its maker has taken it back"), "{shown}");
    assert!(!shown.contains("Warn another area") && shown.contains("gpjexe"), "{shown}");
    take_in(&world, Source::Stix, group(2, false)).await;
    assert_eq!(listed().await.2, "new");
    assert!(page(&client, threat).await.contains("Warn another area"));
    let noted = sql!("SELECT count(*) FROM log_entry WHERE verb IN ('threat.revoked', 'threat.reinstated')");
    let count: (i64,) = world.app.read().await.unwrap().one(noted, params![]).await.unwrap();
    assert_eq!(count, (2,));
}
