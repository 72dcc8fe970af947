//! An organisation's machine: its key's scopes, expiry and rate, and a POST that is sent again.

use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::extract::State;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    Actor, App, Service,
    access::{Role, Rule},
    key::{self, Scope, actions::NewKey},
    log,
    organisation::{
        OrganisationId,
        answering::actions::{self as answering, Terms},
        import,
    },
    retention,
    web::{Error, Json, Route},
};
use serde_json::json;
use testkit::world::World;
use tracing::{Event, Metadata, Subscriber, span};

use crate::issuing::answers_for;

/// A service whose one change writes into the log, so that each time it is done can be counted.
static COUNTING: Service = Service {
    name: "counting",
    migrations: &[],
    routes: || {
        vec![
            Route::get("/api/test", Rule::Scope("alerts:read"), || async { "{}" }),
            Route::post("/api/test", Rule::Scope("responses:write"), change),
        ]
    },
    navigation: |_| Vec::new(),
    jobs: &[],
    messages: &[],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[],
    panels: &[],
    waiting: &[],
    shift: &[],
};
static WITH_COUNTING: [&Service; 2] = [&platform::SERVICE, &COUNTING];

async fn change(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<serde_json::Value>,
) -> Result<axum::Json<serde_json::Value>, Error> {
    if body["wrong"] == true {
        return Err(Error::Invalid("It is wrong.".to_owned()));
    }
    let mut tx = app.write().await?;
    log::write(&mut tx, &actor, log::Entry::new("test.changed")).await?;
    tx.commit().await?;
    Ok(axum::Json(json!({ "at": app.env.now().to_string() })))
}

