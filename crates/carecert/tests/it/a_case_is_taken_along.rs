//! A case as a file for other systems: valid by schemas that others wrote, read back by our own reader, with nothing of a
//! zone that its reader does not read, and without the victim unless that is asked for.

use std::collections::BTreeSet;

use boon::{Compiler, Draft, Schemas};
use carecert::SERVICES;
use formats::{
    Tlp,
    stix::{self, Definition, StixObject},
};
use http::StatusCode;
use platform::{Actor, access::Role};
use react::{case::Zone, incident::IncidentId};
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::{
    furnished_cases::{entry, let_in},
    furnished_incidents::{classified, observed, reported},
    issuing::{actor, contact},
};

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/broadcast/stix/schemas");

/// What stands in each zone: addresses, a path with what JSON escapes, and one of the victim's own.
const SHARED: &str = "hxxp://evil[.]numbat-shared[.]org/a?b=(c)&d=e\n100[.]43[.]7[.]9\n\
    C:\\Users\\Public\\numbat.exe\nHKLM\\Software\\Numbat\\Run\nCVE-2024-3400\nT1486\nhttps://vpn.walking.org/login\n\
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b999";
const OWN: &str = "203[.]0[.]113[.]9 quokka-own[.]org";
const CERT: &str = "zebrafish-cert[.]org 100[.]43[.]7[.]9";

struct Case<'a> {
    world: &'a World,
    id: IncidentId,
    number: String,
    rae: Actor,
    ana: Actor,
}

async fn case(world: &World) -> Case<'_> {
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(world, trust, "security_lead", "lead@walking.org").await;
    let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(world, "Ana Lyst", Role::Analyst, None).await;
    let sent = reported(world, &rae, "RWA").await;
    let id = sent.incident;
    for (by, zone, text) in [(&rae, Zone::Shared, SHARED), (&rae, Zone::Own, OWN), (&ana, Zone::Cert, CERT)] {
        observed(world, by, id, zone, text).await;
        let mut tx = world.app.write().await.unwrap();
        let words = entry(world, &format!("Entry of {zone:?} at Walking, by \"Pat\""));
        react::case::timeline::add(&mut tx, by, id, zone, &words).await.unwrap();
        tx.commit().await.unwrap();
    }
    classified(world, &ana, id).await;
    Case { world, id, number: sent.receipt.to_string(), rae, ana }
}

impl Case<'_> {
    async fn signed_in(&self, who: &Actor) -> Client<'_> {
        self.world.signed_in(who.person().unwrap().id).await
    }

    async fn file(&self, client: &Client<'_>, file: &str) -> Value {
        let answer = client.get(&format!("/incidents/{}/{file}", self.id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}: {}", answer.body);
        assert!(answer.headers["content-disposition"].to_str().unwrap().contains(&self.number));
        answer.json()
    }
}

/// What the schemas of OASIS have against a bundle's objects.
fn findings(bundle: &Value) -> Vec<String> {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    let mut files = Vec::new();
    for folder in ["common", "sdos", "sros", "observables"] {
        for file in std::fs::read_dir(format!("{SCHEMAS}/{folder}")).unwrap() {
            let schema: Value =
                serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            let id = schema["$id"].as_str().unwrap().to_owned();
            compiler.add_resource(&id, schema).unwrap();
            files.push(id);
        }
    }
    let mut schemas = Schemas::new();
    let mut found = Vec::new();
    for object in bundle["objects"].as_array().unwrap() {
        let kind = object["type"].as_str().unwrap();
        let of_it = files.iter().find(|id| id.ends_with(&format!("/{kind}.json")));
        let index =
            compiler.compile(of_it.unwrap_or_else(|| panic!("no schema of {kind}")), &mut schemas).unwrap();
        if let Err(error) = schemas.validate(object, index) {
            found.push(format!("{object}: {error:#}"));
        }
    }
    found
}

fn read(bundle: &Value) -> Vec<StixObject> {
    stix::read(bundle.to_string().as_bytes()).map(|object| object.expect("our own reader takes it")).collect()
}

fn of<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let objects = bundle["objects"].as_array().unwrap().iter();
    objects.filter(|object| object["type"] == kind).collect()
}

