//! What an organisation asks about an alert is read by it, by those who answer for it and by the CERT.
//! Nobody else learns that it asked, by any door; what helps others is worded anew and published.

use broadcast::{
    alert::{self, AlertId, Answers},
    audience::{Choices, Mode, Part},
    question::{self, QuestionError, actions, store},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use http::StatusCode;
use jiff::SignedDuration;
use platform::{access::Role, retention};
use testkit::world::World;

use crate::{
    furnished_questions::{answered, asked, entry, published, version},
    issuing::{Desk, actor, answers_for, contact, everybody, wording},
};

#[tokio::test]
async fn an_organisation_asks_and_the_cert_answers() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let (page, respond) = (format!("/alerts/{alert}"), format!("/alerts/{alert}/respond"));
    let door = format!("{page}/questions");
    for from in [page, respond] {
        assert!(rae.get(&from).await.body.contains(&format!("href=\"{door}\"")), "{from}");
    }
    let form = rae.get(&door).await.body;
    assert!(
        form.contains("You ask for Walking NHS Trust (RWA).") && form.contains("0300 303 5222"),
        "{form}"
    );
    let nothing = rae.post(&door, &[("organisation", "RWA"), ("text", " ")]).await;
    assert_eq!(nothing.status, 422);
    let long = "Quokka ".repeat(300);
    let refused = rae.post(&door, &[("organisation", "RWA"), ("text", &long)]).await;
    assert!(refused.status == 422 && refused.body.contains("Quokka Quokka"), "{}", refused.body);
    let typed = [
        ("organisation", "RWA"),
        ("text", "Is the Quokka gateway concerned?"),
        ("form", "018f0000-0000-7000-8000-000000000001"),
    ];
    let first = rae.post(&door, &typed).await;
    let twice = rae.post(&door, &typed).await;
    assert_eq!((first.status, first.location()), (StatusCode::SEE_OTHER, twice.location()));
    let own = first.location().unwrap().split('?').next().unwrap().to_owned();
    let sent = rae.get(first.location().unwrap()).await.body;
    assert!(sent.contains("TLP:AMBER") && !sent.contains("TLP:GREEN"), "{sent}");
    assert!(sent.contains("Sent. Quote Q-") && sent.contains("Waits for an answer"), "{sent}");

    // At the CERT it waits in sight, is taken on, and answered.
    let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
    assert!(ana.get("/threats").await.body.contains("1 question of an organisation waits"));
    assert!(
        ana.get("/threats/handover/write")
            .await
            .body
            .contains("[1 question of an organisation is to be answered]")
    );
    let queue = ana.get("/questions").await.body;
    assert!(queue.contains("Is the Quokka gateway concerned?") && queue.contains("Gateway"), "{queue}");
    assert!(ana.get("/questions?status=any&alert=CC-0001").await.body.contains("Quokka"));
    assert!(!ana.get("/questions?status=answered&alert=CC-0001").await.body.contains("Quokka"));
    assert_eq!(ana.get("/questions?alert=CC-0009").await.status, 422);
    let id = own.rsplit('/').next().unwrap();
    let desk_page = format!("/questions/{id}");
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(ana.post(&format!("{desk_page}/claim"), &[("version", "1")]).await.status, 303);
    assert!(ana.get(&desk_page).await.body.contains("You have taken it on."));
    // Somebody asked on meanwhile: what the analyst typed stays, and goes out once they have seen it.
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(rae.post(&own, &[("text", "We have version 2.")]).await.status, 303);
    let answer = format!("{desk_page}/answer");
    let late = ana.post(&answer, &[("version", "2"), ("answer", "Only Wombat 1.")]).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Only Wombat 1.</textarea>") && late.body.contains("We have version 2."));
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(ana.post(&answer, &[("version", "3"), ("answer", "Only Wombat 1.")]).await.status, 303);
    world.work().await;
    let mails: Vec<_> =
        world.post.mails().into_iter().filter(|mail| mail.letter.text.contains(&own)).collect();
    let mut told: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["lead@trust.example", "rae.responder@example.org"]);
    for mail in mails {
        let text = format!("{} {}", mail.letter.subject, mail.letter.text);
        assert!(text.contains("Gateway") && text.contains("is answered") && text.contains("Q-"), "{text}");
        assert!(!text.contains("Quokka") && !text.contains("Wombat"), "{text}");
    }
    let read = rae.get(&own).await.body;
    assert!(
        read.contains("Only Wombat 1.") && read.contains("Test CSOC") && !read.contains("Ana Lyst"),
        "{read}"
    );
    assert!(!ana.get("/questions").await.body.contains("Quokka"));

    // Asked on, it waits again; closed with a reason, it is told so.
    world.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(rae.post(&own, &[("text", "And its twin?")]).await.status, 303);
    let close = format!("{desk_page}/close");
    assert_eq!(ana.post(&close, &[("version", "5"), ("reason", "")]).await.status, 422);
    let closed = ana.post(&close, &[("version", "5"), ("reason", "Ask its vendor.")]).await;
    assert_eq!(closed.status, 303, "{}", closed.body);
    let again = ana.post(&close, &[("version", "5"), ("reason", "Echidna")]).await;
    assert!(again.status == 422 && again.body.contains("Echidna</textarea>"), "{}", again.body);
    world.work().await;
    assert!(world.post.mails().iter().any(|mail| mail.letter.subject.ends_with(": closed")));
    let read = rae.get(&own).await.body;
    assert!(
        read.contains("Ask its vendor.") && !read.contains("<form method=\"post\" action=\"/alerts"),
        "{read}"
    );
    let refused = rae.post(&own, &[("text", "Numbat")]).await;
    assert!(refused.status == 422 && refused.body.contains("Numbat</textarea>"), "{}", refused.body);
    the_log_holds_no_words(&world).await;
}

