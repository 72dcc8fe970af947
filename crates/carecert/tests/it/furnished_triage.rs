//! What tests about triage begin with: vulnerabilities of which more or less is told, and what the samples
//! of its pages speak of.

use broadcast::{
    handover,
    saved_filter::{self, actions::Audience},
    threat::{self, Said, Scored, Scorer, ThreatId},
};
use formats::{
    cvss::{Cvss, Score},
    ssvc::Point,
};
use platform::{Actor, access::Role};
use testkit::world::World;

use crate::{
    furnished::{said, threat},
    issuing::actor,
    walk::Names,
};

/// Over the network, with ease, by anybody, and everything is lost.
pub(crate) const WORST: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// A statement with this vector.
pub(crate) fn scored(said: Said, vector: &str) -> Said {
    let vector: Cvss = vector.parse().expect("a vector");
    let version = vector.version();
    let score = Score::from_tenths(98).expect("a score");
    let scored = Scored {
        version,
        score,
        vector: Some(vector),
        by: "Acme".to_owned(),
        scorer: Scorer::Assigner,
        on: None,
    };
    Said { scores: vec![scored], ..said }
}

/// A vulnerability with the worst vector, of which nobody tells whether it is exploited.
pub(crate) fn severe(title: &str, cve: &str) -> Said {
    scored(said(title, &[cve]), WORST)
}

/// The threat as it is now.
pub(crate) async fn now(world: &World, id: ThreatId) -> threat::store::Threat {
    let mut snapshot = world.app.read().await.expect("a read");
    threat::store::threat(&mut snapshot, id).await.expect("a threat").expect("it is there")
}

/// Sets a decision point.
pub(crate) async fn set(world: &World, analyst: &Actor, id: ThreatId, point: Point, value: &str) {
    let version = now(world, id).await.version;
    let mut tx = world.app.write().await.expect("a write");
    broadcast::triage::actions::set(&mut tx, analyst, id, version, point, value, "Seen in our lab")
        .await
        .expect("it is set");
    tx.commit().await.expect("a commit");
}

/// What the samples of triage speak of.
pub(crate) async fn furnish(world: &World, names: &mut Names) {
    let analyst = actor(world, "Triage Analyst", Role::Analyst, None).await;
    let decided = threat(world, &analyst, &severe("Decided", "CVE-2026-0100")).await;
    set(world, &analyst, decided, Point::Automatable, "yes").await;
    set(world, &analyst, decided, Point::Exploitation, "active").await;
    let claimed = threat(world, &analyst, &said("Claimed", &[])).await;
    let mut tx = world.app.write().await.expect("a write");
    threat::actions::claim(&mut tx, &analyst, claimed, 1).await.expect("claimed");
    let filter = saved_filter::actions::save(&mut tx, &analyst, "Act", "decision=act", Audience::Shared);
    let filter = filter.await.expect("a filter");
    let note = handover::actions::write(&mut tx, &analyst, None, "All *quiet*").await.expect("a note");
    tx.commit().await.expect("a commit");
    names.extend([
        ("claimed", claimed.to_string()),
        ("claimed_version", "2".to_owned()),
        ("saved_filter", filter.to_string()),
        ("handover", note.to_string()),
        ("decided", decided.to_string()),
        ("decided_version", now(world, decided).await.version.to_string()),
    ]);
}