#[tokio::test]
async fn a_bundle_is_what_others_take_for_one_and_our_own_reader_takes_it_back() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let ana = case.signed_in(&case.ana).await;
    for file in ["stix.json", "stix.json?victim=yes", "stix.json?zone=shared"] {
        let bundle = case.file(&ana, file).await;
        assert_eq!(findings(&bundle), Vec::<String>::new(), "{file}");
        let objects = read(&bundle);
        assert_eq!(objects.len(), bundle["objects"].as_array().unwrap().len());
        // Whatever is referred to is in the bundle, and everything in it is in the grouping or stands around it.
        let ids: BTreeSet<_> = objects.iter().map(|object| object.id.to_string()).collect();
        assert_eq!(ids.len(), objects.len(), "each once");
        for reference in objects.iter().flat_map(|object| &object.references) {
            assert!(ids.contains(&reference.target.to_string()), "{reference:?}");
        }
        let grouping = of(&bundle, "grouping")[0];
        let named = grouping["object_refs"].as_array().unwrap().len();
        let around = 2 + of(&bundle, "marking-definition").len();
        assert_eq!(named + around, objects.len());
        let levels: Vec<_> = objects.iter().filter_map(StixObject::definition).collect();
        assert!(levels.contains(&Definition::Tlp(Tlp::AmberStrict)), "{levels:?}");
    }
    let bundle = case.file(&ana, "stix.json").await;
    let incident = of(&bundle, "incident")[0];
    assert_eq!(incident["name"], format!("Incident {}", case.number));
    assert_eq!(incident["labels"], json!(["rsit:malicious-code:infected-system"]));
    let core = incident["extensions"].as_object().unwrap().values().next().unwrap();
    assert_eq!(core["investigation_status"], "new");
    assert_eq!(core["incident_types"], json!(["compromised-system"]));
    assert!(incident["external_references"].to_string().contains("T1486"));
    assert_eq!(of(&bundle, "vulnerability")[0]["name"], "CVE-2024-3400");
    let address = of(&bundle, "ipv4-addr").into_iter().find(|each| each["value"] == "100.43.7.9").unwrap();
    // What both sides have is marked as what is shared.
    assert_eq!(address["object_marking_refs"], incident["object_marking_refs"]);
    // Taken again, it is the same; of another zone too, the same things have the same names.
    assert_eq!(case.file(&ana, "stix.json").await, bundle);
    let rae = case.signed_in(&case.rae).await;
    let theirs = case.file(&rae, "stix.json?zone=shared").await;
    assert_eq!(of(&theirs, "incident")[0]["id"], incident["id"]);
    assert!(of(&theirs, "ipv4-addr").iter().any(|each| each["id"] == address["id"]));
}

#[tokio::test]
async fn an_event_of_misp_has_its_types_tags_and_objects() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    let ana = case.signed_in(&case.ana).await;
    let event = case.file(&ana, "misp.json?victim=yes").await;
    let event = &event["Event"];
    let tags: Vec<_> =
        event["Tag"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(tags, ["tlp:red", "rsit:malicious-code=\"infected-system\""]);
    let known = |text: &str, namespace: &str, tag: &str| {
        let taxonomy: Value = serde_json::from_str(text).unwrap();
        assert_eq!(taxonomy["namespace"], namespace);
        let (predicate, value) =
            tag.split_once('=').map_or((tag, None), |(p, v)| (p, Some(v.trim_matches('"'))));
        let predicate = predicate.split_once(':').unwrap().1;
        assert!(
            taxonomy["predicates"].as_array().unwrap().iter().any(|each| each["value"] == predicate),
            "{tag}"
        );
        let Some(value) = value else { return };
        let values =
            taxonomy["values"].as_array().unwrap().iter().find(|each| each["predicate"] == predicate);
        assert!(
            values.unwrap()["entry"].as_array().unwrap().iter().any(|each| each["value"] == value),
            "{tag}"
        );
    };
    let tlp = include_str!("../../../../data/react/misp-tlp/machinetag.json");
    let rsit = include_str!("../../../../data/react/rsit/machinev1.json");
    known(rsit, "rsit", tags[1]);
    let attributes = event["Attribute"].as_array().unwrap();
    for attribute in attributes {
        for tag in attribute["Tag"].as_array().into_iter().flatten() {
            known(tlp, "tlp", tag["name"].as_str().unwrap());
        }
    }
    let like = |kind: &str| attributes.iter().filter(|each| each["type"] == kind).collect::<Vec<_>>();
    let address = like("ip-dst").into_iter().find(|each| each["value"] == "100.43.7.9").unwrap();
    assert_eq!((&address["category"], &address["to_ids"]), (&json!("Network activity"), &json!(true)));
    assert_eq!(like("vulnerability")[0]["to_ids"], false);
    assert_eq!(like("regkey")[0]["category"], "Persistence mechanism");
    assert_eq!(like("sha256").len(), 1);
    assert_eq!(like("target-org")[0]["value"], "Walking NHS Trust");
    let file = &event["Object"][0];
    assert_eq!((&file["name"], &file["meta-category"]), (&json!("file"), &json!("file")));
    assert_eq!(file["Attribute"][1]["value"], "numbat.exe");
    let reports = event["EventReport"].as_array().unwrap();
    assert_eq!(reports.len(), 2, "one of what is shared, one of what the CERT has for itself");
    // Without being asked, it names nobody.
    let silent = case.file(&ana, "misp.json?zone=shared").await;
    assert!(!silent.to_string().to_lowercase().contains("walking"), "{silent}");
    assert_eq!(silent["Event"]["Tag"][0]["name"], "tlp:amber+strict");
    assert_eq!(silent["Event"]["EventReport"], json!([]));
}

