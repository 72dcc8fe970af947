//! STIX bundles come in object by object: each is kept as it stood, those that are threats say so with
//! who made them and how far they may travel, and what has to do with what is told both ways.

use broadcast::{
    advisory::{AdvisoryNumber, store as advisories},
    source::Source,
    threat::{
        Flag, Kind, ThreatId, actions, intake,
        list::{self, Filter, Kinds},
        store,
    },
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use platform::{Actor, access::Role, import::Report};
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::furnished::at_cert;

const ATTACK: &[u8] = include_bytes!("../../../../data/broadcast/stix/ics-attack-18.1.json.gz");
const POISON_IVY: &[u8] = include_bytes!("../../../../data/broadcast/stix/examples/poisonivy.json");
const APT1: &[u8] = include_bytes!("../../../../data/broadcast/stix/examples/apt1.json");
const TWO_MARKINGS: &[u8] =
    include_bytes!("../../../../data/broadcast/stix/examples/interop-objectmarking-test.json");

pub(crate) async fn take_in(world: &World, bytes: impl Into<Vec<u8>>) -> Report {
    let input = std::io::Cursor::new(bytes.into());
    intake::take_in(&world.app, &Actor::Job("test"), Source::Stix, input, "bundle.json", |_| {})
        .await
        .unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.new, report.changed, report.same, report.refused)
}

/// The identifier of an object, by a number that tests know it by.
pub(crate) fn id(kind: &str, number: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012}")
}

/// An object of which the day of this version and what it says are given.
pub(crate) fn object(kind: &str, number: u32, day: u32, says: Value) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id(kind, number),
        "created": "2026-01-01T00:00:00Z", "modified": format!("2026-01-{day:02}T00:00:00Z"),
    });
    let Value::Object(says) = says else { panic!("it says properties") };
    object.as_object_mut().unwrap().extend(says);
    object
}

pub(crate) fn bundle(objects: &[Value]) -> Vec<u8> {
    json!({"type": "bundle", "id": id("bundle", 0), "objects": objects}).to_string().into_bytes()
}

/// The threat that an object is.
async fn threat_of(world: &World, object: &str) -> ThreatId {
    let statement = sql!(
        "SELECT threat_id FROM threat_statement
         WHERE source = 'stix' AND source_key = ?1 AND superseded_at IS NULL"
    );
    let mut snapshot = world.app.read().await.unwrap();
    snapshot.one::<(ThreatId,)>(statement, params![object]).await.unwrap().0
}

async fn statement_of(world: &World, object: &str) -> store::Statement {
    let threat = threat_of(world, object).await;
    let mut snapshot = world.app.read().await.unwrap();
    let all = store::statements(&mut snapshot, threat).await.unwrap();
    all.into_iter().find(|each| each.superseded_at.is_none() && each.source == Source::Stix).unwrap()
}

async fn page_of(client: &Client<'_>, world: &World, object: &str) -> String {
    let answer = client.get(&format!("/threats/{}", threat_of(world, object).await)).await;
    assert_eq!(answer.status, 200);
    answer.body
}

/// What stands under a heading of a page, up to the next.
fn under<'a>(page: &'a str, heading: &str) -> &'a str {
    let from = page.find(&format!(">{heading}</h")).unwrap_or_else(|| panic!("{heading} in {page}"));
    let rest = &page[from + heading.len()..];
    &rest[..rest[5..].find("<h").map_or(rest.len(), |end| end + 5)]
}

