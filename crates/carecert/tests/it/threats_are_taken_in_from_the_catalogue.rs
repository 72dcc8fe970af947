//! CISA's catalogue comes in whole, once, with who said what; a broken or hostile one is refused.

use std::io::Read;

use broadcast::{
    source::{self, Source},
    threat::{
        Status, actions, intake,
        list::{self, Filter},
        store,
    },
};
use carecert::SERVICES;
use platform::{Actor, access::Role, blob, import::Report, log};
use testkit::world::World;

use crate::furnished::{at_cert, said, threat};

const CATALOGUE: &[u8] =
    include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
const IMPORTER: Actor = Actor::Job("import");

async fn take_in(world: &World, catalogue: impl Read + Send + 'static) -> Report {
    intake::take_in(&world.app, &IMPORTER, Source::Kev, catalogue, "kev.json", |_| {})
        .await
        .expect("an import")
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.new, report.changed, report.same, report.refused)
}

fn entry(cve: &str, action: &str, ransomware: &str) -> String {
    format!(
        r#"{{"cveID":"{cve}","vendorProject":"Microsoft","product":"SMBv1","vulnerabilityName":"<script>alert(1)</script>","dateAdded":"2022-02-10","shortDescription":"<img src=x onerror=alert(1)>","requiredAction":"{action}","dueDate":"2022-08-10","knownRansomwareCampaignUse":"{ransomware}","notes":"https://a.example/x; javascript:alert(1)"}}"#
    )
}

fn catalogue(entries: &[String]) -> Vec<u8> {
    format!(r#"{{"count":{},"vulnerabilities":[{}]}}"#, entries.len(), entries.join(",")).into_bytes()
}

#[tokio::test]
async fn the_real_catalogue_comes_in_once() {
    let world = World::new(SERVICES).await;
    assert_eq!(counts(&take_in(&world, CATALOGUE).await), (1404, 0, 0, 0));
    assert_eq!(counts(&take_in(&world, CATALOGUE).await), (0, 0, 1404, 0));

    let mut snapshot = world.app.db.read_long().await.unwrap();
    let (mut ransomware, mut after) = (0, None);
    let filter = Filter { ransomware: true, ..Filter::default() };
    loop {
        let mut rows = list::list(&mut snapshot, &filter, after).await.unwrap();
        rows.truncate(50);
        ransomware += rows.len();
        let Some(last) = rows.last() else { break };
        assert!(rows.iter().all(|row| row.ransomware && row.known_exploited && row.rank == 54_000_000));
        after = Some((last.rank, last.dated.clone(), last.id));
    }
    assert_eq!(ransomware, 293);

    let flagged =
        db::sql!("SELECT CAST(count(*) AS BIGINT) FROM threat_statement WHERE flags = 'due_before_added'");
    assert_eq!(snapshot.one::<(i64,)>(flagged, vec![]).await.unwrap(), (15,));
    let documents = db::sql!("SELECT hash FROM source_document");
    let documents: Vec<(Vec<u8>,)> = snapshot.all(documents, vec![]).await.unwrap();
    assert_eq!(documents.len(), 1);
    drop(snapshot);
    let hash: blob::BlobHash = documents[0].0.clone().try_into().unwrap();
    assert_eq!(blob::read(&world.app, &hash).await.unwrap(), CATALOGUE);
    log::seal(&world.app).await.unwrap();
}

#[tokio::test]
async fn an_entry_that_changed_supersedes_its_statement_and_wakes_a_dismissed_threat() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let before = catalogue(&[
        entry("CVE-2017-0144", "Patch.", "Unknown"),
        entry("CVE-2017-0145", "Patch.", "Unknown"),
    ]);
    take_in(&world, std::io::Cursor::new(before)).await;
    let id = store::threat_of(&mut world.app.read().await.unwrap(), "CVE-2017-0144".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let mut tx = world.app.write().await.unwrap();
    actions::dismiss(&mut tx, &analyst, id, 1, "No SMB here").await.unwrap();
    tx.commit().await.unwrap();

    let after =
        catalogue(&[entry("CVE-2017-0144", "Patch.", "Known"), entry("CVE-2017-0145", "Patch.", "Unknown")]);
    assert_eq!(counts(&take_in(&world, std::io::Cursor::new(after)).await), (0, 1, 1, 0));
    let mut snapshot = world.app.read().await.unwrap();
    let threat = store::threat(&mut snapshot, id).await.unwrap().unwrap();
    assert_eq!((threat.status, threat.ransomware), (Status::New, true));
    let statements = store::statements(&mut snapshot, id).await.unwrap();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements.iter().filter(|statement| statement.superseded_at.is_none()).count(), 1);
}

#[tokio::test]
async fn two_sources_about_one_cve_are_one_threat() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let by_hand = threat(&world, &analyst, &said("EternalBlue, as we call it", &["CVE-2017-0144"])).await;
    take_in(&world, std::io::Cursor::new(catalogue(&[entry("CVE-2017-0144", "Patch.", "Known")]))).await;
    let mut snapshot = world.app.read().await.unwrap();
    let statements = store::statements(&mut snapshot, by_hand).await.unwrap();
    let sources: Vec<_> = statements.iter().map(|statement| statement.source).collect();
    assert!(sources.len() == 2 && sources.contains(&Source::Kev) && sources.contains(&Source::Hand));
    let threat = store::threat(&mut snapshot, by_hand).await.unwrap().unwrap();
    assert!(threat.known_exploited && threat.ransomware);
    assert_eq!(threat.dated, "2026-06-01");
    let document = statements.iter().find_map(|statement| statement.document).unwrap();
    assert_eq!(source::store::document(&mut snapshot, document).await.unwrap().unwrap().name, "kev.json");
}

