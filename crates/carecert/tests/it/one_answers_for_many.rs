//! An integrated care board answers for 120 practices: for all, for all but some, over pages that
//! survive a new sign-in; the executive decides; a correction is a new entry.

use broadcast::response::{self, Chosen, Decision, ResponseError, Said};
use db::{params, sql};
use platform::access::Role;

use crate::sector_in_hand::{actor, alert, answers_for, contact, organisations, stages, world};

#[tokio::test]
async fn whoever_chooses_nobody_is_told_where_they_choose() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 3).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices).await;
    let alert = alert(&world, 1, "high", "green", &practices).await;
    let ray = world.signed_in(world.person("Ray Board", Role::Responder, Some(board)).await).await;
    let path = format!("/alerts/{alert}/respond");
    ray.post(&format!("{path}/acknowledge"), &[]).await;
    ray.post(&format!("{path}/applies"), &[("answer", "yes")]).await;

    let choose = format!("{path}/organisations");
    let nobody = ray.post(&choose, &[("mode", "only")]).await;
    assert!(nobody.status == 422 && nobody.body.contains("Nobody is chosen"), "{}", nobody.body);
    assert!(nobody.body.contains("0 of 3 organisations are chosen."), "{}", nobody.body);
    // Whoever goes on all the same hears it again.
    let check = ray.get(&format!("{path}/check")).await.body;
    let seen = check.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let seen = seen.expect("which draft is shown").to_owned();
    let sent = ray.post(&format!("{path}/check"), &[("seen", &seen)]).await;
    assert!(sent.status == 422 && sent.body.contains("Nobody is chosen"), "{}", sent.body);
    let acknowledged = ray.post(&format!("{path}/acknowledge"), &[]).await;
    assert!(acknowledged.status == 422 && acknowledged.body.contains("Nobody is chosen"));
    let one = practices[1].to_string();
    let ticked = ray.post(&choose, &[("mode", "only"), ("tick", &one), ("shown", &one)]).await;
    assert_eq!(ticked.location(), Some(path.as_str()));
}