async fn count(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.db.read_long().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

#[tokio::test]
async fn attack_for_industrial_systems_comes_in_whole_and_is_told_in_words() {
    let world = World::new(SERVICES).await;
    assert_eq!(counts(&take_in(&world, ATTACK).await), (1_826, 0, 0, 0));
    let again = take_in(&world, ATTACK).await;
    assert_eq!((counts(&again), again.remarked), ((0, 0, 1_826, 0), 0));
    assert_eq!(count(&world, sql!("SELECT CAST(count(*) AS BIGINT) FROM stix_object")).await, 1_826);
    // 95 techniques, 30 pieces of software, 16 groups, 8 campaigns.
    assert_eq!(count(&world, sql!("SELECT CAST(count(*) AS BIGINT) FROM threat")).await, 149);
    assert_eq!(count(&world, sql!("SELECT CAST(count(*) AS BIGINT) FROM threat_statement")).await, 149);
    let flagged = sql!("SELECT CAST(count(*) AS BIGINT) FROM threat_statement WHERE flags <> ''");
    assert_eq!(count(&world, flagged).await, 22);

    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    // Valid Accounts, a technique.
    let technique = page_of(&analyst, &world, "attack-pattern--cd2c76a4-5e23-4ca5-9c40-d5e0604f7101").await;
    for told in ["T0859", "Persistence, Lateral movement", "The MITRE Corporation"] {
        assert!(technique.contains(told), "{told} in {technique}");
    }
    assert!(under(&technique, "Is used by").contains("G1000 ALLANITE"), "{technique}");
    let helps = under(&technique, "Is mitigated by");
    let policies =
        "M0927 Password Policies</a> (course of action): Set and enforce secure password policies for";
    assert!(helps.contains(policies), "{helps}");
    let said = technique.split("Word for word").next().unwrap();
    assert!(!said.contains("(Citation:") && technique.len() < 100_000, "{} bytes", technique.len());

    // Sandworm Team, a group.
    let group = page_of(&analyst, &world, "intrusion-set--381fcf73-60f6-4ab2-9991-6af3cbc35192").await;
    for told in ["G0034", "ELECTRUM", "APT44", "Sandworm Team is a destructive threat group that"] {
        assert!(group.contains(told), "{told} in {group}");
    }
    let uses = under(&group, "Uses");
    assert!(uses.contains("S0604 Industroyer</a> (malware)"), "{uses}");
    assert!(uses.contains("T0819 Exploit Public-Facing Application</a> (attack pattern)"), "{uses}");
    assert!(under(&group, "Is behind").contains("2015 Ukraine Electric Power Attack"), "{group}");
    assert!(under(&group, "What helps against what it uses").contains("of the techniques"), "{group}");

    // Knowledge to look up does not fill the list of what is to be judged.
    let list = analyst.get("/threats").await.body;
    assert!(!list.contains("Valid Accounts") && !list.contains("Sandworm Team"), "{list}");
    assert!(list.contains("Industroyer") && list.contains("knowledge to look up"), "{list}");
    assert!(analyst.get("/threats?kind=threat_actor").await.body.contains("Sandworm Team"));
    assert!(analyst.get("/threats?q=electrum").await.body.contains("Sandworm Team"));
    let filter = Filter { kinds: Kinds::ToJudge, ..Filter::default() };
    let mut snapshot = world.app.db.read_long().await.unwrap();
    let rows = list::list(&mut snapshot, &filter, None).await.unwrap();
    assert_eq!(rows.len(), 38);
    assert!(rows.iter().all(|row| matches!(row.kind, Kind::Malware | Kind::Campaign)));
}

#[tokio::test]
async fn the_examples_of_oasis_come_in_and_lead_to_each_other() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    assert_eq!(counts(&take_in(&world, POISON_IVY).await), (155, 0, 0, 0));
    assert_eq!(counts(&take_in(&world, APT1).await), (76, 0, 0, 0));
    let cve = "CVE-2012-0158".parse().unwrap();
    let threat = store::threat_of(&mut world.app.read().await.unwrap(), cve).await.unwrap().unwrap();
    let page = analyst.get(&format!("/threats/{threat}")).await.body;
    // The report that names it, by its relation and by the number that it mentions.
    let report = "Poison Ivy: Assessing Damage and Extracting Intelligence";
    assert!(under(&page, "Is reported on in").contains(report), "{page}");
    assert!(under(&page, "Related threats").contains(report), "{page}");
    let (unit, actors) = ("Unit 61398", analyst.get("/threats?kind=threat_actor").await.body);
    assert!(actors.contains(unit) && actors.contains("APT1"), "{actors}");
}

