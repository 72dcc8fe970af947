//! Ten thousand incidents and then sixteen times as many: the list, one of them, a search and a report, for the CERT
//! and for an organisation, asked one after the other; with how many statements each runs, whichever is asked for.

mod fill;

use std::time::Duration;

use axum::{Router, body::Body};
use db::{Engine, macro_support::Uuid, params, sql};
use http::{Method, Request, header};
use platform::{App, access::Role, organisation::OrganisationId, web};
use tower::ServiceExt;

use crate::{
    nation::{self, OWN},
    pages,
    table::{Table, now, processor_time, shown},
};

const SIZES: [u64; 2] = [10_000, 160_000];
/// Requests of each kind.
const REQUESTS: usize = 300;
/// What is asked is to take no longer, at the median.
const LIMIT: &str = "5 ms";
/// For how many organisations somebody at a board reports.
const BOARD: usize = 1_000;

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    nation::fill(app).await?;
    let organisations: Vec<(OrganisationId,)> =
        app.db.read_long().await?.all(sql!("SELECT id FROM organisation ORDER BY code"), params![]).await?;
    let organisations: Vec<OrganisationId> = organisations.into_iter().map(|(id,)| id).collect();
    let find = sql!("SELECT id FROM organisation WHERE code = ?1");
    let (own,): (OrganisationId,) = app.read().await?.one(find, params![OWN]).await?;
    let board = organisations[organisations.len() - 1];
    answers_for(app, board, &organisations[1..=BOARD]).await?;
    let readers = Readers {
        analyst: pages::signed_in(app, Role::Analyst, None).await?,
        responder: pages::signed_in(app, Role::Responder, Some(own)).await?,
        board: pages::signed_in(app, Role::Responder, Some(board)).await?,
    };
    let router = web::router(app);
    let mut before = 0;
    for size in SIZES {
        let begun = now();
        fill::fill(app, (before, size), &organisations, own).await?;
        counted(app).await?;
        eprintln!("{size} incidents after {}", shown(begun.elapsed()));
        before = size;
        of_size(app, &router, &readers, size, table).await?;
    }
    Ok(())
}

/// The cookies of those who ask.
struct Readers {
    analyst: String,
    responder: String,
    board: String,
}

