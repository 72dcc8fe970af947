//! Whoever is on call is rung for an urgent incident, one after the other, by mail and by text, until one says that
//! they look at it; then nobody is. What nobody has vouched for rings once an hour.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
    organisation::contact::Mobile,
    retention, rota,
};
use react::{
    case,
    incident::{self, IncidentId, Outcome, call_back::NumberOf},
    report::{
        Care, Facts, Seen, Way,
        actions::{Sender, Sent, take},
    },
    triage::{Answer, Question, actions::tell},
};
use testkit::world::World;

use crate::{
    furnished_incidents::{classified, facts, number, standing, unknown},
    issuing::actor,
    texts_reach_mobiles as texted,
};

/// A world with texts, three duty managers of whom Dee and Dan are on the rota, Dee with a mobile, an analyst, and a
/// trust with a responder.
struct Desk {
    world: World,
    duty: Vec<Actor>,
    analyst: Actor,
    responder: Actor,
}

const NAMES: [&str; 3] = ["Dan Duty", "Dee Duty", "Dot Duty"];

impl Desk {
    async fn open() -> Self {
        let world = World::with(SERVICES, |settings| settings.sms = Some(texted::gateway())).await;
        world.net.answers(texted::SEND, texted::created());
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        number(&world, trust, "01632 960 000").await;
        let mut duty = Vec::new();
        for name in NAMES {
            duty.push(actor(&world, name, Role::DutyManager, None).await);
        }
        let analyst = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        let responder = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let mut tx = world.app.write().await.unwrap();
        rota::set_order(&mut tx, &[id_of(&duty[1]), id_of(&duty[0])]).await.unwrap();
        rota::set_mobile(&mut tx, id_of(&duty[1]), Mobile::read("07700 900 123").as_ref()).await.unwrap();
        tx.commit().await.unwrap();
        Self { world, duty, analyst, responder }
    }

    /// Reports what is seen, and what care is affected.
    async fn report(&self, seen: Seen, care: Care) -> Sent {
        let trust = self.responder.person().unwrap().roles[0].0.unwrap();
        let mut tx = self.world.app.write().await.unwrap();
        let form: db::macro_support::Uuid = tx.id();
        let said = Facts { seen: vec![seen], affected: vec![care], ..facts() };
        let sender = Sender::Known { organisation: trust, through: trust };
        let sent = take(&mut tx, &self.responder, form, Way::Session, sender, &said).await.unwrap();
        tx.commit().await.unwrap();
        self.world.pass(SignedDuration::from_secs(1)).await;
        sent
    }

    async fn say(&self, id: IncidentId, answers: &[(Question, Answer)]) {
        let mut tx = self.world.app.write().await.unwrap();
        let now = tx.now;
        let sight = case::sight(&mut tx, &self.analyst, now, id).await.unwrap();
        tell(&mut tx, &self.analyst, &sight, answers).await.unwrap();
        tx.commit().await.unwrap();
        self.world.pass(SignedDuration::from_secs(1)).await;
    }

    async fn minutes(&self, minutes: i64) {
        self.world.pass(SignedDuration::from_mins(minutes)).await;
    }

    /// How many mails each of the duty managers has, and the analyst.
    fn mails(&self) -> [usize; 4] {
        ["dan.duty", "dee.duty", "dot.duty", "ana.lyst"]
            .map(|name| self.world.post.to(&format!("{name}@example.org")).len())
    }
}

fn id_of(actor: &Actor) -> PersonId {
    actor.person().unwrap().id
}

#[tokio::test]
async fn the_rota_is_rung_in_its_order_then_everybody_and_in_the_end_it_is_silent() {
    let desk = Desk::open().await;
    let sent = desk.report(Seen::FilesLocked, Care::Emergency).await;
    // Everybody is told that there is one; whoever is called first, by the same mail, and by text.
    assert_eq!(desk.mails(), [1, 1, 1, 1]);
    let texts = texted::texts(&desk.world.net.asked());
    let link = format!("http://carecert.test/incidents/{}", sent.incident);
    assert_eq!(texts, [("+447700900123".to_owned(), format!("{} {link}", sent.receipt))]);
    let mut expected = [1, 1, 1, 1];
    for called in [
        &[0][..],
        &[0, 1, 2, 3],
        &[],
        &[],
        &[0, 1, 2, 3],
        &[],
        &[],
        &[0, 1, 2, 3],
        &[],
        &[],
        &[0, 1, 2, 3],
        &[],
        &[],
        &[],
    ] {
        desk.minutes(10).await;
        for each in called {
            expected[*each] += 1;
        }
        assert_eq!(desk.mails(), expected, "{called:?}");
    }
    for mail in desk.world.post.mails() {
        let text = &mail.letter.text;
        assert!(text.contains(&link) && !text.contains("Walking") && !text.contains("P1"), "{text}");
    }
}

