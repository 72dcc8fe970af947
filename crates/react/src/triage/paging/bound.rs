//! How often people are rung for one organisation: whoever has an account, or a code, and sends a thousand made-up
//! reports must not ring a thousand times.
//!
//! Nothing is refused. What is not rung for yet is counted where the CERT sees it, and rung for by itself as soon as the
//! bound allows, unless somebody has taken it on.

use db::{DbError, Snapshot, params, sql};
use jiff::SignedDuration;
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
};

/// So often people begin to be rung for one organisation within [`WITHIN`].
const MOST: i64 = 3;
const WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How soon it is looked again whether one that is held can be rung for.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// The row of those that are held in the table of clocks.
pub const HELD: clock::Kind = clock::Kind { name: "incident_page_held", counts: Counts::FromTheLast, ring };

/// The name of the clock of one incident that is held.
const NAME: &str = "page held";

/// Whether people may begin to be rung for an incident of this organisation, which then counts. Index: `paging_begun_of`.
pub(super) async fn may_begin(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: OrganisationId,
) -> Result<bool, DbError> {
    let (id, now): (uuid::Uuid, _) = (tx.id(), tx.now);
    let statement = sql!("DELETE FROM paging_begun WHERE organisation_id = ?1 AND begun_at <= ?2");
    tx.run(statement, params![organisation, now - WITHIN]).await?;
    let statement = sql!("SELECT count(*) FROM paging_begun WHERE organisation_id = ?1");
    let (begun,): (i64,) = tx.one(statement, params![organisation]).await?;
    if begun >= MOST {
        return Ok(false);
    }
    let statement =
        sql!("INSERT INTO paging_begun (id, organisation_id, incident_id, begun_at) VALUES (?1, ?2, ?3, ?4)");
    tx.run(statement, params![id, organisation, incident, now]).await?;
    Ok(true)
}

/// Keeps that nobody is rung for an incident yet.
pub(super) async fn hold(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO paging_held (incident_id, organisation_id, held_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (incident_id) DO NOTHING"
    );
    let now = tx.now;
    if tx.run(statement, params![incident, organisation, now]).await? == 0 {
        return Ok(());
    }
    let text =
        "Nobody is rung for it yet: people were rung for three others of this organisation within an hour.";
    enter_rung(tx, incident, &Entering::now(tx, Zone::Cert, Kind::Triage, incident.0, text)).await?;
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

/// Whether an incident is held. Index: the key.
async fn is_held(snapshot: &mut Snapshot, incident: IncidentId) -> Result<bool, DbError> {
    let statement = sql!("SELECT incident_id FROM paging_held WHERE incident_id = ?1");
    Ok(snapshot.maybe::<(IncidentId,)>(statement, params![incident]).await?.is_some())
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        let mut next = Vec::with_capacity(due.len());
        for each in due {
            let id = IncidentId(each.about);
            follow(tx, id, Occasion::Later).await?;
            let held = is_held(tx, id).await?;
            next.push(if held { Next::At(tx.now + AGAIN) } else { Next::Last });
        }
        Ok(next)
    })
}

db::record! {
    /// Urgent incidents of an organisation for which nobody is rung yet.
    pub struct Held {
        /// The organisation's name.
        pub name: String,
        /// Its code.
        pub code: String,
        /// How many.
        pub count: i64,
    }
}

/// The organisations with such incidents, the one with the most first, 10 at most. The table holds only those.
pub async fn held(snapshot: &mut Snapshot) -> Result<Vec<Held>, DbError> {
    let statement = sql!(
        "SELECT o.name, o.code, h.count
         FROM (SELECT organisation_id, count(*) AS count FROM paging_held
               GROUP BY organisation_id ORDER BY count(*) DESC, organisation_id LIMIT 10) AS h
         JOIN organisation o ON o.id = h.organisation_id ORDER BY h.count DESC, o.code"
    );
    snapshot.all(statement, params![]).await
}
