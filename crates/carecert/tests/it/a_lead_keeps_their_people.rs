//! A lead invites and lets go the people of their own organisation, and nobody else's; an admin
//! keeps everybody's, except that there is always one left.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use platform::{
    Actor,
    access::{PersonId, Role},
    account::actions::{self, Invitation},
    log,
};
use testkit::world::World;

/// The membership that a person holds first.
async fn role_of(world: &World, person: PersonId) -> String {
    let mut snapshot = world.app.read().await.expect("a read");
    let overview = actions::overview(&mut snapshot, person, world.now()).await.expect("a person");
    overview.roles[0].id.to_string()
}

#[tokio::test]
async fn a_lead_decides_about_their_own_organisation_alone() {
    let world = World::new(SERVICES).await;
    let (own, other) = (
        world.organisation("RWA", "Walking NHS Trust", "trust").await,
        world.organisation("RWB", "Running NHS Trust", "trust").await,
    );
    let lead = world.person("Lead", Role::Lead, Some(own)).await;
    let viewer = world.person("Viewer", Role::Viewer, Some(own)).await;
    let stranger = world.person("Stranger", Role::Viewer, Some(other)).await;
    let analyst = world.person("Analyst", Role::Analyst, None).await;
    let lead = world.signed_in(lead).await;

    assert_eq!(lead.get(&format!("/people?organisation={other}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(lead.get(&format!("/people/{stranger}")).await.status, StatusCode::NOT_FOUND);
    for (organisation, role) in [(other.to_string(), "viewer"), (own.to_string(), "admin")] {
        let form = [
            ("organisation", organisation.as_str()),
            ("name", "Gwen Pryce"),
            ("email", "gwen@example.org"),
            ("role", role),
        ];
        let refused = lead.post("/people/invite", &form).await;
        assert!(refused.status.is_client_error(), "{role}: {}", refused.status);
    }
    for person in [stranger, analyst] {
        let path = format!("/people/roles/{}/end", role_of(&world, person).await);
        assert_eq!(lead.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    }
    let session = world.signed_in(viewer).await;
    let path = format!("/people/roles/{}/end", role_of(&world, viewer).await);
    assert_eq!(lead.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!lead.get("/people").await.body.contains("Viewer</a>"));
    assert!(session.get("/account").await.body.contains("no role at the moment"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new(SERVICES).await;
    let first = world.person("First Admin", Role::Admin, None).await;
    let client = world.signed_in(first).await;
    let end = format!("/people/roles/{}/end", role_of(&world, first).await);
    assert_eq!(client.post(&end, &[]).await.status, StatusCode::CONFLICT);
    let erase = format!("/people/{first}/erase");
    assert_eq!(client.post(&erase, &[("sure", "yes")]).await.status, StatusCode::CONFLICT);
    world.person("Second Admin", Role::Admin, None).await;
    assert_eq!(client.post(&end, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_erased_person_is_nobody_and_the_log_stays_whole() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let admin = world.person("Admin", Role::Admin, None).await;
    let person = world.person("Owen Bell", Role::Lead, Some(trust)).await;
    let admin = world.signed_in(admin).await;
    let client = world.signed_in(person).await;
    client.post("/account/sessions/end-others", &[]).await;
    world.work().await;

    let answer = admin.post(&format!("/people/{person}/erase"), &[("sure", "yes")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(client.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.get(&format!("/people/{person}")).await.status, StatusCode::NOT_FOUND);
    let mut snapshot = world.app.read().await.expect("a read");
    let statement = sql!("SELECT name, email FROM person WHERE id = ?1");
    let row: (String, Option<String>) = snapshot.one(statement, params![person]).await.expect("a row");
    assert_eq!(row, ("Erased person".to_owned(), None));
    drop(snapshot);
    world.work().await;
    let mut snapshot = world.app.read().await.expect("a read");
    let report = log::verify(&mut snapshot, world.now(), None).await.expect("the log is read");
    assert_eq!(report.finding, None);
}

#[tokio::test]
async fn the_command_line_makes_the_first_administrator() {
    let world = World::new(SERVICES).await;
    let mut tx = world.app.write().await.expect("a write");
    let who = Invitation {
        email: "Chief@cert.example".to_owned(),
        name: "Chief".to_owned(),
        role: Role::Admin,
        organisation: None,
    };
    let token = actions::create(&mut tx, &Actor::Job("account create"), &who).await.expect("a link");
    let again = actions::create(&mut tx, &Actor::Job("account create"), &who).await.expect("another link");
    tx.commit().await.expect("a commit");
    assert_ne!(token, again);
    let page = world.visitor().get(&format!("/join/{token}")).await;
    assert!(page.body.contains("Chief"), "{}", page.body);
}
