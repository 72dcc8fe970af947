//! Observables of a case, each in its zone; the same at several organisations is put to the CERT alone, and what goes out
//! of it names and counts nobody.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::access::Role;
use react::{
    case::Zone,
    incident::{IncidentId, Outcome, call_back::NumberOf},
};
use testkit::world::{Client, World};

use crate::{
    furnished_incidents::{correlations, number, observed, reported, standing, unknown},
    issuing::actor,
};

const LINK: &str = "hxxps://login.quokka-mail[.]net/owa";
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn page(incident: IncidentId) -> String {
    format!("/incidents/{incident}/observables")
}

#[tokio::test]
async fn a_text_is_looked_through_and_patients_numbers_are_not_kept() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let rae = world.signed_in(world.person("Ray Responder", Role::Responder, Some(trust)).await).await;
    let page = page(sent.incident);
    let text = format!("Opened {LINK}, patient 943 476 5919\nDNS 10.1.2.3\nfrom it@walking.nhs.uk {HASH}");
    let told = rae.post(&page, &[("zone", "shared"), ("text", &text)]).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("a patient’s number: not kept"), "{}", told.body);
    for shown in [
        "hxxps://login[.]quokka-mail[.]net/owa",
        "Not compared: List of RFC 1918",
        "Not compared: the sector’s own",
        HASH,
    ] {
        assert!(told.body.contains(shown), "{shown}: {}", told.body);
    }
    assert!(!told.body.contains("9434765919") && !told.body.contains("943 476"), "{}", told.body);
    let again = rae.post(&page, &[("zone", "shared"), ("text", &text)]).await;
    assert!(again.body.contains("0 of them new here"), "{}", again.body);
    for (field, wrong) in [("zone", "text=evil-numbat.net"), ("text", "nothing to see")] {
        let form = [("zone", if field == "zone" { "" } else { "shared" }), ("text", wrong)];
        let refused = rae.post(&page, &form).await;
        assert!(refused.status == 422 && refused.body.contains(&format!("#{field}")), "{}", refused.body);
        assert!(refused.body.contains(wrong), "what was typed stays");
    }
    // What stood in the report was looked through when it was sent.
    let sent = rae
        .post(
            "/report/new",
            &[
                ("organisation", "RWA"),
                ("seen", "mail_opened"),
                ("since", "unknown"),
                ("more", "They clicked evil-numbat[.]net/a"),
                ("go", "send"),
            ],
        )
        .await;
    assert!(sent.body.contains("The number is I-"), "{}", sent.body);
    let list = rae.get("/incidents").await.body;
    let newest = list.split("/incidents/0").nth(1).unwrap().split('"').next().unwrap();
    let found = rae.get(&format!("/incidents/0{newest}/observables")).await.body;
    assert!(found.contains("evil-numbat[.]net/a") && found.contains("In a report"), "{found}");
}

#[tokio::test]
async fn observables_stay_in_their_zone() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    observed(&world, &rae, sent.incident, Zone::Own, "own-numbat.net").await;
    observed(&world, &rae, sent.incident, Zone::Shared, "shared-numbat.net").await;
    observed(&world, &ana, sent.incident, Zone::Cert, "cert-numbat.net").await;
    let page = page(sent.incident);
    let reads = async |client: &Client<'_>| {
        let answer = client.get(&page).await;
        ["own-numbat[.]net", "shared-numbat[.]net", "cert-numbat[.]net"]
            .map(|each| answer.body.contains(each))
    };
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(trust)).await).await;
    let aud = world.signed_in(world.person("Aud Itor", Role::Auditor, None).await).await;
    let bob = world.signed_in(world.person("Bob Other", Role::Responder, Some(other)).await).await;
    assert_eq!(reads(&lee).await, [true, true, false]);
    assert_eq!(reads(&aud).await, [false, true, true]);
    assert_eq!(bob.get(&page).await.status, 404);
    assert_eq!(bob.post(&page, &[("zone", "shared"), ("text", "evil-numbat.net")]).await.status, 404);
    // Where somebody does not read they do not write, and who only reads is told so.
    assert_eq!(lee.post(&page, &[("zone", "cert"), ("text", "evil-numbat.net")]).await.status, 404);
    assert_eq!(aud.post(&page, &[("zone", "cert"), ("text", "evil-numbat.net")]).await.status, 403);
    // What is only the organisation's is never compared.
    let elsewhere = actor(&world, "Bea Other", Role::Responder, Some(other)).await;
    let theirs = reported(&world, &elsewhere, "RBB").await;
    observed(&world, &elsewhere, theirs.incident, Zone::Shared, "http://own-numbat.net/x own-numbat.net")
        .await;
    assert!(correlations(&world).await.is_empty());
}

