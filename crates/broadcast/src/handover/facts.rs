//! The facts of the moment that a hand-over note begins with, as Markdown that its writer goes on with.

use std::fmt::Write as _;

use db::{DbError, Snapshot};
use jiff::Timestamp;

use super::store;
use crate::{
    advisory::{self, State, store::list::Wanted},
    question, sighting,
    threat::{
        Status,
        list::{self, Filter, Kinds},
    },
    triage::{self, Decision},
};

/// So many of each are named.
const NAMED: usize = 20;

/// The beginning of a note written at `now`; `site` is where the links lead.
pub(super) async fn beginning(
    snapshot: &mut Snapshot,
    now: Timestamp,
    site: &str,
) -> Result<String, DbError> {
    let act = Filter {
        status: Some(Status::New),
        kinds: Kinds::ToJudge,
        decision: Some(Decision::Act),
        ..Filter::default()
    };
    let act = list::list(snapshot, &act, None).await?;
    let claimed = store::claimed(snapshot).await?;
    let review = advisory::store::list::list(snapshot, Wanted::In(State::InReview), None).await?;
    let late = store::late(snapshot, now).await?;
    let (rose, sightings, questions) = (
        triage::store::how_many_rose(snapshot, now - triage::DAY).await?,
        sighting::store::waiting(snapshot).await?,
        question::store::waiting(snapshot).await?,
    );
    let mut text = "## What the next shift must know\n\n\n".to_owned();
    part(
        &mut text,
        "To act on, claimed by nobody",
        act.iter().map(|row| link(&row.title, &format!("{site}/threats/{}", row.id))),
    );
    part(
        &mut text,
        "Claimed",
        claimed.iter().map(|row| {
            let decision = Decision::of_rank(row.rank).map_or("", Decision::label);
            let by = row.by.as_deref().unwrap_or("somebody who has left");
            format!("{}: {}, {decision}", link(&row.title, &format!("{site}/threats/{}", row.id)), plain(by))
        }),
    );
    part(
        &mut text,
        "Advisories in review",
        review.iter().map(|row| {
            let address = format!("{site}/advisories/{}", row.number);
            format!("{}, {}", link(&format!("{} {}", row.number, row.title), &address), row.severity.label())
        }),
    );
    part(
        &mut text,
        "Alerts with deadlines that have passed",
        late.iter().map(|row| {
            let address = format!("{site}/sector/{}/late", row.id);
            let late = if row.late >= 1000 { "1,000 or more".to_owned() } else { row.late.to_string() };
            format!("{}: {late}", link(&format!("{} {}", row.number, row.title), &address))
        }),
    );
    let _ = writeln!(text, "## Besides\n\n- Threats that rose in the last 24 hours: {rose}");
    let _ = writeln!(text, "- Sightings that nobody has read yet: {sightings}");
    let _ = writeln!(text, "- Questions that wait for an answer: {questions}");
    Ok(text)
}

fn part(text: &mut String, heading: &str, rows: impl ExactSizeIterator<Item = String>) {
    let _ = writeln!(text, "## {heading}\n");
    let more = rows.len().saturating_sub(NAMED);
    if rows.len() == 0 {
        let _ = writeln!(text, "None.");
    }
    for row in rows.take(NAMED) {
        let _ = writeln!(text, "- {row}");
    }
    if more > 0 {
        let _ = writeln!(text, "- and more");
    }
    text.push('\n');
}

/// A link whose text stays what it is, whatever a source calls its threats.
fn link(text: &str, address: &str) -> String {
    format!("[{}]({address})", plain(text))
}

/// Text that means nothing in Markdown.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '!') {
            plain.push('\\');
        }
        plain.push(if letter.is_control() { ' ' } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_calls_a_threat_stays_text() {
        let evil = "a](https://evil.example) <b>*x*</b> ![y](z)\n# h";
        let html = formats::markdown::to_html(&link(evil, "https://carecert.example/threats/1"));
        let html = html.as_str();
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(html.contains("https://carecert.example/threats/1") && !html.contains("href=\"https://evil"));
        assert!(!html.contains("<b>") && !html.contains("<em>") && !html.contains("<h1>"), "{html}");
    }
}