/// The log says what was done, and no word of what was said.
async fn the_log_holds_no_words(world: &World) {
    let mut snapshot = world.app.read().await.unwrap();
    let log = sql!(
        "SELECT verb, coalesce(payload, '') FROM log_entry WHERE about_kind = 'question' ORDER BY at, id"
    );
    let log: Vec<(String, String)> = snapshot.all(log, params![]).await.unwrap();
    let verbs: Vec<_> = log.iter().map(|(verb, _)| verb.trim_start_matches("question.")).collect();
    assert_eq!(verbs, ["asked", "claimed", "followed_up", "answered", "followed_up", "closed"]);
    let words = ["Quokka", "Wombat", "vendor"];
    assert!(log.iter().all(|(_, payload)| words.iter().all(|word| !payload.contains(word))), "{log:?}");
}

#[tokio::test]
async fn no_door_opens_to_another_organisation() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let clinic = world.organisation("NXX", "Clinic", "gp_practice").await;
    for (at, email) in [(trust, "lead@trust.example"), (other, "lead@other.example")] {
        contact(&world, at, "security_lead", email).await;
    }
    let desk = Desk::open(&world).await;
    let parts = vec![(Part::Kind, vec!["trust".to_owned()])];
    let trusts = Choices { mode: Some(Mode::MustRespond), parts };
    let alert = desk.delivered(&wording("Gateway"), &trusts).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let id = asked(&world, &rae, alert, "RWA", "Is the Quokka gateway concerned?").await;
    world.pass(SignedDuration::from_secs(1)).await;
    answered(&world, &desk.analyst, id, "The Wombat alone.").await;
    published(&world, &desk.analyst, id, &entry(Tlp::Green, "Is version 2 safe?")).await;
    world.work().await;
    let mails = world.post.mails();
    let mut told = mails.iter().filter(|mail| mail.letter.text.contains(&id.to_string()));
    assert!(told.all(|mail| !mail.to.contains("other")));
    let door = format!("/alerts/{alert}/questions");
    let typed = [("organisation", "RWA"), ("text", "What did you ask?")];
    for role in [Role::Responder, Role::Lead, Role::Executive, Role::Viewer] {
        let stranger = world.person(&format!("Stranger {}", role.label()), role, Some(other)).await;
        let stranger = world.signed_in(stranger).await;
        assert_eq!(stranger.get(&format!("{door}/{id}")).await.status, 404, "{role}");
        let faq = stranger.get(&format!("/alerts/{alert}/faq")).await.body;
        assert!(faq.contains("Is version 2 safe?"), "{faq}");
        let doors =
            [door.clone(), format!("/alerts/{alert}"), format!("/alerts/{alert}/faq"), "/alerts".to_owned()];
        for page in doors {
            let body = stranger.get(&page).await.body;
            for word in ["Quokka", "Wombat", "Walking NHS Trust", "RWA", "Q-", &id.to_string()] {
                assert!(!body.contains(word), "{role} reads {word} at {page}: {body}");
            }
        }
        for page in ["/questions".to_owned(), format!("/questions/{id}"), format!("/questions/{id}/publish")]
        {
            assert_eq!(stranger.get(&page).await.status, 403, "{role} at {page}");
        }
        let asks = stranger.post(&door, &typed).await;
        let on = stranger.post(&format!("{door}/{id}"), &[("text", "And?")]).await;
        if Role::ANSWERING.contains(&role) {
            assert_eq!((asks.status.as_u16(), on.status.as_u16()), (422, 404));
            assert!(
                asks.body.contains("did not go to an organisation RWA") && !asks.body.contains("Walking")
            );
        } else {
            assert_eq!((asks.status.as_u16(), on.status.as_u16()), (403, 403));
        }
    }
    // Whom the alert did not go to finds nothing at all.
    let cleo = world.signed_in(world.person("Cleo Clinic", Role::Responder, Some(clinic)).await).await;
    for page in [door.clone(), format!("{door}/{id}"), format!("/alerts/{alert}/faq")] {
        assert_eq!(cleo.get(&page).await.status, 404, "{page}");
    }
    assert_eq!(cleo.post(&door, &[("organisation", "NXX"), ("text", "Why?")]).await.status, 404);
}

