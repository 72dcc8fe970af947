//! What is new in an update, as its mail says it where TLP allows details: its news by their headings, and what
//! else changed by name.
//!
//! Nothing of how it stood before, which may have been marked otherwise, and never an indicator.

use db::{DbError, Snapshot};
use platform::web::{shell::Language, show};

use super::{Alert, store};
use crate::advisory::{self, Wording, changes::worded};

/// So many headings are told.
const LISTED: usize = 5;

/// What is new in `alert` against the one whose place it took, a sentence each; nothing where it took none's, or
/// where a mail may not say it.
pub(super) async fn of(snapshot: &mut Snapshot, alert: &Alert) -> Result<Vec<String>, DbError> {
    let Some(before) = alert.supersedes_id.filter(|_| alert.tlp.0.allows_details_by_mail()) else {
        return Ok(Vec::new());
    };
    let Some(before) = store::alert(snapshot, before).await? else { return Ok(Vec::new()) };
    let was = advisory::store::version(snapshot, before.version_id).await?;
    let is = advisory::store::version(snapshot, alert.version_id).await?;
    Ok(was.zip(is).map(|(was, is)| between(&was.wording, &is.wording)).unwrap_or_default())
}

fn between(was: &Wording, is: &Wording) -> Vec<String> {
    let known = &was.content.updates;
    let news: Vec<_> = is.content.updates.iter().filter(|update| !known.contains(update)).collect();
    let heading = |update: &&advisory::Update| {
        format!("{}: {}", show::date(update.date, Language::English), update.title)
    };
    let mut told: Vec<_> = news.iter().take(LISTED).map(heading).collect();
    if news.len() > LISTED {
        told.push(format!("{} more", news.len() - LISTED));
    }
    if was.severity != is.severity {
        told.push(format!("The severity is now {}", is.severity.label()));
    }
    let changed: Vec<_> = worded(was)
        .into_iter()
        .zip(worded(is))
        .filter(|((what, was), (_, is))| {
            was != is && *what != "Severity" && (*what != "Updates" || news.is_empty())
        })
        .map(|((what, _), _)| what)
        .collect();
    if !changed.is_empty() {
        told.push(format!("Changed: {}", changed.join(", ")));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::{Severity, Update};

    #[test]
    fn news_are_told_by_heading_and_all_else_by_name() {
        let mut was = Wording::titled("Pumps");
        was.severity = Severity::Medium;
        let update = |title: &str| Update {
            date: jiff::civil::date(2026, 6, 3),
            title: title.to_owned(),
            text: "It calls 203.0.113.7.".to_owned(),
        };
        was.content.updates = vec![update("First")];
        let mut is = was.clone();
        is.content.updates.push(update("A fix is out"));
        is.severity = Severity::High;
        is.content.details = "It calls 203.0.113.7.".to_owned();
        assert_eq!(
            between(&was, &is),
            ["3 June 2026: A fix is out", "The severity is now High", "Changed: Threat details"]
        );
        assert_eq!(between(&is, &is), [""; 0]);
        is.content.updates = (0..7).map(|number| update(&format!("News {number}"))).collect();
        assert!(between(&was, &is).contains(&"2 more".to_owned()));
    }
}
