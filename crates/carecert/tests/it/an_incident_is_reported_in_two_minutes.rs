//! Who is signed in reports an incident with what is there, is told at once what to do, and adds to it; the CERT is
//! told its number alone. Nobody else learns that there is one, by any door.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{access::Role, retention};
use testkit::world::World;

use crate::{
    furnished_incidents::{classified, facts, number, reported, standing, unknown},
    issuing::{actor, answers_for},
};

const FORM: &str = "018f0000-0000-7000-8000-000000000001";

#[tokio::test]
async fn what_is_seen_is_enough_and_the_answer_says_what_to_do() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    world.person("Dee Manager", Role::DutyManager, None).await;
    for door in ["/", "/sign-in"] {
        assert!(world.visitor().get(door).await.body.contains("href=\"/report\""), "{door}");
    }
    let ways = world.visitor().get("/report").await.body;
    let first = ways.find("0300 303 5222").unwrap();
    assert!(first < ways.find("Sign in and report").unwrap() && ways.contains("/report/code"), "{ways}");
    let form = rae.get("/report/new").await.body;
    assert!(form.contains("You report for Walking NHS Trust (RWA).") && form.contains("I do not know"));
    let nothing =
        rae.post("/report/new", &[("organisation", "RWA"), ("more", "A wombat"), ("go", "send")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("A wombat</textarea>"), "{}", nothing.body);
    let typed = [
        ("form", FORM),
        ("organisation", "RWA"),
        ("seen", "files_locked"),
        ("seen", "system_down"),
        ("since", "unknown"),
        ("more", "A wombat on every screen"),
        ("go", "send"),
    ];
    let sent = rae.post("/report/new", &typed).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    assert!(sent.body.contains("The number is I-") && sent.body.contains("Do not switch it off"));
    assert!(sent.body.contains("I do not know yet: find out what it is"), "{}", sent.body);
    let receipt = sent.body.split("The number is ").nth(1).unwrap()[..11].to_owned();
    let twice = rae.post("/report/new", &typed).await;
    assert!(twice.body.contains(&receipt), "sent twice, it is one");

    // The CERT is told the number and a link, and nothing else.
    world.work().await;
    let mails = world.post.mails();
    let mut told: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["ana.lyst@example.org", "dee.manager@example.org"]);
    for mail in &mails {
        assert_eq!(mail.letter.subject, format!("[{receipt}]"));
        let text = &mail.letter.text;
        assert!(!text.contains("Walking") && !text.contains("RWA") && !text.contains("locked"), "{text}");
    }
    let list = ana.get("/incidents").await.body;
    assert!(list.contains(&receipt) && list.contains("Walking NHS Trust"), "{list}");
    let page = mails[0].letter.text.lines().find(|line| line.contains("/incidents/")).unwrap();
    let page = &page[page.find("/incidents/").unwrap()..];
    assert!(ana.get(page).await.body.contains("A wombat on every screen"));

    // What is added stands beside what was sent; whoever took it on is told that something was.
    assert_eq!(ana.post(&format!("{page}/take-on"), &[("version", "1")]).await.status, 303);
    world.pass(SignedDuration::from_secs(1)).await;
    let add = format!("{page}/add");
    assert_eq!(rae.post(&add, &[("text", " ")]).await.status, 422);
    for _ in 0..2 {
        assert_eq!(rae.post(&add, &[("form", FORM), ("text", "The quokka ward too")]).await.status, 303);
    }
    world.work().await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 3, "one addition, one mail");
    assert!(mails[2].to == "ana.lyst@example.org" && !mails[2].letter.text.contains("quokka"));
    let read = rae.get(page).await.body;
    assert!(read.contains("A wombat on every screen") && read.contains("The quokka ward too"), "{read}");
    assert!(read.matches("The quokka ward too").count() == 1 && !read.contains("Ana Lyst"), "{read}");
    assert_eq!(ana.post(&format!("{page}/close"), &[("version", "2"), ("reason", "")]).await.status, 422);
    assert_eq!(ana.post(&format!("{page}/close"), &[("version", "1"), ("reason", "Over")]).await.status, 422);
    // None is closed before somebody said what kind of incident it was.
    let close = [("version", "2"), ("reason", "Over")];
    let refused = ana.post(&format!("{page}/close"), &close).await;
    assert!(refused.status == 422 && refused.body.contains("Say first what kind of incident it was"));
    let kind = format!("{page}/triage/kind");
    assert!(ana.get(page).await.body.contains(&format!("href=\"{kind}\"")));
    assert_eq!(ana.post(&kind, &[("kind", "malicious-code:infected-system")]).await.status, 303);
    assert_eq!(ana.post(&format!("{page}/close"), &close).await.status, 303);
    assert!(rae.get(page).await.body.contains("Closed, because"));
    // The log is found by the number, and holds no word of it.
    let ada = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    let log = ada.get(&format!("/log?about={receipt}")).await.body;
    for words in ["Reported an incident", "Took on an incident", "Added to an incident", "Closed an incident"]
    {
        assert!(log.contains(words), "{words}: {log}");
    }
    let mut snapshot = world.app.read().await.unwrap();
    let log: Vec<(String,)> = snapshot
        .all(
            sql!("SELECT coalesce(payload, '') FROM log_entry WHERE about_kind = 'incident' ORDER BY id"),
            params![],
        )
        .await
        .unwrap();
    // Reported, rung for, taken on, the call answered, added to, classified, closed.
    assert!(log.len() == 7 && !log.iter().any(|(text,)| text.contains("wombat") || text.contains("quokka")));
}

