//! The organisation and the CERT work on one case: what happened is written down and corrected, tasks are done, two
//! write one note, messages are read, decisions are reviewed, shifts hand over, and every six hours somebody says how
//! it stands.

use carecert::SERVICES;
use http::StatusCode;
use jiff::SignedDuration;
use platform::{Actor, access::Role};
use react::incident::{IncidentId, actions};
use testkit::world::{Client, World};

use crate::{
    furnished_incidents::{classified, reported},
    issuing::actor,
};

/// An incident that Ana at the CERT has taken on, with her and two people of its organisation.
struct Case<'a> {
    page: String,
    rae: Client<'a>,
    lee: Client<'a>,
    ana: Client<'a>,
    analyst: Actor,
    id: IncidentId,
}

async fn open(world: &World) -> Case<'_> {
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
    let lee = actor(world, "Lee Leader", Role::Lead, Some(trust)).await;
    let analyst = actor(world, "Ana Lyst", Role::Analyst, None).await;
    let id = reported(world, &rae, "RWA").await.incident;
    let mut tx = world.app.write().await.unwrap();
    actions::take_on(&mut tx, &analyst, id, 1).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_secs(1)).await;
    Case {
        page: format!("/incidents/{id}"),
        rae: world.signed_in(rae.person().unwrap().id).await,
        lee: world.signed_in(lee.person().unwrap().id).await,
        ana: world.signed_in(analyst.person().unwrap().id).await,
        analyst,
        id,
    }
}

/// The address of a page below `base` that ends so.
fn link(body: &str, base: &str, end: &str) -> String {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = links.filter(|href| href.starts_with(base)).find(|href| href.ends_with(end));
    found.unwrap_or_else(|| panic!("{base} {end}: {body}")).to_owned()
}

/// What stands behind `before` up to the next quote.
fn after<'a>(body: &'a str, before: &str) -> &'a str {
    body.split(before)
        .nth(1)
        .unwrap_or_else(|| panic!("{before}: {body}"))
        .split(['"', '<', '?'])
        .next()
        .unwrap()
}

#[tokio::test]
async fn what_happened_is_corrected_by_what_is_right_and_both_stay() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let (add, timeline) = (format!("{}/timeline/add", case.page), format!("{}/timeline", case.page));
    let first = case.rae.get(&timeline).await.body;
    // What happened to the incident entered by itself; the analyst has no name here.
    assert!(first.contains("Reported: signed in.") && first.contains("Taken on by the CERT."), "{first}");
    assert!(first.contains("Test CSOC") && !first.contains("Ana Lyst") && first.contains("Rae Responder"));
    assert!(case.ana.get(&timeline).await.body.contains("Ana Lyst, Test CSOC"));
    let form = "018f0000-0000-7000-8000-000000000011";
    let wombat =
        [("form", form), ("zone", "shared"), ("happened-time", "07:10"), ("text", "The wombat went")];
    assert_eq!(case.rae.post(&add, &[("zone", "shared"), ("text", " ")]).await.status, 422);
    let soon = [("zone", "shared"), ("happened-time", "23:10"), ("text", "The wombat went")];
    let refused = case.rae.post(&add, &soon).await;
    assert!(refused.status == 422 && refused.body.contains("The wombat went</textarea>"), "{}", refused.body);
    for _ in 0..2 {
        assert_eq!(case.rae.post(&add, &wombat).await.status, 303);
    }
    let page = case.rae.get(&timeline).await.body;
    assert_eq!(page.matches("The wombat went").count(), 1, "sent twice, it is one: {page}");
    assert!(page.contains("1 June 2026, 07:10") && page.contains("Later: 1 June 2026, 09:00"), "{page}");
    let correct = link(&page, &timeline, "/correct");
    assert!(case.ana.get(&correct).await.body.contains("The wombat went"));
    let right = [("happened-time", "07:40"), ("text", "Two wombats went")];
    assert_eq!(case.ana.post(&correct, &right).await.status, 303);
    let page = case.rae.get(&timeline).await.body;
    assert!(page.contains("<del>The wombat went</del>") && page.contains("Two wombats went"), "{page}");
    assert!(page.contains("Corrected, see") && page.contains("an earlier entry"), "{page}");
    assert_eq!(case.rae.post(&correct, &right).await.status, 422, "it is corrected once");
    let notes = case.rae.get(&format!("{timeline}?kind=note")).await.body;
    assert!(notes.contains("Nothing is like this") && !notes.contains("wombat"), "{notes}");

    classified(&world, &case.analyst, case.id).await;
    let mut tx = world.app.write().await.unwrap();
    actions::close(&mut tx, &case.analyst, case.id, 2, "It was a wombat").await.unwrap();
    tx.commit().await.unwrap();
    assert!(case.rae.get(&timeline).await.body.contains("Closed, because: It was a wombat"));
}

