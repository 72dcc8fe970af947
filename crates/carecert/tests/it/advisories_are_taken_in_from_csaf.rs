//! CSAF advisories come in with what they say of each product, the newest revision is believed, and
//! whatever a stranger writes is text.

use broadcast::{
    source::{Beside, Keys, Source},
    threat::{
        Flag, ProductStatus, ThreatId,
        intake::{self, csaf},
        list::{self, Filter},
        store,
    },
};
use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, import::Report};
use serde_json::{Value, json};
use testkit::world::World;

use crate::furnished::at_cert;

macro_rules! documents {
    ($($folder:literal: $($name:literal)+;)+) => {
        const DOCUMENTS: &[(&str, &[u8])] = &[$($((
            concat!($name, ".json"),
            include_bytes!(concat!("../../../../data/broadcast/", $folder, "/", $name, ".json")),
        ),)+)+];
    };
}

documents! {
    "csaf-it": "va-24-201-01" "va-24-254-01" "va-24-254-02" "va-24-262-01";
    "csaf-medical":
        "icsma-17-250-02a" "icsma-18-025-01" "icsma-18-137-01" "icsma-19-164-01" "icsma-19-178-01"
        "icsma-19-274-01" "icsma-20-049-01" "icsma-20-170-04" "icsma-21-007-01" "icsma-21-294-01"
        "icsma-22-335-01" "icsma-23-117-01" "icsma-24-058-01" "icsma-24-249-01" "icsma-24-254-01";
}

const KEV: &[u8] = include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
const RECORDS: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");

fn real(name: &str) -> &'static [u8] {
    DOCUMENTS.iter().find(|(known, _)| *known == name).unwrap().1
}

async fn take_in(world: &World, name: &str, bytes: impl Into<Vec<u8>>) -> Report {
    let (beside, keys) = (Beside::default(), Keys::default());
    csaf::take_in(&world.app, &Actor::Job("test"), name, bytes.into(), beside, &keys).await.unwrap()
}

/// All real documents, summed.
async fn all(world: &World) -> Report {
    let mut sum = Report::of("csaf");
    for (name, bytes) in DOCUMENTS {
        sum.add(take_in(world, name, *bytes).await);
    }
    sum
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.new, report.changed, report.same, report.refused)
}

/// A real document with something changed.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = serde_json::from_slice(real(name)).unwrap();
    change(&mut document);
    serde_json::to_vec_pretty(&document).unwrap()
}

/// The same as another revision.
fn revision(name: &str, version: &str, date: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    changed(name, |document| {
        document["document"]["tracking"]["version"] = json!(version);
        document["document"]["tracking"]["current_release_date"] = json!(date);
        change(document);
    })
}

async fn threat_of(world: &World, cve: &str) -> ThreatId {
    let found = store::threat_of(&mut world.app.read().await.unwrap(), cve.parse().unwrap()).await.unwrap();
    found.unwrap_or_else(|| panic!("{cve} is no threat"))
}

/// What stands of a threat.
async fn standing(world: &World, cve: &str) -> Vec<store::Statement> {
    let id = threat_of(world, cve).await;
    let all = store::statements(&mut world.app.read().await.unwrap(), id).await.unwrap();
    all.into_iter().filter(|statement| statement.superseded_at.is_none()).collect()
}

