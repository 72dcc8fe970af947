//! What the CERT answers for everybody whom an alert went to: in its own words, never under a wider marking
//! than the alert's, and never to those whom the answer was not meant for.

use broadcast::{
    advisory::{self, AdvisoryNumber, Wording as Text},
    alert::{self, AlertId, Answers},
    audience::{self, Choices, Mode, Part},
    faq::{self, FaqError, actions},
};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::World;

use crate::{
    furnished_questions::{answered, asked, entry, published},
    issuing::{Desk, actor, answers_for, everybody, wording},
};

fn trusts() -> Choices {
    let parts = vec![(Part::Kind, vec!["trust".to_owned()])];
    Choices { mode: Some(Mode::MustRespond), parts }
}

async fn number(world: &World, alert: AlertId) -> AdvisoryNumber {
    let mut snapshot = world.app.read().await.unwrap();
    alert::store::alert(&mut snapshot, alert).await.unwrap().unwrap().number
}

/// An update with another marking and another audience, in force.
async fn update(desk: &Desk<'_>, number: AdvisoryNumber, tlp: Tlp, choices: &Choices) -> AlertId {
    let version = desk.update(number).await;
    let mut tx = desk.world.app.write().await.unwrap();
    let standing = advisory::store::version(&mut tx, version).await.unwrap().unwrap();
    let text = Text { tlp, ..standing.wording };
    advisory::actions::edit(&mut tx, &desk.analyst, version, standing.edition, &text).await.unwrap();
    audience::actions::choose(&mut tx, &desk.analyst, version, standing.edition + 1, choices).await.unwrap();
    tx.commit().await.unwrap();
    desk.approve(version).await;
    let alert = desk.publish(version, Answers::Anew).await;
    desk.world.pass(SignedDuration::from_secs(61)).await;
    alert
}

#[tokio::test]
async fn an_entry_is_worded_anew_kept_in_versions_and_withdrawn() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let question = asked(&world, &rae, alert, "RWA", "Is our Quokka in Walking concerned?").await;
    let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
    let page = format!("/questions/{question}/publish");
    let empty = ana.get(&page).await.body;
    assert!(!empty.contains("Quokka") && !empty.contains("Walking"), "{empty}");
    assert!(
        empty.contains("name=\"answer\" rows=\"8\" aria-describedby=\"answer-hint\">\n</textarea>"),
        "{empty}"
    );
    world.pass(SignedDuration::from_secs(1)).await;
    answered(&world, &desk.analyst, question, "Only where Wombat 1 runs.").await;
    let begun = ana.get(&page).await.body;
    assert!(begun.contains("Only where Wombat 1 runs.</textarea>") && !begun.contains("Quokka"), "{begun}");
    assert!(begun.contains("value=\"green\" checked") && !begun.contains("value=\"clear\""), "{begun}");

    let wide = [("question", "Who is concerned?"), ("answer", "Whoever runs it."), ("tlp", "clear")];
    let refused = ana.post(&page, &wide).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Whoever runs it.</textarea>") && refused.body.contains("no wider than"));
    let mut typed = wide.to_vec();
    typed[2].1 = "green";
    typed.push(("form", "018f0000-0000-7000-8000-000000000001"));
    let first = ana.post(&page, &typed).await;
    let twice = ana.post(&page, &typed).await;
    assert_eq!((first.status.as_u16(), first.location()), (303, twice.location()));
    let kept = first.location().unwrap().to_owned();
    assert!(ana.get(&format!("/questions/{question}")).await.body.contains("Who is concerned?"));

    let reader = world.signed_in(world.person("Una Other", Role::Responder, Some(other)).await).await;
    let list = format!("/alerts/{alert}/faq");
    let read = reader.get(&list).await.body;
    assert!(
        read.contains("Whoever runs it.") && read.contains("TLP:GREEN") && !read.contains("Quokka"),
        "{read}"
    );
    for door in [format!("/alerts/{alert}"), format!("/alerts/{alert}/questions")] {
        assert!(reader.get(&door).await.body.contains("Who is concerned?"), "{door}");
    }
    assert_eq!(reader.get(&kept).await.status, 403);

    // The second of two editors sees what the first wrote, and loses nothing.
    let anew = |version: &'static str, answer: &'static str| {
        [("version", version), ("question", "Who is concerned?"), ("answer", answer), ("tlp", "amber")]
    };
    assert_eq!(ana.post(&kept, &anew("1", "Numbat")).await.status, 303);
    let late = ana.post(&kept, &anew("1", "Bilby")).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Bilby</textarea>") && late.body.contains("Numbat"), "{}", late.body);
    assert_eq!(ana.post(&kept, &anew("2", "Bilby")).await.status, 303);
    let versions = ana.get(&kept).await.body;
    for words in ["Whoever runs it.", "Numbat", "Bilby", "version 3"] {
        assert!(versions.contains(words), "{words} in {versions}");
    }
    let read = reader.get(&list).await.body;
    assert!(read.contains("Bilby") && read.contains("TLP:AMBER") && !read.contains("Numbat"), "{read}");
    let withdraw = format!("{kept}/withdraw");
    let refused = ana.post(&withdraw, &[("version", "3"), ("reason", "")]).await;
    assert!(
        refused.status == 422 && refused.body.contains("Bilby</textarea>"),
        "the form of its words stays"
    );
    assert_eq!(ana.post(&withdraw, &[("version", "3"), ("reason", "It was wrong")]).await.status, 303);
    assert!(!reader.get(&list).await.body.contains("Who is concerned?"));
    let gone = ana.get(&kept).await.body;
    assert!(gone.contains("It was wrong") && gone.contains("Bilby"), "{gone}");
    let late = ana.post(&kept, &anew("3", "Echidna")).await;
    assert!(late.status == 422 && late.body.contains("Echidna</textarea>"), "{}", late.body);
    // Those who asked get no mail because of any of this.
    world.work().await;
    let mails = world.post.mails();
    assert!(
        mails.iter().all(|mail| !mail.letter.text.contains("/faq") && !mail.letter.text.contains("Bilby"))
    );
}

