//! What an update changes: its wording and audience laid beside those of the version that stands.
//!
//! Whoever approves or publishes an update reads this first; one that changes nothing is not
//! submitted. Compared is what readers see, field by field.

use std::time::Duration;

use db::{DbError, Snapshot};
use platform::web::{shell::Language, show};
use similar::{ChangeTag, TextDiff};

use super::{Category, Severity, ThreatType, Vector, Version, Wording, store};
use crate::audience;

/// The longest value that is shown whole, before and after; longer ones are compared line by line.
const SHORT: usize = 200;
/// The most changed lines of one field that are shown.
const MOST_LINES: usize = 100;
/// After so long a comparison becomes coarser, so that no text, however long, holds a page up.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// What a version changes against the one that stands.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The number of the version that stands.
    pub since: i64,
    /// Each field that differs, in the order in which they are read.
    pub fields: Vec<Change>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub what: &'static str,
    /// How it differs.
    pub how: How,
}

/// How a field differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// One short value took the place of another; empty for none.
    Value {
        /// What stands.
        was: String,
        /// What is to stand.
        is: String,
    },
    /// Lines were added to a long text, or taken out.
    Lines {
        /// The first of them, in their order.
        lines: Vec<Line>,
        /// How many more there are.
        more: usize,
    },
}

/// A line that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is new.
    Added(String),
    /// It stands no longer.
    TakenOut(String),
}

/// What `version` changes; `None` where it is an advisory's first.
pub async fn of(snapshot: &mut Snapshot, version: &Version) -> Result<Option<Changes>, DbError> {
    let standing = store::standing(snapshot, version.advisory).await?;
    let Some(standing) = standing.filter(|standing| standing.id != version.id) else { return Ok(None) };
    let mut was = worded(&standing.wording);
    let mut is = worded(&version.wording);
    was.extend(audience::in_full(snapshot, standing.id).await?);
    is.extend(audience::in_full(snapshot, version.id).await?);
    Ok(Some(Changes { since: standing.version, fields: between(was, is) }))
}

/// The fields of which the same list says something else.
fn between(was: Vec<(&'static str, String)>, is: Vec<(&'static str, String)>) -> Vec<Change> {
    let pairs = was.into_iter().zip(is).filter(|((_, was), (_, is))| was != is);
    pairs.map(|((what, was), (_, is))| Change { what, how: how(was, is) }).collect()
}

fn how(was: String, is: String) -> How {
    if [&was, &is].iter().all(|text| text.len() <= SHORT && !text.contains('\n')) {
        return How::Value { was, is };
    }
    let [was, is] = [was + "\n", is + "\n"];
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&was, &is);
    let lines = diff.iter_all_changes().filter_map(|change| {
        let line = change.value().trim_end().to_owned();
        match change.tag() {
            _ if line.is_empty() => None,
            ChangeTag::Equal => None,
            ChangeTag::Insert => Some(Line::Added(line)),
            ChangeTag::Delete => Some(Line::TakenOut(line)),
        }
    });
    let mut lines: Vec<_> = lines.collect();
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    How::Lines { lines, more }
}

/// Every field as its readers see it, one item of a list to a line.
pub(crate) fn worded(wording: &Wording) -> Vec<(&'static str, String)> {
    let content = &wording.content;
    let all = |labels: Vec<&str>| labels.join(", ");
    let lines = |lines: Vec<String>| lines.join("\n");
    let platform = |platform: &super::Platform| match platform.versions.as_slice() {
        [] => platform.name.clone(),
        versions => format!("{}: {}", platform.name, versions.join(", ")),
    };
    let step = |step: &super::Step| {
        let link = step.link.as_ref().map(|link| format!("\n{link}")).unwrap_or_default();
        format!("{}: {}{link}", step.kind.label(), step.text)
    };
    vec![
        ("Title", wording.title.clone()),
        ("Severity", Severity::label(wording.severity).to_owned()),
        ("Marking", wording.tlp.to_string()),
        ("Summary", content.summary.clone()),
        ("Threat type", content.threat_type.map_or("", ThreatType::label).to_owned()),
        ("Category", all(content.categories.iter().copied().map(Category::label).collect())),
        ("Threat vector", all(content.vectors.iter().copied().map(Vector::label).collect())),
        ("CVE numbers", lines(content.cves.iter().map(ToString::to_string).collect())),
        (
            "Definitive source",
            content.source.as_ref().map(|link| format!("{}, {}", link.name, link.url)).unwrap_or_default(),
        ),
        ("Affected platforms", lines(content.platforms.iter().map(platform).collect())),
        (
            "Updates",
            lines(
                content
                    .updates
                    .iter()
                    .map(|update| {
                        let day = show::date(update.date, Language::English);
                        format!("{day}: {}\n{}", update.title, update.text)
                    })
                    .collect(),
            ),
        ),
        ("Threat details", content.details.clone()),
        ("Introduction to the remediation", content.remediation.clone()),
        ("Remediation steps", lines(content.steps.iter().map(step).collect())),
        (
            "Indicators",
            lines(
                content
                    .indicators
                    .iter()
                    .map(|indicator| format!("{}: {}", indicator.kind().label(), indicator.defanged()))
                    .collect(),
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_shown_whole_and_long_ones_by_the_line() {
        let before = Wording::titled("SMB");
        let mut after = before.clone();
        after.severity = Severity::High;
        after.content.details = "First.\nSecond, as it was.".to_owned();
        let mut last = after.clone();
        last.content.details = "First.\nSecond, as it is.\nThird.".to_owned();
        let changed = |was: &Wording, is: &Wording| between(worded(was), worded(is));
        assert!(changed(&before, &before).is_empty());
        let value = |was: &str, is: &str| How::Value { was: was.to_owned(), is: is.to_owned() };
        assert_eq!(changed(&before, &after)[0], Change { what: "Severity", how: value("Medium", "High") });
        let lines = vec![
            Line::TakenOut("Second, as it was.".to_owned()),
            Line::Added("Second, as it is.".to_owned()),
            Line::Added("Third.".to_owned()),
        ];
        let how = How::Lines { lines, more: 0 };
        assert_eq!(changed(&after, &last), [Change { what: "Threat details", how }]);
    }

    #[test]
    fn a_text_that_is_nothing_but_changes_stays_a_page() {
        let lines =
            |word: &str| (0..5_000).map(|line| format!("{word} {line}")).collect::<Vec<_>>().join("\n");
        let How::Lines { lines, more } = how(lines("a"), lines("b")) else { panic!("by the line") };
        assert_eq!((lines.len(), more), (MOST_LINES, 10_000 - MOST_LINES));
    }
}
