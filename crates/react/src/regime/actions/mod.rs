//! One function for each verb; pages, the API and tests call these.
//!
//! The organisation decides; the CERT writes down what it decided, where it cannot do so itself. Each step enters the
//! case's timeline in its own zone, and the log by ids alone.

mod clock;

use std::collections::BTreeMap;

use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
    organisation,
    settings::Regulators,
    uk,
    web::{shell::Language, show},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    AwarenessId, Event, State, Trigger, Whose, applying, country, goes_on, reminders,
    store::{self, Clock, Deciding, Writer},
};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, sight,
        timeline::{self, Entering, Kind},
    },
    incident::IncidentId,
};

pub use clock::{Decision, Sent, explain, not_require, report, require, write_facts};

type Result<T> = std::result::Result<T, CaseError>;

/// The most decisions on awareness in a case, and the most steps about its clocks.
const MOST: i64 = 100;
const TO_DO: &str = "decide on reports to regulators in this case";

/// When an organisation became aware, as somebody decided.
#[derive(Clone, Debug)]
pub struct Aware {
    /// Since when.
    pub at: Timestamp,
    /// Who decided.
    pub decided_by: String,
    /// Why then.
    pub why: String,
    /// The form.
    pub form: Uuid,
}

/// Decides that the organisation became aware of something, and begins the clock of each duty that follows from it.
/// The same form sent again is one decision, whose id it says again.
pub async fn aware(
    tx: &mut Tx,
    actor: &Actor,
    settings: &Regulators,
    incident: IncidentId,
    (zone, trigger): (Zone, Trigger),
    aware: &Aware,
) -> Result<AwarenessId> {
    let sight = writing(tx, actor, incident, zone).await?;
    if let Some(kept) = store::kept_of(tx, aware.form).await? {
        return Ok(AwarenessId(kept));
    }
    if store::count(tx, incident, zone).await? >= MOST {
        return Err(refused("A great deal was decided in this case. Ring the CERT to add more."));
    }
    past(tx, aware.at)?;
    if sight.incident.standing.is_apart() {
        return Err(refused("Nobody has vouched for this report yet. Call the organisation back first."));
    }
    let found = match sight.incident.organisation_id {
        Some(id) => organisation::store::find(tx, id).await?,
        None => None,
    };
    let found = found.ok_or_else(|| {
        refused("Nobody knows yet of which organisation this incident is. That is said first, by the CERT.")
    })?;
    let deciding = deciding(zone, trigger, aware, None);
    let id = kept(store::insert_awareness(tx, &sight, writer(actor, &sight), &deciding).await)?;
    let whose = Whose { country: country(settings, found.postcode.as_deref()), kind: found.kind };
    for (regime, _) in applying(settings, &whose, uk::day(aware.at)) {
        let mut dues: BTreeMap<&str, Option<Timestamp>> = BTreeMap::new();
        for duty in regime.duties.iter().filter(|duty| duty.trigger == trigger) {
            // Until the earlier report is sent, this one counts from when that is due at the latest.
            let from = duty.after.as_deref().and_then(|after| dues.get(after).copied().flatten());
            let due_at = duty.offset.due(from.unwrap_or(aware.at), &regime.zone);
            dues.insert(&duty.id, due_at);
            let beginning =
                store::Beginning { organisation: found.id, zone, awareness: id, regime, duty, due_at };
            let clock = store::insert_clock(tx, incident, &beginning).await?;
            reminders::start(tx, found.id, clock, (regime, aware.at), due_at).await?;
        }
    }
    let text = format!(
        "Aware of this since {}: {}. Decided by {}.",
        instant(aware.at),
        in_text(trigger),
        aware.decided_by
    );
    enter(tx, actor, &sight, zone, aware.at, id.0, &text).await?;
    write_log(tx, actor, &sight, zone, "clock.aware", json!({"awareness": id, "trigger": trigger.code()}))
        .await?;
    Ok(id)
}