#[tokio::test]
async fn who_answers_for_a_practice_asks_for_it_as_far_as_the_marking_allows() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    answers_for(&world, board, practice).await;
    contact(&world, board, "security_lead", "lead@board.example").await;
    contact(&world, practice, "security_lead", "lead@practice.example").await;
    let desk = Desk::open(&world).await;
    let parts = vec![(Part::Kind, vec!["gp_practice".to_owned()])];
    let practices = Choices { mode: Some(Mode::MustRespond), parts };
    let bo = actor(&world, "Bo Board", Role::Responder, Some(board)).await;
    let pat = actor(&world, "Pat Practice", Role::Lead, Some(practice)).await;
    let vic = world.signed_in(world.person("Vic Viewer", Role::Viewer, Some(board)).await).await;
    let bo_in = world.signed_in(bo.person().unwrap().id).await;
    let pat_in = world.signed_in(pat.person().unwrap().id).await;
    for tlp in [Tlp::Amber, Tlp::AmberStrict] {
        let said = broadcast::advisory::Wording { tlp, ..wording("Gateway") };
        let alert = desk.delivered(&said, &practices).await;
        let own = asked(&world, &pat, alert, "A81001", "Is the Quokka concerned?").await;
        let through = asked(&world, &bo, alert, "a81001", "Is the Wombat concerned?").await;
        for (reader, reads) in [(&bo_in, true), (&pat_in, true), (&vic, tlp == Tlp::Amber)] {
            for id in [own, through] {
                let page = reader.get(&format!("/alerts/{alert}/questions/{id}")).await;
                assert_eq!(page.status, if reads { 200 } else { 404 }, "{tlp}");
            }
            let list = reader.get(&format!("/alerts/{alert}/questions")).await;
            assert_eq!(list.body.contains("Quokka") && list.body.contains("Wombat"), reads, "{tlp}");
            assert_eq!(
                reader.get(&format!("/alerts/{alert}/faq")).await.status,
                if reads { 200 } else { 404 }
            );
        }
        answered(&world, &desk.analyst, own, "Yes.").await;
        world.work().await;
        let mails = world.post.mails();
        let told = mails.iter().filter(|mail| mail.letter.text.contains(&own.to_string()));
        let mut told: Vec<_> =
            told.map(|mail| (mail.to.as_str(), mail.letter.text.contains("Gateway"))).collect();
        told.sort_unstable();
        assert_eq!(told, [("lead@board.example", false), ("pat.practice@example.org", false)]);
    }
    let mut tx = world.app.write().await.unwrap();
    let now = tx.now;
    tx.run(sql!("UPDATE answers_for SET until_at = ?1"), params![now]).await.unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let (id, alert): (question::QuestionId, AlertId) =
        snapshot.one(sql!("SELECT id, alert_id FROM question ORDER BY id LIMIT 1"), params![]).await.unwrap();
    drop(snapshot);
    let page = bo_in.get(&format!("/alerts/{alert}/questions/{id}")).await;
    assert_eq!(page.status, 404, "they no longer answer for it");
    let mut snapshot = world.app.read().await.unwrap();
    let last = sql!("SELECT id FROM question WHERE through_id = ?1 ORDER BY id DESC LIMIT 1");
    let (through,): (question::QuestionId,) = snapshot.one(last, params![board]).await.unwrap();
    drop(snapshot);
    answered(&world, &desk.analyst, through, "No.").await;
    world.work().await;
    let mails = world.post.mails();
    let told = mails.iter().filter(|mail| mail.letter.text.contains(&through.to_string()));
    assert_eq!(told.map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["lead@practice.example"]);
    assert_eq!(pat_in.get(&format!("/alerts/{alert}/questions/{id}")).await.status, 200);
}

