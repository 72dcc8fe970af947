//! What those who are asked read of a request: one place, so that whoever asks is shown exactly that before it is sent.

use jiff::Timestamp;
use platform::organisation::region_name;

use super::{Asked, Contact, Request, What};

/// What they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is asked for.
    pub what: What,
    /// The same in words.
    pub detail: String,
    /// How many are wanted.
    pub wanted: i64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who asks: its name, or the region alone.
    pub who: String,
    /// That it is for a cyber incident, where the asker says so.
    pub is_cyber: bool,
    /// Where, and whom to ring; only of who says who they are, and to those whose offer was accepted.
    pub where_and_whom: Option<(String, Contact)>,
}

impl Shown {
    /// What those read whose offer was accepted, or who have not offered.
    pub fn of(request: &Request, accepted: bool) -> Self {
        let named = request.is_named || accepted;
        let contact =
            Contact { name: request.contact_name.clone(), telephone: request.contact_telephone.clone() };
        Self {
            what: request.what,
            detail: request.detail.clone(),
            wanted: request.wanted,
            from: request.from_at,
            until: request.until_at,
            who: if named { request.name.clone() } else { somebody_in(&request.region) },
            is_cyber: request.is_cyber,
            where_and_whom: named.then(|| (request.place.clone(), contact)),
        }
    }

    /// What they would read of what is about to be asked by the organisation of this name and region.
    pub fn before(asked: &Asked, name: &str, region: &str) -> Self {
        Self {
            what: asked.what,
            detail: asked.detail.clone(),
            wanted: asked.wanted,
            from: asked.from,
            until: asked.until,
            who: if asked.is_named { name.to_owned() } else { somebody_in(region) },
            is_cyber: asked.is_cyber,
            where_and_whom: asked.is_named.then(|| (asked.place.clone(), asked.contact.clone())),
        }
    }
}

fn somebody_in(region: &str) -> String {
    if region.is_empty() {
        "An organisation that is not named".to_owned()
    } else {
        format!("An organisation in {}", region_name(region))
    }
}
