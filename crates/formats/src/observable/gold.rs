//! The gold set: what is found in texts of every sort, held against what a person found in them.

use std::collections::BTreeMap;

use super::{Nesting, ObservableKind, extract};

const GOLD: &str = include_str!("gold.txt");
/// The least share, of what is found and of what there is, over all and for each kind.
const LEAST: f64 = 0.97;
const LEAST_OF_A_KIND: f64 = 0.93;

type Found = (String, String);

/// A text and what stands in it.
struct Case {
    text: String,
    holds: Vec<Found>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for block in GOLD.split("\n\n") {
        let (holds, text): (Vec<_>, Vec<_>) =
            block.lines().filter(|line| !line.starts_with("# ")).partition(|line| line.starts_with("> "));
        if text.is_empty() {
            continue;
        }
        let holds = holds.iter().map(|line| line[2..].split_once(' ').unwrap());
        let holds = holds.map(|(kind, value)| (kind.to_owned(), value.to_owned())).collect();
        cases.push(Case { text: text.join("\n"), holds });
    }
    cases
}

/// How many were rightly found, wrongly found, and missed.
#[derive(Clone, Copy, Default)]
struct Score {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Score {
    fn precision(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.missed).max(1))
    }

    fn f1(self) -> f64 {
        2.0 * self.precision() * self.recall() / (self.precision() + self.recall()).max(f64::EPSILON)
    }
}

#[test]
fn the_gold_set_is_found() {
    let cases = cases();
    let negatives = cases.iter().filter(|case| case.holds.is_empty()).count();
    assert!(cases.len() >= 250 && negatives >= 40, "{} cases, {negatives} of them negative", cases.len());
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for Case { text, holds } in cases {
        let mut missed = holds;
        let mut wrong = Vec::new();
        for found in extract(&text, Nesting::Outermost) {
            let found = (found.kind.code().to_owned(), found.value);
            match missed.iter().position(|held| *held == found) {
                Some(at) => {
                    let (kind, _) = missed.remove(at);
                    scores.entry(kind).or_default().right += 1;
                }
                None => wrong.push(found),
            }
        }
        if !(missed.is_empty() && wrong.is_empty()) {
            println!("{text}\n  missed {missed:?}\n  wrong  {wrong:?}");
        }
        for (kind, _) in missed {
            scores.entry(kind).or_default().missed += 1;
        }
        for (kind, _) in wrong {
            scores.entry(kind).or_default().wrong += 1;
        }
    }
    let mut all = Score::default();
    for kind in ObservableKind::ALL {
        let score = scores.get(kind.code()).copied().unwrap_or_default();
        println!(
            "{kind}: {} found, P {:.3}, R {:.3}, F1 {:.3}",
            score.right,
            score.precision(),
            score.recall(),
            score.f1()
        );
        assert!(score.f1() >= LEAST_OF_A_KIND, "{kind}");
        all = Score {
            right: all.right + score.right,
            wrong: all.wrong + score.wrong,
            missed: all.missed + score.missed,
        };
    }
    println!("all: {} found, P {:.3}, R {:.3}, F1 {:.3}", all.right, all.precision(), all.recall(), all.f1());
    assert!(all.f1() >= LEAST);
}

#[test]
fn the_gold_set_is_found_in_one_long_text_too() {
    // What stands before a text must not change what is found in it.
    let mut text = String::new();
    let mut holds = Vec::new();
    for case in cases() {
        text.push_str(&case.text);
        text.push_str("\n\n");
        holds.extend(case.holds);
    }
    let found: Vec<_> =
        extract(&text, Nesting::Outermost).into_iter().map(|o| (o.kind.code().to_owned(), o.value)).collect();
    let right = holds.iter().filter(|held| found.contains(held)).count();
    assert!(right * 100 >= holds.len() * 97, "{right} of {}", holds.len());
    assert!(found.len() * 97 <= holds.len() * 100, "{} for {}", found.len(), holds.len());
}