#[tokio::test]
async fn what_a_feed_says_is_text_on_the_page() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    take_in(&world, std::io::Cursor::new(catalogue(&[entry("CVE-2017-0144", "<b>Patch</b>", "Known")])))
        .await;
    let client = world.signed_in(ann).await;
    let list = client.get("/threats").await;
    let link = list.body.split("href=\"/threats/").find_map(|rest| {
        let id = rest.split('"').next()?;
        (id.len() == 36).then(|| format!("/threats/{id}"))
    });
    let page = client.get(&link.expect("a threat in the list")).await;
    for body in [&list.body, &page.body] {
        assert!(
            !body.contains("<script>alert") && !body.contains("<img src=x") && !body.contains("<b>Patch")
        );
    }
    assert!(!page.body.contains("href=\"javascript:") && page.body.contains("href=\"https://a.example/x\""));
    let advised = client.post(&link_of(&page.body, "/advise"), &[("version", "1")]).await;
    let number = advised.location().unwrap().trim_end_matches("/edit").to_owned();
    let reading = client.get(&number).await;
    assert_eq!(reading.status, 200);
    assert!(!reading.body.contains("<script>alert") && !reading.body.contains("<img src=x"));
}

#[tokio::test]
async fn a_draft_made_of_an_entry_proposes_and_its_authors_decide() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let action = "Apply mitigations per vendor instructions, follow applicable BOD 22-01 guidance for cloud \
                  services, or discontinue use of the product if mitigations are unavailable.";
    take_in(&world, std::io::Cursor::new(catalogue(&[entry("CVE-2017-0144", action, "Known")]))).await;
    let mut snapshot = world.app.read().await.unwrap();
    let threat = store::threat_of(&mut snapshot, "CVE-2017-0144".parse().unwrap()).await;
    let threat = format!("/threats/{}", threat.unwrap().expect("a threat"));
    drop(snapshot);
    let client = world.signed_in(ann).await;
    assert!(client.get(&threat).await.body.contains("BOD 22-01"), "word for word");
    let advised = client.post(&format!("{threat}/advise"), &[("version", "1")]).await;
    let edit = advised.location().unwrap().to_owned();
    let number = edit.trim_end_matches("/edit");
    let reading = client.get(number).await.body;
    assert!(!reading.contains("BOD") && reading.contains("stop using the product"), "{reading}");
    assert!(reading.contains("Read more") && reading.contains("href=\"https://a.example/x\""), "{reading}");

    let proposed = async || client.get(&edit).await.body.matches("Proposed: decide").count();
    assert_eq!(proposed().await, 2);
    let submitted = client.post(&format!("{number}/submit"), &[("edition", "1")]).await.body;
    assert!(submitted.contains("your decision on the proposed severity"), "{submitted}");
    // To save the page as it is, is to decide.
    let about = [("edition", "1"), ("title", "SMBv1"), ("summary", "A flaw."), ("severity", "high")];
    assert_eq!(client.post(&format!("{edit}/about"), &about).await.status, 303);
    assert_eq!(proposed().await, 1);
    let source = [("source-name", "Acme"), ("source-url", "https://a.example/x")];
    let marking = [[("edition", "2"), ("tlp", "clear")], source].concat();
    assert_eq!(client.post(&format!("{edit}/marking"), &marking).await.status, 303);
    assert_eq!(proposed().await, 0);

    let list = client.get("/threats").await.body;
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    let theirs = auditor.get("/threats").await.body;
    assert!(
        list.contains(" Claim one, then write an advisory")
            && !theirs.contains(" Claim one, then write an advisory")
    );
}

fn link_of(body: &str, end: &str) -> String {
    let mut actions = body.split("action=\"").filter_map(|rest| rest.split('"').next());
    actions.find(|action| action.ends_with(end)).expect("a form").to_owned()
}

/// Bytes without end, in one field.
struct Flood(u64);

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = usize::try_from(self.0).unwrap_or(usize::MAX).min(buffer.len());
        buffer[..count].fill(b'x');
        self.0 -= count as u64;
        Ok(count)
    }
}

#[tokio::test]
async fn broken_and_hostile_files_are_refused_with_a_word() {
    let world = World::new(SERVICES).await;
    let deep = [br#"{"vulnerabilities":["#.to_vec(), vec![b'['; 200_000]].concat();
    let random: Vec<u8> = (0..10_000).flat_map(|_| world.app.env.bytes::<8>()).collect();
    for hostile in [Vec::new(), deep, random, CATALOGUE[..300_000].to_vec(), b"{}".to_vec(), b"[]".to_vec()] {
        let report = take_in(&world, std::io::Cursor::new(hostile)).await;
        assert!(report.refused > 0 && !report.refusals[0].reason.is_empty());
    }
    let field = br#"{"vulnerabilities":[{"cveID":""#.as_slice();
    let report = take_in(&world, field.chain(Flood(120 * 1024 * 1024))).await;
    assert_eq!((report.new, report.refused), (0, 1));
    assert!(report.refusals[0].reason.contains("larger than the 64 MB"));
}

#[tokio::test]
async fn one_bad_entry_does_not_keep_out_the_others() {
    let world = World::new(SERVICES).await;
    let bad = entry("CVE-17-1", "Patch.", "Known");
    let mixed = catalogue(&[
        entry("CVE-2017-0144", "Patch.", "Known"),
        bad,
        entry("CVE-2017-0145", "Patch.", "Known"),
    ]);
    assert_eq!(counts(&take_in(&world, std::io::Cursor::new(mixed)).await), (2, 0, 0, 1));
}