/// Corrects when the organisation became aware: what was decided before stays, and every clock that counts from it
/// counts anew.
pub async fn correct(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    corrected: AwarenessId,
    aware: &Aware,
) -> Result<()> {
    let now = tx.now;
    let seen = sight(tx, actor, now, incident).await?;
    let before = store::awareness(tx, incident, seen.reads, corrected).await?.ok_or(CaseError::NotFound)?;
    let sight = seeing_to(tx, actor, incident, before.zone).await?;
    if store::kept_of(tx, aware.form).await?.is_some() {
        return Ok(());
    }
    if before.corrected_by.is_some() {
        return Err(CaseError::Overtaken);
    }
    if store::count(tx, incident, before.zone).await? >= MOST {
        return Err(refused("A great deal was decided in this case. Ring the CERT to add more."));
    }
    past(tx, aware.at)?;
    let deciding = deciding(before.zone, before.trigger_code, aware, Some(corrected));
    let id = kept(store::insert_awareness(tx, &sight, writer(actor, &sight), &deciding).await)?;
    let clocks = store::of_awareness(tx, corrected).await?;
    let mut dues: BTreeMap<(String, String), Option<Timestamp>> = BTreeMap::new();
    for clock in &clocks {
        let Some((regime, duty)) = clock.law() else { continue };
        let from = match &duty.after {
            None => Some(aware.at),
            Some(after) => {
                let earlier =
                    clocks.iter().find(|other| other.regime == clock.regime && other.duty == *after);
                let reported = match earlier {
                    Some(earlier) => store::first_reported(tx, earlier.id).await?,
                    None => None,
                };
                reported.or_else(|| dues.get(&(clock.regime.clone(), after.clone())).copied().flatten())
            }
        };
        let due_at = duty.offset.due(from.unwrap_or(aware.at), &regime.zone);
        dues.insert((clock.regime.clone(), clock.duty.clone()), due_at);
        let sent = store::first_reported(tx, clock.id).await?;
        let late = sent.zip(due_at).is_some_and(|(sent, due)| sent > due);
        let mut after = clock.clone();
        (after.awareness_id, after.due_at) = (id, due_at);
        after.state =
            clock.state.apply(Event::Recount { late }).map_err(|error| refused(error.to_string()))?;
        advance(tx, clock, &after).await?;
        if after.state == State::Running {
            reminders::start(tx, clock.organisation_id, clock.id, (regime, aware.at), due_at).await?;
        }
    }
    let text = format!(
        "Corrected when this became known, {}: {}, not {}. Decided by {}.",
        in_text(before.trigger_code),
        instant(aware.at),
        instant(before.aware_at),
        aware.decided_by
    );
    enter(tx, actor, &sight, before.zone, aware.at, id.0, &text).await?;
    let payload = json!({"awareness": id, "corrects": corrected});
    write_log(tx, actor, &sight, before.zone, "clock.corrected", payload).await
}

/// The sight of somebody who decides in this zone: of the organisation, or at the CERT on its word.
async fn writing(tx: &mut Tx, actor: &Actor, incident: IncidentId, zone: Zone) -> Result<Sight> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    if sight.party == Party::Guest {
        return Err(Forbidden(TO_DO).into());
    }
    if zone == Zone::Cert {
        return Err(refused("Reports to regulators are the organisation’s: choose who sees them beside it."));
    }
    Ok(sight)
}

/// The sight of somebody who sees to what runs in this zone: see [`goes_on`].
async fn seeing_to(tx: &mut Tx, actor: &Actor, incident: IncidentId, zone: Zone) -> Result<Sight> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    if goes_on(&sight, zone) { Ok(sight) } else { writing(tx, actor, incident, zone).await }
}

async fn advance(tx: &mut Tx, before: &Clock, after: &Clock) -> Result<()> {
    if store::advance(tx, before, after).await? { Ok(()) } else { Err(CaseError::Overtaken) }
}

fn deciding(zone: Zone, trigger: Trigger, aware: &Aware, corrects: Option<AwarenessId>) -> Deciding<'_> {
    Deciding {
        zone,
        trigger,
        aware_at: aware.at,
        decided_by: aware.decided_by.trim(),
        why: aware.why.trim(),
        corrects,
        form: aware.form,
    }
}

fn writer(actor: &Actor, sight: &Sight) -> Writer {
    Writer { person: actor.holder(), through: sight.through }
}

fn past(tx: &Tx, at: Timestamp) -> Result<()> {
    if at <= tx.now { Ok(()) } else { Err(refused("This must be in the past.")) }
}

fn refused(sentence: impl Into<String>) -> CaseError {
    CaseError::Refused(sentence.into())
}

/// The same form, or another correction, at the same moment.
fn kept<T>(result: std::result::Result<T, db::DbError>) -> Result<T> {
    match result {
        Err(db::DbError::Constraint(_)) => Err(CaseError::Twice),
        other => Ok(other?),
    }
}

fn instant(at: Timestamp) -> String {
    show::instant(at.as_microsecond(), Language::English)
}

fn in_text(trigger: Trigger) -> String {
    show::in_sentence(trigger.label())
}

async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    zone: Zone,
    happened_at: Timestamp,
    about: Uuid,
    text: &str,
) -> Result<()> {
    let entering = Entering {
        zone,
        kind: Kind::Clock,
        happened_at,
        about: Some(about),
        text,
        corrects: None,
        form: None,
    };
    timeline::enter(tx, actor, sight, &entering).await?;
    Ok(())
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    zone: Zone,
    verb: &'static str,
    payload: serde_json::Value,
) -> Result<()> {
    // The CERT reads the log: of what is the organisation's alone it learns that something was done, and not what.
    let (verb, payload) = if zone == Zone::Own { ("clock.moved", json!({})) } else { (verb, payload) };
    let mut entry = Entry::new(verb).about(sight.incident.id.0);
    if let Some(organisation) = sight.incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
