//! What is like an incident is shown to the CERT alone, with why, how it came out and what was learned; and no
//! organisation learns of another by it, by any door.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::Zone,
    incident::{self, IncidentId},
    lesson::{self, Learned},
};
use testkit::world::World;

use crate::{
    furnished_aid::{declared, down, used, uses},
    furnished_cases::let_in,
    furnished_incidents::{classified, observed, reported, unknown},
    issuing::actor,
};

const LINK: &str = "hxxps://login.numbat-mail[.]net/owa";

struct Sector {
    world: World,
    trusts: [OrganisationId; 2],
    rae: Actor,
    bea: Actor,
    ana: Actor,
}

async fn sector() -> Sector {
    let world = World::new(SERVICES).await;
    let trusts = [
        world.organisation("RWA", "Walking NHS Trust", "trust").await,
        world.organisation("RBB", "Other NHS Trust", "trust").await,
    ];
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trusts[0])).await;
    let bea = actor(&world, "Bea Other", Role::Responder, Some(trusts[1])).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    Sector { world, trusts, rae, bea, ana }
}

/// Writes a lesson in a zone of a case.
async fn learned(world: &World, by: &Actor, id: IncidentId, zone: Zone, title: &str) {
    let mut tx = world.app.write().await.unwrap();
    let learned = Learned {
        form: tx.id(),
        title: title.to_owned(),
        happened: "It happened.".to_owned(),
        helped: String::new(),
        hindered: String::new(),
    };
    lesson::actions::write(&mut tx, by, id, zone, &learned).await.unwrap();
    tx.commit().await.unwrap();
}

async fn closed(world: &World, by: &Actor, id: IncidentId, reason: &str) {
    classified(world, by, id).await;
    let mut tx = world.app.write().await.unwrap();
    let version = incident::store::incident(&mut tx, id).await.unwrap().unwrap().version;
    incident::actions::close(&mut tx, by, id, version, reason).await.unwrap();
    tx.commit().await.unwrap();
}

/// The part of a page between two words.
fn between<'a>(body: &'a str, from: &str, to: &str) -> &'a str {
    body.split_once(from).map_or("", |(_, rest)| rest.split_once(to).map_or(rest, |(part, _)| part))
}

