//! How often people are rung for one organisation: whoever has an account, or a code, and sends a thousand made-up
//! reports must not ring a thousand times.
//!
//! Nothing is refused. What is not rung for yet is counted where the CERT sees it, and rung for by itself as soon as the
//! bound allows, unless somebody has taken it on.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Tx,
    clock::{self, Counts, Due, Next, OF_THE_CERT, Ringing, Running},
    organisation::OrganisationId,
};

use super::{Occasion, follow};
use crate::{
    case::{
        Zone,
        timeline::{Entering, Kind, actions::enter_rung},
    },
    incident::IncidentId,
    triage::Priority,
};

/// For so many other incidents of one organisation, as urgent or more, people begin to be rung within [`WITHIN`].
const MOST: i64 = 3;
/// So often they begin to be rung for the same one within it, where nobody answers and it goes up and down.
const MOST_OF_ONE: i64 = 6;
const WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How soon it is looked again whether one that is held can be rung for.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// The row of those that are held in the table of clocks.
pub const HELD: clock::Kind = clock::Kind { name: "incident_page_held", counts: Counts::FromTheLast, ring };

/// The name of the clock of one incident that is held.
const NAME: &str = "page held";

platform::vocabulary! {
    /// Why nobody is rung for an urgent incident yet, behind "Nobody is rung for it yet: ".
    pub enum Why {
        Others = "others", "people were rung for three other incidents of this organisation within an hour, each as urgent or more";
        Itself = "itself", "people were rung for it six times within an hour, as its priority went up and down";
        Apart = "apart", "within this hour people were rung for another report that is not verified, as urgent or more";
    }
}

/// What holds an incident of this organisation, if anything does; where nothing does, it counts as rung for. A P1 is
/// held by P1s alone: what is less urgent never silences it. Index: `paging_begun_of`.
pub(super) async fn what_holds(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: OrganisationId,
    priority: Priority,
) -> Result<Option<Why>, DbError> {
    let (id, now): (uuid::Uuid, _) = (tx.id(), tx.now);
    let statement = sql!("DELETE FROM paging_begun WHERE organisation_id = ?1 AND begun_at <= ?2");
    tx.run(statement, params![organisation, now - WITHIN]).await?;
    let statement = sql!(
        "SELECT incident_id, count(*) FROM paging_begun WHERE organisation_id = ?1 AND priority <= ?2
         GROUP BY incident_id"
    );
    let begun: Vec<(IncidentId, i64)> = tx.all(statement, params![organisation, priority]).await?;
    let of_itself = begun.iter().find(|(of, _)| *of == incident).map_or(0, |(_, count)| *count);
    let others = begun.iter().filter(|(of, _)| *of != incident).count();
    if i64::try_from(others).unwrap_or(i64::MAX) >= MOST {
        return Ok(Some(Why::Others));
    }
    if of_itself >= MOST_OF_ONE {
        return Ok(Some(Why::Itself));
    }
    let statement = sql!(
        "INSERT INTO paging_begun (id, organisation_id, incident_id, begun_at, priority)
         VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    tx.run(statement, params![id, organisation, incident, now, priority]).await?;
    Ok(None)
}

/// Keeps that nobody is rung for an incident yet, and why; of one that nobody has vouched for, without an organisation.
pub(super) async fn hold(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: Option<OrganisationId>,
    why: Why,
) -> Result<(), DbError> {
    if let Some(known) = held_for(tx, incident).await? {
        if known.why == why {
            return Ok(());
        }
        release(tx, incident).await?;
    }
    let statement =
        sql!("INSERT INTO paging_held (incident_id, organisation_id, why, held_at) VALUES (?1, ?2, ?3, ?4)");
    let now = tx.now;
    tx.run(statement, params![incident, organisation, why, now]).await?;
    let text = format!("Nobody is rung for it yet: {}.", why.label());
    enter_rung(tx, incident, &Entering::now(tx, Zone::Cert, Kind::Triage, incident.0, &text)).await?;
    let next_due_at = now + AGAIN;
    let running = Running {
        about: incident.0,
        organisation: OF_THE_CERT,
        name: NAME,
        kind: HELD.name,
        due_at: next_due_at,
        next_due_at,
        policy: "paging/held".to_owned(),
    };
    clock::start(tx, &running).await
}

/// Ends that an incident is held: it is rung for, or need not be any more.
pub(super) async fn release(tx: &mut Tx, incident: IncidentId) -> Result<(), DbError> {
    if tx.run(sql!("DELETE FROM paging_held WHERE incident_id = ?1"), params![incident]).await? > 0 {
        clock::stop(tx, incident.0, OF_THE_CERT, NAME).await?;
    }
    Ok(())
}

db::record! {
    /// That nobody is rung for an incident yet.
    pub struct HeldFor {
        /// Why.
        pub why: Why,
        /// Since when.
        pub held_at: Timestamp,
    }
}

/// Why an incident is held, where it is. Index: the key.
pub(super) async fn held_for(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Option<HeldFor>, DbError> {
    let statement = sql!("SELECT why, held_at FROM paging_held WHERE incident_id = ?1");
    snapshot.maybe(statement, params![incident]).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        let mut next = Vec::with_capacity(due.len());
        for each in due {
            let id = IncidentId(each.about);
            follow(tx, id, Occasion::Later).await?;
            let held = held_for(tx, id).await?.is_some();
            next.push(if held { Next::At(tx.now + AGAIN) } else { Next::Last });
        }
        Ok(next)
    })
}

db::record! {
    /// Urgent incidents for which nobody is rung yet: of an organisation, or those that nobody has vouched for.
    pub struct Held {
        /// The organisation's name; none of those that nobody has vouched for.
        pub name: Option<String>,
        /// Its code.
        pub code: Option<String>,
        /// How many.
        pub count: i64,
    }
}

/// Those that nobody has vouched for, and the organisations with such incidents, the one with the most first, 10 at
/// most. The table holds only those.
pub async fn held(snapshot: &mut Snapshot) -> Result<Vec<Held>, DbError> {
    let statement = sql!(
        "SELECT o.name, o.code, h.count
         FROM (SELECT organisation_id, count(*) AS count FROM paging_held
               GROUP BY organisation_id
               ORDER BY CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END, count(*) DESC, organisation_id
               LIMIT 10) AS h
         LEFT JOIN organisation o ON o.id = h.organisation_id
         ORDER BY CASE WHEN h.organisation_id IS NULL THEN 0 ELSE 1 END, h.count DESC, o.code"
    );
    snapshot.all(statement, params![]).await
}