#[tokio::test]
async fn whoever_says_that_they_look_at_it_is_the_last_who_is_rung() {
    let desk = Desk::open().await;
    let sent = desk.report(Seen::FilesLocked, Care::Emergency).await;
    let page = format!("/incidents/{}", sent.incident);
    let dee = desk.world.signed_in(id_of(&desk.duty[1])).await;
    let body = dee.get(&page).await.body;
    assert!(
        body.contains("Nobody has said yet that they look at it") && body.contains("I look at it"),
        "{body}"
    );
    assert!(body.contains("Dee Duty</li>"), "{body}");
    // Opening the page answers nothing.
    desk.minutes(10).await;
    assert_eq!(desk.mails(), [2, 1, 1, 1]);
    for _ in 0..2 {
        assert_eq!(dee.post(&format!("{page}/looking"), &[]).await.status, 303);
    }
    desk.minutes(60).await;
    assert_eq!(desk.mails(), [2, 1, 1, 1]);
    assert!(dee.get(&page).await.body.contains("Dee Duty answered the call for P1"));
    // The organisation does not see who is rung, and cannot answer for the CERT.
    let rae = desk.world.signed_in(id_of(&desk.responder)).await;
    for door in [page.clone(), format!("{page}/triage")] {
        assert!(!rae.get(&door).await.body.contains("Dee Duty"));
    }
    assert_eq!(rae.post(&format!("{page}/looking"), &[]).await.status, 403);
    // More of the same rings nobody; nor does what makes it less urgent, and then urgent again.
    desk.say(sent.incident, &[(Question::Harm, Answer::Yes)]).await;
    let no: Vec<_> = Question::ALL.iter().map(|each| (*each, Answer::No)).collect();
    desk.say(sent.incident, &no).await;
    desk.say(sent.incident, &[(Question::Spread, Answer::Yes)]).await;
    desk.minutes(60).await;
    assert_eq!(desk.mails(), [2, 1, 1, 1]);
}

#[tokio::test]
async fn taking_it_on_answers_the_call_and_becoming_more_urgent_calls_them_first() {
    let desk = Desk::open().await;
    let sent = desk.report(Seen::FilesLocked, Care::NotYet).await;
    let mut tx = desk.world.app.write().await.unwrap();
    incident::actions::take_on(&mut tx, &desk.analyst, sent.incident, 1).await.unwrap();
    tx.commit().await.unwrap();
    desk.minutes(60).await;
    assert_eq!(desk.mails(), [1, 1, 1, 1]);
    desk.say(sent.incident, &[(Question::DomainLost, Answer::Yes)]).await;
    assert_eq!(desk.mails(), [1, 1, 1, 2]);
    desk.minutes(10).await;
    assert_eq!(desk.mails(), [1, 2, 1, 2]);
    // Closed, it rings nobody.
    classified(&desk.world, &desk.analyst, sent.incident).await;
    let mut tx = desk.world.app.write().await.unwrap();
    incident::actions::close(&mut tx, &desk.analyst, sent.incident, 2, "Over").await.unwrap();
    tx.commit().await.unwrap();
    desk.minutes(120).await;
    assert_eq!(desk.mails(), [1, 2, 1, 2]);
}

#[tokio::test]
async fn what_is_not_urgent_rings_nobody_and_what_turns_out_not_to_be_stops() {
    let desk = Desk::open().await;
    let small = desk.report(Seen::MailOpened, Care::NotYet).await;
    desk.minutes(120).await;
    assert_eq!(desk.mails(), [1, 1, 1, 1]);
    desk.world.net.asked();
    // P2 waits longer for each.
    desk.say(small.incident, &[(Question::Effect, Answer::Yes)]).await;
    assert_eq!((desk.mails(), texted::texts(&desk.world.net.asked()).len()), ([1, 2, 1, 1], 1));
    desk.minutes(29).await;
    assert_eq!(desk.mails(), [1, 2, 1, 1]);
    let no: Vec<_> = Question::ALL.iter().map(|each| (*each, Answer::No)).collect();
    desk.say(small.incident, &no).await;
    desk.minutes(120).await;
    assert_eq!(desk.mails(), [1, 2, 1, 1]);
    // Nobody had answered: urgent again, it rings again.
    desk.say(small.incident, &[(Question::Degraded, Answer::Yes)]).await;
    assert_eq!(desk.mails(), [1, 3, 1, 1]);
}

