//! What may be the same as a threat is suggested by the rare words that both have; a person says whether it
//! is, and nothing is lost by that.

use broadcast::threat::{Kind, Said, duplicates};
use carecert::SERVICES;
use platform::access::Role;
use testkit::world::World;

use crate::{
    furnished::{at_cert, said, threat},
    furnished_triage::now,
};

fn told(kind: Kind, title: &str) -> Said {
    Said { summary: "Told twice.".to_owned(), ..Said::new(kind, title, "2026-06-01".parse().unwrap()) }
}

#[tokio::test]
async fn what_shares_rare_words_is_suggested_and_a_person_decides() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let one = threat(&world, &analyst, &told(Kind::Malware, "Crimson Heron loader")).await;
    let two = threat(&world, &analyst, &told(Kind::Report, "Héron, crimson: a new loader")).await;
    let far = threat(&world, &analyst, &told(Kind::Malware, "Heron")).await;
    // What everything shares tells nothing, and neither do two numbers of their own.
    for number in 0..25 {
        threat(&world, &analyst, &told(Kind::Report, &format!("Weekly bulletin {number}"))).await;
    }
    let numbered = threat(&world, &analyst, &said("Grey Finch gateway", &["CVE-2026-0001"])).await;
    threat(&world, &analyst, &said("Grey Finch gateway again", &["CVE-2026-0002"])).await;
    // Nor does what those who name groups give to many of them.
    let group = |names: &str| told(Kind::ThreatActor, names);
    let bear = threat(&world, &analyst, &group("Voodoo Bear, Seashell Blizzard, Iron Viking")).await;
    threat(&world, &analyst, &group("Energetic Bear, Ghost Blizzard, Iron Liberty")).await;
    // One maker is one word, however it is folded.
    let made_by = |title: &str| Said { vendor: "Abbott".to_owned(), ..told(Kind::Report, title) };
    let made = threat(&world, &analyst, &made_by("Amber")).await;
    threat(&world, &analyst, &made_by("Teal")).await;
    let suggested = async |id| {
        let mut snapshot = world.app.read().await.unwrap();
        let all = duplicates::suggested(&mut snapshot, id).await.unwrap();
        all.into_iter().map(|each| (each.threat.id, each.words.join(" "))).collect::<Vec<_>>()
    };
    assert_eq!(suggested(one).await, [(two, "crimson heron loader".to_owned())]);
    assert_eq!(suggested(far).await, []);
    assert_eq!(suggested(numbered).await, []);
    assert_eq!((suggested(bear).await, suggested(made).await), (vec![], vec![]));

    let client = world.signed_in(ann).await;
    let page = client.get(&format!("/threats/{one}")).await.body;
    assert!(page.contains("May be the same") && page.contains("crimson, heron, loader"));
    let address = |id, verb: &str| format!("/threats/{id}/{verb}");
    let other = two.to_string();
    let stale = client.post(&address(one, "duplicate"), &[("version", "7"), ("other", &other)]).await;
    assert_eq!(stale.status, 409);
    let own = one.to_string();
    let itself = client.post(&address(one, "duplicate"), &[("version", "1"), ("other", &own)]).await;
    assert_eq!(itself.status, 409);
    assert_eq!(now(&world, one).await.status.code(), "new");
    let done = client.post(&address(one, "duplicate"), &[("version", "1"), ("other", &other)]).await;
    assert_eq!(done.status, 303);
    let page = client.get(&format!("/threats/{one}")).await.body;
    assert!(page.contains("of which this is a duplicate") && page.contains(&format!("/threats/{two}")));
    let page = client.get(&format!("/threats/{two}")).await.body;
    assert!(page.contains("Duplicates of this") && page.contains("Crimson Heron loader"));
    // Nothing is a duplicate of a duplicate.
    let chain = client.post(&address(two, "duplicate"), &[("version", "1"), ("other", &own)]).await;
    assert_eq!(chain.status, 409);
    let third = far.to_string();
    let chain = client.post(&address(two, "duplicate"), &[("version", "1"), ("other", &third)]).await;
    assert_eq!(chain.status, 409);
    // Taken up again, it is one of its own, until somebody says that it always was.
    let version = now(&world, one).await.version.to_string();
    assert_eq!(client.post(&address(one, "take-up"), &[("version", &version)]).await.status, 303);
    assert!(!client.get(&format!("/threats/{two}")).await.body.contains("Duplicates of this"));
    assert_eq!(client.post(&address(two, "not-the-same"), &[("other", &own)]).await.status, 303);
    assert_eq!(client.post(&address(two, "not-the-same"), &[("other", &own)]).await.status, 303);
    assert_eq!((suggested(one).await, suggested(two).await), (vec![], vec![]));
}
