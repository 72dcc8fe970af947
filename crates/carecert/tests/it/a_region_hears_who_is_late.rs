//! The rung before the CERT rings: the body of a region is told which of its organisations are late,
//! by mail and on a page, and nothing else.

use broadcast::{
    audience::{Choices, Mode, Part},
    response::{self, Chosen, Said},
};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::World;

use crate::{
    issuing::{Desk, actor, contact, wording},
    sector_in_hand::organisations,
};

#[tokio::test]
async fn a_region_hears_who_is_late_and_nothing_of_what_they_said() {
    let world = World::new(SERVICES).await;
    // Regions are told since the second version of the policy.
    let day: jiff::Timestamp = "2026-11-02T08:00:00Z".parse().unwrap();
    world.app.env.advance(day.duration_since(world.now()));
    let london = world.organisation("Y56", "London Region", "region").await;
    let midlands = world.organisation("Y60", "Midlands Region", "region").await;
    contact(&world, london, "security_lead", "lead@london.example").await;
    contact(&world, london, "executive", "executive@london.example").await;
    contact(&world, midlands, "shared_mailbox", "it@midlands.example").await;
    let all = organisations(&world, "A", "gp_practice", 4).await;
    let desk = Desk::open(&world).await;
    let practices =
        Choices { mode: Some(Mode::MustRespond), parts: vec![(Part::Kind, vec!["gp_practice".to_owned()])] };
    let alert = desk.delivered(&wording("Patch the scanner"), &practices).await;
    let mut amber = wording("Patch it quietly");
    amber.tlp = Tlp::Amber;
    let quiet = desk.delivered(&amber, &practices).await;
    let responder = actor(&world, "Rae Responder", Role::Responder, Some(all[0])).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    let said = Said { done: Some("Half of them".to_owned()), ..Said::default() };
    response::answer(&mut tx, &responder, alert, &Chosen::All, &said).await.unwrap();
    tx.commit().await.unwrap();

    world.pass(SignedDuration::from_hours(49)).await;
    assert!(world.post.to("lead@london.example").is_empty(), "not before its rung");
    world.pass(SignedDuration::from_hours(2)).await;
    let mails = world.post.to("lead@london.example");
    assert_eq!(mails.len(), 2, "one for each alert, whoever is late");
    let told = |number: &str| mails.iter().find(|mail| mail.letter.subject.contains(number)).expect(number);
    let green = &told("CC-0001").letter.text;
    assert!(green.contains("- Surgery A0002 (A0002): acknowledgement"), "{green}");
    for silent in ["A0000", "A0001", "A0003", "Half of them", "Patch"] {
        assert!(!green.contains(silent), "{silent}: {green}");
    }
    let bare = &told("CC-0002").letter;
    assert!(!format!("{} {}", bare.subject, bare.text).contains("Surgery"), "{}", bare.text);
    assert!(bare.text.contains(&format!("/alerts/{quiet}/regional")), "{}", bare.text);
    let elsewhere = world.post.to("it@midlands.example");
    let named = elsewhere.iter().find(|mail| mail.letter.subject.contains("CC-0001")).expect("a mail");
    assert!(named.letter.text.contains("- Surgery A0001 (A0001)"), "{}", named.letter.text);
    assert!(world.post.to("executive@london.example").is_empty());

    let path = format!("/alerts/{alert}/regional");
    let lead = world.person("Lena London", Role::Lead, Some(london)).await;
    let page = world.signed_in(lead).await.get(&path).await;
    assert!(
        page.body.contains("Surgery A0002 (A0002)") && page.body.contains("01632 960000"),
        "{}",
        page.body
    );
    for silent in ["A0000", "A0001", "Half of them", "Patch", "lead@"] {
        assert!(!page.body.contains(silent), "{silent}: {}", page.body);
    }
    let other = world.person("Pat Practice", Role::Lead, Some(all[1])).await;
    let page = world.signed_in(other).await.get(&path).await;
    assert!(
        page.body.contains("Only regional bodies") && !page.body.contains("Surgery A0002"),
        "{}",
        page.body
    );
    assert_eq!(world.signed_in(lead).await.get(&format!("/alerts/{london}/regional")).await.status, 404);

    // Under the first version of the policy no region was let in.
    let mut tx = world.app.write().await.unwrap();
    let first = db::sql!("UPDATE alert SET policy = 'response/1' WHERE id = ?1");
    tx.run(first, db::params![alert]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.signed_in(lead).await.get(&path).await.status, 404);
}