#[tokio::test]
async fn the_cert_reads_why_they_are_alike_how_it_came_out_and_what_was_learned() {
    let Sector { world, rae, bea, ana, .. } = sector().await;
    let theirs = reported(&world, &bea, "RBB").await;
    observed(&world, &bea, theirs.incident, Zone::Shared, LINK).await;
    closed(&world, &ana, theirs.incident, "Passwords were changed, and nobody came in.").await;
    learned(&world, &bea, theirs.incident, Zone::Shared, "Ring before you click").await;
    learned(&world, &bea, theirs.incident, Zone::Own, "Quoll was on holiday").await;
    learned(&world, &ana, theirs.incident, Zone::Cert, "The Numoke group again").await;
    let apart = unknown(&world, None, "Somebody").await;
    world.app.env.advance(SignedDuration::from_hours(48));
    let ours = reported(&world, &rae, "RWA").await;
    observed(&world, &rae, ours.incident, Zone::Shared, &format!("From {LINK}")).await;
    // What stands in an organisation's own zone is not compared, and adds nothing.
    observed(&world, &rae, ours.incident, Zone::Own, "own-numbat.net").await;
    observed(&world, &bea, theirs.incident, Zone::Own, "own-numbat.net").await;

    let duty = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    let page = duty.get(&format!("/incidents/{}/similar", ours.incident)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        theirs.receipt.code(),
        "Other NHS Trust",
        "The same was found: hxxps://login[.]numbat-mail[.]net/owa",
        "The same was seen: Files are locked",
        "The same kind of organisation: NHS trust",
        "The same region: London",
        "Reported within 30 days",
        "Passwords were changed, and nobody came in.",
        "Ring before you click",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    for hidden in ["Quoll", "Numoke", "own-numbat", apart.receipt.code()] {
        assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
    }
    let first = duty.get(&format!("/incidents/{}", ours.incident)).await.body;
    let part = between(&first, "<h2>Similar incidents</h2>", "<h2>");
    assert!(part.contains(theirs.receipt.code()) && part.contains("numbat-mail"), "{part}");

    let machine = world.cert_key("cases:read").await;
    let machine = world.machine(&machine);
    let told = machine.get(&format!("/api/v1/cert/incidents/{}/similar", ours.receipt)).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let told = told.json();
    let like = &told["incidents"][0];
    assert_eq!(
        (like["number"].as_str(), like["organisation"].as_str()),
        (Some(theirs.receipt.code()), Some("RBB"))
    );
    assert_eq!(like["reasons"][0]["code"], "observables");
    assert_eq!(like["outcome"], "Passwords were changed, and nobody came in.");
    assert_eq!(like["lessons"], serde_json::json!(["Ring before you click"]));
    assert_eq!(told["incidents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_organisation_learns_of_another_by_any_door() {
    let Sector { world, trusts, rae, bea, ana } = sector().await;
    let theirs = reported(&world, &bea, "RBB").await;
    observed(&world, &bea, theirs.incident, Zone::Shared, LINK).await;
    let ours = reported(&world, &rae, "RWA").await;
    observed(&world, &rae, ours.incident, Zone::Shared, LINK).await;
    world.organisation("8JA01", "Wallaby Supplies", "supplier").await;
    let_in(&world, &ana, ours.incident, "8JA01", Zone::Shared).await;
    let mut snapshot = world.app.read().await.unwrap();
    let guest = platform::organisation::store::id_of(&mut snapshot, "8JA01").await.unwrap();
    drop(snapshot);
    let doors = [
        format!("/incidents/{}", ours.incident),
        format!("/incidents/{}/similar", ours.incident),
        format!("/incidents/{}/observables", ours.incident),
        format!("/incidents/{}/timeline", ours.incident),
        format!("/incidents/{}/search?words=numbat", ours.incident),
        format!("/incidents/{}/report", ours.incident),
        format!("/incidents/{}/stix.json", ours.incident),
        "/incidents".to_owned(),
    ];
    for (name, role, at) in [
        ("Lee Lead", Role::Lead, Some(trusts[0])),
        ("Edith Executive", Role::Executive, Some(trusts[0])),
        ("Gus Guest", Role::Responder, guest),
    ] {
        let reader = world.signed_in(world.person(name, role, at).await).await;
        for door in &doors {
            let page = reader.get(door).await;
            for hidden in [theirs.receipt.code(), "Other NHS Trust", "RBB", "Similar incidents"] {
                assert!(!page.body.contains(hidden), "{name} {door} {hidden}: {}", page.body);
            }
        }
        let similar = reader.get(&format!("/incidents/{}/similar", ours.incident)).await.status.as_u16();
        assert!(matches!(similar, 403 | 404), "{name}: {similar}");
        // Of what there is, of what there is elsewhere and of what never was they are told the same.
        let never: IncidentId = world.app.env.id();
        for id in [theirs.incident.to_string(), never.to_string(), "nonsense".to_owned()] {
            let page = reader.get(&format!("/incidents/{id}/similar")).await;
            assert_eq!(page.status.as_u16(), similar, "{name} {id}: {}", page.body);
        }
    }
    // Neither does a machine of theirs; and one of the CERT's that may not read cases does not either.
    let key = world.key(trusts[0], "cases:read incidents:read").await;
    let machine = world.machine(&key);
    for path in ["incidents", "cert/incidents"] {
        let mut statuses = Vec::new();
        for number in [ours.receipt.to_string(), theirs.receipt.to_string(), "I-0000-0000".to_owned()] {
            let told = machine.get(&format!("/api/v1/{path}/{number}/similar")).await;
            assert!(matches!(told.status.as_u16(), 403 | 404), "{path}: {} {}", told.status, told.body);
            assert!(!told.body.contains(theirs.receipt.code()) || number == theirs.receipt.code());
            statuses.push(told.status);
        }
        assert!(statuses.iter().all(|status| *status == statuses[0]), "{path}: {statuses:?}");
    }
    let blind = world.cert_key("reported:read").await;
    let told = world.machine(&blind).get(&format!("/api/v1/cert/incidents/{}/similar", ours.receipt)).await;
    assert_eq!(told.status, 403, "{}", told.body);
}

#[tokio::test]
async fn the_same_supplier_makes_two_alike_and_a_joined_one_is_not_listed() {
    let Sector { world, rae, bea, ana, .. } = sector().await;
    for code in ["RWA", "RBB"] {
        used(&world, &ana, code, &uses("Aspen Records Ltd", "Patient records")).await;
    }
    let ours = reported(&world, &rae, "RWA").await;
    let (outage, _) =
        declared(&world, &ana, ours.incident, &down(&world, "Aspen Records Ltd", "Down.")).await;
    let mut tx = world.app.write().await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let other = platform::organisation::store::id_of(&mut snapshot, "RBB").await.unwrap().unwrap();
    drop(snapshot);
    let opened = react::outage::actions::open_incident(&mut tx, &bea, outage, other).await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    let twin = reported(&world, &rae, "RWA").await;

    let ana = world.signed_in(ana.person().unwrap().id).await;
    let page = ana.get(&format!("/incidents/{opened}/similar")).await.body;
    assert!(
        page.contains("The same supplier: Aspen Records Ltd") && page.contains(ours.receipt.code()),
        "{page}"
    );
    let like = ana.get(&format!("/incidents/{}/similar", ours.incident)).await.body;
    assert!(like.contains(twin.receipt.code()) && like.contains("Other NHS Trust"), "{like}");
    let form = [("version", "1"), ("into", ours.receipt.code())];
    let joined = ana.post(&format!("/incidents/{}/join", twin.incident), &form).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    let like = ana.get(&format!("/incidents/{}/similar", ours.incident)).await.body;
    assert!(!like.contains(twin.receipt.code()), "{like}");
}