#[tokio::test]
async fn all_but_three_of_a_hundred_and_twenty_practices() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 120).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices).await;
    let alert = alert(&world, 1, "high", "green", &practices).await;
    let person = world.person("Ray Board", Role::Responder, Some(board)).await;
    let ray = world.signed_in(person).await;

    let home = ray.get("/alerts").await;
    assert!(home.body.contains("CC-0001: Patch the file server"), "{}", home.body);
    assert!(home.body.contains("Acknowledge") && home.body.contains("120"), "{}", home.body);

    let first = ray.get("/").await.body;
    assert!(first.contains("CC-0001, for 120 organisations"), "{first}");

    let choose = format!("/alerts/{alert}/respond/organisations");
    let page = ray.get(&choose).await;
    assert!(page.body.contains("Surgery A0049") && !page.body.contains("Surgery A0050"), "fifty a page");
    let ticks: Vec<_> = practices[..3].iter().map(ToString::to_string).collect();
    // "All of them" and ticks say two things: neither is dropped in silence.
    let at_odds = ray.post(&choose, &[("mode", "all"), ("tick", &ticks[0]), ("shown", &ticks[0])]).await;
    assert!(at_odds.status == 422 && at_odds.body.contains("takes no ticks"), "{}", at_odds.body);
    let ticked = format!("value=\"{}\" checked", ticks[0]);
    assert!(at_odds.body.contains(&ticked), "{}", at_odds.body);
    let mut form = vec![("mode", "all_but"), ("go", "next"), ("next", "A0049"), ("q", "")];
    form.extend(ticks.iter().map(|tick| ("tick", tick.as_str())));
    form.extend(ticks.iter().map(|tick| ("shown", tick.as_str())));
    let answer = ray.post(&choose, &form).await;
    assert_eq!(answer.location(), Some(format!("{choose}?q=&after=A0049").as_str()));
    // A new sign-in, and the choice is still there.
    let ray = world.signed_in(person).await;
    let page = ray.get(&choose).await;
    assert!(page.body.contains("117 of 120 organisations are chosen."), "{}", page.body);

    let path = format!("/alerts/{alert}/respond");
    assert!(ray.get(&path).await.body.contains("All but 3: 117 organisations"));
    assert_eq!(stages(&world, alert).await.0, [("unacknowledged".to_owned(), 120)], "a GET changes nothing");
    let answer = ray.post(&format!("{path}/acknowledge"), &[]).await;
    assert_eq!(answer.location(), Some(format!("{path}?done=acknowledged&moved=117&left=0").as_str()));
    let again = ray.post(&format!("{path}/acknowledge"), &[]).await;
    assert_eq!(again.location(), Some(format!("{path}?done=acknowledged&moved=0&left=117").as_str()));
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, [("in_progress".to_owned(), 117), ("unacknowledged".to_owned(), 3)]);
    assert_eq!(rows, counts);

    for (question, fields) in [
        ("applies", vec![("answer", "yes")]),
        ("done", vec![("answer", "Patched half of them")]),
        ("systems", vec![("answer", "1,200")]),
        ("planned", vec![("answer-day", "9"), ("answer-month", "6"), ("answer-year", "2026")]),
        ("blockers", vec![("answer", "")]),
        ("mitigation", vec![("answer", "Port 445 is closed")]),
        ("next-update", vec![("answer-day", "3"), ("answer-month", "6"), ("answer-year", "2026")]),
    ] {
        let answer = ray.post(&format!("{path}/{question}"), &fields).await;
        assert_eq!(answer.status.as_u16(), 303, "{question}: {}", answer.body);
    }
    let page = ray.get(&format!("{path}/planned")).await.body;
    assert!(page.contains("The alert asks for it by 15 June 2026, 09:00."), "{page}");
    // The policy asks for an update within three days; later needs a reason, which nobody else is asked for.
    let page = ray.get(&format!("{path}/next-update")).await.body;
    assert!(page.contains("you are asked why") && !page.contains("Why does it have to be later?"), "{page}");
    let late = [("answer-day", "20"), ("answer-month", "6"), ("answer-year", "2026")];
    let refused = ray.post(&format!("{path}/next-update"), &late).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.body.contains("Enter why the next update has to be later"), "{}", refused.body);
    assert!(refused.body.contains("Why does it have to be later?"), "{}", refused.body);

    let ray = world.signed_in(person).await;
    let check = ray.get(&format!("{path}/check")).await;
    for said in ["Patched half of them", "1,200", "9 June 2026", "Port 445 is closed", "3 June 2026, 17:00"] {
        assert!(check.body.contains(said), "{said}: {}", check.body);
    }
    let sent = ray.submit(&format!("{path}/check"), &[]).await;
    assert_eq!(sent.location(), Some(format!("{path}?done=update&moved=117&left=0").as_str()));

    // Another practice's person sees what was said for it, and who is answering.
    let practice = world.person("Pat Practice", Role::Responder, Some(practices[5])).await;
    let pat = world.signed_in(practice).await;
    let home = pat.get("/alerts").await;
    assert!(home.body.contains("Surgery Q0000 is answering. Telephone"), "{}", home.body);
    assert!(home.body.contains("href=\"tel:01632960000\""), "{}", home.body);
    assert!(home.body.contains("somebody else is answering"), "{}", home.body);
    let history = pat.get(&format!("{path}/said/A0005")).await;
    assert!(history.body.contains("Port 445 is closed") && history.body.contains("Surgery Q0000"));
    assert_eq!(pat.get(&format!("{path}/said/A0006")).await.status.as_u16(), 404, "not theirs");

    // Those three are acknowledged later, and then all but one are dealt with: what is sent says for whom it is.
    let all = [("mode", "all"), ("go", "save"), ("q", "")];
    ray.post(&choose, &all).await;
    let page = ray.get(&path).await.body;
    assert!(page.contains("For: the 3 organisations that have not acknowledged it."), "{page}");
    ray.post(&format!("{path}/acknowledge"), &[]).await;
    let last = practices[119].to_string();
    let but_one = [("mode", "all_but"), ("go", "save"), ("q", ""), ("tick", &last), ("shown", &last)];
    ray.post(&choose, &but_one).await;
    ray.post(&format!("{path}/close"), &[("answer", "remediated")]).await;
    assert_eq!(ray.submit(&format!("{path}/check"), &[]).await.status.as_u16(), 303);
    ray.post(&choose, &all).await;
    ray.post(&format!("{path}/done"), &[("answer", "The last one waits for a part")]).await;
    let check = ray.get(&format!("{path}/check")).await.body;
    assert!(check.contains("1 of the 120 organisations that you answer for"), "{check}");
    assert!(check.contains("These stay as they are: 119 closed."), "{check}");
    assert!(check.contains("As said before"), "{check}");
    let sent = ray.submit(&format!("{path}/check"), &[]).await;
    assert_eq!(sent.location(), Some(format!("{path}?done=update&moved=1&left=119").as_str()));
}

