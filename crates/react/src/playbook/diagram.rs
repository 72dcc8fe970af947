//! A playbook as a drawing: boxes from above to below, what happens at the same time side by side.
//!
//! It shows no more than the list beside it says, which is for those who do not see it. Places are reckoned
//! here; the template only writes them down.

use askama::Template;
use formats::cacao::{Block, Playbook, StepKind};

use super::reading::Reading;

/// How wide a box is.
const BOX: i64 = 176;
/// Between boxes side by side.
const BESIDE: i64 = 16;
/// Between boxes one below the other.
const BELOW: i64 = 28;
/// The height of one line of words.
const LINE: i64 = 18;
/// Letters on a line.
const LETTERS: usize = 22;
/// Lines of one box.
const LINES: usize = 4;
/// Room for the words above a branch.
const WHEN: i64 = 22;

/// The drawing.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "playbook/diagram.html")]
pub struct Diagram {
    width: i64,
    height: i64,
    boxes: Vec<Placed>,
    paths: Vec<String>,
    words: Vec<Word>,
}

/// A step in its place.
#[derive(Clone, Debug)]
struct Placed {
    x: i64,
    y: i64,
    height: i64,
    /// How round its corners are.
    round: i64,
    kind: &'static str,
    lines: Vec<Word>,
}

/// A line of words in its place.
#[derive(Clone, Debug)]
struct Word {
    x: i64,
    y: i64,
    text: String,
}

impl Diagram {
    /// Draws a playbook, whose numbers are those of the list.
    pub fn of(playbook: &Playbook, reading: &Reading) -> Self {
        Self::marked(playbook, reading, |_| "")
    }

    /// The same, with a sign before the words of each step by its id: where people stand, what is done.
    pub fn marked(playbook: &Playbook, reading: &Reading, sign: impl Fn(&str) -> &'static str) -> Self {
        let lines = reading.sections.iter().flat_map(|section| &section.lines);
        let mut labels = lines.map(|line| format!("{}{} {}", sign(&line.step), line.number, line.what));
        let flow = playbook.flow();
        let drawn: Vec<Drawn> = flow.iter().map(|block| Drawn::of(block, &mut labels)).collect();
        let mut diagram = Self::default();
        let (width, height) = (widest(&drawn), tall(&drawn));
        diagram.stack(&drawn, width / 2, 1);
        diagram.width = width + 2;
        diagram.height = height + 4;
        diagram
    }

    /// Places one below the other, around a middle line; where it ends below.
    fn stack(&mut self, drawn: &[Drawn], middle: i64, top: i64) -> i64 {
        let mut y = top;
        for (place, each) in drawn.iter().enumerate() {
            if place > 0 {
                self.paths.push(format!("M {middle} {y} V {}", y + BELOW));
                y += BELOW;
            }
            y = self.place(each, middle, y);
        }
        y
    }

    fn place(&mut self, drawn: &Drawn, middle: i64, top: i64) -> i64 {
        let height = drawn.height();
        let first = top + LINE + 4;
        let lines = drawn.lines.iter().zip(0_i64..);
        let lines =
            lines.map(|(text, place)| Word { x: middle, y: first + place * LINE, text: text.clone() });
        self.boxes.push(Placed {
            x: middle - BOX / 2,
            y: top,
            height,
            round: drawn.round,
            kind: drawn.kind,
            lines: lines.collect(),
        });
        let bottom = top + height;
        if drawn.branches.is_empty() {
            return bottom;
        }
        let fork = bottom + BELOW / 2;
        let begins = fork + WHEN + 6;
        let deepest = drawn.branches.iter().map(|(_, blocks)| tall(blocks)).max().unwrap_or_default();
        let join = begins + deepest + BELOW / 2;
        self.paths.push(format!("M {middle} {bottom} V {fork}"));
        let whole = drawn.width();
        let mut left = middle - whole / 2;
        for (when, blocks) in &drawn.branches {
            let width = widest(blocks);
            let own = left + width / 2;
            self.paths.push(format!("M {middle} {fork} H {own} V {begins}"));
            self.words.push(Word { x: own, y: fork + LINE, text: when.clone() });
            let ends = self.stack(blocks, own, begins);
            self.paths.push(format!("M {own} {ends} V {join} H {middle}"));
            left += width + BESIDE;
        }
        join
    }
}