/// The number that a statement counts.
async fn count(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

#[tokio::test]
async fn the_real_documents_come_in_once_and_devices_are_told() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let taken = all(&world).await;
    assert_eq!((counts(&taken), taken.remarked), ((55, 0, 0, 0), 0));
    assert_eq!(counts(&all(&world).await), (0, 0, 55, 0));
    assert_eq!(count(&world, sql!("SELECT count(*) FROM threat_statement")).await, 55);
    assert_eq!(count(&world, sql!("SELECT count(*) FROM source_document")).await, 19);
    assert_eq!(count(&world, sql!("SELECT count(*) FROM threat WHERE medical = TRUE")).await, 46);
    // CISA scores by both versions here, and repeats what is the same for each product.
    let scored = sql!("SELECT count(*) FROM threat WHERE score IS NOT NULL");
    assert_eq!(count(&world, scored).await, 55);

    let analyst = world.signed_in(ann).await;
    let [statement] = &standing(&world, "CVE-2024-1453").await[..] else { panic!("one statement") };
    assert!(statement.verbatim.starts_with('{') && statement.verbatim.contains("CVE-2024-1453"));
    let page = analyst.get(&format!("/threats/{}", threat_of(&world, "CVE-2024-1453").await)).await.body;
    for told in [
        "Santesoft Sante DICOM Viewer Pro",
        "Sante DICOM Viewer Pro, made by Santesoft. Used for: imaging.",
        "ICSMA-24-058-01",
        "TLP:CLEAR",
        "7.8 High, CVSS 3.1",
        "CISA, the publisher of an advisory",
        "Santesoft released an updated version",
        "Until it is remedied",
        "Do not click web links or open attachments in unsolicited email messages.",
        "Santesoft Sante DICOM Viewer Pro: &#60;=14.0.3: Affected",
        "27 February 2024",
        "CWE-125",
        "href=\"https://santesoft.com/win/sante-dicom-viewer-pro/download.html\"",
        &format!("href=\"/sources/documents/{}\"", statement.document.unwrap()),
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let list = analyst.get("/threats?medical=yes&q=ICSMA-24-058-01").await.body;
    assert!(list.contains("Medical device") && list.contains("Santesoft Sante DICOM"), "{list}");
    let filter = Filter { medical: true, search: "fresenius".to_owned(), ..Filter::default() };
    let found = list::list(&mut world.app.db.read_long().await.unwrap(), &filter, None).await.unwrap();
    assert_eq!(found.len(), 0, "no device of this vendor is among them");
}

#[tokio::test]
async fn a_product_of_which_nothing_is_said_is_unknown_and_a_contradiction_is_told() {
    let world = World::new(SERVICES).await;
    take_in(&world, "va.json", real("va-24-201-01.json")).await;
    let [statement] = &standing(&world, "CVE-2023-45195").await[..] else { panic!("one statement") };
    let statuses = |status| statement.said.products.iter().filter(|each| each.status == status).count();
    let known = [ProductStatus::Affected, ProductStatus::Fixed, ProductStatus::Unknown].map(statuses);
    assert!(known.iter().all(|count| *count > 0), "{:?}", statement.said.products);
    assert_eq!(statuses(ProductStatus::NotAffected), 0, "silence is no answer");

    let both = revision("icsma-24-058-01.json", "2", "2024-03-01T00:00:00Z", |document| {
        document["vulnerabilities"][0]["product_status"]["known_not_affected"] = json!(["CSAFPID-0001"]);
        document["vulnerabilities"][0]["scores"][0]["cvss_v3"]["baseScore"] = json!(3.1);
    });
    take_in(&world, "both.json", both).await;
    let [statement] = &standing(&world, "CVE-2024-1453").await[..] else { panic!("one statement") };
    assert_eq!(statement.said.flags, [Flag::Unread, Flag::Contradicted, Flag::ScoreContradicted][1..]);
    assert_eq!(statement.said.products[0].status, ProductStatus::Affected, "the careful reading");
}

#[tokio::test]
async fn the_same_cve_of_catalogue_record_and_advisory_is_one_threat() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    // BlueKeep is in the catalogue, and in an advisory on telemetry receivers of hospitals.
    let record = RECORDS.lines().find(|line| line.contains("CVE-2022-42475")).unwrap();
    let record = record.replace("CVE-2022-42475", "CVE-2019-0708").into_bytes();
    for (source, bytes) in [
        (Source::Cve, record),
        (Source::Csaf, real("icsma-20-049-01.json").to_vec()),
        (Source::Kev, KEV.to_vec()),
    ] {
        let input = std::io::Cursor::new(bytes);
        intake::take_in(&world.app, &Actor::Job("test"), source, input, "file", |_| {}).await.unwrap();
    }
    let mut sources: Vec<_> =
        standing(&world, "CVE-2019-0708").await.into_iter().map(|statement| statement.source).collect();
    sources.sort_unstable_by_key(|source| source.code());
    assert_eq!(sources, [Source::Csaf, Source::Cve, Source::Kev]);
    let page = world.signed_in(ann).await;
    let page = page.get(&format!("/threats/{}", threat_of(&world, "CVE-2019-0708").await)).await.body;
    for told in ["Exploited", "Medical device", "made by Spacelabs", "Security advisory (CSAF): CISA"] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[tokio::test]
async fn a_newer_revision_replaces_and_withdraws_and_an_older_one_that_comes_late_changes_nothing() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let first = real("icsma-18-137-01.json");
    assert_eq!(counts(&take_in(&world, "first.json", first).await), (2, 0, 0, 0));
    let newer = |document: &mut Value| {
        document["vulnerabilities"].as_array_mut().unwrap().remove(1);
        document["product_tree"]["branches"][0]["name"] = json!("Medtronic plc");
    };
    let newer = revision("icsma-18-137-01.json", "3", "2019-01-01T00:00:00Z", newer);
    // One is told anew, by what stands around its unchanged words, and one is withdrawn.
    assert_eq!(counts(&take_in(&world, "newer.json", newer.clone()).await), (0, 2, 0, 0));
    let [stands] = &standing(&world, "CVE-2018-8849").await[..] else { panic!("one statement") };
    assert_eq!(
        (stands.said.vendor.as_str(), stands.document_name.as_deref()),
        ("Medtronic plc", Some("newer.json"))
    );
    assert_eq!(stands.said.dated.to_string(), "2019-01-01");
    assert!(standing(&world, "CVE-2018-10631").await.is_empty());
    let withdrawn = threat_of(&world, "CVE-2018-10631").await;
    let score = store::threat(&mut world.app.read().await.unwrap(), withdrawn).await.unwrap().unwrap();
    let analyst = world.signed_in(ann).await;
    let page = analyst.get(&format!("/threats/{withdrawn}")).await.body;
    assert!(page.contains("Nobody any more") && page.contains("What sources said before"), "{page}");
    assert!(page.contains("to nothing known") && !score.known_exploited, "{page}");

    // The first comes again, and another of the day between.
    for (name, late) in [
        ("first.json", first.to_vec()),
        ("between.json", revision("icsma-18-137-01.json", "2", "2018-09-01T00:00:00Z", |_| {})),
    ] {
        let late = take_in(&world, name, late).await;
        assert_eq!((counts(&late), late.remarked), ((0, 0, 2, 0), 1));
        let told = &late.remarks[0].reason;
        assert!(told.contains("version 2 ") && told.contains("version 3 is known"), "{told}");
    }
    let [stands] = &standing(&world, "CVE-2018-8849").await[..] else { panic!("one statement") };
    assert_eq!(stands.document_name.as_deref(), Some("newer.json"));
    assert!(standing(&world, "CVE-2018-10631").await.is_empty());
    assert_eq!(counts(&take_in(&world, "newer.json", newer).await), (0, 0, 1, 0));
    // Each is kept, and says which one is believed.
    let documents = analyst.get("/sources/documents?source=csaf").await.body;
    let old = documents.matches("/sources/documents/").count();
    assert!(old >= 3, "{documents}");
    let believed = format!("href=\"/sources/documents/{}\">Read the newer one", stands.document.unwrap());
    let first = sql!("SELECT id FROM source_document WHERE name = 'first.json'");
    let first = world.app.read().await.unwrap().one::<(ThreatId,)>(first, params![]).await.unwrap().0;
    let page = analyst.get(&format!("/sources/documents/{first}")).await.body;
    assert!(page.contains(&believed), "{page}");

    // And what was withdrawn is said again.
    let again = revision("icsma-18-137-01.json", "4", "2019-02-01T00:00:00Z", |_| {});
    assert_eq!(counts(&take_in(&world, "again.json", again).await), (1, 1, 0, 0));
    assert_eq!(threat_of(&world, "CVE-2018-10631").await, withdrawn);
    assert_eq!(standing(&world, "CVE-2018-10631").await.len(), 1);
}

