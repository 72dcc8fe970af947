//! Finding something within a case: in its timeline, tasks, notes, messages, decisions and observables, of the zones that
//! the reader has. Each typed word begins a word of what is found, as everywhere.
//!
//! A case is small: it is read behind its incident, the last first, and looked through here, where both engines fold
//! letters alike. What is read at once is bounded.

mod api;
mod pages;
mod store;

use db::Snapshot;
use jiff::Timestamp;
use platform::{
    fold::{self, Prefix},
    web::{Error, Route},
};
use uuid::Uuid;

use super::{Sight, Zone};
use crate::incident::IncidentId;

pub use api::openapi;
pub use store::Said;

/// As much as is read at once, and how often at most.
const CHUNK: usize = 2_000;
const CHUNKS: usize = 20;
/// The longest that is shown of what was found, in characters.
const SHOWN: usize = 240;
/// The longest that is looked for.
const LONGEST: usize = 200;

/// The routes of pages and of the API.
pub(crate) fn routes() -> Vec<Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

platform::vocabulary! {
    /// In what something was found.
    pub enum Place {
        Timeline = "timeline", "Timeline";
        Task = "task", "Task";
        Note = "note", "Note";
        Message = "message", "Message";
        Decision = "decision", "Decision";
        Observable = "observable", "Observable";
    }
}

impl Place {
    /// The page of what was found.
    pub fn page(self, incident: IncidentId, id: Uuid) -> String {
        let base = format!("/incidents/{incident}");
        match self {
            Self::Timeline => format!("{base}/timeline#entry-{id}"),
            Self::Task => format!("{base}/tasks/{id}"),
            Self::Note => format!("{base}/notes/{id}"),
            Self::Message => format!("{base}/messages"),
            Self::Decision => format!("{base}/decisions"),
            Self::Observable => format!("{base}/observables"),
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// In what.
    pub place: Place,
    /// Which.
    pub id: Uuid,
    /// Who reads it.
    pub zone: Zone,
    /// When it happened, was sent or was saved.
    pub at: Timestamp,
    /// The line in which the words stand, shortened.
    pub line: String,
}

/// Where a search goes on.
pub type Behind = (Timestamp, Uuid);

/// What of the case that is in this sight has these words, behind `from`, the last first, 51 at most; and whether the case
/// was looked through to its end.
pub async fn search(
    snapshot: &mut Snapshot,
    sight: &Sight,
    words: &str,
    from: Option<Behind>,
) -> Result<(Vec<Found>, bool), Error> {
    let prefixes = fold::prefixes(&words.chars().take(LONGEST).collect::<String>());
    if prefixes.is_empty() {
        return Ok((Vec::new(), true));
    }
    let mut from = from.unwrap_or((Timestamp::MAX, Uuid::max()));
    let mut found = Vec::new();
    for _ in 0..CHUNKS {
        let rows = store::said(snapshot, sight.incident.id, sight.reads, from).await?;
        let many = rows.len();
        let Some(last) = rows.last() else { return Ok((found, true)) };
        from = (last.moment, last.id);
        let looked = prefixes.clone();
        let looking = move || rows.into_iter().filter_map(|row| look(&row, &looked)).collect::<Vec<_>>();
        found.extend(tokio::task::spawn_blocking(looking).await.map_err(|_| Error::Internal)?);
        if found.len() > 50 || many < CHUNK {
            found.truncate(51);
            return Ok((found, many < CHUNK));
        }
    }
    Ok((found, false))
}

/// What was said, where it has all of these words.
fn look(said: &Said, prefixes: &[Prefix]) -> Option<Found> {
    if !has(&said.text, prefixes.iter()) {
        return None;
    }
    // The line that has the most of them.
    let many = |line: &&str| prefixes.iter().filter(|prefix| has(line, std::iter::once(*prefix))).count();
    let best = said.text.lines().rev().max_by_key(many).unwrap_or_default().trim();
    let mut line: String = best.chars().take(SHOWN).collect();
    if line.len() < best.len() {
        line.push('…');
    }
    Some(Found { place: said.place, id: said.id, zone: said.zone, at: said.moment, line })
}

fn has<'a>(text: &str, mut prefixes: impl Iterator<Item = &'a Prefix>) -> bool {
    let words = fold::words(text);
    prefixes.all(|prefix| words.iter().any(|word| word.starts_with(&prefix.from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        let moment = Timestamp::UNIX_EPOCH;
        Said { place: Place::Note, id: Uuid::nil(), zone: Zone::Shared, moment, text: text.to_owned() }
    }

    #[test]
    fn all_words_are_found_wherever_they_begin_and_the_line_that_has_most_is_shown() {
        let note = said("Ringing Zoë at the pharmacy\nThe backups of the pharmacy are whole\nA third");
        let found = |text: &str| look(&note, &fold::prefixes(text)).map(|found| found.line);
        assert_eq!(found("PHARM back").as_deref(), Some("The backups of the pharmacy are whole"));
        assert_eq!(found("zoe").as_deref(), Some("Ringing Zoë at the pharmacy"));
        assert_eq!(found("zoe third").as_deref(), Some("Ringing Zoë at the pharmacy"));
        assert_eq!(found("ups"), None);
        let long = look(&said(&"word ".repeat(100)), &fold::prefixes("word")).unwrap().line;
        assert!(long.ends_with('…') && long.chars().count() == SHOWN + 1);
    }
}
