//! TLP over every other door: no page, no API, no file, no search and no live event shows a word of
//! an alert to somebody whom it did not go to, and at RED no machine and no file holds one.

use broadcast::{
    alert::Answers,
    response::{self, Chosen, Outcome, Said},
};
use carecert::demo::SERVICES;
use formats::Tlp;
use futures::StreamExt;
use http::{Method, StatusCode, header};
use platform::{
    access::Role,
    log,
    web::{Route, live},
};
use testkit::world::{Client, World};

use crate::{
    issuing::{Desk, actor, contact, everybody, wording},
    walk::{self, Names},
};

/// What strangers never read.
const MARKER: &str = "Zebrafish";

/// A published alert full of the marker at `RAA`, which has answered with the marker; every
/// placeholder that may name an alert, an advisory or a version names this one.
async fn marked(world: &World, tlp: Tlp) -> Names {
    let mut names = walk::furnish(world).await.names;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(world, trust, "security_lead", "lead@trust.example").await;
    contact(world, trust, "executive", "executive@trust.example").await;
    let analyst = actor(world, "Anna Marker", Role::Analyst, None).await;
    let duty = actor(world, "Dora Marker", Role::DutyManager, None).await;
    let desk = Desk { world, analyst, duty };
    let mut wording = wording(MARKER);
    wording.tlp = tlp;
    for text in [&mut wording.content.summary, &mut wording.content.details, &mut wording.content.remediation]
    {
        MARKER.clone_into(text);
    }
    let version = desk.approved(&wording, &everybody()).await;
    let alert = desk.publish(version, Answers::Anew).await;
    world.pass(jiff::SignedDuration::from_mins(2)).await;
    let responder = actor(world, "Rhys Responder", Role::Responder, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    let said =
        Said { done: Some(MARKER.to_owned()), outcome: Some(Outcome::RiskAccepted), ..Said::reason(MARKER) };
    response::answer(&mut tx, &responder, alert, &Chosen::All, &said).await.unwrap();
    let number = broadcast::alert::store::alert(&mut tx, alert).await.unwrap().unwrap().number.to_string();
    tx.commit().await.unwrap();
    for (name, value) in &mut names {
        *value = match *name {
            "alert" | "asked_alert" | "acknowledged_alert" | "awaiting_alert" | "closed_alert" | "issued" => {
                alert.to_string()
            }
            "alert_number" | "asked_number" | "acknowledged_number" | "advisory" | "draft" => number.clone(),
            "version" | "approved" | "in_review" | "released_alone" => version.to_string(),
            "asked_code" => "RAA".to_owned(),
            _ => continue,
        };
    }
    names
}

/// Every address that can be read, those of searches included.
fn doors(names: &Names) -> Vec<String> {
    let routes: Vec<Route> = SERVICES.iter().flat_map(|service| (service.routes)()).collect();
    let reading = routes.iter().filter(|route| route.method == Method::GET && !route.endless);
    let mut doors: Vec<_> = reading.map(|route| walk::filled(route.sample, names)).collect();
    for list in ["threats", "advisories", "alerts", "organisations", "log", "deliveries"] {
        doors.push(format!("/{list}?q={MARKER}"));
    }
    doors
}

/// The doors that show the marker to this one.
async fn open_to(client: &Client<'_>, doors: &[String]) -> Vec<String> {
    let mut open = Vec::new();
    for door in doors {
        // The address that was asked for is the asker's own word.
        if client.get(door).await.body.replace(&format!("q={MARKER}"), "").contains(MARKER) {
            open.push(door.clone());
        }
    }
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_word_of_what_did_not_go_to_them() {
    for tlp in Tlp::ALL {
        // To everybody but the strangers, whose organisation comes later.
        let world = World::new(SERVICES).await;
        let names = marked(&world, tlp).await;
        let doors = doors(&names);
        let trust = id_of(&world, "RAA").await;
        let elsewhere = world.organisation("RBB", "Elsewhere", "trust").await;

        let mut strangers = vec![("nobody", world.visitor())];
        for role in [Role::Responder, Role::Lead, Role::Executive, Role::Viewer, Role::Learner] {
            let person = world.person(&format!("Stranger {}", role.label()), role, Some(elsewhere)).await;
            strangers.push((role.code(), world.signed_in(person).await));
        }
        let learner = world.person("Lea Learner", Role::Learner, Some(trust)).await;
        strangers.push(("a learner of the trust", world.signed_in(learner).await));
        let scopes = "alerts:read responses:write organisations:read";
        let token = world.key(elsewhere, scopes).await;
        strangers.push(("a stranger's machine", world.machine(&token)));
        for (who, client) in &strangers {
            // What is clear is in the public feeds, and nowhere else without a sign-in.
            let feeds = ["/feeds/alerts", "/feeds/alerts.atom", "/feeds/alerts.json"];
            let public = if tlp == Tlp::Clear { &feeds[..] } else { &[] };
            assert_eq!(open_to(client, &doors).await, public, "{who} reads {tlp}");
        }

        // These doors do open, so that the test above can fail.
        let responder = world.person("Rae Reader", Role::Responder, Some(trust)).await;
        let open = open_to(&world.signed_in(responder).await, &doors).await;
        let page = format!("/alerts/{}", names["alert"]);
        assert!(open.contains(&"/alerts".to_owned()) && open.contains(&page), "{open:?}");
        let machine = open_to(&world.machine(&world.key(trust, scopes).await), &doors).await;
        assert_eq!(machine.is_empty(), tlp == Tlp::Red, "a machine reads {tlp}: {machine:?}");
        let analyst = world.person("Ana Reader", Role::Analyst, None).await;
        let file = world.signed_in(analyst).await;
        let file = file.get(&format!("/sector/{}/responses.csv", names["alert"])).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.body.contains(MARKER), tlp != Tlp::Red, "{}", file.body);
        let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(name.contains(&tlp.to_string().replace(':', "-")), "{name}");
    }
}

#[tokio::test]
async fn a_live_event_says_that_something_changed_and_nothing_else() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let mut wording = wording(MARKER);
    wording.tlp = Tlp::Red;
    let alert = desk.delivered(&wording, &everybody()).await;
    log::seal(&world.app).await.unwrap();
    let stranger = world.organisation("RBB", "Elsewhere", "trust").await;
    let stranger = world.person("Sam Stranger", Role::Viewer, Some(stranger)).await;
    let stranger = world.signed_in(stranger).await;
    let mut stream = stranger.follow(&format!("/live?about={alert}")).await;
    let seen = live::tell(&world.app, None).await.unwrap();

    let responder = actor(&world, "Rhys Responder", Role::Responder, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    let said = Said { done: Some(MARKER.to_owned()), ..Said::default() };
    response::answer(&mut tx, &responder, alert, &Chosen::All, &said).await.unwrap();
    tx.commit().await.unwrap();
    log::seal(&world.app).await.unwrap();
    live::tell(&world.app, seen).await.unwrap();
    let event = stream.next().await.expect("an event").expect("it arrives");
    assert_eq!(String::from_utf8_lossy(&event), "event: changed\ndata: now\n\n");
    assert!(world.visitor().get("/live").await.location().is_some_and(|to| to.starts_with("/sign-in")));
}

async fn id_of(world: &World, code: &str) -> platform::organisation::OrganisationId {
    let mut snapshot = world.app.read().await.unwrap();
    platform::organisation::store::id_of(&mut snapshot, code).await.unwrap().expect("an organisation")
}
