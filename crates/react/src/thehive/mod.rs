//! A part of TheHive's API v1 over our cases, so that what speaks it (the client thehive4py, and what is built on it) works
//! here: which calls, and what each is here, stands in docs/thehive.md.
//!
//! Whoever calls comes through the same door as everybody else, [`sight()`](crate::case::sight()), with an API key; a zone
//! that the key does not read does not exist. A property, word or operator that is not known is refused by its name and
//! never dropped. What only people decide here is refused, and says so. See docs/decisions/0041.

pub(crate) mod alert;
mod bulk;
mod case;
mod entry;
mod noun;
mod observable;
mod query;
mod routes;
mod said;
mod share;
mod task;
mod words;

use axum::extract::FromRequestParts;
use http::request::Parts;
use platform::{Actor, App, web::Error};

use crate::case::{Party, Sight, Zone};

pub(crate) use routes::routes;
pub(crate) use said::called;

/// Names the zone in which a call writes.
const ZONE: &str = "x-zone";
/// Names the organisation for which a call makes something, by its ODS code: as thehive4py sends it.
const ORGANISATION: &str = "x-organisation";

/// Who calls, and what their headers say.
#[derive(Clone, Debug)]
struct Caller {
    actor: Actor,
    zone: Option<Zone>,
    organisation: Option<String>,
}

impl Caller {
    /// The zone in which they write in this case: the one that they name, or their own side's. To share something they say
    /// so: a system that was set up without a thought of it tells nobody.
    fn zone(&self, sight: &Sight) -> Result<Zone, Error> {
        let own = match sight.party {
            Party::Cert => Zone::Cert,
            Party::Organisation => Zone::Own,
            // A guest writes where they were let in.
            Party::Guest => sight.reads.iter().next().ok_or(Error::NotFound)?,
        };
        let zone = self.zone.unwrap_or(own);
        sight.write(zone, "write in this part of the case")?;
        Ok(zone)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let header = |name: &str| {
            let value = parts.headers.get(name).map(http::HeaderValue::to_str).transpose();
            value.map_err(|_| Error::Invalid(format!("{name}: It cannot be read.")))
        };
        let zone = match header(ZONE)?.map(str::parse) {
            None => None,
            Some(Ok(zone)) => Some(zone),
            Some(Err(_)) => return Err(Error::Invalid("X-Zone: Send own, shared or cert.".to_owned())),
        };
        Ok(Self { actor, zone, organisation: header(ORGANISATION)?.map(str::to_owned) })
    }
}
