//! A case taken along as a file for other systems: a bundle of STIX 2.1, or an event of MISP.
//!
//! It holds what its reader reads and nothing else, each thing marked by its zone. The victim is not named in it, and no
//! free text is in it that might name them, unless the reader asks for that. Who wrote or did what is never in it.

pub mod api;
mod misp;
mod pages;
mod stix;
mod store;

use std::collections::HashSet;

use formats::{
    ObservableKind, Tlp,
    name_uuid::{OF_URLS, name_uuid},
};
use jiff::Timestamp;
use platform::{
    App,
    web::{Error, Route},
};

use super::{Party, Sight, Zone, Zones, timeline};
use crate::{
    incident::store::Incident,
    observable::{self, leaving_out},
    triage,
};

/// The most observables and the most entries of the timeline that one file holds; it says so where there are more.
const MOST: usize = 10_000;

/// The routes of pages and of the API.
pub(crate) fn routes() -> Vec<Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

/// In which form a case is taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bundle of STIX 2.1.
    Stix,
    /// An event of MISP.
    Misp,
}

impl Form {
    /// The media type of its file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Stix => "application/stix+json;version=2.1",
            Self::Misp => "application/json",
        }
    }

    /// How its file's name ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Stix => "stix.json",
            Self::Misp => "misp.json",
        }
    }
}

/// What of a case is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// One zone alone; all that are read where this is absent.
    pub zone: Option<Zone>,
    /// Whether the victim is named, and what was written in the timeline is told.
    pub victim: bool,
}

/// An observable as it is taken along.
#[derive(Clone, Debug)]
struct Seen {
    kept: observable::store::Kept,
    kind: ObservableKind,
}

impl Seen {
    /// Whether it is taken for a trace of the attack, so that others may look for it: it was neither found to be often
    /// harmless nor shared by many, nor does it say too little.
    fn is_trace(&self) -> bool {
        self.kept.left_out.is_empty()
    }
}

/// What is taken along of a case.
#[derive(Debug)]
struct Taken {
    incident: Incident,
    /// The party that takes it.
    party: Party,
    zones: Zones,
    victim: bool,
    /// What kind of incident it was said to be, as the taxonomy codes it.
    kind: Option<String>,
    /// The shared zone first, so that what stands in several is marked by that.
    observables: Vec<Seen>,
    entries: Vec<timeline::Read>,
    /// Whether there is more than a file holds.
    is_cut: bool,
    /// When something last happened.
    changed_at: Timestamp,
    /// Who makes the file.
    maker: String,
    /// In which this installation's identifiers are made.
    namespace: u128,
}

/// How far what stands in a zone may travel. What one side has for itself is for those who took it alone.
const fn marking(zone: Zone) -> Tlp {
    match zone {
        Zone::Shared => Tlp::AmberStrict,
        Zone::Own | Zone::Cert => Tlp::Red,
    }
}

impl Taken {
    /// How far the file as a whole may travel.
    fn tlp(&self) -> Tlp {
        let zones = self.observables.iter().map(|seen| seen.kept.zone);
        let zones = zones.chain(self.entries.iter().map(|entry| entry.zone));
        zones.map(marking).max().unwrap_or(Tlp::AmberStrict)
    }

    /// Whether what was reported, and how urgent it is, may be told: both stand in the shared zone, and guests do not
    /// read the report.
    fn tells_report(&self) -> bool {
        self.zones.contains(Zone::Shared) && self.party != Party::Guest
    }

    /// How urgent it is, where that may be told.
    fn priority(&self) -> Option<triage::Priority> {
        self.incident.priority.filter(|_| self.zones.contains(Zone::Shared))
    }
}

/// Reads what is wanted of the case that is in this sight.
async fn take(app: &App, sight: Sight, wanted: Wanted) -> Result<Taken, Error> {
    let zones = match wanted.zone {
        Some(zone) => {
            sight.read(zone)?;
            Zones::of(&[zone])
        }
        None => sight.reads,
    };
    let id = sight.incident.id;
    let mut snapshot = app.db.read_long().await?;
    let mut rows = store::observables(&mut snapshot, id, zones).await?;
    let entries = if wanted.victim { store::entries(&mut snapshot, id, zones).await? } else { Vec::new() };
    let last = store::last(&mut snapshot, id, zones).await?;
    let kind =
        if zones.contains(Zone::Shared) { triage::store::kind(&mut snapshot, id).await? } else { None };
    let own = observable::actions::own_domains(&mut snapshot, &sight.incident).await?;
    drop(snapshot);
    let is_cut = rows.len() > MOST || entries.len() > MOST;
    rows.truncate(MOST);
    let mut met = HashSet::new();
    let seen = |kept: observable::store::Kept| Some(Seen { kind: observable::kind_of(&kept.kind)?, kept });
    let told = |seen: &Seen| wanted.victim || !leaving_out::is_own(seen.kind, &seen.kept.value, &own);
    let observables = rows.into_iter().filter_map(seen).filter(told);
    let observables = observables.filter(|seen| met.insert((seen.kind, seen.kept.value.clone()))).collect();
    let incident = sight.incident;
    let moments = [Some(incident.opened_at), incident.taken_at, incident.closed_at, last];
    Ok(Taken {
        changed_at: moments.into_iter().flatten().max().unwrap_or(incident.opened_at),
        party: sight.party,
        victim: wanted.victim,
        maker: app.settings.cert.name.clone(),
        namespace: name_uuid(OF_URLS, app.settings.public_url.as_bytes()),
        entries: entries.into_iter().take(MOST).filter(|entry| !entry.text.is_empty()).collect(),
        incident,
        zones,
        kind,
        observables,
        is_cut,
    })
}

/// The file.
async fn file(app: &App, sight: Sight, form: Form, wanted: Wanted) -> Result<Vec<u8>, Error> {
    let taken = take(app, sight, wanted).await?;
    // Twenty megabytes at the most: written where they hold nobody else up.
    let written = tokio::task::spawn_blocking(move || match form {
        Form::Stix => stix::bundle(&taken),
        Form::Misp => misp::event(&taken),
    });
    match written.await {
        Ok(Ok(bytes)) => Ok(bytes),
        failed => {
            tracing::error!(?failed, "a case could not be written as a file");
            Err(Error::Internal)
        }
    }
}
