//! One clock: by when, to whom, what is missing, the draft, and the receipt of what was sent.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Tx,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
        show as words, taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::list::may_write;
use crate::{
    case::{CaseError, Head, Party, Zone, opened},
    incident::IncidentId,
    regime::{
        Applies, ClockId, Duty, LONGEST_FACT, LONGEST_NAME, LONGEST_REASON, LONGEST_REPORT, Regime,
        State as Stands, WRITERS, Whose,
        actions::{self, Decision, Sent},
        country,
        draft::{self, Line},
        goes_on,
        store::{self, Clock, Done, Due, Step},
    },
    when,
};

/// What is typed on the page, whichever of its forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    version: i64,
    sent_on_day: String,
    sent_on_month: String,
    sent_on_year: String,
    sent_time: String,
    sent_by: String,
    reference: String,
    text: String,
    late: String,
    decided_by: String,
    reason: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Again {
    typed: Typed,
    facts: BTreeMap<String, String>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "regime/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    head: Head,
    clock: Clock,
    law: Option<(&'static Regime, &'static Duty)>,
    /// What has to be so for the regime to apply.
    only_if: Vec<String>,
    lines: Vec<Line>,
    /// What was typed for facts and not taken.
    facts: BTreeMap<String, String>,
    dues: Vec<Due>,
    done: Vec<Done>,
    typed: Typed,
    form: Uuid,
    may_write: bool,
    is_guest: bool,
    is_own: bool,
}

impl ShowPage {
    fn is_overdue(&self) -> bool {
        self.clock.is_overdue(self.shell.now)
    }

    fn runs(&self) -> bool {
        self.clock.state == Stands::Running
    }

    fn is_excused(&self) -> bool {
        self.clock.state == Stands::NotRequired
    }

    /// Whether it was late and nobody has said why, as where a correction made it late.
    fn is_unexplained(&self) -> bool {
        self.clock.state == Stands::Late && !self.is_explained()
    }

    fn is_late(&self) -> bool {
        self.clock.state == Stands::Late
    }

    fn is_explained(&self) -> bool {
        let says =
            |done: &Done| matches!(done.step, Step::Reported | Step::Explained) && !done.reason.is_empty();
        self.done.iter().any(says)
    }

    fn missing(&self) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.is_missing()).collect()
    }

    /// What stands in the field of a fact.
    fn filled(&self, line: &Line) -> String {
        self.facts.get(&line.field()).cloned().unwrap_or_else(|| line.written.clone())
    }

    /// What helps to write a fact.
    fn hint(&self, line: &Line) -> String {
        let hint = line.fact.hint.clone().into_iter();
        let told = line.told.as_ref().map(|told| {
            format!("Leave it empty, and the draft says: {}", told.lines().collect::<Vec<_>>().join(", "))
        });
        hint.chain(told).collect::<Vec<_>>().join(". ")
    }

    fn checked(&self, regime: &Regime) -> String {
        words::date(regime.checked, self.shell.language)
    }

    /// Who wrote a step down.
    fn by(&self, done: &Done) -> String {
        self.head.writer(&self.shell.cert.name, done.by.as_deref(), done.through.as_deref())
    }

    fn is_report(&self, done: &Done) -> bool {
        done.step == Step::Reported
    }

    fn base(&self) -> String {
        format!("/incidents/{}/clocks/{}", self.head.incident.id, self.clock.id)
    }
}

type Which = Path<(IncidentId, ClockId)>;

/// `GET /incidents/{id}/clocks/{clock}`
pub(super) async fn show(visit: Visit, Path(which): Which) -> Result<Response, Error> {
    page(visit, which, None).await
}

/// `POST /incidents/{id}/clocks/{clock}/facts`
pub(super) async fn write_facts(
    visit: Visit,
    Path(which): Which,
    Form(typed): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let mut again = Again { facts: typed, ..Again::default() };
    let mut written = BTreeMap::new();
    for (field, text) in &again.facts {
        let Some(key) = field.strip_prefix("fact-") else { continue };
        if text.trim().chars().count() > LONGEST_FACT {
            let sentence = format!("This must be {LONGEST_FACT} characters or fewer");
            again.problems.push(field.clone(), sentence);
        }
        written.insert(key.to_owned(), text.clone());
    }
    if !again.problems.is_empty() {
        return page(visit, which, Some(again)).await;
    }
    let mut tx = visit.app.write().await?;
    let done = actions::write_facts(&mut tx, &visit.actor, which.0, which.1, &written).await.map(|_| ());
    settled(visit, which, tx, done, again).await
}

