//! The CERT sees the sector: figures of how many, who is late and at which number; what was said is
//! seen by those alone whom it concerns, on pages and over the API.

use broadcast::{alert::AlertId, response, sector::Recount};
use jiff::SignedDuration;
use platform::{access::Role, job::Job};
use serde_json::json;
use testkit::world::Client;

use crate::sector_in_hand::{actor, alert, answers_for, contact, key, organisations, stages, world};

#[tokio::test]
async fn whoever_rings_reads_first_who_is_there_at_night() {
    let world = world().await;
    let trust = organisations(&world, "R", "trust", 1).await[0];
    let mut tx = world.app.write().await.unwrap();
    for (role, name) in
        [("executive", "Siro"), ("deputy", "Deputy"), ("on_call", "Night"), ("security_lead", "Lead")]
    {
        contact(&mut tx, trust, role, name).await;
    }
    tx.commit().await.unwrap();
    let alert = alert(&world, 7, "high", "green", &[trust]).await;
    let ann = world.signed_in(world.person("Ann Analyst", Role::Analyst, None).await).await;
    let page = ann.get(&format!("/sector/{alert}/ring/{trust}")).await.body;
    let places: Vec<_> = ["Night, ", "Lead, ", "Deputy, ", "Siro, "].map(|name| page.find(name)).into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {page}");
}

