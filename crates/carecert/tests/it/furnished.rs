//! What tests about threats and advisories begin with: people at the CERT, words that are complete
//! enough to be submitted, and one of everything for the walk.

use std::collections::HashMap;

use broadcast::{
    advisory::{
        AdvisoryNumber, Content, Link, Severity, Step, StepKind, ThreatType, VersionId, Wording, actions,
        store,
    },
    alert::{self, Answers},
    feed::{self, FeedId, Plan},
    source::{DocumentId, Source},
    threat::{self, Kind, Said, ThreatId},
};
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{Person, PersonId, Role},
    settings::Settings,
};
use testkit::world::World;

/// A new person with this role at the CERT, and what they act as.
pub async fn at_cert(world: &World, name: &str, role: Role) -> (PersonId, Actor) {
    let id = world.person(name, role, None).await;
    (id, acting(id, name, role))
}

/// What a person acts as.
pub fn acting(id: PersonId, name: &str, role: Role) -> Actor {
    let session = db::macro_support::Uuid::nil();
    Actor::Person(Person { id, name: name.to_owned(), session, roles: vec![(None, role)] })
}

/// An advisory of which nothing is missing.
pub fn complete(title: &str, severity: Severity) -> Wording {
    let content = Content {
        summary: "A worm spreads through SMB.".to_owned(),
        threat_type: Some(ThreatType::Malware),
        details: "It *spreads* by itself. <script>alert(1)</script>".to_owned(),
        steps: vec![Step { kind: StepKind::Patch, text: "Install MS17-010.".to_owned(), link: None }],
        indicators: vec!["http://evil.example/a".parse().expect("an indicator")],
        source: Some(Link { name: "Microsoft".to_owned(), url: "https://learn.microsoft.com/".to_owned() }),
        ..Content::default()
    };
    Wording { severity, content, ..Wording::titled(title) }
}

/// A statement by hand.
pub fn said(title: &str, cves: &[&str]) -> Said {
    Said {
        cves: cves.iter().map(|cve| cve.parse().expect("a CVE")).collect(),
        summary: "Something is wrong.".to_owned(),
        vendor: "Acme".to_owned(),
        product: "Acme Gateway".to_owned(),
        links: vec!["https://acme.example/advisory".to_owned()],
        ..Said::new(Kind::Vulnerability, title, "2026-06-01".parse().expect("a date"))
    }
}

/// Adds a threat by hand.
pub async fn threat(world: &World, actor: &Actor, said: &Said) -> ThreatId {
    let mut tx = world.app.write().await.expect("a write");
    let id = threat::actions::write_by_hand(&mut tx, actor, said).await.expect("a threat");
    tx.commit().await.expect("a commit");
    id
}

/// Takes in a real document.
async fn document(world: &World, actor: &Actor, source: Source, name: &str, bytes: &[u8]) -> DocumentId {
    let input = std::io::Cursor::new(bytes.to_vec());
    let taken = threat::intake::take_in(&world.app, actor, source, input, name, |_| {});
    assert_eq!(taken.await.expect("an import").refused, 0);
    let statement = sql!("SELECT id FROM source_document WHERE name = ?1");
    let mut snapshot = world.app.read().await.expect("a read");
    snapshot.one::<(DocumentId,)>(statement, params![name]).await.expect("it is kept").0
}

/// A feed that is followed: news, every hour, that is never silent for a week.
pub fn plan(url: &str) -> Plan {
    Plan {
        name: "Example news".to_owned(),
        source: Source::News,
        url: url.parse().expect("an address"),
        every_minutes: 60,
        silent_hours: 24 * 7,
        keys: None,
    }
}

/// Follows a feed.
pub async fn follow(world: &World, actor: &Actor, plan: &Plan) -> FeedId {
    let mut tx = world.app.write().await.expect("a write");
    let feed = feed::actions::add(&mut tx, actor, plan).await.expect("a feed");
    tx.commit().await.expect("a commit");
    feed
}

