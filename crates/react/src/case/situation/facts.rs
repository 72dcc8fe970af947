//! What a situation report begins with: what the shared zone of the case holds already, in lines that its writer goes
//! on with. Nothing of another zone, and no name of anybody at the CERT.

use std::fmt::Write as _;

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::web::shell::Shell;

use super::{Words, store};
use crate::{
    case::{Sight, Zone, Zones, decision, task, timeline},
    incident::{State, store::Incident},
    run,
};

/// The most lines of one part.
const MOST: usize = 40;

/// What the next report begins with.
pub(super) async fn words(
    snapshot: &mut Snapshot,
    shell: &Shell,
    sight: &Sight,
    last: Option<&store::Situation>,
) -> Result<Words, DbError> {
    let incident = &sight.incident;
    let since = last.map_or(Timestamp::UNIX_EPOCH, |last| last.issued_at);
    let entries = timeline::store::since(snapshot, incident.id, Zone::Shared, since).await?;
    // Tasks, decisions and impact have parts of their own; that somebody wrote a message or a note says nothing.
    let told = |kind: timeline::Kind| {
        use timeline::Kind;
        matches!(kind, Kind::Event | Kind::Clock | Kind::Evidence | Kind::Playbook | Kind::Triage)
    };
    let happened = entries.iter().filter(|(_, kind, _)| told(*kind));
    let happened = lines(happened.map(|(at, _, text)| format!("{}: {}", shell.instant(*at), one_line(text))));
    let impact = entries.iter().filter(|(_, kind, _)| *kind == timeline::Kind::Impact);
    let impact = lines(impact.map(|(at, _, text)| format!("{}: {}", shell.instant(*at), one_line(text))));
    let tasks = task::store::of(snapshot, incident.id, Zones::of(&[Zone::Shared])).await?;
    let runs = run::store::running(snapshot, incident.id, Zones::of(&[Zone::Shared])).await?;
    let to_do = tasks.iter().filter(|task| task.state.is_to_do()).map(|task| {
        let due = task.due_at.map(|due| format!(", due {}", shell.instant(due))).unwrap_or_default();
        let late = if task.is_late(&shell.now) { ", overdue" } else { "" };
        format!("{} ({}{due}{late})", task.title, task.state.label())
    });
    let tasks = lines(to_do.chain(runs.iter().map(run::store::Run::in_a_line)));
    let decisions = decision::store::since(snapshot, incident.id, since).await?;
    let decisions = lines(
        decisions
            .iter()
            .map(|(at, decided, role)| format!("{}, {role}: {}", shell.instant(*at), one_line(decided))),
    );
    Ok(Words {
        summary: summary(shell, incident),
        impact: if impact.is_empty() {
            last.map(|last| last.impact.clone()).unwrap_or_default()
        } else {
            impact
        },
        happened,
        tasks,
        decisions,
        next: last.map(|last| last.next.clone()).unwrap_or_default(),
    })
}

fn summary(shell: &Shell, incident: &Incident) -> String {
    let mut text = format!("{}: {}.", incident.called(), incident.state.label());
    if let Some(priority) = incident.priority {
        let _ = write!(text, " {}: {}.", priority.label(), incident.because_in_words());
    }
    let _ = write!(text, " Reported {}.", shell.instant(incident.opened_at));
    if let Some(at) = incident.taken_at.filter(|_| incident.state == State::Open) {
        let _ = write!(text, " In hand since {}.", shell.instant(at));
    }
    text
}

/// The last lines, each behind a dash.
fn lines(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let left_out = all.len().saturating_sub(MOST);
    let mut text = String::new();
    if left_out > 0 {
        let _ = writeln!(text, "- {left_out} earlier ones are in the case");
    }
    for line in all.iter().skip(left_out) {
        let _ = writeln!(text, "- {line}");
    }
    text.trim_end().to_owned()
}

/// A text as one line, not beyond 200 characters.
fn one_line(text: &str) -> String {
    const LETTERS: usize = 200;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LETTERS { line } else { line.chars().take(LETTERS).chain(['…']).collect() }
}
