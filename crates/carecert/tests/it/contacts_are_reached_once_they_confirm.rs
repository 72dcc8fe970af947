//! A contact's address counts once its owner has confirmed it; whoever covers is reached instead.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    job::Lane,
    message::{self, Draft},
    organisation::{OrganisationId, contact, import},
};
use testkit::world::{Client, World};

/// Who an alert would be mailed to now.
async fn reached(world: &World, organisation: OrganisationId) -> Vec<String> {
    let mut snapshot = world.app.read().await.expect("a read");
    let found = contact::store::reachable(&mut snapshot, organisation, world.now()).await.expect("a read");
    found.into_iter().map(|each| each.email).collect()
}

async fn add(client: &Client<'_>, organisation: OrganisationId, role: &str, email: &str) {
    let fields =
        [("role", role), ("kind", "person"), ("name", "Sam Lead"), ("email", email), ("telephone", "")];
    let added = client.post(&format!("/organisations/{organisation}/contacts/add"), &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
}

/// The path of the link in the last mail to `email`.
fn link(world: &World, email: &str) -> String {
    let mail = world.post.to(email).pop().expect("a mail");
    let line = mail.letter.text.lines().find(|line| line.starts_with("http")).expect("a link").to_owned();
    line.trim_start_matches("http://carecert.test").to_owned()
}

/// The path that begins so, of a form or a link on a page.
fn path_on(body: &str, begins: &str) -> String {
    let found = body.split('"').find(|part| part.starts_with(begins)).expect("a path");
    found.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_added_confirms_changes_and_ends() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RR8", "Leeds Teaching Hospitals NHS Trust", "trust").await;
    let lead = world.person("Lee Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    let page = format!("/organisations/{trust}");
    assert!(lead.get(&page).await.body.contains("Nobody can be reached"));

    let wrong = lead.post(&format!("{page}/contacts/add"), &[("name", "Sam <b>"), ("kind", "person")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Sam &#60;b&#62;") && wrong.body.contains("Enter an email address"));

    add(&lead, trust, "security_lead", "sam@leeds.example").await;
    world.work().await;
    assert!(reached(&world, trust).await.is_empty(), "it is not confirmed");
    let shown = lead.get(&page).await.body;
    assert!(shown.contains("Not confirmed"));
    // That a machine took the mail reaches nobody.
    let last_reached = |page: &str| page.split("Last reached").nth(1).map(|rest| rest[..200].to_owned());
    assert!(last_reached(&shown).unwrap().contains("Never"), "{shown}");

    let link_there = link(&world, "sam@leeds.example");
    let visitor = world.visitor();
    assert!(visitor.get(&link_there).await.body.contains("Confirm this address"));
    assert!(reached(&world, trust).await.is_empty(), "opening a link confirms nothing");
    let elsewhere = link_there.replace("/confirm-address/", "/join/");
    assert_eq!(visitor.get(&elsewhere).await.status, StatusCode::NOT_FOUND, "it lets nobody in");
    assert_eq!(visitor.post(&elsewhere, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(visitor.post(&link_there, &[]).await.body.contains("Address confirmed"));
    assert_eq!(visitor.post(&link_there, &[]).await.status, StatusCode::CONFLICT, "it works once");
    assert_eq!(reached(&world, trust).await, ["sam@leeds.example"]);
    let shown = lead.get(&page).await.body;
    assert!(!shown.contains("Nobody can be reached") && shown.contains("An alert sent now goes to Sam Lead"));
    assert!(last_reached(&shown).unwrap().contains("1 June 2026, 09:00"), "{shown}");

    let contact = path_on(&shown, "/contacts/");
    let changed = |version: &'static str| {
        [
            ("role", "security_lead"),
            ("kind", "person"),
            ("name", "Sam Lead"),
            ("email", "new@leeds.example"),
            ("version", version),
        ]
    };
    assert_eq!(lead.post(&contact, &changed("1")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(lead.post(&contact, &changed("1")).await.status, StatusCode::CONFLICT);
    assert!(reached(&world, trust).await.is_empty(), "another address has to be confirmed again");
    world.work().await;
    let stale = link(&world, "new@leeds.example");
    world.app.env.advance(SignedDuration::from_hours(8 * 24));
    assert_eq!(visitor.post(&stale, &[]).await.status, StatusCode::CONFLICT, "a link lasts 7 days");
    assert_eq!(lead.post(&format!("{contact}/link"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(lead.post(&format!("{contact}/link"), &[]).await.status, StatusCode::SEE_OTHER);
    world.work().await;
    assert_eq!(world.post.to("new@leeds.example").len(), 2, "once an hour at most");
    visitor.post(&link(&world, "new@leeds.example"), &[]).await;
    assert_eq!(reached(&world, trust).await, ["new@leeds.example"]);

    assert_eq!(
        lead.post(&format!("{}/end", contact.trim_end_matches("/link")), &[("version", "2")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(reached(&world, trust).await.is_empty());
    assert_eq!(lead.get(&contact).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_about_what_is_no_more_is_called_back_and_not_tried_again() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RR8", "Leeds Teaching Hospitals NHS Trust", "trust").await;
    let lead = world.person("Lee Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    add(&lead, trust, "security_lead", "sam@leeds.example").await;
    world.work().await;
    let of_sam = sql!("SELECT id FROM contact WHERE email = 'sam@leeds.example'");
    let mut tx = world.app.write().await.unwrap();
    let (contact,) = tx.one(of_sam, params![]).await.unwrap();
    // As if the address had changed just after a worker took the mail to the old one.
    let old = Draft {
        kind: "verify_contact",
        lane: Lane::Urgent,
        address: "old@leeds.example".to_owned(),
        person: None,
        contact: None,
        organisation: None,
        about: ("contact", Some(contact)),
        fields: serde_json::Value::Null,
        not_before: None,
        key: "to the old address".to_owned(),
    };
    message::queue(&mut tx, &old).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert!(world.post.to("old@leeds.example").is_empty());
    let statement =
        sql!("SELECT state, attempts, last_error FROM message WHERE address = 'old@leeds.example'");
    let mut snapshot = world.app.read().await.unwrap();
    let (state, attempts, why): (String, i64, String) = snapshot.one(statement, params![]).await.unwrap();
    assert_eq!((state.as_str(), attempts), ("called_back", 1));
    assert!(why.contains("The contact has ended"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_kept_by_their_own_lead_and_the_cert() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RR8", "Leeds Teaching Hospitals NHS Trust", "trust").await;
    let board = world.organisation("QHM", "North East Care Board", "icb").await;
    let list = "answering,organisation\nQHM,RR8\n";
    import::answers(&world.app, &Actor::Job("test"), list.as_bytes(), "a.csv", &|_| {})
        .await
        .expect("an import");
    let analyst = world.person("Ann Analyst", Role::Analyst, None).await;
    add(&world.signed_in(analyst).await, trust, "deputy", "dee@leeds.example").await;

    let add_path = format!("/organisations/{trust}/contacts/add");
    let answering = world.person("Bo Board", Role::Lead, Some(board)).await;
    let answering = world.signed_in(answering).await;
    assert_eq!(answering.get(&add_path).await.status, StatusCode::FORBIDDEN, "visible, but not theirs");
    let responder = world.person("Ray Responder", Role::Responder, Some(trust)).await;
    assert_eq!(world.signed_in(responder).await.get(&add_path).await.status, StatusCode::FORBIDDEN);
    let elsewhere = world.organisation("RTX", "Morecambe Bay", "trust").await;
    let stranger = world.person("Sid Stranger", Role::Lead, Some(elsewhere)).await;
    assert_eq!(world.signed_in(stranger).await.get(&add_path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_covers_is_reached_between_the_days() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RR8", "Leeds Teaching Hospitals NHS Trust", "trust").await;
    let contacts = "organisation,role,kind,name,email,telephone,verified\n\
                    RR8,security_lead,person,Sam Lead,sam@leeds.example,01632 960 001,2026-01-05\n\
                    RR8,deputy,person,Dee Deputy,dee@leeds.example,,2026-01-05\n\
                    RR8,on_call,on_call_mobile,On call,,07700 900 123,\n\
                    RR8,on_call,on_call_mobile,No number,,,\n\
                    RR8,captain,person,Who,who@leeds.example,,\n\
                    XXX,deputy,person,Who,who@leeds.example,,\n";
    let here = Actor::Job("test");
    let import = || import::contacts(&world.app, &here, contacts.as_bytes(), "contacts.csv", &|_| {});
    let report = import().await.expect("an import");
    assert_eq!((report.new, report.refused), (3, 3));
    let lines: Vec<_> = report.refusals.iter().map(|each| each.line).collect();
    assert_eq!(lines, [5, 6, 7]);
    let again = import().await.expect("an import");
    assert_eq!((again.new, again.changed, again.same, again.refused), (0, 0, 3, 3));
    world.work().await;
    assert!(world.post.mails().is_empty(), "they were confirmed before us");
    assert_eq!(reached(&world, trust).await, ["sam@leeds.example"]);

    let lead = world.person("Lee Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    let page = lead.get(&format!("/organisations/{trust}")).await.body;
    let contact = path_on(&page, "/contacts/");
    let form = lead.get(&format!("{contact}/cover")).await.body;
    let deputy = form.split("value=\"").nth(1).and_then(|part| part.split('"').next()).expect("a deputy");
    let days = |last: &'static str| {
        [
            ("deputy", deputy.to_owned()),
            ("from-day", "3".to_owned()),
            ("from-month", "6".to_owned()),
            ("from-year", "2026".to_owned()),
            ("until-day", last.to_owned()),
            ("until-month", "6".to_owned()),
            ("until-year", "2026".to_owned()),
        ]
    };
    let post = |last: &'static str| {
        let (lead, contact, fields) = (lead.clone(), contact.clone(), days(last));
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            lead.post(&format!("{contact}/cover"), &fields).await
        }
    };
    assert_eq!(post("2").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post("4").await.status, StatusCode::SEE_OTHER);
    assert_eq!(reached(&world, trust).await, ["sam@leeds.example"], "on 1 June nobody is away");
    world.app.env.advance(SignedDuration::from_hours(2 * 24));
    assert_eq!(reached(&world, trust).await, ["dee@leeds.example"], "on 3 June the deputy stands in");
    let page = lead.get(&format!("/organisations/{trust}")).await.body;
    assert!(page.contains("Dee Deputy, 3 June 2026 to 4 June 2026"));
    lead.post(&path_on(&page, "/covers/"), &[]).await;
    assert_eq!(reached(&world, trust).await, ["sam@leeds.example"], "back early");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cert_sees_where_nobody_can_be_reached() {
    let world = World::new(SERVICES).await;
    for (code, name) in [
        ("A00001", "Reached Itself"),
        ("A00002", "Reached Through Its Board"),
        ("A00003", "Not Confirmed"),
        ("A00004", "Without Anybody"),
        ("A00005", "Board Without Anybody"),
        ("A00006", "Answered By An Unreachable Board"),
    ] {
        world.organisation(code, name, "gp_practice").await;
    }
    let here = Actor::Job("test");
    let contacts = "organisation,role,kind,name,email,verified\n\
                    A00001,shared_mailbox,shared_mailbox,IT,it@one.example,2026-01-05\n\
                    A00003,security_lead,person,Sam,sam@three.example,\n\
                    A00006,security_lead,person,Sam,sam@six.example,2026-01-05\n";
    import::contacts(&world.app, &here, contacts.as_bytes(), "c.csv", &|_| {}).await.expect("an import");
    let list = "answering,organisation\nA00001,A00002\nA00005,A00006\n";
    import::answers(&world.app, &here, list.as_bytes(), "a.csv", &|_| {}).await.expect("an import");
    world.work().await;

    let auditor = world.person("Audrey Auditor", Role::Auditor, None).await;
    let page = world.signed_in(auditor).await.get("/organisations/unreachable").await.body;
    let listed: Vec<_> = ["A00001", "A00002", "A00003", "A00004", "A00005", "A00006"]
        .into_iter()
        .filter(|code| page.contains(code))
        .collect();
    assert_eq!(listed, ["A00003", "A00004", "A00005", "A00006"]);
    assert_eq!(world.post.to("sam@three.example").len(), 1, "the others were confirmed before us");
}

#[tokio::test(flavor = "multi_thread")]
async fn analysts_and_duty_managers_keep_the_contacts_of_any_organisation() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RR8", "Leeds Teaching Hospitals NHS Trust", "trust").await;
    let page = format!("/organisations/{trust}");
    for (role, email) in [(Role::Analyst, "one@leeds.example"), (Role::DutyManager, "two@leeds.example")] {
        let client = world.signed_in(world.person(role.label(), role, None).await).await;
        assert!(client.get(&page).await.body.contains("Add a contact"));
        add(&client, trust, "security_lead", email).await;
        let shown = client.get(&page).await.body;
        assert!(shown.contains(email), "{shown}");
        let contact = path_on(&shown, "/contacts/");
        let contact = contact.trim_end_matches("/link").to_owned();
        let form = client.get(&contact).await.body;
        assert!(form.contains("Change a contact"), "{form}");
    }
    let auditor = world.signed_in(world.person("Auditor", Role::Auditor, None).await).await;
    assert!(!auditor.get(&page).await.body.contains("Add a contact"));
    let refused = auditor.post(&format!("{page}/contacts/add"), &[("name", "Sam")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