/// Begins an advisory for everybody.
pub async fn draft(world: &World, actor: &Actor, wording: &Wording) -> (AdvisoryNumber, VersionId) {
    let mut tx = world.app.write().await.expect("a write");
    let created = actions::create(&mut tx, actor, wording, None).await.expect("a draft");
    // Beside the actions, so that what is tested begins at the first edition.
    let mode = sql!("INSERT INTO audience (version_id, mode) VALUES (?1, 'must_respond')");
    tx.run(mode, params![created.version]).await.expect("a mode");
    let choice = sql!("INSERT INTO audience_choice (version_id, part, value) VALUES (?1, 'kind', 'every')");
    tx.run(choice, params![created.version]).await.expect("a choice");
    tx.commit().await.expect("a commit");
    (created.number, created.version)
}

/// The edition of a version.
pub async fn edition(world: &World, version: VersionId) -> i64 {
    store::version(&mut world.app.read().await.expect("a read"), version)
        .await
        .expect("a version")
        .expect("it is there")
        .edition
}

/// One of everything that the samples of threats and advisories speak of; there is an organisation.
pub async fn names(world: &World) -> HashMap<&'static str, String> {
    let (_, writer) = at_cert(world, "Furnished Writer", Role::Analyst).await;
    let (decider_id, decider) = at_cert(world, "Furnished Decider", Role::DutyManager).await;
    let open = threat(world, &writer, &said("Open", &[])).await;
    let dismissed = threat(world, &writer, &said("Dismissed", &[])).await;
    let advisory = include_bytes!("../../../../data/broadcast/csaf-it/va-24-201-01.json");
    let document_id = document(world, &writer, Source::Csaf, "va-24-201-01.json", advisory).await;
    let objects = include_bytes!("../../../../data/broadcast/stix/examples/indicators-for-C2-with-COA.json");
    let bundle = document(world, &writer, Source::Stix, "indicators-for-C2-with-COA.json", objects).await;
    let feed = follow(world, &decider, &plan("https://feeds.example/rss")).await;
    let wording = complete("Walk", Severity::High);
    let (draft_number, draft_version) = draft(world, &writer, &wording).await;
    let (_, in_review) = draft(world, &writer, &wording).await;
    let (published_number, published) = draft(world, &writer, &wording).await;
    let (_, alone) = draft(world, &writer, &wording).await;

    let mut tx = world.app.write().await.expect("a write");
    let comment =
        actions::comment(&mut tx, &decider, draft_version, None, "Shorter").await.expect("a comment");
    threat::actions::dismiss(&mut tx, &writer, dismissed, 1, "Unused").await.expect("dismissed");
    for version in [in_review, published, alone] {
        actions::submit(&mut tx, &writer, version, 1).await.expect("submitted");
    }
    actions::approve(&mut tx, &decider, published, 2).await.expect("approved");
    alert::actions::publish(&mut tx, &decider, published, Answers::Anew).await.expect("published");
    // As where one person may.
    let settings = Settings { single_person_release: true, ..world.app.settings.clone() };
    actions::release_alone(&mut tx, &settings, &decider, alone, 2, "Night").await.expect("released");
    tx.commit().await.expect("a commit");
    // Its alert is out.
    world.pass(SignedDuration::from_secs(61)).await;

    HashMap::from([
        ("approver", decider_id.to_string()),
        ("threat", open.to_string()),
        ("threat_version", "1".to_owned()),
        ("dismissed", dismissed.to_string()),
        ("document", document_id.to_string()),
        ("bundle", bundle.to_string()),
        ("object", "course-of-action--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f".to_owned()),
        ("feed", feed.to_string()),
        ("feed_version", "1".to_owned()),
        ("dismissed_version", "2".to_owned()),
        ("draft", draft_number.to_string()),
        ("draft_version", draft_version.to_string()),
        ("comment", comment.to_string()),
        ("draft_edition", edition(world, draft_version).await.to_string()),
        ("in_review", in_review.to_string()),
        ("in_review_edition", edition(world, in_review).await.to_string()),
        ("advisory", published_number.to_string()),
        ("released_alone", alone.to_string()),
    ])
}
