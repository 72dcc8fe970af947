//! Whoever follows a case hears what others change in the zones that they read, from where they left off, on any node; and
//! nothing any more once they read it no more.

use axum::body::{Body, BodyDataStream};
use carecert::SERVICES;
use futures::{FutureExt, StreamExt};
use http::{Request, header};
use platform::{
    Actor, App,
    access::Role,
    app::Parts,
    organisation::OrganisationId,
    web::{self, Live},
};
use react::{
    case::{Zone, guest, live},
    incident::IncidentId,
};
use serde_json::Value;
use testkit::world::World;
use tower::ServiceExt;

use crate::{
    furnished_cases::{entry, fill, let_in},
    furnished_incidents::reported,
    issuing::{actor, answers_for},
};

struct Case<'a> {
    world: &'a World,
    trust: OrganisationId,
    id: IncidentId,
    number: String,
    rae: Actor,
    ana: Actor,
}

async fn case(world: &World) -> Case<'_> {
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(world, &rae, "RWA").await;
    Case { world, trust, id: sent.incident, number: sent.receipt.to_string(), rae, ana }
}

impl Case<'_> {
    async fn write(&self, by: &Actor, zone: Zone, text: &str) {
        let mut tx = self.world.app.write().await.unwrap();
        react::case::timeline::add(&mut tx, by, self.id, zone, &entry(self.world, text)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn follow(&self, who: &Actor, behind: &str) -> BodyDataStream {
        let client = self.world.signed_in(who.person().unwrap().id).await;
        client.follow(&format!("/incidents/{}/live{behind}", self.id)).await
    }
}

/// Another node over the same database.
fn node(world: &World) -> App {
    let app = &world.app;
    App::new(Parts {
        db: app.db.clone(),
        env: app.env.clone(),
        settings: app.settings.clone(),
        blobs: app.blobs.clone(),
        post: app.post.clone(),
        texts: app.texts.clone(),
        net: app.net.clone(),
        services: app.services,
        stop: app.stop.clone(),
        live: Live::default(),
    })
}

/// What a machine follows on a node.
async fn machine(app: &App, key: &str, path: &str, last: &str) -> BodyDataStream {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {key}"));
    let request = request.header("last-event-id", last).body(Body::empty()).unwrap();
    web::router(app).oneshot(request).await.unwrap().into_body().into_data_stream()
}

/// The next event: its name, its place, and what it tells. None where the stream has ended.
async fn heard(stream: &mut BodyDataStream) -> Option<(String, String, Value)> {
    let part = stream.next().await?.expect("a part");
    let text = String::from_utf8_lossy(&part).into_owned();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
    };
    Some((field("event"), field("id"), serde_json::from_str(&field("data")).unwrap()))
}

/// The kinds and zones of the next changes.
async fn changes(stream: &mut BodyDataStream, many: usize) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for _ in 0..many {
        let (name, _, told) = heard(stream).await.expect("a change");
        assert_eq!(name, "change");
        let word = |name: &str| told[name].as_str().unwrap().to_owned();
        all.push((word("kind"), word("zone")));
    }
    all
}

#[tokio::test]
async fn each_hears_of_their_zones_and_of_what_others_do() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let seen = live::tell(&world.app, None).await.unwrap();
    let (mut at_trust, mut at_cert) = (case.follow(&case.rae, "").await, case.follow(&case.ana, "").await);
    for stream in [&mut at_trust, &mut at_cert] {
        assert_eq!(heard(stream).await.unwrap().0, "ready");
    }
    let other = actor(&world, "Rob Responder", Role::Responder, Some(case.trust)).await;
    let asa = actor(&world, "Asa Analyst", Role::Analyst, None).await;
    for (by, zone) in [(&other, Zone::Own), (&asa, Zone::Cert), (&asa, Zone::Shared), (&other, Zone::Shared)]
    {
        case.write(by, zone, "Numbat").await;
    }
    // What they did themselves is no news to them.
    case.write(&case.rae, Zone::Shared, "Numbat").await;
    case.write(&case.ana, Zone::Shared, "Numbat").await;
    let last = live::tell(&world.app, seen).await.unwrap();
    let event = |zone: Zone| ("event".to_owned(), zone.code().to_owned());
    let shared = event(Zone::Shared);
    let at = changes(&mut at_trust, 4).await;
    assert_eq!(at.iter().filter(|each| **each == event(Zone::Own)).count(), 1, "{at:?}");
    assert_eq!(at.iter().filter(|each| **each == shared).count(), 3, "{at:?}");
    let at = changes(&mut at_cert, 4).await;
    assert_eq!(at.iter().filter(|each| **each == event(Zone::Cert)).count(), 1, "{at:?}");
    assert_eq!(at.iter().filter(|each| **each == shared).count(), 3, "{at:?}");
    // Of a task its id and its page are told, and no word of it.
    let filled = fill(&world, &other, case.id, Zone::Shared, "Wallaby").await;
    live::tell(&world.app, last).await.unwrap();
    let mut told = Vec::new();
    // An entry, a task, a note, a message, a decision, a shift and its hand-over, a lesson and what follows from it, in
    // whichever order.
    for _ in 0..9 {
        told.push(heard(&mut at_trust).await.unwrap().2);
    }
    assert!(!told.iter().any(|each| each.to_string().contains("Wallaby")), "{told:?}");
    let task = told.iter().find(|each| each["kind"] == "task").unwrap();
    assert_eq!(task["about"], filled.task.to_string());
    assert_eq!(task["page"], format!("/incidents/{}/tasks/{}", case.id, filled.task));
}

