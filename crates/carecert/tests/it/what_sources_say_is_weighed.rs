//! What sources say is weighed before it stands: what is older, dated ahead, taken back or contradicts
//! itself changes nothing that it should not, and says so.

use broadcast::{
    source::{Beside, Keys, Source},
    threat::{
        Flag, Kind, ProductStatus, Said, ThreatId,
        intake::{self, csaf},
        store,
    },
};
use carecert::SERVICES;
use platform::{Actor, access::Role, import::Report};
use serde_json::{Value, json};
use testkit::world::World;

use crate::furnished::{at_cert, said, threat};

const RECORDS: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");
const VA: &[u8] = include_bytes!("../../../../data/broadcast/csaf-it/va-24-254-01.json");

async fn take_in(world: &World, source: Source, bytes: impl Into<Vec<u8>>) -> Report {
    let input = std::io::Cursor::new(bytes.into());
    intake::take_in(&world.app, &Actor::Job("test"), source, input, "file", |_| {}).await.unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.new, report.changed, report.same, report.refused)
}

async fn found(world: &World, cve: &str) -> ThreatId {
    store::threat_of(&mut world.app.read().await.unwrap(), cve.parse().unwrap()).await.unwrap().unwrap()
}

async fn page(world: &World, cve: &str) -> String {
    let person = world.person("Pat Reader", Role::Analyst, None).await;
    world.signed_in(person).await.get(&format!("/threats/{}", found(world, cve).await)).await.body
}

/// A real record with something changed.
fn record(cve: &str, change: impl FnOnce(&mut Value)) -> String {
    let line = RECORDS.lines().find(|line| line.contains(cve)).unwrap();
    let mut record = serde_json::from_str(line).unwrap();
    change(&mut record);
    record.to_string()
}

fn scores(date: &str, rows: &[&str]) -> String {
    format!(
        "#model_version:v2025.03.14,score_date:{date}T00:00:00+0000\ncve,epss,percentile\n{}",
        rows.join("\n")
    )
}

#[tokio::test]
async fn scores_of_a_day_to_come_are_refused_and_freeze_nothing() {
    let world = World::new(SERVICES).await;
    let ahead = scores("2036-06-01", &["CVE-2026-0001,0.9,0.5", "CVE-2026-0002,0.9,0.5"]);
    let report = take_in(&world, Source::Epss, ahead).await;
    assert_eq!(counts(&report), (0, 0, 0, 1));
    let refusal = &report.refusals[0];
    assert!(refusal.line == 1 && refusal.reason.contains("2036-06-01"), "{refusal:?}");
    let today = take_in(&world, Source::Epss, scores("2026-06-01", &["CVE-2026-0001,0.1,0.5"])).await;
    assert_eq!(counts(&today), (1, 0, 0, 0));
}

#[tokio::test]
async fn of_two_scores_of_one_vulnerability_the_last_counts_and_it_is_said_once() {
    let world = World::new(SERVICES).await;
    let twice =
        scores("2026-06-01", &["CVE-2026-0001,0.1,0.5", "CVE-2026-0002,0.3,0.5", "CVE-2026-0001,0.2,0.5"]);
    for expected in [(2, 0, 0, 0), (0, 0, 2, 0)] {
        let report = take_in(&world, Source::Epss, twice.clone()).await;
        assert_eq!(counts(&report), expected);
        let [remark] = &report.remarks[..] else { panic!("{:?}", report.remarks) };
        assert_eq!(remark.line, Some(3));
        assert!(remark.reason.starts_with("CVE-2026-0001 is scored again on line 5"), "{remark:?}");
    }
    let cves = ["CVE-2026-0001".to_owned()];
    let known = store::scores_of(&mut world.app.read().await.unwrap(), &cves).await.unwrap();
    assert_eq!(known["CVE-2026-0001"].score, 200_000_000);
}

#[tokio::test]
async fn an_older_record_that_comes_late_changes_nothing_and_says_so() {
    let world = World::new(SERVICES).await;
    let of = |at: &str, title: &str| {
        record("CVE-2024-3273", |record| {
            record["cveMetadata"]["dateUpdated"] = json!(at);
            record["containers"]["cna"]["title"] = json!(title);
        })
    };
    let newer = of("2026-05-02T00:00:00Z", "As it is now");
    assert_eq!(counts(&take_in(&world, Source::Cve, newer).await), (1, 0, 0, 0));
    let report = take_in(&world, Source::Cve, of("2026-05-01T00:00:00Z", "As it was")).await;
    assert_eq!(counts(&report), (0, 0, 1, 0));
    let reason = &report.remarks[0].reason;
    assert!(reason.starts_with("This is CVE-2024-3273 as it was on 2026-05-01"), "{reason}");
    let shown = page(&world, "CVE-2024-3273").await;
    assert!(shown.contains("As it is now") && !shown.contains("As it was"), "{shown}");
    let newest = of("2026-05-03T00:00:00Z", "Newest");
    assert_eq!(counts(&take_in(&world, Source::Cve, newest).await), (0, 1, 0, 0));
}

