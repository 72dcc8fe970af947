//! The clinical impact board: what stands on it, what is kept of how it stood, and who sees it.

use carecert::demo::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::access::Role;
use react::{
    case::{CaseError, Zone, Zones, guest, sight},
    impact::{self, Downtime, Harm, State},
};
use testkit::world::World;

use crate::{furnished_clocks::service, furnished_incidents::reported, issuing::actor};

#[tokio::test]
async fn every_way_in_which_a_service_stood_is_kept() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let mut said = service("Emergency department", State::Stopped, Downtime::NotWorking);
    "RXX".clone_into(&mut said.diverted_to);
    said.harm = Harm::Likely;
    let mut tx = world.app.write().await.unwrap();
    let form = tx.id();
    for _ in 0..2 {
        impact::actions::add(&mut tx, &lead, incident, &said, form).await.unwrap();
    }
    tx.commit().await.unwrap();
    let zones = Zones::of(&[Zone::Shared]);
    let mut snapshot = world.app.read().await.unwrap();
    let services = impact::store::services(&mut snapshot, incident, zones).await.unwrap();
    assert_eq!(services.len(), 1, "sent twice, it is one");
    assert_eq!(services[0].diverted_since, Some(world.now()));
    let seen = sight(&mut snapshot, &lead, world.now(), incident).await.unwrap();
    let summary = impact::summary(&mut snapshot, &seen).await.unwrap();
    assert!(summary.lost_without_downtime && summary.diverted && !summary.degraded_with_downtime);
    assert_eq!((summary.harm, summary.postponed), (Some(Harm::Likely), None));
    drop(snapshot);

    world.app.env.advance(SignedDuration::from_hours(1));
    let (id, before) = (services[0].id, said.clone());
    (said.state, said.downtime) = (State::Degraded, Downtime::Working);
    said.diverted_to = String::new();
    let mut tx = world.app.write().await.unwrap();
    let form = tx.id();
    impact::actions::change(&mut tx, &lead, incident, (id, 1), &said, form).await.unwrap();
    let form = tx.id();
    let stale = impact::actions::change(&mut tx, &lead, incident, (id, 1), &before, form).await;
    assert!(matches!(stale, Err(CaseError::Overtaken)));
    for (hours, appointments) in [(2, 12), (1, 40)] {
        let (form, at) = (tx.id(), world.now() - SignedDuration::from_hours(hours));
        impact::actions::count(&mut tx, &lead, incident, (at, appointments, 3), form).await.unwrap();
    }
    let form = tx.id();
    let ahead = (world.now() + SignedDuration::from_hours(1), 1, 1);
    assert!(impact::actions::count(&mut tx, &lead, incident, ahead, form).await.is_err());
    tx.commit().await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let changes = impact::store::changes(&mut snapshot, incident, zones).await.unwrap();
    let stood: Vec<_> = changes.iter().map(|change| (change.state, change.diverted_to.as_str())).collect();
    assert_eq!(stood, [(State::Degraded, ""), (State::Stopped, "RXX")]);
    let summary = impact::summary(&mut snapshot, &seen).await.unwrap();
    assert!(!summary.lost_without_downtime && !summary.diverted && summary.degraded_with_downtime);
    assert_eq!(summary.postponed.map(|postponed| postponed.appointments), Some(40));
    // Each is in the timeline, in the zone that all share.
    let entries: Vec<(String,)> = snapshot
        .all(sql!("SELECT zone FROM case_entry WHERE kind = 'impact' ORDER BY id"), params![])
        .await
        .unwrap();
    assert_eq!(entries.len(), 4);
    assert!(entries.iter().all(|(zone,)| zone == "shared"));
}

#[tokio::test]
async fn a_board_is_kept_by_who_works_on_the_case_and_read_by_nobody_else() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let supplier = world.organisation("SUP", "Supplier", "supplier").await;
    let stranger = world.organisation("RXX", "Other Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let analyst = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let board = format!("/incidents/{incident}/impact");
    let lee = world.signed_in(lead.person().unwrap().id).await;
    let ana = world.signed_in(analyst.person().unwrap().id).await;
    let vic = world.signed_in(world.person("Vic Viewer", Role::Viewer, Some(trust)).await).await;
    let gus = world.signed_in(world.person("Gus Guest", Role::Lead, Some(supplier)).await).await;
    let sam = world.signed_in(world.person("Sam Stranger", Role::Lead, Some(stranger)).await).await;
    let empty = lee.get(&board).await.body;
    assert!(empty.contains("No service is on the board"));
    assert_eq!(empty.matches("Not known").count(), 3, "an empty board says No to nothing: {empty}");
    let refused = lee.post(&format!("{board}/add"), &[("systems", "Numbat system")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Enter the service") && refused.body.contains("Numbat system"));
    assert!(refused.body.contains("Select whether patients come to harm"));
    let fresh = lee.get(&format!("{board}/add")).await.body;
    assert!(!fresh.contains(" checked"), "nobody is said to be unharmed before somebody said so: {fresh}");
    let form = [
        ("name", "Theatres"),
        ("systems", "Numbat system"),
        ("state", "stopped"),
        ("downtime", "none"),
        ("diverted-to", "Quokka Hospital"),
        ("harm", "possible"),
        ("harm-note", "Two operations wait"),
    ];
    assert_eq!(lee.post(&format!("{board}/add"), &form).await.status, 303);
    for (time, appointments, procedures) in
        [("08:00", "1,200", "0"), ("09:00", "1500", "0"), ("10:00", "", ""), ("10:00", "1600", "")]
    {
        let count = [
            ("appointments", appointments),
            ("procedures", procedures),
            ("on-day", "1"),
            ("on-month", "1"),
            ("on-year", "2026"),
            ("time", time),
        ];
        let kept = ana.post(&format!("{board}/count"), &count).await;
        let is_said = !procedures.is_empty();
        assert_eq!(kept.status, if is_said { 303 } else { 422 }, "{appointments}");
        // What nobody typed is not none: it would go to the regulator as a figure.
        assert_eq!(kept.body.contains("Enter how many procedures and operations"), !is_said, "{}", kept.body);
    }
    for reader in [&lee, &ana, &vic] {
        let body = reader.get(&board).await.body;
        for words in ["Theatres", "Quokka Hospital", "Two operations wait", "1,500 appointments", "<svg"] {
            assert!(body.contains(words), "{words}: {body}");
        }
    }
    assert_eq!(vic.get(&format!("{board}/add")).await.status, StatusCode::FORBIDDEN);
    for outside in [&gus, &sam] {
        assert_eq!(outside.get(&board).await.status, StatusCode::NOT_FOUND);
        assert_eq!(outside.post(&format!("{board}/add"), &form).await.status, StatusCode::NOT_FOUND);
    }
    // A guest reads the zone that they were let in to, and does not write on the board.
    let mut tx = world.app.write().await.unwrap();
    guest::let_in(&mut tx, &analyst, incident, "SUP", Zone::Shared, "It is their system").await.unwrap();
    tx.commit().await.unwrap();
    assert!(gus.get(&board).await.body.contains("Theatres"));
    assert_eq!(gus.post(&format!("{board}/add"), &form).await.status, StatusCode::FORBIDDEN);
    // One who was let in to the CERT's zone alone does not see what is shared.
    let mut tx = world.app.write().await.unwrap();
    guest::let_in(&mut tx, &analyst, incident, "RXX", Zone::Cert, "A witness").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sam.get(&board).await.status, StatusCode::NOT_FOUND);
}