async fn changes(world: &World) -> i64 {
    let mut snapshot = world.app.read().await.expect("a read");
    let statement = sql!("SELECT count(*) FROM log_entry WHERE verb = 'test.changed'");
    let (count,): (i64,) = snapshot.one(statement, params![]).await.expect("a count");
    count
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_it_ends() {
    let world = World::new(&WITH_COUNTING).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = world.person("Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    let trust = trust.to_string();
    let form = [
        ("organisation", trust.as_str()),
        ("name", "Desk"),
        ("scopes", "alerts:read"),
        ("stands_for", trust.as_str()),
        ("days", "90"),
    ];
    let opened = ("form", "0197290b-0000-7000-8000-000000000001");
    let form = [form[0], form[1], form[2], form[3], form[4], opened];
    let given = lead.post("/keys/new", &form).await;
    let again = lead.post("/keys/new", &form).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "pressed twice, one key is given");
    assert!(again.body.contains("This key was given already"), "{}", again.body);
    let at = given.body.find(">cc_").expect("the key is shown") + 1;
    let token = given.body[at..].split('<').next().expect("a key").to_owned();
    assert_eq!(token.len(), "cc_".len() + 43);
    let list = lead.get("/keys").await.body;
    assert!(list.contains("Never") && !list.contains(&token), "shown once");

    let machine = world.machine(&token);
    assert_eq!(machine.get("/api/test").await.status, StatusCode::OK);
    assert!(!lead.get("/keys").await.body.contains("Never"));
    let refused = machine.post_json("/api/test", &json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["status"], 403);
    assert_eq!(world.visitor().get("/api/test").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.machine("cc_nonsense").get("/api/test").await.status, StatusCode::UNAUTHORIZED);

    world.app.env.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(machine.get("/api/test").await.status, StatusCode::UNAUTHORIZED, "expired");

    let other = world.organisation("RWB", "Running NHS Trust", "trust").await.to_string();
    let foreign = [form[0], form[1], form[2], ("stands_for", other.as_str()), form[4]];
    assert_eq!(lead.post("/keys/new", &foreign).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = [form[0], form[1], form[2], form[3], ("days", "366")];
    assert_eq!(lead.post("/keys/new", &long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_revoked_key_ends_at_once_and_a_greedy_one_waits() {
    let world = World::new(&WITH_COUNTING).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let token = world.key(trust, "alerts:read").await;
    let machine = world.machine(&token);
    for _ in 0..100 {
        assert_eq!(machine.get("/api/test").await.status, StatusCode::OK);
    }
    let slowed = machine.get("/api/test").await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(slowed.headers["retry-after"], "1");
    world.app.env.advance(SignedDuration::from_secs(1));
    assert_eq!(machine.get("/api/test").await.status, StatusCode::OK);

    let lead = world.person("Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    let list = lead.get("/keys").await.body;
    let at = list.find("/keys/0").expect("a key to revoke");
    lead.post(list[at..].split('"').next().expect("its address"), &[]).await;
    assert_eq!(machine.get("/api/test").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_post_that_is_sent_again_is_done_once() {
    let world = World::new(&WITH_COUNTING).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let token = world.key(trust, "responses:write").await;
    let machine = world.machine(&token).with("idempotency-key", "ticket 7");
    let first = machine.post_json("/api/test", &json!({ "a": 1 })).await;
    world.app.env.advance(SignedDuration::from_secs(5));
    let again = machine.post_json("/api/test", &json!({ "a": 1 })).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    assert_eq!(changes(&world).await, 1);

    let other = machine.post_json("/api/test", &json!({ "a": 2 })).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(changes(&world).await, 1);
    // A refusal is not kept: the request is mended and sent under the same name.
    let named = world.machine(&token).with("idempotency-key", "ticket 8");
    let wrong = named.post_json("/api/test", &json!({ "wrong": true })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(named.post_json("/api/test", &json!({ "a": 3 })).await.status, StatusCode::OK);

    world.app.env.advance(SignedDuration::from_hours(25));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.expect("a sweep");
    assert_eq!(machine.post_json("/api/test", &json!({ "a": 1 })).await.status, StatusCode::OK);
    assert_eq!(changes(&world).await, 3, "forgotten after a day");
}

/// Counts what the password hasher says of itself.
#[derive(Clone, Debug, Default)]
struct Hashes(Arc<AtomicU32>);

impl Subscriber for Hashes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "platform::account::hashing"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn no_password_is_hashed_on_an_api_call() {
    let world = World::new(&WITH_COUNTING).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let machine = world.machine(&world.key(trust, "alerts:read responses:write").await);
    let hashes = Hashes::default();
    let _counting = tracing::subscriber::set_default(hashes.clone());
    machine.get("/api/test").await;
    machine.post_json("/api/test", &json!({})).await;
    world.machine("cc_wrong").get("/api/test").await;
    assert_eq!(hashes.0.load(Ordering::SeqCst), 0);
    // The counter counts: a sign-in hashes, also for an address that nobody has.
    world.visitor().post("/sign-in", &[("email", "nobody@example.org"), ("password", "x")]).await;
    assert_eq!(hashes.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_does_not_outlive_the_link_that_it_stands_on() {
    let world = World::new(carecert::SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    let here = Actor::Job("test");
    let mut tx = world.app.write().await.expect("a write");
    let terms = Terms { from: tx.now, until: None, note: String::new() };
    let link = answering::add(&mut tx, &here, practice, "QAA", &terms).await.expect("a link");
    let new = NewKey {
        form: None,
        name: "Tickets".to_owned(),
        organisation: Some(board),
        scopes: vec![Scope::ReadOrganisations],
        days: 90,
        stands_for: vec![practice],
    };
    let (_, token) = key::actions::create(&mut tx, &here, &new).await.expect("a key");
    tx.commit().await.expect("a commit");
    let machine = world.machine(&token);
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, StatusCode::OK);

    let mut tx = world.app.write().await.expect("a write");
    answering::revoke(&mut tx, &here, link).await.expect("revoked");
    tx.commit().await.expect("a commit");
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, StatusCode::NOT_FOUND);
}

/// A key of `board` for `practice` alone; its token.
async fn key_for(world: &World, board: OrganisationId, practice: OrganisationId) -> String {
    let mut tx = world.app.write().await.expect("a write");
    let new = NewKey {
        form: None,
        name: "Tickets".to_owned(),
        organisation: Some(board),
        scopes: vec![Scope::ReadOrganisations],
        days: 90,
        stands_for: vec![practice],
    };
    let (_, token) = key::actions::create(&mut tx, &Actor::Job("test"), &new).await.expect("a key");
    tx.commit().await.expect("a commit");
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_an_import_ends_ends_for_keys_too() {
    let world = World::new(carecert::SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    let import = async |row: &str| {
        let csv = format!("answering,organisation,from,until,note\n{row}\n");
        let (app, here) = (&world.app, Actor::Job("test"));
        import::answers(app, &here, Cursor::new(csv), "answers.csv", &|_| {}).await.expect("an import");
    };
    import("QAA,A81001,2026-05-01,,").await;
    let token = key_for(&world, board, practice).await;
    let machine = world.machine(&token);
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, StatusCode::OK);
    import("QAA,A81001,2026-05-01,2026-05-31,").await;
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_key_reaches_no_further_than_those_whom_its_owner_answers_for() {
    let world = World::new(carecert::SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    let branch = world.organisation("A81002", "Branch", "gp_practice").await;
    answers_for(&world, board, practice).await;
    answers_for(&world, practice, branch).await;
    let responder = world.person("Ray", Role::Responder, Some(board)).await;
    let ray = world.signed_in(responder).await;
    assert_eq!(ray.get(&format!("/organisations/{branch}")).await.status, StatusCode::NOT_FOUND);
    let token = key_for(&world, board, practice).await;
    let machine = world.machine(&token);
    assert_eq!(machine.get("/api/v1/organisations/A81001").await.status, StatusCode::OK);
    assert_eq!(machine.get("/api/v1/organisations/A81002").await.status, StatusCode::NOT_FOUND);
    assert_eq!(machine.get("/api/v1/organisations/QAA").await.status, StatusCode::NOT_FOUND, "not chosen");
}
