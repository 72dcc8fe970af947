//! The auditor finds the log of an alert by its number, of an organisation by its code, of a person by
//! their address, comes to it from the alert's own pages, and reads it in plain words.

use broadcast::{
    alert::Answers,
    response::{self, Chosen},
};
use carecert::SERVICES;
use http::StatusCode;
use platform::{Actor, access::Role, organisation::OrganisationId};
use testkit::world::{Client, World};

use crate::issuing::{Desk, actor, answers_for, contact, everybody, wording};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_searched_by_the_names_people_use() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@walking.example").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("First"), &everybody()).await;
    let other = desk.approved(&wording("Second"), &everybody()).await;
    desk.publish(other, Answers::Anew).await;
    let responder = world.person("Rhys Responder", Role::Responder, Some(trust)).await;
    let responder = world.signed_in(responder).await;
    let said = responder.post(&format!("/alerts/{alert}/respond/acknowledge"), &[]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);

    let auditor = world.signed_in(world.person("Agnes Auditor", Role::Auditor, None).await).await;
    let found = auditor.get("/log?about=cc-0001").await.body;
    for verb in [
        "Began an advisory",
        "Chose who is told",
        "Approved an advisory",
        "Published an alert",
        "Acknowledged an alert",
    ] {
        assert!(found.contains(verb), "{verb}: {found}");
    }
    assert_eq!(found.matches("Published an alert").count(), 1, "the other alert is not among them: {found}");
    let (created, published) = (found.find("Began an advisory"), found.find("Published an alert"));
    assert!(published < created, "the newest comes first");
    assert!(found.contains(&format!("href=\"/alerts/{alert}\">CC-0001</a>")), "{found}");
    assert!(found.contains("href=\"/advisories/CC-0001\">CC-0001</a>") && found.contains("Rhys Responder"));
    assert!(found.contains("nhsuk-details") && found.contains("&#34;organisations&#34;: 1"), "{found}");

    let page = auditor.get(&format!("/alerts/{alert}")).await.body;
    assert!(page.contains("/log?about=CC-0001") && page.contains(&format!("/sector/{alert}")), "{page}");
    assert!(auditor.get("/advisories/CC-0001").await.body.contains("/log?about=CC-0001"));
    let analyst = world.signed_in(world.person("Second Lyst", Role::Analyst, None).await).await;
    let page = analyst.get(&format!("/alerts/{alert}")).await.body;
    assert!(!page.contains("/log?about") && page.contains(&format!("/sector/{alert}")));
    assert!(!responder.get(&format!("/alerts/{alert}")).await.body.contains("/sector/"));

    for unknown in ["CC-0404", "ZZZ", "nobody@example.org"] {
        let answer = auditor.get(&format!("/log?about={unknown}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
        assert!(answer.body.contains("Nothing is known by this"));
    }
    let by_id = auditor.get(&format!("/log?about={alert}")).await.body;
    assert!(by_id.contains("Published an alert") && !by_id.contains("Began an advisory"));
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    let invited = [
        ("organisation", trust.to_string()),
        ("name", "Gwen Pryce".to_owned()),
        ("email", "gwen@example.org".to_owned()),
        ("role", "viewer".to_owned()),
    ];
    let invited = invited.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(admin.post("/people/invite", &invited).await.status, StatusCode::SEE_OTHER);
    let person = auditor.get("/log?about=gwen@example.org").await.body;
    assert!(person.contains("Invited a person") && !person.contains("Published an alert"), "{person}");
    assert!(person.contains("Gwen Pryce</a>"), "{person}");
    assert_eq!(auditor.get("/log?about=rwa").await.status, StatusCode::OK);
}

/// How often each of these stands on the log's page of an organisation.
async fn told<const N: usize>(auditor: &Client<'_>, query: &str, words: [&str; N]) -> [usize; N] {
    let page = auditor.get(&format!("/log?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.body);
    words.map(|words| page.body.matches(words).count())
}

async fn acknowledge(world: &World, by: &Actor, alert: broadcast::alert::AlertId, chosen: Chosen) {
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, by, alert, &chosen).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_finds_what_was_done_for_many_and_what_went_to_it() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QAA", "Board", "icb").await;
    let mut practices: Vec<OrganisationId> = Vec::new();
    for code in ["A81001", "A81002", "A81003", "A81004", "A81005"] {
        let practice = world.organisation(code, code, "gp_practice").await;
        answers_for(&world, board, practice).await;
        practices.push(practice);
    }
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("First"), &everybody()).await;
    let late = world.organisation("RZZ", "Late Trust", "trust").await;
    let ines = actor(&world, "Ines Integrated", Role::Responder, Some(board)).await;
    // Twice in one moment, each for others; a single one by itself.
    acknowledge(&world, &ines, alert, Chosen::Only(practices[..2].to_vec())).await;
    acknowledge(&world, &ines, alert, Chosen::Only(practices[2..4].to_vec())).await;
    let token = world.key(practices[4], "alerts:read responses:write").await;
    let machine = world.visitor().with("authorization", &format!("Bearer {token}"));
    let answer = machine
        .post_json("/api/v1/alerts/CC-0001/acknowledge", &serde_json::json!({"organisations": "all"}))
        .await;
    assert!(answer.status.is_success(), "{}", answer.body);

    let auditor = world.signed_in(world.person("Agnes Auditor", Role::Auditor, None).await).await;
    let words = ["Acknowledged an alert", "Published an alert", "Brought an alert into force"];
    for code in ["A81001", "a81003", "A81005"] {
        assert_eq!(told(&auditor, &format!("organisation={code}"), words).await, [1, 1, 1], "{code}");
    }
    assert_eq!(told(&auditor, "organisation=QAA", words).await, [0, 1, 1], "nothing was said for itself");
    assert_eq!(told(&auditor, "organisation=RZZ", words).await, [0, 0, 0], "it came after the alert: {late}");
    let by_ines = "organisation=A81001&person=ines.integrated@example.org&about=CC-0001";
    assert_eq!(told(&auditor, by_ines, words).await, [1, 0, 0]);
    assert_eq!(
        told(&auditor, "organisation=A81001&until-day=1&until-month=1&until-year=2020", words).await,
        [0, 0, 0]
    );
    assert_eq!(told(&auditor, "organisation=A81005", ["test (API key)", "response."]).await, [1, 0]);
}

/// The verbs that stand in the program's own text, where they are written and not where they are put
/// into words.
fn verbs_written(nouns: &[&str]) -> Vec<String> {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<_> =
        ["platform", "broadcast", "react", "carecert"].map(|name| crates.join(name).join("src")).into();
    let mut verbs = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // What webhooks are told of is named alike, and so are settings.
            let of_webhooks = path.parent().is_some_and(|folder| folder.ends_with("broadcast/src/webhook"));
            let of_words = ["platform/src/log/own.rs", "broadcast/src/log.rs", "react/src/log.rs"];
            let of_words = of_words.iter().any(|words| path.ends_with(words));
            let of_settings = path.ends_with("carecert/src/config/mod.rs");
            if of_webhooks || of_words || of_settings {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // The names of jobs look the same.
            for line in text.lines().filter(|line| !line.contains("const NAME")) {
                let pieces: Vec<_> = line.split('"').collect();
                for pair in pieces.windows(2) {
                    let Some((noun, deed)) = pair[1].split_once('.') else { continue };
                    let is_verb = pair[1].chars().all(|letter| matches!(letter, 'a'..='z' | '_' | '.'));
                    if is_verb
                        && !deed.contains('.')
                        && !deed.is_empty()
                        && (nouns.contains(&noun) || pair[0].ends_with("Entry::new("))
                    {
                        verbs.push(pair[1].to_owned());
                    }
                }
            }
        }
    }
    verbs.sort_unstable();
    verbs.dedup();
    verbs
}

#[test]
fn every_verb_that_is_written_has_words() {
    let words = || SERVICES.iter().flat_map(|service| service.log.words);
    let nouns: Vec<_> = words().filter_map(|(verb, _)| Some(verb.split_once('.')?.0)).collect();
    let mut known: Vec<_> = words().map(|(verb, _)| (*verb).to_owned()).collect();
    known.sort_unstable();
    assert_eq!(verbs_written(&nouns), known);
}
