//! An organisation sees how quickly it answers, and where that lies among others of its type: as the
//! middle half of them, and only where ten other bodies or more are behind it.

use broadcast::{
    alert::{AlertId, Answers, store},
    response::{self, Chosen},
    sector::Recount,
};
use carecert::SERVICES;
use jiff::{SignedDuration, Timestamp};
use platform::{Actor, access::Role, job::Job};
use testkit::world::World;

use crate::{
    issuing::{Desk, everybody, wording},
    sector_in_hand::{actor, alert, answers_for, organisations, world},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn acknowledge(world: &World, actor: &Actor, alert: AlertId) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, actor, alert, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
}

async fn page(world: &World, actor: &Actor, path: &str) -> (u16, String) {
    let client = world.signed_in(actor.person().unwrap().id).await;
    let page = client.get(path).await;
    let words = page.body.split('<').map(|part| part.split_once('>').map_or(part, |(_, words)| words));
    let words = words.collect::<Vec<_>>().join(" ");
    (page.status.as_u16(), words.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn peers_are_a_band_of_ten_others_or_nothing() {
    let world = world().await;
    // Every second one lies in London: eleven there.
    let practices = organisations(&world, "A", "gp_practice", 22).await;
    let mut leads = Vec::new();
    for (place, practice) in practices.iter().enumerate() {
        leads.push(actor(&world, &format!("Lead {place}"), Role::Lead, *practice).await);
    }
    let alert = alert(&world, 1, "high", "amber+strict", &practices).await;
    let path = format!("/organisations/{}/pace", practices[0]);
    for lead in leads.iter().step_by(2).take(10) {
        world.app.env.advance(HOUR);
        acknowledge(&world, lead, alert).await;
    }
    Recount { alert }.run(world.app.clone()).await.unwrap();
    let (status, few) = page(&world, &leads[0], &path).await;
    assert_eq!(status, 200, "{few}");
    assert!(few.contains("acknowledge About 1 hour Too few to tell without naming anybody"), "{few}");
    assert!(few.contains("1 alert asked for an answer. 1 of 1 acknowledged in time."), "{few}");

    world.app.env.advance(HOUR * 40);
    acknowledge(&world, &leads[20], alert).await;
    Recount { alert }.run(world.app.clone()).await.unwrap();
    let (_, enough) = page(&world, &leads[0], &path).await;
    assert!(enough.contains("acknowledge About 1 hour About 3 hours to about 9 hours"), "{enough}");
    assert!(enough.contains("those of type GP practice in London"), "{enough}");
    assert!(enough.contains("close Not yet Too few to tell"), "{enough}");
    assert!(
        !enough.contains("A0020") && !enough.contains("CC-0001"),
        "nobody and no alert is named: {enough}"
    );
    let (_, late) = page(&world, &leads[20], &format!("/organisations/{}/pace", practices[20])).await;
    assert!(late.contains("0 of 1 acknowledged in time") || late.contains("1 acknowledged late"), "{late}");
    // In the Midlands nobody has answered: the whole country stands in.
    let (_, far) = page(&world, &leads[1], &format!("/organisations/{}/pace", practices[1])).await;
    assert!(far.contains("acknowledge Not yet About 3 hours to about 9 hours"), "{far}");
    assert!(far.contains("those of type GP practice in the country"), "{far}");

    assert_eq!(page(&world, &leads[1], &path).await.0, 404, "another organisation's does not exist for it");
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    assert_eq!(auditor.get(&path).await.status.as_u16(), 200);
}

#[tokio::test]
async fn one_that_answers_for_many_is_one() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 60).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices[2..]).await;
    let lead = actor(&world, "Lead", Role::Lead, practices[0]).await;
    let ray = actor(&world, "Ray Board", Role::Responder, board).await;
    let alert = alert(&world, 1, "high", "green", &practices).await;
    world.app.env.advance(HOUR * 2);
    acknowledge(&world, &ray, alert).await;
    acknowledge(&world, &lead, alert).await;
    Recount { alert }.run(world.app.clone()).await.unwrap();
    let (_, page) = page(&world, &lead, &format!("/organisations/{}/pace", practices[0])).await;
    assert!(page.contains("acknowledge About 2 hours Too few to tell without naming anybody"), "{page}");
}

