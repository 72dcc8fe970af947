//! Conditions that can be computed: comparisons of variables that stay what they are (sections 3.1.4, 10.18).
//!
//! Whatever is not known for certain is left to a person: a variable that may change while the playbook is
//! followed, since nothing is executed here that would change it, and every text that is more than comparisons.

use std::cmp::Ordering;

use super::super::{Playbook, Step, variable};

/// The deepest that parentheses and `NOT` may lie in each other.
const DEEPEST: usize = 32;

/// What the condition of a step comes to; `None` where only a person can say.
pub(super) fn holds(playbook: &Playbook, step: &Step, condition: &str) -> Option<bool> {
    let signs = signs(condition)?;
    let mut reading = Reading { playbook, step, signs: &signs, at: 0 };
    let holds = reading.any(0).ok()?;
    if reading.at == signs.len() { holds } else { None }
}

/// The value on which a switch depends; `None` where only a person can say.
pub(super) fn value<'a>(playbook: &'a Playbook, step: &'a Step, switch: &str) -> Option<&'a str> {
    let name = switch.trim();
    let name = name.strip_suffix(":value").unwrap_or(name);
    if variable::in_condition(name) == [name] { known(playbook, step, name) } else { None }
}

/// What a variable is, where that is certain.
fn known<'a>(playbook: &'a Playbook, step: &'a Step, name: &str) -> Option<&'a str> {
    let found = step.variables.get(name).or_else(|| playbook.variables.get(name))?;
    found.value.as_deref().filter(|_| found.constant && !found.external)
}

/// A sign of a condition.
#[derive(Clone, Debug, PartialEq)]
enum Sign<'a> {
    Variable(&'a str),
    Text(String),
    /// A number, `true`, or a word such as `AND`.
    Word(&'a str),
    /// `(`, `=`, `>=` and their like.
    Mark(&'a str),
}

/// The signs of a text; `None` where it holds others.
fn signs(text: &str) -> Option<Vec<Sign<'_>>> {
    let mut signs = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' || first == '"' {
            let inner = &rest[1..];
            let ends = inner.find(first)?;
            // What is escaped is not read: it is for a person then.
            if inner[..ends].contains('\\') {
                return None;
            }
            signs.push(Sign::Text(inner[..ends].to_owned()));
            ends + 2
        } else if rest.starts_with("__") {
            let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
            let length = rest.find(|sign| !is_part(sign)).unwrap_or(rest.len());
            let name = &rest[..length];
            if variable::in_condition(name) != [name] {
                return None;
            }
            signs.push(Sign::Variable(name));
            length + if rest[length..].starts_with(":value") { ":value".len() } else { 0 }
        } else if first.is_ascii_alphanumeric() || first == '-' {
            let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-';
            let length = rest.find(|sign| !is_part(sign)).unwrap_or(rest.len());
            signs.push(Sign::Word(&rest[..length]));
            length
        } else {
            let marks = ["==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ","];
            let mark = marks.into_iter().find(|mark| rest.starts_with(*mark))?;
            signs.push(Sign::Mark(mark));
            mark.len()
        };
        rest = rest[length..].trim_start();
    }
    Some(signs)
}

/// The text says more than comparisons.
struct Beyond;

/// What a part of it comes to; `None` where that is not known.
type Holds = Result<Option<bool>, Beyond>;

/// A way through the signs.
struct Reading<'a> {
    playbook: &'a Playbook,
    step: &'a Step,
    signs: &'a [Sign<'a>],
    at: usize,
}

/// A value that is compared; `None` where it is not known.
type Compared = Option<String>;

impl Reading<'_> {
    fn takes(&mut self, sign: &Sign<'_>) -> bool {
        let same = match (self.signs.get(self.at), sign) {
            (Some(Sign::Word(found)), Sign::Word(word)) => found.eq_ignore_ascii_case(word),
            (found, sign) => found == Some(sign),
        };
        self.at += usize::from(same);
        same
    }

    fn needs(&mut self, mark: &'static str) -> Result<(), Beyond> {
        if self.takes(&Sign::Mark(mark)) { Ok(()) } else { Err(Beyond) }
    }

    fn any(&mut self, depth: usize) -> Holds {
        let mut holds = self.all(depth)?;
        while self.takes(&Sign::Word("OR")) {
            holds = match (holds, self.all(depth)?) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok(holds)
    }

    fn all(&mut self, depth: usize) -> Holds {
        let mut holds = self.one(depth)?;
        while self.takes(&Sign::Word("AND")) {
            holds = match (holds, self.one(depth)?) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        Ok(holds)
    }

    fn one(&mut self, depth: usize) -> Holds {
        if depth > DEEPEST {
            return Err(Beyond);
        }
        if self.takes(&Sign::Word("NOT")) {
            return Ok(self.one(depth + 1)?.map(|holds| !holds));
        }
        for (opens, closes) in [("(", ")"), ("[", "]")] {
            if self.takes(&Sign::Mark(opens)) {
                let holds = self.any(depth + 1)?;
                return if self.takes(&Sign::Mark(closes)) { Ok(holds) } else { Err(Beyond) };
            }
        }
        let left = self.operand()?;
        let not = self.takes(&Sign::Word("NOT"));
        if self.takes(&Sign::Word("IN")) {
            return Ok(self.among(left)?.map(|holds| holds != not));
        }
        let Some(Sign::Mark(mark)) = self.signs.get(self.at).filter(|_| !not) else { return Err(Beyond) };
        self.at += 1;
        let right = self.operand()?;
        let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
        let order = compared(&left, &right);
        Ok(match *mark {
            "=" | "==" => Some(order == Some(Ordering::Equal)),
            "!=" | "<>" => Some(order != Some(Ordering::Equal)),
            "<" => order.map(Ordering::is_lt),
            "<=" => order.map(Ordering::is_le),
            ">" => order.map(Ordering::is_gt),
            ">=" => order.map(Ordering::is_ge),
            _ => return Err(Beyond),
        })
    }

    /// Whether it is one of those in parentheses.
    fn among(&mut self, left: Compared) -> Holds {
        self.needs("(")?;
        let mut all = Vec::new();
        loop {
            all.push(self.operand()?);
            if self.takes(&Sign::Mark(")")) {
                break;
            }
            self.needs(",")?;
        }
        let (Some(left), Some(all)) = (left, all.into_iter().collect::<Option<Vec<_>>>()) else {
            return Ok(None);
        };
        Ok(Some(all.iter().any(|each| compared(&left, each) == Some(Ordering::Equal))))
    }

    fn operand(&mut self) -> Result<Compared, Beyond> {
        let sign = self.signs.get(self.at).ok_or(Beyond)?;
        self.at += 1;
        match sign {
            Sign::Variable(name) => Ok(known(self.playbook, self.step, name).map(str::to_owned)),
            Sign::Text(text) => Ok(Some(text.clone())),
            Sign::Word(word) if word.parse::<f64>().is_ok() => Ok(Some((*word).to_owned())),
            Sign::Word(word @ ("true" | "false")) => Ok(Some((*word).to_owned())),
            Sign::Word(_) | Sign::Mark(_) => Err(Beyond),
        }
    }
}

/// How two values stand to each other: as numbers where both are, else only whether they are the same.
fn compared(left: &str, right: &str) -> Option<Ordering> {
    match (left.trim().parse::<f64>(), right.trim().parse::<f64>()) {
        (Ok(left), Ok(right)) if left.is_finite() && right.is_finite() => left.partial_cmp(&right),
        _ => (left == right).then_some(Ordering::Equal),
    }
}