#[tokio::test]
async fn a_document_without_vulnerabilities_is_a_report_until_it_names_some() {
    let world = World::new(SERVICES).await;
    let none = |document: &mut Value| document["vulnerabilities"] = json!([]);
    let none = revision("icsma-24-249-01.json", "0.9", "2024-01-01T00:00:00Z", none);
    assert_eq!(counts(&take_in(&world, "report.json", none).await), (1, 0, 0, 0));
    let kinds = async || {
        let statement = sql!("SELECT t.kind FROM threat t WHERE EXISTS (
            SELECT 1 FROM threat_statement s WHERE s.threat_id = t.id AND s.superseded_at IS NULL) ORDER BY t.kind");
        let rows: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
        rows.into_iter().map(|(kind,)| kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, ["report"]);
    // Versions that cannot be compared are told apart by their dates.
    assert_eq!(counts(&take_in(&world, "full.json", real("icsma-24-249-01.json")).await), (2, 1, 0, 0));
    assert_eq!(kinds().await, ["vulnerability", "vulnerability"]);
}

#[tokio::test]
async fn what_a_stranger_writes_is_text_and_what_cannot_be_read_is_told() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let hostile = changed("icsma-24-058-01.json", |document| {
        document["document"]["title"] = json!(evil);
        document["document"]["notes"][0]["text"] = json!(evil);
        document["document"]["notes"][0]["title"] = json!(evil);
        document["document"]["tracking"]["revision_history"][0]["summary"] = json!(evil);
        document["document"]["acknowledgments"] = json!([{"summary": evil, "urls": ["javascript:alert(1)"]}]);
        document["document"]["references"] = json!([{"summary": evil, "url": "javascript:alert(1)"}]);
        document["document"]["lang"] = json!({"not": "a text"});
        let flaw = &mut document["vulnerabilities"][0];
        flaw["notes"][0]["text"] = json!(evil);
        flaw["remediations"][0]["details"] = json!(evil);
        flaw["remediations"][0]["url"] = json!("javascript:alert(1)");
        flaw["ids"] = json!([{"system_name": evil, "text": evil}]);
        flaw["scores"][0]["cvss_v3"]["vectorString"] = json!(evil);
        flaw["cwe"] = json!(7);
    });
    let report = take_in(&world, "../../evil.html", hostile.clone()).await;
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert!(report.remarked >= 2, "{:?}", report.remarks);
    let remark = report.remarks.iter().find(|it| it.path.as_deref() == Some("/document/lang")).unwrap();
    assert!(remark.line.is_some_and(|line| line > 1) && remark.reason.contains("an object, not a text"));
    let [statement] = &standing(&world, "CVE-2024-1453").await[..] else { panic!("one statement") };
    assert!(statement.said.flags.contains(&Flag::Unread));

    let analyst = world.signed_in(ann).await;
    let document = format!("/sources/documents/{}", statement.document.unwrap());
    let threat = format!("/threats/{}", threat_of(&world, "CVE-2024-1453").await);
    let flaw = format!("{document}/vulnerabilities/1");
    for page in [&document, &threat, &flaw, "/sources/documents"] {
        let page = analyst.get(page).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("&#60;script&#62;"), "{}", page.body);
        for bad in ["<script>alert", "<img src=x", "href=\"javascript:"] {
            assert!(!page.body.contains(bad), "{bad}: {}", page.body);
        }
    }
    let page = analyst.get(&document).await.body;
    assert!(page.contains("What was remarked on reading it") && page.contains("/document/lang"), "{page}");
    let file = analyst.get(&format!("{document}/file")).await;
    assert_eq!(file.body.as_bytes(), hostile);
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"evil.html.txt\""),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(file.headers[header], value);
    }
    let advised = analyst.post(&format!("{threat}/advise"), &[("version", "1")]).await;
    let draft = analyst.get(advised.location().unwrap().trim_end_matches("/edit")).await.body;
    assert!(
        draft.contains("&#60;script") && !draft.contains("<script>alert") && !draft.contains("<img src=x")
    );
}

