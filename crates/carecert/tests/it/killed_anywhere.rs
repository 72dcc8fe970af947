//! The process is really killed, at random moments, while it publishes and while it delivers. No
//! organisation is missed, no mail goes again under another Message-ID, the log is whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broadcast::advisory::VersionId;
use carecert::SERVICES;
use db::{params, sql};
use platform::{access::Role, env::Env, log, organisation::OrganisationId};
use testkit::{
    smtp::{Security, SmtpServer},
    world::World,
};
use tokio::net::TcpStream;

use crate::{
    issuing::{Desk, contact, everybody, wording},
    process::{Installation, form, rest},
};

const ORGANISATIONS: usize = 400;
/// Kills while mail is on its way: enough to hit every step.
const KILLS: usize = 50;

/// Asks the service to publish, and does not wait for the answer's end.
async fn ask_to_publish(
    installation: &Installation,
    cookie: &str,
    version: VersionId,
    edition: i64,
) -> TcpStream {
    let said = format!("edition={edition}&answers=anew");
    installation.begin(&form(&format!("/audiences/{version}/publish"), cookie, &said)).await
}

async fn number(world: &World, statement: &'static db::Statement) -> usize {
    let (number,): (i64,) =
        world.app.read().await.expect("a read").one(statement, params![]).await.expect("a number");
    usize::try_from(number).expect("not negative")
}

/// Lets the time pass that call-backs, pauses and leases wait for.
async fn hurry(world: &World) {
    let mut tx = world.app.write().await.expect("a write");
    for statement in [
        sql!("UPDATE alert SET deliver_at = 0"),
        sql!("UPDATE job SET run_at = 0, lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE 0 END"),
        sql!(
            "UPDATE message SET not_before = 0, lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE 0 END"
        ),
    ] {
        tx.run(statement, params![]).await.expect("hurried");
    }
    tx.commit().await.expect("a commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_service_misses_nobody_and_repeats_nothing_under_another_id() {
    let world = World::new(SERVICES).await;
    let machine = Env::machine();
    world.app.env.advance(machine.now().duration_since(world.now()));
    let mut addresses = BTreeSet::new();
    for place in 0..ORGANISATIONS {
        let id: OrganisationId =
            world.organisation(&format!("K{place:04}"), "Kill practice", "gp_practice").await;
        let address = format!("practice{place}@kill.example");
        contact(&world, id, "shared_mailbox", &address).await;
        addresses.insert(address);
    }
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Killed"), &everybody()).await;
    let edition = desk.edition(version).await;
    let releaser = world.person("Kay Releaser", Role::DutyManager, None).await;
    let cookie = world.signed_in(releaser).await.cookie.expect("a session");

    let server = SmtpServer::start(Security::Plain).await.expect("a mail server");
    let installation = Installation::on(&world.app.settings.database_url, Some(&server));

    // Publishing is whole or not at all, wherever it is cut.
    let published = sql!("SELECT count(*) FROM alert");
    let asked = sql!("SELECT count(*) FROM response");
    // A little later each time: on a busy machine the first moments are all too early.
    let mut latest = 60;
    while number(&world, published).await == 0 {
        let service = installation.serve().await;
        let stream = ask_to_publish(&installation, &cookie, version, edition).await;
        tokio::time::sleep(Duration::from_millis(machine.below(latest))).await;
        latest += 20;
        drop(service);
        drop(stream);
        let (alerts, responses) = (number(&world, published).await, number(&world, asked).await);
        assert!(alerts <= 1 && responses == alerts * ORGANISATIONS, "{alerts} alerts, {responses} responses");
    }
    // Asking again changes nothing.
    let service = installation.serve().await;
    let answer = rest(ask_to_publish(&installation, &cookie, version, edition).await).await;
    drop(service);
    assert_eq!(number(&world, published).await, 1, "{answer}");

    for _ in 0..KILLS {
        hurry(&world).await;
        let service = installation.serve().await;
        tokio::time::sleep(Duration::from_millis(20 + machine.below(150))).await;
        drop(service);
    }
    let unsettled = sql!(
        "SELECT (SELECT count(*) FROM message WHERE state IN ('waiting', 'sending')) + (SELECT count(*) FROM job WHERE kind <> 'sector.count_reach')"
    );
    hurry(&world).await;
    let service = installation.serve().await;
    while server.arrived().iter().map(|mail| mail.to.clone()).collect::<BTreeSet<_>>().len() < ORGANISATIONS
        || number(&world, unsettled).await > 0
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(service);

    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in server.arrived() {
        let id = mail.header("Message-ID").expect("an id").to_owned();
        ids.entry(mail.to).or_default().insert(id);
    }
    assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), addresses);
    let repeated: Vec<_> = ids.iter().filter(|(_, ids)| ids.len() != 1).collect();
    assert!(repeated.is_empty(), "{repeated:?}");

    log::seal(&world.app).await.expect("sealed");
    let mut snapshot = world.app.db.read_long().await.expect("a read");
    let report = log::verify(&mut snapshot, machine.now(), None).await.expect("verified");
    assert_eq!((report.finding, report.unsealed), (None, 0));
    assert!(report.size > 0);
}
