//! Patterns (STIX 2.1, section 9): the observables that they compare are taken out, the rest stays
//! a pattern.
//!
//! `[ipv4-addr:value = '198.51.100.3' OR domain-name:value = 'evil.example']` gives two indicators.
//! Whether a pattern matches is for a detection tool: here nothing is evaluated.

mod token;

use std::collections::HashSet;

use super::observable::{Part, indicator};
use crate::Indicator;
use crate::indicator::IndicatorKind;
use token::{Path, Token, Tokens};

/// What was taken out of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// The observables that it compares for equality, each once, in its order.
    pub indicators: Vec<Indicator>,
    /// Whether it asks for several comparisons together, in an order, or at a time: then no
    /// indicator alone is what it means.
    pub together: bool,
    /// What of the pattern is not among the indicators.
    pub rest: Rest,
}

/// What of a pattern was not taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: every comparison is an indicator.
    Nothing,
    /// Other comparisons, such as LIKE and MATCHES, or of what is no kind of indicator.
    Comparisons,
    /// All of it: it is no well-formed pattern of STIX.
    Unreadable,
    /// All of it: it is written in another language, such as YARA.
    OtherLanguage,
}

impl Extract {
    /// Takes the observables out of a pattern of that type; STIX 2.0 names none.
    pub(super) fn of(pattern: &str, pattern_type: Option<&str>) -> Self {
        let nothing = |rest| Self { indicators: Vec::new(), together: false, rest };
        if pattern_type.is_some_and(|language| !language.eq_ignore_ascii_case("stix")) {
            return nothing(Rest::OtherLanguage);
        }
        let mut reading = Reading::default();
        if reading.read(Tokens::of(pattern)).is_none() {
            return nothing(Rest::Unreadable);
        }
        let rest = if reading.left_out { Rest::Comparisons } else { Rest::Nothing };
        Self { indicators: reading.indicators, together: reading.together, rest }
    }
}

#[derive(Default)]
struct Reading {
    indicators: Vec<Indicator>,
    seen: HashSet<Indicator>,
    together: bool,
    left_out: bool,
}

/// What is open. Kept in a list rather than followed by recursion, since depth is the writer's choice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Observation,
    Group,
}

impl Reading {
    /// Reads the whole pattern; nothing where it is not well formed.
    fn read(&mut self, mut tokens: Tokens<'_>) -> Option<()> {
        let mut open: Vec<Open> = Vec::new();
        let mut within = false;
        loop {
            // One comparison or observation, behind whatever opens it.
            match tokens.next()? {
                Token::Mark("(") => {
                    open.push(Open::Group);
                    continue;
                }
                Token::Mark("[") if !within => {
                    open.push(Open::Observation);
                    within = true;
                    continue;
                }
                Token::Path(path) if within => self.comparison(&path, &mut tokens)?,
                Token::Word(word) if within && word.eq_ignore_ascii_case("EXISTS") => {
                    matches!(tokens.next()?, Token::Path(_)).then_some(())?;
                    self.left_out = true;
                }
                _ => return None,
            }
            // What closes, and what joins it to the next.
            loop {
                let Some(token) = tokens.next() else {
                    return (tokens.ended() && open.is_empty()).then_some(());
                };
                match token {
                    Token::Mark(")") => (open.pop()? == Open::Group).then_some(())?,
                    Token::Mark("]") => {
                        (open.pop()? == Open::Observation).then_some(())?;
                        within = false;
                    }
                    Token::Word(word) => match word.to_ascii_uppercase().as_str() {
                        "OR" => break,
                        "AND" => {
                            self.together = true;
                            break;
                        }
                        "FOLLOWEDBY" if !within => {
                            self.together = true;
                            break;
                        }
                        "WITHIN" | "REPEATS" if !within => {
                            matches!((tokens.next()?, tokens.next()?), (Token::Word(_), Token::Word(_)))
                                .then_some(())?;
                            self.together = true;
                        }
                        "START" | "STOP" if !within => {
                            matches!(tokens.next()?, Token::Literal | Token::Text(_)).then_some(())?;
                            self.together = true;
                        }
                        _ => return None,
                    },
                    _ => return None,
                }
            }
        }
    }

    /// `= 'value'` and its like, behind a path.
    fn comparison(&mut self, path: &Path, tokens: &mut Tokens<'_>) -> Option<()> {
        let mut token = tokens.next()?;
        let mut negated = false;
        if matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("NOT")) {
            negated = true;
            token = tokens.next()?;
        }
        let equals = match token {
            Token::Mark("=" | "==") => !negated,
            Token::Mark("!=" | "<>" | "<" | ">" | "<=" | ">=") => false,
            Token::Word(word) if word.eq_ignore_ascii_case("IN") => {
                self.left_out = true;
                return set(tokens);
            }
            Token::Word(word) => {
                let known = ["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"];
                known.iter().any(|known| word.eq_ignore_ascii_case(known)).then_some(())?;
                false
            }
            _ => return None,
        };
        match tokens.next()? {
            Token::Text(value) if equals => self.take(path, &value),
            Token::Text(_) | Token::Literal | Token::Word(_) => self.left_out = true,
            _ => return None,
        }
        Some(())
    }

    fn take(&mut self, path: &Path, value: &str) {
        match observable(path, value) {
            Some(indicator) if self.seen.insert(indicator.clone()) => self.indicators.push(indicator),
            Some(_) => {}
            None => self.left_out = true,
        }
    }
}

/// `('a', 'b')`, behind IN; the grammar allows an empty one.
fn set(tokens: &mut Tokens<'_>) -> Option<()> {
    matches!(tokens.next()?, Token::Mark("(")).then_some(())?;
    let mut token = tokens.next()?;
    if token == Token::Mark(")") {
        return Some(());
    }
    loop {
        matches!(token, Token::Text(_) | Token::Literal | Token::Word(_)).then_some(())?;
        match tokens.next()? {
            Token::Mark(")") => return Some(()),
            Token::Mark(",") => token = tokens.next()?,
            _ => return None,
        }
    }
}

/// The indicator that an object path compared for equality stands for.
fn observable(path: &Path, value: &str) -> Option<Indicator> {
    let parts: Vec<&str> = path.parts.iter().map(String::as_str).collect();
    match (path.kind, parts.as_slice()) {
        ("email-message", ["from_ref" | "sender_ref", "value"]) => {
            indicator("email-addr", Part::Property("value"), value)
        }
        // The type of what is referred to is not told: its look tells it.
        ("network-traffic", ["src_ref" | "dst_ref", "value"]) => {
            let known =
                |kind| matches!(kind, IndicatorKind::Ipv4 | IndicatorKind::Ipv6 | IndicatorKind::Domain);
            value.parse::<Indicator>().ok().filter(|indicator| known(indicator.kind()))
        }
        (kind, ["hashes", algorithm]) => indicator(kind, Part::Hash(algorithm), value),
        (kind, [property]) => indicator(kind, Part::Property(property), value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
