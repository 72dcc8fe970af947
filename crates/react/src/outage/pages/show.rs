//! One outage as the CERT sees it: how everybody stands, against the clock; what is new, and that it is over.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use platform::{
    Actor, App,
    message::{self, Fates},
    organisation::kind_label,
    web::{
        Error, Form, Visit,
        chart::{Line, Mark, Series, Span},
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words, taken,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::own;
use crate::{
    access::HANDLE_INCIDENTS,
    outage::{
        LONGEST, Outage, OutageId, Patients, Reply, Stands, State as Where, actions, reminders,
        store::{self, Counted, Reminded, Update, Which},
    },
};

/// What is asked for among those concerned, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    stands: String,
    patients: String,
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// What is typed on the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    form: Option<Uuid>,
    version: i64,
    text: String,
}

/// How those of one kind stand.
struct Kind {
    label: String,
    /// Concerned, no answer yet, affected, patients affected.
    counts: Vec<String>,
}

impl Kind {
    fn of((kind, counts): (&String, &[i64; 4])) -> Self {
        Self { label: kind_label(kind).to_owned(), counts: counts.map(words::count).into() }
    }
}

#[derive(Template)]
#[template(path = "outage/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    outage: Outage,
    counts: Vec<Counted>,
    in_time: i64,
    reminded: Reminded,
    /// When those that have not answered are reminded next.
    next_reminder: Option<Timestamp>,
    fates: Fates,
    over_time: Option<Line>,
    kinds: Vec<Kind>,
    stands: Vec<Choice>,
    patients: Vec<Choice>,
    kind_choices: Vec<Choice>,
    page: Page<Reply>,
    next: String,
    updates: Vec<Update>,
    form: Uuid,
    typed: Typed,
    may_handle: bool,
}

impl ShowPage {
    fn sum(&self, which: impl Fn(&Counted) -> bool) -> i64 {
        self.counts.iter().filter(|each| which(each)).map(|each| each.count).sum()
    }

    fn total(&self) -> String {
        words::count(self.sum(|_| true))
    }

    fn answered(&self) -> String {
        let answered = self.sum(|each| each.stands != Stands::Waiting);
        format!("{}, {} of them in time", words::count(answered), words::count(self.in_time))
    }

    fn of(&self, stands: Stands) -> String {
        words::count(self.sum(|each| each.stands == stands))
    }

    fn without_downtime(&self) -> String {
        use crate::impact::Downtime;
        let without = |each: &Counted| {
            each.stands == Stands::Affected
                && matches!(each.downtime, Downtime::NotWorking | Downtime::Absent)
        };
        words::count(self.sum(without))
    }

    fn patients_affected(&self) -> String {
        words::count(self.sum(|each| each.stands == Stands::Affected && each.patients == Patients::Yes))
    }

    fn mails(&self) -> String {
        let Fates { waiting, sent, failed, called_back, came_back } = self.fates;
        let words = [
            (waiting, "to be sent"),
            (sent, "sent"),
            (failed, "refused"),
            (called_back, "called back"),
            (came_back, "came back"),
        ];
        let words: Vec<_> = words
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", words::count(count)))
            .collect();
        if words.is_empty() { "None yet".to_owned() } else { words.join(", ") }
    }

    fn has_answered(&self, row: &Reply) -> bool {
        row.stands != Stands::Waiting
    }

    /// Who was reminded, in words.
    fn reminders(&self) -> String {
        let Reminded { reminded, silent, last_at, .. } = &self.reminded;
        match last_at {
            None => "Nobody yet".to_owned(),
            Some(at) => format!(
                "{}, last {}; {} of them have not answered",
                words::count(*reminded),
                self.shell.instant(*at),
                words::count(*silent)
            ),
        }
    }

    /// Those that no reminder has reached and that have not answered: there is nobody whom a mail reaches.
    fn not_reminded(&self) -> String {
        words::count(self.reminded.not_reminded)
    }

    /// Whether somebody is awaited whom no reminder reached, though reminders were sent.
    fn is_anybody_unreached(&self) -> bool {
        self.outage.state == Where::Declared
            && self.reminded.last_at.is_some()
            && self.reminded.not_reminded > 0
    }

    fn is_anybody_silent(&self) -> bool {
        self.outage.state == Where::Declared && self.reminded.silent + self.reminded.not_reminded > 0
    }
}

/// `GET /outages/{id}`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<OutageId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    if !visit.actor.at_cert() {
        return own::show(visit, id, &asked.after).await;
    }
    page(visit, id, &asked, (Typed::default(), Problems::none())).await
}