#[tokio::test]
async fn what_nobody_has_vouched_for_rings_once_an_hour_and_rings_when_it_is_confirmed() {
    let desk = Desk::open().await;
    let trust = desk.responder.person().unwrap().roles[0].0;
    let mut apart = Vec::new();
    for _ in 0..5 {
        apart.push(unknown(&desk.world, trust, "Walking").await.incident);
        desk.world.work().await;
    }
    assert_eq!(desk.mails(), [1, 1, 1, 1]);
    // Only for the first one somebody waits to be answered.
    let dee = desk.world.signed_in(id_of(&desk.duty[1])).await;
    let rung =
        async |id: IncidentId| dee.get(&format!("/incidents/{id}")).await.body.contains("I look at it");
    assert!(rung(apart[0]).await && !rung(apart[1]).await);
    assert_eq!(dee.post(&format!("/incidents/{}/looking", apart[0]), &[]).await.status, 303);
    let mut tx = desk.world.app.write().await.unwrap();
    let confirmed = apart[4];
    incident::actions::call_back(
        &mut tx,
        &desk.analyst,
        (confirmed, 1),
        NumberOf::Organisation,
        Outcome::Confirmed,
        "",
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    desk.world.work().await;
    assert!(!standing(&desk.world, confirmed).await.standing.is_apart());
    assert!(rung(confirmed).await);
    assert_eq!(desk.mails(), [1, 2, 1, 1]);
}

#[tokio::test]
async fn harm_is_rung_for_however_often_the_incident_went_up_and_down_and_whatever_else_there_is() {
    let desk = Desk::open().await;
    let page = |id: IncidentId| format!("/incidents/{id}");
    let dee = desk.world.signed_in(id_of(&desk.duty[1])).await;
    let no: Vec<_> = Question::ALL.iter().map(|each| (*each, Answer::No)).collect();
    let one = desk.report(Seen::FilesLocked, Care::NotYet).await.incident;
    for rung in 2..5 {
        desk.say(one, &no).await;
        desk.say(one, &[(Question::Degraded, Answer::Yes)]).await;
        assert_eq!(desk.mails()[1], rung, "one incident holds not itself");
    }
    // Two more are rung for, as urgent; the third one of others is held, and says why.
    for _ in 0..2 {
        desk.report(Seen::FilesLocked, Care::NotYet).await;
    }
    let held = desk.report(Seen::FilesLocked, Care::NotYet).await.incident;
    let body = dee.get(&page(held)).await.body;
    assert!(body.contains("Nobody is rung for it yet") && body.contains("three other incidents"), "{body}");
    assert!(!body.contains("I look at it"), "{body}");
    let before = desk.mails()[1];
    desk.say(held, &[(Question::Harm, Answer::Yes)]).await;
    assert_eq!(desk.mails()[1], before + 1, "a P1 is not held by what is less urgent");
    let body = dee.get(&page(held)).await.body;
    let warned = body.contains("<p>It is held since");
    assert!(!warned && body.contains("I look at it"), "{body}");
    desk.say(one, &[(Question::Harm, Answer::Yes)]).await;
    assert_eq!(desk.mails()[1], before + 2);
}

#[tokio::test]
async fn a_second_report_that_is_not_verified_is_held_till_the_hour_is_over_and_a_more_urgent_one_rings() {
    let desk = Desk::open().await;
    let trust = desk.responder.person().unwrap().roles[0].0;
    let mut apart = Vec::new();
    for _ in 0..3 {
        apart.push(unknown(&desk.world, trust, "Walking").await.incident);
        desk.world.work().await;
    }
    let dee = desk.world.signed_in(id_of(&desk.duty[1])).await;
    let held = async |id: IncidentId| {
        let body = dee.get(&format!("/incidents/{id}")).await.body;
        let is_held = body.contains("<p>It is held since") && body.contains("another report that is not");
        assert_ne!(is_held, body.contains("I look at it"), "{body}");
        is_held
    };
    assert_eq!([held(apart[0]).await, held(apart[1]).await, held(apart[2]).await], [false, true, true]);
    let list = dee.get("/incidents?list=apart").await.body;
    assert!(list.contains("For 2 more urgent") && list.contains("nobody is rung yet"), "{list}");
    let first = dee.get("/").await.body;
    assert!(first.contains("P2: 3 reports are not verified"), "{first}");
    // More urgent than what was rung for, it rings at once, and stands above.
    let before = desk.mails()[1];
    desk.say(apart[1], &[(Question::Harm, Answer::Yes)]).await;
    assert_eq!((desk.mails()[1], held(apart[1]).await), (before + 1, false));
    let first = dee.get("/").await.body;
    let (p1, p2) = (first.find("P1: 1 report is not verified"), first.find("P2: 2 reports are not verified"));
    assert!(p1.is_some() && p1 < p2, "{first}");
    for each in [apart[0], apart[1]] {
        assert_eq!(dee.post(&format!("/incidents/{each}/looking"), &[]).await.status, 303);
    }
    // The hour over, it is rung for.
    desk.minutes(71).await;
    assert!(!held(apart[2]).await);
}

#[tokio::test]
async fn what_is_p3_for_want_of_knowledge_says_so_first() {
    let desk = Desk::open().await;
    desk.report(Seen::SomethingElse, Care::NotYet).await;
    let dee = desk.world.signed_in(id_of(&desk.duty[1])).await;
    let first = dee.get("/").await.body;
    assert!(first.contains("P3: 1 incident is to be taken on"), "{first}");
    assert!(first.contains("So urgent because of what is not known yet"), "{first}");
    assert!(!first.contains("Contained, and care"), "{first}");
}

#[tokio::test]
async fn the_rota_keeps_mobiles_and_forgets_those_who_are_duty_managers_no_more() {
    let desk = Desk::open().await;
    let (dan, dot) = (id_of(&desk.duty[0]), id_of(&desk.duty[2]));
    let client = desk.world.signed_in(dan).await;
    assert!(client.get("/advisories/rota").await.body.contains("value=\"+447700900123\""));
    let (dan_is, dot_is) = (dan.to_string(), dot.to_string());
    let row =
        [("person-0", dan_is.as_str()), ("place-0", "2"), ("person-1", dot_is.as_str()), ("place-1", "1")];
    let wrong = client.post("/advisories/rota", &[&row[..], &[("mobile-0", "020 7946 0123")]].concat()).await;
    assert!(wrong.status == 422 && wrong.body.contains("Enter a British mobile number"), "{}", wrong.body);
    let right = client.post("/advisories/rota", &[&row[..], &[("mobile-0", "07700 900 456")]].concat()).await;
    assert_eq!(right.status, 303);
    let read = async || {
        let mut snapshot = desk.world.app.read().await.unwrap();
        let people = rota::duty_managers(&mut snapshot, desk.world.now()).await.unwrap();
        let row = |person: rota::OnCall| (person.name, person.position, person.mobile);
        people.into_iter().map(row).collect::<Vec<_>>()
    };
    let [dan_now, dee, dot_now] = ["+447700900456", "+447700900123", ""];
    let mobile = |number: &str| (!number.is_empty()).then(|| number.to_owned());
    let expected = [
        ("Dot Duty".to_owned(), Some(1), mobile(dot_now)),
        ("Dan Duty".to_owned(), Some(2), mobile(dan_now)),
        ("Dee Duty".to_owned(), None, mobile(dee)),
    ];
    assert_eq!(read().await, expected);
    // Who is no duty manager any more is not rung, and after a month nothing of it is left.
    let mut tx = desk.world.app.write().await.unwrap();
    let now = tx.now;
    let ended = sql!("UPDATE membership SET until_at = ?2 WHERE holder_id = ?1");
    tx.run(ended, params![dan, now]).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.app.env.advance(SignedDuration::from_hours(24 * 29));
    let kept = async || {
        retention::sweep(&desk.world.app, &retention::Policy::shipped()).await.unwrap();
        let count = sql!("SELECT count(*) FROM on_call WHERE person_id = ?1");
        desk.world.app.read().await.unwrap().one::<(i64,)>(count, params![dan]).await.unwrap().0
    };
    assert_eq!(kept().await, 1);
    desk.world.app.env.advance(SignedDuration::from_hours(48));
    assert_eq!((kept().await, read().await.len()), (0, 2));
}
