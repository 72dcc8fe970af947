//! Words are found wherever they stand in a case, of the zones that the reader has, and nowhere else.

use carecert::SERVICES;
use http::StatusCode;
use platform::access::Role;
use react::case::{Zone, message};
use testkit::world::World;

use crate::{
    furnished_cases::{fill, let_in},
    furnished_incidents::{observed, reported},
    issuing::actor,
};

#[tokio::test]
async fn each_finds_what_they_read_wherever_it_stands() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let supplier = world.organisation("8JA02", "Supplies", "supplier").await;
    let strange = world.organisation("RXX", "Strange NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    for (by, zone) in [(&rae, Zone::Own), (&rae, Zone::Shared), (&ana, Zone::Cert)] {
        let text = format!("Zoë ordered more paper, {}", zone.code());
        fill(&world, by, sent.incident, zone, &text).await;
        observed(&world, by, sent.incident, zone, &format!("https://zoe.evil-{}.org/x", zone.code())).await;
    }
    let_in(&world, &ana, sent.incident, "8JA02", Zone::Shared).await;
    let gus = world.person("Gus Guest", Role::Viewer, Some(supplier)).await;
    let sam = world.person("Sam Stranger", Role::Lead, Some(strange)).await;
    let path = format!("/incidents/{}/search", sent.incident);
    for (who, reads) in [
        (rae.person().unwrap().id, vec![Zone::Own, Zone::Shared]),
        (ana.person().unwrap().id, vec![Zone::Shared, Zone::Cert]),
        (gus, vec![Zone::Shared]),
    ] {
        let client = world.signed_in(who).await;
        let page = client.get(&format!("{path}?q=ZOE+order")).await;
        assert_eq!(page.status, StatusCode::OK);
        for zone in Zone::ALL {
            let line = format!("Zoë ordered more paper, {}", zone.code());
            // An entry, a task, a note, a message and a decision; the situation report tells none of it here.
            let times = page.body.matches(&format!("{line}<")).count()
                + page.body.matches(&format!("{line} ")).count();
            assert_eq!(times >= 5, reads.contains(zone), "{zone:?}: {times} in {}", page.body);
            assert!(reads.contains(zone) || !page.body.contains(&line));
        }
        let observables = client.get(&format!("{path}?q=zoe+evil")).await.body;
        for zone in Zone::ALL {
            let told = observables.contains(&format!("evil-{}", zone.code()));
            assert_eq!(told, reads.contains(zone), "{zone:?}: {observables}");
        }
        assert!(!observables.contains("https://zoe"), "so that nobody opens it by mistake");
        assert!(client.get(&format!("{path}?q=wombat")).await.body.contains("Nothing that you read here"));
        assert_eq!(client.get(&format!("{path}?q=%3Cscript%3E")).await.status, StatusCode::OK);
    }
    let stranger = world.signed_in(sam).await;
    assert_eq!(stranger.get(&format!("{path}?q=zoe")).await.status, StatusCode::NOT_FOUND);
    let machine = world.machine(&world.cert_key("cases:read").await);
    let found = machine.get(&format!("/api/v1/cert/incidents/{}/search?q=zoe", sent.receipt)).await.json();
    let zones: Vec<_> = found["found"].as_array().unwrap().iter().map(|row| row["zone"].clone()).collect();
    assert!(zones.contains(&"cert".into()) && zones.contains(&"shared".into()), "{found}");
    assert!(!zones.contains(&"own".into()), "{found}");
}

#[tokio::test]
async fn of_more_than_a_page_nothing_is_missed() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    for number in 0..120 {
        let mut tx = world.app.write().await.unwrap();
        let form = tx.id();
        let text = format!("Paper {number}, and {}", if number % 2 == 0 { "pens" } else { "ink" });
        message::actions::send(&mut tx, &rae, sent.incident, (Zone::Shared, form), (&text, None))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // Some at the same moment.
        world.app.env.advance(jiff::SignedDuration::from_millis(i64::from(number % 3 == 0)));
    }
    let machine = world.machine(&world.key(trust, "cases:read").await);
    let (mut lines, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/incidents/{}/search?q=pap+pen{after}", sent.receipt);
        let page = machine.get(&path).await.json();
        lines.extend(page["found"].as_array().unwrap().iter().map(|row| row["line"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(lines.len(), 60);
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 60);
}
