//! Whose people or keys a page is about: the CERT's own, or an organisation's.

use db::Snapshot;
use serde::Deserialize;

use super::{AccountError, store};
use crate::{Actor, App, access::Role, organisation::OrganisationId};

/// What the address names; an organisation by its id or its code.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Its id.
    pub organisation: Option<String>,
    /// Its ODS code.
    pub code: Option<String>,
    /// A person's address.
    pub email: Option<String>,
}

/// An organisation, or the CERT where the id is `None`.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub id: Option<OrganisationId>,
    pub name: String,
}

impl Place {
    /// A page about this place.
    pub fn href(&self, path: &str) -> String {
        match self.id {
            Some(id) => format!("{path}?organisation={id}"),
            None => path.to_owned(),
        }
    }

    /// The id as a form's hidden field holds it.
    pub fn id_text(&self) -> String {
        self.id.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// The place that is asked for, if the actor sees its people; unasked, the first that a lead leads,
/// or the CERT for those who are there.
pub(crate) async fn of(
    snapshot: &mut Snapshot,
    app: &App,
    actor: &Actor,
    asked: &Asked,
) -> Result<Place, AccountError> {
    let named = match (asked.organisation.as_deref(), asked.code.as_deref()) {
        (Some(id), _) if !id.is_empty() => Some(id.parse().map_err(|()| AccountError::NotFound)?),
        (_, Some(code)) if !code.trim().is_empty() => {
            let code = code.trim().to_uppercase();
            Some(store::membership::by_code(snapshot, &code).await?.ok_or(AccountError::NotFound)?)
        }
        _ => None,
    };
    let sees_all = actor.is_any(&[Role::Admin, Role::Auditor]);
    let id = match named {
        Some(id) if sees_all || led_ids(actor).contains(&id) => Some(id),
        Some(_) => return Err(AccountError::NotFound),
        None if sees_all => None,
        None => Some(*led_ids(actor).first().ok_or(AccountError::NotFound)?),
    };
    let name = match id {
        Some(id) => store::membership::organisation(snapshot, id).await?.ok_or(AccountError::NotFound)?.1,
        None => app.settings.cert.name.clone(),
    };
    Ok(Place { id, name })
}

/// The organisations that the actor leads, with their names: seldom more than two or three.
pub(crate) async fn led(
    snapshot: &mut Snapshot,
    app: &App,
    actor: &Actor,
) -> Result<Vec<Place>, AccountError> {
    let Some(person) = actor.person() else { return Ok(Vec::new()) };
    let held = store::membership::of_person(snapshot, person.id, app.env.now()).await?;
    Ok(held
        .into_iter()
        .filter(|held| held.role == Role::Lead)
        .map(|held| Place { id: held.organisation_id, name: held.organisation.unwrap_or_default() })
        .collect())
}

/// Whether the actor decides about people and keys there.
pub(crate) fn keeps(actor: &Actor, place: Option<OrganisationId>) -> bool {
    actor.is_any(&[Role::Admin]) || place.is_some_and(|id| led_ids(actor).contains(&id))
}

fn led_ids(actor: &Actor) -> Vec<OrganisationId> {
    let roles = actor.person().map_or(&[][..], |person| &person.roles);
    roles
        .iter()
        .filter(|(_, role)| *role == Role::Lead)
        .filter_map(|(organisation, _)| *organisation)
        .collect()
}
