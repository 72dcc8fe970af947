//! Who sees an organisation: the CERT every one, its own people theirs and those they answer for,
//! machines those they stand for, and nobody else any.

use carecert::SERVICES;
use db::{macro_support::Uuid, params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{Role, resolve},
    import::Report,
    organisation::{
        OrganisationId,
        contact::{ContactKind, ContactRole, Details, actions},
        import,
    },
};
use testkit::world::World;

const HERE: Actor = Actor::Job("test");

async fn answers(world: &World, text: &'static str) -> Report {
    import::answers(&world.app, &HERE, text.as_bytes(), "answers.csv", &|_| {}).await.expect("an import")
}

async fn a_contact(world: &World, organisation: OrganisationId, email: &str) {
    let mut tx = world.app.write().await.expect("a write");
    let details = Details {
        role: ContactRole::SecurityLead,
        kind: ContactKind::Person,
        name: "Sam Secret".to_owned(),
        email: Some(email.to_owned()),
        telephone: Some("01632 960 001".to_owned()),
    };
    actions::add(&mut tx, &HERE, organisation, &details).await.expect("a contact");
    tx.commit().await.expect("a commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_sees_the_practices_it_answers_for_until_it_no_longer_does() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "North East Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    let stranger = world.organisation("A81002", "Queens Park", "gp_practice").await;
    a_contact(&world, board, "lead@board.example").await;
    a_contact(&world, practice, "manager@densham.example").await;
    a_contact(&world, stranger, "manager@queens.example").await;

    let list = "answering,organisation,from,until,note\nQHM,A81001,2026-06-01,2026-06-30,Contract 7\nQHM,NOWHERE,,,\nQHM,QHM,,,\n";
    let report = answers(&world, list).await;
    assert_eq!((report.new, report.same, report.refused), (1, 0, 2));
    assert_eq!(report.refusals[0].line, 3);
    let report = answers(&world, list).await;
    assert_eq!((report.new, report.changed, report.same, report.refused), (0, 0, 1, 2));

    let responder = world.person("Bo Board", Role::Responder, Some(board)).await;
    let at_board = world.signed_in(responder).await;
    let own = at_board.get("/organisation").await;
    assert_eq!(own.location(), Some(format!("/organisations/{board}").as_str()));
    let page = at_board.get(&format!("/organisations/{board}")).await;
    assert!(page.body.contains("The Densham Surgery") && page.body.contains("lead@board.example"));
    let page = at_board.get(&format!("/organisations/{practice}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("manager@densham.example"));
    let hidden = at_board.get(&format!("/organisations/{stranger}")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert!(!hidden.body.contains("queens"));
    assert_eq!(at_board.get("/organisations").await.status, StatusCode::FORBIDDEN);

    let manager = world.person("Pat Practice", Role::Lead, Some(practice)).await;
    let at_practice = world.signed_in(manager).await;
    let page = at_practice.get(&format!("/organisations/{practice}")).await;
    assert!(
        page.body.contains("Nothing to do: North East Care Board is answering. Ring them on 01632 960 001.")
    );
    assert!(page.body.contains("30 June 2026"), "the last day is shown as it was written");
    assert!(!page.body.contains("lead@board.example"));
    let board_page = at_practice.get(&format!("/organisations/{board}")).await;
    assert_eq!(board_page.status, StatusCode::NOT_FOUND);

    world.app.env.advance(SignedDuration::from_hours(30 * 24));
    let over = at_board.get(&format!("/organisations/{practice}")).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND, "July has begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_says_who_answers_and_ends_it() {
    let world = World::new(SERVICES).await;
    world.organisation("QHM", "North East Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    let admin = world.person("Ada Admin", Role::Admin, None).await;
    let admin = world.signed_in(admin).await;
    let form = format!("/organisations/{practice}/answering");
    let typed = |code: &'static str, until_day: &'static str| {
        let month = if until_day.is_empty() { "" } else { "5" };
        let year = if until_day.is_empty() { "" } else { "2026" };
        [
            ("code", code),
            ("from-day", "1"),
            ("from-month", "June"),
            ("from-year", "2026"),
            ("until-day", until_day),
            ("until-month", month),
            ("until-year", year),
            ("note", "Contract 7"),
        ]
    };
    for (code, until, sentence) in [
        ("QQQ", "", "No organisation has the code QQQ."),
        ("a81001", "", "cannot answer for itself"),
        ("QHM", "3", "The last day must not be before the first."),
        ("", "", "Enter the code"),
    ] {
        let wrong = admin.post(&form, &typed(code, until)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert!(wrong.body.contains(sentence) && wrong.body.contains("Contract 7"), "{sentence}");
    }
    assert_eq!(admin.post(&form, &typed("qhm", "")).await.status, StatusCode::SEE_OTHER);
    let twice = admin.post(&form, &typed("QHM", "")).await;
    assert!(twice.body.contains("already answers"));

    let page = admin.get(&format!("/organisations/{practice}")).await;
    assert!(page.body.contains("Nothing to do: North East Care Board is answering."));
    let revoke = page.body.split("action=\"").find(|part| part.starts_with("/answering/")).expect("a button");
    let revoke = revoke.split('"').next().expect("an address");
    assert_eq!(admin.post(revoke, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.post(revoke, &[]).await.status, StatusCode::NOT_FOUND);
    let page = admin.get(&format!("/organisations/{practice}")).await;
    assert!(page.body.contains("The Densham Surgery answers for itself."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_reads_the_organisations_it_stands_for() {
    let world = World::new(SERVICES).await;
    let supplier = world.organisation("8HX01", "Practice IT Ltd", "supplier").await;
    world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    world.organisation("A81002", "Queens Park", "gp_practice").await;
    answers(&world, "answering,organisation\n8HX01,A81001\n").await;
    a_key(&world, "token", supplier).await;

    let machine = world.machine("token");
    let list = machine.get("/api/v1/organisations").await.json();
    let codes: Vec<_> =
        list["organisations"].as_array().expect("a list").iter().map(|each| &each["code"]).collect();
    assert_eq!(codes, ["8HX01", "A81001"]);
    let one = machine.get("/api/v1/organisations/a81001").await;
    assert_eq!(one.json()["name"], "The Densham Surgery");
    assert_eq!(machine.get("/api/v1/organisations/A81002").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.machine("other").get("/api/v1/organisations").await.status, StatusCode::UNAUTHORIZED);
    let described = platform::organisation::openapi().to_json().expect("JSON");
    assert!(described.contains("/api/v1/organisations/{code}"));
}

async fn a_key(world: &World, token: &str, organisation: OrganisationId) {
    let mut tx = world.app.write().await.expect("a write");
    let (id, membership, now): (Uuid, Uuid, _) = (tx.id(), tx.id(), tx.now);
    let key = sql!(
        "INSERT INTO api_key (id, hash, name, organisation_id, scopes, created_by, created_at, expires_at)
         VALUES (?1, ?2, 'tickets', ?3, 'organisations:read', ?1, ?4, ?5)"
    );
    let expires = now + SignedDuration::from_hours(24);
    tx.run(key, params![id, resolve::hash(token), organisation, now, expires]).await.expect("a key");
    let member = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, 'viewer', ?4)"
    );
    tx.run(member, params![membership, id, organisation, now]).await.expect("a membership");
    tx.commit().await.expect("a commit");
}

#[tokio::test]
async fn what_a_body_belongs_to_is_named_where_it_is_known_and_nothing_is_shown_empty() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "North East Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    let mut tx = world.app.write().await.unwrap();
    let belongs = sql!("UPDATE organisation SET icb_code = 'QHM', parent_code = '15M' WHERE id = ?1");
    tx.run(belongs, params![practice]).await.unwrap();
    tx.commit().await.unwrap();
    let analyst = world.signed_in(world.person("Ann Alyst", Role::Analyst, None).await).await;
    let page = analyst.get(&format!("/organisations/{practice}")).await.body;
    assert!(
        page.contains(&format!("<a href=\"/organisations/{board}\">North East Care Board</a> (QHM)")),
        "{page}"
    );
    assert!(page.contains("15M (not among the organisations known here)"), "{page}");
    assert!(!page.contains(">Address<") && !page.contains(">Telephone<"), "{page}");
}
