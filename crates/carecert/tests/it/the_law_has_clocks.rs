//! Regulatory clocks: which begin, by when, what a correction does, what is kept of a report, and who sees any of it.

use carecert::demo::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use platform::{access::Role, clock, retention};
use react::{
    case::{CaseError, Zone, guest},
    regime::{ClockId, State, Trigger, actions, store},
};
use testkit::world::World;

use crate::{
    furnished_clocks::{aware, awarenesses, clocks, decision, sent},
    furnished_incidents::{number, reported},
    issuing::{actor, answers_for},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const BREACH: (Zone, Trigger) = (Zone::Shared, Trigger::PersonalDataBreach);
const SERIOUS: (Zone, Trigger) = (Zone::Shared, Trigger::SignificantIncident);

fn duties(clocks: &[store::Clock]) -> Vec<(&str, &str)> {
    clocks.iter().map(|clock| (clock.regime.as_str(), clock.duty.as_str())).collect()
}

#[tokio::test]
async fn a_trust_has_the_clock_of_nis_and_a_practice_has_not() {
    let world = World::new(SERVICES).await;
    for (code, kind, expected) in [
        ("RWA", "trust", &[("gb-uk-gdpr", "commissioner"), ("gb-nis-2018", "notification")][..]),
        ("A81001", "gp_practice", &[("gb-uk-gdpr", "commissioner")]),
    ] {
        let organisation = world.organisation(code, "Walking", kind).await;
        let lead = actor(&world, &format!("Lee {code}"), Role::Lead, Some(organisation)).await;
        let incident = reported(&world, &lead, code).await.incident;
        let at = world.now() - HOUR;
        aware(&world, &lead, incident, BREACH, at).await.unwrap();
        aware(&world, &lead, incident, SERIOUS, at).await.unwrap();
        let all = clocks(&world, incident).await;
        assert_eq!(duties(&all), expected);
        assert!(
            all.iter().all(|clock| clock.due_at == Some(at + HOUR * 72) && clock.state == State::Running)
        );
    }
}

#[tokio::test]
async fn the_bill_begins_no_clock_until_its_first_day_is_set() {
    let world = World::with(SERVICES, |settings| {
        settings.regulators.starts.insert("gb-csr-bill".to_owned(), "2026-01-01".parse().unwrap());
    })
    .await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let at = world.now() - HOUR;
    aware(&world, &lead, incident, SERIOUS, at).await.unwrap();
    let all = clocks(&world, incident).await;
    assert_eq!(duties(&all), [("gb-csr-bill", "initial"), ("gb-csr-bill", "full")]);
    assert_eq!(all[0].due_at, Some(at + HOUR * 24));
}

#[tokio::test]
async fn a_final_report_is_due_a_month_after_the_notification_was_sent() {
    let world = World::with(SERVICES, |settings| "IE".clone_into(&mut settings.regulators.country)).await;
    let hospital = world.organisation("IE1", "Quokka Hospital", "hospital_service").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(hospital)).await;
    let incident = reported(&world, &lead, "IE1").await.incident;
    let at = world.now() - HOUR;
    aware(&world, &lead, incident, SERIOUS, at).await.unwrap();
    let all = clocks(&world, incident).await;
    assert_eq!(
        duties(&all),
        [("eu-nis2", "early_warning"), ("eu-nis2", "notification"), ("eu-nis2", "final")]
    );
    let month = |from: Timestamp| {
        let zone = jiff::tz::TimeZone::get("Europe/Brussels").unwrap();
        from.to_zoned_datetime(zone).checked_add(jiff::Span::new().months(1)).unwrap().timestamp()
    };
    assert_eq!(all[2].due_at, Some(month(at + HOUR * 72)), "from the latest moment, until it is sent");
    let mut tx = world.app.write().await.unwrap();
    let now = sent(&world, world.now(), "");
    actions::report(&mut tx, &lead, incident, (all[1].id, 1), &now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(clocks(&world, incident).await[2].due_at, Some(month(now.at)));
}

#[tokio::test]
async fn a_correction_counts_anew_and_keeps_what_was_decided_before() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let first = world.now() - HOUR;
    aware(&world, &lead, incident, BREACH, first).await.unwrap();
    let before = clocks(&world, incident).await[0].clone();
    let old = awarenesses(&world, incident).await[0].id;
    let correct = async |at: Timestamp, of| {
        let mut tx = world.app.write().await.unwrap();
        let aware =
            actions::Aware { at, decided_by: "Eve".to_owned(), why: "A log".to_owned(), form: tx.id() };
        let done = actions::correct(&mut tx, &lead, incident, of, &aware).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        world.app.env.advance(SignedDuration::from_millis(1));
        done
    };
    let earlier = first - HOUR * 30;
    correct(earlier, old).await.unwrap();
    let after = clocks(&world, incident).await[0].clone();
    assert_eq!((after.id, after.due_at), (before.id, Some(earlier + HOUR * 72)));
    let all = awarenesses(&world, incident).await;
    assert_eq!((all.len(), all[0].aware_at, all[0].corrected_by), (2, first, Some(all[1].id)));
    let dues = store::dues(&mut world.app.read().await.unwrap(), after.id).await.unwrap();
    let dues: Vec<_> = dues.into_iter().map(|due| due.due_at.unwrap()).collect();
    assert_eq!(dues, [earlier + HOUR * 72, first + HOUR * 72], "both stay, the last first");
    // One decision is corrected once; who was slower corrects the correction.
    assert!(matches!(correct(first, old).await, Err(CaseError::Overtaken)));
    // What was reported in time is late by a correction, until another one.
    let mut tx = world.app.write().await.unwrap();
    let now = sent(&world, world.now(), "");
    actions::report(&mut tx, &lead, incident, (after.id, after.version), &now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(clocks(&world, incident).await[0].state, State::Met);
    correct(first - HOUR * 100, all[1].id).await.unwrap();
    assert_eq!(clocks(&world, incident).await[0].state, State::Late);
    let last = awarenesses(&world, incident).await[2].id;
    correct(first, last).await.unwrap();
    assert_eq!(clocks(&world, incident).await[0].state, State::Met);
}

#[tokio::test]
async fn what_is_late_needs_reasons_and_the_receipt_stays_as_it_was() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    aware(&world, &lead, incident, BREACH, world.now() - HOUR * 80).await.unwrap();
    let clock = clocks(&world, incident).await[0].id;
    let report = async |version, reason: &str| {
        let mut tx = world.app.write().await.unwrap();
        let sent = sent(&world, world.now(), reason);
        let done = actions::report(&mut tx, &lead, incident, (clock, version), &sent).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done
    };
    let refused = report(1, "  ").await.unwrap_err();
    assert!(refused.to_string().contains("Say why"), "{refused}");
    report(1, "The network was down.").await.unwrap();
    assert!(matches!(report(1, "Again").await, Err(CaseError::Overtaken)));
    report(2, "").await.unwrap();
    let done = store::done(&mut world.app.read().await.unwrap(), clock).await.unwrap();
    assert_eq!(done.len(), 2, "a further part is kept beside the first");
    assert_eq!((done[0].reference.as_str(), done[0].reason.as_str()), ("IC-4711", "The network was down."));
    assert_eq!(clocks(&world, incident).await[0].state, State::Late);
    // After six years the words are gone; that it was sent, and the number, is not.
    world.app.env.advance(SignedDuration::from_hours(24 * 2_191));
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    let done = store::done(&mut world.app.read().await.unwrap(), clock).await.unwrap();
    assert_eq!((done[0].text.as_str(), done[0].by_name.as_str(), done[0].reason.as_str()), ("", "", ""));
    assert_eq!(done[0].reference, "IC-4711");
    assert_eq!(awarenesses(&world, incident).await[0].why, "");
}