#[tokio::test]
async fn an_entry_goes_no_further_than_its_marking_and_its_alert() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    answers_for(&world, board, trust).await;
    let desk = Desk::open(&world).await;
    let people = [
        ("Tia Trust", Role::Viewer, trust),
        ("Bo Board", Role::Responder, board),
        ("Vic Board", Role::Viewer, board),
        ("Pat Practice", Role::Lead, practice),
    ];
    let mut readers = Vec::new();
    for (name, role, at) in people {
        readers.push(world.signed_in(world.person(name, role, Some(at)).await).await);
    }
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let amber = desk.delivered(&Text { tlp: Tlp::Amber, ..wording("Gateway") }, &trusts()).await;
    let question = asked(&world, &rae, amber, "RWA", "Is it?").await;
    published(&world, &desk.analyst, question, &entry(Tlp::Amber, "Quokka?")).await;
    published(&world, &desk.analyst, question, &entry(Tlp::AmberStrict, "Numbat?")).await;
    let mut tx = world.app.write().await.unwrap();
    for tlp in [Tlp::Clear, Tlp::Green, Tlp::Red] {
        let refused = actions::publish(&mut tx, &desk.analyst, question, None, &entry(tlp, "Bilby?")).await;
        assert!(matches!(refused, Err(FaqError::Marking(_))), "{tlp}");
    }
    drop(tx);
    // Who reads what at an alert, by its own list: Tia, Bo, Vic, Pat.
    let read = async |alert: AlertId, word: &str| {
        let mut reads = Vec::new();
        for reader in &readers {
            let faq = reader.get(&format!("/alerts/{alert}/faq")).await.body.contains(word);
            let page = reader.get(&format!("/alerts/{alert}")).await.body.contains(word);
            assert_eq!(faq, page, "{word}");
            reads.push(faq);
        }
        reads
    };
    assert_eq!(read(amber, "Quokka?").await, [true, true, true, false]);
    assert_eq!(read(amber, "Numbat?").await, [true, true, false, false]);

    // The update is marked wider, and goes to more: what is narrower waits for somebody to say so.
    let number = number(&world, amber).await;
    let green = update(&desk, number, Tlp::Green, &everybody()).await;
    let id = published(&world, &desk.analyst, question, &entry(Tlp::Amber, "Wombat?")).await;
    let mut tx = world.app.write().await.unwrap();
    let refused =
        actions::publish(&mut tx, &desk.analyst, question, None, &entry(Tlp::Green, "Bilby?")).await;
    assert!(matches!(refused, Err(FaqError::Marking(Tlp::Green))), "it was asked at AMBER");
    drop(tx);
    assert_eq!(read(green, "Quokka?").await, [false; 4]);
    assert_eq!(read(green, "Wombat?").await, [true; 4]);
    assert_eq!(read(amber, "Quokka?").await, [true, true, true, false]);
    assert_eq!(read(amber, "Wombat?").await, [false; 4], "it was written for the update");
    let later = actor(&world, "Pia Practice", Role::Responder, Some(practice)).await;
    let wider = asked(&world, &later, green, "A81001", "Is it?").await;
    published(&world, &desk.analyst, wider, &entry(Tlp::Green, "Echidna?")).await;

    // The next update is narrower: what is wider goes with it, under its marking and to its readers.
    let strict = update(&desk, number, Tlp::AmberStrict, &trusts()).await;
    for word in ["Quokka?", "Numbat?", "Wombat?", "Echidna?"] {
        assert_eq!(read(strict, word).await, [true, true, false, false], "{word}");
    }
    let list = readers[0].get(&format!("/alerts/{strict}/faq")).await.body;
    assert!(!list.contains("TLP:GREEN") && !list.contains("TLP:AMBER<"), "{list}");
    let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
    let page = ana.get(&format!("/faq/{id}")).await.body;
    assert!(page.contains("value=\"amber+strict\"") && !page.contains("value=\"amber\""), "{page}");
}

#[tokio::test]
async fn many_entries_are_read_page_by_page() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let rae_in = world.signed_in(rae.person().unwrap().id).await;
    let question = asked(&world, &rae, alert, "RWA", "Is it?").await;
    for place in 0..=faq::SHOWN {
        published(&world, &desk.analyst, question, &entry(Tlp::Green, &format!("Quokka {place}?"))).await;
        world.pass(SignedDuration::from_secs(1)).await;
    }
    let short = rae_in.get(&format!("/alerts/{alert}")).await.body;
    assert_eq!(short.matches("Quokka ").count(), faq::SHOWN);
    assert!(short.contains("See all questions and answers") && !short.contains("Quokka 0?"), "{short}");
    let first = rae_in.get(&format!("/alerts/{alert}/faq")).await.body;
    assert_eq!(first.matches("<h2 id=\"faq-").count(), faq::SHOWN);
    let next = first.split("?after=").nth(1).unwrap().split('"').next().unwrap();
    let rest = rae_in.get(&format!("/alerts/{alert}/faq?after={next}")).await.body;
    assert!(rest.contains("Quokka 0?") && rest.matches("<h2 id=\"faq-").count() == 1, "{rest}");
}
