//! The list of threats: its order, filters, search and pages; and what is done to one threat.

use broadcast::threat::{
    Said, Status, ThreatError, actions,
    list::{self, Filter, Listed},
    store,
};
use carecert::SERVICES;
use platform::access::Role;
use testkit::world::World;

use crate::furnished::{at_cert, said, threat};

async fn listed(world: &World, filter: Filter) -> Vec<String> {
    let rows: Vec<Listed> = list::list(&mut world.app.read().await.unwrap(), &filter, None).await.unwrap();
    rows.into_iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn what_is_exploited_comes_first_and_filters_narrow() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let dated = |said: Said, dated: &str| Said { dated: dated.parse().unwrap(), ..said };
    let old = dated(said("Old", &[]), "2020-01-01");
    let new = dated(said("New Café", &[]), "2026-01-01");
    let exploited =
        Said { known_exploited: true, ..dated(said("Exploited", &["CVE-2017-0144"]), "2017-01-01") };
    let ransomware = Said { ransomware: true, ..dated(said("Ransomware", &[]), "2016-01-01") };
    let both = Said { known_exploited: true, ..dated(ransomware.clone(), "2015-01-01") };
    for said in [&old, &new, &exploited, &ransomware, &Said { title: "Both".to_owned(), ..both }] {
        threat(&world, &analyst, said).await;
    }
    let all = Filter::default;
    // Of what ransomware uses the worst is assumed, and it is Act.
    assert_eq!(listed(&world, all()).await, ["Both", "Ransomware", "Exploited", "New Café", "Old"]);
    assert_eq!(listed(&world, Filter { exploited: true, ..all() }).await, ["Both", "Exploited"]);
    assert_eq!(listed(&world, Filter { ransomware: true, ..all() }).await, ["Both", "Ransomware"]);
    for (search, found) in [
        ("cafe new", vec!["New Café"]),
        ("CAF", vec!["New Café"]),
        ("cve-2017-0144", vec!["Exploited"]),
        ("acme gate both", vec!["Both"]),
        ("nothing", vec![]),
        ("' OR 1=1 --%", vec![]),
    ] {
        assert_eq!(listed(&world, Filter { search: search.to_owned(), ..all() }).await, found, "{search}");
    }
    let client = world.signed_in(ann).await;
    let page = client.get("/threats?q=cafe&status=any&kind=vulnerability&mine=&after=broken").await;
    assert!(page.status == 200 && page.body.contains("New Café") && !page.body.contains("Ransomware</a>"));
    assert_eq!(listed(&world, Filter { claimed_by: Some(ann), ..all() }).await, Vec::<String>::new());
    // Where several are called alike, their numbers tell them apart; whether walked to or sought.
    for path in ["/threats?exploited=yes", "/threats?q=exploited"] {
        let page = client.get(path).await.body;
        assert!(page.contains(r#"<span class="carecert-beneath">CVE-2017-0144</span>"#), "{path}: {page}");
    }
    let page = client.get("/threats?exploited=yes&decision=").await.body;
    assert!(page.contains("Shown: status New, known to be exploited."), "{page}");
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    for number in 0..120 {
        threat(&world, &analyst, &said(&format!("Worm {number:03}"), &[])).await;
    }
    let client = world.signed_in(ann).await;
    let (mut address, mut seen) = ("/threats?q=worm".to_owned(), Vec::new());
    loop {
        let page = client.get(&address).await.body;
        seen.extend(page.match_indices(">Worm ").map(|(at, found)| page[at + found.len()..][..3].to_owned()));
        let Some(next) = page.split("pagination__link--next\" href=\"").nth(1) else { break };
        address = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        assert!(address.contains("q=worm"), "{address}");
    }
    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test]
async fn a_threat_is_claimed_commented_dismissed_and_taken_up_again() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (_, auditor) = at_cert(&world, "Audrey", Role::Auditor).await;
    let id = threat(&world, &analyst, &said("A threat", &["CVE-2017-0144"])).await;
    let client = world.signed_in(ann).await;
    let path = |verb: &str| format!("/threats/{id}/{verb}");
    assert_eq!(client.post(&path("claim"), &[("version", "1")]).await.status, 303);
    // The version has moved on.
    assert_eq!(client.post(&path("dismiss"), &[("version", "1"), ("text", "No")]).await.status, 409);
    assert_eq!(client.post(&path("comment"), &[("text", "**Seen** <script>x()</script>")]).await.status, 303);
    let unexplained = client.post(&path("dismiss"), &[("version", "2"), ("text", " ")]).await;
    assert!(unexplained.status == 422 && unexplained.body.contains("Enter why it does not concern"));
    assert_eq!(client.post(&path("dismiss"), &[("version", "2"), ("text", "Unused")]).await.status, 303);
    // What the status does not allow is refused with a sentence.
    assert_eq!(client.post(&path("claim"), &[("version", "3")]).await.status, 409);
    assert_eq!(client.post(&path("take-up"), &[("version", "3")]).await.status, 303);
    let page = client.get(&format!("/threats/{id}")).await.body;
    assert!(page.contains("<strong>Seen</strong>") && !page.contains("<script>x()"));

    let mut tx = world.app.write().await.unwrap();
    assert!(matches!(actions::claim(&mut tx, &auditor, id, 4).await, Err(ThreatError::Forbidden(_))));
    drop(tx);
    let advised = client.post(&path("advise"), &[("version", "4")]).await;
    assert_eq!(advised.location(), Some("/advisories/CC-0001/edit"));
    let mut snapshot = world.app.read().await.unwrap();
    let after = store::threat(&mut snapshot, id).await.unwrap().unwrap();
    assert_eq!((after.status, after.claimed_by), (Status::Advised, Some(ann)));
    assert_eq!(store::advisories(&mut snapshot, id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_threat_is_added_by_hand_and_a_bad_form_keeps_what_was_typed() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let client = world.signed_in(ann).await;
    let typed =
        [("kind", "malware"), ("title", "Odd \"mail\""), ("summary", ""), ("cves", "CVE-1"), ("link", "x")];
    let again = client.post("/threats/new", &typed).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("Odd &#34;mail&#34;") && again.body.contains("CVE-1 is not")
            || again.body.contains("CVE-1")
    );
    let typed = [
        ("kind", "vulnerability"),
        ("title", "Odd mail"),
        ("summary", "It asks for passwords."),
        ("cves", "CVE-2017-0144"),
        ("known", "exploited"),
        ("known", "ransomware"),
        ("link", "https://a.example/"),
    ];
    let done = client.post("/threats/new", &typed).await;
    let page = client.get(done.location().expect("the new threat")).await.body;
    assert!(page.contains("Written here by hand") && page.contains("CVE-2017-0144"));
    // Two threats are not made one by a third statement.
    threat(&world, &analyst, &said("Another", &["CVE-2017-0145"])).await;
    let typed = [
        ("kind", "vulnerability"),
        ("title", "Both"),
        ("summary", "x"),
        ("cves", "CVE-2017-0144 CVE-2017-0145"),
    ];
    let refused = client.post("/threats/new", &typed).await;
    assert!(refused.status == 422 && refused.body.contains("already two different threats"));
}
