//! What the demonstration's first page tells is so: in the database, and on the page that each step leads to.

use std::path::Path;

use axum::body::Body;
use broadcast::{audience::preview, source::Source, threat};
use carecert::demo::{self, Moment, Played};
use db::{Engine, params, sql};
use http::{Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use platform::{App, log, web};
use testkit::database;
use tower::ServiceExt;

use crate::a_demonstration_is_made_and_kept::settings;

/// A demonstration on the engine of this run; its folder is this one.
pub async fn made(folder: &Path) -> App {
    let mut settings = settings(folder);
    if database::engine() == Engine::Postgres {
        settings.database_url = database::unmade().await.address;
    }
    demo::open(settings, &|_| {}).await.expect("a demonstration")
}

/// A GET as whoever has this cookie.
async fn get(app: &App, path: &str, cookie: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).expect("a request");
    let response = web::router(app).oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Becomes `who` as a visitor does: the cookies, and where it leads to.
async fn be(app: &App, who: &str, to: &str) -> (String, String) {
    let form = serde_html_form::to_string([("who", who), ("to", to)]).expect("a form");
    let request = Request::post("/demonstration/be")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form))
        .expect("a request");
    let response = web::router(app).oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{who}");
    let told = |value: &http::HeaderValue| value.to_str().expect("text").to_owned();
    let cookies = response.headers().get_all(header::SET_COOKIE).iter().map(told);
    let cookies: Vec<_> =
        cookies.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()).collect();
    (cookies.join("; "), told(&response.headers()[header::LOCATION]))
}

/// What stands in the hidden fields of the steps' forms.
fn steps_of(page: &str) -> Vec<(String, String)> {
    let value = |form: &str, name: &str| {
        let (_, rest) = form.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    page.split("action=\"/demonstration/be\"")
        .skip(1)
        .map(|form| (value(form, "who"), value(form, "to")))
        .collect()
}

/// The only column of the only row.
macro_rules! count {
    ($app:expr, $sql:literal $(, $value:expr)*) => {{
        let statement = sql!($sql);
        let (count,): (i64,) = $app.read().await.unwrap().one(statement, params![$($value),*]).await.unwrap();
        count
    }};
}

fn step(played: &[Played], moment: Moment) -> &Played {
    played.iter().find(|step| step.name == moment).expect("the step was played")
}

fn id<T: std::str::FromStr>(step: &Played) -> T
where
    T::Err: std::fmt::Debug,
{
    step.path.trim_end_matches("/report").rsplit('/').next().expect("an id").parse().expect("an id")
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_demonstration_tells_is_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = made(folder.path()).await;
    let played = demo::moments(&mut app.read().await.unwrap()).await.unwrap();
    assert_eq!(played.iter().map(|step| step.name).collect::<Vec<_>>(), Moment::ALL, "every step, in order");
    the_night_is_true(&app, &played).await;
    the_answers_are_true(&app, &played).await;
    the_end_is_true(&app, &played).await;
    every_step_can_be_seen(&app).await;
    the_visitor_can_answer(&app, &played).await;
}

async fn the_night_is_true(app: &App, played: &[Played]) {
    let threat = id(step(played, Moment::Merged));
    let merged = threat::store::statements(&mut app.read().await.unwrap(), threat).await.unwrap();
    for source in [Source::Kev, Source::Csaf] {
        assert!(merged.iter().any(|statement| statement.source == source), "{source:?} has its say");
    }
    let mut snapshot = app.db.read_long().await.unwrap();
    let previewed = id(step(played, Moment::Previewed));
    let figures = preview::figures(&mut snapshot, previewed, app.env.now()).await.unwrap();
    assert_eq!(
        (figures.organisations, figures.answered_by_others, figures.unreachable),
        (58 + 120, 120, 6),
        "trusts, practices through their board, unreachable"
    );
    drop(snapshot);
    let called = count!(
        app,
        "SELECT count(*) FROM demo_mail WHERE address = 'duty.manager@demo.example' AND subject LIKE '%waits for your approval' AND arrived_at < ?1",
        step(played, Moment::Published).happened_at
    );
    assert_eq!(called, 1, "the duty manager was mailed");
    let texted = count!(
        app,
        "SELECT count(*) FROM demo_mail WHERE address = '+447700900999' AND body LIKE '%waits for your approval%' AND arrived_at < ?1",
        step(played, Moment::Published).happened_at
    );
    assert_eq!(texted, 1, "and their telephone said so");
}

async fn the_answers_are_true(app: &App, played: &[Played]) {
    let alert: broadcast::alert::AlertId = id(step(played, Moment::Published));
    let head = broadcast::alert::store::alert(&mut app.read().await.unwrap(), alert).await.unwrap().unwrap();
    let deadline = head.acknowledge_by.expect("a deadline");
    assert_eq!(
        (deadline, head.issued_at + hours(48)),
        (step(played, Moment::Deadline).happened_at, deadline)
    );
    let lone = count!(
        app,
        "SELECT count(*) FROM response r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.alert_id = ?1 AND o.code = 'R1J' AND r.acknowledged_at BETWEEN ?2 AND ?3",
        alert,
        head.issued_at + hours(2),
        head.issued_at + hours(3)
    );
    assert_eq!(lone, 1, "in hour 3");
    let practices = |stage: &'static str| async move {
        count!(
            app,
            "SELECT count(*) FROM response WHERE alert_id = ?1 AND kind = 'gp_practice' AND stage = ?2",
            alert,
            stage
        )
    };
    assert_eq!((practices("not_applicable").await, practices("closed").await), (118, 2));
    let late = count!(
        app,
        "SELECT count(*) FROM response WHERE alert_id = ?1 AND acknowledged_at > ?2",
        alert,
        deadline
    );
    assert_eq!(late, 4);
    assert_eq!(count!(app, "SELECT count(*) FROM ring WHERE alert_id = ?1", alert), 1, "one is rung");
    let executives: Vec<(String,)> = app
        .read()
        .await
        .unwrap()
        .all(
            sql!(
                "SELECT address FROM demo_mail WHERE address LIKE 'siro@%' AND arrived_at BETWEEN ?1 AND ?2"
            ),
            params![deadline, deadline + hours(12)],
        )
        .await
        .unwrap();
    assert_eq!(executives, [("siro@rte.example".to_owned(),)], "one executive is told");
}

