//! What an organisation reports is seen by it, by those who answer for it and by the CERT. Nobody else
//! learns who reported, by any door; what others are told is counted by region, and from three on.

use broadcast::{
    advisory,
    sighting::{Seen, SightingError, Status, Telling, actions, store},
    threat::{Kind, Said},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use http::StatusCode;
use jiff::SignedDuration;
use platform::{access::Role, retention};
use serde_json::json;
use testkit::world::World;

use crate::{
    furnished::at_cert,
    furnished_sightings::{day, linked, report, reported, threat},
    issuing::{actor, answers_for},
};

/// What the form posts.
const TYPED: [(&str, &str); 10] = [
    ("organisation", "RWA"),
    ("seen", "money"),
    ("words", "Quokka asked for a new account number"),
    ("seen-on-day", "1"),
    ("seen-on-month", "6"),
    ("seen-on-year", "2026"),
    ("harm", "no"),
    ("place", "Quokka ward"),
    ("indicators", "https://quokka.example/pay"),
    ("telling", "without_name"),
];

#[tokio::test]
async fn a_responder_reports_checks_and_gets_a_number() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(rae).await;
    let form = rae.get("/sightings/new").await.body;
    let (ring, ask) = (form.find("0300 303 5222").unwrap(), form.find("What was seen?").unwrap());
    assert!(ring < ask, "the telephone number stands first");
    assert!(form.contains("You report for Walking NHS Trust (RWA)."), "{form}");

    let refused = rae.post("/sightings/new", &[("words", "Quokka"), ("seen-on-day", "2")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("There is a problem") && refused.body.contains("Quokka</textarea>"));
    let check = rae.post("/sightings/new", &TYPED).await;
    assert_eq!(check.status, 200);
    for told in ["Check your answers", "hxxps://quokka[.]example/pay", "1 June 2026", "TLP:AMBER"] {
        assert!(check.body.contains(told), "{told} in {}", check.body);
    }
    let mut changed = TYPED.to_vec();
    changed.push(("go", "change"));
    let again = rae.post("/sightings/new", &changed).await.body;
    assert!(again.contains("Quokka ward") && again.contains("<form"), "{again}");

    let mut sent = TYPED.to_vec();
    sent.push(("form", "018f0000-0000-7000-8000-000000000001"));
    let first = rae.post("/sightings/send", &sent).await;
    let twice = rae.post("/sightings/send", &sent).await;
    assert_eq!((first.status, first.location()), (StatusCode::SEE_OTHER, twice.location()));
    let receipt = rae.get(first.location().unwrap()).await.body;
    assert!(receipt.contains("Thank you. We have your report: its number is S-"), "{receipt}");
    let list = rae.get("/sightings").await.body;
    assert_eq!(list.matches("href=\"/sightings/0").count(), 1, "{list}");
    assert!(list.contains("Received"), "{list}");
}

#[tokio::test]
async fn a_patients_number_is_not_sent_and_whoever_wrote_it_is_told() {
    const NUMBER: &str = "943 476 5919";
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(rae).await;
    let with = |name: &str, value: String| {
        let mut fields: Vec<_> = TYPED.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.iter_mut().filter(|field| field.0 == name).for_each(|field| field.1.clone_from(&value));
        fields
    };
    // In a trace it would make another trace: its line is named, and what was typed stays.
    let traces = with("indicators", "evil.test\nhttps://evil.test/p/9434765919".to_owned());
    let traces: Vec<_> = traces.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for door in ["/sightings/new", "/sightings/send"] {
        let refused = rae.post(door, &traces).await;
        assert_eq!(refused.status, 422, "{door}");
        for words in ["Line 2 holds what looks like a patient’s number", "p/9434765919</textarea>"] {
            assert!(refused.body.contains(words), "{door} {words}: {}", refused.body);
        }
    }
    // Of words what remains is sent, after a warning.
    let words = with("words", format!("The bed of {NUMBER} was named"));
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let check = rae.post("/sightings/new", &words).await;
    assert!(check.status == 200 && check.body.contains("A patient’s number is not sent"), "{}", check.body);
    assert!(check.body.contains("The bed of [NHS number] was named"), "{}", check.body);
    assert!(!rae.post("/sightings/new", &TYPED).await.body.contains("A patient’s number is not sent"));
    let sent = rae.post("/sightings/send", &words).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = rae.get(sent.location().unwrap()).await.body;
    assert!(page.contains("The bed of [NHS number] was named") && !page.contains(NUMBER), "{page}");
    // Machines are held to the same.
    let machine = world.machine(&world.key(trust, "sightings:write sightings:read").await);
    let body = json!({"organisation": "RWA", "seen": "email", "seen_on": "2026-06-01", "harm": "no", "telling": "nobody",
                      "words": format!("Of {NUMBER}"), "indicators": ["https://evil.test/p/9434765919"]});
    let refused = machine.post_json("/api/v1/sightings", &body).await;
    assert!(refused.status == 422 && refused.body.contains("Line 1 holds"), "{}", refused.body);
    let body = json!({"organisation": "RWA", "seen": "email", "seen_on": "2026-06-01", "harm": "no", "telling": "nobody",
                      "words": format!("Of {NUMBER}")});
    assert_eq!(machine.post_json("/api/v1/sightings", &body).await.status, 201);
    let list = machine.get("/api/v1/sightings").await;
    assert!(list.body.contains("Of [NHS number]") && !list.body.contains(NUMBER), "{}", list.body);
}

#[tokio::test]
async fn no_door_opens_to_another_organisation() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(rae).await;
    let sent = rae.post("/sightings/send", &TYPED).await;
    let page = sent.location().unwrap().split('?').next().unwrap().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let key = world.key(other, "sightings:read sightings:write alerts:read organisations:read").await;
    let machine = world.machine(&key);
    for role in [Role::Responder, Role::Lead, Role::Executive, Role::Viewer] {
        let stranger = world.person(&format!("Stranger {}", role.label()), role, Some(other)).await;
        let stranger = world.signed_in(stranger).await;
        assert_eq!(stranger.get(&page).await.status, 404, "{role}");
        for door in ["/sightings", "/sightings/new?organisation=RWA", "/alerts", "/organisation"] {
            let body = stranger.get(door).await.body;
            for word in ["Quokka", "quokka", "Walking NHS Trust", "S-"] {
                assert!(!body.contains(word), "{role} reads {word} at {door}: {body}");
            }
        }
        for door in
            ["/threats/sightings".to_owned(), format!("/threats/sightings/{id}"), "/threats/areas".to_owned()]
        {
            assert_eq!(stranger.get(&door).await.status, 403, "{role} at {door}");
        }
        if Role::ANSWERING.contains(&role) {
            let refused = stranger.post("/sightings/send", &TYPED).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
            assert!(refused.body.contains("You do not report for an organisation RWA"), "{}", refused.body);
        } else {
            assert_eq!(stranger.post("/sightings/send", &TYPED).await.status, 403);
        }
    }
    assert_eq!(machine.get("/api/v1/sightings").await.json(), json!({"sightings": []}));
    let body = json!({"organisation": "RWA", "seen": "email", "seen_on": "2026-06-01", "harm": "no", "telling": "nobody"});
    let refused = machine.post_json("/api/v1/sightings", &body).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.body.contains("Walking"), "{}", refused.body);
}