#[tokio::test]
async fn a_stream_is_taken_up_where_it_broke_off_on_any_node() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let other = node(&world);
    let (seen, elsewhere) =
        (live::tell(&world.app, None).await.unwrap(), live::tell(&other, None).await.unwrap());
    let key = world.key(case.trust, "cases:read").await;
    let path = format!("/api/v1/incidents/{}/live", case.number);
    let mut stream = world.machine(&key).follow(&path).await;
    let (_, from, _) = heard(&mut stream).await.unwrap();
    case.write(&case.ana, Zone::Shared, "First").await;
    // Whichever node comes first gives the number, and each tells its own.
    live::tell(&other, elsewhere).await.unwrap();
    live::tell(&world.app, seen).await.unwrap();
    let (_, first, _) = heard(&mut stream).await.unwrap();
    assert_ne!(first, from);
    drop(stream);
    for (by, zone) in [(&case.ana, Zone::Shared), (&case.ana, Zone::Cert), (&case.rae, Zone::Own)] {
        case.write(by, zone, "While nobody listened").await;
    }
    live::tell(&world.app, seen).await.unwrap();
    // By what a browser sends of itself, and by the address; the CERT's own is in neither.
    // A node that was begun a moment ago knows as much as the others.
    for (app, path, last) in [
        (&other, path.clone(), first.as_str()),
        (&node(&world), format!("{path}?after={first}"), ""),
        (&node(&world), path.clone(), &first),
    ] {
        let mut again = machine(app, &key, &path, last).await;
        assert_eq!(heard(&mut again).await.unwrap().0, "ready");
        let zones: Vec<_> = changes(&mut again, 2).await.into_iter().map(|(_, zone)| zone).collect();
        assert_eq!(zones.iter().filter(|zone| *zone == "shared").count(), 1, "{zones:?}");
        assert_eq!(zones.iter().filter(|zone| *zone == "own").count(), 1, "{zones:?}");
    }
    // The CERT's own systems hear theirs.
    let cert_key = world.cert_key("cases:read").await;
    let path = format!("/api/v1/cert/incidents/{}/live", case.number);
    let mut stream = machine(&other, &cert_key, &path, "").await;
    let (_, from, _) = heard(&mut stream).await.unwrap();
    drop(stream);
    for (by, zone) in [(&case.ana, Zone::Shared), (&case.rae, Zone::Own), (&case.ana, Zone::Cert)] {
        case.write(by, zone, "While nobody listened").await;
    }
    live::tell(&other, elsewhere).await.unwrap();
    let mut again = machine(&other, &cert_key, &path, &from).await;
    heard(&mut again).await.unwrap();
    let zones: Vec<_> = changes(&mut again, 2).await.into_iter().map(|(_, zone)| zone).collect();
    assert!(zones.contains(&"shared".to_owned()) && zones.contains(&"cert".to_owned()), "{zones:?}");
}

