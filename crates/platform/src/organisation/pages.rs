//! The list of all organisations, the page of one, and those where nobody can be reached.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::ods::{OrganisationKind, regions};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    OrganisationId, Status,
    answering::{self, store::Link},
    contact::{
        self,
        store::{Contact, Cover, Reached},
    },
    panel,
    store::{self, Fact, Organisation, Search},
};
use crate::{
    Actor, App,
    access::Role,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};

#[derive(Template)]
#[template(path = "organisation/list.html")]
struct List {
    shell: Shell,
    search: Search,
    kinds: Vec<Choice>,
    regions: Vec<Choice>,
    statuses: Vec<Choice>,
    page: Page<Organisation>,
    next: String,
    problems: Problems,
}

/// `GET /organisations`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(search): Query<Search>,
) -> Result<Response, Error> {
    let rows = store::search(&mut app.db.read_long().await?, &search).await?;
    let page = Page::of(rows, |row| row.code.clone());
    let next = page.next.as_ref().map_or_else(String::new, |after| {
        let Search { q, kind, region, status, .. } = &search;
        let fields = [("q", q), ("kind", kind), ("region", region), ("status", status), ("after", after)];
        format!("/organisations?{}", serde_html_form::to_string(fields).unwrap_or_default())
    });
    let any = |label: &'static str| std::iter::once(Choice::new("", label));
    let chosen = |choices: Vec<Choice>, typed: &str| -> Vec<Choice> {
        choices.into_iter().map(|choice| choice.chosen_in(&[typed])).collect()
    };
    let kinds = OrganisationKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.label()));
    let statuses = Status::ALL.map(|status| Choice::new(status.code(), status.label()));
    let page = List {
        kinds: chosen(any("Every kind").chain(kinds).collect(), &search.kind),
        regions: every_region(&search.region),
        statuses: chosen(any("Every status").chain(statuses).collect(), &search.status),
        shell,
        search,
        page,
        next,
        problems: Problems::none(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The regions of today, for a list that can be narrowed to one of them.
fn every_region(chosen: &str) -> Vec<Choice> {
    let today = regions::all().iter().filter(|region| region.until.is_none());
    let today = today.map(|region| Choice::new(region.code.as_str(), region.name.as_str()));
    let all = std::iter::once(Choice::new("", "Every region")).chain(today);
    all.map(|choice| choice.chosen_in(&[chosen])).collect()
}

/// Where a list begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begin {
    after: String,
    /// The code of a region, or empty.
    region: String,
}

#[derive(Template)]
#[template(path = "organisation/unreachable.html")]
struct Unreachable {
    shell: Shell,
    page: Page<Organisation>,
    came_back: HashMap<OrganisationId, Timestamp>,
    regions: Vec<Choice>,
    region: String,
    next: String,
    problems: Problems,
}

impl Unreachable {
    /// When mail to a contact of an organisation last came back.
    fn came_back(&self, organisation: &Organisation) -> Option<Timestamp> {
        self.came_back.get(&organisation.id).copied()
    }
}

/// `GET /organisations/unreachable`
pub(super) async fn unreachable(
    State(app): State<App>,
    shell: Shell,
    Query(from): Query<Begin>,
) -> Result<Response, Error> {
    let after: String = cursor::read(&from.after).unwrap_or_default();
    let mut snapshot = app.db.read_long().await?;
    let rows = store::unreachable(&mut snapshot, &after, &from.region, shell.now).await?;
    let page = Page::of(rows, |row| row.code.clone());
    let listed = page.rows.iter().map(|row| row.id);
    let came_back = contact::store::came_back_of(&mut snapshot, listed, shell.now).await?;
    drop(snapshot);
    let next = page.next.as_ref().map_or_else(String::new, |after| {
        let fields = [("region", &from.region), ("after", after)];
        format!("/organisations/unreachable?{}", serde_html_form::to_string(fields).unwrap_or_default())
    });
    let regions = every_region(&from.region);
    let (region, problems) = (from.region, Problems::none());
    let page = Unreachable { shell, page, came_back, regions, region, next, problems };
    Ok(render(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "organisation/own.html")]
struct Own {
    shell: Shell,
    organisations: Vec<Organisation>,
}

/// `GET /organisation`: one's own, or the list of them where there are several.
pub(super) async fn own(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Error> {
    let organisations = store::own(&mut app.read().await?, &actor, shell.now).await?;
    match organisations.as_slice() {
        [] => Err(Error::NotFound),
        [one] => Ok(Redirect::to(&format!("/organisations/{}", one.id)).into_response()),
        _ => Ok(render(StatusCode::OK, &Own { shell, organisations })),
    }
}

/// Where the two long lists of the page begin.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parts {
    answered: String,
    children: String,
}

/// What this actor may do here.
#[derive(Clone, Copy)]
struct May {
    see_sector: bool,
    keep_contacts: bool,
    keep_answering: bool,
}

#[derive(Template)]
#[template(path = "organisation/show.html")]
struct Show {
    shell: Shell,
    organisation: Organisation,
    parent: Option<Organisation>,
    icb: Option<Organisation>,
    answering: Vec<Link>,
    answered: Page<Link>,
    children: Page<Organisation>,
    contacts: Vec<Contact>,
    covers: Vec<Cover>,
    reached: Vec<Reached>,
    history: Vec<Fact>,
    /// What the services tell of it.
    panels: Vec<String>,
    may: May,
}

impl Show {
    /// Those who answer for it at this moment, rather than from some later day.
    fn answering_now(&self) -> impl Iterator<Item = &Link> {
        self.answering.iter().filter(|link| link.from_at <= self.shell.now)
    }

    fn answers_itself(&self) -> bool {
        self.answering_now().next().is_none()
    }

    fn covers_of(&self, contact: &Contact) -> impl Iterator<Item = &Cover> {
        self.covers.iter().filter(|cover| cover.contact_id == contact.id)
    }

    fn is_open(&self) -> bool {
        self.organisation.status == Status::Open
    }

    /// A day that a file told, in words.
    fn told_day(&self, day: Option<&String>) -> String {
        let read = day.and_then(|day| day.parse().ok());
        read.map_or_else(String::new, |day| crate::web::show::date(day, self.shell.language))
    }

    /// The last day before a moment: "until 30 June" ends as July begins.
    fn last_day(&self, until: &jiff::Timestamp) -> String {
        self.shell.day(*until - jiff::SignedDuration::from_micros(1))
    }
}

/// `GET /organisations/{id}`
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<OrganisationId>,
    Query(parts): Query<Parts>,
) -> Result<Response, Error> {
    let now = shell.now;
    let mut snapshot = app.read().await?;
    let organisation = store::visible(&mut snapshot, &actor, id, now).await?.ok_or(Error::NotFound)?;
    let parent = related(&mut snapshot, organisation.parent_code.as_deref()).await?;
    let icb = related(&mut snapshot, organisation.icb_code.as_deref()).await?;
    let after: String = cursor::read(&parts.answered).unwrap_or_default();
    let answered = answering::store::answered(&mut snapshot, id, &after, now).await?;
    let after: String = cursor::read(&parts.children).unwrap_or_default();
    let children = store::children(&mut snapshot, &organisation.code, &after).await?;
    let standing = store::standing(&mut snapshot, &actor, id, now).await?;
    let may = May {
        see_sector: actor.at_cert(),
        keep_contacts: actor.is_any(contact::KEEPERS_AT_CERT) || standing.contains(&(Role::Lead, id)),
        keep_answering: actor.is_any(answering::KEEPERS),
    };
    let mut panels = Vec::new();
    for panel in app.services.iter().flat_map(|service| service.panels) {
        let asked = panel::Asked { actor: &actor, organisation: id, shell: &shell };
        panels.extend((panel.show)(&mut snapshot, asked).await?);
    }
    let page = Show {
        parent,
        icb,
        answering: answering::store::answering(&mut snapshot, id, now).await?,
        answered: Page::of(answered, |link| link.code.clone()),
        children: Page::of(children, |child| child.code.clone()),
        contacts: contact::store::of_organisation(&mut snapshot, id, now).await?,
        covers: contact::store::covers(&mut snapshot, id, now).await?,
        reached: contact::store::reachable(&mut snapshot, id, now).await?,
        history: store::history(&mut snapshot, id).await?,
        panels,
        shell,
        organisation,
        may,
    };
    Ok(render(StatusCode::OK, &page))
}

async fn related(snapshot: &mut db::Snapshot, code: Option<&str>) -> Result<Option<Organisation>, Error> {
    match code {
        Some(code) => Ok(store::find_by_code(snapshot, code).await?),
        None => Ok(None),
    }
}
