//! What organisations saw, what advisories tell in words and what objects of a bundle exploit tells of exploitation;
//! and of what is no vulnerability it is asked whether it was seen, and nothing else of attacks.

use broadcast::{
    sighting::{self, Seen},
    source::{Beside, Keys, Source},
    threat::{Kind, Said, ThreatId, intake::csaf, store},
    triage::Decision,
};
use carecert::SERVICES;
use formats::Tlp;
use platform::{Actor, access::Role};
use serde_json::json;
use testkit::world::{Client, World};

use crate::{
    bundles_are_kept_and_related::{bundle, id, object, take_in},
    furnished::{at_cert, said, threat},
    furnished_sightings::{enter, linked, report, reported},
    furnished_triage::{now, scored, set, severe},
    issuing::actor,
};

const RED: &str = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
const NOBODY: &str = "No source tells it, so that it is unknown";

async fn decision(world: &World, id: ThreatId) -> Option<Decision> {
    Decision::of_rank(now(world, id).await.rank)
}

async fn page(client: &Client<'_>, id: ThreatId) -> String {
    client.get(&format!("/threats/{id}")).await.body
}

#[tokio::test]
async fn what_organisations_saw_is_evidence_until_it_turns_out_to_be_none() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let worm = threat(&world, &analyst, &severe("Worm", "CVE-2026-0003")).await;
    let other = threat(&world, &analyst, &severe("Other", "CVE-2026-0004")).await;
    let client = world.signed_in(ann).await;
    assert!(page(&client, worm).await.contains(NOBODY));
    let seen = reported(&world, &rae, "RWA", &report(Seen::HarmfulSoftware)).await;
    linked(&world, &analyst, seen, other).await;
    assert_eq!(decision(&world, other).await, Some(Decision::Act));
    // It was of the other one.
    let mut tx = world.app.write().await.unwrap();
    sighting::actions::link(&mut tx, &analyst, seen, 2, worm).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(decision(&world, other).await, Some(Decision::Undecided));
    assert_eq!(decision(&world, worm).await, Some(Decision::Act));
    let told = page(&client, worm).await;
    assert!(told.contains("1 organisation reported that it saw it.") && !told.contains(NOBODY), "{told}");
    assert!(told.contains("by What was seen in the sector: up, from Not yet decided"), "{told}");
    assert!(client.get("/threats?exploited=yes").await.body.contains(">Worm</a>"));
    // A source that says something else takes nothing of it away.
    threat(&world, &analyst, &said("Worm again", &["CVE-2026-0003"])).await;
    assert_eq!(decision(&world, worm).await, Some(Decision::Act));

    let mut tx = world.app.write().await.unwrap();
    sighting::actions::dismiss(&mut tx, &analyst, seen, 3, "A test of ours").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(decision(&world, worm).await, Some(Decision::Undecided));
    assert!(page(&client, worm).await.contains(NOBODY) && !now(&world, worm).await.known_exploited);
}

#[tokio::test]
async fn of_malware_it_is_asked_whether_it_was_seen_and_knowledge_comes_last() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let stix = json!({"name": "Loader", "is_family": true, "malware_types": ["downloader"]});
    take_in(&world, bundle(&[object("malware", 1, 1, stix)])).await;
    let harmless =
        scored(said("Harmless", &["CVE-2026-0001"]), "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N");
    threat(&world, &analyst, &Said { known_exploited: true, ..harmless }).await;
    let client = world.signed_in(ann).await;
    let list = client.get("/threats").await.body;
    let place = |title: &str| list.find(&format!(">{title}</a>")).expect("it is listed");
    assert!(place("Harmless") < place("Loader"), "{list}");
    let loader = list.split("href=\"/threats/0").find(|rest| rest.contains(">Loader</a>")).unwrap();
    let loader: ThreatId = format!("0{}", loader.split('"').next().unwrap()).parse().unwrap();
    let told = page(&client, loader).await;
    for (words, is) in [
        ("It is no vulnerability", true),
        ("Seen in the sector", true),
        ("it is kept as knowledge", true),
        ("Automatable", false),
        ("Technical impact", false),
        ("SSVCv2/", false),
    ] {
        assert_eq!(told.contains(words), is, "{words}: {told}");
    }
    assert_eq!(decision(&world, loader).await, Some(Decision::Track));
    assert_eq!(client.get(&format!("/threats/{loader}/triage/automatable")).await.status, 404);
    let automated = [("version", "1"), ("value", "yes"), ("reason", "Seen")];
    let refused = client.post(&format!("/threats/{loader}/triage/automatable"), &automated).await;
    assert_ne!(refused.status, 303, "that is not asked of it");

    enter(&world, &analyst, loader, "everywhere").await;
    assert_eq!(decision(&world, loader).await, Some(Decision::Attend));
    assert!(page(&client, loader).await.contains("An entry below says where it is or was active."));
    // What somebody here wrote of waits until somebody decides, with a reason.
    let fraud = Said { kind: Kind::Fraud, ..said("Invoice", &[]) };
    let fraud = threat(&world, &analyst, &fraud).await;
    assert_eq!(decision(&world, fraud).await, Some(Decision::Undecided));
    let form = client.get(&format!("/threats/{fraud}/triage/exploitation")).await.body;
    assert!(form.contains("Was it seen in the sector or its area?") && form.contains("Seen elsewhere"));
    set(&world, &analyst, fraud, formats::ssvc::Point::Exploitation, "active").await;
    assert_eq!(decision(&world, fraud).await, Some(Decision::Attend));
    assert!(!now(&world, fraud).await.known_exploited, "nobody exploits a fraud");
}