#[tokio::test]
async fn a_task_is_done_or_somebody_is_reminded() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let tasks = format!("{}/tasks", case.page);
    let form = case.rae.get(&format!("{tasks}/add?zone=own")).await.body;
    assert!(form.contains("Lee Leader, Walking NHS Trust") && !form.contains("Ana Lyst"), "{form}");
    let lee = form.split("<option value=\"").find(|option| option.contains("Lee Leader")).unwrap();
    let lee = lee.split('"').next().unwrap();
    let typed = [
        ("title", "Find the wombat"),
        ("owner", lee),
        ("due-day", "1"),
        ("due-month", "6"),
        ("due-year", "2026"),
        ("due-time", "12:00"),
    ];
    assert_eq!(case.rae.post(&format!("{tasks}/add?zone=own"), &typed).await.status, 303);
    let mine = case.lee.get("/incidents/tasks").await.body;
    assert!(mine.contains("Find the wombat") && !mine.contains("Overdue"), "{mine}");
    let task = link(&mine, &tasks, "");
    assert_eq!(case.ana.get(&task).await.status, StatusCode::NOT_FOUND);
    assert!(!case.ana.get("/incidents/tasks").await.body.contains("wombat"));
    world.pass(SignedDuration::from_hours(4)).await;
    assert!(case.lee.get("/incidents/tasks").await.body.contains("Overdue"));
    let mails = world.post.to("lee.leader@example.org");
    assert_eq!(mails.len(), 1, "reminded once");
    assert!(!mails[0].letter.text.contains("wombat") && mails[0].letter.text.contains(&task));
    // That it cannot be done is said with the reason; whoever saw an older state is told so.
    let cannot = [("version", "1"), ("event", "give_up")];
    assert_eq!(case.lee.post(&task, &cannot).await.status, 422);
    assert_eq!(case.lee.post(&task, &[("version", "1"), ("event", "start")]).await.status, 303);
    assert_eq!(case.rae.post(&task, &[("version", "1"), ("event", "finish")]).await.status, 422);
    let cannot = [("version", "2"), ("event", "give_up"), ("outcome", "It hides")];
    assert_eq!(case.lee.post(&task, &cannot).await.status, 303);
    let timeline = case.rae.get(&format!("{}/timeline?kind=task", case.page)).await.body;
    for told in ["Task: Find the wombat", "is due.", "in progress", "cannot be done", "It hides"] {
        assert!(timeline.contains(told), "{told}: {timeline}");
    }
    assert!(!case.lee.get("/incidents/tasks").await.body.contains("wombat"), "nothing is left to do");
}

