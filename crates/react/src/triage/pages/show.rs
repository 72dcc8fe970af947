//! How urgent an incident is and why, what is known of it, its kind, its outlook and its category.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App, Tx,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};

use super::Typed;
use crate::{
    access::HANDLE_INCIDENTS,
    case::{self, CaseError, Head, Party, Sight, Zone, opened},
    incident::IncidentId,
    triage::{
        Answer, Facts, LONGEST, LONGEST_REFERENCE, Outlook, Priority, Question, Source, Verdict, actions,
        decide, ncsc,
        paging::{self, Paged},
        rsit,
        store::{self, Assigned, Judged, Said, Triage},
    },
};

/// A question that the reader may answer.
struct Asked {
    question: Question,
    choices: Vec<Choice>,
    hint: String,
}

#[derive(Template)]
#[template(path = "triage/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    head: Head,
    typed: Typed,
    party: Party,
    triage: Triage,
    verdict: Verdict,
    /// What the reader may answer.
    asked: Vec<Asked>,
    /// What others answered, where the reader may not.
    told: Vec<(&'static str, String)>,
    outlooks: Vec<Judged>,
    outlook_choices: Vec<Choice>,
    priority_choices: Vec<Choice>,
    proposed_choices: Vec<Choice>,
    assigned_choices: Vec<Choice>,
    paging: Option<Paged>,
    may_handle: bool,
    may_decide: bool,
}

impl ShowPage {
    fn sentence(&self) -> String {
        match self.triage.set_to {
            Some(set) => format!("{}, as a person set it.", set.label()),
            None => format!("{}.", self.verdict.in_words()),
        }
    }

    fn answers_some(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Somebody at the CERT, as the reader knows them.
    #[expect(clippy::ref_option, reason = "a template hands over what its page holds")]
    fn by(&self, name: &Option<String>) -> String {
        match name {
            Some(name) if self.party == Party::Cert => name.clone(),
            None if self.party == Party::Cert => "Somebody who has left".to_owned(),
            _ => self.shell.cert.name.clone(),
        }
    }

    fn setter(&self) -> String {
        self.by(&self.triage.setter)
    }

    #[expect(clippy::unused_self, reason = "a template calls methods of its page")]
    fn kind_called(&self, kind: &str) -> String {
        rsit::called(kind)
    }

    fn proposed(&self) -> String {
        let called = ncsc::called(self.triage.proposed());
        match (self.triage.ncsc_proposed, self.triage.ncsc_proposed_at) {
            (Some(_), Some(at)) => {
                let computed = self.triage.ncsc_computed;
                let by = self.by(&self.triage.proposer);
                format!("{called} ({by}, {}; computed: {computed})", self.shell.instant(at))
            }
            _ => format!("{called} (computed)"),
        }
    }

    fn assigned(&self) -> String {
        let Some(assigned) = self.triage.ncsc_assigned else { return "Not assigned yet".to_owned() };
        let on =
            self.triage.ncsc_assigned_on.map(|on| format!(", {}", self.shell.day(on))).unwrap_or_default();
        let reference = &self.triage.ncsc_reference;
        let reference = if reference.is_empty() { String::new() } else { format!(", reference {reference}") };
        let entered = self.triage.ncsc_entered_at.map(|at| self.shell.instant(at)).unwrap_or_default();
        let by = self.by(&self.triage.enterer);
        format!("{}{on}{reference} (entered by {by}, {entered})", ncsc::called(assigned))
    }
}

/// `GET /incidents/{id}/triage`
pub(super) async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    page(visit, id, Typed::default(), Problems::none()).await
}

/// What was decided of an incident of which nothing was yet.
fn undecided() -> Triage {
    Triage {
        computed: decide(&Facts::UNKNOWN).priority,
        set_to: None,
        set_why: String::new(),
        setter: None,
        set_at: None,
        kind: None,
        classifier: None,
        kind_at: None,
        ncsc_computed: ncsc::computed(&Facts::UNKNOWN, None),
        ncsc_proposed: None,
        proposer: None,
        ncsc_proposed_at: None,
        ncsc_assigned: None,
        ncsc_assigned_on: None,
        ncsc_reference: String::new(),
        enterer: None,
        ncsc_entered_at: None,
        version: 1,
    }
}