#[tokio::test]
async fn the_number_of_statements_does_not_grow_with_the_organisations() {
    let mut counted = Vec::new();
    for many in [1, 60] {
        let world = world().await;
        let practices = organisations(&world, "A", "gp_practice", many).await;
        let board = organisations(&world, "Q", "icb", 1).await[0];
        answers_for(&world, board, &practices).await;
        let alert = alert(&world, 1, "high", "green", &practices).await;
        let ray = actor(&world, "Ray Board", Role::Responder, board).await;
        let before = world.app.db.statements();
        let mut tx = world.app.write().await.unwrap();
        let moved = response::acknowledge(&mut tx, &ray, alert, &Chosen::All).await.unwrap();
        assert_eq!(moved.moved, many as u64);
        counted.push(world.app.db.statements() - before);
        tx.commit().await.unwrap();
    }
    assert_eq!(counted[0], counted[1]);
}

#[tokio::test]
async fn an_executive_decides_and_a_correction_is_a_new_entry() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 2).await;
    let alert = alert(&world, 1, "high", "green", &trusts).await;
    let mut tx = world.app.write().await.unwrap();
    contact(&mut tx, trusts[0], "executive", "siro@r0.example").await;
    tx.commit().await.unwrap();
    let responder = actor(&world, "Rae Responder", Role::Responder, trusts[0]).await;
    let executive = world.person("Eve Executive", Role::Executive, Some(trusts[0])).await;
    let stranger = world.person("Sid Stranger", Role::Executive, Some(trusts[1])).await;

    let mut tx = world.app.write().await.unwrap();
    let asked = Said { outcome: Some(response::Outcome::RiskAccepted), ..Said::default() };
    let early = response::answer(&mut tx, &responder, alert, &Chosen::All, &asked).await;
    assert!(matches!(early, Err(ResponseError::ReasonMissing)));
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    let asked = Said { reason: Some("The scanner cannot be patched".to_owned()), ..asked };
    response::answer(&mut tx, &responder, alert, &Chosen::All, &asked).await.unwrap();
    let refused = response::decide(&mut tx, &responder, alert, &Decision::Accept, 1).await;
    assert!(matches!(refused, Err(ResponseError::Forbidden(_))));
    tx.commit().await.unwrap();
    world.work().await;
    let mails = world.post.to("siro@r0.example");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].letter.text.contains("Surgery R0000 (R0000)"), "{}", mails[0].letter.text);
    let running = sql!(
        "SELECT name FROM clock WHERE about_id = ?1 AND organisation_id = ?2 AND stopped_at IS NULL ORDER BY name"
    );
    let clocks: Vec<(String,)> =
        world.app.read().await.unwrap().all(running, params![alert, trusts[0]]).await.unwrap();
    assert_eq!(clocks, [("remediate".to_owned(),), ("update".to_owned(),)], "waiting stops no clock");

    let eve = world.signed_in(executive).await;
    let sid = world.signed_in(stranger).await;
    let path = format!("/decisions/{alert}");
    assert_eq!(
        sid.get(&path).await.location(),
        Some("/decisions?done=already"),
        "whether or not there is one"
    );
    assert!(eve.get("/decisions").await.body.contains("Surgery R0000"));
    assert!(eve.get(&path).await.body.contains("The scanner cannot be patched"));
    let unseen = eve.post(&path, &[("decision", "accept"), ("seen", "0")]).await;
    assert_eq!(unseen.status.as_u16(), 409);
    let why = eve.post(&path, &[("decision", "send_back"), ("seen", "1")]).await;
    assert_eq!(why.status.as_u16(), 422);
    let back = eve.post(&path, &[("decision", "send_back"), ("reason", "Isolate it"), ("seen", "1")]).await;
    assert_eq!(back.location(), Some("/decisions?done=send_back"));

    let mut tx = world.app.write().await.unwrap();
    response::answer(&mut tx, &responder, alert, &Chosen::All, &asked).await.unwrap();
    tx.commit().await.unwrap();
    let accepted = eve.post(&path, &[("decision", "accept"), ("seen", "1")]).await;
    assert_eq!(accepted.location(), Some("/decisions?done=accept"));
    assert_eq!(stages(&world, alert).await.0, [("closed".to_owned(), 1), ("unacknowledged".to_owned(), 1)]);

    let mut tx = world.app.write().await.unwrap();
    response::correct(&mut tx, &responder, alert, &Chosen::All, "Accepted for the wrong scanner")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let events = sql!(
        "SELECT event FROM response_event WHERE alert_id = ?1 AND organisation_id = ?2 ORDER BY version"
    );
    let events: Vec<(String,)> =
        world.app.read().await.unwrap().all(events, params![alert, trusts[0]]).await.unwrap();
    let events: Vec<_> = events.iter().map(|(event,)| event.as_str()).collect();
    assert_eq!(events, ["acknowledge", "ask_to_accept", "send_back", "ask_to_accept", "accept", "correct"]);
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, [("in_progress".to_owned(), 1), ("unacknowledged".to_owned(), 1)]);
    assert_eq!(rows, counts);
}

