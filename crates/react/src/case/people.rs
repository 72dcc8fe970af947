//! Who can be asked to do something in a case: the people of the reader's own side, and whole organisations.
//!
//! Nobody chooses among the people of the other side: the CERT's names are not the organisation's, and whom a
//! hospital sends is the hospital's to say.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::{Party, Sight, Zone, guest};

db::record! {
    /// Somebody of the reader's side who writes in the case.
    pub struct Colleague {
        /// Who.
        pub id: PersonId,
        /// Their name.
        pub name: String,
        /// The organisation through which they come; none at the CERT.
        pub through_id: Option<OrganisationId>,
        /// What that is called.
        pub through: Option<String>,
    }
}

/// The people of the reader's side who write in this case, by name, 100 at most, each once.
pub async fn colleagues(
    snapshot: &mut Snapshot,
    sight: &Sight,
    now: Timestamp,
) -> Result<Vec<Colleague>, DbError> {
    let mut all = match sight.party {
        Party::Cert => at_cert(snapshot, now).await?,
        Party::Organisation => of(snapshot, sight.incident.organisation_id, true, now).await?,
        Party::Guest => of(snapshot, sight.through, false, now).await?,
    };
    let mut seen = Vec::new();
    all.retain(|each| {
        let first = !seen.contains(&each.id);
        seen.push(each.id);
        first
    });
    Ok(all)
}

/// Those at the CERT who handle incidents. Index: `membership_organisation`.
pub(super) async fn at_cert(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Colleague>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.name FROM person p
         WHERE p.erased_at IS NULL AND p.id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('analyst', 'duty_manager')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY p.name, p.id LIMIT 100"
    );
    let rows: Vec<(PersonId, String)> = snapshot.all(statement, params![now]).await?;
    Ok(rows.into_iter().map(|(id, name)| Colleague { id, name, through_id: None, through: None }).collect())
}

/// Those of an organisation, and of those who answer for it where that is asked. Indexes: `membership_organisation`,
/// that of `answers_for` by organisation.
pub(super) async fn of(
    snapshot: &mut Snapshot,
    organisation: Option<OrganisationId>,
    with_answering: bool,
    now: Timestamp,
) -> Result<Vec<Colleague>, DbError> {
    let Some(organisation) = organisation else { return Ok(Vec::new()) };
    let answered = if with_answering { organisation.0 } else { Uuid::nil() };
    let statement = sql!(
        "SELECT p.id, p.name, w.organisation_id AS through_id, o.name AS through
         FROM (SELECT m.holder_id, m.organisation_id FROM membership m
               WHERE m.organisation_id = ?1 AND m.role IN ('responder', 'lead', 'executive')
                 AND m.awaits_acceptance = FALSE AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               UNION
               SELECT m.holder_id, m.organisation_id FROM answers_for a CROSS JOIN membership m
               WHERE a.organisation_id = ?3 AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
                 AND m.organisation_id = a.answering_id AND m.role IN ('responder', 'lead', 'executive')
                 AND m.awaits_acceptance = FALSE AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
              ) w CROSS JOIN person p CROSS JOIN organisation o
         WHERE p.id = w.holder_id AND p.erased_at IS NULL AND o.id = w.organisation_id
         ORDER BY p.name, p.id, w.organisation_id LIMIT 100"
    );
    snapshot.all(statement, params![organisation, now, answered]).await
}

/// A whole side of a zone, to which something can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The organisation; none for the CERT.
    pub id: Option<OrganisationId>,
    /// Its name.
    pub name: String,
}

/// The organisations of a zone, as those who write there name them.
pub async fn wholes(
    snapshot: &mut Snapshot,
    sight: &Sight,
    zone: Zone,
    cert: &str,
) -> Result<Vec<Whole>, DbError> {
    let mut all = Vec::new();
    if let Some(id) = sight.incident.organisation_id.filter(|_| zone != Zone::Cert) {
        all.push(Whole { id: Some(id), name: sight.incident.called() });
    }
    if zone != Zone::Own {
        all.push(Whole { id: None, name: cert.to_owned() });
    }
    let guests = guest::guests(snapshot, sight.incident.id).await?.into_iter();
    // Of guests one another nobody is told by a list: they meet in what they write.
    let shown = guests.filter(|guest| {
        guest.zone == zone && (sight.party != Party::Guest || sight.through == Some(guest.organisation_id))
    });
    all.extend(shown.map(|guest| Whole { id: Some(guest.organisation_id), name: guest.name }));
    Ok(all)
}