#[tokio::test]
async fn a_rejected_number_leaves_the_queue_with_its_reason_until_it_stands_again() {
    let world = World::new(SERVICES).await;
    let published =
        |at: &str| record("CVE-2024-3273", |record| record["cveMetadata"]["dateUpdated"] = json!(at));
    let rejected = record("CVE-2024-3273", |record| {
        record["cveMetadata"]["state"] = json!("REJECTED");
        record["cveMetadata"]["dateUpdated"] = json!("2026-05-02T00:00:00Z");
        let provider = record["containers"]["cna"]["providerMetadata"].clone();
        let reasons = json!([{"lang": "en", "value": "It was no flaw."}]);
        record["containers"] = json!({"cna": {"providerMetadata": provider, "rejectedReasons": reasons}});
    });
    take_in(&world, Source::Cve, published("2026-05-01T00:00:00Z")).await;
    let id = found(&world, "CVE-2024-3273").await;
    let stands = async || store::threat(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!(stands().await.status.code(), "new");
    assert_eq!(counts(&take_in(&world, Source::Cve, rejected).await), (0, 1, 0, 0));
    let threat = stands().await;
    assert_eq!(threat.status.code(), "dismissed");
    assert_eq!(threat.dismissed_reason.as_deref(), Some("The number was rejected: It was no flaw."));
    let shown = page(&world, "CVE-2024-3273").await;
    assert!(shown.contains("Dismissed: The number was rejected: It was no flaw."), "{shown}");
    let noted =
        db::sql!("SELECT count(*) FROM log_entry WHERE verb IN ('threat.rejected', 'threat.reinstated')");
    let count = async || world.app.read().await.unwrap().one::<(i64,)>(noted, db::params![]).await.unwrap().0;
    assert_eq!(count().await, 1);
    take_in(&world, Source::Cve, published("2026-05-03T00:00:00Z")).await;
    assert_eq!((stands().await.status.code(), stands().await.dismissed_reason), ("new", None));
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn what_an_advisorys_note_says_by_ssvc_is_read() {
    let world = World::new(SERVICES).await;
    take_in(&world, Source::Csaf, VA).await;
    let id = found(&world, "CVE-2024-45075").await;
    let all = store::statements(&mut world.app.read().await.unwrap(), id).await.unwrap();
    let assessed = all[0].said.assessed.as_ref().expect("it is assessed");
    assert_eq!(assessed.exploitation.map(|value| value.value().label), Some("Proof of concept"));
    assert_eq!(assessed.on.map(|day| day.to_string()).as_deref(), Some("2024-09-10"));
    let shown = page(&world, "CVE-2024-45075").await;
    assert!(shown.contains("Proof of concept") && shown.contains("10 September 2024"), "{shown}");
}

#[tokio::test]
async fn a_score_that_its_vector_contradicts_is_no_headline() {
    let world = World::new(SERVICES).await;
    take_in(&world, Source::Cve, record("CVE-2022-42475", |_| {})).await;
    let shown = page(&world, "CVE-2022-42475").await;
    assert!(shown.contains("9.8 Critical, CVSS 3.1, as its vector yields; published as 9.3"), "{shown}");
    let id = found(&world, "CVE-2022-42475").await;
    let score = db::sql!("SELECT score FROM threat WHERE id = ?1");
    let mut snapshot = world.app.read().await.unwrap();
    assert_eq!(snapshot.one::<(i64,)>(score, db::params![id]).await.unwrap(), (98,));
}

#[tokio::test]
async fn a_product_both_under_investigation_and_cleared_is_unknown_and_it_is_said() {
    let world = World::new(SERVICES).await;
    let mut document: Value = serde_json::from_slice(VA).unwrap();
    let status = &mut document["vulnerabilities"][0]["product_status"];
    let product = status["known_affected"][0].clone();
    *status = json!({"under_investigation": [product], "known_not_affected": [product]});
    let cve = document["vulnerabilities"][0]["cve"].as_str().unwrap().to_owned();
    let (beside, keys) = (Beside::default(), Keys::default());
    let bytes = document.to_string().into_bytes();
    csaf::take_in(&world.app, &Actor::Job("test"), "va.json", bytes, beside, &keys).await.unwrap();
    let id = found(&world, &cve).await;
    let all = store::statements(&mut world.app.read().await.unwrap(), id).await.unwrap();
    assert_eq!(all[0].said.products[0].status, ProductStatus::Unknown);
    assert!(all[0].said.flags.contains(&Flag::Unsettled) && !all[0].said.flags.contains(&Flag::Contradicted));
    let shown = page(&world, &cve).await;
    assert!(
        shown.contains("is said to be known not affected and under investigation; it is taken for unknown"),
        "{shown}"
    );
}

#[tokio::test]
async fn another_kind_of_threat_is_its_own_and_a_known_vulnerability_is_added_to_and_says_so() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let known = threat(&world, &analyst, &said("A flaw", &["CVE-2026-0001"])).await;
    let worm = Said { kind: Kind::Malware, ..said("A worm", &["CVE-2026-0001"]) };
    let worm = threat(&world, &analyst, &worm).await;
    assert_ne!(worm, known);
    let ann = world.signed_in(ann).await;
    let shown = ann.get(&format!("/threats/{worm}")).await.body;
    assert!(shown.contains("Malware") && shown.contains(&format!("/threats/{known}")), "{shown}");
    assert!(ann.get(&format!("/threats/{known}")).await.body.contains("A worm"));

    let form = |title: &'static str, cve: &'static str| {
        [("kind", "vulnerability"), ("title", title), ("summary", "Seen again"), ("cves", cve)]
    };
    let to = ann
        .post("/threats/new", &form("More of it", "CVE-2026-0001"))
        .await
        .location()
        .expect("a redirect")
        .to_owned();
    assert_eq!(to, format!("/threats/{known}?added=yes"));
    assert!(ann.get(&to).await.body.contains("This vulnerability was known already"));
    let to = ann
        .post("/threats/new", &form("Another", "CVE-2026-0009"))
        .await
        .location()
        .expect("a redirect")
        .to_owned();
    assert!(!to.contains("added"), "{to}");
}