#[tokio::test]
async fn so_much_is_asked_and_only_while_the_alert_holds() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let rae_in = world.signed_in(rae.person().unwrap().id).await;
    let door = format!("/alerts/{alert}/questions");
    let mut first = None;
    for place in 0..question::MOST_OPEN {
        let id = asked(&world, &rae, alert, "RWA", &format!("Question {place}?")).await;
        first.get_or_insert(id);
        world.pass(SignedDuration::from_secs(1)).await;
    }
    let first = first.unwrap();
    let more = rae_in.post(&door, &[("organisation", "RWA"), ("text", "Bilby?")]).await;
    assert!(more.status == 422 && more.body.contains("Bilby?</textarea>"), "{}", more.body);
    answered(&world, &desk.analyst, first, "Yes.").await;
    assert_eq!(rae_in.post(&door, &[("organisation", "RWA"), ("text", "Bilby?")]).await.status, 303);
    // Of one question so much is said, and the last word is the CERT's.
    let mut said = 2;
    loop {
        world.pass(SignedDuration::from_secs(1)).await;
        let mut tx = world.app.write().await.unwrap();
        match actions::follow_up(&mut tx, &rae, alert, first, None, "And?").await {
            Ok(()) => tx.commit().await.unwrap(),
            Err(error) => {
                assert!(matches!(error, QuestionError::Enough), "{error}");
                break;
            }
        }
        said += 1;
    }
    assert_eq!(said, question::MOST_MESSAGES - 1);
    answered(&world, &desk.analyst, first, "That is all.").await;
    let (version, mut tx) = (version(&world, first).await, world.app.write().await.unwrap());
    let more = actions::answer(&mut tx, &desk.analyst, first, version, "One more").await;
    assert!(matches!(more, Err(QuestionError::Enough)));
    drop(tx);

    // An update takes its place: what was asked is read there too, and asked on there.
    let mut snapshot = world.app.read().await.unwrap();
    let number = alert::store::alert(&mut snapshot, alert).await.unwrap().unwrap().number;
    drop(snapshot);
    let last = rae_in.get(&door).await.body;
    let last = last.split("/questions/0").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let update = desk.update(number).await;
    desk.approve(update).await;
    let update = desk.publish(update, Answers::Anew).await;
    world.pass(SignedDuration::from_secs(61)).await;
    let old = rae_in.get(&door).await.body;
    assert!(old.contains("Bilby?") && old.contains(&format!("/alerts/{update}/questions")), "{old}");
    assert!(!old.contains("Send the question"));
    let refused = rae_in.post(&door, &[("organisation", "RWA"), ("text", "Too late?")]).await;
    assert!(refused.status == 422 && refused.body.contains("Too late?</textarea>"), "{}", refused.body);
    let refused = rae_in.post(&format!("{door}/0{last}"), &[("text", "Too late?")]).await;
    assert!(refused.status == 422 && refused.body.contains("Too late?</textarea>"), "{}", refused.body);
    assert!(rae_in.get(&format!("/alerts/{update}/questions")).await.body.contains("Bilby?"));
    let on = rae_in.post(&format!("/alerts/{update}/questions/0{last}"), &[("text", "And now?")]).await;
    assert_eq!(on.status, 303, "{}", on.body);
    // Withdrawn, it is still read.
    let mut tx = world.app.write().await.unwrap();
    alert::actions::withdraw(&mut tx, &desk.duty, number, "It was nothing").await.unwrap();
    tx.commit().await.unwrap();
    let page = rae_in.get(&format!("/alerts/{update}/questions/0{last}")).await;
    assert!(page.status == 200 && page.body.contains("And now?") && !page.body.contains("name=\"text\""));
}

#[tokio::test]
async fn words_are_forgotten_two_years_after_they_were_settled() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateway"), &everybody()).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let settled = asked(&world, &rae, alert, "RWA", "Is the Quokka concerned?").await;
    let closed = asked(&world, &rae, alert, "RWA", "Is the Numbat concerned?").await;
    let open = asked(&world, &rae, alert, "RWA", "Is the Wombat concerned?").await;
    world.pass(SignedDuration::from_secs(1)).await;
    answered(&world, &desk.analyst, settled, "The Quokka is.").await;
    let mut tx = world.app.write().await.unwrap();
    actions::close(&mut tx, &desk.analyst, closed, 1, "Ask the Numbat").await.unwrap();
    tx.commit().await.unwrap();
    let faq = published(&world, &desk.analyst, settled, &entry(Tlp::Green, "Which are concerned?")).await;
    let left = async |days: i64| {
        world.app.env.advance(SignedDuration::from_hours(24 * days));
        retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
        let mut snapshot = world.app.read().await.unwrap();
        let mut words = Vec::new();
        for id in [settled, closed, open] {
            words.push(store::question(&mut snapshot, id).await.unwrap().unwrap().reason);
            let messages = store::messages(&mut snapshot, id).await.unwrap();
            words.extend(messages.into_iter().map(|message| message.text));
        }
        words.retain(|words| !words.is_empty());
        words
    };
    assert_eq!(left(729).await.len(), 5);
    assert_eq!(left(2).await, ["Is the Wombat concerned?"]);
    let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
    let page = ana.get(&format!("/questions/{settled}")).await.body;
    assert!(
        page.contains("No longer kept") && page.contains("Answered") && page.contains("Walking"),
        "{page}"
    );
    assert!(ana.get(&format!("/faq/{faq}")).await.body.contains("Which are concerned?"));
}