#[tokio::test]
async fn who_answers_for_a_practice_reports_for_it_and_sees_what_it_reported() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let practice = world.organisation("A81001", "The Densham Surgery", "gp_practice").await;
    answers_for(&world, board, practice).await;
    let bo = actor(&world, "Bo Board", Role::Responder, Some(board)).await;
    let pat = actor(&world, "Pat Practice", Role::Lead, Some(practice)).await;
    let by_board = reported(&world, &bo, "a81001", &report(Seen::Email)).await;
    let by_practice = reported(&world, &pat, "A81001", &report(Seen::Message)).await;
    let own = reported(&world, &bo, "QHM", &report(Seen::Locked)).await;
    let mut snapshot = world.app.read().await.unwrap();
    let counted = store::sighting(&mut snapshot, by_board).await.unwrap().unwrap();
    assert_eq!((counted.code.as_str(), counted.through.as_str()), ("A81001", "Care Board"));
    drop(snapshot);
    let pat_actor = pat;
    let pat = world.signed_in(pat_actor.person().unwrap().id).await;
    let bo = world.signed_in(bo.person().unwrap().id).await;
    for (id, practices) in [(by_board, true), (by_practice, true), (own, false)] {
        let page = format!("/sightings/{id}");
        assert_eq!(bo.get(&page).await.status, 200);
        assert_eq!(pat.get(&page).await.status.is_success(), practices);
    }
    // At AMBER+STRICT those read it at the board who answer for the practice, and no more.
    let strict = broadcast::sighting::Report { tlp: Tlp::AmberStrict, ..report(Seen::Data) };
    let strict = reported(&world, &pat_actor, "A81001", &strict).await;
    let vic = world.person("Vic Viewer", Role::Viewer, Some(board)).await;
    let vic = world.signed_in(vic).await;
    for (reader, reads) in [(&bo, true), (&pat, true), (&vic, false)] {
        let list = reader.get("/sightings").await.body;
        assert_eq!(list.contains("Data that left"), reads, "{list}");
        let page = reader.get(&format!("/sightings/{strict}")).await;
        assert_eq!(page.status.is_success(), reads);
        assert!(list.contains("An email that tried"), "what is AMBER, all of them read: {list}");
    }
    for (organisation, reads) in [(board, false), (practice, true)] {
        let machine = world.machine(&world.key(organisation, "sightings:read").await);
        let list = machine.get("/api/v1/sightings").await.body;
        assert_eq!(list.contains("amber+strict"), reads, "{list}");
    }
    assert!(bo.get("/sightings/new").await.body.contains("The Densham Surgery (A81001)"), "both are offered");
    let mut tx = world.app.write().await.unwrap();
    let now = tx.now;
    tx.run(sql!("UPDATE answers_for SET until_at = ?1"), params![now]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bo.get(&format!("/sightings/{by_board}")).await.status, 404, "they no longer answer for it");
}