#[tokio::test]
async fn a_report_is_not_required_with_a_reason_and_required_after_all() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    aware(&world, &lead, incident, BREACH, world.now() - HOUR).await.unwrap();
    let clock = clocks(&world, incident).await[0].id;
    let running = async || {
        let mut snapshot = world.app.read().await.unwrap();
        clock::of_organisation(&mut snapshot, trust).await.unwrap()
    };
    assert_eq!(running().await, 1);
    let excused = decision(&world, "It was encrypted.");
    let mut tx = world.app.write().await.unwrap();
    actions::not_require(&mut tx, &lead, incident, (clock, 1), &excused).await.unwrap();
    // Sent twice, it is one decision.
    actions::not_require(&mut tx, &lead, incident, (clock, 1), &excused).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((clocks(&world, incident).await[0].state, running().await), (State::NotRequired, 0));
    let mut tx = world.app.write().await.unwrap();
    let report = sent(&world, world.now(), "");
    let refused = actions::report(&mut tx, &lead, incident, (clock, 2), &report).await.unwrap_err();
    assert!(refused.to_string().contains("required after all"), "{refused}");
    let again = decision(&world, "The key was stolen too.");
    actions::require(&mut tx, &lead, incident, (clock, 2), &again).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((clocks(&world, incident).await[0].state, running().await), (State::Running, 1));
}

