//! Following a list of CVE records that changed: `delta.json` or `deltaLog.json` of the CVE Program's
//! repository. It leads to each record by itself, as a provider's list leads to advisories.

use std::{fmt::Display, io::Cursor};

use formats::cve_record::changes::{self, Changes};
use jiff::{SignedDuration, Timestamp};
use platform::{import::ImportRemark, uk};
use url::Url;

use super::{
    ACTOR, Following, Seen,
    list::{Listed, MOST, MOST_REFUSED},
    name_of, place,
};
use crate::{
    feed::ask::NotHeard,
    source::{Keys, Source},
    threat::intake::{self, ImportError},
};

/// A list of the last minutes begins soon after the one before it ended; later, something lies between.
const SOON: SignedDuration = SignedDuration::from_mins(5);

impl Following<'_> {
    /// Takes in the records that a list names and that were not read since they last changed.
    pub(super) async fn changed_records(
        &mut self,
        url: &Url,
        bytes: &[u8],
        seen: &Seen,
    ) -> Result<(), ImportError> {
        let mut list = match changes::read(bytes) {
            Ok(list) => list,
            Err(refusal) => {
                self.fail(NotHeard::because(refusal.reason));
                return Ok(());
            }
        };
        let file = name_of(url);
        let mut snapshot = self.app.read().await?;
        let before = place::listed_at(&mut snapshot, self.feed.id, url).await?;
        let again = place::to_be_tried(&mut snapshot, self.feed.id).await?;
        drop(snapshot);
        if let Some(reason) = gap(before, &list) {
            self.came.report.remark(ImportRemark { file: file.clone(), line: None, path: None, reason });
        }
        for refusal in list.refused.drain(..).take(MOST_REFUSED) {
            self.came.report.refuse(&file, refusal);
        }
        let named = list.changes.drain(..).take(MOST);
        let mut listed: Vec<Listed> = named.map(|it| Listed::alone(it.url, Some(it.at))).collect();
        if listed.is_empty() && self.came.report.refused > 0 {
            self.fail(NotHeard::because("Nothing in the list can be followed."));
            return Ok(());
        }
        // What could not be had and is named no more.
        listed.extend(again.into_iter().map(|(url, at)| Listed::alone(url, at)));
        let all = self.take_due(listed, &Keys::default()).await?;
        self.see(url, all.then_some(seen)).await?;
        if all && let (Some(since), Some(until)) = (list.since, list.until) {
            let mut tx = self.app.write().await?;
            place::read_whole(&mut tx, self.feed, url, since, until).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes in one record; says why it was refused, where it was.
    pub(super) async fn record(
        &mut self,
        listed: &Listed,
        bytes: Vec<u8>,
    ) -> Result<Option<NotHeard>, ImportError> {
        let (name, input) = (name_of(&listed.url), Cursor::new(bytes));
        let report = intake::take_in(self.app, &ACTOR, Source::Cve, input, &name, |_| {}).await?;
        let refused = report.refusals.first().map(|refusal| NotHeard::because(&refusal.reason));
        self.came.report.add(report);
        Ok(refused)
    }
}

fn show(at: Timestamp) -> impl Display {
    uk::local(at).strftime("%-d %B %Y, %H:%M")
}

/// What lies between what a list tells and the one that was read before it, where something does.
fn gap(before: Option<Timestamp>, list: &Changes) -> Option<String> {
    let (before, since) = (before?, list.since?);
    (since.duration_since(before) > SOON).then(|| {
        format!(
            "The list tells of what changed since {}, and the one that was read before ended on {}: records that \
             changed between may be missing here. Follow deltaLog.json, which holds thirty days, or import them.",
            show(since),
            show(before)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_does_not_reach_back_to_the_last_one_is_told_from_one_that_does() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let list = |since| Changes { since, ..Changes::default() };
        let before = at("2026-06-01T10:00:00Z");
        assert_eq!(gap(before, &list(at("2026-05-02T00:00:00Z"))), None);
        assert_eq!(gap(before, &list(at("2026-06-01T10:01:00Z"))), None);
        assert_eq!(gap(None, &list(at("2026-06-01T10:01:00Z"))), None);
        assert!(gap(before, &list(at("2026-06-01T10:16:00Z"))).is_some());
    }
}
