//! Two texts of an advisory side by side, field by field and line by line: two of its versions, or
//! what stands now and what the second of two editors typed.
//!
//! Only what differs is shown, each with the line before and behind it.

use db::{DbError, Snapshot};
use similar::{ChangeTag, TextDiff};

use super::{Version, Wording, changes};
use crate::audience;

/// The most rows of one field that are shown.
const MOST_ROWS: usize = 200;

/// A field of which two texts say something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub what: &'static str,
    /// Its lines, the first of them.
    pub rows: Vec<Row>,
    /// How many more there are.
    pub more: usize,
}

impl Field {
    /// The id of its table on a page.
    pub fn id(&self) -> String {
        format!("beside-{}", self.what.to_lowercase().replace(' ', "-"))
    }
}

/// Two lines beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// They are the same.
    Same(String),
    /// They are not; a side that has no such line is empty.
    Differs(String, String),
    /// Here lines are left out that are the same.
    Gap,
}

/// Two versions: what they say, and to whom.
pub async fn versions(
    snapshot: &mut Snapshot,
    left: &Version,
    right: &Version,
) -> Result<Vec<Field>, DbError> {
    let (mut was, mut is) = (changes::worded(&left.wording), changes::worded(&right.wording));
    was.extend(audience::in_full(snapshot, left.id).await?);
    is.extend(audience::in_full(snapshot, right.id).await?);
    Ok(fields(&was, &is))
}

/// Two wordings.
pub fn wordings(left: &Wording, right: &Wording) -> Vec<Field> {
    fields(&changes::worded(left), &changes::worded(right))
}

fn fields(left: &[(&'static str, String)], right: &[(&'static str, String)]) -> Vec<Field> {
    let pairs = left.iter().zip(right).filter(|((_, left), (_, right))| left != right);
    pairs.map(|((what, left), (_, right))| field(what, left, right)).collect()
}

fn field(what: &'static str, left: &str, right: &str) -> Field {
    let [left, right] = [left, right].map(|text| format!("{text}\n"));
    let diff = TextDiff::configure().timeout(changes::PATIENCE).diff_lines(&left, &right);
    let mut rows = Vec::new();
    for (place, group) in diff.grouped_ops(1).iter().enumerate() {
        if place > 0 {
            rows.push(Row::Gap);
        }
        for op in group {
            let (mut lefts, mut rights) = (Vec::new(), Vec::new());
            for change in diff.iter_changes(op) {
                let line = change.value().trim_end().to_owned();
                match change.tag() {
                    ChangeTag::Equal => rows.push(Row::Same(line)),
                    ChangeTag::Delete => lefts.push(line),
                    ChangeTag::Insert => rights.push(line),
                }
            }
            let longest = lefts.len().max(rights.len());
            lefts.resize(longest, String::new());
            rights.resize(longest, String::new());
            rows.extend(lefts.into_iter().zip(rights).map(|(left, right)| Row::Differs(left, right)));
        }
    }
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    Field { what, rows, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_beside_those_whose_place_they_take() {
        let left = "One.\nTwo, as it was.\nThree.\nFour.\nFive.\nSix.";
        let right = "One.\nTwo, as it is.\nAnd more.\nThree.\nFour.\nFive.";
        let differs = |left: &str, right: &str| Row::Differs(left.to_owned(), right.to_owned());
        let same = |line: &str| Row::Same(line.to_owned());
        let rows = vec![
            same("One."),
            differs("Two, as it was.", "Two, as it is."),
            differs("", "And more."),
            same("Three."),
            Row::Gap,
            same("Five."),
            differs("Six.", ""),
        ];
        assert_eq!(field("Details", left, right), Field { what: "Details", rows, more: 0 });
    }

    #[test]
    fn only_what_differs_is_shown_and_a_text_that_is_nothing_but_changes_stays_a_page() {
        let before = Wording::titled("SMB");
        let mut after = before.clone();
        assert!(wordings(&before, &after).is_empty());
        let lines = |word: &str| (0..5_000).map(|n| format!("{word} {n}")).collect::<Vec<_>>().join("\n");
        after.content.details = lines("a");
        let mut last = after.clone();
        last.content.details = lines("b");
        let fields = wordings(&after, &last);
        assert_eq!(fields.iter().map(|field| field.what).collect::<Vec<_>>(), ["Threat details"]);
        assert_eq!((fields[0].rows.len(), fields[0].more), (MOST_ROWS, 5_000 - MOST_ROWS));
    }
}
