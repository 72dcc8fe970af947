//! What tests about regulatory clocks and the impact board begin with, through the real actions.

use jiff::{SignedDuration, Timestamp};
use platform::{Actor, settings::Regulators};
use react::{
    case::{CaseError, Zone},
    impact::{self, Downtime, Harm, Said, State},
    incident::IncidentId,
    regime::{
        Trigger,
        actions::{self, Aware, Decision, Sent},
        store::{self, Awareness, Clock},
    },
};
use testkit::world::World;

use crate::walk::Names;

/// Decides that the organisation became aware then.
pub(crate) async fn aware(
    world: &World,
    by: &Actor,
    incident: IncidentId,
    (zone, trigger): (Zone, Trigger),
    at: Timestamp,
) -> Result<(), CaseError> {
    let mut tx = world.app.write().await.expect("a write");
    let aware = Aware {
        at,
        decided_by: "Eve Executive, SIRO".to_owned(),
        why: "A wombat rang.".to_owned(),
        form: tx.id(),
    };
    let settings: &Regulators = &world.app.settings.regulators;
    actions::aware(&mut tx, by, settings, incident, (zone, trigger), &aware).await?;
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    Ok(())
}

/// The clocks of a case, whoever asks.
pub(crate) async fn clocks(world: &World, incident: IncidentId) -> Vec<Clock> {
    let zones = react::case::Zones::of(&[Zone::Own, Zone::Shared]);
    store::clocks(&mut world.app.read().await.expect("a read"), incident, zones).await.expect("clocks")
}

/// The decisions of a case, whoever asks.
pub(crate) async fn awarenesses(world: &World, incident: IncidentId) -> Vec<Awareness> {
    let zones = react::case::Zones::of(&[Zone::Own, Zone::Shared]);
    store::awarenesses(&mut world.app.read().await.expect("a read"), incident, zones)
        .await
        .expect("decisions")
}

/// A report that was sent then.
pub(crate) fn sent(world: &World, at: Timestamp, reason: &str) -> Sent {
    Sent {
        at,
        by: "Lee Leader".to_owned(),
        reference: "IC-4711".to_owned(),
        text: "A wombat took the quokka’s records.".to_owned(),
        reason: reason.to_owned(),
        form: world.app.env.id(),
    }
}

/// A decision about a clock.
pub(crate) fn decision(world: &World, reason: &str) -> Decision {
    Decision { by: "Eve Executive".to_owned(), reason: reason.to_owned(), form: world.app.env.id() }
}

/// What is said of a service.
pub(crate) fn service(name: &str, state: State, downtime: Downtime) -> Said {
    Said {
        name: name.to_owned(),
        systems: "Patient administration".to_owned(),
        state,
        downtime,
        diverted_to: String::new(),
        diverted_since: None,
        harm: Harm::Absent,
        harm_note: String::new(),
    }
}

/// What the samples of clocks and boards speak of.
pub(crate) async fn furnish(world: &World, by: &Actor, incident: IncidentId, names: &mut Names) {
    let hours = |hours| world.now() - SignedDuration::from_hours(hours);
    let shared = |trigger| (Zone::Shared, trigger);
    // Three of the breach, of which one runs; one that is late; one that is not required.
    aware(world, by, incident, shared(Trigger::PersonalDataBreach), hours(2)).await.expect("aware");
    aware(world, by, incident, shared(Trigger::SignificantIncident), hours(100)).await.expect("aware");
    aware(world, by, incident, shared(Trigger::HighRiskToPeople), hours(1)).await.expect("aware");
    let all = clocks(world, incident).await;
    let of = |duty: &str| all.iter().find(|clock| clock.duty == duty).expect("a clock").id;
    let mut tx = world.app.write().await.expect("a write");
    let late = sent(world, hours(1), "The network was down.");
    actions::report(&mut tx, by, incident, (of("notification"), 1), &late).await.expect("sent");
    let excused = decision(world, "Encrypted.");
    actions::not_require(&mut tx, by, incident, (of("people"), 1), &excused).await.expect("excused");
    let said = service("Emergency department", State::Stopped, Downtime::Working);
    let form = tx.id();
    impact::actions::add(&mut tx, by, incident, &said, form).await.expect("a service");
    for (hours_ago, appointments) in [(3, 10), (1, 40)] {
        let (form, at) = (tx.id(), hours(hours_ago));
        impact::actions::count(&mut tx, by, incident, (at, appointments, 2), form).await.expect("a count");
    }
    tx.commit().await.expect("a commit");
    let zones = react::case::Zones::of(&[Zone::Shared]);
    let mut snapshot = world.app.read().await.expect("a read");
    let services = impact::store::services(&mut snapshot, incident, zones).await.expect("services");
    drop(snapshot);
    let awareness = awarenesses(world, incident).await[0].id;
    names.extend([
        ("awareness", awareness.to_string()),
        ("running_clock", of("commissioner").to_string()),
        ("late_clock", of("notification").to_string()),
        ("excused_clock", of("people").to_string()),
        ("impact_service", services[0].id.to_string()),
    ]);
}
