//! Who is written that there is a message: the people of the other sides of its zone, never the writer's own.
//!
//! At the CERT whoever took the incident on, or everybody who handles incidents where nobody has; at an organisation
//! those who wrote in the case, or everybody who writes in cases where nobody has.

use db::DbError;
use platform::{Tx, access::PersonId};

use super::store;
use crate::case::{Party, Sight, Zone, Zones, guest, people};

/// Of one organisation at most so many are told who have not written in the case.
const MOST: usize = 20;

/// Those to tell of a message in `zone` that was written in this sight.
pub(super) async fn of(tx: &mut Tx, sight: &Sight, zone: Zone) -> Result<Vec<PersonId>, DbError> {
    let (now, incident) = (tx.now, &sight.incident);
    let mut told = Vec::new();
    if zone != Zone::Own && sight.party != Party::Cert {
        match incident.taken_by {
            Some(person) => told.push(person),
            None => told.extend(people::at_cert(tx, now).await?.into_iter().map(|each| each.id)),
        }
    }
    let wrote = store::wrote(tx, incident.id, Zones::of(&[zone])).await?;
    let choose = |all: Vec<people::Colleague>| -> Vec<PersonId> {
        let all: Vec<PersonId> = all.into_iter().map(|each| each.id).collect();
        let active: Vec<PersonId> = all.iter().copied().filter(|id| wrote.contains(id)).collect();
        if active.is_empty() { all.into_iter().take(MOST).collect() } else { active }
    };
    // Of an incident that nobody has vouched for, only the CERT knows.
    if incident.standing.is_apart() {
        return Ok(told);
    }
    if zone != Zone::Cert && sight.party != Party::Organisation {
        told.extend(choose(people::of(tx, incident.organisation_id, true, now).await?));
    }
    for guest in guest::guests(tx, incident.id).await? {
        if guest.zone == zone && sight.through != Some(guest.organisation_id) {
            told.extend(choose(people::of(tx, Some(guest.organisation_id), false, now).await?));
        }
    }
    // In the order of their keys, so that two messages at once never wait for each other.
    told.sort_unstable_by_key(|person| person.0);
    told.dedup();
    Ok(told)
}