#[tokio::test]
async fn the_newest_version_speaks_and_every_version_stays() {
    let world = World::new(SERVICES).await;
    let malware = |day, name: &str| {
        object("malware", 1, day, json!({"name": name, "is_family": true, "x_own": {"kept": [1, 2]}}))
    };
    let uses = |day, revoked| {
        let ends = json!({"relationship_type": "uses", "source_ref": id("malware", 1),
                          "target_ref": id("tool", 2), "revoked": revoked});
        object("relationship", 3, day, ends)
    };
    let tool = object("tool", 2, 1, json!({"name": "Remote desk"}));
    let custom = json!({"type": "x-own-thing", "id": id("x-own-thing", 9), "shape": "round"});
    let first = [malware(5, "Middle"), uses(5, false), tool, custom.clone()];
    assert_eq!(counts(&take_in(&world, bundle(&first)).await), (4, 0, 0, 0));
    let kept = sql!("SELECT verbatim FROM stix_object WHERE kind = 'x-own-thing'");
    let (verbatim,): (String,) = world.app.read().await.unwrap().one(kept, params![]).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&verbatim).unwrap(), custom);

    // An older one is kept, and changes nothing of what is said.
    assert_eq!(counts(&take_in(&world, bundle(&[malware(2, "Old")])).await), (0, 1, 0, 0));
    assert_eq!(statement_of(&world, &id("malware", 1)).await.said.title, "Middle");
    // One that says something else under the same version does neither; spaces are nothing else.
    let spaced = serde_json::to_vec_pretty(&json!({"type": "bundle", "objects": [malware(5, "Middle")]}));
    let same = take_in(&world, spaced.unwrap()).await;
    assert_eq!((counts(&same), same.remarked), ((0, 0, 1, 0), 0));
    let other = take_in(&world, bundle(&[malware(5, "Forged")])).await;
    assert_eq!((counts(&other), other.remarked), ((0, 0, 1, 0), 1));
    assert_eq!(other.remarks[0].path, Some(id("malware", 1)));
    assert_eq!(statement_of(&world, &id("malware", 1)).await.said.title, "Middle");

    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    assert!(under(&page_of(&analyst, &world, &id("tool", 2)).await, "Is used by").contains("Middle"));
    // A newer one takes its place, and the relation that was taken back goes.
    let newer = [malware(9, "New"), uses(9, true)];
    assert_eq!(counts(&take_in(&world, bundle(&newer)).await), (0, 2, 0, 0));
    assert_eq!(counts(&take_in(&world, bundle(&newer)).await), (0, 0, 2, 0));
    let page = page_of(&analyst, &world, &id("malware", 1)).await;
    assert!(page.contains("<h1>New</h1>") && page.contains("What sources said before"), "{page}");
    assert!(!page_of(&analyst, &world, &id("tool", 2)).await.contains("Is used by"));
    let versions = sql!("SELECT CAST(count(*) AS BIGINT) FROM stix_object WHERE kind = 'malware'");
    assert_eq!(count(&world, versions).await, 3);
    // What its maker takes back stays, and says so.
    let gone = object("malware", 1, 10, json!({"name": "New", "is_family": true, "revoked": true}));
    take_in(&world, bundle(&[gone])).await;
    assert_eq!(statement_of(&world, &id("malware", 1)).await.said.flags, [Flag::Revoked]);
}

#[tokio::test]
async fn one_wrong_property_costs_an_object_that_property_and_says_so() {
    let world = World::new(SERVICES).await;
    let says = json!({"name": "Worm", "is_family": true, "aliases": ["Wurm"], "confidence": 101,
                      "external_references": [{"source_name": 7}]});
    let malware = object("malware", 1, 5, says);
    let report = take_in(&world, bundle(std::slice::from_ref(&malware))).await;
    assert_eq!((counts(&report), report.remarked), ((1, 0, 0, 0), 2));
    let remarks: Vec<_> = report.remarks.iter().map(|remark| remark.reason.as_str()).collect();
    assert!(remarks[0].starts_with("confidence: 101 is not between 0 and 100."), "{remarks:?}");
    assert!(
        remarks[1].starts_with("external_references[0].source_name: there is the number “7”, where a text"),
        "{remarks:?}"
    );
    assert_eq!(report.remarks[0].path, Some(id("malware", 1)));
    let said = statement_of(&world, &id("malware", 1)).await.said;
    assert_eq!(
        (said.title.as_str(), &said.aliases[..], &said.flags[..]),
        ("Worm", &["Wurm".to_owned()][..], &[Flag::Unread][..])
    );
    let kept = sql!("SELECT verbatim FROM stix_object WHERE kind = 'malware'");
    let (verbatim,): (String,) = world.app.read().await.unwrap().one(kept, params![]).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&verbatim).unwrap(), malware);
    // Whoever cannot read how far it may travel does not take it in.
    let marked = object("malware", 2, 5, json!({"name": "Hidden", "object_marking_refs": "red"}));
    assert_eq!(counts(&take_in(&world, bundle(&[marked])).await), (0, 0, 0, 1));
}