/// A block before it has a place.
struct Drawn {
    kind: &'static str,
    round: i64,
    lines: Vec<String>,
    branches: Vec<(String, Vec<Drawn>)>,
}

impl Drawn {
    /// Takes its label, and those of what it holds, in the order in which the list tells them.
    fn of(block: &Block<'_>, labels: &mut impl Iterator<Item = String>) -> Self {
        let (kind, round) = match block.step.kind {
            StepKind::If { .. } | StepKind::Switch { .. } => ("question", 22),
            StepKind::While { .. } => ("repeat", 22),
            StepKind::Parallel { .. } => ("fork", 4),
            StepKind::Playbook { .. } => ("playbook", 4),
            _ => ("action", 4),
        };
        let lines = wrapped(&labels.next().unwrap_or_default());
        let mut branches = Vec::new();
        for branch in &block.branches {
            let mut blocks = Vec::new();
            for within in &branch.blocks {
                blocks.push(Self::of(within, labels));
            }
            branches.push((branch.when.clone(), blocks));
        }
        if matches!(block.step.kind, StepKind::If { on_false: None, .. }) && !block.again {
            branches.push(("If no".to_owned(), Vec::new()));
        }
        Self { kind, round, lines, branches }
    }

    fn height(&self) -> i64 {
        16 + LINE * i64::try_from(self.lines.len()).unwrap_or_default()
    }

    /// How wide it is with its branches.
    fn width(&self) -> i64 {
        let branches: i64 = self.branches.iter().map(|(_, blocks)| widest(blocks) + BESIDE).sum();
        BOX.max(branches - BESIDE)
    }

    /// How tall it is with its branches.
    fn whole(&self) -> i64 {
        let deepest = self.branches.iter().map(|(_, blocks)| tall(blocks)).max();
        self.height() + deepest.map_or(0, |deepest| BELOW / 2 + WHEN + 6 + deepest + BELOW / 2)
    }
}

fn widest(drawn: &[Drawn]) -> i64 {
    drawn.iter().map(Drawn::width).max().unwrap_or(BOX)
}

fn tall(drawn: &[Drawn]) -> i64 {
    let between = BELOW * i64::try_from(drawn.len().saturating_sub(1)).unwrap_or_default();
    drawn.iter().map(Drawn::whole).sum::<i64>() + between
}

/// A text in lines that a box has room for.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        // A word that no line has room for is cut.
        let word: String = word.chars().take(LETTERS).collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LETTERS => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::built_ins;

    #[test]
    fn boxes_of_ours_lie_within_the_drawing_and_not_over_each_other() {
        for ours in built_ins() {
            let reading = Reading::of(&ours.playbook);
            let told: usize = reading.sections.iter().map(|section| section.lines.len()).sum();
            let drawn = Diagram::of(&ours.playbook, &reading);
            assert_eq!(drawn.boxes.len(), told, "{}", ours.slug);
            for (place, one) in drawn.boxes.iter().enumerate() {
                let fits = one.x >= 0 && one.x + BOX <= drawn.width && one.y + one.height <= drawn.height;
                assert!(fits, "{}: {one:?}", ours.slug);
                for other in &drawn.boxes[place + 1..] {
                    let beside = (one.x - other.x).abs() >= BOX;
                    let below = one.y + one.height <= other.y || other.y + other.height <= one.y;
                    assert!(beside || below, "{}: {one:?} {other:?}", ours.slug);
                }
            }
        }
    }

    #[test]
    fn words_are_wrapped_and_cut() {
        assert_eq!(wrapped("1 Ring IT on call, then the CERT"), ["1 Ring IT on call,", "then the CERT"]);
        assert_eq!(wrapped(&"word ".repeat(40)).len(), LINES);
        assert!(wrapped(&"x".repeat(400))[0].chars().count() <= LETTERS);
        assert!(wrapped("").is_empty());
    }
}
