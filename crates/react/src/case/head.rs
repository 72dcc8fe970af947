//! What stands above every page of a case: whose it is, how it stands, and its other pages.

use super::{Party, Sight};
use crate::incident::store::Incident;

/// The pages of a case, in the order in which they are offered: what they are called, and their path below
/// `/incidents/{id}`. The first, the report, is not for guests.
const PARTS: &[(&str, &str)] = &[("Report", ""), ("Evidence", "/evidence")];

/// What stands above a page of a case.
#[derive(Clone, Debug)]
pub struct Head {
    /// The incident.
    pub incident: Incident,
    /// What this page is called.
    pub title: &'static str,
    /// The pages: what each is called, where it is, and whether it is this one.
    pub parts: Vec<(&'static str, String, bool)>,
}

impl Head {
    /// Above the page of this path below `/incidents/{id}`, for whoever has the case in this sight.
    pub fn of(sight: &Sight, path: &str) -> Self {
        let base = format!("/incidents/{}", sight.incident.id);
        let theirs = |part: &&(&str, &str)| !(part.1.is_empty() && sight.party == Party::Guest);
        let parts =
            PARTS.iter().filter(theirs).map(|&(label, each)| (label, format!("{base}{each}"), each == path));
        let title = PARTS.iter().find(|part| part.1 == path).map_or("Case", |part| part.0);
        Self { incident: sight.incident.clone(), title, parts: parts.collect() }
    }
}
