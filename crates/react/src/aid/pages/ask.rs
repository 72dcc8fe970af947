//! Asking others for aid. Before it is sent, the asker reads exactly what others will.

use askama::Template;
use axum::{
    extract::{Query, State as AppState},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    Actor, App,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use crate::{
    aid::{AidError, Asked, LONGEST, LONGEST_LINE, Reach, Shown, actions},
    incident::IncidentId,
    report,
};

/// What is typed of a request.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    incident: String,
    organisation: String,
    what: String,
    detail: String,
    wanted: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    place: String,
    contact_name: String,
    contact_telephone: String,
    reach: String,
    named: String,
    is_named: String,
    is_cyber: String,
}

impl Typed {
    fn read(&self, shell: &Shell, form: Uuid, problems: &mut Problems) -> Option<Asked> {
        let code = problems.text("organisation", &self.organisation, 20, "your organisation’s ODS code");
        let what = self.what.parse().ok();
        if what.is_none() {
            problems.push("what", "Select what you need");
        }
        let wanted = typed::number(problems, "wanted", &self.wanted);
        let detail = problems.text("detail", &self.detail, LONGEST, "what exactly you need");
        let from = [self.from_day.as_str(), &self.from_month, &self.from_year];
        let until = [self.until_day.as_str(), &self.until_month, &self.until_year];
        let days = typed::days(problems, from, until, shell.now);
        let place = problems.text("place", &self.place, LONGEST_LINE, "where it is needed");
        let contact = typed::contact(problems, &self.contact_name, &self.contact_telephone);
        let reach = self.reach.parse().ok();
        let named: Vec<String> = self
            .named
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|code| !code.is_empty())
            .map(str::to_uppercase)
            .collect();
        if reach.is_none() {
            problems.push("reach", "Select who is to see it");
        }
        if reach == Some(Reach::Named) && named.is_empty() {
            problems.push("named", "Enter the ODS codes of those who are to see it");
        }
        let is_named =
            one_of("is-named", &self.is_named, "Select whether they are told who you are", problems);
        let is_cyber = one_of(
            "is-cyber",
            &self.is_cyber,
            "Select whether they are told that it is a cyber incident",
            problems,
        );
        let (from, until) = days?;
        Some(Asked {
            form,
            code: code?.to_uppercase(),
            incident: self.incident.parse().ok().map(IncidentId),
            what: what?,
            detail: detail?,
            wanted: wanted?,
            from,
            until,
            place: place?,
            contact: contact?,
            reach: reach?,
            named,
            is_named: is_named?,
            is_cyber: is_cyber?,
        })
    }
}

fn one_of(field: &'static str, typed: &str, missing: &str, problems: &mut Problems) -> Option<bool> {
    match typed {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            problems.push(field, missing);
            None
        }
    }
}

#[derive(Template)]
#[template(path = "aid/ask.html")]
struct AskPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    form: Uuid,
}

impl AskPage {
    fn whats(&self) -> Vec<Choice> {
        typed::whats(&self.typed.what)
    }

    fn reaches(&self) -> Vec<Choice> {
        let choice = |each: &Reach| Choice::new(each.code(), each.label()).chosen_in(&[&self.typed.reach]);
        Reach::ALL.iter().map(choice).collect()
    }

    fn naming(&self) -> Vec<Choice> {
        let no = "No: the region alone. Who you are, where it is and whom to ring is told to those whose offer you accept";
        typed::yes_or_no("Yes", no, &self.typed.is_named)
    }

    fn telling(&self) -> Vec<Choice> {
        typed::yes_or_no("Yes, that it is a cyber incident, and no more", "No", &self.typed.is_cyber)
    }
}

#[derive(Template)]
#[template(path = "aid/check.html")]
struct CheckPage {
    shell: Shell,
    shown: Shown,
    /// To whom, in words.
    reach: String,
    /// The fields of the form, to be sent as they are.
    fields: Vec<(String, String)>,
    /// The words of the request that may tell more than was meant.
    of_a_case: bool,
}

impl CheckPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }
}

/// In which case it is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    incident: String,
}

/// `GET /aid/ask`
pub(super) async fn ask(
    AppState(app): AppState<App>,
    shell: Shell,
    actor: Actor,
    Query(about): Query<About>,
) -> Result<Response, Error> {
    let own = report::store::reported_for(&mut app.read().await?, &actor, shell.now).await?;
    let [from_day, from_month, from_year] = typed::shown(shell.now);
    let [until_day, until_month, until_year] = typed::shown(shell.now + SignedDuration::from_hours(24 * 7));
    let typed = Typed {
        incident: about.incident,
        organisation: own.into_iter().next().map(|(code, _)| code).unwrap_or_default(),
        from_day,
        from_month,
        from_year,
        until_day,
        until_month,
        until_year,
        is_cyber: "no".to_owned(),
        ..Typed::default()
    };
    Ok(page(&app, shell, typed, Problems::none()))
}

/// `POST /aid/ask`: shows what others will see. Nothing is kept or sent.
pub(super) async fn check(
    AppState(app): AppState<App>,
    shell: Shell,
    actor: Actor,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let form = *typed.form.get_or_insert_with(|| app.env.id());
    let Some(asked) = typed.read(&shell, form, &mut problems) else {
        return Ok(page(&app, shell, typed, problems));
    };
    let mut snapshot = app.read().await?;
    let (_, _, name, region) = match actions::check(&mut snapshot, &actor, shell.now, &asked).await {
        Ok(found) => found,
        Err(error) => return refused(&app, shell, typed, problems, error),
    };
    drop(snapshot);
    let shown = Shown::before(&asked, &name, &region);
    let reach = match asked.reach {
        Reach::Named => asked.named.join(", "),
        other => other.label().to_owned(),
    };
    let sent = serde_html_form::to_string(&typed).unwrap_or_default();
    let fields: Vec<(String, String)> = serde_html_form::from_str(&sent).unwrap_or_default();
    let of_a_case = asked.incident.is_some();
    Ok(render(StatusCode::OK, &CheckPage { shell, shown, reach, fields, of_a_case }))
}

/// `POST /aid/ask/change`: the form again, with what was typed.
pub(super) async fn change(AppState(app): AppState<App>, shell: Shell, Form(typed): Form<Typed>) -> Response {
    page(&app, shell, typed, Problems::none())
}

/// `POST /aid/ask/send`
pub(super) async fn send(
    AppState(app): AppState<App>,
    shell: Shell,
    actor: Actor,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut tx = app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let Some(asked) = typed.read(&shell, form, &mut problems) else {
        drop(tx);
        return Ok(page(&app, shell, typed, problems));
    };
    match actions::ask(&mut tx, &actor, &asked).await {
        Ok((id, _)) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/aid/{id}")).into_response())
        }
        Err(error) => {
            drop(tx);
            refused(&app, shell, typed, problems, error)
        }
    }
}

fn refused(
    app: &App,
    shell: Shell,
    typed: Typed,
    mut problems: Problems,
    error: AidError,
) -> Result<Response, Error> {
    let Some(field) = error.field() else { return Err(error.into()) };
    problems.push(field, error.to_string());
    Ok(page(app, shell, typed, problems))
}

fn page(app: &App, shell: Shell, typed: Typed, problems: Problems) -> Response {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form = typed.form.unwrap_or_else(|| app.env.id());
    render(status, &AskPage { shell, problems, typed, form })
}