#[tokio::test]
async fn where_somebody_stopped_says_nothing_of_what_others_write_and_is_theirs_alone() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let seen = live::tell(&world.app, None).await.unwrap();
    let (mut one, mut two) = (case.follow(&case.rae, "").await, case.follow(&case.rae, "").await);
    let mut places = vec![heard(&mut one).await.unwrap().1, heard(&mut two).await.unwrap().1];
    let shared = ("event".to_owned(), "shared".to_owned());
    let mut seen = seen;
    for hidden in [0, 3, 40] {
        for _ in 0..hidden {
            case.write(&case.ana, Zone::Cert, "Not theirs").await;
        }
        case.write(&case.ana, Zone::Shared, "Theirs").await;
        seen = live::tell(&world.app, seen).await.unwrap();
        for stream in [&mut one, &mut two] {
            let (_, place, told) = heard(stream).await.unwrap();
            assert_eq!(told["zone"], "shared");
            places.push(place);
        }
    }
    // Nor does the page from which one begins.
    let client = world.signed_in(case.rae.person().unwrap().id).await;
    for _ in 0..2 {
        let page = client.get(&format!("/incidents/{}/timeline", case.id)).await.body;
        let (_, rest) = page.split_once("data-news-after=\"").unwrap();
        places.push(rest.split_once('"').unwrap().0.to_owned());
    }
    // All are as long, none is a number, and the same place is another text each time.
    assert!(places.iter().all(|place| place.len() == places[0].len() && place.len() >= 40), "{places:?}");
    let different: std::collections::HashSet<_> = places.iter().collect();
    assert_eq!(different.len(), places.len(), "{places:?}");

    // Another reader's takes nobody back: a page begins now, and a machine is told.
    let first = &places[0];
    case.write(&case.ana, Zone::Shared, "Theirs too").await;
    live::tell(&world.app, seen).await.unwrap();
    let mut own = case.follow(&case.rae, &format!("?after={first}")).await;
    assert_eq!(heard(&mut own).await.unwrap().0, "ready");
    assert_eq!(changes(&mut own, 4).await, vec![shared; 4]);
    let other = actor(&world, "Rob Responder", Role::Responder, Some(case.trust)).await;
    let mut strange = case.follow(&other, &format!("?after={first}")).await;
    assert_eq!(heard(&mut strange).await.unwrap().0, "ready");
    assert!(strange.next().now_or_never().is_none());
    let key = world.key(case.trust, "cases:read").await;
    let path = format!("/api/v1/incidents/{}/live", case.number);
    for wrong in [first.as_str(), "1", "0"] {
        let refused = world.machine(&key).get(&format!("{path}?after={wrong}")).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn no_stream_ends_by_what_its_reader_does_not_hear() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let supplier = world.organisation("8JA02", "Supplies", "supplier").await;
    let gus = actor(&world, "Gus Guest", Role::Responder, Some(supplier)).await;
    let_in(&world, &case.ana, case.id, "8JA02", Zone::Shared).await;
    let mut seen = live::tell(&world.app, None).await.unwrap();
    let (mut of_rae, mut of_gus) = (case.follow(&case.rae, "").await, case.follow(&gus, "").await);
    heard(&mut of_rae).await.unwrap();
    heard(&mut of_gus).await.unwrap();
    // Of one the time is over, and the other has left.
    world.app.env.advance(jiff::SignedDuration::from_mins(16));
    let mut tx = world.app.write().await.unwrap();
    let left = db::sql!("UPDATE membership SET until_at = ?2 WHERE holder_id = ?1");
    tx.run(left, db::params![gus.person().unwrap().id, world.now()]).await.unwrap();
    tx.commit().await.unwrap();
    case.write(&case.ana, Zone::Cert, "Not theirs").await;
    seen = live::tell(&world.app, seen).await.unwrap();
    for stream in [&mut of_rae, &mut of_gus] {
        assert!(stream.next().now_or_never().is_none(), "it goes on, and nothing is told");
    }
    case.write(&case.ana, Zone::Shared, "Theirs").await;
    live::tell(&world.app, seen).await.unwrap();
    assert_eq!(heard(&mut of_rae).await, None);
    assert_eq!(heard(&mut of_gus).await, None);
}

#[tokio::test]
async fn who_is_let_out_hears_nothing_any_more_and_whoever_is_let_in_does() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let supplier = world.organisation("8JA02", "Supplies", "supplier").await;
    let gus = actor(&world, "Gus Guest", Role::Responder, Some(supplier)).await;
    let refused = world.signed_in(gus.person().unwrap().id).await;
    let path = format!("/incidents/{}/live", case.id);
    assert_eq!(refused.get(&path).await.status, 404);
    let guest = let_in(&world, &case.ana, case.id, "8JA02", Zone::Shared).await;
    let seen = live::tell(&world.app, None).await.unwrap();
    let mut stream = case.follow(&gus, "").await;
    heard(&mut stream).await.unwrap();
    case.write(&case.rae, Zone::Own, "Not theirs").await;
    case.write(&case.ana, Zone::Cert, "Nor this").await;
    case.write(&case.ana, Zone::Shared, "Theirs").await;
    let seen = live::tell(&world.app, seen).await.unwrap();
    assert_eq!(changes(&mut stream, 1).await, [("event".to_owned(), "shared".to_owned())]);
    // What is written in the same second in which they are let out, they hear no more.
    case.write(&case.ana, Zone::Shared, "About them").await;
    let mut tx = world.app.write().await.unwrap();
    guest::let_out(&mut tx, &case.ana, case.id, guest).await.unwrap();
    tx.commit().await.unwrap();
    let seen = live::tell(&world.app, seen).await.unwrap();
    assert_eq!(heard(&mut stream).await, None);
    assert_eq!(refused.get(&path).await.status, 404);
    // A case that turns out to be nobody's is gone for its organisation too, and the CERT hears on.
    let (mut at_trust, mut at_cert) = (case.follow(&case.rae, "").await, case.follow(&case.ana, "").await);
    heard(&mut at_trust).await.unwrap();
    heard(&mut at_cert).await.unwrap();
    let mut tx = world.app.write().await.unwrap();
    let apart = db::sql!("UPDATE incident SET apart = TRUE WHERE id = ?1");
    tx.run(apart, db::params![case.id]).await.unwrap();
    tx.commit().await.unwrap();
    let asa = actor(&world, "Asa Analyst", Role::Analyst, None).await;
    case.write(&asa, Zone::Shared, "It is not theirs").await;
    live::tell(&world.app, seen).await.unwrap();
    assert_eq!(heard(&mut at_trust).await, None);
    assert_eq!(changes(&mut at_cert, 1).await.len(), 1);
}