#[tokio::test]
async fn what_was_answered_for_each_is_taken_along_and_nothing_of_anybody_elses() {
    let world = world().await;
    // More than are read at once.
    let practices = organisations(&world, "A", "gp_practice", 501).await;
    let boards = organisations(&world, "Q", "icb", 2).await;
    answers_for(&world, boards[0], &practices[..500]).await;
    answers_for(&world, boards[1], &practices[500..]).await;
    let audience: Vec<_> = practices.iter().chain(&boards).copied().collect();
    let mut alerts = Vec::new();
    for (number, tlp) in [(1, "green"), (2, "amber+strict"), (3, "red")] {
        alerts.push(alert(&world, number, "high", tlp, &audience).await);
    }
    let (ray, bo) = (
        actor(&world, "Ray Board", Role::Responder, boards[0]).await,
        actor(&world, "Bo Other", Role::Responder, boards[1]).await,
    );
    let said = |words: &str| Said { done: Some(words.to_owned()), ..Said::default() };
    let mut tx = world.app.write().await.unwrap();
    for alert in &alerts {
        for (who, words) in [(&ray, "=1+1, patched"), (&bo, "Numbats")] {
            response::acknowledge(&mut tx, who, *alert, &Chosen::All).await.unwrap();
            response::answer(&mut tx, who, *alert, &Chosen::All, &said(words)).await.unwrap();
        }
    }
    tx.commit().await.unwrap();

    let ray = world.signed_in(ray.person().unwrap().id).await;
    let path = |alert: usize| format!("/alerts/{}/respond/answers.csv", alerts[alert]);
    assert!(ray.get(&format!("/alerts/{}/respond", alerts[0])).await.body.contains(&path(0)));
    let file = ray.get(&path(0)).await.body;
    let codes: Vec<_> = file.lines().skip(1).map(|line| &line[1..6]).collect();
    assert_eq!(codes.len(), 501, "theirs and their own");
    assert!(codes.is_sorted() && codes.contains(&"A0499") && codes[500] == "Q0000", "{codes:?}");
    assert!(!file.contains("Numbats") && !file.contains("A0500"), "what is another board's");
    let line = file.lines().find(|line| line.contains("A0001")).unwrap();
    assert!(line.contains("\"in_progress\"") && line.contains("\"'=1+1, patched\""), "{line}");
    assert!(line.ends_with("\"Q0000\""), "through whom it was answered: {line}");
    // What is for named people is not written into files.
    let red = ray.get(&path(2)).await.body;
    assert!(red.lines().count() == 502 && !red.contains("patched"), "{red}");

    // Who reads at the board takes along what they read, and a stranger nothing.
    let viewer = world.signed_in(world.person("Vic Viewer", Role::Viewer, Some(boards[0])).await).await;
    assert_eq!(viewer.get(&path(0)).await.body, file);
    let stranger = organisations(&world, "R", "trust", 1).await[0];
    let stranger = world.signed_in(world.person("Sid", Role::Responder, Some(stranger)).await).await;
    assert_eq!(stranger.get(&path(0)).await.status, 404);
}

#[tokio::test]
async fn at_amber_strict_only_those_take_answers_along_who_answer() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 2).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices).await;
    let alert = alert(&world, 1, "high", "amber+strict", &practices).await;
    for (name, role, may) in [("Ray", Role::Responder, true), ("Vic", Role::Viewer, false)] {
        let client = world.signed_in(world.person(name, role, Some(board)).await).await;
        let path = format!("/alerts/{alert}/respond");
        assert_eq!(client.get(&path).await.body.contains("answers.csv"), may, "{name}");
        let file = client.get(&format!("{path}/answers.csv")).await;
        assert_eq!(file.status, if may { 200 } else { 404 }, "{name}");
    }
}