#[tokio::test]
async fn a_broken_document_is_refused_whole_with_its_place() {
    let world = World::new(SERVICES).await;
    let whole = real("icsma-24-249-01.json");
    let line = String::from_utf8_lossy(&whole[..whole.len() / 2]).lines().count() as u64;
    for (bytes, place, says) in [
        (whole[..whole.len() / 2].to_vec(), Some(line), "is not JSON"),
        (b"\x1f\x8b no gzip".to_vec(), None, "cannot be read"),
        (Vec::new(), None, "is empty"),
        (b"{\"document\": {}}".to_vec(), None, "neither a title nor an id"),
        (vec![b' '; 17 * 1024 * 1024], None, "larger than the 16 MiB"),
    ] {
        let report = take_in(&world, "broken.json", bytes).await;
        assert_eq!(counts(&report), (0, 0, 0, 1));
        let refusal = &report.refusals[0];
        assert!(refusal.reason.contains(says), "{refusal:?}");
        assert!(place.is_none_or(|place| refusal.line.abs_diff(place) <= 1), "{refusal:?} {place:?}");
    }
    assert_eq!(count(&world, sql!("SELECT count(*) FROM threat")).await, 0);
    assert_eq!(count(&world, sql!("SELECT count(*) FROM source_document")).await, 0);
}