#[tokio::test]
async fn a_report_is_saved_at_any_point_and_read_by_nobody_else() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let lee = world.signed_in(world.person("Lee Leader", Role::Lead, Some(trust)).await).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let saved = rae
        .post(
            "/report/new",
            &[("form", FORM), ("organisation", "RWA"), ("care", "Numbat ward"), ("go", "save")],
        )
        .await;
    assert!(saved.status == 200 && saved.body.contains("Saved."), "{}", saved.body);
    world.pass(SignedDuration::from_secs(1)).await;
    let again = rae.get("/report/new").await.body;
    let draft = again.split("/report/new?report=").nth(1).unwrap()[..36].to_owned();
    let draft = format!("/report/new?report={draft}");
    assert!(rae.get(&draft).await.body.contains("Numbat ward</textarea>"));
    // A colleague is told that there is one, not what it says; the CERT has nothing yet.
    let seen = lee.get("/report/new").await.body;
    assert!(seen.contains("Rae Responder began a report for Walking NHS Trust"), "{seen}");
    assert!(!seen.contains("Numbat"));
    for other in [&lee, &ana] {
        assert!([403, 404].contains(&other.get(&draft).await.status.as_u16()));
    }
    assert!(!ana.get("/incidents").await.body.contains(">I-"));
    let sent = rae.submit(&draft, &[("seen", "data_gone"), ("care", "Numbat ward"), ("go", "send")]).await;
    assert!(sent.status == 200 && sent.body.contains("The number is I-"), "{}", sent.body);
    assert!(!rae.get("/report/new").await.body.contains("Go on with the report"));
    // Somebody who did not know is shown it, and can add to it instead.
    let seen = lee.get("/report/new").await.body;
    assert!(seen.contains("It may be reported already") && seen.contains("Data was taken"), "{seen}");
    world.pass(SignedDuration::from_hours(73)).await;
    assert!(!lee.get("/report/new").await.body.contains("It may be reported already"));
    // What was begun and never sent is forgotten.
    rae.post("/report/new", &[("more", "Echidna"), ("go", "save")]).await;
    world.pass(SignedDuration::from_hours(24 * 31)).await;
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let left: (i64,) =
        snapshot.one(sql!("SELECT count(*) FROM report WHERE sent_at IS NULL"), params![]).await.unwrap();
    assert_eq!(left.0, 0);
}

