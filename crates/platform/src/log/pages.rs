//! The auditor's page: the log by organisation, person, object and date.

use std::fmt::Display;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use db::Snapshot;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    part::{Named, names, words},
    reading::{self, Found, Wanted, find},
};
use crate::{
    Actor, App,
    access::{Role, Rule},
    uk,
    web::{
        Error, Route,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};

/// Who reads the log.
pub(super) const READERS: &[Role] = &[Role::Auditor, Role::Admin];

/// Where the log of what is called so is read, for an actor who may.
pub fn link_about(actor: &Actor, called: impl Display) -> Option<String> {
    actor.is_any(READERS).then(|| format!("/log?about={called}"))
}

/// The routes of this page.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/log", Rule::Roles(READERS), show)]
}

/// What was asked for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Asked {
    organisation: String,
    person: String,
    about: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    after: String,
}

impl Asked {
    /// The address of the next page, with the same filters.
    fn behind(&self, after: &str) -> String {
        let asked = Self { after: after.to_owned(), ..self.clone() };
        format!("/log?{}", serde_html_form::to_string(&asked).unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "log/list.html")]
struct Log {
    shell: Shell,
    problems: Problems,
    asked: Asked,
    rows: Vec<Row>,
    next: String,
}

/// An entry in the words of a page.
struct Row {
    entry: Found,
    did: String,
    about: Option<Named>,
}

impl Row {
    /// What it is about, as a name or at least a kind; empty where it is about nothing single.
    fn about(&self) -> String {
        let kind = |_| self.entry.about_kind.replace('_', " ");
        let named = self.about.as_ref().map(|named| named.called.clone());
        named.or_else(|| self.entry.about_id.map(kind)).unwrap_or_default()
    }

    fn page(&self) -> &str {
        self.about.as_ref().and_then(|named| named.page.as_deref()).unwrap_or_default()
    }
}

/// `GET /log`
async fn show(State(app): State<App>, shell: Shell, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut snapshot = app.db.read_long().await?;
    let snapshot = &mut snapshot;
    let [code, email, about] = [&asked.organisation, &asked.person, &asked.about].map(|text| text.trim());
    let organisation = reading::organisation(snapshot, code).await?;
    if !code.is_empty() && organisation.is_none() {
        problems.push("organisation", "There is no organisation with this code");
    }
    let person = reading::person(snapshot, email).await?;
    if !email.is_empty() && person.is_none() {
        problems.push("person", "There is no account with this e-mail address");
    }
    let objects = objects(&app, snapshot, about).await?;
    if !about.is_empty() && objects.is_empty() {
        problems.push("about", "Nothing is known by this number, code or address");
    }
    let from = [&*asked.from_day, &asked.from_month, &asked.from_year];
    let from = problems.optional_date("from", from, "the first day").flatten().and_then(uk::begins);
    let until = [&*asked.until_day, &asked.until_month, &asked.until_year];
    let until = problems.optional_date("until", until, "the last day").flatten().and_then(uk::is_over);
    let before = cursor::read::<(i64, Uuid)>(&asked.after)
        .and_then(|(at, id)| Timestamp::from_microsecond(at).ok().map(|at| (at, id)));
    let wanted = Wanted { organisation, person, about: None, from, until, before };
    let services = app.services;
    let found =
        if problems.is_empty() { find(services, snapshot, &wanted, &objects).await? } else { Vec::new() };
    let page = Page::of(found, |entry| (entry.at.as_microsecond(), entry.id));
    let names = names(services, snapshot, &page.rows).await?;
    let rows = page.rows.into_iter().map(|entry| Row {
        did: words(services, &entry.verb).to_owned(),
        about: entry.about_id.and_then(|id| names.get(&id).cloned()),
        entry,
    });
    let rows = rows.collect();
    let next = page.next.as_deref().map(|next| asked.behind(next)).unwrap_or_default();
    let status = problems.status();
    Ok(render(status, &Log { shell, problems, asked, rows, next }))
}

/// What is called so: by its id, or by a name that one of the services knows.
async fn objects(app: &App, snapshot: &mut Snapshot, called: &str) -> Result<Vec<Uuid>, Error> {
    if let Ok(id) = called.parse() {
        return Ok(vec![id]);
    }
    for finder in app.services.iter().flat_map(|service| service.log.finders) {
        let found = finder(snapshot, called).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
