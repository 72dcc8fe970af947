//! A warning to an area begins with what is known and what may be told, is approved by a second person,
//! and goes to the organisations that lie in the area on the day of its publication.

use std::collections::BTreeSet;

use broadcast::{
    activity::{self, Area, Decided, House},
    advisory::{self, Severity, VersionId, Wording},
    alert::Answers,
    audience::Mode,
    sighting::{Harm, Report, Seen, Telling},
    threat::{Kind, ThreatId},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use platform::{Actor, access::Role, organisation::OrganisationId};
use testkit::world::World;

use crate::{
    bundles_are_kept_and_related::take_in,
    furnished_sightings::{day, enter, linked, report, reported, threat},
    issuing::{Desk, actor},
};

async fn lies_in(world: &World, organisation: OrganisationId, region: &str) {
    let mut tx = world.app.write().await.unwrap();
    let statement = sql!("UPDATE organisation SET region = ?2 WHERE id = ?1");
    tx.run(statement, params![organisation, region]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn begun(world: &World, analyst: &Actor, threat: ThreatId, area: &str) -> VersionId {
    let house = House {
        name: "Test CSOC".to_owned(),
        url: "https://cert.example".to_owned(),
        report: "https://cert.example/sightings/new".to_owned(),
    };
    let decided = Decided { severity: Severity::High, tlp: Tlp::Amber, mode: Mode::MustRespond };
    let mut tx = world.app.write().await.unwrap();
    let area = Area::of(area).unwrap();
    let version = broadcast::threat::store::threat(&mut tx, threat).await.unwrap().unwrap().version;
    let made =
        activity::actions::warn(&mut tx, analyst, &house, threat, version, area, decided).await.unwrap();
    tx.commit().await.unwrap();
    made.version
}

async fn drafted(world: &World, version: VersionId) -> Wording {
    let mut snapshot = world.app.read().await.unwrap();
    advisory::store::version(&mut snapshot, version).await.unwrap().unwrap().wording
}

async fn told(world: &World, desk: &Desk<'_>, version: VersionId) -> BTreeSet<String> {
    desk.approve(version).await;
    let alert = desk.publish(version, Answers::Anew).await;
    let statement = sql!(
        "SELECT o.code FROM response r JOIN organisation o ON o.id = r.organisation_id WHERE r.alert_id = ?1"
    );
    let rows: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![alert]).await.unwrap();
    rows.into_iter().map(|(code,)| code).collect()
}

fn codes(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[tokio::test]
async fn it_goes_to_those_who_lie_there_when_it_is_published() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let tiger = threat(&world, &desk.analyst, Kind::ThreatActor, "Paper Tiger Group").await;
    enter(&world, &desk.analyst, tiger, "Y61").await;
    let stays = world.organisation("RAA", "Stays", "trust").await;
    let leaves = world.organisation("RBB", "Leaves", "trust").await;
    let comes = world.organisation("A81001", "Comes", "gp_practice").await;
    world.organisation("RCC", "Of London", "trust").await;
    lies_in(&world, stays, "Y61").await;
    lies_in(&world, leaves, "Y61").await;
    let version = begun(&world, &desk.analyst, tiger, "Y61").await;
    lies_in(&world, leaves, "Y60").await;
    lies_in(&world, comes, "Y61").await;
    assert_eq!(told(&world, &desk, version).await, codes(&["RAA", "A81001"]));
}

#[tokio::test]
async fn a_warning_to_a_region_that_is_no_more_goes_to_those_it_became() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let tiger = threat(&world, &desk.analyst, Kind::Campaign, "Of the old north").await;
    enter(&world, &desk.analyst, tiger, "Y54").await;
    for (code, region) in [("RAA", "Y62"), ("RBB", "Y63"), ("RCC", "Y61")] {
        let organisation = world.organisation(code, code, "trust").await;
        lies_in(&world, organisation, region).await;
    }
    let version = begun(&world, &desk.analyst, tiger, "Y54").await;
    assert_eq!(told(&world, &desk, version).await, codes(&["RAA", "RBB"]));
    // The whole country is more than its regions.
    let everybody = threat(&world, &desk.analyst, Kind::Fraud, "Everywhere").await;
    let unknown = world.organisation("RDD", "Of no known region", "trust").await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE organisation SET region = NULL WHERE id = ?1"), params![unknown]).await.unwrap();
    tx.commit().await.unwrap();
    let version = begun(&world, &desk.analyst, everybody, "everywhere").await;
    assert_eq!(told(&world, &desk, version).await, codes(&["RAA", "RBB", "RCC", "RDD"]));
}

#[tokio::test]
async fn it_tells_what_may_be_told_and_names_nobody() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let tiger = threat(&world, &desk.analyst, Kind::Fraud, "Paper Tiger Group").await;
    enter(&world, &desk.analyst, tiger, "Y56").await;
    let seen = |indicator: &str, telling| Report {
        indicators: vec![indicator.parse().unwrap()],
        telling,
        harm: Harm::Yes,
        ..report(Seen::Money)
    };
    let mut people = Vec::new();
    for code in ["RAA", "RBB", "RCC"] {
        let trust = world.organisation(code, &format!("Reporting Trust {code}"), "trust").await;
        people.push((code, actor(&world, &format!("Rae {code}"), Role::Responder, Some(trust)).await));
    }
    let sightings = [
        seen("told.example", Telling::WithoutName),
        seen("told-too.example", Telling::WithoutName),
        seen("secret.example", Telling::Nobody),
    ];
    for ((code, person), report) in people.iter().zip(&sightings) {
        let sighting = reported(&world, person, code, report).await;
        linked(&world, &desk.analyst, sighting, tiger).await;
    }
    let strict = Report { tlp: Tlp::AmberStrict, ..seen("strict.example", Telling::WithoutName) };
    let long_ago = Report { seen_on: day("2026-03-03"), ..seen("stale.example", Telling::WithoutName) };
    for report in [strict, long_ago] {
        let sighting = reported(&world, &people[2].1, "RCC", &report).await;
        linked(&world, &desk.analyst, sighting, tiger).await;
    }
    let wording = drafted(&world, begun(&world, &desk.analyst, tiger, "Y56").await).await;
    let indicators: Vec<_> = wording.content.indicators.iter().map(ToString::to_string).collect();
    assert_eq!(indicators.len(), 2, "{indicators:?}");
    assert!(indicators.contains(&"told[.]example".to_owned()), "{indicators:?}");
    assert_eq!(wording.title, "Paper Tiger Group: a warning to London");
    assert!(wording.content.summary.starts_with("Paper Tiger Group: active in London since 2 May 2026."));
    let whole = format!("{wording:?}");
    for word in [
        "secret",
        "strict",
        "stale",
        "Reporting Trust",
        "RAA",
        "Finance team",
        "account number.",
        "organisations in London saw",
    ] {
        assert!(!whole.contains(word), "{word} in {whole}");
    }
    assert!(whole.contains("also known as Paper Tiger") && whole.contains("bank details"), "{whole}");
    assert!(wording.missing().is_empty(), "{:?}", wording.missing());

    // A third that lets us tell: now it is said how many.
    let sighting = reported(&world, &people[2].1, "RCC", &seen("third.example", Telling::WithoutName)).await;
    linked(&world, &desk.analyst, sighting, tiger).await;
    let client = world.person("Second Analyst", Role::Analyst, None).await;
    let page = world.signed_in(client).await.get(&format!("/threats/{tiger}/warn?area=Y56")).await.body;
    assert!(page.contains("3 organisations") && page.contains("value=\"high\" checked"), "{page}");
}