async fn page(
    visit: Visit,
    id: OutageId,
    asked: &Asked,
    (typed, problems): (Typed, Problems),
) -> Result<Response, Error> {
    let which = Which {
        stands: asked.stands.parse().ok(),
        patients: asked.patients.parse().ok(),
        kind: Some(asked.kind.clone()).filter(|kind| !kind.is_empty() && kind != "any"),
        after: cursor::read(&asked.after),
    };
    let mut snapshot = visit.app.db.read_long().await?;
    let outage = store::outage(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let counts = store::counts(&mut snapshot, id).await?;
    let (hours, in_time) = store::first_answers(&mut snapshot, id, outage.answer_by).await?;
    let rows = store::replies(&mut snapshot, id, &which).await?;
    let updates = store::updates(&mut snapshot, id).await?;
    let reminded = store::reminders(&mut snapshot, id).await?;
    let fates = message::fates_about(&mut snapshot, id.0).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.organisation_id);
    let next = page.next_asking(&format!("/outages/{id}"), |after| Asked { after, ..asked.clone() });
    let kinds = by_kind(&counts);
    let kind_choices =
        any(kinds.keys().map(|kind| Choice::new(kind.clone(), kind_label(kind).to_owned())), &asked.kind);
    let page = ShowPage {
        over_time: drawn(&outage, &hours, visit.shell.now),
        next_reminder: reminders::next(&outage, visit.shell.now),
        kinds: kinds.iter().map(Kind::of).collect(),
        stands: any(Stands::ALL.iter().map(|each| Choice::new(each.code(), each.label())), &asked.stands),
        patients: any(
            Patients::ALL.iter().map(|each| Choice::new(each.code(), each.label())),
            &asked.patients,
        ),
        kind_choices,
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        may_handle: visit.actor.is_any(HANDLE_INCIDENTS),
        next,
        shell: visit.shell,
        problems,
        outage,
        counts,
        in_time,
        reminded,
        fates,
        page,
        updates,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn any(choices: impl Iterator<Item = Choice>, typed: &str) -> Vec<Choice> {
    let any = std::iter::once(Choice::new("any", "Any"));
    any.chain(choices).map(|choice| choice.chosen_in(&[typed])).collect()
}

/// The counts of each kind, by its code: concerned, no answer yet, affected, patients affected.
fn by_kind(counts: &[Counted]) -> BTreeMap<String, [i64; 4]> {
    let mut kinds: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for each in counts {
        let row = kinds.entry(each.kind.clone()).or_default();
        let affected = each.stands == Stands::Affected;
        let parts =
            [true, each.stands == Stands::Waiting, affected, affected && each.patients == Patients::Yes];
        for (sum, counts) in row.iter_mut().zip(parts) {
            *sum += if counts { each.count } else { 0 };
        }
    }
    kinds
}

/// The first answers over time, against the clock.
fn drawn(outage: &Outage, hours: &[(i64, i64)], now: Timestamp) -> Option<Line> {
    if hours.is_empty() {
        return None;
    }
    let changes =
        hours.iter().filter_map(|(at, count)| Some((Timestamp::from_microsecond(*at).ok()?, *count)));
    let series = [Series { name: "Have answered", changes: changes.collect() }];
    let end = outage.ended_at.unwrap_or(now).max(outage.answer_by);
    let marks = [Mark { at: outage.answer_by, label: "Answer by" }];
    Some(Line::new("answers", "Answers", Span::new(outage.declared_at, end), now, &series, &marks))
}

/// `POST /outages/{id}/update`
pub(super) async fn update(
    visit: Visit,
    Path(id): Path<OutageId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("text", &typed.text, LONGEST, "what is new") else {
        return page(visit, id, &Asked::default(), (typed, problems)).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::update(&mut tx, &visit.actor, id, (form, &text)).await;
    if taken(tx, done, (&mut problems, "text")).await?.is_none() {
        return page(visit, id, &Asked::default(), (typed, problems)).await;
    }
    Ok(back(id))
}

/// `POST /outages/{id}/restore`
pub(super) async fn restore(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<OutageId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    end(&app, &actor, id, typed.version, Where::Restored).await
}

/// `POST /outages/{id}/withdraw`
pub(super) async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<OutageId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    end(&app, &actor, id, typed.version, Where::Withdrawn).await
}

async fn end(app: &App, actor: &Actor, id: OutageId, version: i64, state: Where) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end(&mut tx, actor, id, version, state).await?;
    tx.commit().await?;
    Ok(back(id))
}

fn back(id: OutageId) -> Response {
    Redirect::to(&format!("/outages/{id}")).into_response()
}
