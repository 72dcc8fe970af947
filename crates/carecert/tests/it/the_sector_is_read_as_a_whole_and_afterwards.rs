//! The pictures of the sector: an alert's answers against its deadlines, the alerts in force together,
//! and an alert told afterwards, with what was in the way and what was learned.

use broadcast::{
    advisory::{Severity, Wording},
    alert::AlertId,
    response::{self, Applies, Chosen, Outcome, Said},
    sector::{self, Recount},
};
use db::{params, sql};
use jiff::SignedDuration;
use platform::{Actor, access::Role, job::Job, organisation::OrganisationId};
use testkit::world::{Client, World};

use crate::{
    issuing::{Desk, everybody, wording},
    sector_in_hand::{actor, alert, answers_for, contact, organisations, world},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What people read on a page: its text without the markup.
fn text(html: &str) -> String {
    let words = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, words)| words));
    words.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn read(client: &Client<'_>, path: &str) -> String {
    let page = client.get(path).await;
    assert_eq!(page.status.as_u16(), 200, "{path}: {}", page.body);
    text(&page.body)
}

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words}: {page}");
    }
}

async fn answer(world: &World, actor: &Actor, alert: AlertId, said: Option<Said>) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, actor, alert, &Chosen::All).await.unwrap();
    if let Some(said) = said {
        response::answer(&mut tx, actor, alert, &Chosen::All, &said).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Four practices in London and four in the Midlands: two close after 3 hours, one is excused after 20,
/// two name the same that is in the way, and three are late.
async fn story(world: &World, tlp: &str) -> (AlertId, Vec<OrganisationId>) {
    let practices = organisations(world, "A", "gp_practice", 8).await;
    let mut tx = world.app.write().await.unwrap();
    for practice in &practices {
        contact(&mut tx, *practice, "security_lead", &format!("lead@{practice}.example")).await;
    }
    tx.commit().await.unwrap();
    let alert = alert(world, 7, "high", tlp, &practices).await;
    let mut responders = Vec::new();
    for (place, practice) in practices.iter().enumerate().take(5) {
        responders.push(actor(world, &format!("Responder {place}"), Role::Responder, *practice).await);
    }
    world.pass(HOUR * 3).await;
    let closed = Said { applies: Some(Applies::Yes), outcome: Some(Outcome::Remediated), ..Said::default() };
    for responder in &responders[..2] {
        answer(world, responder, alert, Some(closed.clone())).await;
    }
    world.pass(HOUR * 17).await;
    let excused =
        Said { applies: Some(Applies::No), reason: Some("None in use".to_owned()), ..Said::default() };
    answer(world, &responders[2], alert, Some(excused)).await;
    let blocked = Said { blockers: Some("The scanner <cannot> be updated".to_owned()), ..Said::default() };
    for responder in &responders[3..] {
        answer(world, responder, alert, Some(blocked.clone())).await;
    }
    world.pass(HOUR * 33).await;
    Recount { alert }.run(world.app.clone()).await.unwrap();
    (alert, practices)
}

#[tokio::test]
async fn an_alerts_answers_are_drawn_against_its_deadlines() {
    let world = world().await;
    let (alert, _) = story(&world, "green").await;
    let duty = world.signed_in(world.person("Dee Manager", Role::DutyManager, None).await).await;
    let page = duty.get(&format!("/sector/{alert}")).await.body;
    assert!(page.contains(r#"role="img" aria-labelledby="over-time-title over-time-desc""#), "{page}");
    assert!(!page.contains(" style="), "nothing inline");
    has(
        &text(&page),
        &[
            "Acknowledged: 5. Closed, or does not apply: 3.",
            "Acknowledge by",
            "4 required, 4 reached, 1 excused, 2 answered",
            "4 required, 4 reached, 0 excused, 2 answered",
            "8 required, 8 reached, 1 excused, 4 answered",
            "About 20 hours, of the 5 that have",
            "About 3 hours, of the 2 that have",
        ],
    );
    // Of three in London the middle one took 20 hours to acknowledge; the one that closed took 3.
    has(&text(&page), &["London 1 1 1 1 4 About 20 hours About 3 hours", "Midlands 2 1 0 1 4 About 3 hours"]);
    // Before its deadline an alert that nobody has answered is drawn too; one that asks nothing is not.
    let organisations = organisations(&world, "B", "gp_practice", 1).await;
    for (number, severity, drawn) in [(8, "high", true), (9, "low", false)] {
        let alert = crate::sector_in_hand::alert(&world, number, severity, "green", &organisations).await;
        let page = duty.get(&format!("/sector/{alert}")).await.body;
        assert_eq!(page.contains("Answers over time"), drawn, "{severity}: {page}");
    }
}

#[tokio::test]
async fn the_alerts_in_force_are_read_together_each_with_the_list_behind_it() {
    let world = world().await;
    let analyst = world.signed_in(world.person("Ann Analyst", Role::Analyst, None).await).await;
    has(&read(&analyst, "/sector/whole").await, &["No alert is in force.", "The last 12 months"]);
    let (first, practices) = story(&world, "green").await;
    let second = alert(&world, 8, "high", "green", &practices[..2]).await;
    let over = alert(&world, 9, "high", "green", &practices).await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE alert SET state = 'withdrawn' WHERE id = ?1"), params![over]).await.unwrap();
    tx.commit().await.unwrap();

    let page = analyst.get("/sector/whole").await.body;
    has(
        &text(&page),
        &[
            "2 alerts are in force. 5 of 10 answers are still to be given; 3 are late.",
            "London 5 4 1 1 2 2 1",
            "Midlands 5 4 1 0 2 3 2",
            "CC-0007: Patch the file server High, 1 June 2026 8 3 3 late for CC-0007",
            "High 3 About 20 hours, of 1 alert Not known yet",
            "June 2026 3 0 0 0",
        ],
    );
    assert!(page.contains(&format!("/sector/{first}/late?region=&#38;kind=")), "{page}");
    let midlands = analyst.get("/sector/whole?region=Y60&kind=gp_practice").await.body;
    has(
        &text(&midlands),
        &[
            "Alerts in force: GP practice, Midlands",
            "CC-0007: Patch the file server High, 1 June 2026 4 2 2 late",
        ],
    );
    assert!(
        midlands.contains(&format!("/sector/{first}/late?region=Y60&#38;kind=gp_practice")),
        "{midlands}"
    );
    assert!(midlands.contains(&second.to_string()) && !midlands.contains(&over.to_string()));
    // A month leads to the list of alerts that begins with its last.
    let month = page.split("/sector?after=").last().unwrap().split('"').next().unwrap().to_owned();
    has(&read(&analyst, &format!("/sector?after={month}")).await, &["CC-0009", "CC-0007"]);

    let responder = world.person("Rhys Responder", Role::Responder, Some(practices[0])).await;
    assert_eq!(world.signed_in(responder).await.get("/sector/whole").await.status.as_u16(), 403);
}

#[tokio::test]
async fn where_nobody_can_be_reached_is_drawn_by_region_and_leads_to_the_list() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 6).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    let analyst = world.signed_in(world.person("Ann Analyst", Role::Analyst, None).await).await;
    has(&read(&analyst, "/sector/whole").await, &["Not counted yet: it is counted every 15 minutes."]);
    // In London, every second one, nobody but the board and one practice has a mailbox.
    let mut tx = world.app.write().await.unwrap();
    for organisation in [board, practices[0], practices[1], practices[3], practices[5]] {
        contact(&mut tx, organisation, "security_lead", &format!("lead@{organisation}.example")).await;
    }
    tx.commit().await.unwrap();
    sector::reach::keep_up(&world.app).await.unwrap();
    sector::reach::keep_up(&world.app).await.unwrap();
    world.work().await;
    let page = analyst.get("/sector/whole").await.body;
    has(
        &text(&page),
        &[
            "At 2 of 7 open organisations an alert by email would reach nobody.",
            "London 2 of 4",
            "Midlands 0 of 3",
            "London 2 2 4",
            "Counted at 1 June 2026, 09:00",
        ],
    );
    assert!(page.contains("/organisations/unreachable?region=Y56"), "{page}");
    assert!(!page.contains("region=Y60\">Midlands"), "an empty list is no place to lead to: {page}");
    let list = read(&analyst, "/organisations/unreachable?region=Y56").await;
    has(&list, &["A0002", "A0004"]);
    assert!(!list.contains("A0000 GP"), "{list}");
    let elsewhere = read(&analyst, "/organisations/unreachable?region=Y60").await;
    has(&elsewhere, &["Somebody can be reached at every open organisation of this region."]);

    // Since the board answers for one of them, and it is counted again by itself, one is left.
    answers_for(&world, board, &practices[2..3]).await;
    world.pass(SignedDuration::from_mins(15)).await;
    let page = read(&analyst, "/sector/whole").await;
    has(&page, &["At 1 of 7 open organisations", "London 1 of 4", "Counted at 1 June 2026, 09:15"]);
    let jobs = sql!("SELECT count(*) FROM job WHERE kind = 'sector.count_reach'");
    let (waiting,): (i64,) = world.app.read().await.unwrap().one(jobs, params![]).await.unwrap();
    assert_eq!(waiting, 1, "however often it is asked to keep up");
}

#[tokio::test]
async fn an_alert_is_told_afterwards() {
    let world = world().await;
    let (alert, practices) = story(&world, "amber").await;
    let analyst = world.signed_in(world.person("Ann Analyst", Role::Analyst, None).await).await;
    let ring = format!("/sector/{alert}/ring/{}", practices[7]);
    analyst.post(&ring, &[("outcome", "no_answer"), ("note", "")]).await;
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    let path = format!("/sector/{alert}/report");
    let report = auditor.get(&path).await.body;
    has(
        &text(&report),
        &[
            "TLP:AMBER",
            "Issued 1 June 2026, 09:00",
            // The fourth and the fifth of eight answered in the hour that begins at 5 in the morning.
            "Half had acknowledged by 2 June 2026, 06:00",
            "Acknowledged in time 5 of 8, within 2 days of being asked",
            "Closed in time 2 of 7 to which it applies",
            "Organisations that had to respond 8",
            "Closed: Remediated 2",
            "Reminders",
            "Calls: No answer 1",
            "2 organisations named something, in their own words.",
            "The scanner &#60;cannot&#62; be updated 2 A0003",
            "Nobody has written down yet what was learned.",
        ],
    );
    assert!(!report.contains("90 of 100"), "three of eight have not");
    assert!(!report.contains("/report/lessons"), "who audits changes nothing");
    has(
        &read(&auditor, &format!("{path}/blockers")).await,
        &["The scanner &#60;cannot&#62; be updated 2 A0003"],
    );
    assert_eq!(auditor.get(&format!("{path}/lessons")).await.status.as_u16(), 403);
    let responder = world.signed_in(world.person("Rhys", Role::Lead, Some(practices[0])).await).await;
    for page in ["", "/blockers", "/lessons"] {
        assert_eq!(responder.get(&format!("{path}{page}")).await.status.as_u16(), 403, "{page}");
    }
}

#[tokio::test]
async fn what_was_learned_is_written_in_versions_and_none_is_lost() {
    let world = world().await;
    let (alert, _) = story(&world, "green").await;
    let analyst = world.signed_in(world.person("Ann Analyst", Role::Analyst, None).await).await;
    let duty = world.signed_in(world.person("Dee Manager", Role::DutyManager, None).await).await;
    let path = format!("/sector/{alert}/report/lessons");
    let write = async |client: &Client<'_>, version: &str, words: &str| {
        client.post(&path, &[("version", version), ("words", words)]).await
    };
    let empty = write(&analyst, "0", "  ").await;
    assert_eq!(empty.status.as_u16(), 422);
    has(&text(&empty.body), &["There is a problem", "Enter what was learned"]);
    let too_long = "é".repeat(20_001);
    let refused = write(&analyst, "0", &too_long).await;
    assert!(refused.status.as_u16() == 422 && refused.body.contains(&too_long), "what was typed is kept");

    let kept = write(&analyst, "0", "We rang **too late**. <script>alert(1)</script>").await;
    assert_eq!(kept.location(), Some(format!("/sector/{alert}/report#lessons").as_str()), "{}", kept.body);
    world.app.env.advance(SignedDuration::from_mins(1));
    // A colleague who had the page open from before is told, and loses nothing.
    let overtaken = write(&duty, "0", "We had no numbers.").await;
    assert_eq!(overtaken.status.as_u16(), 422);
    has(
        &text(&overtaken.body),
        &["Somebody wrote a newer version", "We had no numbers.", "We rang too late"],
    );
    assert!(overtaken.body.contains(r#"name="version" value="1""#), "{}", overtaken.body);
    assert_eq!(write(&duty, "1", "We rang too late, and had no numbers.").await.status.as_u16(), 303);

    let report = duty.get(&format!("/sector/{alert}/report")).await.body;
    has(&text(&report), &["We rang too late, and had no numbers.", "Written by Dee Manager"]);
    assert!(!report.contains("<script>alert"), "{report}");
    let page = duty.get(&path).await.body;
    has(&text(&page), &["What was written so far", "Ann Analyst", "We rang too late . &lt;script&gt;"]);
    world.work().await;
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    let log = text(&auditor.get("/log?about=CC-0007").await.body);
    assert_eq!(log.matches("Wrote what was learned from an alert").count(), 2, "{log}");
}

#[tokio::test]
async fn at_red_a_report_holds_nobodys_words() {
    let world = world().await;
    let (alert, _) = story(&world, "red").await;
    let duty = world.signed_in(world.person("Dee Manager", Role::DutyManager, None).await).await;
    for path in ["report", "report/blockers"] {
        let page = read(&duty, &format!("/sector/{alert}/{path}")).await;
        has(&page, &["2 organisations named something. At TLP:RED their words stay with their answers."]);
        assert!(!page.contains("scanner"), "{page}");
    }
}

#[tokio::test]
async fn who_publishes_is_told_what_would_follow() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 4).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Patch the mail server"), &everybody()).await;
    let duty = world.signed_in(desk.duty.person().unwrap().id).await;
    let path = format!("/audiences/{version}/publish");
    has(&read(&duty, &path).await, &["With these deadlines", "Too few alerts of this severity are over"]);

    let rhys = actor(&world, "Rhys Responder", Role::Responder, practices[0]).await;
    for number in 101..104 {
        let alert = alert(&world, number, "high", "green", &practices).await;
        answer(&world, &rhys, alert, None).await;
    }
    answers_for(&world, board, &practices[..2]).await;
    has(&read(&duty, &path).await, &["Too few alerts of this severity are over"]);
    // Friday afternoon: the deadline of two days falls on a Sunday.
    world.pass(HOUR * (4 * 24 + 6)).await;
    let page = read(&duty, &path).await;
    has(
        &page,
        &[
            "The acknowledgement of 5 organisations would be due on Sunday at 15:00.",
            // Of four practices one was in time each time; the board is taken to be as all were.
            "About 4 of 5 organisations would not have acknowledged by 7 June 2026, 15:00",
            "from 3 alerts of this severity in the last 12 months, which asked 12 times for an answer.",
            "For 2 of them others answer",
        ],
    );
    // What asks for nothing has no deadline.
    let low = Wording { severity: Severity::Low, ..wording("Be aware") };
    let low = desk.approved(&low, &everybody()).await;
    let page = read(&duty, &format!("/audiences/{low}/publish")).await;
    assert!(!page.contains("With these deadlines"), "{page}");
}