/// An actor with three techniques: one is told to few, of another it is told to few that the actor uses
/// it, and the third may go anywhere.
const BUNDLE: &str = r#"{"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": [
    {"type": "intrusion-set", "spec_version": "2.1", "id": "intrusion-set--00000000-0000-4000-8000-000000000001",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "name": "Marked Group"},
    {"type": "attack-pattern", "spec_version": "2.1", "id": "attack-pattern--00000000-0000-4000-8000-000000000002",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "name": "Whispered technique",
     "object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]},
    {"type": "attack-pattern", "spec_version": "2.1", "id": "attack-pattern--00000000-0000-4000-8000-000000000003",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "name": "Whispered use"},
    {"type": "attack-pattern", "spec_version": "2.1", "id": "attack-pattern--00000000-0000-4000-8000-000000000004",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "name": "Known to all"},
    {"type": "relationship", "spec_version": "2.1", "id": "relationship--00000000-0000-4000-8000-000000000005",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "relationship_type": "uses",
     "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001",
     "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000002"},
    {"type": "relationship", "spec_version": "2.1", "id": "relationship--00000000-0000-4000-8000-000000000006",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "relationship_type": "uses",
     "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001",
     "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000003",
     "object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]},
    {"type": "relationship", "spec_version": "2.1", "id": "relationship--00000000-0000-4000-8000-000000000007",
     "created": "2026-05-01T00:00:00Z", "modified": "2026-05-01T00:00:00Z", "relationship_type": "uses",
     "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001",
     "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000004"}
]}"#;

#[tokio::test]
async fn what_sources_marked_more_narrowly_stays_out_of_it() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    take_in(&world, BUNDLE.as_bytes()).await;
    let statement = sql!("SELECT id FROM threat WHERE title = 'Marked Group'");
    let mut snapshot = world.app.read().await.unwrap();
    let (group,): (ThreatId,) = snapshot.one(statement, params![]).await.unwrap();
    drop(snapshot);
    let details = drafted(&world, begun(&world, &desk.analyst, group, "Y56").await).await.content.details;
    assert!(details.contains("- Known to all"), "{details}");
    assert!(!details.contains("Whispered"), "{details}");
}