#[tokio::test]
async fn what_comes_later_or_from_elsewhere_is_added_to_what_was_said() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    let report = json!({
        "name": "Two weaknesses", "report_types": ["vulnerability"], "published": "2025-12-24T00:00:00Z",
        "created_by_ref": id("identity", 2), "object_marking_refs": [id("marking-definition", 3)],
        "object_refs": [id("vulnerability", 4), id("vulnerability", 5), id("malware", 6)],
    });
    let first = take_in(&world, bundle(&[object("report", 1, 1, report)])).await;
    assert_eq!((counts(&first), first.remarked), ((1, 0, 0, 0), 1));
    assert!(first.remarks[0].reason.contains("TLP:AMBER+STRICT"), "{:?}", first.remarks);
    let said = statement_of(&world, &id("report", 1)).await.said;
    assert_eq!(
        (said.marking, said.flags.as_slice()),
        (Some(Tlp::AmberStrict), [Flag::UnknownMarking].as_slice())
    );
    assert_eq!((said.by.as_str(), said.mentions.len(), said.dated.to_string()), ("", 0, "2025-12-24".into()));
    let page = page_of(&analyst, &world, &id("report", 1)).await;
    assert!(page.contains("3 more relations lead to something that no document has brought yet"), "{page}");

    let extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
    let mut marking = object(
        "marking-definition",
        3,
        1,
        json!({
            "name": "TLP:GREEN",
            "extensions": {extension: {"extension_type": "property-extension", "tlp_2_0": "green"}},
        }),
    );
    marking.as_object_mut().unwrap().remove("modified");
    let grounds = [
        object("identity", 2, 1, json!({"name": "Sector CERT", "identity_class": "organization"})),
        marking,
        object("vulnerability", 4, 1, json!({"name": "CVE-2026-1001"})),
    ];
    let second = take_in(&world, bundle(&grounds)).await;
    assert_eq!((counts(&second), second.remarked), ((3, 0, 0, 0), 0));
    let said = statement_of(&world, &id("report", 1)).await.said;
    assert_eq!((said.marking, said.flags.as_slice()), (Some(Tlp::Green), [].as_slice()));
    assert_eq!((said.by.as_str(), said.mentions), ("Sector CERT", vec!["CVE-2026-1001".parse().unwrap()]));
    let page = page_of(&analyst, &world, &id("report", 1)).await;
    assert!(under(&page, "Is about").contains("CVE-2026-1001"), "{page}");
    assert!(page.contains("2 more relations lead to"), "{page}");
    assert!(
        under(&page_of(&analyst, &world, &id("vulnerability", 4)).await, "Is reported on in")
            .contains("Two weaknesses")
    );
}

#[tokio::test]
async fn a_draft_proposes_no_wider_circle_than_its_objects_are_marked_for() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let marked = |number, marking: &str| {
        object("campaign", number, 1, json!({"name": "Op", "object_marking_refs": [marking]}))
    };
    let red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
    let clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
    let strict = id("marking-definition", 77);
    let part = json!({"name": "Op", "object_marking_refs": [clear], "granular_markings": [
        {"marking_ref": red, "selectors": ["name"]}]});
    let all = [
        marked(1, red),
        marked(2, clear),
        marked(3, &strict),
        object("campaign", 4, 1, part),
        object("campaign", 5, 1, json!({"name": "Unmarked"})),
    ];
    assert_eq!(take_in(&world, bundle(&all)).await.remarked, 1);
    // Marked RED, and in a way that nobody can read.
    assert_eq!(counts(&take_in(&world, TWO_MARKINGS).await), (1, 0, 0, 0));
    let two = "campaign--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061";
    for (object, tlp) in [
        (id("campaign", 1).as_str(), Tlp::Red),
        (&id("campaign", 2), Tlp::Clear),
        (&id("campaign", 3), Tlp::AmberStrict),
        (&id("campaign", 4), Tlp::Red),
        (&id("campaign", 5), Tlp::Amber),
        (two, Tlp::Red),
    ] {
        let threat = threat_of(&world, object).await;
        let mut tx = world.app.write().await.unwrap();
        let created = actions::start_advisory(&mut tx, &analyst, threat, 1).await.unwrap();
        let version = advisories::version(&mut tx, created.version).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(version.wording.tlp, tlp, "{object}");
        let _: AdvisoryNumber = created.number;
    }
}

