//! Two nodes on one database, and people at each who do the same at the same moment: it is done once, the second is told
//! so, clocks ring once and people are called once.

use carecert::SERVICES;
use db::{params, sql};
use http::Method;
use jiff::SignedDuration;
use platform::{Actor, access::Role, clock, organisation::OrganisationId, work};
use react::{
    case::{Zone, task},
    incident::actions as incidents,
    report::{
        Care, Facts, Way,
        actions::{Sender, Sent, take},
    },
};
use testkit::world::{Answer, Client, World};

use crate::{
    furnished_cases::wanted,
    furnished_evidence,
    furnished_incidents::{classified, facts, standing, triage_version},
    issuing::actor,
};

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

async fn urgent(world: &World, by: &Actor, trust: OrganisationId) -> Sent {
    let mut tx = world.app.write().await.unwrap();
    let form: db::macro_support::Uuid = tx.id();
    let said = Facts { affected: vec![Care::Emergency], ..facts() };
    let sender = Sender::Known { organisation: trust, through: trust };
    let sent = take(&mut tx, by, form, Way::Session, sender, &said).await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    sent
}

/// The same person at another node: a session is every node's.
fn at<'a>(node: &'a World, client: &Client<'_>) -> Client<'a> {
    let mut there = node.visitor();
    there.cookie.clone_from(&client.cookie);
    there
}

/// That of two answers one was done, and the other was told that somebody else was faster, and has failed nothing.
fn once(one: &Answer, two: &Answer) {
    let done = [one, two].iter().filter(|answer| answer.status == 303).count();
    let told = [one, two].iter().filter(|answer| [409, 422].contains(&answer.status.as_u16())).count();
    assert_eq!((done, told), (1, 1), "{} {}\n{}\n{}", one.status, two.status, one.body, two.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_do_at_two_nodes_is_done_once() {
    let world = World::new(SERVICES).await;
    let node = world.beside().await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let dee = actor(&world, "Dee Duty", Role::DutyManager, None).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let id = urgent(&world, &rae, trust).await.incident;
    let page = format!("/incidents/{id}");
    let dee_here = world.signed_in(dee.person().unwrap().id).await;
    let ana_here = world.signed_in(ana.person().unwrap().id).await;
    let ana_elsewhere = at(&node, &ana_here);

    // People are called once, whichever node comes first.
    let (one, two) = tokio::join!(work::all_due(&world.app), work::all_due(&node.app));
    one.unwrap();
    two.unwrap();
    assert_eq!(world.post.to("dee.duty@example.org").len(), 1);
    world.app.env.advance(SignedDuration::from_mins(11));
    let (one, two) = tokio::join!(clock::sweep(&world.app), clock::sweep(&node.app));
    assert_eq!(one.unwrap() + two.unwrap(), 1, "a rung is climbed once");
    world.work().await;

    let version = triage_version(&world, id).await.to_string();
    let answer = |answer| [("version", version.as_str()), ("diverted", answer)];
    let path = format!("{page}/triage/answers");
    let (yes, no) = (answer("yes"), answer("no"));
    let (one, two) = tokio::join!(dee_here.post(&path, &yes), ana_elsewhere.post(&path, &no));
    once(&one, &two);

    let mut tx = world.app.write().await.unwrap();
    let form = tx.id();
    let wanted = wanted("Ring the supplier");
    let task = task::actions::add(&mut tx, &ana, id, (Zone::Cert, form), &wanted).await.unwrap();
    let seen = standing(&world, id).await.version;
    incidents::take_on(&mut tx, &ana, id, seen).await.unwrap();
    tx.commit().await.unwrap();
    let settled = [("version", "1"), ("event", "finish"), ("outcome", "They come")];
    let path = format!("{page}/tasks/{task}");
    let (one, two) = tokio::join!(dee_here.post(&path, &settled), ana_elsewhere.post(&path, &settled));
    once(&one, &two);

    classified(&world, &ana, id).await;
    let version = standing(&world, id).await.version.to_string();
    let closed = [("version", version.as_str()), ("reason", "It was a wombat")];
    let path = format!("{page}/close");
    let (one, two) = tokio::join!(dee_here.post(&path, &closed), ana_elsewhere.post(&path, &closed));
    once(&one, &two);
    assert_eq!(
        number(&world, sql!("SELECT count(*) FROM log_entry WHERE verb = 'incident.closed'")).await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_evidence_sent_to_two_nodes_is_one_piece() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(SERVICES, |settings| folder.path().clone_into(&mut settings.data_dir)).await;
    let node = world.beside().await;
    let case = furnished_evidence::case(&world).await;
    let here = world.signed_in(case.responder).await;
    let there = at(&node, &here);
    let fields = [("form", "0193f000-0000-7000-8000-000000000001"), ("zone", "shared"), ("about", "A note")];
    let body = || furnished_evidence::form(&fields, "wall.log", "the bilby was here");
    let (one, two) = tokio::join!(
        furnished_evidence::send(&here, case.incident, body()),
        furnished_evidence::send(&there, case.incident, body())
    );
    assert!([&one, &two].iter().any(|answer| answer.status == 303), "{} {}", one.body, two.body);
    assert!([&one, &two].iter().all(|answer| answer.status != 500), "{} {}", one.status, two.status);
    let again = furnished_evidence::send(&there, case.incident, body()).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(number(&world, sql!("SELECT count(*) FROM evidence")).await, 1);
    assert_eq!(number(&world, sql!("SELECT count(*) FROM custody")).await, 1);
    // Whatever is asked of a piece, nothing of it is a page of this site.
    let piece = furnished_evidence::of(&again);
    let path = furnished_evidence::page(case.incident, piece);
    let shown = there.send(Method::GET, &path, "", String::new()).await;
    assert!(shown.status == 200 && !shown.body.contains("the bilby was here"), "{}", shown.body);
}