#[tokio::test]
async fn the_same_at_two_organisations_becomes_a_draft_that_names_nobody() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let bea = actor(&world, "Bea Other", Role::Responder, Some(other)).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let mine = reported(&world, &rae, "RWA").await;
    let twice = reported(&world, &rae, "RWA").await;
    let theirs = reported(&world, &bea, "RBB").await;
    // Twice at one organisation is one organisation; one address alone says too little.
    observed(&world, &rae, mine.incident, Zone::Shared, &format!("{HASH} 100.43.7.9 nhs.uk")).await;
    observed(&world, &rae, twice.incident, Zone::Shared, HASH).await;
    observed(&world, &bea, theirs.incident, Zone::Shared, "100.43.7.9 nhs.uk").await;
    assert!(correlations(&world).await.is_empty());
    observed(&world, &bea, theirs.incident, Zone::Shared, HASH).await;
    // An attacker's page that is called after one of them.
    let named = "http://walking-owa.net/login";
    observed(&world, &rae, mine.incident, Zone::Shared, named).await;
    observed(&world, &bea, theirs.incident, Zone::Shared, named).await;
    let found = correlations(&world).await;
    assert_eq!(found.len(), 1, "what is found later is a part of it");
    assert_eq!((found[0].incidents, found[0].score), (3, 28));
    world.work().await;
    world.work().await;
    let mails = world.post.mails();
    let told: Vec<_> =
        mails.iter().filter(|mail| mail.letter.subject.contains(found[0].receipt.code())).collect();
    assert!(!told.is_empty() && told.iter().all(|mail| !mail.letter.text.contains("Walking")), "{mails:?}");

    // Neither organisation learns of it, anywhere.
    let path = format!("/correlations/{}", found[0].id);
    for (organisation, incident) in [(trust, mine.incident), (other, theirs.incident)] {
        let name = format!("Lead of {organisation}");
        let lead = world.signed_in(world.person(&name, Role::Lead, Some(organisation)).await).await;
        assert_eq!(lead.get("/correlations").await.status, 403);
        assert_eq!(lead.get(&path).await.status, 403);
        for door in ["/incidents".to_owned(), format!("/incidents/{incident}"), page(incident)] {
            assert!(!lead.get(&door).await.body.contains(found[0].receipt.code()), "{door}");
        }
    }
    let read = ana.get(&path).await.body;
    assert!(read.contains("Walking NHS Trust") && read.contains("Other NHS Trust") && read.contains(HASH));
    assert!(read.contains("Names an organisation: not in the draft"), "{read}");
    assert_eq!(ana.post(&format!("{path}/draft"), &[("version", "1")]).await.status, 409, "it has grown");
    let version = found[0].version.to_string();
    let drafted = ana.post(&format!("{path}/draft"), &[("version", &version)]).await;
    let advisory = drafted.location().expect("the draft").to_owned();
    let draft = ana.get(&advisory).await.body;
    assert!(draft.contains(HASH) && draft.contains("AMBER"), "{draft}");
    let check = ana.get(&format!("{advisory}/edit/check")).await.body;
    assert!(check.contains("Definitive source") && !check.contains("<li>the definitive source"), "{check}");
    for secret in
        ["Walking", "walking-owa", "Other NHS", "RWA", "RBB", mine.receipt.code(), theirs.receipt.code()]
    {
        assert!(!draft.contains(secret), "{secret}: {draft}");
    }
    assert_eq!(ana.post(&format!("{path}/draft"), &[("version", &version)]).await.status, 409, "once");
    assert!(ana.get(&path).await.body.contains(&advisory));
}

