//! The pages that a shift and its responders live in, asked 200 times a second.

use std::time::Duration;

use axum::{Router, body::Body};
use broadcast::alert::AlertId;
use db::{macro_support::Uuid, params, sql};
use http::{Request, header};
use jiff::SignedDuration;
use platform::{
    App,
    access::{PersonId, Role, resolve},
    organisation::OrganisationId,
    web,
};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::{
    nation::OWN,
    table::{Table, now, shown},
};

const A_SECOND: u32 = 200;
const REQUESTS: u32 = 2_000;

/// Measures them; `alert` is the one that went to everybody.
pub async fn measure(app: &App, alert: AlertId, table: &mut Table) -> anyhow::Result<()> {
    let router = web::router(app);
    let (own,): (OrganisationId,) =
        app.read().await?.one(sql!("SELECT id FROM organisation WHERE code = ?1"), params![OWN]).await?;
    let responder = signed_in(app, Role::Responder, Some(own)).await?;
    let manager = signed_in(app, Role::DutyManager, None).await?;
    for (what, path, cookie) in [
        ("the responder's home", "/alerts".to_owned(), &responder),
        ("the alert", format!("/alerts/{alert}"), &responder),
        ("the sector", "/sector".to_owned(), &manager),
        ("the sector's page of the alert", format!("/sector/{alert}"), &manager),
    ] {
        // So that no figure is of a connection's first plans.
        ask(&router, &path, cookie, A_SECOND).await?;
        let before = app.db.statements();
        let (p50, p99, failed) = ask(&router, &path, cookie, A_SECOND).await?;
        anyhow::ensure!(failed == 0, "{failed} of {REQUESTS} requests for {path} failed");
        let statements = (app.db.statements() - before) / u64::from(REQUESTS);
        let what = format!("{what}: {statements} statements, p50 {}, p99 at {A_SECOND}/s", shown(p50));
        table.row(&what, shown(p99), "25 ms");
    }
    Ok(())
}

/// Sends so many requests a second, whether or not the answers keep up.
pub async fn ask(
    router: &Router,
    path: &str,
    cookie: &str,
    a_second: u32,
) -> anyhow::Result<(Duration, Duration, usize)> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / a_second);
    let mut answers = JoinSet::new();
    for _ in 0..REQUESTS {
        ticks.tick().await;
        let (router, request) =
            (router.clone(), Request::get(path).header(header::COOKIE, cookie).body(Body::empty())?);
        let begun = now();
        answers.spawn(async move {
            let response = router.oneshot(request).await.expect("a router always answers");
            let good = response.status().is_success();
            let whole = axum::body::to_bytes(response.into_body(), usize::MAX).await.is_ok();
            (begun.elapsed(), good && whole)
        });
    }
    let answers = answers.join_all().await;
    let failed = answers.iter().filter(|(_, good)| !good).count();
    let mut times: Vec<_> = answers.into_iter().map(|(time, _)| time).collect();
    times.sort_unstable();
    Ok((times[times.len() / 2], times[times.len() * 99 / 100], failed))
}

/// A session of somebody in this role, as the header of its cookie.
pub async fn signed_in(
    app: &App,
    role: Role,
    organisation: Option<OrganisationId>,
) -> anyhow::Result<String> {
    let mut tx = app.write().await?;
    let (id, now): (PersonId, _) = (tx.id(), tx.now);
    let person = sql!("INSERT INTO person (id, email, name, created_at) VALUES (?1, ?2, ?2, ?3)");
    tx.run(person, params![id, format!("viewer {id}"), now]).await?;
    let membership = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    let membership_id: Uuid = tx.id();
    tx.run(membership, params![membership_id, id, organisation, role, now]).await?;
    let token = data_encoding::HEXLOWER.encode(&tx.bytes::<16>());
    let session = sql!(
        "INSERT INTO session (hash, id, person_id, stage, device, created_at, seen_at, expires_at)
         VALUES (?1, ?2, ?3, 'full', 'bench', ?4, ?4, ?5)"
    );
    let (session_id, expires): (Uuid, _) = (tx.id(), now + SignedDuration::from_hours(10));
    tx.run(session, params![resolve::hash(&token), session_id, id, now, expires]).await?;
    tx.commit().await?;
    Ok(format!("{}={token}", resolve::COOKIE))
}
