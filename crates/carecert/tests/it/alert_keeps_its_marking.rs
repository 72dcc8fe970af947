//! TLP in mails and for machines: whatever an advisory or an answer says, above GREEN a mail holds
//! the number and a link alone; at RED there is none but to the desk, which names nothing, and no
//! machine reads a word; indicators never travel by mail. Its other doors are tried in `no_door_opens_to_strangers.rs`.

use broadcast::{
    advisory::{self, Content, Platform, Update, VersionId, Wording},
    alert::{Answers, actions, store},
    audience::{Choices, Mode, Part},
    response::{self, Chosen, Decision, Outcome, Said},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Tx,
    access::Role,
    message::Letter,
    organisation::{OrganisationId, contact::Mobile},
    rota,
};
use proptest::prelude::*;
use testkit::world::World;

use crate::{
    furnished_questions,
    issuing::{Desk, actor, answers_for, contact, everybody, wording},
    texts_reach_mobiles as texted,
};

/// What no mail may hold above GREEN, in every field that takes text.
pub const MARKER: &str = "Zebrafish";
/// Whoever approves is texted here.
const ON_CALL: &str = "+447700900456";

/// A text around the marker, hostile and plain.
fn marked() -> impl Strategy<Value = String> {
    ("[ -~]{0,20}", "[ -~é\u{2028}<>\"'&]{0,20}")
        .prop_map(|(before, after)| format!("{before}{MARKER}{after}"))
}

fn marked_wording() -> impl Strategy<Value = Wording> {
    (marked(), marked(), marked(), marked(), marked()).prop_map(|(title, summary, details, step, other)| {
        let plain = wording(&title);
        let mut content = Content { summary, details, remediation: other.clone(), ..plain.content.clone() };
        content.steps[0].text = step;
        content.platforms = vec![Platform { name: other.clone(), versions: vec![other.clone()] }];
        content.updates =
            vec![Update { date: jiff::civil::date(2026, 5, 1), title: other.clone(), text: other.clone() }];
        content.indicators = vec![format!("http://{MARKER}.example/x").parse().expect("an indicator")];
        if let Some(source) = &mut content.source {
            source.name = other;
        }
        Wording { content, ..plain }
    })
}