/// PostgreSQL counts its tables within a minute of so many new rows, on the cores that are measured: it is done before.
async fn counted(app: &App) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    if tx.engine() == Engine::Postgres {
        tx.run(sql!("ANALYZE"), params![]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Lets an organisation answer for others.
async fn answers_for(app: &App, board: OrganisationId, of: &[OrganisationId]) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    let now = tx.now;
    for organisation in of {
        let statement = sql!(
            "INSERT INTO answers_for (id, organisation_id, answering_id, from_at, note) VALUES (?1, ?2, ?3, ?4, '')"
        );
        let id: Uuid = tx.id();
        tx.run_later(statement, params![id, *organisation, board, now]).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn of_size(
    app: &App,
    router: &Router,
    readers: &Readers,
    size: u64,
    table: &mut Table,
) -> anyhow::Result<()> {
    let all = sample(app, sql!("SELECT id, receipt FROM incident ORDER BY id")).await?;
    let ours = sample(
        app,
        sql!(
            "SELECT i.id, i.receipt FROM incident i JOIN organisation o ON o.id = i.organisation_id
             WHERE o.code = 'B00000' AND i.apart = FALSE ORDER BY i.id"
        ),
    )
    .await?;
    let get = |cookie: &str, paths: Vec<String>| (Method::GET, cookie.to_owned(), paths);
    let each = |of: &[(Uuid, String)], path: &str| -> Vec<String> {
        of.iter()
            .map(|(id, number)| path.replace("{id}", &id.to_string()).replace("{number}", number))
            .collect()
    };
    let words = ["B00000", "b12345", "B5432", "B000", "B1", "surgery", "surgery+b4", "trust"];
    let (analyst, responder, board) = (&readers.analyst, &readers.responder, &readers.board);
    let deep: Vec<String> =
        all.iter().map(|(id, _)| format!("/incidents?after={}", web::cursor::write(id))).collect();
    for (what, (method, cookie, paths)) in [
        ("the list of the CERT, 50 rows", get(analyst, vec!["/incidents".to_owned()])),
        ("the same, anywhere in it", get(analyst, deep)),
        ("of those to be taken on", get(analyst, vec!["/incidents?state=reported".to_owned()])),
        ("of P1 in hand", get(analyst, vec!["/incidents?state=open&priority=p1".to_owned()])),
        ("of P1 reported with a code", get(analyst, vec!["/incidents?standing=code&priority=p1".to_owned()])),
        ("of an organisation, 50 rows", get(responder, vec!["/incidents".to_owned()])),
        ("of a board for 1,000 others", get(board, vec!["/incidents".to_owned()])),
        ("one incident, for the CERT", get(analyst, each(&all, "/incidents/{id}"))),
        ("the same for its organisation", get(responder, each(&ours, "/incidents/{id}"))),
        ("those that are like it", get(analyst, each(&all, "/incidents/{id}/similar"))),
        ("its timeline, for the CERT", get(analyst, each(&all, "/incidents/{id}/timeline"))),
        ("its tasks, for its organisation", get(responder, each(&ours, "/incidents/{id}/tasks"))),
        ("a search for its number", get(analyst, each(&all, "/incidents?q={number}"))),
        (
            "a search for an organisation",
            get(analyst, words.iter().map(|word| format!("/incidents?q={word}")).collect()),
        ),
        (
            "a report, signed in",
            (
                Method::POST,
                responder.clone(),
                vec![
                    "/report/new?organisation=B00000&seen=files_locked&affected=wards&care=Paper&go=send"
                        .to_owned(),
                ],
            ),
        ),
    ] {
        let figure = one_by_one(app, router, &method, &cookie, &paths).await?;
        table.row(&format!("{size} incidents: {what}"), figure, LIMIT);
    }
    Ok(())
}

/// Incidents from all over a list.
async fn sample(app: &App, statement: &'static db::Statement) -> anyhow::Result<Vec<(Uuid, String)>> {
    let all: Vec<(Uuid, String)> = app.db.read_long().await?.all(statement, params![]).await?;
    let step = (all.len() / REQUESTS).max(1);
    Ok(all.into_iter().step_by(step).collect())
}

/// Asks for the paths by turns, one after the other: the median, the slowest of a hundred, and how many statements.
async fn one_by_one(
    app: &App,
    router: &Router,
    method: &Method,
    cookie: &str,
    paths: &[String],
) -> anyhow::Result<String> {
    let (mut times, mut statements) = (Vec::new(), Vec::new());
    let mut processor = processor_time();
    for place in 0..REQUESTS + paths.len().min(20) {
        let path = &paths[place % paths.len()];
        let (path, body) = match (method, path.split_once('?')) {
            (&Method::POST, Some((path, form))) => (path, form.to_owned()),
            _ => (path.as_str(), String::new()),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))?;
        let (before, begun) = (app.db.statements(), now());
        let response = router.clone().oneshot(request).await.expect("a router always answers");
        let status = response.status();
        let whole = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        let took = begun.elapsed();
        anyhow::ensure!(
            status.is_success() || status.is_redirection(),
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&whole)
        );
        // The first of each are of a connection's first plans.
        if place + 1 == paths.len().min(20) {
            processor = processor_time();
        } else if place >= paths.len().min(20) {
            times.push(took);
            statements.push(app.db.statements() - before);
        }
    }
    times.sort_unstable();
    statements.sort_unstable();
    let p = |of: usize| -> Duration { times[times.len() * of / 100] };
    let (least, most) = (statements[0], statements[statements.len() - 1]);
    let statements = if least == most { most.to_string() } else { format!("{least} to {most}") };
    let each = processor_time().saturating_sub(processor) / u32::try_from(times.len())?;
    Ok(format!(
        "p50 {}, p99 {}, {} of processor time each, {statements} statements",
        shown(p(50)),
        shown(p(99)),
        shown(each)
    ))
}
