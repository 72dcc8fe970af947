//! Where a threat is active is dated data with its history: entered, corrected, ended, shown by area, and
//! true of the regions of today, whatever they were called when it was entered.

use std::collections::BTreeSet;

use broadcast::{
    activity::{ActivityError, Area, Change, Facts, actions, store},
    sighting::Seen,
    threat::Kind,
};
use carecert::SERVICES;
use db::{params, sql};
use platform::access::Role;
use testkit::world::{Client, World};

use crate::{
    bundles_are_kept_and_related::take_in,
    furnished::{at_cert, said, threat as by_hand},
    furnished_sightings::{day, enter, facts, linked, report, reported, threat},
    issuing::actor,
};

async fn area(client: &Client<'_>, code: &str) -> String {
    let answer = client.get(&format!("/threats/areas/{code}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// What the log tells of activities, by the alphabet: all of it is of one moment.
async fn verbs(world: &World) -> Vec<String> {
    let statement = sql!("SELECT verb FROM log_entry WHERE verb LIKE 'activity.%' ORDER BY verb");
    let rows: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    rows.into_iter().map(|(verb,)| verb).collect()
}

#[tokio::test]
async fn an_entry_is_corrected_and_ended_and_what_it_said_stays() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let tiger = threat(&world, &ann, Kind::ThreatActor, "Paper Tiger Group").await;
    let activity = enter(&world, &ann, tiger, "Y56").await;
    let mut tx = world.app.write().await.unwrap();
    let first = store::standing(&mut tx, activity).await.unwrap().unwrap();
    let east = Area::of("Y61").unwrap();
    actions::correct(&mut tx, &ann, activity, first.id, east, &facts()).await.unwrap();
    let late = actions::correct(&mut tx, &ann, activity, first.id, east, &facts()).await;
    assert!(matches!(late, Err(ActivityError::Overtaken)), "it was read before somebody else's correction");
    let second = store::standing(&mut tx, activity).await.unwrap().unwrap();
    // The same again is no correction.
    actions::correct(&mut tx, &ann, activity, second.id, east, &facts()).await.unwrap();
    let before = actions::end(&mut tx, &ann, activity, second.id, day("2026-05-01")).await;
    assert!(matches!(before, Err(ActivityError::EndsFirst)));
    actions::end(&mut tx, &ann, activity, second.id, day("2026-05-20")).await.unwrap();
    let history = store::history(&mut tx, activity).await.unwrap();
    tx.commit().await.unwrap();
    let told: Vec<_> = history.iter().map(|state| (state.change, state.area.code())).collect();
    assert_eq!(told, [(Change::Ended, "Y61"), (Change::Corrected, "Y61"), (Change::Entered, "Y56")]);
    assert_eq!(verbs(&world).await, ["activity.corrected", "activity.ended", "activity.entered"]);

    let client = world.signed_in(ann_id).await;
    assert!(!area(&client, "Y61").await.contains("Paper Tiger"), "it is over");
    let page = client.get(&format!("/activities/{activity}")).await.body;
    for told in [
        "Active in the East of England",
        "20 May 2026",
        "Entered",
        "London",
        "A partner told us",
        "Ann Alyst",
    ] {
        assert!(page.contains(told), "{told} in {page}");
    }
    let auditor = world.person("Agnes Auditor", Role::Auditor, None).await;
    let log = world.signed_in(auditor).await.get("/log").await.body;
    assert!(
        log.contains("Noted that a threat is active no more") && log.contains("Paper Tiger Group"),
        "{log}"
    );
}

#[tokio::test]
async fn each_area_of_the_form_is_an_entry_and_a_form_that_cannot_be_taken_keeps_what_was_typed() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let fraud = threat(&world, &ann, Kind::Fraud, "False invoices").await;
    let weakness = by_hand(&world, &ann, &said("A weakness", &[])).await;
    let client = world.signed_in(ann_id).await;
    let path = format!("/threats/{fraud}/activity");
    let typed = [
        ("region", "Y56"),
        ("region", "Y61"),
        ("kind", "gp_practice"),
        ("from-day", "2"),
        ("from-month", "May"),
        ("from-year", "2026"),
        ("until-day", "1"),
        ("until-month", "5"),
        ("until-year", "2026"),
        ("basis", "published"),
        ("confidence", "low"),
        ("note", "As printed"),
    ];
    let refused = client.post(&path, &typed).await;
    assert_eq!(refused.status, 422);
    for kept in ["The last day must be the first day or later", "As printed", "value=\"May\""] {
        assert!(refused.body.contains(kept), "{kept} in {}", refused.body);
    }
    let right: Vec<_> = typed.iter().copied().filter(|(name, _)| !name.starts_with("until")).collect();
    assert_eq!(
        client.post(&path, &right).await.location(),
        Some(format!("/threats/{fraud}#active").as_str())
    );
    assert_eq!(verbs(&world).await, ["activity.entered", "activity.entered"]);
    let page = client.get(&format!("/threats/{fraud}")).await.body;
    for told in ["Warn London", "Warn the East of England", "GP practice", "2 May 2026"] {
        assert!(page.contains(told), "{told} in {page}");
    }
    let nowhere = client.post(&format!("/threats/{weakness}/activity"), &right).await;
    assert_eq!(nowhere.status, 400);
    assert!(nowhere.body.contains("Only a threat actor, a campaign, malware or a fraud"), "{}", nowhere.body);
    assert!(!client.get(&format!("/threats/{weakness}")).await.body.contains("Where it is active"));
}

#[tokio::test]
async fn an_area_shows_what_is_active_there_the_latest_seen_first() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let entered = threat(&world, &ann, Kind::Campaign, "Only entered").await;
    let everywhere = threat(&world, &ann, Kind::Fraud, "Everywhere invoices").await;
    let seen = threat(&world, &ann, Kind::Malware, "Only seen").await;
    let elsewhere = threat(&world, &ann, Kind::ThreatActor, "Of the east").await;
    enter(&world, &ann, entered, "Y56").await;
    enter(&world, &ann, everywhere, "everywhere").await;
    enter(&world, &ann, elsewhere, "Y61").await;
    for (threat, on) in
        [(everywhere, "2026-05-20"), (seen, "2026-05-30"), (seen, "2026-04-10"), (seen, "2026-02-01")]
    {
        let mut report = report(Seen::HarmfulSoftware);
        report.seen_on = day(on);
        let sighting = reported(&world, &rae, "RWA", &report).await;
        linked(&world, &ann, sighting, threat).await;
    }
    let mut snapshot = world.app.db.read_long().await.unwrap();
    let london = Area::of("Y56").unwrap();
    let rows = store::active(&mut snapshot, london, day("2026-06-01"), None).await.unwrap();
    drop(snapshot);
    let told: Vec<_> =
        rows.iter().map(|row| (row.title.as_str(), row.week, row.month, row.quarter)).collect();
    assert_eq!(told, [("Only seen", 1, 1, 2), ("Everywhere invoices", 0, 1, 1), ("Only entered", 0, 0, 0)]);
    let client = world.signed_in(ann_id).await;
    let page = area(&client, "Y56").await;
    for told in ["Seen, not entered", "30 May 2026", "None in 90 days", "Warn London"] {
        assert!(page.contains(told), "{told} in {page}");
    }
    // The trust moves to the east, and what it saw with it: regions are dated data.
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE organisation SET region = 'Y61' WHERE id = ?1"), params![trust]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!area(&client, "Y56").await.contains("Only seen"));
    assert!(area(&client, "Y61").await.contains("Only seen"));
    let threat_page = client.get(&format!("/threats/{seen}")).await.body;
    assert!(
        threat_page.contains("Organisations reported 1 in the last 7 days, 1 in 30 and 2 in 90."),
        "{threat_page}"
    );
    assert!(threat_page.contains("<svg") && threat_page.contains("25 May 2026"), "{threat_page}");
}