#[tokio::test]
async fn a_machine_reports_and_reads_what_became_of_it() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let machine = world.machine(&world.key(trust, "sightings:read sightings:write").await);
    let mut body = json!({
        "organisation": "RWA", "seen": "sign_in", "seen_on": "2026-05-31", "harm": "unknown",
        "telling": "without_name", "tlp": "green", "indicators": ["198.51.100.7", "evil.example"],
    });
    let answer = machine.post_json("/api/v1/sightings", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let listed = machine.get("/api/v1/sightings").await.json();
    let first = &listed["sightings"][0];
    assert_eq!(first["receipt"], answer.json()["receipt"]);
    assert_eq!(
        (&first["tlp"], &first["status"], &first["indicators"]),
        (&json!("green"), &json!("new"), &json!(["198[.]51[.]100[.]7", "evil[.]example"]))
    );
    for (field, wrong, status) in [
        ("seen", json!("ghost"), 422),
        ("seen_on", json!("2026-06-02"), 422),
        ("seen_on", json!("yesterday"), 422),
        ("tlp", json!("red"), 422),
        ("indicators", json!(["a\nb"]), 422),
        ("surprise", json!(1), 400),
    ] {
        let right = body[field].take();
        body[field] = wrong;
        let refused = machine.post_json("/api/v1/sightings", &body).await;
        assert_eq!(refused.status, status, "{field}: {}", refused.body);
        body[field] = right;
        if body[field].is_null() {
            body.as_object_mut().unwrap().remove(field);
        }
    }
    let reader = world.machine(&world.key(trust, "sightings:read").await);
    assert_eq!(reader.post_json("/api/v1/sightings", &body).await.status, 403);
}