/// A document of 1,000 products and 140 vulnerabilities, each with every product.
fn vast() -> Vec<u8> {
    changed("icsma-24-058-01.json", |document| {
        let ids: Vec<String> = (0..1_000).map(|product| format!("P-{product}")).collect();
        let named = |id: &String| json!({"product_id": id, "name": format!("Viewer of the {id} kind")});
        document["product_tree"] = json!({"full_product_names": ids.iter().map(named).collect::<Vec<_>>()});
        let flaw = document["vulnerabilities"][0].clone();
        let flaws = (0..140).map(|place| {
            let mut flaw = flaw.clone();
            flaw["cve"] = json!(format!("CVE-2030-{}", 10_000 + place));
            flaw["product_status"] = json!({"known_affected": ids[..990]});
            flaw["remediations"][0]["product_ids"] = json!(ids);
            flaw
        });
        document["vulnerabilities"] = flaws.collect();
    })
}

#[tokio::test]
async fn a_vast_document_comes_in_and_its_pages_stay_pages() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    assert_eq!(counts(&take_in(&world, "vast.json", vast()).await), (140, 0, 0, 0));
    assert_eq!(counts(&take_in(&world, "vast.json", vast()).await), (0, 0, 140, 0));
    let analyst = world.signed_in(ann).await;
    let [statement] = &standing(&world, "CVE-2030-10007").await[..] else { panic!("one statement") };
    let document = format!("/sources/documents/{}", statement.document.unwrap());
    let last = format!("{document}/vulnerabilities/140?from=950");
    let threat = format!("/threats/{}", threat_of(&world, "CVE-2030-10007").await);
    for path in [document.clone(), format!("{document}?from=100"), last.clone(), threat] {
        let page = analyst.get(&path).await.body;
        assert!(page.len() < 100_000, "{path}: {} bytes", page.len());
    }
    let page = analyst.get(&document).await.body;
    assert!(page.contains("CVE-2030-10049") && !page.contains("CVE-2030-10050"), "{page}");
    assert!(page.contains("990 affected, 10 unknown") && page.contains("?from=50\""), "{page}");
    let page = analyst.get(&last).await.body;
    assert!(page.contains("Viewer of the P-999 kind") && page.contains("Unknown"), "{page}");
    assert!(!page.contains("rel=\"next\""), "{page}");
    assert_eq!(analyst.get(&format!("{document}/vulnerabilities/141")).await.status, 404);
    assert_eq!(analyst.get(&format!("{document}/vulnerabilities/0")).await.status, 404);
}

#[tokio::test]
async fn an_advisory_is_begun_with_what_the_document_says() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    take_in(&world, "icsma.json", real("icsma-24-058-01.json")).await;
    let analyst = world.signed_in(ann).await;
    let threat = format!("/threats/{}", threat_of(&world, "CVE-2024-1453").await);
    let advised = analyst.post(&format!("{threat}/advise"), &[("version", "1")]).await;
    let draft = analyst.get(advised.location().unwrap().trim_end_matches("/edit")).await.body;
    for told in [
        "Santesoft Sante DICOM Viewer Pro: &#60;=14.0.3",
        "CVE-2024-1453",
        "Patch",
        "recommends updating Sante DICOM Viewer Pro to v14.0.4 or later",
        "Guidance",
        "Do not click web links or open attachments in unsolicited email messages.",
        "santesoft.com",
        "href=\"https://www.cisa.gov/news-events/ics-medical-advisories/icsma-24-058-01\"",
        "TLP:CLEAR",
    ] {
        assert!(draft.contains(told), "{told}: {draft}");
    }
}
