//! An organisation's page shows its alerts, the open ones first, to whoever may see its answers.

use broadcast::response::{self, Chosen, Outcome, Said};
use platform::access::Role;

use crate::sector_in_hand::{actor, alert, answers_for, organisations, world};

#[tokio::test]
async fn open_alerts_come_first_and_only_to_those_who_may_see_them() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 2).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices[..1]).await;
    let mut alerts = Vec::new();
    for number in 1..=7 {
        alerts.push(alert(&world, number, "high", "amber", &practices[..1]).await);
        world.pass(jiff::SignedDuration::from_hours(1)).await;
    }
    let rae = actor(&world, "Rae Responder", Role::Responder, practices[0]).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &rae, alerts[0], &Chosen::All).await.unwrap();
    let closed = Said { outcome: Some(Outcome::Remediated), ..Said::default() };
    response::answer(&mut tx, &rae, alerts[0], &Chosen::All, &closed).await.unwrap();
    tx.commit().await.unwrap();

    let page_of = format!("/organisations/{}", practices[0]);
    let all = format!("{page_of}/alerts");
    let duty = world.signed_in(world.person("Dee Manager", Role::DutyManager, None).await).await;
    let rae = world.signed_in(rae.person().unwrap().id).await;
    let ray = world.signed_in(world.person("Ray Board", Role::Viewer, Some(board)).await).await;
    for (reader, link) in [(&duty, "/sector"), (&rae, "/alerts"), (&ray, "/alerts")] {
        let page = reader.get(&page_of).await.body;
        let panel = page.split("id=\"alerts\"").nth(1).expect("a panel").split("<h2").next().unwrap();
        let place = |number: &str| panel.find(number);
        assert!(place("CC-0002").unwrap() < place("CC-0003").unwrap(), "by deadline: {panel}");
        assert!(panel.contains("Not acknowledged") && panel.contains("Acknowledge by"), "{panel}");
        assert!(panel.contains("3 June 2026, 10:00"), "{panel}");
        assert!(panel.contains(&format!("href=\"{link}/{}", alerts[1])), "{panel}");
        assert_eq!((place("CC-0001"), place("CC-0007")), (None, None), "five of them: {panel}");
        assert!(panel.contains(&all), "{panel}");
        let list = reader.get(&all).await.body;
        assert!(list.find("CC-0007").unwrap() < list.find("CC-0001").unwrap(), "closed ones last: {list}");
        assert!(list.contains("Closed"), "{list}");
    }
    let stranger = world.signed_in(world.person("Sid Stranger", Role::Lead, Some(practices[1])).await).await;
    assert_eq!(stranger.get(&all).await.status.as_u16(), 404);
    let own = stranger.get(&format!("/organisations/{}", practices[1])).await.body;
    assert!(own.contains("No alert has gone to this organisation yet."), "{own}");
}