#[tokio::test]
async fn those_who_lead_and_decide_are_reminded_and_told_nothing_but_the_number() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    actor(&world, "Eve Executive", Role::Executive, Some(trust)).await;
    actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let analyst = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let shared = reported(&world, &lead, "RWA").await;
    let mut tx = world.app.write().await.unwrap();
    react::incident::actions::take_on(&mut tx, &analyst, shared.incident, 1).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    let before = world.post.mails().len();
    aware(&world, &lead, shared.incident, BREACH, world.now()).await.unwrap();
    aware(&world, &lead, shared.incident, (Zone::Own, Trigger::SignificantIncident), world.now())
        .await
        .unwrap();
    // Of the clocks alone: whoever handles the incident is told of situation reports that are due as well.
    let of_clocks = || {
        let mails = world.post.mails().split_off(before);
        mails.into_iter().filter(|mail| mail.letter.text.contains("/clocks/")).collect::<Vec<_>>()
    };
    // The CERT, which reads the log, learns nothing there of the clock that is the organisation's own.
    let mut snapshot = world.app.read().await.unwrap();
    let statement = sql!("SELECT verb, payload FROM log_entry WHERE verb LIKE 'clock.%' ORDER BY verb");
    let log: Vec<(String, String)> = snapshot.all(statement, params![]).await.unwrap();
    drop(snapshot);
    let verbs: Vec<_> = log.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["clock.aware", "clock.moved"]);
    assert!(!log[1].1.contains("significant"), "{log:?}");
    let told = async |hours: i64| {
        world.pass(HOUR * i32::try_from(hours).unwrap()).await;
        clock::sweep(&world.app).await.unwrap();
        world.work().await;
        let mut told: Vec<_> = of_clocks().into_iter().map(|mail| mail.to).collect();
        told.sort();
        told
    };
    assert_eq!(told(35).await, Vec::<String>::new());
    let (eve, lee, ana) = ("eve.executive@example.org", "lee.leader@example.org", "ana.lyst@example.org");
    // At half the time: of the shared clock the CERT's handler too, of the organisation's own its people alone.
    assert_eq!(told(2).await, [ana, eve, eve, lee, lee]);
    assert_eq!(told(24).await.len(), 10, "12 hours before");
    assert_eq!(told(10).await.len(), 15, "2 hours before");
    for mail in of_clocks() {
        assert_eq!(mail.letter.subject, format!("[{}]", shared.receipt));
        let text = mail.letter.text.to_lowercase();
        assert!(!text.contains("gdpr") && !text.contains("wombat") && !text.contains("walking"), "{text}");
    }
    // What was reported is not reminded of any more.
    for clock in clocks(&world, shared.incident).await {
        let mut tx = world.app.write().await.unwrap();
        let report = sent(&world, world.now(), "");
        actions::report(&mut tx, &lead, shared.incident, (clock.id, 1), &report).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(told(10).await.len(), 15);
}

#[tokio::test]
async fn the_time_that_is_over_enters_the_timeline_by_itself() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    aware(&world, &lead, incident, (Zone::Own, Trigger::PersonalDataBreach), world.now()).await.unwrap();
    for _ in 0..5 {
        world.pass(HOUR * 20).await;
        clock::sweep(&world.app).await.unwrap();
    }
    let mut snapshot = world.app.read().await.unwrap();
    let over: Vec<(String, Option<db::macro_support::Uuid>)> = snapshot
        .all(
            sql!("SELECT zone, person_id FROM case_entry WHERE text LIKE '%the time is over%' ORDER BY id"),
            params![],
        )
        .await
        .unwrap();
    assert_eq!(over, [("own".to_owned(), None)]);
    drop(snapshot);
    let lee = world.signed_in(lead.person().unwrap().id).await;
    assert!(lee.get(&format!("/incidents/{incident}/clocks")).await.body.contains("Overdue"));
}

