//! What organisations could lend before anybody asks: their own list, and the search of the CERT and of those in need.

use askama::Template;
use axum::{
    extract::{Path, Query, State as AppState},
    response::{IntoResponse, Redirect, Response},
};
use formats::ods::regions;
use http::StatusCode;
use platform::{
    Actor, App,
    access::Role,
    web::{
        Error, Form,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use crate::{
    aid::{LONGEST, Lendable, Standing, StandingId, actions, store},
    report,
};

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    what: String,
    region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[derive(Template)]
#[template(path = "aid/lend.html")]
struct LendPage {
    shell: Shell,
    problems: Problems,
    own: Vec<Standing>,
    /// Whether the reader may search.
    searches: bool,
    page: Page<Standing>,
    next: String,
    whats: Vec<Choice>,
    regions: Vec<Choice>,
    at_cert: bool,
    may_write: bool,
}

impl LendPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }

    fn region(&self, row: &Standing) -> String {
        if row.region.is_empty() {
            "Not known".to_owned()
        } else {
            platform::organisation::region_name(&row.region).to_owned()
        }
    }
}

/// `GET /aid/lend`
pub(super) async fn list(
    AppState(app): AppState<App>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let at_cert = actor.at_cert();
    let after: Option<StandingId> = cursor::read(&asked.after);
    let chosen = |typed: &str| Some(typed.to_owned()).filter(|typed| !typed.is_empty() && typed != "any");
    let mut snapshot = app.read().await?;
    let (mut own, mut searches) = (Vec::new(), true);
    if !at_cert {
        own = store::own_standing(&mut snapshot, &actor, shell.now).await?;
        searches = store::is_in_need(&mut snapshot, &actor, shell.now).await?;
    }
    let rows = if searches {
        store::standing(&mut snapshot, asked.what.parse().ok(), chosen(&asked.region), after).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next.as_ref().and_then(|after| {
        let asked = Asked { after: after.clone(), ..asked.clone() };
        Some(format!("/aid/lend?{}", serde_html_form::to_string(asked).ok()?))
    });
    let any = || std::iter::once(Choice::new("any", "Any"));
    let regions = regions::all().iter().filter(|region| region.until.is_none());
    let regions = regions.map(|region| Choice::new(region.code.clone(), region.name.clone()));
    let page = LendPage {
        problems: Problems::none(),
        whats: any().chain(typed::whats("")).map(|each| each.chosen_in(&[&asked.what])).collect(),
        regions: any().chain(regions).map(|each| each.chosen_in(&[&asked.region])).collect(),
        may_write: actor.is_any(Role::ANSWERING),
        next: next.unwrap_or_default(),
        shell,
        own,
        searches,
        page,
        at_cert,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What is typed of something that could be lent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    organisation: String,
    what: String,
    count: String,
    within_hours: String,
    conditions: String,
    contact_name: String,
    contact_telephone: String,
}

#[derive(Template)]
#[template(path = "aid/lend_add.html")]
struct AddPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    form: Uuid,
}

impl AddPage {
    fn whats(&self) -> Vec<Choice> {
        typed::whats(&self.typed.what)
    }
}

/// `GET /aid/lend/add`
pub(super) async fn ask(AppState(app): AppState<App>, shell: Shell, actor: Actor) -> Result<Response, Error> {
    let own = report::store::reported_for(&mut app.read().await?, &actor, shell.now).await?;
    let organisation = own.into_iter().next().map(|(code, _)| code).unwrap_or_default();
    Ok(add_page(&app, shell, Typed { organisation, ..Typed::default() }, Problems::none()))
}

/// `POST /aid/lend/add`
pub(super) async fn add(
    AppState(app): AppState<App>,
    shell: Shell,
    actor: Actor,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let code = problems.text("organisation", &typed.organisation, 20, "your organisation’s ODS code");
    let what = typed.what.parse().ok();
    if what.is_none() {
        problems.push("what", "Select what you could lend");
    }
    let count = typed::number(&mut problems, "count", &typed.count);
    let within: Option<i64> = typed.within_hours.trim().parse().ok();
    let within = within.filter(|hours| (0..=24 * 14).contains(hours));
    if within.is_none() {
        problems.push("within-hours", "Enter a number of hours from 0 to 336");
    }
    let conditions = problems.optional_text("conditions", &typed.conditions, LONGEST, "on what conditions");
    let contact = typed::contact(&mut problems, &typed.contact_name, &typed.contact_telephone);
    let (Some(code), Some(what), Some(count), Some(within_hours), Some(conditions), Some(contact)) =
        (code, what, count, within, conditions, contact)
    else {
        return Ok(add_page(&app, shell, typed, problems));
    };
    let mut tx = app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let lendable = Lendable { form, code, what, count, within_hours, conditions, contact };
    match actions::lend(&mut tx, &actor, &lendable).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to("/aid/lend").into_response())
        }
        Err(error) => {
            drop(tx);
            let Some(field) = error.field() else { return Err(error.into()) };
            problems.push(field, error.to_string());
            Ok(add_page(&app, shell, typed, problems))
        }
    }
}

/// `POST /aid/lend/{id}/end`
pub(super) async fn end(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(id): Path<StandingId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::lend_no_more(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/aid/lend").into_response())
}

fn add_page(app: &App, shell: Shell, typed: Typed, problems: Problems) -> Response {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form = typed.form.unwrap_or_else(|| app.env.id());
    render(status, &AddPage { shell, problems, typed, form })
}