fn advisory(number: u32, status: &str) -> Vec<u8> {
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": format!("Monitor {number}"),
            "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://acme.example"},
            "tracking": {
                "id": format!("ACME-{number}"), "status": "final", "version": "1",
                "initial_release_date": "2026-05-01T00:00:00Z", "current_release_date": "2026-05-01T00:00:00Z",
                "revision_history": [{"date": "2026-05-01T00:00:00Z", "number": "1", "summary": "First"}]
            }
        },
        "product_tree": {"full_product_names": [{"name": "Monitor", "product_id": "P"}]},
        "vulnerabilities": [{
            "cve": format!("CVE-2026-10{number}"), "product_status": {"known_affected": ["P"]},
            "threats": [{"category": "exploit_status", "details": status, "product_ids": ["P"]}]
        }]
    })
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn what_an_advisory_tells_in_words_counts_where_it_is_plain_and_is_shown_where_not() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let client = world.signed_in(ann).await;
    let statuses = ["Exploited in the wild", "Exploits are in Metasploit.", "No known public exploits."];
    for ((number, status), value) in
        (10..).zip(statuses).zip([Some("Active"), Some("Proof of concept"), None])
    {
        let (beside, keys, bytes) = (Beside::default(), Keys::default(), advisory(number, status));
        let taken = csaf::take_in(&world.app, &Actor::Job("test"), "acme.json", bytes, beside, &keys).await;
        assert_eq!(taken.unwrap().new, 1, "{status}");
        let cve = format!("CVE-2026-10{number}").parse().unwrap();
        let threat = store::threat_of(&mut world.app.read().await.unwrap(), cve).await.unwrap().unwrap();
        let told = page(&client, threat).await;
        assert!(told.contains(&format!("It says “{status}”")), "{told}");
        let point = told.split(">Exploitation<").nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(point.contains(value.unwrap_or("Unknown")) && point.contains("Acme"), "{point}");
        assert!(!point.contains("Nobody") && !point.contains(NOBODY), "{point}");
        assert_eq!(now(&world, threat).await.known_exploited, value == Some("Active"), "{status}");
    }
}

#[tokio::test]
async fn what_malware_exploits_is_exploited_however_the_bundles_come_and_travels_no_further() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let client = world.signed_in(ann).await;
    let cve = json!({"name": "CVE-2026-2000",
                     "external_references": [{"source_name": "cve", "external_id": "CVE-2026-2000"}]});
    take_in(&world, bundle(&[object("vulnerability", 1, 1, cve)])).await;
    let number = "CVE-2026-2000".parse().unwrap();
    let threat = store::threat_of(&mut world.app.read().await.unwrap(), number).await.unwrap().unwrap();
    assert!(page(&client, threat).await.contains(NOBODY));

    // The relationship comes first, and what it begins at by another bundle.
    let exploits = |day, revoked: bool| {
        let says = json!({"relationship_type": "exploits", "source_ref": id("malware", 2),
                          "target_ref": id("vulnerability", 1), "revoked": revoked,
                          "object_marking_refs": [RED]});
        object("relationship", 3, day, says)
    };
    take_in(&world, bundle(&[exploits(1, false)])).await;
    assert!(!now(&world, threat).await.known_exploited, "nobody knows by what");
    let malware = json!({"name": "RansomX", "is_family": true, "malware_types": ["ransomware"]});
    take_in(&world, bundle(&[object("malware", 2, 1, malware)])).await;
    let row = now(&world, threat).await;
    assert!(row.known_exploited && row.ransomware);
    assert_eq!(Decision::of_rank(row.rank), Some(Decision::Act));
    let told = page(&client, threat).await;
    assert!(
        told.contains("It says “is exploited by RansomX (malware)”.") && !told.contains(NOBODY),
        "{told}"
    );
    let statements = store::statements(&mut world.app.read().await.unwrap(), threat).await.unwrap();
    let stands = statements.iter().find(|each| each.superseded_at.is_none()).unwrap();
    assert_eq!((stands.source, stands.said.marking), (Source::Stix, Some(Tlp::Red)), "as the relationship");

    // It is ransomware itself.
    let list = client.get("/threats?kind=malware&status=any&ransomware=yes").await.body;
    assert!(list.contains(">RansomX</a>"), "{list}");
    // What was taken back no longer counts.
    take_in(&world, bundle(&[exploits(2, true)])).await;
    let row = now(&world, threat).await;
    assert!(!row.known_exploited && !row.ransomware);
    assert!(page(&client, threat).await.contains(NOBODY));
}
