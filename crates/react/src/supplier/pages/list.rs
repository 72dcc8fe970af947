//! The CERT's list of suppliers and who uses each; an organisation's list of what it uses itself.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    access::Role,
    organisation::{OrganisationId, kind_label},
    web::{
        Error, Form, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::HANDLE_INCIDENTS,
    outage::{self, Outage, audience},
    supplier::{
        SupplierError, SupplierId, UseId, actions,
        choose::{self, Meant, OFFERED},
        store::{self, Supplier, Use},
    },
};

/// What is looked for, and where the list goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: String,
}

#[derive(Template)]
#[template(path = "supplier/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    q: String,
    page: Page<Supplier>,
    next: String,
    may_write: bool,
}

impl ListPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }
}

#[derive(Template)]
#[template(path = "supplier/own.html")]
struct OwnPage {
    shell: Shell,
    page: Page<Use>,
    next: String,
    may_write: bool,
}

/// `GET /suppliers`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    if !visit.actor.at_cert() {
        let after = cursor::read(&asked.after).unwrap_or(UseId(Uuid::nil()));
        let rows =
            store::own(&mut visit.app.db.read_long().await?, &visit.actor, visit.shell.now, after).await?;
        let page = Page::of(rows, |row| row.id);
        let next = page.next_of("/suppliers");
        let may_write = visit.actor.is_any(Role::ANSWERING);
        return Ok(render(StatusCode::OK, &OwnPage { shell: visit.shell, page, next, may_write }));
    }
    let q: String = asked.q.trim().chars().take(100).collect();
    let after: Option<(String, SupplierId)> = cursor::read(&asked.after);
    let rows = store::list(&mut visit.app.db.read_long().await?, &q, after).await?;
    let page = Page::of(rows, |row| (row.name.clone(), row.id));
    let query = serde_html_form::to_string([("q", &q)]).unwrap_or_default();
    let next = page.next_of(&format!("/suppliers?{query}"));
    let may_write = visit.actor.is_any(HANDLE_INCIDENTS);
    Ok(render(
        StatusCode::OK,
        &ListPage { shell: visit.shell, problems: Problems::none(), q, page, next, may_write },
    ))
}

/// What is typed on a supplier's page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    version: i64,
    into: String,
}

#[derive(Template)]
#[template(path = "supplier/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    supplier: Supplier,
    kinds: Vec<(String, String)>,
    figures: audience::Figures,
    outages: Vec<Outage>,
    page: Page<Use>,
    next: String,
    typed: Typed,
    /// Those of which one may be meant that it is to be joined to.
    among: Vec<Choice>,
    may_write: bool,
}

impl ShowPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }
}

/// `GET /suppliers/{id}`
pub(super) async fn one(
    visit: Visit,
    Path(id): Path<SupplierId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, id, &asked.after, (Typed::default(), Vec::new(), Problems::none())).await
}

async fn page(
    visit: Visit,
    id: SupplierId,
    after: &str,
    (typed, among, problems): (Typed, Vec<Choice>, Problems),
) -> Result<Response, Error> {
    let nil = (OrganisationId(Uuid::nil()), UseId(Uuid::nil()));
    let mut snapshot = visit.app.db.read_long().await?;
    let supplier = store::supplier(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let figures = audience::figures(&mut snapshot, id, "", visit.shell.now).await?;
    let kinds = audience::by_kind(&mut snapshot, id, "").await?;
    let outages = outage::store::of_supplier(&mut snapshot, id).await?;
    let rows = store::of_supplier(&mut snapshot, id, cursor::read(after).unwrap_or(nil)).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.organisation_id, row.id));
    let next = page.next_of(&format!("/suppliers/{id}"));
    let kinds =
        kinds.into_iter().map(|(kind, count)| (kind_label(&kind).to_owned(), words::count(count))).collect();
    let may_write = visit.actor.is_any(HANDLE_INCIDENTS);
    let page = ShowPage {
        shell: visit.shell,
        problems,
        supplier,
        kinds,
        figures,
        outages,
        page,
        next,
        typed,
        among,
        may_write,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /suppliers/{id}/join`
pub(super) async fn join(
    visit: Visit,
    Path(id): Path<SupplierId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if problems.text("into", &typed.into, super::super::LONGEST_NAME, "the other supplier’s name").is_none()
    {
        return page(visit, id, "", (typed, Vec::new(), problems)).await;
    }
    // What cannot be parted again is not joined to whatever begins so: somebody chooses it.
    let meant = choose::meant(&mut visit.app.db.read_long().await?, &typed.into).await?;
    if let Meant::Among(found) = meant {
        let others = found.into_iter().filter(|each| each.id != id).take(OFFERED);
        let among: Vec<_> = others.map(|each| choose::choice(each.name, each.code)).collect();
        if !among.is_empty() {
            problems.push("into", "Select the supplier that it is");
            return page(visit, id, "", (typed, among, problems)).await;
        }
    }
    let mut tx = visit.app.write().await?;
    match actions::join(&mut tx, &visit.actor, id, typed.version, &typed.into).await {
        Ok(into) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/suppliers/{into}")).into_response())
        }
        Err(error @ SupplierError::NotTheSame) => {
            drop(tx);
            problems.push("into", error.to_string());
            page(visit, id, "", (typed, Vec::new(), problems)).await
        }
        Err(error) => Err(error.into()),
    }
}
