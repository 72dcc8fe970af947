//! Pages about codes: the sheets of an organisation, printing one, revoking.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header};
use platform::{
    Actor, App,
    access::{Role, Rule},
    organisation::{
        OrganisationId,
        store::{Organisation, find, find_by_code},
    },
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    CodeError, CodeId, MOST_CODES, OneTimeCode, SheetId, actions,
    store::{self, Code, Sheet},
};
use crate::access::KEEP_CODES;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let keepers = Rule::Roles(KEEP_CODES);
    vec![
        Route::get("/codes", keepers, list).sample("/codes?code={organisation_code}"),
        Route::post("/codes", keepers, print).form("code={organisation_code}&size=10"),
        Route::get("/codes/{id}", keepers, show).sample("/codes/{sheet}"),
        Route::post("/codes/{id}/revoke", keepers, revoke_sheet).sample("/codes/{sheet}/revoke"),
        Route::post("/codes/{id}/{code}/revoke", keepers, revoke)
            .sample("/codes/{sheet}/{sheet_code}/revoke"),
    ]
}

/// Whose sheets are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The organisation's code.
    code: String,
    after: String,
    size: String,
}

#[derive(Template)]
#[template(path = "code/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    /// Whose sheets these are; without, it is asked.
    organisation: Option<Organisation>,
    /// Those whose lead the reader is, where they are several.
    mine: Vec<Organisation>,
    page: Page<Sheet>,
    next: String,
    typed: String,
    sizes: Vec<Choice>,
}

/// `GET /codes`
async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    list_page(visit, asked, Problems::none()).await
}

async fn list_page(visit: Visit, asked: Asked, mut problems: Problems) -> Result<Response, Error> {
    let after = cursor::read(&asked.after).unwrap_or(SheetId(Uuid::max()));
    let code = asked.code.trim().to_uppercase();
    let mut snapshot = visit.app.read().await?;
    let mut mine = Vec::new();
    for id in led(&visit.actor) {
        mine.extend(find(&mut snapshot, id).await?);
    }
    let mut organisation = None;
    if !code.is_empty() {
        organisation = find_by_code(&mut snapshot, &code).await?;
        if let Some(found) = &organisation {
            actions::keeps(&mut snapshot, &visit.actor, found.id, visit.shell.now).await?;
        } else {
            problems.push("code", format!("There is no organisation of the code {code}"));
        }
    } else if let [only] = mine.as_slice() {
        organisation = Some(only.clone());
    }
    let rows = match &organisation {
        Some(found) => store::sheets(&mut snapshot, found.id, after).await?,
        None => Vec::new(),
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = match (&page.next, &organisation) {
        (Some(after), Some(found)) => format!("/codes?code={}&after={after}", found.code),
        _ => String::new(),
    };
    let sizes = ["5", "10", "20"].map(|size| Choice::new(size, format!("{size} codes")).chosen_in(&["10"]));
    let sizes = sizes.into();
    let page =
        ListPage { shell: visit.shell, problems, organisation, mine, page, next, typed: asked.code, sizes };
    Ok(render(page.problems.status(), &page))
}

/// The organisations that somebody leads: seldom more than two or three.
fn led(actor: &Actor) -> Vec<OrganisationId> {
    let roles = actor.person().map_or(&[][..], |person| &person.roles);
    let led =
        roles.iter().filter(|(_, role)| *role == Role::Lead).filter_map(|(organisation, _)| *organisation);
    led.take(20).collect()
}

#[derive(Template)]
#[template(path = "code/print.html")]
struct PrintPage {
    shell: Shell,
    sheet: Sheet,
    codes: Vec<OneTimeCode>,
    code: String,
    /// The address of the page that takes a code.
    address: String,
}

/// `POST /codes`: the sheet, on the one page that ever shows its codes.
async fn print(visit: Visit, Form(asked): Form<Asked>) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let code = asked.code.trim().to_uppercase();
    let organisation = find_by_code(&mut tx, &code).await?.ok_or(Error::NotFound)?;
    let size = asked.size.trim().parse().unwrap_or(MOST_CODES);
    match actions::print(&mut tx, &visit.actor, organisation.id, size).await {
        Ok((sheet, codes)) => {
            tx.commit().await?;
            let address = visit.app.link("/report/code");
            let mut response = render(
                StatusCode::OK,
                &PrintPage { shell: visit.shell, sheet, codes, code: organisation.code, address },
            );
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Err(error @ CodeError::TooMany) => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push("size", error.to_string());
            list_page(visit, asked, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "code/show.html")]
struct SheetPage {
    shell: Shell,
    organisation: Organisation,
    sheet: Sheet,
    codes: Vec<Code>,
}

/// `GET /codes/{id}`
async fn show(visit: Visit, Path(id): Path<SheetId>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let sheet = actions::kept(&mut snapshot, &visit.actor, id, visit.shell.now).await?;
    let organisation = find(&mut snapshot, sheet.organisation_id).await?.ok_or(Error::NotFound)?;
    let codes = store::codes(&mut snapshot, id).await?;
    drop(snapshot);
    Ok(render(StatusCode::OK, &SheetPage { shell: visit.shell, organisation, sheet, codes }))
}

/// `POST /codes/{id}/revoke`
async fn revoke_sheet(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<SheetId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::revoke_sheet(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/codes/{id}")).into_response())
}

/// `POST /codes/{id}/{code}/revoke`
async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path((id, code)): Path<(SheetId, CodeId)>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::revoke(&mut tx, &actor, id, code).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/codes/{id}")).into_response())
}
