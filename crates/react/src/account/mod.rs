//! The account of an incident: all that its reader reads of the case, from the report to the lessons, in one document. It is
//! a page to print and a PDF file, both of the same blocks.
//!
//! It holds what the reader's zones hold and nothing else, or the shared zone alone: to be handed to the other side.

mod chapters;
mod gathered;
mod pages;

use db::{DbError, Snapshot};
use formats::{
    Tlp,
    paper::{Block, Paper},
};
use platform::web::{shell::Shell, show::in_sentence};

use crate::case::{Party, Sight, Zone, Zones};
use gathered::Gathered;
pub(crate) use pages::routes;

/// The most entries of the timeline that it tells, the last ones.
const MOST_ENTRIES: usize = 500;
/// The most decisions, the last ones.
const MOST_DECISIONS: usize = 100;
/// The most lessons, the last ones.
const MOST_LESSONS: usize = 50;

/// What of a case goes into the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All that the reader reads.
    #[default]
    Mine,
    /// What is shared.
    Shared,
}

impl Scope {
    /// The sight of whoever asks, made no wider.
    fn narrow(self, mut sight: Sight) -> Sight {
        if self == Self::Shared {
            let shared = [Zone::Shared].into_iter().filter(|zone| sight.reads.contains(*zone));
            sight.reads = shared.fold(Zones::default(), Zones::with);
        }
        sight
    }
}

/// The account of the case that its reader has in `sight`.
pub async fn account(snapshot: &mut Snapshot, shell: &Shell, sight: &Sight) -> Result<Paper, DbError> {
    let gathered = Gathered::of(snapshot, sight).await?;
    Ok(written(shell, sight, &gathered))
}

fn written(shell: &Shell, sight: &Sight, gathered: &Gathered) -> Paper {
    let chapters = chapters::Chapters { shell, sight, gathered };
    let incident = &sight.incident;
    let zones: Vec<String> = sight.reads.iter().map(|zone| in_sentence(zone.label())).collect();
    let mut about = vec![
        format!("{}, as it stood on {}. All times are UK time.", incident.called(), shell.instant(shell.now)),
        format!("It holds what is read by: {}.", zones.join("; ")),
    ];
    let alone = match sight.party {
        _ if sight.reads.contains(Zone::Cert) => {
            "It holds what only the CERT reads: do not hand it to the organisation."
        }
        Party::Organisation if sight.reads.contains(Zone::Own) => {
            "It holds what only the organisation reads: hand it to nobody else."
        }
        _ => "Hand it to nobody who was not let in to this case.",
    };
    about.push(alone.to_owned());
    let blocks: Vec<Block> = [
        chapters.what(),
        chapters.times(),
        chapters.priority(),
        chapters.impact(),
        chapters.clocks(),
        chapters.decisions(),
        chapters.lessons(),
        chapters.timeline(),
    ]
    .into_iter()
    .flatten()
    .collect();
    Paper {
        title: format!("Incident {}", incident.receipt),
        about,
        marking: Tlp::AmberStrict.to_string(),
        made_at: shell.now,
        blocks,
    }
}
