//! A machine's clock is set on by a day, or back by an hour: nothing waits for the hour to pass again, no deadline is
//! met or missed for ever by it, the log stays whole and says so, and operators are told.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{Actor, access::Role, clock::Watch, log, organisation::OrganisationId, rota};
use react::{
    case::Zone,
    regime::{State, Trigger, actions},
    report::{
        Care, Facts, Way,
        actions::{Sender, take},
    },
};
use testkit::world::World;

use crate::{
    furnished_clocks::{aware, clocks, sent},
    furnished_incidents::{facts, reported},
    issuing::actor,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An urgent report, for which people are rung in turn.
async fn urgent(world: &World, by: &Actor, trust: OrganisationId) {
    let mut tx = world.app.write().await.unwrap();
    let form: db::macro_support::Uuid = tx.id();
    let said = Facts { affected: vec![Care::Emergency], ..facts() };
    let sender = Sender::Known { organisation: trust, through: trust };
    take(&mut tx, by, form, Way::Session, sender, &said).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn set_back_by_an_hour_nothing_waits_for_it_and_the_log_says_so() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let duty = [
        actor(&world, "Dan Duty", Role::DutyManager, None).await,
        actor(&world, "Dee Duty", Role::DutyManager, None).await,
    ];
    let order: Vec<_> = duty.iter().map(|each| each.person().unwrap().id).collect();
    let mut tx = world.app.write().await.unwrap();
    rota::set_order(&mut tx, &order).await.unwrap();
    tx.commit().await.unwrap();
    // They hold their roles since yesterday, whatever the clock is set to.
    world.pass(HOUR * 24).await;
    let mut watch = Watch::default();
    assert_eq!(watch.look(&world.app).await.unwrap(), None);

    urgent(&world, &rae, trust).await;
    world.app.env.set_by(-HOUR);
    world.work().await;
    assert!(world.post.mails().is_empty(), "without the watch it would wait for an hour");
    assert_eq!(watch.look(&world.app).await.unwrap(), Some(-HOUR));
    assert_eq!(watch.look(&world.app).await.unwrap(), None, "it is said once");
    world.work().await;
    let mails = |name: &str| world.post.to(&format!("{name}@example.org")).len();
    assert_eq!((mails("dan.duty"), mails("dee.duty")), (1, 1));
    // Whoever is next on the rota is rung as soon as if nothing had been set.
    world.pass(SignedDuration::from_mins(11)).await;
    assert_eq!(mails("dee.duty"), 2);

    let entry = sql!("SELECT payload FROM log_entry WHERE verb = 'time.jumped'");
    let (payload,): (String,) = world.app.read().await.unwrap().one(entry, params![]).await.unwrap();
    assert!(payload.contains("-3600"), "{payload}");
    log::seal(&world.app).await.unwrap();
    let report = log::verify(&mut world.app.db.read_long().await.unwrap(), world.now(), None).await.unwrap();
    assert_eq!((report.finding, report.unsealed), (None, 0));
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    let page = admin.get("/jobs").await.body;
    assert!(page.contains("set back by 1 hour"), "{page}");
    let auditor = world.signed_in(world.person("Aud Itor", Role::Auditor, None).await).await;
    assert!(auditor.get("/log").await.body.contains("Found that a machine’s clock was set"));
}

#[tokio::test]
async fn set_on_by_a_day_and_right_again_no_deadline_is_missed_for_ever() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let zone = (Zone::Shared, Trigger::PersonalDataBreach);
    aware(&world, &lead, incident, zone, world.now() - HOUR * 60).await.unwrap();
    let client = world.signed_in(lead.person().unwrap().id).await;
    world.work().await;
    let mut watch = Watch::default();
    watch.look(&world.app).await.unwrap();
    let page = format!("/incidents/{incident}/clocks");
    let ahead = sql!("SELECT count(*) FROM clock WHERE kind = 'regulatory' AND next_due_at IS NOT NULL");
    let runs = async || world.app.read().await.unwrap().one::<(i64,)>(ahead, params![]).await.unwrap().0;
    let before = runs().await;
    assert!(!client.get(&page).await.body.contains("Overdue"));

    world.app.env.set_by(HOUR * 24);
    assert_eq!(watch.look(&world.app).await.unwrap(), Some(HOUR * 24));
    world.work().await;
    assert!(client.get(&page).await.body.contains("Overdue"), "as far as anybody can tell");
    assert!(runs().await < before, "its last reminder has gone");
    world.app.env.set_by(-(HOUR * 24));
    assert_eq!(watch.look(&world.app).await.unwrap(), Some(-(HOUR * 24)));
    world.work().await;
    let shown = client.get(&page).await;
    assert!(shown.status == 200 && !shown.body.contains("Overdue"), "{}", shown.body);
    assert_eq!(runs().await, before, "it rings again when it is over");

    let all = clocks(&world, incident).await;
    let clock = all.into_iter().find(|clock| clock.due_at.is_some()).unwrap();
    assert_eq!(clock.state, State::Running);
    let mut tx = world.app.write().await.unwrap();
    let report = sent(&world, world.now(), "");
    actions::report(&mut tx, &lead, incident, (clock.id, clock.version), &report).await.unwrap();
    tx.commit().await.unwrap();
    let all = clocks(&world, incident).await;
    assert_eq!(all.iter().find(|each| each.id == clock.id).unwrap().state, State::Met);
}
