//! Putting a service on the board, and saying how it stands now.

use askama::Template;
use axum::{extract::Path, response::Response};
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
    taken,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{to_board, written_by};
use crate::{
    case::{Head, opened},
    impact::{Downtime, Harm, LONGEST, LONGEST_NAME, Said, Service, ServiceId, State, actions, store},
    incident::IncidentId,
    when,
};

/// What is typed of a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    version: i64,
    name: String,
    systems: String,
    state: String,
    downtime: String,
    diverted_to: String,
    since_day: String,
    since_month: String,
    since_year: String,
    since_time: String,
    harm: String,
    harm_note: String,
}

impl Typed {
    /// As the service stands.
    fn of(service: &Service) -> Self {
        let [since_day, since_month, since_year, since_time] =
            service.diverted_since.map(when::shown).unwrap_or_default();
        Self {
            form: None,
            version: service.version,
            name: service.name.clone(),
            systems: service.systems.clone(),
            state: service.state.code().to_owned(),
            downtime: service.downtime.code().to_owned(),
            diverted_to: service.diverted_to.clone(),
            since_day,
            since_month,
            since_year,
            since_time,
            harm: service.harm.code().to_owned(),
            harm_note: service.harm_note.clone(),
        }
    }

    fn read(&self, shell: &Shell, problems: &mut Problems) -> Option<Said> {
        let name = problems.text("name", &self.name, LONGEST_NAME, "the service");
        let systems = problems.optional_text("systems", &self.systems, LONGEST, "the systems");
        let state = chosen(problems, "state", &self.state, "Select how the service goes on");
        let downtime =
            chosen(problems, "downtime", &self.downtime, "Select how the downtime procedure works");
        let diverted_to =
            problems.optional_text("diverted-to", &self.diverted_to, LONGEST_NAME, "where patients go");
        let on = [self.since_day.as_str(), &self.since_month, &self.since_year];
        let nothing = on.iter().chain([&self.since_time.as_str()]).all(|part| part.trim().is_empty());
        let diverted_since = if nothing || self.diverted_to.trim().is_empty() {
            None
        } else {
            let typed = when::Typed { day: "since", on, time: "since-time", at: &self.since_time };
            when::past(problems, &typed, shell.now, "since when patients are diverted")
        };
        let harm = chosen(problems, "harm", &self.harm, "Select whether patients come to harm");
        let harm_note =
            problems.optional_text("harm-note", &self.harm_note, LONGEST, "what is known of harm");
        if !problems.is_empty() {
            return None;
        }
        Some(Said {
            name: name?,
            systems: systems?,
            state: state?,
            downtime: downtime?,
            diverted_to: diverted_to?,
            diverted_since,
            harm: harm?,
            harm_note: harm_note?,
        })
    }
}

fn chosen<T: std::str::FromStr>(
    problems: &mut Problems,
    field: &'static str,
    typed: &str,
    sentence: &str,
) -> Option<T> {
    let read = typed.parse().ok();
    if read.is_none() {
        problems.push(field, sentence);
    }
    read
}

#[derive(Template)]
#[template(path = "impact/service.html")]
struct ServicePage {
    shell: Shell,
    problems: Problems,
    head: Head,
    typed: Typed,
    form: Uuid,
    /// Where the form goes.
    action: String,
    is_new: bool,
}

impl ServicePage {
    fn states(&self) -> Vec<Choice> {
        choices(State::ALL.iter().map(|each| (each.code(), each.label())), &self.typed.state)
    }

    fn downtimes(&self) -> Vec<Choice> {
        choices(Downtime::ALL.iter().map(|each| (each.code(), each.label())), &self.typed.downtime)
    }

    fn harms(&self) -> Vec<Choice> {
        choices(Harm::ALL.iter().map(|each| (each.code(), each.label())), &self.typed.harm)
    }
}

fn choices(all: impl Iterator<Item = (&'static str, &'static str)>, typed: &str) -> Vec<Choice> {
    all.map(|(code, label)| Choice::new(code, label).chosen_in(&[typed])).collect()
}

/// `GET /incidents/{id}/impact/add`
pub(super) async fn ask_new(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    service_page(visit, (id, None), Typed::default(), Problems::none()).await
}

/// `POST /incidents/{id}/impact/add`
pub(super) async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(said) = typed.read(&visit.shell, &mut problems) else {
        return service_page(visit, (id, None), typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::add(&mut tx, &visit.actor, id, &said, form).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return service_page(visit, (id, None), typed, problems).await;
    }
    Ok(to_board(id))
}

/// `GET /incidents/{id}/impact/{service}`
pub(super) async fn ask_change(
    visit: Visit,
    Path((id, service)): Path<(IncidentId, ServiceId)>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let found = store::service(&mut snapshot, id, sight.reads, service).await?.ok_or(Error::NotFound)?;
    drop(snapshot);
    let typed = Typed::of(&found);
    service_page(visit, (id, Some(service)), typed, Problems::none()).await
}

/// `POST /incidents/{id}/impact/{service}`
pub(super) async fn change(
    visit: Visit,
    Path((id, service)): Path<(IncidentId, ServiceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(said) = typed.read(&visit.shell, &mut problems) else {
        return service_page(visit, (id, Some(service)), typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::change(&mut tx, &visit.actor, id, (service, typed.version), &said, form).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return service_page(visit, (id, Some(service)), typed, problems).await;
    }
    Ok(to_board(id))
}

async fn service_page(
    visit: Visit,
    (id, service): (IncidentId, Option<ServiceId>),
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let (_, sight) = opened(&visit, id).await?;
    written_by(&sight, &visit.actor)?;
    let page = ServicePage {
        head: Head::of(&sight, "/impact"),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        action: service.map_or_else(
            || format!("/incidents/{id}/impact/add"),
            |service| format!("/incidents/{id}/impact/{service}"),
        ),
        is_new: service.is_none(),
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}
