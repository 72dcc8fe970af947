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
        Error, Form, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words, taken,
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
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let at_cert = visit.actor.at_cert();
    let after: Option<StandingId> = cursor::read(&asked.after);
    let chosen = |typed: &str| Some(typed.to_owned()).filter(|typed| !typed.is_empty() && typed != "any");
    let mut snapshot = visit.app.read().await?;
    let (mut own, mut searches) = (Vec::new(), true);
    if !at_cert {
        own = store::own_standing(&mut snapshot, &visit.actor, visit.shell.now).await?;
        searches = store::is_in_need(&mut snapshot, &visit.actor, visit.shell.now).await?;
    }
    let rows = if searches {
        store::standing(&mut snapshot, asked.what.parse().ok(), chosen(&asked.region), after).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_asking("/aid/lend", |after| Asked { after, ..asked.clone() });
    let any = || std::iter::once(Choice::new("any", "Any"));
    let regions = regions::all().iter().filter(|region| region.until.is_none());
    let regions = regions.map(|region| Choice::new(region.code.clone(), region.name.clone()));
    let page = LendPage {
        problems: Problems::none(),
        whats: any().chain(typed::whats("")).map(|each| each.chosen_in(&[&asked.what])).collect(),
        regions: any().chain(regions).map(|each| each.chosen_in(&[&asked.region])).collect(),
        may_write: visit.actor.is_any(Role::ANSWERING),
        next,
        shell: visit.shell,
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
pub(super) async fn ask(visit: Visit) -> Result<Response, Error> {
    let own =
        report::store::reported_for(&mut visit.app.read().await?, &visit.actor, visit.shell.now).await?;
    let organisation = own.into_iter().next().map(|(code, _)| code).unwrap_or_default();
    Ok(add_page(visit, Typed { organisation, ..Typed::default() }, Problems::none()))
}

/// `POST /aid/lend/add`
pub(super) async fn add(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
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
        return Ok(add_page(visit, typed, problems));
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let lendable = Lendable { form, code, what, count, within_hours, conditions, contact };
    let done = actions::lend(&mut tx, &visit.actor, &lendable).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return Ok(add_page(visit, typed, problems));
    }
    Ok(Redirect::to("/aid/lend").into_response())
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

fn add_page(visit: Visit, typed: Typed, problems: Problems) -> Response {
    let form = typed.form.unwrap_or_else(|| visit.app.env.id());
    let page = AddPage { shell: visit.shell, problems, typed, form };
    render(page.problems.status(), &page)
}