#[tokio::test]
async fn what_is_not_due_yet_counts_for_nothing() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 1).await;
    let lead = actor(&world, "Lead", Role::Lead, practices[0]).await;
    let path = format!("/organisations/{}/pace", practices[0]);
    let first = alert(&world, 1, "high", "green", &practices).await;
    let (_, ahead) = page(&world, &lead, &path).await;
    assert!(ahead.contains("No alert of the last 12 months was acknowledged or is due yet."), "{ahead}");
    acknowledge(&world, &lead, first).await;
    alert(&world, 2, "high", "green", &practices).await;
    let (_, one) = page(&world, &lead, &path).await;
    assert!(one.contains("1 of 1 acknowledged in time. 1 more is not due yet."), "{one}");
    world.app.env.advance(HOUR * 49);
    let (_, late) = page(&world, &lead, &path).await;
    assert!(late.contains("1 of 2 acknowledged in time."), "{late}");
}

#[tokio::test]
async fn who_answers_an_update_anew_keeps_the_pace_of_the_first_answer() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let lead = actor(&world, "Lead", Role::Lead, trust).await;
    let path = format!("/organisations/{trust}/pace");
    let desk = Desk::open(&world).await;
    let first = desk.delivered(&wording("Any"), &everybody()).await;
    world.app.env.advance(HOUR * 2);
    acknowledge(&world, &lead, first).await;
    let number = store::alert(&mut world.app.read().await.unwrap(), first).await.unwrap().unwrap().number;
    let published = async |answers| {
        let version = desk.update(number).await;
        desk.approve(version).await;
        let alert = desk.publish(version, answers).await;
        world.pass(SignedDuration::from_secs(61)).await;
        alert
    };
    // What stands is told by the update, once.
    published(Answers::Stand).await;
    let (_, stands) = page(&world, &lead, &path).await;
    assert!(stands.contains("1 of 1 acknowledged in time.") && stands.contains("About 2 hours"), "{stands}");
    // What is asked anew is another answer: the first stays as quick as it was.
    let anew = published(Answers::Anew).await;
    let (_, asked) = page(&world, &lead, &path).await;
    assert!(asked.contains("1 of 1 acknowledged in time. 1 more is not due yet."), "{asked}");
    world.app.env.advance(HOUR * 50);
    acknowledge(&world, &lead, anew).await;
    let (_, late) = page(&world, &lead, &path).await;
    assert!(late.contains("1 of 2 acknowledged in time.") && late.contains("1 acknowledged late"), "{late}");
}

fn until(world: &World, moment: &str) {
    let moment: Timestamp = moment.parse().unwrap();
    world.app.env.advance(moment.duration_since(world.now()));
}

#[tokio::test]
async fn each_alert_counts_in_its_month_and_for_twelve_months() {
    let world = world().await;
    // Every second one lies in London: eleven there.
    let practices = organisations(&world, "A", "gp_practice", 21).await;
    let first = alert(&world, 1, "high", "green", &practices).await;
    let mut lead = None;
    for (place, practice) in practices.iter().enumerate().step_by(2) {
        let answers = actor(&world, &format!("Lead {place}"), Role::Lead, *practice).await;
        world.app.env.advance(HOUR);
        acknowledge(&world, &answers, first).await;
        lead.get_or_insert(answers);
    }
    Recount { alert: first }.run(world.app.clone()).await.unwrap();
    let (lead, path) = (lead.unwrap(), format!("/organisations/{}/pace", practices[0]));
    // Half an hour into July, while it is still June by UTC.
    until(&world, "2026-06-30T23:30:00Z");
    let second = alert(&world, 2, "high", "green", &practices).await;
    acknowledge(&world, &lead, second).await;
    let (_, both) = page(&world, &lead, &path).await;
    assert!(both.contains("June 2026 1 0 0 July 2026 1 0 0"), "{both}");
    assert!(both.contains("2 of 2 acknowledged in time") && both.contains(" to about "), "{both}");

    until(&world, "2027-05-31T22:59:00Z");
    let (_, last) = page(&world, &lead, &path).await;
    assert!(last.contains("June 2026 1 0 0") && last.contains("May 2027 0 0 0"), "{last}");
    assert!(last.contains(" to about "), "{last}");
    // With its month the alert is gone, and with it what it told of the peers.
    until(&world, "2027-05-31T23:01:00Z");
    let (_, gone) = page(&world, &lead, &path).await;
    assert!(gone.contains("1 of 1 acknowledged in time") && gone.contains("June 2027 0 0 0"), "{gone}");
    assert!(!gone.contains("June 2026") && !gone.contains(" to about "), "{gone}");
}