#[tokio::test]
async fn what_was_entered_of_a_region_that_is_no_more_holds_for_those_it_became() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let old = threat(&world, &ann, Kind::Campaign, "Of the old north").await;
    enter(&world, &ann, old, "Y54").await;
    let client = world.signed_in(ann_id).await;
    for (code, active) in [("Y62", true), ("Y63", true), ("Y61", false)] {
        assert_eq!(area(&client, code).await.contains("Of the old north"), active, "{code}");
    }
    let warn = client.get(&format!("/threats/{old}/warn?area=Y54")).await.body;
    assert!(warn.contains("North West, North East and Yorkshire"), "{warn}");
    assert_eq!(client.get("/threats/areas/Y99").await.status, 404);
}

#[tokio::test]
async fn an_area_has_pages() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    for number in 0..51 {
        let fraud = threat(&world, &ann, Kind::Fraud, &format!("Fraud number {number:02}")).await;
        let mut tx = world.app.write().await.unwrap();
        let facts = Facts { note: String::new(), ..facts() };
        actions::enter(&mut tx, &ann, fraud, Area::Everywhere, &facts).await.unwrap();
        tx.commit().await.unwrap();
    }
    let client = world.signed_in(ann_id).await;
    let first = area(&client, "Y56").await;
    let next = first.split("/threats/areas/Y56?after=").nth(1).unwrap().split('"').next().unwrap();
    let second = client.get(&format!("/threats/areas/Y56?after={next}")).await.body;
    let on = |page: &str| -> BTreeSet<String> {
        (0..51).map(|number| format!("Fraud number {number:02}")).filter(|name| page.contains(name)).collect()
    };
    let (first, second) = (on(&first), on(&second));
    assert_eq!((first.len(), second.len()), (50, 1));
    assert!(first.is_disjoint(&second), "{second:?}");
    let overview = client.get("/threats/areas").await.body;
    assert!(overview.contains("The whole country") && overview.contains(">51<"), "{overview}");
}

#[tokio::test]
async fn an_actors_page_tells_techniques_by_tactic_and_only_what_sources_tell_of_targets() {
    let world = World::new(SERVICES).await;
    let attack = include_bytes!("../../../../data/broadcast/stix/ics-attack-18.1.json.gz");
    take_in(&world, attack.as_slice()).await;
    let (ann_id, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let client = world.signed_in(ann_id).await;
    let statement = sql!(
        "SELECT threat_id FROM threat_statement WHERE source_key = 'intrusion-set--381fcf73-60f6-4ab2-9991-6af3cbc35192'"
    );
    let mut snapshot = world.app.read().await.unwrap();
    let (sandworm,): (broadcast::threat::ThreatId,) = snapshot.one(statement, params![]).await.unwrap();
    drop(snapshot);
    let page = client.get(&format!("/threats/{sandworm}")).await.body;
    let techniques = page.split("Techniques by tactic").nth(1).expect("techniques");
    assert!(techniques.contains("<h3>Initial access</h3>"), "{techniques}");
    assert!(techniques.contains("T0819 Exploit Public-Facing Application"), "{techniques}");
    assert!(!page.contains("What sources tell of targets"), "ATT&CK tells none: {page}");
    assert!(page.contains("Nobody has entered where it is active"), "{page}");
    assert!(page.len() < 200_000, "{} bytes", page.len());
}
