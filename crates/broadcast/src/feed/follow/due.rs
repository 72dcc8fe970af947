//! Reading what a list names and was not read since it last changed: the newest first, so many at a time.

use std::{cmp::Reverse, collections::HashSet, panic::AssertUnwindSafe};

use futures::FutureExt;

use super::{Following, list::Listed, name_of, place};
use crate::{
    feed::ask::NotHeard,
    source::{Keys, Source},
    threat::intake::{ImportError, LARGEST},
};

/// The most documents of one asking; the next one comes soon where some are left.
const MOST: usize = 200;
/// The largest file of one CVE record, in bytes.
const RECORD: u64 = 4 * 1024 * 1024;

impl Following<'_> {
    /// Takes in those documents that are due; says whether none is left to be tried again.
    pub(super) async fn take_due(&mut self, listed: Vec<Listed>, keys: &Keys) -> Result<bool, ImportError> {
        let named = listed.len();
        let (due, stands) = self.due(listed).await?;
        let (mut done, mut fresh, mut missed) = (0, 0, Vec::new());
        for (each, tries) in due.iter().take(MOST) {
            if self.now() >= self.until {
                break;
            }
            // One that cannot be dealt with here must not stand in the way of the others.
            let failure = AssertUnwindSafe(self.document_of(each, keys)).catch_unwind().await;
            let failure = failure.unwrap_or_else(|_| {
                Some(NotHeard::because("It stopped unexpectedly; the program's own log says where."))
            });
            // An outage uses up no try.
            let tried = failure.as_ref().map_or(0, |failure| tries + i64::from(!failure.is_passing));
            let reason = failure.as_ref().map(|failure| failure.reason.as_str());
            let mut tx = self.app.write().await?;
            if !place::note(&mut tx, self.feed, &each.url, each.at, tried, reason).await? {
                // What was decided about the feed has changed: its next turn begins anew.
                break;
            }
            tx.commit().await?;
            done += 1;
            fresh += usize::from(*tries == 0);
            let Some(failure) = failure else { continue };
            missed.push((*tries == 0, format!("{}: {}", name_of(&each.url), failure.reason)));
            if failure.retry_after.is_some() {
                self.fail(failure);
                break;
            }
        }
        self.came.remaining = due.len() - done;
        // A list of which nothing was ever taken in is not well, however often it was tried.
        let is_nothing = named > 0 && !stands && missed.len() == done && (done > 0 || due.is_empty());
        let is_whole = missed.is_empty() && self.came.remaining == 0 && !is_nothing;
        // A list none of whose news can be had is worth no more than one that cannot be read.
        if fresh > 0 && missed.iter().filter(|(is_fresh, _)| *is_fresh).count() == fresh {
            self.fail(NotHeard::because(format!(
                "What is new in the list cannot be taken in, {fresh} in all."
            )));
        } else if is_nothing {
            self.fail(NotHeard::because(format!(
                "Nothing that the list names could be taken in, {named} in all."
            )));
        }
        self.came.missed.extend(missed.into_iter().map(|(_, sentence)| sentence));
        Ok(is_whole)
    }

    /// Those documents that were not read since they last changed, the newest first, each with how
    /// often it was tried; and whether one of the others was taken in.
    async fn due(&self, listed: Vec<Listed>) -> Result<(Vec<(Listed, i64)>, bool), ImportError> {
        if listed.is_empty() {
            return Ok((Vec::new(), false));
        }
        let known = place::known(&mut self.app.db.read_long().await?, self.feed.id).await?;
        let mut named = HashSet::new();
        let (mut due, mut stands) = (Vec::new(), false);
        for each in listed {
            let before = known.get(each.url.as_str());
            stands |= before.is_some_and(place::Known::was_taken_in);
            if before.is_none_or(|before| before.is_due(each.at)) && named.insert(each.url.clone()) {
                let tries = before.map_or(0, |before| before.tries(each.at));
                due.push((each, tries));
            }
        }
        due.sort_by_key(|(each, _)| Reverse(each.at));
        Ok((due, stands))
    }

    /// Reads one document and takes it in; says why not, where it could not be.
    async fn document_of(&mut self, listed: &Listed, keys: &Keys) -> Option<NotHeard> {
        let is_record = self.feed.source == Source::Cve;
        let bytes = match self.fetch(&listed.url, if is_record { RECORD } else { LARGEST }).await {
            Ok(bytes) => bytes,
            Err(missed) => return Some(missed),
        };
        let taken =
            if is_record { self.record(listed, bytes).await } else { self.proven(listed, bytes, keys).await };
        taken.unwrap_or_else(|error| Some(NotHeard::because(error.to_string())))
    }
}