#[tokio::test]
async fn ones_own_tasks_are_listed_page_by_page_and_those_without_a_day_last() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let add = format!("{}/tasks/add?zone=own", case.page);
    let form = case.rae.get(&add).await.body;
    let lee = form.split("<option value=\"").find(|option| option.contains("Lee Leader")).unwrap();
    let lee = lee.split('"').next().unwrap();
    let due = [("due-day", "1"), ("due-month", "6"), ("due-year", "2026"), ("due-time", "12:00")];
    for number in 0..52 {
        let title = format!("Step {number},");
        let when = if number < 2 { &[][..] } else { &due };
        let typed = [&[("title", title.as_str()), ("owner", lee)][..], when].concat();
        assert_eq!(case.rae.post(&add, &typed).await.status, 303);
    }
    assert!(case.lee.get("/").await.body.contains("More than 50 tasks in incidents"));
    let first = case.lee.get("/incidents/tasks").await.body;
    assert!(first.contains("Step 2,") && first.contains("Step 51,") && !first.contains("Step 0,"), "{first}");
    let second = case.lee.get(&link(&first, "/incidents/tasks?", "")).await.body;
    assert!(
        second.contains("Step 0,") && second.contains("Step 1,") && !second.contains("Step 2,"),
        "{second}"
    );
}

#[tokio::test]
async fn two_write_one_note_and_nobody_is_overwritten() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let begun = [("zone", "shared"), ("title", "Backups"), ("text", "# One\n\ntwo\n\nthree <b>x</b>")];
    let made = case.rae.post(&format!("{}/notes/add", case.page), &begun).await;
    let note = made.location().expect("the note").to_owned();
    assert!(case.ana.get(&note).await.body.contains("<h3>One</h3>"));
    assert!(!case.ana.get(&note).await.body.contains("<b>x</b>"));
    let write = format!("{note}/write");
    let of_rae = [("version", "1"), ("text", "# One\n\ntwo wombats\n\nthree")];
    assert_eq!(case.rae.post(&write, &of_rae).await.status, 303);
    // Another place of it: both stand.
    let of_ana = [("version", "1"), ("text", "# Uno\r\n\r\ntwo\r\n\r\nthree <b>x</b>")];
    assert_eq!(case.ana.post(&write, &of_ana).await.status, 303);
    let page = case.lee.get(&note).await.body;
    assert!(
        page.contains("Uno") && page.contains("two wombats") && page.contains("Put together of two"),
        "{page}"
    );
    // The same place: both are shown, nothing is saved until somebody decides.
    let of_lee = [("version", "1"), ("text", "# One\n\ntwo numbats\n\nthree")];
    let both = case.lee.post(&write, &of_lee).await;
    assert_eq!(both.status, StatusCode::CONFLICT);
    assert!(both.body.contains("two numbats") && both.body.contains("two wombats"), "{}", both.body);
    assert!(both.body.contains("[Saved first:]") && both.body.contains("name=\"version\" value=\"3\""));
    let undecided = [("version", "3"), ("text", "[Saved first:]\ntwo wombats")];
    assert_eq!(case.lee.post(&write, &undecided).await.status, 422);
    let decided = [("version", "3"), ("text", "# Uno\n\ntwo numbats, two wombats\n\nthree")];
    assert_eq!(case.lee.post(&write, &decided).await.status, 303);
    assert!(case.rae.get(&note).await.body.contains("two numbats, two wombats"));
    assert!(case.rae.get(&format!("{note}?version=2")).await.body.contains("an earlier one"));
}

