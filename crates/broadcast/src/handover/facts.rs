//! The facts of the moment that a hand-over note begins with, as Markdown that its writer goes on with.

use std::fmt::Write as _;

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    App, Service,
    waiting::{Urgency, Waiting, counted},
    web::{shell::Language, show},
};

use super::store;
use crate::{
    threat::{
        Status,
        list::{self, Filter, Kinds},
    },
    triage::{self, Decision},
    waiting::new_threats,
};

/// So many threats of a kind are named: those that come first in the list.
const NAMED: usize = 5;

/// The beginning of a note written at `now`: first what is open and wants somebody, of every service, then the threats
/// that come first.
pub(super) async fn beginning(snapshot: &mut Snapshot, now: Timestamp, app: &App) -> Result<String, DbError> {
    let site = &app.settings.public_url;
    let mut text = "## What the next shift must know\n\n\n".to_owned();
    let mut quiet = Vec::new();
    for (heading, lines) in open(snapshot, now, app.services).await? {
        if lines.is_empty() {
            quiet.push(heading.to_lowercase());
            continue;
        }
        let _ = writeln!(text, "## {heading}\n");
        for each in lines {
            let _ = writeln!(text, "- {}", line(&each, site));
        }
        text.push('\n');
    }
    if !quiet.is_empty() {
        let _ = writeln!(text, "Nothing waits of: {}.\n", quiet.join(", "));
    }
    threats(snapshot, now, site, &mut text).await?;
    Ok(text)
}

/// What is open under each heading, the most urgent first, and of the headings that first which has it.
async fn open(
    snapshot: &mut Snapshot,
    now: Timestamp,
    services: &[&Service],
) -> Result<Vec<(&'static str, Vec<Waiting>)>, DbError> {
    let mut headings: Vec<(&'static str, Vec<Waiting>)> = Vec::new();
    for part in services.iter().flat_map(|service| service.shift) {
        let lines = (part.read)(snapshot, now).await?;
        match headings.iter_mut().find(|(heading, _)| *heading == part.heading) {
            Some((_, before)) => before.extend(lines),
            None => headings.push((part.heading, lines)),
        }
    }
    for (_, lines) in &mut headings {
        lines.sort_by_key(|each| each.urgency);
    }
    headings.sort_by_key(|(_, lines)| lines.first().map_or(Urgency::Open, |first| first.urgency));
    Ok(headings)
}

fn line(each: &Waiting, site: &str) -> String {
    let now = if each.urgency == Urgency::Now { "**Now:** " } else { "" };
    let mut line = format!("{now}{}", link(&each.words, &format!("{site}{}", each.href)));
    if !each.hint.is_empty() {
        let _ = write!(line, ": {}", plain(&each.hint));
    }
    if let Some(due) = each.due {
        let _ = write!(line, ", until {}", show::instant(due.as_microsecond(), Language::English));
    }
    line
}

/// Which threats come first, and how many more there are.
async fn threats(
    snapshot: &mut Snapshot,
    now: Timestamp,
    site: &str,
    text: &mut String,
) -> Result<(), DbError> {
    text.push_str("## Threats\n\n");
    for (decision, what) in [
        (Decision::Act, "To act on, claimed by nobody"),
        (Decision::Attend, "To attend to, claimed by nobody"),
    ] {
        let new = Filter {
            status: Some(Status::New),
            kinds: Kinds::ToJudge,
            decision: Some(decision),
            ..Filter::default()
        };
        let first = list::list(snapshot, &new, None).await?;
        let first = first.iter().map(|row| {
            let open = Decision::of_rank(row.rank).filter(|decision| decision.is_open());
            let open = open.map(|decision| format!(": {}", decision.label())).unwrap_or_default();
            format!("{}{open}", link(&row.title, &format!("{site}/threats/{}", row.id)))
        });
        let all = new_threats(snapshot, decision).await?;
        part(text, what, all, first, &format!("{site}/threats?decision={}", decision.code()));
    }
    let claimed = store::claimed(snapshot).await?;
    let claimed = claimed.iter().map(|row| {
        let decision = Decision::of_rank(row.rank).map_or("", Decision::label);
        let by = row.by.as_deref().unwrap_or("somebody who has left");
        format!("{}: {}, {decision}", link(&row.title, &format!("{site}/threats/{}", row.id)), plain(by))
    });
    let all = store::how_many_claimed(snapshot).await?;
    part(text, "Claimed", all, claimed, &format!("{site}/threats?status={}", Status::Claimed.code()));
    match triage::store::how_many_rose(snapshot, now - triage::DAY).await? {
        0 => text.push_str("In the last 24 hours no threat rose.\n"),
        rose => {
            let rose = link(&counted(rose, "threat", "threats"), &format!("{site}/threats/risen"));
            let _ = writeln!(text, "In the last 24 hours {rose} rose.");
        }
    }
    Ok(())
}

fn part(text: &mut String, what: &str, all: i64, rows: impl Iterator<Item = String>, list: &str) {
    if all == 0 {
        let _ = writeln!(text, "{what}: none.\n");
        return;
    }
    let _ = writeln!(text, "{what}: {}.\n", counted(all, "threat", "threats"));
    for row in rows.take(NAMED) {
        let _ = writeln!(text, "- {row}");
    }
    let more = all - i64::try_from(NAMED).unwrap_or(i64::MAX);
    if more > 0 {
        let _ = writeln!(text, "- {}", link(&format!("and {}", counted(more, "more", "more")), list));
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
