//! What is told about a case reaches those who are in it, by the names by which they know one another, and nobody else:
//! not who was let out meanwhile, nor about what is over; and nobody can make the CERT's telephones ring without end.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{Actor, access::Role, message::PostError, organisation::OrganisationId};
use react::{
    case::{Zone, Zones, guest, task},
    impact::{self, Downtime, State},
    incident::{IncidentId, Receipt, actions as incidents},
    observable::{self, ObservableId, store::Kept},
    regime::Trigger,
    report::{
        Care, Facts, Way,
        actions::{Sender, Sent, take},
    },
};
use testkit::world::World;

use crate::{
    furnished_cases::{let_in, wanted},
    furnished_clocks::{aware, service},
    furnished_evidence,
    furnished_incidents::{classified, facts, observed, reported, standing, unknown},
    furnished_runs::{open, started},
    issuing::{actor, contact},
};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A trust with Rae, an analyst, and an incident that Rae has reported.
struct Case {
    world: World,
    trust: OrganisationId,
    id: IncidentId,
    rae: Actor,
    ana: Actor,
}

impl Case {
    async fn open() -> Self {
        let world = World::new(SERVICES).await;
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        world.organisation("8SUP", "Bilby Systems", "supplier").await;
        let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        let id = reported(&world, &rae, "RWA").await.incident;
        world.work().await;
        Self { world, trust, id, rae, ana }
    }