#[tokio::test]
async fn others_are_told_how_many_by_region_and_from_three_on() {
    let world = World::new(SERVICES).await;
    let mut people = Vec::new();
    for code in ["RAA", "RBB", "RCC", "RDD"] {
        let trust = world.organisation(code, &format!("Trust {code}"), "trust").await;
        people.push((code, actor(&world, &format!("Rae {code}"), Role::Responder, Some(trust)).await));
    }
    let far = world.organisation("RZZ", "Far Trust", "trust").await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE organisation SET region = 'Y61' WHERE id = ?1"), params![far]).await.unwrap();
    tx.commit().await.unwrap();
    let far = world.person("Fay Far", Role::Viewer, Some(far)).await;
    let reader = world.signed_in(people[3].1.person().unwrap().id).await;
    let told = || async {
        let page = reader.get("/sightings").await.body;
        page.split("In your region").nth(1).unwrap().contains("A false invoice, or changed bank details")
    };
    let [a, b, c] = [&people[0], &people[1], &people[2]];
    for _ in 0..2 {
        reported(&world, &a.1, a.0, &report(Seen::Money)).await;
    }
    reported(&world, &b.1, b.0, &report(Seen::Money)).await;
    // These are not told: it is for the CERT alone, stays in its organisation, was long ago, or another thing.
    let quiet = [
        (Telling::Nobody, Tlp::Amber, "2026-06-01"),
        (Telling::WithoutName, Tlp::AmberStrict, "2026-06-01"),
        (Telling::WithoutName, Tlp::Amber, "2026-05-02"),
    ];
    for (telling, tlp, on) in quiet {
        let report = broadcast::sighting::Report { telling, tlp, seen_on: day(on), ..report(Seen::Money) };
        reported(&world, &c.1, c.0, &report).await;
    }
    reported(&world, &c.1, c.0, &report(Seen::Email)).await;
    assert!(!told().await, "two organisations, whoever else was silent");
    let third = reported(&world, &c.1, c.0, &report(Seen::Money)).await;
    assert!(told().await);
    let page = reader.get("/sightings").await.body;
    let region = page.split("In your region").nth(1).unwrap();
    assert!(region.contains("London") && region.contains(">3</td>"), "{region}");
    for name in ["Trust RAA", "Trust RBB", "Trust RCC"] {
        assert!(!page.contains(name), "{name} in {page}");
    }
    // Of the three themselves none is told: each would know of two others alone.
    let own = world.signed_in(a.1.person().unwrap().id).await.get("/sightings").await.body;
    assert!(own.contains("once 3 other organisations of your region"), "{own}");
    let elsewhere = world.signed_in(far).await.get("/sightings").await.body;
    assert!(elsewhere.contains("once 3 other organisations of your region"), "{elsewhere}");
    let (_, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let mut tx = world.app.write().await.unwrap();
    actions::dismiss(&mut tx, &ann, third, 1, "A real invoice").await.unwrap();
    tx.commit().await.unwrap();
    assert!(!told().await, "what was not followed up does not count");
}

#[tokio::test]
async fn an_analyst_links_dismisses_and_makes_a_threat_that_the_marking_binds() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let tiger = threat(&world, &ann, Kind::ThreatActor, "Paper Tiger Group").await;
    let [first, second] = [
        reported(&world, &rae, "RWA", &report(Seen::Money)).await,
        reported(&world, &rae, "RWA", &report(Seen::Email)).await,
    ];
    let client = world.signed_in(ann_id).await;
    let list = client.get("/threats/sightings").await.body;
    assert_eq!(list.matches("Walking NHS Trust (RWA)").count(), 2, "{list}");
    let page = client.get(&format!("/threats/sightings/{first}")).await.body;
    assert!(page.contains("Paper Tiger Group"), "what the organisation thinks it was is looked up: {page}");
    let path = format!("/threats/sightings/{first}");
    assert_eq!(client.post(&format!("{path}/link"), &[("version", "1")]).await.status, 422);
    let fields = [("version", "1"), ("threat", &*tiger.to_string())];
    assert_eq!(client.post(&format!("{path}/link"), &fields).await.status, 303);
    assert_eq!(client.post(&format!("{path}/link"), &fields).await.status, 409, "it was read before");
    let of = client.get(&format!("/threats/sightings?threat={tiger}")).await.body;
    assert_eq!(of.matches("Walking NHS Trust (RWA)").count(), 1, "{of}");

    let mut tx = world.app.write().await.unwrap();
    let said =
        Said { summary: "Invoices".to_owned(), ..Said::new(Kind::Fraud, "New fraud", day("2026-06-01")) };
    let fraud = actions::make_threat(&mut tx, &ann, second, 1, &said).await.unwrap();
    let statements = broadcast::threat::store::statements(&mut tx, fraud).await.unwrap();
    assert_eq!(statements[0].said.marking, Some(Tlp::Amber));
    actions::dismiss(&mut tx, &ann, second, 2, " ").await.map(|()| "").unwrap_err();
    actions::dismiss(&mut tx, &ann, second, 2, "It was a drill").await.unwrap();
    let again = actions::link(&mut tx, &ann, second, 3, fraud).await;
    assert!(matches!(again, Err(SightingError::Refused(_))));
    actions::take_up(&mut tx, &ann, second, 3).await.unwrap();
    let now = store::sighting(&mut tx, second).await.unwrap().unwrap();
    assert_eq!((now.status, now.threat, now.reason), (Status::New, None, None));
    actions::dismiss(&mut tx, &ann, second, 4, "It was a drill").await.unwrap();
    let refused = actions::dismiss(&mut tx, &rae, first, 2, "Ours").await;
    assert!(matches!(refused, Err(SightingError::Forbidden(_))));
    tx.commit().await.unwrap();

    let own = world.signed_in(rae.person().unwrap().id).await;
    let dismissed = own.get(&format!("/sightings/{second}")).await.body;
    assert!(
        dismissed.contains("Read, and not followed up") && dismissed.contains("It was a drill"),
        "{dismissed}"
    );
    let matched = own.get(&format!("/sightings/{first}")).await.body;
    assert!(
        matched.contains("Matched to a known threat") && !matched.contains("Paper Tiger Group"),
        "{matched}"
    );
    let auditor = world.person("Agnes Auditor", Role::Auditor, None).await;
    let log = world.signed_in(auditor).await.get("/log").await.body;
    for words in ["Reported a sighting", "Linked a sighting to a threat", "Did not follow a sighting up"] {
        assert!(log.contains(words), "{words} in {log}");
    }
}