#[tokio::test]
async fn late_organisations_are_rung_and_the_position_can_be_looked_up() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 4).await;
    let mut tx = world.app.write().await.unwrap();
    for practice in &practices {
        contact(&mut tx, *practice, "security_lead", &format!("lead@{practice}.example")).await;
    }
    tx.commit().await.unwrap();
    let alert = alert(&world, 7, "high", "green", &practices).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, practices[0]).await;
    let analyst = world.person("Ann Analyst", Role::Analyst, None).await;
    let ann = world.signed_in(analyst).await;
    world.pass(SignedDuration::from_hours(20)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &rae, alert, &response::Chosen::All).await.unwrap();
    let said = response::Said { done: Some("=HYPERLINK(\"x\")".to_owned()), ..response::Said::default() };
    response::answer(&mut tx, &rae, alert, &response::Chosen::All, &said).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(33)).await;
    Recount { alert }.run(world.app.clone()).await.unwrap();

    let list = ann.get("/sector").await;
    assert!(list.body.contains("CC-0007: Patch the file server"), "{}", list.body);
    let page = ann.get(&format!("/sector/{alert}")).await;
    assert!(!page.body.contains("For information"), "a column of nothing is left out");
    for path in ["late", "ring"] {
        let narrowed = ann.get(&format!("/sector/{alert}/{path}?region=Y60&kind=gp_practice")).await;
        assert!(
            narrowed.body.contains("Surgery A0001") && !narrowed.body.contains("Surgery A0002"),
            "{path}"
        );
        assert!(narrowed.body.contains("Switchboard: "), "{}", narrowed.body);
        let none = ann.get(&format!("/sector/{alert}/{path}?region=Y60&kind=icb")).await;
        assert!(none.body.contains("Nobody of this region and type"), "{}", none.body);
    }
    for figure in [
        "4 organisations must respond",
        "1 have it in hand",
        "Surgery A0001",
        "01632 960000",
        "data-live-part",
        "About 20 hours, of the 1 that have",
        "Nobody has yet",
        "3 on the list",
    ] {
        assert!(page.body.contains(figure), "{figure}: {}", page.body);
    }
    assert!(!page.body.contains("Surgery A0000"), "who answered in time is not late");
    let words = page.body.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words);
    assert!(!words.into_iter().any(|words| words.contains('%')), "never a bare percentage");

    let ring = format!("/sector/{alert}/ring");
    assert!(ann.get(&ring).await.body.contains("Surgery A0003"));
    let waits = async |organisations: &str| {
        let page = ann.get("/").await.body;
        assert!(page.contains(organisations) && page.contains(&ring), "{organisations}: {page}");
    };
    waits("3 organisations are to be rung").await;
    let call = format!("{ring}/{}", practices[3]);
    assert!(ann.get(&call).await.body.contains("07700 900123"));
    assert_eq!(ann.post(&call, &[("note", "")]).await.status.as_u16(), 422);
    let theirs = format!("/organisations/{}", practices[3]);
    let last_reached = async || {
        let page = ann.get(&theirs).await.body;
        page.split("Last reached").nth(1).map(|rest| rest[..200].to_owned()).expect("when")
    };
    ann.post(&call, &[("outcome", "left_message"), ("note", "")]).await;
    assert!(last_reached().await.contains("Never"), "nobody was spoken to");
    assert!(ann.get(&theirs).await.body.contains("Last mail handed over"), "a machine took the reminders");
    world.app.env.advance(SignedDuration::from_mins(1));
    let noted = ann.post(&call, &[("outcome", "reached"), ("note", "They begin now")]).await;
    assert_eq!(noted.location(), Some(ring.as_str()));
    assert!(last_reached().await.contains("3 June 2026"));
    assert!(!ann.get(&ring).await.body.contains("Surgery A0003"));
    assert!(ann.get(&format!("/sector/{alert}")).await.body.contains("2 on the list"));
    waits("2 organisations are to be rung").await;
    // Whoever did not answer the next call is rung again.
    world.app.env.advance(SignedDuration::from_mins(1));
    ann.post(&call, &[("outcome", "no_answer"), ("note", "")]).await;
    assert!(ann.get(&ring).await.body.contains("Surgery A0003"));
    assert!(ann.get(&format!("/sector/{alert}")).await.body.contains("3 on the list"));
    waits("3 organisations are to be rung").await;
    let page = ann.get(&call).await;
    assert!(page.body.contains("Ann Analyst") && page.body.contains("They begin now"), "{}", page.body);

    let csv = ann.get(&format!("/sector/{alert}/responses.csv")).await;
    assert_eq!(csv.body.lines().count(), 5);
    let codes: Vec<_> = csv.body.lines().skip(1).map(|line| &line[1..6]).collect();
    assert_eq!(codes, ["A0000", "A0001", "A0002", "A0003"], "by code");
    let of = |code: &str| csv.body.lines().find(|line| line.contains(code)).unwrap().to_owned();
    assert!(
        of("A0001").contains(r#""Y60","Midlands","unacknowledged","2026-06-03T08:00:00Z","true""#),
        "{}",
        csv.body
    );
    assert!(of("A0000").contains(r#""Y56","London","in_progress""#) && of("A0000").contains(r#""false""#));
    assert!(csv.body.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{}", csv.body);

    the_position_can_be_looked_up(&ann, alert).await;

    let rae = world.signed_in(rae.person().unwrap().id).await;
    for path in ["", "/late", "/ring", "/responses.csv", "/at"] {
        assert_eq!(rae.get(&format!("/sector/{alert}{path}")).await.status.as_u16(), 403, "{path}");
    }
}

async fn the_position_can_be_looked_up(ann: &Client<'_>, alert: AlertId) {
    // On Tuesday morning, 19 hours after the issue, nobody had said anything.
    let at = format!("/sector/{alert}/at?at-day=2&at-month=6&at-year=2026&time=04:00");
    let before = ann.get(&at).await;
    assert!(
        before.body.contains("2 June 2026, 04:00") && before.body.contains("response/1"),
        "{}",
        before.body
    );
    assert!(before.body.contains("Not acknowledged"));
    let later = ann.get(&at.replace("at-year=2026", "at-year=2027")).await;
    assert_eq!(later.status.as_u16(), 422);
    assert!(later.body.contains("The moment must not be in the future"), "{}", later.body);
    // By name, for whoever checks one of them.
    let file = before.body.split('"').find(|part| part.contains("/at.csv?")).unwrap().replace("&#38;", "&");
    let then = ann.get(&file).await;
    assert_eq!(then.body.lines().count(), 5, "{}", then.body);
    assert!(
        then.body.lines().skip(1).all(|line| line.contains("\"unacknowledged\",\"\",\"\"")),
        "{}",
        then.body
    );
    let now = ann.get(&format!("/sector/{alert}/at.csv")).await;
    assert!(
        now.body.contains("\"closed\",\"close\"") || now.body.contains("\"in_progress\",\""),
        "{}",
        now.body
    );
    let odd = ann.get(&format!("/sector/{alert}/at.csv?at-day=31&at-month=2&at-year=2026")).await;
    assert_eq!(odd.status.as_u16(), 422);
    assert_ne!(before.body, ann.get(&format!("/sector/{alert}/at")).await.body);
}

#[tokio::test]
async fn a_key_answers_for_its_own_and_nobody_else() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 60).await;
    let board = organisations(&world, "Q", "icb", 2).await;
    answers_for(&world, board[0], &practices[..58]).await;
    let alert = alert(&world, 3, "high", "amber", &practices).await;
    let token = key(&world, board[0], "alerts:read responses:write").await;
    let other = key(&world, board[1], "alerts:read responses:write").await;
    let reading = key(&world, board[0], "alerts:read").await;
    let (mine, other, reading) = (world.machine(&token), world.machine(&other), world.machine(&reading));

    let list = mine.get("/api/v1/alerts/CC-0003/responses").await;
    assert_eq!(list.status.as_u16(), 200, "{}", list.body);
    assert_eq!(list.json()["responses"].as_array().unwrap().len(), 50);
    let next = list.json()["next"].as_str().unwrap().to_owned();
    let rest = mine.get(&format!("/api/v1/alerts/CC-0003/responses?after={next}")).await;
    assert_eq!(rest.json()["responses"].as_array().unwrap().len(), 8);
    assert_eq!(other.get("/api/v1/alerts/CC-0003/responses").await.status.as_u16(), 404);
    let all = json!({ "organisations": "all" });
    assert_eq!(other.post_json("/api/v1/alerts/CC-0003/acknowledge", &all).await.status.as_u16(), 404);
    assert_eq!(reading.post_json("/api/v1/alerts/CC-0003/acknowledge", &all).await.status.as_u16(), 403);

    let but = json!({ "organisations": { "all_but": ["A0000", "A0001"] } });
    let answer = mine.post_json("/api/v1/alerts/CC-0003/acknowledge", &but).await;
    assert_eq!(answer.json(), json!({ "moved": 56, "left": 0 }), "{}", answer.body);
    let strange = json!({ "organisations": ["A0059"] });
    assert_eq!(mine.post_json("/api/v1/alerts/CC-0003/acknowledge", &strange).await.status.as_u16(), 422);
    let no = json!({ "organisations": ["A0002"], "applies": "no" });
    assert_eq!(mine.post_json("/api/v1/alerts/CC-0003/responses", &no).await.status.as_u16(), 422);
    let no = json!({ "organisations": ["A0002"], "applies": "no", "reason": "Not in use" });
    let answer = mine.post_json("/api/v1/alerts/CC-0003/responses", &no).await;
    assert_eq!(answer.json(), json!({ "moved": 1, "left": 0 }), "{}", answer.body);
    let early = json!({ "organisations": ["A0000"], "outcome": "remediated" });
    assert_eq!(mine.post_json("/api/v1/alerts/CC-0003/responses", &early).await.status.as_u16(), 409);
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, counts);
    let expected = [("in_progress", 55), ("not_applicable", 1), ("unacknowledged", 4)];
    assert_eq!(rows, expected.map(|(stage, count)| (stage.to_owned(), count)));

    // Above GREEN a mail holds the number and the link alone.
    let mut tx = world.app.write().await.unwrap();
    contact(&mut tx, board[0], "security_lead", "lead@board.example").await;
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_hours(13)).await;
    let mails = world.post.to("lead@board.example");
    assert_eq!(mails.len(), 1);
    let letter = format!("{} {}", mails[0].letter.subject, mails[0].letter.text);
    assert!(letter.contains("CC-0003") && !letter.contains("Patch") && !letter.contains("A0000"), "{letter}");
}

#[tokio::test]
async fn a_machine_writes_no_longer_than_a_person() {
    let world = world().await;
    let trusts = organisations(&world, "R", "nhs_trust", 1).await;
    alert(&world, 4, "high", "green", &trusts).await;
    let token = key(&world, trusts[0], "alerts:read responses:write").await;
    let machine = world.machine(&token);
    let all = json!({ "organisations": "all" });
    assert_eq!(machine.post_json("/api/v1/alerts/CC-0004/acknowledge", &all).await.status.as_u16(), 200);
    for field in ["reason", "done", "blockers", "mitigation", "next_update_reason"] {
        let of = |length| json!({ "organisations": "all", "applies": "yes", field: "é".repeat(length) });
        let answer = machine.post_json("/api/v1/alerts/CC-0004/responses", &of(2_000)).await;
        assert_eq!(answer.status.as_u16(), 200, "{field}: {}", answer.body);
        let answer = machine.post_json("/api/v1/alerts/CC-0004/responses", &of(2_001)).await;
        assert_eq!(answer.status.as_u16(), 422, "{field}");
        assert!(answer.body.contains("2000 characters"), "{field}: {}", answer.body);
    }
}
