//! Asking others for aid. Before it is sent, the asker reads exactly what others will.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::SignedDuration;
use platform::web::{
    Error, Form, Refusal, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
    show as words, taken,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use crate::{
    aid::{Asked, LONGEST, LONGEST_LINE, Reach, Shown, actions},
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
pub(super) async fn ask(visit: Visit, Query(about): Query<About>) -> Result<Response, Error> {
    let own =
        report::store::reported_for(&mut visit.app.read().await?, &visit.actor, visit.shell.now).await?;
    let [from_day, from_month, from_year] = typed::shown(visit.shell.now);
    let [until_day, until_month, until_year] =
        typed::shown(visit.shell.now + SignedDuration::from_hours(24 * 7));
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
    Ok(page(visit, typed, Problems::none()))
}

/// `POST /aid/ask`: shows what others will see. Nothing is kept or sent.
pub(super) async fn check(visit: Visit, Form(mut typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let form = *typed.form.get_or_insert_with(|| visit.app.env.id());
    let Some(asked) = typed.read(&visit.shell, form, &mut problems) else {
        return Ok(page(visit, typed, problems));
    };
    let mut snapshot = visit.app.read().await?;
    let (_, _, name, region) =
        match actions::check(&mut snapshot, &visit.actor, visit.shell.now, &asked).await {
            Ok(found) => found,
            Err(error) => {
                let Some(field) = error.field("") else { return Err(error.into()) };
                problems.push(field, error.to_string());
                return Ok(page(visit, typed, problems));
            }
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
    Ok(render(StatusCode::OK, &CheckPage { shell: visit.shell, shown, reach, fields, of_a_case }))
}

/// `POST /aid/ask/change`: the form again, with what was typed.
pub(super) async fn change(visit: Visit, Form(typed): Form<Typed>) -> Response {
    page(visit, typed, Problems::none())
}

/// `POST /aid/ask/send`
pub(super) async fn send(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let Some(asked) = typed.read(&visit.shell, form, &mut problems) else {
        drop(tx);
        return Ok(page(visit, typed, problems));
    };
    let done = actions::ask(&mut tx, &visit.actor, &asked).await;
    let Some((id, _)) = taken(tx, done, (&mut problems, "")).await? else {
        return Ok(page(visit, typed, problems));
    };
    Ok(Redirect::to(&format!("/aid/{id}")).into_response())
}

fn page(visit: Visit, typed: Typed, problems: Problems) -> Response {
    let form = typed.form.unwrap_or_else(|| visit.app.env.id());
    let page = AskPage { shell: visit.shell, problems, typed, form };
    render(page.problems.status(), &page)
}
