//! The clocks of responses: which run after which event, and what happens when a rung is reached.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use db::DbError;
use jiff::Timestamp;
use platform::{
    Tx,
    clock::{self, Due, Next, Ringing},
    organisation::OrganisationId,
};
use uuid::Uuid;

use super::{AlertHead, AlertId, Event, ladder, recipients, store, store::moves};
use crate::{policy::Tell, webhook};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "response", counts: clock::Counts::ToAMoment, ring };

const ALL: [&str; 3] = ["acknowledge", "update", "remediate"];

/// Stops and starts the clocks that `step` changes. Waiting for the executive stops none.
pub(super) async fn follow(tx: &mut Tx, step: &moves::Move<'_>) -> Result<(), DbError> {
    match step.event {
        Event::Acknowledge => {
            moves::stop_clocks(tx, step, ["acknowledge"; 3]).await?;
            start(tx, step, "update", step.next_update_at).await
        }
        // Asking may go with a date of the next update; without one, the clock runs on as it was.
        Event::Update | Event::AskToAccept => start(tx, step, "update", step.next_update_at).await,
        Event::SendBack => Ok(()),
        Event::NotApplicable | Event::Remediate | Event::Mitigate | Event::Accept => {
            moves::stop_clocks(tx, step, ALL).await
        }
        Event::Correct => {
            start(tx, step, "update", step.next_update_at).await?;
            start(tx, step, "remediate", step.alert.remediate_by).await
        }
    }
}

async fn start(
    tx: &mut Tx,
    step: &moves::Move<'_>,
    name: &str,
    due_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let (Some(ladder), Some(due_at)) = (ladder::of(step.alert, name), due_at) else { return Ok(()) };
    let (rung, next_due_at) = ladder::ahead(ladder, tx.now, due_at);
    moves::start_clock(tx, step, &moves::Started { name, due_at, rung, next_due_at }).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(climb(tx, due))
}

/// Clocks of one alert that reached the same rung of the same deadline: whoever has a mailbox for
/// several of these organisations is told once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rung {
    pub alert: Uuid,
    pub clock: String,
    pub place: i64,
    pub due_at: Timestamp,
}

async fn climb(tx: &mut Tx, due: &[Due]) -> Result<Vec<Next>, DbError> {
    let mut alerts: HashMap<Uuid, Option<AlertHead>> = HashMap::new();
    let mut rungs: BTreeMap<Rung, (OrganisationId, OrganisationId)> = BTreeMap::new();
    for each in due {
        if let Entry::Vacant(place) = alerts.entry(each.about) {
            let head = store::head(tx, AlertId(each.about)).await?;
            place.insert(head.filter(AlertHead::in_force));
        }
        let rung =
            Rung { alert: each.about, clock: each.name.clone(), place: each.rung, due_at: each.due_at };
        let organisation = each.organisation;
        rungs
            .entry(rung)
            .and_modify(|(first, last)| {
                *first = organisation.min(*first);
                *last = organisation.max(*last);
            })
            .or_insert((organisation, organisation));
    }
    let alert_of = |about| alerts.get(about).and_then(Option::as_ref);
    for (rung, range) in &rungs {
        let Some(alert) = alert_of(&rung.alert) else { continue };
        let ladder = ladder::of(alert, &rung.clock);
        // Who is told depends on the place alone, not on the moments.
        let told = ladder.and_then(|ladder| ladder.rung(rung.place, rung.due_at, rung.due_at));
        match told {
            None | Some((Tell::Ring, _)) => {}
            Some((tell, _)) => recipients::tell(tx, alert, rung, tell, *range).await?,
        }
        if ladder.is_some_and(|ladder| ladder.is_passed_at(rung.place)) {
            webhook::overdue(tx, alert, &rung.clock, rung.due_at, *range).await?;
        }
    }
    Ok(due.iter().map(|each| next(alert_of(&each.about), each)).collect())
}

fn next(alert: Option<&AlertHead>, due: &Due) -> Next {
    let ladder = alert.and_then(|alert| ladder::of(alert, &due.name));
    match ladder.and_then(|ladder| ladder.rung(due.rung + 1, due.started_at, due.due_at)) {
        Some((_, moment)) => Next::At(moment),
        None => Next::Last,
    }
}