#[tokio::test]
async fn nobody_takes_along_what_they_do_not_read_nor_the_victim_without_asking() {
    let world = World::new(SERVICES).await;
    let case = case(&world).await;
    for code in ["8JA01", "8JA03", "RXX"] {
        world.organisation(code, &format!("Supplies {code}"), "supplier").await;
    }
    let lead = actor(&world, "Lee Lead", Role::Lead, Some(id_of(&world, "RWA").await)).await;
    let_in(&world, &lead, case.id, "8JA01", Zone::Own).await;
    let_in(&world, &case.ana, case.id, "8JA03", Zone::Cert).await;
    let at = async |name: &str, code: &str| {
        let organisation = id_of(&world, code).await;
        world.signed_in(world.person(name, Role::Responder, Some(organisation)).await).await
    };
    let words = [(Zone::Shared, "numbat-shared"), (Zone::Own, "quokka-own"), (Zone::Cert, "zebrafish-cert")];
    let readers = [
        ("the organisation", case.signed_in(&case.rae).await, vec![Zone::Own, Zone::Shared]),
        ("the CERT", case.signed_in(&case.ana).await, vec![Zone::Shared, Zone::Cert]),
        ("a guest of the organisation", at("Own Guest", "8JA01").await, vec![Zone::Own]),
        ("a guest of the CERT", at("Cert Guest", "8JA03").await, vec![Zone::Cert]),
    ];
    for (who, client, reads) in readers {
        for form in ["stix.json", "misp.json"] {
            for victim in ["", "?victim=yes"] {
                let text = case.file(&client, &format!("{form}{victim}")).await.to_string();
                for (zone, word) in words {
                    assert_eq!(text.contains(word), reads.contains(&zone), "{who} {form} {word}");
                    let entry = text.contains(&format!("Entry of {zone:?}"));
                    assert_eq!(entry, reads.contains(&zone) && !victim.is_empty(), "{who} {form} {zone:?}");
                }
                assert_eq!(text.contains("Walking NHS Trust"), !victim.is_empty(), "{who} {form}{victim}");
                assert!(
                    !victim.is_empty() || !text.contains("walking.org"),
                    "{who}: the victim’s own address"
                );
                // Nobody is named, and of the report no word is told but what was ticked, to those who read it.
                for word in ["Rae Responder", "Ana Lyst", "Porter", "wombat", "Quokka ward"] {
                    assert!(!text.contains(word), "{who} {form}{victim} tells {word}");
                }
                let guest = who.starts_with("a guest");
                assert!(
                    !guest || !text.contains("user-reporting") && !text.contains("rsit"),
                    "{who}: {text}"
                );
            }
            for (zone, word) in words {
                let path = format!("/incidents/{}/{form}?zone={}", case.number, zone.code());
                let answer = client.get(&path).await;
                let expected = if reads.contains(&zone) { StatusCode::OK } else { StatusCode::NOT_FOUND };
                assert_eq!(answer.status, expected, "{who} {path}");
                assert!(reads.contains(&zone) || !answer.body.contains(word));
            }
            assert_eq!(client.get(&format!("/incidents/{}/{form}?zone=all", case.id)).await.status, 404);
        }
        let page = client.get(&format!("/incidents/{}/export", case.id)).await;
        assert_eq!(page.status, StatusCode::OK, "{who}");
        for zone in Zone::ALL {
            let offered = page.body.contains(&format!("value=\"{}\"", zone.code()));
            assert_eq!(offered, reads.contains(zone), "{who} {zone:?}");
        }
    }
    let stranger = at("Sam Stranger", "RXX").await;
    for part in ["export", "stix.json", "misp.json", "stix.json?victim=yes"] {
        // A file is found by the number that people quote too.
        let numbers = (part != "export").then(|| case.number.clone());
        for named in [case.id.to_string()].into_iter().chain(numbers) {
            let answer = stranger.get(&format!("/incidents/{named}/{part}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{part}");
        }
    }
}

async fn id_of(world: &World, code: &str) -> platform::organisation::OrganisationId {
    let mut snapshot = world.app.read().await.unwrap();
    platform::organisation::store::id_of(&mut snapshot, code).await.unwrap().expect("it is there")
}