/// The organisation's region has a body, and regions are told: since the second version of the policy.
async fn in_a_region_that_is_told(world: &World, trust: OrganisationId) {
    let day: jiff::Timestamp = "2026-11-02T08:00:00Z".parse().unwrap();
    world.app.env.advance(day.duration_since(world.now()));
    let region = world.organisation("Y56", "London Region", "region").await;
    contact(world, region, "security_lead", "lead@trust.example").await;
    let mut tx = world.app.write().await.unwrap();
    let lies_there = sql!("UPDATE organisation SET region = 'Y56' WHERE id = ?1");
    tx.run(lies_there, params![trust]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The story of an advisory that is sent back once, approved by telephone, published, answered late, given to an
/// executive, asked about and withdrawn: every kind of mail that this service writes of one, and what a machine reads.
async fn tell(tlp: Tlp, mut wording: Wording) -> Result<(), String> {
    let world = World::with(SERVICES, |settings| settings.sms = Some(texted::gateway())).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    in_a_region_that_is_told(&world, trust).await;
    let mobile = sql!("UPDATE contact SET mobile = '+447700900123' WHERE organisation_id = ?1");
    for role in ["security_lead", "deputy", "executive"] {
        contact(&world, trust, role, &format!("{role}@trust.example")).await;
    }
    let mut tx = world.app.write().await.unwrap();
    tx.run(mobile, params![trust]).await.unwrap();
    tx.commit().await.unwrap();
    world.net.answers(texted::SEND, texted::created());
    let desk = Desk::open(&world).await;
    let mut tx = world.app.write().await.unwrap();
    let duty = desk.duty.person().unwrap().id;
    rota::set_mobile(&mut tx, duty, Mobile::read(ON_CALL).as_ref()).await.unwrap();
    tx.commit().await.unwrap();
    wording.tlp = tlp;
    let version = desk.draft(&wording, &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let edition = edition_of(&mut tx, version).await;
    advisory::actions::submit(&mut tx, &desk.analyst, version, edition).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    send_back(&desk, version).await;
    let mut tx = world.app.write().await.unwrap();
    let edition = edition_of(&mut tx, version).await;
    advisory::actions::submit(&mut tx, &desk.analyst, version, edition).await.unwrap();
    advisory::actions::approve(&mut tx, &desk.duty, version, edition + 1).await.unwrap();
    tx.commit().await.unwrap();
    let alert = desk.publish(version, Answers::Anew).await;
    // Over the deadline of the acknowledgement and every rung before it.
    world.pass(SignedDuration::from_hours(51)).await;
    let responder = actor(&world, "Rhys Responder", Role::Responder, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    let words =
        Said { done: Some(MARKER.to_owned()), outcome: Some(Outcome::RiskAccepted), ..Said::reason(MARKER) };
    response::answer(&mut tx, &responder, alert, &Chosen::All, &words).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    let executive = actor(&world, "Eve Executive", Role::Executive, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    let back = Decision::SendBack(MARKER.to_owned());
    response::decide(&mut tx, &executive, alert, &back, 1).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    let asked = furnished_questions::asked(&world, &responder, alert, "RAA", MARKER).await;
    furnished_questions::answered(&world, &desk.analyst, asked, MARKER).await;
    world.work().await;
    let token = world.key(trust, "alerts:read organisations:read").await;
    let machine = world.machine(&token);
    let mut read = Vec::new();
    for path in ["", "/CC-0001", "/CC-0001/responses", "/CC-0001/responses/RAA"] {
        read.push(machine.get(&format!("/api/v1/alerts{path}")).await.body);
    }
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, MARKER).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;

    every_kind_was_sent(&world, tlp).await?;
    all_may_travel(&world, tlp)?;
    let told = |place: usize| read[place].contains(MARKER);
    let (said, answered) = (told(0) && told(1), told(2) && told(3));
    if tlp == Tlp::Red && read.iter().any(|body| body.contains(MARKER)) {
        return Err(format!("a machine reads {tlp}: {read:?}"));
    }
    if tlp != Tlp::Red && !(said && answered) {
        return Err(format!("a machine does not read {tlp}: {read:?}"));
    }
    Ok(())
}

/// Whether every kind of mail and text that is written of an alert was, and no other.
async fn every_kind_was_sent(world: &World, tlp: Tlp) -> Result<(), String> {
    let mut snapshot = world.app.read().await.unwrap();
    let kinds = sql!("SELECT DISTINCT kind FROM message ORDER BY kind");
    let kinds: Vec<(String,)> = snapshot.all(kinds, params![]).await.unwrap();
    drop(snapshot);
    // RED does not travel by mail, but the desk's own people are still rung; a feed is no advisory.
    let all = broadcast::SERVICE.messages.iter().map(|kind| kind.name);
    let wanted = all.filter(|kind| match tlp {
        Tlp::Red => {
            let own = [
                advisory::rota::messages::MAIL.name,
                advisory::rota::messages::TEXT.name,
                advisory::sent_back::MESSAGE.name,
            ];
            own.contains(kind)
        }
        // Digests and bulletins gather what others tell at once: `digests_keep_their_marking.rs`.
        _ => ![
            broadcast::feed::MESSAGE.name,
            broadcast::notification::DIGEST.name,
            broadcast::bulletin::MESSAGE.name,
        ]
        .contains(kind),
    });
    let mut wanted: Vec<_> = wanted.collect();
    wanted.sort_unstable();
    if !kinds.iter().map(|(kind,)| kind.as_str()).eq(wanted.iter().copied()) {
        return Err(format!("mails at {tlp}: {kinds:?}"));
    }
    Ok(())
}

/// Whether every mail and text says no more than its marking allows.
fn all_may_travel(world: &World, tlp: Tlp) -> Result<(), String> {
    for mail in world.post.mails() {
        if tlp == Tlp::Red && mail.to.ends_with("@trust.example") {
            return Err(format!("a mail at {tlp}"));
        }
        may_travel(tlp, &mail.letter)?;
    }
    for (to, text) in texted::texts(&world.net.asked()) {
        if tlp == Tlp::Red {
            let words =
                "Test CSOC: A decision waits for you. http://carecert.test/advisories?state=in_review";
            if (to.as_str(), text.as_str()) != (ON_CALL, words) {
                return Err(format!("a text at {tlp}: {text}"));
            }
            continue;
        }
        let letter = Letter { subject: String::new(), text, html: None };
        may_travel(tlp, &letter)?;
    }
    Ok(())
}

/// Sends a version back with the marker for a reason, which its author is told.
async fn send_back(desk: &Desk<'_>, version: VersionId) {
    let mut tx = desk.world.app.write().await.unwrap();
    let edition = edition_of(&mut tx, version).await;
    advisory::actions::send_back(&mut tx, &desk.duty, version, edition, MARKER).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.work().await;
}

async fn edition_of(tx: &mut Tx, version: VersionId) -> i64 {
    advisory::store::version(tx, version).await.unwrap().expect("a version").edition
}

/// Above GREEN: the number, an address of ours, and who to ring; at RED that a decision waits or something
/// came back, and the address of a list. Anywhere: no indicator.
fn may_travel(tlp: Tlp, letter: &Letter) -> Result<(), String> {
    let html = letter.html.as_deref().unwrap_or_default();
    let whole = format!("{}\n{}\n{html}", letter.subject, letter.text);
    let low = whole.to_lowercase();
    if low.contains(&format!("{}.example", MARKER.to_lowercase())) || low.contains("hxxp") {
        return Err(format!("an indicator at {tlp}: {whole}"));
    }
    if tlp == Tlp::Red {
        let all = [
            ("A decision waits for you", "/advisories?state=in_review"),
            ("Something was sent back to you", "/"),
        ];
        let end = "\n\n-- \nTest CSOC, 0300 303 5222\n\n";
        let is = |(what, list): (&str, &str)| {
            whole == format!("{what}\n{what}:\n\nhttp://carecert.test{list}{end}")
        };
        return if all.into_iter().any(is) { Ok(()) } else { Err(format!("a name at {tlp}: {whole}")) };
    }
    if !whole.contains("CC-0001") || !whole.contains("http://carecert.test/") {
        return Err(format!("no number or link at {tlp}: {whole}"));
    }
    if tlp < Tlp::Amber {
        return Ok(());
    }
    let nothing_else = ["CC-0001", "[CC-0001]", "--", "Test", "CSOC,", "0300", "303", "5222"];
    let plain = format!("{} {}", letter.subject, letter.text);
    let more = plain.split_whitespace().find(|word| {
        let is_link = word.strip_prefix("http://carecert.test/").is_some_and(|rest| !rest.contains(MARKER));
        !is_link && !nothing_else.contains(word)
    });
    if more.is_some() || [MARKER, "High", "Trust"].iter().any(|word| html.contains(word)) {
        return Err(format!("more than number and link at {tlp}, such as {more:?}: {whole}"));
    }
    Ok(())
}

/// What is told of advisories that say the marker everywhere, at each marking, holds to it.
pub async fn holds<T: Future<Output = Result<(), String>>>(cases: u32, tell: impl Fn(Tlp, Wording) -> T) {
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        proptest::test_runner::TestRunner::new(config)
            .run(&marked_wording(), |wording| {
                for tlp in Tlp::ALL {
                    let told = handle.block_on(tell(tlp, wording.clone()));
                    prop_assert!(told.is_ok(), "{}", told.unwrap_err());
                }
                Ok(())
            })
            .unwrap();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_and_no_machine_says_more_than_the_marking_allows() {
    holds(12, tell).await;
}

#[tokio::test]
async fn amber_strict_is_read_by_the_organisation_and_by_those_who_answer_for_it() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    answers_for(&world, board, practice).await;
    let desk = Desk::open(&world).await;
    let parts = vec![(Part::Kind, vec!["gp_practice".to_owned()])];
    let choices = Choices { mode: Some(Mode::MustRespond), parts };
    let ray = world.signed_in(world.person("Ray Board", Role::Responder, Some(board)).await).await;
    let vic = world.signed_in(world.person("Vic Board", Role::Viewer, Some(board)).await).await;
    let pam = world.signed_in(world.person("Pam Practice", Role::Viewer, Some(practice)).await).await;
    let keys = [world.key(board, "alerts:read").await, world.key(practice, "alerts:read").await];
    for (tlp, number) in [(Tlp::Amber, "CC-0001"), (Tlp::AmberStrict, "CC-0002")] {
        let alert = desk.delivered(&Wording { tlp, ..wording(MARKER) }, &choices).await;
        let strict = tlp == Tlp::AmberStrict;
        let path = format!("/alerts/{alert}");
        let (answers, views, own) = (ray.get(&path).await, vic.get(&path).await, pam.get(&path).await);
        for page in [&answers, &own] {
            assert!(page.body.contains(MARKER) && page.body.contains("without signing in"), "{}", page.body);
        }
        assert_eq!(answers.body.contains("Pass it on to nobody"), strict);
        assert!(!own.body.contains("Pass it on to nobody"));
        assert_eq!(views.status, 200);
        assert_eq!(views.body.contains(MARKER) || views.body.contains("without signing in"), !strict);
        assert_eq!(views.body.contains("They can read it themselves"), strict);
        assert!(views.body.contains(number) && views.body.contains("High"), "{}", views.body);
        let withheld = "For those who answer it";
        for page in
            ["/alerts".to_owned(), format!("/organisations/{practice}/alerts"), format!("{path}/respond")]
        {
            for reader in [&ray, &pam] {
                assert!(!reader.get(&page).await.body.contains(withheld), "{page}");
            }
            let theirs = vic.get(&page).await.body;
            assert!(theirs.contains(number), "{page}: {theirs}");
            assert_eq!(theirs.contains(withheld), strict, "{page}: {theirs}");
        }
        assert_eq!(vic.get(&format!("{path}/respond")).await.body.contains(MARKER), !strict);
        let said = vic.get(&format!("{path}/respond/said/A81001")).await.status;
        assert_eq!(said, if strict { 404 } else { 200 });
        for (key, reads) in keys.iter().zip([!strict, true]) {
            let machine = world.machine(key);
            let one = machine.get(&format!("/api/v1/alerts/{number}")).await.body;
            assert!(one.contains(number) && one.contains(&path), "{one}");
            assert_eq!(one.contains(MARKER), reads, "{tlp}: {one}");
            let list = machine.get("/api/v1/alerts").await.body;
            let listed = list.split(number).nth(1).expect("it is listed");
            assert_eq!(listed.contains(MARKER), reads, "{tlp}: {list}");
        }
    }
}

#[tokio::test]
async fn the_public_feeds_hold_what_is_clear_and_nothing_of_any_other_marking() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let visitor = world.visitor();
    for (place, tlp) in Tlp::ALL.into_iter().enumerate() {
        let mut said = wording(&format!("{MARKER} {place}"));
        said.tlp = tlp;
        let alert = desk.delivered(&said, &everybody()).await;
        for path in ["/feeds/alerts", "/feeds/alerts.atom", "/feeds/alerts.json"] {
            let feed = visitor.get(path).await.body;
            for word in [format!("{MARKER} {place}"), format!("CC-000{}", place + 1), alert.to_string()] {
                assert_eq!(feed.contains(&word), tlp == Tlp::Clear, "{tlp}, {word} in {path}: {feed}");
            }
        }
    }
    // What everybody could read was updated for few: nobody is told that there is an update.
    let mut said = wording(&format!("{MARKER} before"));
    said.tlp = Tlp::Clear;
    let clear = desk.delivered(&said, &everybody()).await;
    let mut snapshot = world.app.read().await.unwrap();
    let number = store::alert(&mut snapshot, clear).await.unwrap().unwrap().number;
    drop(snapshot);
    let update = desk.update(number).await;
    let mut tx = world.app.write().await.unwrap();
    let edition = edition_of(&mut tx, update).await;
    let hidden = Wording { tlp: Tlp::Amber, ..wording("Hidden title") };
    advisory::actions::edit(&mut tx, &desk.analyst, update, edition, &hidden).await.unwrap();
    tx.commit().await.unwrap();
    desk.approve(update).await;
    let amber = desk.publish(update, Answers::Anew).await;
    world.pass(SignedDuration::from_secs(61)).await;
    for path in ["/feeds/alerts", "/feeds/alerts.atom", "/feeds/alerts.json"] {
        let feed = visitor.get(path).await.body;
        assert!(feed.contains("No longer current") && feed.contains(&clear.to_string()), "{feed}");
        for word in ["An update", "Hidden title", &amber.to_string()] {
            assert!(!feed.contains(word), "{word} in {path}: {feed}");
        }
    }
}
