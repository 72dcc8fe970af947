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
use testkit::world::{PASSWORD, World};

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

/// The row of the list of people that begins with `text`, without what is another's in each row.
fn row(page: &str, text: &str) -> String {
    let row = page.split("</tr>").find(|row| row.contains(text)).expect("a row");
    let row = row.rsplit("<tr").next().expect("its beginning").replace(text, "");
    let at = row.find("/people/roles/").expect("the invitation can be taken back") + "/people/roles/".len();
    format!("{}{}", &row[..at], &row[at + 36..])
}

#[tokio::test]
async fn whose_an_address_is_nobody_finds_out_by_inviting_it() {
    let world = World::new(SERVICES).await;
    let (here, there) = (
        world.organisation("RWA", "Walking NHS Trust", "trust").await,
        world.organisation("RWB", "Running NHS Trust", "trust").await,
    );
    let owen = world.person("Owen Bell", Role::Viewer, Some(there)).await;
    // Somebody who had a role elsewhere and has none now would be the inviter's alone.
    let dawn = world.person("Dawn Left", Role::Viewer, Some(there)).await;
    let lead = world.signed_in(world.person("Lead", Role::Lead, Some(here)).await).await;
    let admin = world.signed_in(world.person("Admin", Role::Admin, None).await).await;
    let ended = admin.post(&format!("/people/roles/{}/end", role_of(&world, dawn).await), &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    let organisation = here.to_string();
    let addresses = ["owen.bell@example.org", "dawn.left@example.org", "nobody.yet@example.org"];
    let mut answers = Vec::new();
    for email in addresses {
        let form = [
            ("organisation", organisation.as_str()),
            ("name", "Whoever"),
            ("email", email),
            ("role", "responder"),
        ];
        let invited = lead.post("/people/invite", &form).await;
        let back = invited.location().expect("the list");
        assert!(lead.get(back).await.body.contains(&format!("Invitation sent to {email}.")), "{email}");
        // The role's own id is behind the last "=".
        answers.push((invited.status, back.rsplit_once('=').map(|(before, _)| before.to_owned())));
        let twice = lead.post("/people/invite", &form).await;
        answers.push((twice.status, Some(twice.body.replace(email, ""))));
    }
    assert_eq!(answers[..2], answers[2..4]);
    assert_eq!(answers[..2], answers[4..]);

    let list = lead.get("/people").await.body;
    let rows = addresses.map(|email| row(&list, email));
    assert!(rows[0] == rows[1] && rows[0] == rows[2], "{list}");
    assert!(rows[0].contains("Invited") && rows[0].contains("Take back"), "{list}");
    for hidden in ["Owen Bell", "Dawn Left", "Whoever", &owen.to_string(), &dawn.to_string()] {
        assert!(!list.contains(hidden), "{hidden}: {list}");
    }
    for person in [owen, dawn] {
        for path in ["", "/second-factor"] {
            let page = lead.get(&format!("/people/{person}{path}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert!(admin.get(&format!("/people?organisation={here}")).await.body.contains("Owen Bell</a>"));

    // Nobody accepts for another; once Owen does, they are one of the lead's people.
    let page = world.signed_in(owen).await.get("/account").await.body;
    let accept = page.split('"').find(|part| part.ends_with("/accept")).expect("a role to accept").to_owned();
    lead.post(&accept, &[]).await;
    assert!(!lead.get("/people").await.body.contains("Owen Bell"));
    let again = world.signed_in(owen).await;
    for _ in 0..2 {
        assert_eq!(again.post(&accept, &[]).await.location(), Some("/account"));
    }
    assert!(!again.get("/account").await.body.contains("/accept"));
    let list = lead.get("/people").await.body;
    assert!(list.contains("Owen Bell</a>") && !list.contains("Dawn Left"), "{list}");
    let page = lead.get(&format!("/people/{owen}")).await;
    assert!(page.body.contains("Walking NHS Trust") && !page.body.contains("Running NHS Trust"));

    // A further role here needs no second acceptance.
    let form = [
        ("organisation", organisation.as_str()),
        ("name", "Owen"),
        ("email", addresses[0]),
        ("role", "executive"),
    ];
    assert_eq!(lead.post("/people/invite", &form).await.status, StatusCode::SEE_OTHER);
    assert!(!again.get("/account").await.body.contains("/accept"));
}

#[tokio::test]
async fn a_lost_second_factor_is_reset_and_set_up_anew() {
    let world = World::new(SERVICES).await;
    let own = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let person = world.person("Owen Bell", Role::Responder, Some(own)).await;
    let lead_id = world.person("Lead", Role::Lead, Some(own)).await;
    let analyst = world.person("Analyst", Role::Analyst, None).await;
    // Somebody who works here and at the CERT is not the lead's to decide about.
    let both = world.person("Both", Role::Viewer, Some(own)).await;
    let mut tx = world.app.write().await.expect("a write");
    let here = Actor::Job("test");
    let role = |role| Invitation {
        email: "both@example.org".to_owned(),
        name: String::new(),
        role,
        organisation: None,
    };
    actions::invite(&mut tx, &here, &role(Role::Analyst)).await.expect("a role");
    tx.commit().await.expect("a commit");
    let (lead, session) = (world.signed_in(lead_id).await, world.signed_in(person).await);
    let path = |person: PersonId| format!("/people/{person}/second-factor");
    for (person, status) in
        [(analyst, StatusCode::NOT_FOUND), (both, StatusCode::FORBIDDEN), (lead_id, StatusCode::CONFLICT)]
    {
        assert_eq!(lead.get(&path(person)).await.status, status);
        assert_eq!(lead.post(&path(person), &[]).await.status, status);
    }
    assert!(lead.get(&format!("/people/{person}")).await.body.contains("Reset a lost second factor"));
    assert!(!lead.get(&format!("/people/{both}")).await.body.contains("Reset a lost second factor"));
    // Looking does nothing.
    assert_eq!(lead.get(&path(person)).await.status, StatusCode::OK);
    assert_eq!(session.get("/account").await.status, StatusCode::OK);
    assert_eq!(lead.post(&path(person), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(session.get("/account").await.status, StatusCode::SEE_OTHER, "they are signed out");
    assert_eq!(lead.post(&path(person), &[]).await.status, StatusCode::CONFLICT, "there is none any more");

    world.work().await;
    let mail = world.post.to("owen.bell@example.org").pop().expect("a mail");
    assert!(mail.letter.text.contains("second factor") && mail.letter.text.contains("ring Test CSOC"));
    let visitor = world.visitor();
    let form = [("email", "owen.bell@example.org"), ("password", PASSWORD), ("back", "")];
    let signed_in = visitor.post("/sign-in", &form).await;
    assert_eq!(signed_in.location(), Some("/account/second-factor"));
    let admin = world.signed_in(world.person("Admin", Role::Admin, None).await).await;
    let log = admin.get("/log?about=owen.bell@example.org").await.body;
    assert!(log.contains("Reset a second factor"), "{log}");
    assert_eq!(
        admin.post(&path(both), &[]).await.status,
        StatusCode::SEE_OTHER,
        "an admin decides about all"
    );
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