#[tokio::test]
async fn a_message_is_told_once_until_it_is_read() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let messages = format!("{}/messages", case.page);
    let mails = |to: &str| world.post.to(to).len();
    let before = mails("ana.lyst@example.org");
    for text in ["Is it the wombat?", "It is"] {
        assert_eq!(case.rae.post(&messages, &[("zone", "shared"), ("text", text)]).await.status, 303);
        world.pass(SignedDuration::from_secs(1)).await;
    }
    assert_eq!(mails("ana.lyst@example.org"), before + 1, "told once");
    // To open the page says nothing; to say so does.
    for _ in 0..2 {
        let page = case.ana.get(&messages).await.body;
        assert!(page.contains("Not read by you") && page.contains("Is it the wombat?"), "{page}");
    }
    let newest = after(&case.ana.get(&messages).await.body, "name=\"until\" value=\"").to_owned();
    assert_eq!(case.ana.post(&format!("{messages}/read"), &[("until", &newest)]).await.status, 303);
    let page = case.rae.get(&messages).await.body;
    assert!(page.contains("Read by Test CSOC, 1 June 2026") && !page.contains("Ana Lyst"), "{page}");
    assert!(!case.ana.get(&messages).await.body.contains("Not read by you"));
    // Who answers has read; who wrote in the case is told, and whoever has read is told again.
    let answer = [("zone", "shared"), ("text", "Look again"), ("seen", newest.as_str())];
    assert_eq!(case.ana.post(&messages, &answer).await.status, 303);
    assert_eq!(case.rae.post(&messages, &[("zone", "shared"), ("text", "A numbat")]).await.status, 303);
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!((mails("rae.responder@example.org"), mails("ana.lyst@example.org")), (1, before + 2));
    assert_eq!(mails("lee.leader@example.org"), 0, "she has not written in the case");
    // Within the organisation nobody of the CERT is told.
    assert_eq!(case.lee.post(&messages, &[("zone", "own"), ("text", "A secret")]).await.status, 303);
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(mails("ana.lyst@example.org"), before + 2);
    assert!(!case.ana.get(&messages).await.body.contains("A secret"));
}

#[tokio::test]
async fn a_decision_is_reviewed_by_another_one() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let decisions = format!("{}/decisions", case.page);
    let typed = [
        ("zone", "own"),
        ("decided", "Shut the ward"),
        ("decider", "Lee Leader"),
        ("role", "Incident lead"),
        ("why", "Wombats"),
        ("options", "Wait"),
        ("review-day", "1"),
        ("review-month", "6"),
        ("review-year", "2026"),
        ("review-time", "11:00"),
    ];
    assert_eq!(case.lee.post(&format!("{decisions}/add"), &typed[..3]).await.status, 422);
    assert_eq!(case.lee.post(&format!("{decisions}/add"), &typed).await.status, 303);
    let page = case.rae.get(&decisions).await.body;
    assert!(page.contains("Shut the ward") && !page.contains("Review is due"), "{page}");
    assert!(!case.ana.get(&decisions).await.body.contains("Shut the ward"));
    world.pass(SignedDuration::from_hours(3)).await;
    let page = case.rae.get(&decisions).await.body;
    assert!(page.contains("Review is due"), "{page}");
    let review = link(&page, &decisions, "/review");
    assert_eq!(case.ana.get(&review).await.status, StatusCode::NOT_FOUND);
    let again = [("decided", "Open it"), ("decider", "Lee"), ("role", "Incident lead"), ("why", "They went")];
    assert_eq!(case.rae.post(&review, &again).await.status, 303);
    assert_eq!(case.rae.post(&review, &again).await.status, 422, "it is reviewed once");
    let page = case.rae.get(&decisions).await.body;
    assert!(
        page.contains("Shut the ward") && page.contains("Open it") && !page.contains("Review is due"),
        "{page}"
    );
}

