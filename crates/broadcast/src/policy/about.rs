//! `/about/response-policy`: what alerts ask, by when, and who is told as time runs out, for everybody who answers them;
//! made of the policy itself, so that the two never differ.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    access::Rule,
    web::{
        Error, Route,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{Ladder, Policy, Tell, When};
use crate::advisory::Severity;

/// The page's row of the route table.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/about/response-policy", Rule::SignedIn, show)]
}

/// Which policy; that of today where none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    policy: String,
}

/// What alerts of one severity ask.
struct Asked {
    severity: Severity,
    steps: Vec<Step>,
}

/// One thing that is asked, and what happens as its time runs out.
struct Step {
    id: String,
    what: &'static str,
    means: &'static str,
    within: String,
    rungs: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "policy/about.html")]
struct AboutPage {
    shell: Shell,
    policy: &'static Policy,
    is_current: bool,
    asked: Vec<Asked>,
    /// The severities that ask for nothing by a day.
    others: Vec<&'static str>,
}

/// `GET /about/response-policy`
async fn show(shell: Shell, Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    let current = Policy::current(shell.now);
    let policy = match wanted.policy.as_str() {
        "" => current,
        id => Policy::by_id(id).ok_or(Error::NotFound)?,
    };
    let asks = |severity: &Severity| policy.asks(severity.code()).is_some();
    let page = AboutPage {
        asked: Severity::ALL.iter().filter_map(|severity| Asked::of(policy, *severity)).collect(),
        others: Severity::ALL.iter().filter(|each| !asks(each)).map(|each| each.label()).collect(),
        is_current: policy.id() == current.id(),
        shell,
        policy,
    };
    Ok(render(StatusCode::OK, &page))
}

impl Asked {
    fn of(policy: &Policy, severity: Severity) -> Option<Self> {
        let asked = policy.asks(severity.code())?;
        let steps = [
            ("acknowledge", "Acknowledge", "Say that somebody has it in hand.", &asked.acknowledge),
            (
                "update",
                "Say how it goes",
                "From each update to the next; you may choose an earlier day, or a later one with a reason.",
                &asked.update,
            ),
            (
                "remediate",
                "Close it",
                "Remediated, mitigated, or the risk accepted by the executive.",
                &asked.remediate,
            ),
        ];
        let steps = steps.map(|(name, what, means, ladder)| Step::of(severity, name, (what, means), ladder));
        Some(Self { severity, steps: steps.into() })
    }
}

impl Step {
    fn of(
        severity: Severity,
        name: &'static str,
        (what, means): (&'static str, &'static str),
        ladder: &Ladder,
    ) -> Self {
        let begins = if name == "update" { "the last update" } else { "the alert" };
        let rung = |rung: &super::Rung| (moment(rung.when, begins), told(rung.tell));
        Self {
            id: format!("{}-{name}", severity.code()),
            what,
            means,
            within: long(ladder.within),
            rungs: ladder.rungs.iter().map(rung).collect(),
        }
    }
}

/// When something happens, in words.
fn moment(when: When, begins: &str) -> String {
    match when {
        When::Start(after) if after.is_zero() => format!("With {begins}"),
        When::Start(after) => format!("{} after {begins}", long(after)),
        When::Due(after) if after.is_zero() => "At the deadline".to_owned(),
        When::Due(after) if after.is_negative() => format!("{} before the deadline", long(after.abs())),
        When::Due(after) => format!("{} after the deadline", long(after)),
    }
}

/// Who is told, in words.
const fn told(tell: Tell) -> &'static str {
    match tell {
        Tell::Contacts => "Those who were told of the alert, as a reminder",
        Tell::Deputies => "Deputies and the shared mailbox too",
        Tell::Executive => "The executive (SIRO)",
        Tell::Region => "The body of the region: that it is late, and nothing of what was said",
        Tell::Ring => "The CERT rings the organisation",
    }
}

/// A length of time in words: in days from two whole ones on.
fn long(length: SignedDuration) -> String {
    match length.as_hours() {
        1 => "1 hour".to_owned(),
        hours if hours >= 48 && hours % 24 == 0 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_words() {
        let said = |text: &str| moment(text.parse().expect("a moment"), "the alert");
        assert_eq!(said("start + 12h"), "12 hours after the alert");
        assert_eq!(said("due - 1h"), "1 hour before the deadline");
        assert_eq!(said("due - 1d"), "24 hours before the deadline");
        assert_eq!(said("due"), "At the deadline");
        assert_eq!(said("due + 3d"), "3 days after the deadline");
    }
}