    async fn number(&self, statement: &'static db::Statement) -> i64 {
        self.world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certs_people_have_names_at_the_cert_alone_on_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(SERVICES, |settings| folder.path().clone_into(&mut settings.data_dir)).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let id = reported(&world, &rae, "RWA").await.incident;
    let rae = world.signed_in(rae.person().unwrap().id).await;
    let ana_client = world.signed_in(ana.person().unwrap().id).await;
    observed(&world, &ana, id, Zone::Shared, "http://evil-numbat.net/a").await;
    aware(&world, &ana, id, (Zone::Shared, Trigger::PersonalDataBreach), world.now()).await.unwrap();
    let mut tx = world.app.write().await.unwrap();
    let (form, other) = (tx.id(), tx.id());
    let board = service("Emergency department", State::Stopped, Downtime::Working);
    impact::actions::add(&mut tx, &ana, id, &board, form).await.unwrap();
    let counted = (tx.now, 40, 2);
    impact::actions::count(&mut tx, &ana, id, counted, other).await.unwrap();
    tx.commit().await.unwrap();
    let fields = [("form", "0193f000-0000-7000-8000-000000000001"), ("zone", "shared"), ("about", "A note")];
    let body = furnished_evidence::form(&fields, "wall.log", "the bilby was here");
    let piece = furnished_evidence::of(&furnished_evidence::send(&ana_client, id, body).await);
    let run = started(&world, &ana, id, "ransomware", Zone::Shared).await;
    let page = format!("/incidents/{id}");
    for go in ["done", "take"] {
        let task = open(&world, run).await.remove(0);
        let fields = [("go", go), ("version", "1")];
        let path = format!("{page}/runs/{run}/tasks/{}", task.id);
        let answer = ana_client.post(&path, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        world.app.env.advance(SignedDuration::from_secs(1));
    }
    let clock = sql!("SELECT id FROM duty_clock LIMIT 1");
    let (clock,): (db::macro_support::Uuid,) =
        world.app.read().await.unwrap().one(clock, params![]).await.unwrap();
    for path in [
        format!("{page}/observables"),
        format!("{page}/impact"),
        format!("{page}/clocks"),
        format!("{page}/runs/{run}"),
        furnished_evidence::page(id, piece),
        format!("{page}/timeline"),
    ] {
        let theirs = rae.get(&path).await;
        assert!(theirs.status == 200 && theirs.body.contains("Test CSOC"), "{path}: {}", theirs.body);
        assert!(!theirs.body.contains("Ana Lyst"), "{path}: {}", theirs.body);
        let ours = ana_client.get(&path).await.body;
        let main = ours.split_once("<main").unwrap().1;
        assert!(main.contains("Ana Lyst") || path.ends_with(&run.to_string()), "{path}: {main}");
    }
    assert!(!rae.get(&format!("{page}/clocks/{clock}")).await.body.contains("Ana Lyst"));
}

#[tokio::test]
async fn who_was_let_out_is_reminded_of_nothing() {
    let case = Case::open().await;
    let Case { world, id, rae, ana, .. } = &case;
    let statement = sql!("SELECT id FROM organisation WHERE code = '8SUP'");
    let (supplier,): (OrganisationId,) =
        world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    let gus = actor(world, "Gus Guest", Role::Responder, Some(supplier)).await;
    let guest = let_in(world, ana, *id, "8SUP", Zone::Shared).await;
    let run = started(world, rae, *id, "ransomware", Zone::Shared).await;
    let client = world.signed_in(gus.person().unwrap().id).await;
    let tasks = open(world, run).await;
    let path = format!("/incidents/{id}/runs/{run}/tasks/{}", tasks[0].id);
    assert_eq!(client.post(&path, &[("go", "take"), ("version", "1")]).await.status, 303);
    // It falls due while no mail leaves, and they are let out before it could.
    world.post.refuse(Some(PostError::Down("connection refused".to_owned())));
    world.pass(MINUTE * 3).await;
    let waiting = sql!("SELECT count(*) FROM message WHERE kind = 'run_task_due' AND state = 'waiting'");
    assert!(case.number(waiting).await > 0);
    let mut tx = world.app.write().await.unwrap();
    guest::let_out(&mut tx, ana, *id, guest).await.unwrap();
    tx.commit().await.unwrap();
    world.post.refuse(None);
    world.pass(MINUTE * 10).await;
    assert!(world.post.to("gus.guest@example.org").is_empty());
    assert_eq!(case.number(sql!("SELECT count(*) FROM run_task WHERE owner_id IS NOT NULL")).await, 0);
    let fate = sql!("SELECT last_error FROM message WHERE kind = 'run_task_due' AND state = 'called_back'");
    let (why,): (String,) = world.app.read().await.unwrap().one(fate, params![]).await.unwrap();
    assert_eq!(why, "They do not read this case any more.");
}

#[tokio::test]
async fn nobody_is_reminded_of_a_task_in_a_case_that_is_over() {
    let case = Case::open().await;
    let Case { world, id, rae, ana, .. } = &case;
    let other = reported(world, rae, "RWA").await;
    let lee = actor(world, "Lee Leader", Role::Lead, Some(case.trust)).await;
    let mut tx = world.app.write().await.unwrap();
    let due_at = Some(tx.now + SignedDuration::from_hours(1));
    let owner = task::Owner::Person(lee.person().unwrap().id);
    for incident in [*id, other.incident] {
        let form = tx.id();
        let wanted = task::Wanted { due_at, owner, ..wanted("Find the wombat") };
        task::actions::add(&mut tx, &lee, incident, (Zone::Shared, form), &wanted).await.unwrap();
    }
    tx.commit().await.unwrap();
    classified(world, ana, *id).await;
    let joined = standing(world, other.incident).await;
    let mut tx = world.app.write().await.unwrap();
    let into: Receipt = standing(world, *id).await.receipt;
    incidents::join(&mut tx, ana, other.incident, joined.version, &into).await.unwrap();
    tx.commit().await.unwrap();
    let version = standing(world, *id).await.version;
    let mut tx = world.app.write().await.unwrap();
    incidents::close(&mut tx, ana, *id, version, "It was a wombat").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(2)).await;
    assert!(world.post.to("lee.leader@example.org").is_empty());
    let told = sql!("SELECT count(*) FROM case_entry WHERE text LIKE '%is due.%'");
    assert_eq!(case.number(told).await, 0);
}

/// What a case has in its shared zone.
async fn shared(world: &World, incident: IncidentId) -> Vec<Kept> {
    let mut snapshot = world.app.read().await.unwrap();
    let first = ObservableId(db::macro_support::Uuid::nil());
    observable::store::of_case(&mut snapshot, incident, Zones::of(&[Zone::Shared]), first).await.unwrap()
}

/// A report of somebody who is signed in, with these words.
async fn said(world: &World, by: &Actor, trust: OrganisationId, more: &str, care: &[Care]) -> Sent {
    let mut tx = world.app.write().await.unwrap();
    let form: db::macro_support::Uuid = tx.id();
    let said = Facts { more: more.to_owned(), affected: care.to_vec(), ..facts() };
    let sender = Sender::Known { organisation: trust, through: trust };
    let sent = take(&mut tx, by, form, Way::Session, sender, &said).await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    sent
}

#[tokio::test]
async fn what_was_found_in_a_report_goes_where_the_report_goes() {
    let case = Case::open().await;
    let Case { world, id, rae, ana, trust } = &case;
    observed(world, rae, *id, Zone::Shared, "http://evil-quoll.net/b").await;
    let other = said(world, rae, *trust, "http://evil-numbat.net/a and http://evil-quoll.net/b", &[]).await;
    observed(world, rae, other.incident, Zone::Shared, "http://typed-numbat.net/c").await;
    let into = standing(world, *id).await.receipt;
    let version = standing(world, other.incident).await.version;
    let mut tx = world.app.write().await.unwrap();
    incidents::join(&mut tx, ana, other.incident, version, &into).await.unwrap();
    tx.commit().await.unwrap();
    let values = |all: &[Kept]| {
        let mut all: Vec<_> =
            all.iter().filter(|each| each.kind == "url").map(|each| each.value.clone()).collect();
        all.sort();
        all
    };
    assert_eq!(values(&shared(world, *id).await), ["http://evil-numbat.net/a", "http://evil-quoll.net/b"]);
    // What somebody entered in the case stays in it, to be read.
    assert_eq!(values(&shared(world, other.incident).await), ["http://typed-numbat.net/c"]);
}

#[tokio::test]
async fn a_victims_own_domain_is_left_out_once_it_is_known_whose_it_is() {
    let case = Case::open().await;
    let Case { world, ana, trust, .. } = &case;
    contact(world, *trust, "security_lead", "it@walking-quokka.org").await;
    let sent = unknown(world, None, "Walking").await;
    observed(
        world,
        ana,
        sent.incident,
        Zone::Shared,
        "http://vpn.walking-quokka.org/x http://evil-numbat.net/y",
    )
    .await;
    let left_out = async || {
        let all = shared(world, sent.incident).await;
        all.iter().filter(|each| each.left_out == "own").map(|each| each.value.clone()).collect::<Vec<_>>()
    };
    assert!(left_out().await.is_empty(), "nobody knows whose it is");
    let version = standing(world, sent.incident).await.version;
    let mut tx = world.app.write().await.unwrap();
    incidents::place(&mut tx, ana, sent.incident, version, "RWA").await.unwrap();
    tx.commit().await.unwrap();
    let own = left_out().await;
    assert!(own.iter().any(|value| value.contains("walking-quokka")), "{own:?}");
    assert!(own.iter().all(|value| !value.contains("numbat")), "{own:?}");
}

#[tokio::test]
async fn a_flood_of_urgent_reports_is_taken_and_counted_and_rings_three_times_an_hour() {
    let case = Case::open().await;
    let Case { world, rae, trust, .. } = &case;
    let dee = actor(world, "Dee Duty", Role::DutyManager, None).await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let bea = actor(world, "Bea Other", Role::Responder, Some(other)).await;
    let begun = sql!("SELECT count(*) FROM incident_paging");
    let before = case.number(begun).await;
    for place in 0..20 {
        said(world, rae, *trust, &format!("Wombat {place}"), &[Care::Emergency]).await;
    }
    // What is less urgent, as the case itself is, does not count against them.
    assert_eq!(case.number(begun).await, before + 3);
    assert_eq!(case.number(sql!("SELECT count(*) FROM incident")).await, 21, "nothing is refused");
    // Another organisation is rung for as if nothing were.
    said(world, &bea, other, "A quoll", &[Care::Emergency]).await;
    assert_eq!(case.number(begun).await, before + 4);
    world.work().await;
    let mails = world.post.to("dee.duty@example.org").len();
    assert!(mails <= 13, "{mails} mails of 22 incidents");
    let client = world.signed_in(dee.person().unwrap().id).await;
    let list = client.get("/incidents").await.body;
    assert!(list.contains("Walking NHS Trust (RWA) has 17 more urgent incidents"), "{list}");
    let theirs = world.signed_in(rae.person().unwrap().id).await.get("/incidents").await.body;
    assert!(!theirs.contains("more urgent incidents"), "{theirs}");
    // In time they are rung for, three an hour; one that somebody takes on is not held any more.
    world.pass(MINUTE * 71).await;
    assert_eq!(case.number(begun).await, before + 7);
    let held = sql!("SELECT incident_id FROM paging_held ORDER BY incident_id LIMIT 1");
    let (first,): (IncidentId,) = world.app.read().await.unwrap().one(held, params![]).await.unwrap();
    let version = standing(world, first).await.version;
    let mut tx = world.app.write().await.unwrap();
    incidents::take_on(&mut tx, &dee, first, version).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(case.number(sql!("SELECT count(*) FROM paging_held")).await, 13);
}