async fn page(visit: Visit, id: IncidentId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.read(Zone::Shared)?;
    let triage = store::triage(&mut snapshot, id).await?.unwrap_or_else(undecided);
    let said = store::answers(&mut snapshot, id).await?;
    let outlooks = store::outlooks(&mut snapshot, id).await?;
    let paging = match sight.party {
        Party::Cert => paging::shown(&mut snapshot, id).await?,
        _ => None,
    };
    drop(snapshot);
    let may_write = sight.write(Zone::Shared, "").is_ok();
    let may_decide = may_write && sight.party == Party::Cert;
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    for question in Question::ALL.iter().copied() {
        let said = said.iter().find(|said| said.question == question);
        if may_write && actions::may_answer(sight.party, question) {
            asked.push(ask(&visit.shell, sight.party, &typed, question, said));
        } else {
            told.push((question.label(), says(&visit.shell, sight.party, said)));
        }
    }
    let chosen = |choice: Choice, name: &str, now: &str| {
        let typed = typed.of(name);
        choice.chosen_in(&[if typed.is_empty() { now } else { typed }])
    };
    let outlook = outlooks.first().map_or("", |judged| judged.outlook.code());
    let outlook_choices =
        Outlook::ALL.iter().map(|each| chosen(Choice::new(each.code(), each.label()), "outlook", outlook));
    let priority = triage.set_to.map_or("", Priority::code);
    let priority_choices = Priority::ALL
        .iter()
        .map(|each| chosen(Choice::new(each.code(), each.label()).hint(each.means()), "priority", priority));
    let categories = |first: Choice, name: &'static str, now: Option<i64>| -> Vec<Choice> {
        let now = now.map_or(String::new(), |now| now.to_string());
        let all = ncsc::CATEGORIES.iter().map(|each| Choice::new(each.0.to_string(), ncsc::called(each.0)));
        std::iter::once(first).chain(all).map(|choice| chosen(choice, name, &now)).collect()
    };
    let page = ShowPage {
        head: Head::of(&sight, "/triage"),
        verdict: decide(&store::facts(&said)),
        outlook_choices: outlook_choices.collect(),
        priority_choices: priority_choices.collect(),
        proposed_choices: categories(Choice::new("", "As it is computed"), "proposed", triage.ncsc_proposed),
        assigned_choices: categories(Choice::new("", "Choose one"), "assigned", triage.ncsc_assigned),
        may_handle: visit.actor.is_any(HANDLE_INCIDENTS),
        party: sight.party,
        may_decide,
        asked,
        told,
        outlooks,
        paging,
        triage,
        problems,
        typed,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

fn ask(shell: &Shell, party: Party, typed: &Typed, question: Question, said: Option<&Said>) -> Asked {
    let now = said.map_or(Answer::Unknown, |said| said.answer).code();
    let chosen = match typed.of(question.code()) {
        "" => now,
        typed => typed,
    };
    let choices = Answer::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&[chosen]));
    let hint = match said {
        Some(said) => format!("{}. {}", question.hint(), source(shell, party, said)),
        None => question.hint().to_owned(),
    };
    Asked { question, choices: choices.collect(), hint }
}

/// What was said of a question, and by whom, for those who may not answer it.
fn says(shell: &Shell, party: Party, said: Option<&Said>) -> String {
    said.map_or_else(
        || Answer::Unknown.label().to_owned(),
        |said| format!("{}. {}", said.answer.label(), source(shell, party, said)),
    )
}

/// From whom an answer is, as the reader knows them.
fn source(shell: &Shell, party: Party, said: &Said) -> String {
    let at = shell.instant(said.said_at);
    let by = said.by.as_deref();
    match said.source {
        Source::Report => format!("From the report, {at}"),
        Source::Cert if party == Party::Cert => format!("{}, {at}", by.unwrap_or("Somebody who has left")),
        Source::Cert => format!("{}, {at}", shell.cert.name),
        Source::Organisation => {
            let through = said.through.as_deref().unwrap_or(Source::Organisation.label());
            by.map_or_else(|| format!("{through}, {at}"), |by| format!("{by}, {through}, {at}"))
        }
    }
}