/// `POST /incidents/{id}/clocks/{clock}/sent`
pub(super) async fn sent(
    visit: Visit,
    Path(which): Which,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let on = [typed.sent_on_day.as_str(), &typed.sent_on_month, &typed.sent_on_year];
    let moment = when::Typed { day: "sent-on", on, time: "sent-time", at: &typed.sent_time };
    let at = when::past(&mut problems, &moment, visit.shell.now, "when it was sent");
    let by = problems.text("sent-by", &typed.sent_by, LONGEST_NAME, "who sent it");
    let reference = problems.optional_text("reference", &typed.reference, LONGEST_NAME, "the number");
    let text = problems.text("text", &typed.text, LONGEST_REPORT, "what was sent");
    let reason = problems.optional_text("late", &typed.late, LONGEST_REASON, "why it is late");
    let (Some(at), Some(by), Some(reference), Some(text), Some(reason)) = (at, by, reference, text, reason)
    else {
        return page(visit, which, Some(Again { typed, problems, ..Again::default() })).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let sent = Sent { at, by, reference, text, reason, form };
    let done = actions::report(&mut tx, &visit.actor, which.0, (which.1, typed.version), &sent).await;
    settled(visit, which, tx, done, Again { typed, ..Again::default() }).await
}

/// A verb that takes a decision.
#[derive(Clone, Copy)]
enum Verb {
    NotRequire,
    Require,
    Explain,
}

/// `POST /incidents/{id}/clocks/{clock}/not-required`
pub(super) async fn not_required(
    visit: Visit,
    Path(which): Which,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    decided(visit, which, typed, Verb::NotRequire).await
}

/// `POST /incidents/{id}/clocks/{clock}/required`
pub(super) async fn required(
    visit: Visit,
    Path(which): Which,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    decided(visit, which, typed, Verb::Require).await
}

/// `POST /incidents/{id}/clocks/{clock}/explain`
pub(super) async fn explain(
    visit: Visit,
    Path(which): Which,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    decided(visit, which, typed, Verb::Explain).await
}

async fn decided(
    visit: Visit,
    which: (IncidentId, ClockId),
    typed: Typed,
    verb: Verb,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let reason = problems.text("reason", &typed.reason, LONGEST_REASON, "the reason");
    let by = problems.text("decided-by", &typed.decided_by, LONGEST_NAME, "who decided it");
    let (Some(by), Some(reason)) = (by, reason) else {
        return page(visit, which, Some(Again { typed, problems, ..Again::default() })).await;
    };
    let mut tx = visit.app.write().await?;
    let decision = Decision { by, reason, form: typed.form.unwrap_or_else(|| tx.id()) };
    let (incident, clock) = (which.0, (which.1, typed.version));
    let done = match verb {
        Verb::NotRequire => actions::not_require(&mut tx, &visit.actor, incident, clock, &decision).await,
        Verb::Require => actions::require(&mut tx, &visit.actor, incident, clock, &decision).await,
        Verb::Explain => actions::explain(&mut tx, &visit.actor, incident, clock, &decision).await,
    };
    settled(visit, which, tx, done, Again { typed, ..Again::default() }).await
}

/// The answer to a form: what was typed stays on the page where it could not be taken.
async fn settled(
    visit: Visit,
    which: (IncidentId, ClockId),
    tx: Tx,
    done: Result<(), CaseError>,
    mut again: Again,
) -> Result<Response, Error> {
    if taken(tx, done, (&mut again.problems, "")).await?.is_none() {
        return page(visit, which, Some(again)).await;
    }
    Ok(Redirect::to(&format!("/incidents/{}/clocks/{}", which.0, which.1)).into_response())
}

async fn page(
    visit: Visit,
    (id, clock): (IncidentId, ClockId),
    again: Option<Again>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let clock = store::clock(&mut snapshot, id, sight.reads, clock).await?.ok_or(Error::NotFound)?;
    let dues = store::dues(&mut snapshot, clock.id).await?;
    let done = store::done(&mut snapshot, clock.id).await?;
    let is_guest = sight.party == Party::Guest;
    let material = draft::material(&mut snapshot, &sight).await?;
    drop(snapshot);
    let may_write = may_write(&sight, &visit.actor) && sight.writes.contains(clock.zone)
        || goes_on(&sight, clock.zone) && visit.actor.is_any(WRITERS);
    // A draft is made of the report, which guests do not read.
    let lines = if is_guest { Vec::new() } else { material.lines(&clock) };
    let is_again = again.is_some();
    let Again { mut typed, facts, problems } = again.unwrap_or_default();
    if !is_again {
        [typed.sent_on_day, typed.sent_on_month, typed.sent_on_year, typed.sent_time] =
            when::shown(visit.shell.now);
    }
    if typed.text.is_empty() {
        typed.text = draft::text(&sight, &clock, &lines);
    }
    if !is_again && sight.party == Party::Organisation {
        // Not who sent it: one press would stop the clock of a report that nobody sent.
        typed.decided_by = visit.actor.person().map(|person| person.name.clone()).unwrap_or_default();
    }
    let law = clock.law();
    let mut only_if: Vec<String> = law.and_then(|(_, duty)| duty.only_if.clone()).into_iter().collect();
    if let (Some((regime, _)), Some(found)) = (law, material.organisation()) {
        let country = country(&visit.app.settings.regulators, found.postcode.as_deref());
        if let Some(Applies::If(condition)) = regime.applies(&Whose { country, kind: found.kind.clone() }) {
            only_if.insert(0, condition);
        }
    }
    let page = ShowPage {
        head: Head::of(&sight, "/clocks"),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        is_own: clock.zone == Zone::Own,
        shell: visit.shell,
        problems,
        clock,
        law,
        only_if,
        lines,
        facts,
        dues,
        done,
        typed,
        may_write,
        is_guest,
    };
    Ok(render(page.problems.status(), &page))
}