#[tokio::test]
async fn a_bundle_that_is_cut_short_keeps_what_came() {
    let world = World::new(SERVICES).await;
    let whole = String::from_utf8(POISON_IVY.to_vec()).unwrap();
    let half = &whole.as_bytes()[..whole.len() / 2];
    let report = take_in(&world, half).await;
    assert!(report.new > 20 && report.refused == 1, "{report:?}");
    let came = i64::try_from(report.new).unwrap();
    assert_eq!(count(&world, sql!("SELECT CAST(count(*) AS BIGINT) FROM stix_object")).await, came);
    let rest = take_in(&world, whole).await;
    assert_eq!((rest.new + rest.same, rest.same, rest.refused), (155, report.new, 0));
    for broken in ["", "<html>", "[]", "{}", r#"{"type":"bundle","objects":7}"#] {
        assert_eq!(take_in(&world, broken).await.refused, 1, "{broken}");
    }
    assert_eq!(take_in(&world, &ATTACK[..ATTACK.len() / 2]).await.refused, 1);
}

#[tokio::test]
async fn hostile_names_are_text_on_the_page() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    let script = "<script>alert(1)</script>";
    let long = "x".repeat(10_000);
    let actor = json!({
        "name": script, "description": format!("{script} [a](javascript:alert(1)) {long}"),
        "aliases": [script, &long], "goals": [script],
        "external_references": [{"source_name": "mitre-attack", "external_id": long, "url": "javascript:alert(1)"}],
    });
    let relation = json!({"relationship_type": format!("{script}{long}"), "source_ref": id("threat-actor", 1),
                          "target_ref": id("malware", 2)});
    let objects = [
        object("threat-actor", 1, 1, actor),
        object("malware", 2, 1, json!({"name": long, "is_family": false})),
        object("relationship", 3, 1, relation),
        object("malware", 4, 1, json!({"name": "a\0b", "is_family": false})),
    ];
    let report = take_in(&world, bundle(&objects)).await;
    assert_eq!(counts(&report), (3, 0, 0, 1));
    assert!(report.refusals[0].reason.contains("NUL"), "{:?}", report.refusals);
    for object in [id("threat-actor", 1), id("malware", 2)] {
        let page = page_of(&analyst, &world, &object).await;
        assert!(!page.contains(script) && !page.contains("href=\"javascript"), "{page}");
        assert!(page.len() < 100_000, "{} bytes", page.len());
        let all = format!("/threats/{}/relations?way=in", threat_of(&world, &object).await);
        assert!(!analyst.get(&all).await.body.contains(script));
    }
    assert!(!analyst.get("/threats?kind=threat_actor").await.body.contains(script));
}

#[tokio::test]
async fn many_relations_are_paged_and_each_is_shown_once() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    let mut objects = vec![object("tool", 1, 1, json!({"name": "Busy"}))];
    for number in 100..220 {
        objects.push(object("malware", number, 1, json!({"name": format!("M{number}"), "is_family": true})));
        // Twice, as by two who say it.
        for by in [1_000, 2_000] {
            objects.push(object(
                "relationship",
                by + number,
                1,
                json!({"relationship_type": "uses",
                "source_ref": id("malware", number), "target_ref": id("tool", 1)}),
            ));
        }
    }
    assert_eq!(counts(&take_in(&world, bundle(&objects)).await), (361, 0, 0, 0));
    let page = page_of(&analyst, &world, &id("tool", 1)).await;
    assert_eq!(page.matches(" (malware)").count(), 50);
    let mut address = format!("/threats/{}/relations?way=in", threat_of(&world, &id("tool", 1)).await);
    assert!(page.contains(&address), "{page}");
    let mut shown = Vec::new();
    loop {
        let page = analyst.get(&address).await.body;
        let rows = page.split(" (malware)").filter_map(|part| part.rsplit('>').nth(1)?.strip_suffix("</a"));
        shown.extend(rows.map(str::to_owned));
        let Some(next) = page.split("href=\"").find(|part| part.contains("after=")) else { break };
        address = next.split('"').next().unwrap().replace("&#38;", "&");
    }
    shown.sort();
    let every: Vec<String> = (100..220).map(|number| format!("M{number}")).collect();
    assert_eq!(shown, every);
}

#[tokio::test]
async fn a_hundred_thousand_small_objects_come_in() {
    let world = World::new(SERVICES).await;
    let thing = |number| json!({"type": "x-tiny", "id": id("x-tiny", number)}).to_string();
    let things: Vec<_> = (0..100_000).map(thing).collect();
    let bundle = format!(r#"{{"type":"bundle","objects":[{}]}}"#, things.join(","));
    assert_eq!(counts(&take_in(&world, bundle).await), (100_000, 0, 0, 0));
    let kept = sql!("SELECT CAST(count(*) AS BIGINT) FROM stix_object WHERE newest = TRUE");
    assert_eq!(count(&world, kept).await, 100_000);
}