/// `POST /incidents/{id}/triage/answers`
pub(super) async fn answer(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let read = |question: &Question| Some((*question, typed.of(question.code()).parse().ok()?));
    let answers: Vec<(Question, Answer)> = Question::ALL.iter().filter_map(read).collect();
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let done = actions::answer(&mut tx, &visit.actor, &sight, typed.version(), &answers).await;
    settled(visit, id, tx, done.map(|_| ()), ("", typed)).await
}

/// `POST /incidents/{id}/triage/priority`
pub(super) async fn set_priority(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let to: Option<Priority> = typed.of("priority").parse().ok();
    if to.is_none() {
        problems.push("priority", "Select the priority");
    }
    let why = problems.text("why", typed.of("why"), LONGEST, "why it is set: the organisation reads it");
    let (Some(to), Some(why)) = (to, why) else {
        return page(visit, id, typed, problems).await;
    };
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let done = actions::set_priority(&mut tx, &visit.actor, &sight, typed.version(), to, &why).await;
    settled(visit, id, tx, done, ("priority", typed)).await
}

/// `POST /incidents/{id}/triage/priority/withdraw`
pub(super) async fn withdraw_priority(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let done = actions::withdraw_priority(&mut tx, &visit.actor, &sight, typed.version()).await;
    settled(visit, id, tx, done, ("", typed)).await
}

/// `POST /incidents/{id}/triage/outlook`
pub(super) async fn judge(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Ok(outlook) = typed.of("outlook").parse() else {
        let mut problems = Problems::none();
        problems.push("outlook", "Select how it goes on");
        return page(visit, id, typed, problems).await;
    };
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let done = actions::judge(&mut tx, &visit.actor, &sight, outlook).await;
    settled(visit, id, tx, done, ("outlook", typed)).await
}

/// `POST /incidents/{id}/triage/proposed`
pub(super) async fn propose(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let category = typed.of("proposed").parse().ok();
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let done = actions::propose(&mut tx, &visit.actor, &sight, category).await;
    settled(visit, id, tx, done, ("proposed", typed)).await
}

/// `POST /incidents/{id}/triage/assigned`
pub(super) async fn assign(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let category: Option<i64> = typed.of("assigned").parse().ok();
    if category.is_none() {
        problems.push("assigned", "Select the category that the NCSC assigned");
    }
    let day = [typed.of("on-day"), typed.of("on-month"), typed.of("on-year")];
    let day = problems.date("on", day, "the day on which it was assigned");
    let reference =
        problems.optional_text("reference", typed.of("reference"), LONGEST_REFERENCE, "the reference");
    let on = day.and_then(platform::uk::begins);
    let (Some(category), Some(on), Some(reference)) = (category, on, reference) else {
        return page(visit, id, typed, problems).await;
    };
    let (mut tx, sight) = open(&visit.app, &visit.actor, id).await?;
    let assigned = Assigned { category, on, reference };
    let done = actions::assign(&mut tx, &visit.actor, &sight, &assigned).await;
    settled(visit, id, tx, done, ("assigned", typed)).await
}

/// `POST /incidents/{id}/looking`
pub(super) async fn look(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    paging::acknowledge(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/incidents/{id}")).into_response())
}

async fn open(app: &App, actor: &Actor, id: IncidentId) -> Result<(Tx, Sight), Error> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let sight = case::sight(&mut tx, actor, now, id).await?;
    Ok((tx, sight))
}

/// The answer to a form: what was typed stays on the page where it could not be taken.
async fn settled(
    visit: Visit,
    id: IncidentId,
    tx: Tx,
    done: Result<(), CaseError>,
    (field, typed): (&'static str, Typed),
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, field)).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/triage")).into_response())
}