#[tokio::test]
async fn every_six_hours_somebody_says_how_it_stands() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let (situation, timeline) = (format!("{}/situation", case.page), format!("{}/timeline/add", case.page));
    case.rae.post(&timeline, &[("zone", "shared"), ("text", "The wombat went")]).await;
    case.rae.post(&timeline, &[("zone", "own"), ("text", "The lawyers came")]).await;
    let tasks = format!("{}/tasks/add?zone=shared", case.page);
    case.rae.post(&tasks, &[("title", "Ring the zoo"), ("owner", "cert")]).await;
    world.pass(SignedDuration::from_hours(5)).await;
    let told = || {
        world
            .post
            .to("ana.lyst@example.org")
            .into_iter()
            .filter(|mail| mail.letter.text.contains("/situation"))
    };
    assert_eq!(told().count(), 0);
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(told().count(), 1, "whoever took it on is reminded");
    let timeline = case.rae.get(&format!("{}/timeline", case.page)).await.body;
    assert!(timeline.contains("A situation report is due.") && timeline.contains("By itself"), "{timeline}");
    let form = case.ana.get(&format!("{situation}/next")).await.body;
    assert!(form.contains("The wombat went") && form.contains("Ring the zoo"), "{form}");
    assert!(!form.contains("lawyers") && !form.contains("Ana Lyst</textarea>"), "{form}");
    let typed =
        [("after", "0"), ("outlook", "worsening"), ("summary", "A wombat"), ("tasks", "- Ring the zoo")];
    assert_eq!(case.ana.post(&format!("{situation}/next"), &typed[2..]).await.status, 422);
    let issued = case.ana.post(&format!("{situation}/next"), &typed).await;
    assert_eq!(issued.location(), Some(format!("{situation}/1").as_str()), "{}", issued.body);
    let late = case.rae.post(&format!("{situation}/next"), &typed).await;
    assert!(late.status == 422 && late.body.contains("Report 1 was issued while you wrote"), "{}", late.body);
    assert!(late.body.contains("name=\"after\" value=\"1\"") && late.body.contains("A wombat</textarea>"));
    let report = case.rae.get(&format!("{situation}/1")).await.body;
    for said in ["Situation report 1", "Worsening", "A wombat", "sealed entries", "Issued", "Test CSOC"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    // It is frozen, and the next begins with what is new; the clock runs anew.
    let next = case.ana.get(&format!("{situation}/next")).await.body;
    assert!(!next.contains("The wombat went") && next.contains("Write situation report 2"), "{next}");
    world.pass(SignedDuration::from_hours(5)).await;
    assert_eq!(told().count(), 1);
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(told().count(), 2);
    // What is closed needs no further report.
    classified(&world, &case.analyst, case.id).await;
    let mut tx = world.app.write().await.unwrap();
    actions::close(&mut tx, &case.analyst, case.id, 2, "Over").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(13)).await;
    assert_eq!(told().count(), 2);
}

#[tokio::test]
async fn a_shift_of_a_case_hands_over() {
    let world = World::new(SERVICES).await;
    let case = open(&world).await;
    let people = format!("{}/people", case.page);
    let typed = [("zone", "own"), ("duty", "clinical_lead")];
    assert_eq!(case.lee.post(&format!("{people}/add"), &typed).await.status, 303);
    let page = case.rae.get(&people).await.body;
    assert!(page.contains("Lee Leader, Walking NHS Trust") && page.contains("At work"), "{page}");
    assert!(!case.ana.get(&people).await.body.contains("Lee Leader"));
    let end = after(&page, &format!("action=\"{people}/")).to_owned();
    assert_eq!(case.ana.post(&format!("{people}/{end}"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(case.rae.post(&format!("{people}/{end}"), &[]).await.status, 303);
    assert!(!case.rae.get(&people).await.body.contains("At work"));

    let tasks = format!("{}/tasks/add?zone=own", case.page);
    case.rae.post(&tasks, &[("title", "Feed the wombat"), ("owner", "")]).await;
    let handover = format!("{}/handover?zone=own", case.page);
    assert!(case.rae.get(&handover).await.body.contains("Feed the wombat"));
    let typed = [("text", "## All\n\nquiet"), ("until-time", "20:00")];
    assert_eq!(case.rae.post(&handover, &typed).await.status, 303);
    world.pass(SignedDuration::from_secs(1)).await;
    let overtaken = case.lee.post(&handover, &[("text", "Not at all")]).await;
    assert!(overtaken.status == 422 && overtaken.body.contains("Somebody handed over after you began"));
    assert_eq!(case.lee.submit(&handover, &[("text", "Not at all")]).await.status, 303);
    let page = case.rae.get(&people).await.body;
    assert!(page.contains("Not at all") && !page.contains("quiet"), "the last one holds: {page}");
    assert!(!case.ana.get(&people).await.body.contains("Not at all"));
}