#[tokio::test]
async fn no_door_opens_to_another_organisation() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let board = world.organisation("QQQ", "Board", "icb").await;
    answers_for(&world, board, trust).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let page = format!("/incidents/{}", sent.incident);
    let strangers = [
        world.signed_in(world.person("Olu Other", Role::Lead, Some(other)).await).await,
        world.signed_in(world.person("Lena Learner", Role::Learner, Some(trust)).await).await,
        world.visitor(),
    ];
    for stranger in &strangers {
        let answer = stranger.get(&page).await;
        assert!(answer.status != 200 && !answer.body.contains("wombat"), "{}", answer.body);
        assert_ne!(stranger.post(&format!("{page}/add"), &[("text", "Mine")]).await.status, 200);
        for door in ["/incidents", "/report/new", "/report", "/organisations"] {
            let body = stranger.get(door).await.body;
            assert!(!body.contains(sent.receipt.code()) && !body.contains("Walking"), "{door}: {body}");
        }
        let made = stranger
            .post("/report/new", &[("organisation", "RWA"), ("seen", "data_gone"), ("go", "send")])
            .await;
        assert!(!made.body.contains("The number is"), "{}", made.body);
    }
    // Those who answer for it see it, and may add.
    let ben = world.signed_in(world.person("Ben Board", Role::Responder, Some(board)).await).await;
    assert!(ben.get("/incidents").await.body.contains(sent.receipt.code()));
    assert_eq!(ben.post(&format!("{page}/add"), &[("text", "We help")]).await.status, 303);
    let vera = world.signed_in(world.person("Vera Viewer", Role::Viewer, Some(trust)).await).await;
    let read = vera.get(&page).await.body;
    assert!(read.contains("wombat") && read.contains("We help") && !read.contains("<textarea"), "{read}");
    // On the organisation's page, for its own people and for the CERT.
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    for reader in [&vera, &ana] {
        assert!(reader.get(&format!("/organisations/{trust}")).await.body.contains(sent.receipt.code()));
    }
    assert!(!ana.get(&format!("/organisations/{other}")).await.body.contains(sent.receipt.code()));
}

#[tokio::test]
async fn two_reports_of_one_incident_are_joined() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    number(&world, trust, "01632 960 000").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let olu = actor(&world, "Olu Other", Role::Responder, Some(other)).await;
    let first = reported(&world, &rae, "RWA").await;
    let unverified = unknown(&world, Some(trust), "Walking").await;
    let elsewhere = reported(&world, &olu, "RBB").await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let page = format!("/incidents/{}", unverified.incident);
    assert!(ana.get("/incidents").await.body.contains("Possible duplicate"));
    assert!(ana.get(&page).await.body.contains(first.receipt.code()));
    let join = format!("{page}/join");
    for (wrong, told) in [
        (elsewhere.receipt.code(), "of different organisations"),
        (unverified.receipt.code(), "the number of the incident before you"),
        ("I-2222-2222", "No incident has this number"),
        ("nonsense", "like I-7K3Q-X2MB"),
    ] {
        let refused = ana.post(&join, &[("version", "1"), ("into", wrong)]).await;
        assert!(refused.status == 422 && refused.body.contains(told), "{wrong}: {}", refused.body);
    }
    let joined = ana.post(&join, &[("version", "1"), ("into", first.receipt.code())]).await;
    assert_eq!(joined.location(), Some(format!("/incidents/{}", first.incident).as_str()), "{}", joined.body);
    let whole = ana.get(joined.location().unwrap()).await.body;
    assert!(whole.contains("What was reported again") && whole.contains("By email"), "{whole}");
    assert_eq!(standing(&world, first.incident).await.standing, react::incident::Standing::Session);
    assert!(ana.get(&page).await.body.contains("It is the same as"));
    assert!(!ana.get("/incidents?list=apart&state=reported").await.body.contains(unverified.receipt.code()));
    assert!(!ana.get("/incidents").await.body.contains("Possible duplicate"));
}

#[tokio::test]
async fn words_are_forgotten_after_six_years_and_the_incident_is_not() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    classified(&world, &ana, sent.incident).await;
    let mut tx = world.app.write().await.unwrap();
    react::incident::actions::close(&mut tx, &ana, sent.incident, 1, "Over").await.unwrap();
    tx.commit().await.unwrap();
    let kept = |snapshot: Vec<react::report::store::Report>| snapshot[0].facts.clone();
    let read = async || {
        let mut snapshot = world.app.read().await.unwrap();
        kept(react::report::store::of_incident(&mut snapshot, sent.incident).await.unwrap())
    };
    world.app.env.advance(SignedDuration::from_hours(24 * 2_189));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    assert_eq!(read().await.care, facts().care);
    world.app.env.advance(SignedDuration::from_hours(48));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    let left = read().await;
    assert_eq!((left.care.as_str(), left.ring.telephone.as_str(), left.seen), ("", "", facts().seen));
}