#[tokio::test]
async fn words_are_forgotten_after_two_years_and_that_it_was_seen_is_not() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let id = reported(&world, &rae, "RWA", &report(Seen::Money)).await;
    world.app.env.advance(SignedDuration::from_hours(24 * 731));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    let kept = store::sighting(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!((kept.report.words, kept.report.place, kept.report.called), Default::default());
    assert_eq!((kept.report.seen, kept.report.indicators.len()), (Seen::Money, 1));
}

#[tokio::test]
async fn a_draft_is_bound_by_the_marking_of_what_it_rests_on() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let tiger = threat(&world, &ann, Kind::ThreatActor, "Paper Tiger Group").await;
    let sighting = reported(&world, &rae, "RWA", &report(Seen::Money)).await;
    linked(&world, &ann, sighting, tiger).await;
    let client = world.signed_in(ann_id).await;
    let path = format!("/threats/{tiger}/warn");
    let decided = |tlp| {
        [("area", "Y56"), ("version", "1"), ("severity", "medium"), ("tlp", tlp), ("mode", "for_information")]
    };
    let wide = client.post(&path, &decided("green")).await;
    assert_eq!(wide.status, 422);
    assert!(wide.body.contains("Choose TLP:AMBER or a narrower marking"), "{}", wide.body);
    let check = client.post(&path, &decided("amber")).await.location().unwrap().to_owned();
    let number = check.split('/').nth(2).unwrap().parse().unwrap();
    let mut tx = world.app.write().await.unwrap();
    let version = advisory::store::open_version(&mut tx, number).await.unwrap().unwrap();
    let mut wording = version.wording.clone();
    wording.tlp = Tlp::Clear;
    advisory::actions::edit(&mut tx, &ann, version.id, version.edition, &wording).await.unwrap();
    tx.commit().await.unwrap();
    let page = client.get(&check).await.body;
    assert!(
        page.contains("the marking TLP:AMBER or a narrower one") && !page.contains("Submit for approval"),
        "{page}"
    );
    // So is a draft about the threat that was entered because of it, by whichever door it is begun.
    let unlinked = reported(&world, &rae, "RWA", &report(Seen::Money)).await;
    let said =
        Said { summary: "Invoices".to_owned(), ..Said::new(Kind::Fraud, "New fraud", day("2026-06-01")) };
    let mut tx = world.app.write().await.unwrap();
    let fraud = actions::make_threat(&mut tx, &ann, unlinked, 1, &said).await.unwrap();
    // That it was seen has moved it on.
    let made = broadcast::threat::actions::start_advisory(&mut tx, &ann, fraud, 2).await.unwrap();
    let version = advisory::store::version(&mut tx, made.version).await.unwrap().unwrap();
    assert_eq!(version.wording.tlp, Tlp::Amber);
    let wording = advisory::Wording { tlp: Tlp::Green, ..version.wording };
    advisory::actions::edit(&mut tx, &ann, made.version, version.edition, &wording).await.unwrap();
    let version = advisory::store::version(&mut tx, made.version).await.unwrap().unwrap();
    let missing = advisory::actions::missing(&mut tx, &version).await.unwrap();
    assert!(missing.iter().any(|missing| missing.contains("TLP:AMBER or a narrower one")), "{missing:?}");
}
