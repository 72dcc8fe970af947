//! Two texts that were made of the same one, put together line by line: what only one of them changed is taken from
//! that one. Where both changed the same lines both are kept, marked, for somebody to decide; nothing is dropped.

use std::time::Duration;

use similar::{DiffOp, TextDiff};

/// How long two texts are compared at most; after that whole parts count as changed.
const PATIENCE: Duration = Duration::from_millis(100);

/// What two texts are together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// At how many places both changed the same lines, so that both stand there.
    pub conflicts: usize,
}

/// Begins the lines of the one who saved first, where both changed the same.
pub const THEIRS: &str = "[Saved first:]";
/// Begins those of the one who saves second.
pub const OURS: &str = "[Saved second:]";
/// Ends them.
pub const END: &str = "[Both changed this. Decide what stays, and take these three marks out.]";

/// Puts together what two people made of `base`.
pub fn merge(base: &str, theirs: &str, ours: &str) -> Merged {
    let [base, theirs, ours] = [base, theirs, ours].map(|text| text.lines().collect::<Vec<_>>());
    let (in_theirs, in_ours) = (matches(&base, &theirs), matches(&base, &ours));
    let mut merged = Merging { lines: Vec::new(), conflicts: 0 };
    let (mut at, mut left, mut right) = (0, 0, 0);
    for (place, found) in in_theirs.iter().zip(&in_ours).enumerate() {
        // A line that both kept: what lies before it was changed by one of them, or by both.
        let (Some(next_left), Some(next_right)) = (*found.0, *found.1) else { continue };
        merged.between(&base[at..place], &theirs[left..next_left], &ours[right..next_right]);
        merged.lines.push(base[place]);
        (at, left, right) = (place + 1, next_left + 1, next_right + 1);
    }
    merged.between(&base[at..], &theirs[left..], &ours[right..]);
    Merged { text: merged.lines.join("\n"), conflicts: merged.conflicts }
}

struct Merging<'a> {
    lines: Vec<&'a str>,
    conflicts: usize,
}

impl<'a> Merging<'a> {
    fn between(&mut self, base: &[&'a str], theirs: &[&'a str], ours: &[&'a str]) {
        if ours == base || theirs == ours {
            self.lines.extend(theirs);
        } else if theirs == base {
            self.lines.extend(ours);
        } else {
            self.conflicts += 1;
            self.lines.push(THEIRS);
            self.lines.extend(theirs);
            self.lines.push(OURS);
            self.lines.extend(ours);
            self.lines.push(END);
        }
    }
}

/// For each line of `base`, where it stands in `other`, if it still does.
fn matches(base: &[&str], other: &[&str]) -> Vec<Option<usize>> {
    let mut found = vec![None; base.len()];
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(base, other);
    for op in diff.ops() {
        if let &DiffOp::Equal { old_index, new_index, len } = op {
            for place in 0..len {
                found[old_index + place] = Some(new_index + place);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(base: &str, theirs: &str, ours: &str) -> String {
        let merged = merge(base, theirs, ours);
        assert_eq!(merged.conflicts, 0, "{}", merged.text);
        merged.text
    }

    #[test]
    fn what_two_changed_in_different_places_is_all_there() {
        let base = "one\ntwo\nthree\nfour\nfive";
        assert_eq!(
            clean(base, "ONE\ntwo\nthree\nfour\nfive", "one\ntwo\nthree\nfour\nFIVE\nsix"),
            "ONE\ntwo\nthree\nfour\nFIVE\nsix"
        );
        assert_eq!(clean(base, "two\nthree\nfour\nfive", base), "two\nthree\nfour\nfive");
        assert_eq!(clean(base, base, "one\nfive"), "one\nfive");
        assert_eq!(clean("", "", "first"), "first");
        assert_eq!(clean("a\nb", "a\nnew\nb", "a\nnew\nb"), "a\nnew\nb");
        assert_eq!(clean("a", "", "a"), "");
    }

    #[test]
    fn what_two_changed_in_the_same_place_is_kept_of_both() {
        let merged = merge("one\ntwo\nthree", "one\nZWEI\nthree", "one\ndeux\nthree");
        assert_eq!(merged.conflicts, 1);
        for line in ["one", "ZWEI", "deux", "three", THEIRS, OURS, END] {
            assert!(merged.text.lines().any(|each| each == line), "{line}: {}", merged.text);
        }
        assert_eq!(merge("", "a", "b").conflicts, 1);
    }

    #[test]
    fn nothing_that_anybody_added_is_lost_whatever_was_changed() {
        // Every pair of texts that four lines can become by leaving some out and adding one.
        let lines = ["a", "b", "c", "d"];
        let variant = |mask: u32, added: &'static str, place: usize| {
            let mut kept: Vec<&str> = lines
                .iter()
                .enumerate()
                .filter(|(bit, _)| mask & (1 << bit) != 0)
                .map(|(_, line)| *line)
                .collect();
            kept.insert(place.min(kept.len()), added);
            kept.join("\n")
        };
        for mask in 0..16 {
            for other in 0..16 {
                for place in 0..5 {
                    let (theirs, ours) = (variant(mask, "theirs", place), variant(other, "ours", 4 - place));
                    let merged = merge("a\nb\nc\nd", &theirs, &ours);
                    let has = |line: &str| merged.text.lines().any(|each| each == line);
                    assert!(has("theirs") && has("ours"), "{theirs:?} {ours:?} {:?}", merged.text);
                }
            }
        }
    }
}