#[tokio::test]
async fn many_who_follow_cost_as_much_as_one() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let board = world.organisation("QWA", "Walking ICB", "icb").await;
    answers_for(&world, board, case.trust).await;
    let asa = actor(&world, "Asa Analyst", Role::Analyst, None).await;
    let mut seen = live::tell(&world.app, None).await.unwrap();
    let mut streams = Vec::new();
    let mut costs = Vec::new();
    for number in 0..3 {
        for (side, at) in [Some(case.trust), Some(board), None].into_iter().enumerate() {
            let role = if at.is_some() { Role::Viewer } else { Role::Auditor };
            let who = actor(&world, &format!("Watcher {number} {side}"), role, at).await;
            for _ in 0..5 {
                let mut stream = case.follow(&who, "").await;
                heard(&mut stream).await.unwrap();
                streams.push(stream);
            }
        }
        case.write(&asa, Zone::Shared, "Numbat").await;
        let before = world.app.db.statements();
        seen = live::tell(&world.app, seen).await.unwrap();
        costs.push(world.app.db.statements() - before);
        for stream in &mut streams {
            assert_eq!(changes(stream, 1).await.len(), 1);
        }
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}

#[tokio::test]
async fn what_is_heard_is_what_the_door_says_for_everybody() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let board = world.organisation("QWA", "Walking ICB", "icb").await;
    answers_for(&world, board, case.trust).await;
    let mut people = vec![case.rae.clone(), case.ana.clone()];
    for (code, zone) in
        [("8JA01", Zone::Own), ("8JA02", Zone::Shared), ("8JA03", Zone::Cert), ("QWA", Zone::Cert)]
    {
        let at = match code {
            "QWA" => board,
            code => world.organisation(code, code, "supplier").await,
        };
        if zone == Zone::Own {
            let lee = actor(&world, "Lee Lead", Role::Lead, Some(case.trust)).await;
            let_in(&world, &lee, case.id, code, zone).await;
        } else {
            let_in(&world, &case.ana, case.id, code, zone).await;
        }
        for role in [Role::Responder, Role::Viewer, Role::Learner] {
            people.push(actor(&world, &format!("{code} {role}"), role, Some(at)).await);
        }
    }
    for role in [Role::DutyManager, Role::Admin, Role::Auditor] {
        people.push(actor(&world, &format!("Cert {role}"), role, None).await);
    }
    let strange = world.organisation("RXX", "Strange NHS Trust", "trust").await;
    people.push(actor(&world, "Sam Stranger", Role::Lead, Some(strange)).await);
    let mut snapshot = world.app.read().await.unwrap();
    let all = react::case::sight::everybody(&mut snapshot, case.id, world.now()).await.unwrap();
    for who in &people {
        let person = who.person().unwrap();
        let one = react::case::sight(&mut snapshot, who, world.now(), case.id).await;
        let reads = one.map(|sight| sight.reads).ok();
        assert_eq!(all.get(&person.id.0).copied(), reads, "{}", person.name);
    }
}

#[tokio::test]
async fn pages_that_move_by_themselves_hear_nothing_of_cases() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let learner = world.person("Lou Learner", Role::Learner, Some(case.trust)).await;
    let client = world.signed_in(learner).await;
    let mut all = client.follow("/live").await;
    let mut of_it = client.follow(&format!("/live?about={}", case.id)).await;
    let newest = platform::web::live::tell(&world.app, None).await.unwrap();
    case.write(&case.rae, Zone::Own, "Numbat").await;
    platform::log::seal(&world.app).await.unwrap();
    let newest = platform::web::live::tell(&world.app, newest).await.unwrap();
    world.app.stop.finish();
    assert!(newest.is_some());
    assert!(all.next().await.is_none() && of_it.next().await.is_none());
}