async fn the_end_is_true(app: &App, played: &[Played]) {
    let alert: broadcast::alert::AlertId = id(step(played, Moment::Published));
    let accepted = count!(
        app,
        "SELECT count(*) FROM response r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.alert_id = ?1 AND o.code = 'RR8' AND r.outcome = 'risk_accepted' AND r.closed_at <= ?2",
        alert,
        step(played, Moment::Accepted).happened_at
    );
    assert_eq!(accepted, 1, "the executive bears the risk");
    let open = count!(
        app,
        "SELECT count(*) FROM response WHERE alert_id = ?1 AND stage NOT IN ('closed', 'not_applicable')",
        alert
    );
    assert_eq!(open, 0, "everybody is done");
    let closed = count!(app, "SELECT max(closed_at) FROM response WHERE alert_id = ?1", alert);
    let last = step(played, Moment::Closed).happened_at;
    assert_eq!(Timestamp::from_microsecond(closed).unwrap(), last);
    let learned = step(played, Moment::Learned).happened_at;
    let lessons = count!(app, "SELECT count(*) FROM lesson WHERE recorded_at <= ?1", learned);
    let open = count!(app, "SELECT count(*) FROM follow_up WHERE state = 'open' AND made_at <= ?1", learned);
    assert_eq!((lessons, open), (3, 4), "lessons of both sides, and what follows from them");
    what_ended_is_finished(app, step(played, Moment::Urgent)).await;
    let first = platform::uk::day(step(played, Moment::Merged).happened_at);
    assert_eq!((platform::uk::day(last) - first).get_days(), 20, "on day 21");
    let mut snapshot = app.db.read_long().await.unwrap();
    let report = log::verify(&mut snapshot, app.env.now(), None).await.unwrap();
    assert!(report.finding.is_none() && report.size > 200, "{report:?}");
}

/// The night's playbook was followed to its end before the incident was closed, and the report to the regulator lacks
/// nothing.
async fn what_ended_is_finished(app: &App, urgent: &Played) {
    let part = |part: &str| urgent.path.replace("/impact", part);
    let (cookie, _) = be(app, "duty_manager", &part("/runs")).await;
    let (_, runs) = get(app, &part("/runs"), &cookie).await;
    assert!(runs.contains("Followed to its end") && !runs.contains("Being followed"), "{runs}");
    let (_, regulators) = get(app, &part("/clocks"), &cookie).await;
    assert!(regulators.contains("Nothing") && !regulators.contains(" facts<"), "{regulators}");
}

/// Each step's button leads to a page, as the person it names.
async fn every_step_can_be_seen(app: &App) {
    let (_, page) = get(app, "/", "").await;
    assert!(page.contains("Now answer one yourself") && page.contains("<svg"), "{page}");
    let steps = steps_of(&page);
    assert_eq!(steps.len(), Moment::ALL.len());
    for (who, to) in steps {
        let (cookie, location) = be(app, &who, &to).await;
        assert_eq!(location, to);
        let (status, shown) = get(app, &to, &cookie).await;
        assert_eq!(status, StatusCode::OK, "{who} at {to}: {shown}");
    }
    let (_, feed) = get(app, "/feeds/alerts.atom", "").await;
    assert!(feed.contains("<entry>"), "an alert that everybody may read: {feed}");
}

async fn the_visitor_can_answer(app: &App, played: &[Played]) {
    let to = &step(played, Moment::Yours).path;
    let (cookie, _) = be(app, "responder", to).await;
    let (_, page) = get(app, to, &cookie).await;
    assert!(
        page.contains("Not acknowledged") && page.contains("left"),
        "it waits, and its clock runs: {page}"
    );
    let (_, elsewhere) = be(app, "responder", "//example.org").await;
    assert_eq!(elsewhere, "/", "it leads to no other site");
    let (none, instead) = be(app, "nobody", to).await;
    assert_eq!((none.as_str(), instead.as_str()), ("", "/demonstration"));
}