#[tokio::test]
async fn what_the_organisation_keeps_to_itself_is_in_no_page_and_no_count_of_anybody_else() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let supplier = world.organisation("SUP", "Supplier", "supplier").await;
    let stranger = world.organisation("RXX", "Other Trust", "trust").await;
    answers_for(&world, board, trust).await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let analyst = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    aware(&world, &lead, incident, BREACH, world.now() - HOUR).await.unwrap();
    aware(&world, &lead, incident, (Zone::Own, Trigger::SignificantIncident), world.now()).await.unwrap();
    let at = world.now();
    assert!(matches!(
        aware(&world, &analyst, incident, (Zone::Own, Trigger::PersonalDataBreach), at).await,
        Err(CaseError::NotFound)
    ));
    let cert = aware(&world, &analyst, incident, (Zone::Cert, Trigger::PersonalDataBreach), at).await;
    assert!(matches!(cert, Err(CaseError::Refused(_))), "regulators are the organisation's");
    let mut tx = world.app.write().await.unwrap();
    guest::let_in(&mut tx, &analyst, incident, "SUP", Zone::Shared, "It is their system").await.unwrap();
    tx.commit().await.unwrap();

    let all = clocks(&world, incident).await;
    let page = |clock: ClockId| format!("/incidents/{incident}/clocks/{clock}");
    let (shared, own) = (page(all[0].id), page(all[1].id));
    let list = format!("/incidents/{incident}/clocks");
    let lee = world.signed_in(lead.person().unwrap().id).await;
    let ray = world.signed_in(world.person("Ray Board", Role::Responder, Some(board)).await).await;
    let ana = world.signed_in(analyst.person().unwrap().id).await;
    let aud = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    let gus = world.signed_in(world.person("Gus Guest", Role::Lead, Some(supplier)).await).await;
    let sam = world.signed_in(world.person("Sam Stranger", Role::Lead, Some(stranger)).await).await;
    for inside in [&lee, &ray] {
        assert!(inside.get(&list).await.body.contains("NIS Regulations 2018: "));
        assert_eq!(inside.get(&own).await.status, StatusCode::OK);
    }
    for outside in [&ana, &aud, &gus] {
        let body = outside.get(&list).await.body;
        assert!(body.contains("UK GDPR: Notify") && !body.contains("NIS Regulations 2018: "), "{body}");
        assert_eq!(outside.get(&shared).await.status, StatusCode::OK);
        assert_eq!(outside.get(&own).await.status, StatusCode::NOT_FOUND);
        let form = [("version", "1"), ("decided-by", "x"), ("reason", "x")];
        let refused = outside.post(&format!("{own}/not-required"), &form).await.status;
        assert!([403, 404].contains(&refused.as_u16()), "{refused}");
    }
    for path in [&list, &shared, &own] {
        assert_eq!(sam.get(path).await.status, StatusCode::NOT_FOUND);
    }
    // A guest reads by when, and neither the draft, which is made of the report, nor writes.
    let body = gus.get(&shared).await.body;
    assert!(!body.contains("Files are locked") && !body.contains("What was sent</label>"), "{body}");
    let form = [("version", "1"), ("decided-by", "x"), ("reason", "x")];
    assert_eq!(gus.post(&format!("{shared}/not-required"), &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(aud.post(&format!("{shared}/not-required"), &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_joins_incidents_learns_of_no_clock_that_is_the_organisations_own_and_it_goes_on() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let first = reported(&world, &lead, "RWA").await;
    let at = world.now() - HOUR;
    let mut parts = Vec::new();
    for zone in [Zone::Own, Zone::Shared] {
        let part = reported(&world, &lead, "RWA").await.incident;
        aware(&world, &lead, part, (zone, Trigger::PersonalDataBreach), at).await.unwrap();
        let mut tx = world.app.write().await.unwrap();
        let joined = react::incident::actions::join(&mut tx, &ana, part, 1, &first.receipt).await;
        // One of which both know has to be stopped first.
        assert_eq!(joined.is_ok(), zone == Zone::Own, "{zone}: {joined:?}");
        if joined.is_ok() {
            tx.commit().await.unwrap();
        }
        parts.push(part);
    }
    let clock = clocks(&world, parts[0]).await[0].id;
    let page = format!("/incidents/{}/clocks/{clock}", parts[0]);
    let lee = world.signed_in(lead.person().unwrap().id).await;
    let body = lee.get(&page).await.body;
    assert!(body.contains("name=\"sent-by\""), "it is still written on: {body}");
    assert_eq!(lee.post(&format!("{page}/facts"), &[("fact-people", "About 40")]).await.status, 303);
    let mut tx = world.app.write().await.unwrap();
    let now = sent(&world, world.now(), "");
    actions::report(&mut tx, &lead, parts[0], (clock, 1), &now).await.unwrap();
    // Nothing else is begun there any more.
    let aware = actions::Aware { at, decided_by: "Eve".to_owned(), why: "A log".to_owned(), form: tx.id() };
    let regulators = &world.app.settings.regulators;
    let begun =
        actions::aware(&mut tx, &lead, regulators, parts[0], (Zone::Own, Trigger::HighRiskToPeople), &aware);
    assert!(matches!(begun.await, Err(CaseError::Joined)));
    tx.commit().await.unwrap();
    assert_eq!(clocks(&world, parts[0]).await[0].state, State::Met);
    let seen = world.signed_in(ana.person().unwrap().id).await.get(&page).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_report_is_drafted_completed_and_kept_in_the_browser_of_a_lead() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    number(&world, trust, "01632 960 000").await;
    let lead = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let incident = reported(&world, &lead, "RWA").await.incident;
    let lee = world.signed_in(lead.person().unwrap().id).await;
    let list = format!("/incidents/{incident}/clocks");
    let empty = lee.get(&list).await.body;
    assert!(empty.contains("No clock runs") && empty.contains("NIS Regulations 2018</a>"), "{empty}");
    let form = lee.get(&format!("{list}/aware")).await.body;
    assert!(form.contains("Lee Leader") && form.contains("Only the organisation"), "{form}");
    let nothing = lee.post(&format!("{list}/aware"), &[("aware-on-day", "1")]).await;
    assert_eq!(nothing.status, 422);
    for sentence in
        ["Select what you became aware of", "Enter the time when you became aware", "Select who sees it"]
    {
        assert!(nothing.body.contains(sentence), "{sentence}: {}", nothing.body);
    }
    let typed = [
        ("zone", "shared"),
        ("trigger", "personal_data_breach"),
        ("aware-on-day", "1"),
        ("aware-on-month", "1"),
        ("aware-on-year", "2026"),
        ("aware-time", "09:00"),
        ("decided-by", "Eve Executive"),
        ("why", "A numbat rang"),
    ];
    assert_eq!(lee.post(&format!("{list}/aware"), &typed).await.status, 303);
    let body = lee.get(&list).await.body;
    assert!(
        body.contains("UK GDPR: Notify the Information Commissioner")
            && body.contains("4 January 2026, 09:00")
    );
    assert!(body.contains("Overdue") && body.contains("4 facts") && body.contains("A numbat rang"), "{body}");
    let clock = clocks(&world, incident).await[0].id;
    let page = format!("{list}/{clock}");
    let body = lee.get(&page).await.body;
    let sender = body.split("name=\"sent-by\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(!sender.contains("Lee"), "who sent it is typed, or one press would stop the clock: {sender}");
    assert!(body.contains("Walking NHS Trust (RWA)") && body.contains("Files are locked"), "{body}");
    assert!(body.contains("href=\"#fact-people\"") && body.contains("[not known yet]"), "{body}");
    let facts = [("fact-people", "About 40 patients"), ("fact-nonsense", "x")];
    assert_eq!(lee.post(&format!("{page}/facts"), &facts).await.status, 303);
    let body = lee.get(&page).await.body;
    assert!(
        body.contains("About 40 patients</textarea>") && !body.contains("href=\"#fact-people\""),
        "{body}"
    );
    assert!(!body.contains("fact-nonsense"));
    let mut send = vec![
        ("version", "1"),
        ("sent-on-day", "5"),
        ("sent-on-month", "1"),
        ("sent-on-year", "2026"),
        ("sent-time", "10:00"),
        ("sent-by", "Lee"),
        ("reference", "IC-1"),
        ("text", "The very words"),
    ];
    let refused = lee.post(&format!("{page}/sent"), &send).await;
    assert!(refused.status == 422 && refused.body.contains("Say why"), "{}", refused.body);
    assert!(refused.body.contains("The very words</textarea>"));
    send.push(("late", "The network was down"));
    assert_eq!(lee.post(&format!("{page}/sent"), &send).await.status, 303);
    let body = lee.get(&page).await.body;
    for words in ["Reported late", "IC-1", "The very words", "The network was down"] {
        assert!(body.contains(words), "{words}: {body}");
    }
    let account = lee.get(&format!("/incidents/{incident}/report")).await.body;
    assert!(account.contains("Reason: The network was down"), "{account}");
}

#[tokio::test]
async fn everybody_reads_the_regimes_with_the_day_on_which_they_were_checked() {
    let world = World::new(SERVICES).await;
    let body = world.visitor().get("/clocks/regimes").await.body;
    for words in [
        "UK GDPR",
        "NIS Regulations 2018",
        "Cyber Security and Resilience Bill",
        "NIS 2",
        "HIPAA",
        "27 November 2026, version 1",
        "Not in force",
    ] {
        assert!(body.contains(words), "{words}");
    }
}
