//! `/alerts/{id}/respond/organisations`: for whom the answer is meant: all, all but some, or only
//! some. What is ticked is kept page by page, so that no page has to hold thousands.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    access::Role,
    fold,
    organisation::OrganisationId,
    web::{
        Error, Form, Visit,
        cursor::Page,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    AlertHead, AlertId, questions,
    store::{choices, lists},
};

/// What is searched, and where the list goes on: a code.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    q: String,
    after: String,
}

#[derive(Template)]
#[template(path = "response/choose.html")]
struct Choose {
    shell: Shell,
    alert: AlertHead,
    modes: Vec<Choice>,
    sought: Sought,
    page: Page<lists::Shown>,
    total: i64,
    chosen: i64,
    problems: Problems,
}

/// `GET /alerts/{id}/respond/organisations`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<AlertId>,
    Query(sought): Query<Sought>,
) -> Result<Response, Error> {
    page(visit, id, sought, &[], Problems::none()).await
}

/// The page, with what was ticked beside "All of them", which says nothing until one or the other is given up.
async fn page(
    visit: Visit,
    id: AlertId,
    sought: Sought,
    at_odds: &[OrganisationId],
    problems: Problems,
) -> Result<Response, Error> {
    let now = visit.shell.now;
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = questions::open(&mut snapshot, &visit.actor, now, id).await?;
    // One word finds enough: the list is somebody's own.
    let prefix = fold::prefixes(&sought.q).into_iter().next();
    let wanted = lists::Wanted {
        word: prefix.as_ref(),
        after: (!sought.after.is_empty()).then_some(sought.after.as_str()),
        ..lists::Wanted::default()
    };
    let mut rows =
        lists::organisations(&mut snapshot, &visit.actor, now, Role::ANSWERING, id, &wanted).await?;
    for row in rows.iter_mut().filter(|row| at_odds.contains(&row.organisation_id)) {
        row.ticked = true;
    }
    let mode = super::draft::find(&mut snapshot, &visit.actor, id).await?.chosen;
    let total = lists::count_chosen(&mut snapshot, &visit.actor, now, &alert, "all").await?;
    let chosen = lists::count_chosen(&mut snapshot, &visit.actor, now, &alert, &mode).await?;
    drop(snapshot);
    let modes = [
        Choice::new("all", "All of them"),
        Choice::new("all_but", "All but those I tick"),
        Choice::new("only", "Only those I tick"),
    ]
    .map(|choice| choice.chosen_in(&[&mode]))
    .into();
    let mut page = Page::of(rows, |row| row.code.clone());
    // A code is a cursor that people can read.
    page.next = page.next.and_then(|_| page.rows.last().map(|row| row.code.clone()));
    let status = problems.status();
    Ok(render(status, &Choose { shell: visit.shell, alert, modes, sought, page, total, chosen, problems }))
}

/// What the form says: how is chosen, what the page showed, what of it is ticked, where to go next.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticked {
    mode: String,
    shown: Vec<OrganisationId>,
    tick: Vec<OrganisationId>,
    q: String,
    /// From where the page's list began, and where the next one does.
    after: String,
    next: String,
    go: String,
}

/// `POST /alerts/{id}/respond/organisations`
pub(super) async fn keep(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(ticked): Form<Ticked>,
) -> Result<Response, Error> {
    let mode @ ("all" | "all_but" | "only") = ticked.mode.as_str() else {
        return Err(Error::Invalid("Select for whom you answer.".to_owned()));
    };
    if mode == "all" && !ticked.tick.is_empty() {
        let sought = Sought { q: ticked.q, after: ticked.after };
        let mut problems = Problems::none();
        problems.push("mode", "Select whether you answer for those you ticked or for all but those: “All of them” takes no ticks");
        return page(visit, id, sought, &ticked.tick, problems).await;
    }
    let list = visit.actor.holder().unwrap_or(Uuid::nil());
    let mut tx = visit.app.write().await?;
    let alert = questions::open(&mut tx, &visit.actor, visit.shell.now, id).await?;
    choices::keep_chosen(&mut tx, list, id, mode).await?;
    if mode == "all" {
        choices::clear(&mut tx, list, id).await?;
    } else {
        // At most the rows of one page, whatever is posted.
        for organisation in ticked.shown.iter().take(50).filter(|shown| !ticked.tick.contains(shown)) {
            choices::remove(&mut tx, list, id, *organisation).await?;
        }
        choices::add(&mut tx, list, id, &ticked.tick[..ticked.tick.len().min(50)]).await?;
    }
    let chosen = lists::count_chosen(&mut tx, &visit.actor, visit.shell.now, &alert, mode).await?;
    tx.commit().await?;
    if chosen == 0 && ticked.go.is_empty() {
        let sought = Sought { q: ticked.q, after: ticked.after };
        let mut problems = Problems::none();
        problems.push("mode", "Nobody is chosen. Tick those that you answer for, or answer for all of them");
        return page(visit, id, sought, &[], problems).await;
    }
    let here = format!("/alerts/{id}/respond/organisations");
    let to = match ticked.go.as_str() {
        "next" => format!("{here}?{}", query(&[("q", &ticked.q), ("after", &ticked.next)])),
        "search" => format!("{here}?{}", query(&[("q", &ticked.q)])),
        _ => format!("/alerts/{id}/respond"),
    };
    Ok(Redirect::to(&to).into_response())
}

fn query(fields: &[(&str, &String)]) -> String {
    let encoded = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>()
    };
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

impl Choose {
    /// "117 of 120 organisations are chosen."
    fn so_far(&self) -> String {
        let count = platform::web::show::count;
        format!("{} of {} organisations are chosen.", count(self.chosen), count(self.total))
    }
}