#[tokio::test]
async fn what_is_made_up_old_or_dismissed_is_not_put_to_anybody() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    number(&world, trust, "01632 960 000").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let bea = actor(&world, "Bea Other", Role::Responder, Some(other)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let old = reported(&world, &rae, "RWA").await;
    observed(&world, &rae, old.incident, Zone::Shared, "http://evil-numbat.net/old.exe").await;
    world.pass(SignedDuration::from_hours(24 * 14 + 1)).await;
    let theirs = reported(&world, &bea, "RBB").await;
    observed(&world, &bea, theirs.incident, Zone::Shared, "http://evil-numbat.net/old.exe").await;
    assert!(correlations(&world).await.is_empty(), "more than 14 days lie between them");

    // Anybody can write a mail: what it says is compared once the organisation has confirmed it.
    let apart = unknown(&world, Some(trust), "Walking").await;
    observed(&world, &bea, theirs.incident, Zone::Shared, "http://evil-numbat.net/new.exe").await;
    observed(&world, &ana, apart.incident, Zone::Cert, "http://evil-numbat.net/new.exe").await;
    assert!(correlations(&world).await.is_empty(), "nobody has vouched for it");
    let version = standing(&world, apart.incident).await.version;
    let mut tx = world.app.write().await.unwrap();
    let asked = (apart.incident, version);
    react::incident::actions::call_back(&mut tx, &ana, asked, NumberOf::Organisation, Outcome::Confirmed, "")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let found = correlations(&world).await;
    assert_eq!(found.len(), 1, "it was confirmed");

    // What was dismissed does not come again with the third.
    let duty = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    let path = format!("/correlations/{}", found[0].id);
    let empty = duty.post(&format!("{path}/dismiss"), &[("version", "1"), ("reason", " ")]).await;
    assert_eq!(empty.status, 422);
    let dismissed =
        duty.post(&format!("{path}/dismiss"), &[("version", "1"), ("reason", "Our scanner")]).await;
    assert_eq!(dismissed.status, 303, "{}", dismissed.body);
    let third = world.organisation("RCC", "Third NHS Trust", "trust").await;
    let cat = actor(&world, "Cat Third", Role::Responder, Some(third)).await;
    let more = reported(&world, &cat, "RCC").await;
    observed(&world, &cat, more.incident, Zone::Shared, "http://evil-numbat.net/new.exe").await;
    let all = correlations(&world).await;
    assert_eq!(all.len(), 1);
    assert!(duty.get(&path).await.body.contains("Our scanner"));
}

#[tokio::test]
async fn one_more_in_common_takes_as_many_statements_however_many_there_are() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let bea = actor(&world, "Bea Other", Role::Responder, Some(other)).await;
    let mine = reported(&world, &rae, "RWA").await;
    let theirs = reported(&world, &bea, "RBB").await;
    let mut statements = Vec::new();
    for place in 1..=40 {
        let hash = format!("ab{place:062x}");
        observed(&world, &rae, mine.incident, Zone::Shared, &hash).await;
        let before = world.app.db.statements();
        observed(&world, &bea, theirs.incident, Zone::Shared, &hash).await;
        statements.push(world.app.db.statements() - before);
    }
    let found = correlations(&world).await;
    assert_eq!((found.len(), found[0].incidents, found[0].observables), (1, 2, 40));
    let second = statements[1];
    assert!(statements[1..].iter().all(|each| *each == second), "{statements:?}");
    // A third that has two of them joins, with the two; what it shares beside them is a part of it too.
    let third = world.organisation("RCC", "Third NHS Trust", "trust").await;
    let cat = actor(&world, "Cat Third", Role::Responder, Some(third)).await;
    let more = reported(&world, &cat, "RCC").await;
    observed(&world, &rae, mine.incident, Zone::Shared, "100.43.7.9").await;
    let both = format!("ab{:062x} 100.43.7.9", 7);
    observed(&world, &cat, more.incident, Zone::Shared, &both).await;
    let found = correlations(&world).await;
    assert_eq!((found.len(), found[0].incidents, found[0].observables), (1, 3, 41));
}
