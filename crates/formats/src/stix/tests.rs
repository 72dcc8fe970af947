//! The bundles of OASIS and of MITRE, and hostile ones.

use std::collections::BTreeMap;
use std::io::Read;

use super::*;
use crate::Tlp;
use crate::testing::Flood;

macro_rules! example {
    ($name:literal) => {
        include_bytes!(concat!("../../../../data/broadcast/stix/examples/", $name)).as_slice()
    };
}

const APT1: &[u8] = example!("apt1.json");
const POISON_IVY: &[u8] = example!("poisonivy.json");
const INFRASTRUCTURE: &[u8] = example!("infrastructure.json");
const ALONE: &[u8] = example!("interop-objectmarking-test.json");
const MAIL: &[u8] = example!("malicious-email-indicator-with-attachment.json");

/// ATT&CK for ICS 18.1, unpacked.
pub(super) static ATTACK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let packed = include_bytes!("../../../../data/broadcast/stix/ics-attack-18.1.json.gz").as_slice();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
});

pub(super) fn objects(bundle: &[u8]) -> Vec<StixObject> {
    let mut reader = read(bundle);
    let objects = reader.by_ref().map(Result::unwrap).collect();
    assert!(reader.warnings().is_empty());
    objects
}

fn refusals(bundle: &[u8]) -> Vec<Refusal> {
    read(bundle).filter_map(Result::err).collect()
}

fn count_by_type(objects: &[StixObject]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for object in objects {
        *counts.entry(object.id.kind()).or_default() += 1;
    }
    counts
}

/// An object with the fewest properties of its type, and these.
pub(super) fn written(kind: &str, number: u32, more: &str) -> String {
    let mut text = format!(
        r#"{{"type":"{kind}","spec_version":"2.1","id":"{kind}--00000000-0000-4000-8000-{number:012}","#
    );
    text.push_str(r#""created":"2016-05-12T08:17:27Z","modified":"2016-05-12T08:17:27Z""#);
    if !more.is_empty() {
        text.push(',');
        text.push_str(more);
    }
    text.push('}');
    text
}

pub(super) fn bundle(objects: &[String]) -> String {
    let id = "bundle--44af6c39-c09b-49c5-9de2-394224b04982";
    format!("{{\"type\":\"bundle\",\"id\":\"{id}\",\"objects\":[\n{}\n]}}", objects.join(",\n"))
}

fn one(kind: &str, more: &str) -> StixObject {
    objects(written(kind, 1, more).as_bytes()).pop().unwrap()
}

#[test]
fn every_object_of_attack_for_ics_is_read() {
    let objects = objects(&ATTACK);
    assert_eq!(
        count_by_type(&objects),
        BTreeMap::from([
            ("attack-pattern", 95),
            ("campaign", 8),
            ("course-of-action", 52),
            ("identity", 1),
            ("intrusion-set", 16),
            ("malware", 30),
            ("marking-definition", 1),
            ("relationship", 1373),
            ("x-mitre-analytic", 82),
            ("x-mitre-asset", 18),
            ("x-mitre-collection", 1),
            ("x-mitre-data-component", 36),
            ("x-mitre-data-source", 17),
            ("x-mitre-detection-strategy", 83),
            ("x-mitre-matrix", 1),
            ("x-mitre-tactic", 12),
        ])
    );
    assert_eq!(objects.iter().filter(|object| object.common.revoked).count(), 2);
    assert_eq!(objects.iter().filter(|object| object.is_deprecated()).count(), 37);
    assert_eq!(objects.iter().map(|object| object.verbatim.len()).max(), Some(351_707));
    let text = std::str::from_utf8(&ATTACK).unwrap();
    assert!(objects.iter().all(|object| text.contains(&object.verbatim)));
    let platforms: Vec<String> = objects[70].further.get("x_mitre_domains").unwrap();
    assert_eq!(platforms, ["ics-attack"]);
}

#[test]
fn every_object_of_the_examples_is_read() {
    for (bundle, count) in [
        (APT1, 76),
        (POISON_IVY, 155),
        (INFRASTRUCTURE, 10),
        (ALONE, 1),
        (MAIL, 6),
        (example!("indicator-for-c2-ip-address.json"), 1),
        (example!("indicator-to-campaign-relationship.json"), 3),
        (example!("indicators-for-C2-with-COA.json"), 8),
    ] {
        assert_eq!(objects(bundle).len(), count);
    }
    // Only what the standard lacks is left over.
    for object in objects(APT1).iter().chain(&objects(POISON_IVY)) {
        assert_eq!(object.further, Further::default(), "{}", object.id);
    }
}

#[test]
fn a_bundle_tells_what_it_is() {
    let mut reader = read(APT1);
    assert_eq!(reader.by_ref().flatten().count(), 76);
    assert_eq!(reader.header().kind.as_deref(), Some("bundle"));
    assert_eq!(reader.header().id.as_deref(), Some("bundle--cf20f99b-3ed2-4a9f-b4f1-d660a7fc8241"));
    assert_eq!(reader.objects(), 76);
}

#[test]
fn an_object_without_a_bundle_is_read_as_it_stands() {
    let object = objects(ALONE).pop().unwrap();
    let text = std::str::from_utf8(ALONE).unwrap().trim();
    assert_eq!(object.verbatim, text);
    assert_eq!(object.name().as_deref(), Some("Spear Phishing"));
    assert_eq!(object.common.external_references[0].external_id.as_deref(), Some("CAPEC-163"));
    let indented = format!("\u{feff}\n\n  {text}\n\n");
    let object = objects(indented.as_bytes()).pop().unwrap();
    assert_eq!((object.line, object.verbatim.as_str()), (3, text));
    // A TAXII envelope lists objects without being a bundle.
    let envelope = format!("{{\"more\":false,\"objects\":[{text}]}}");
    assert_eq!(objects(envelope.as_bytes()).len(), 1);
}

#[test]
fn what_a_cert_uses_is_read_into_types() {
    let apt1 = objects(APT1);
    let by_name = |name: &str| apt1.iter().find(|object| object.name().as_deref() == Some(name)).unwrap();
    let Content::ThreatActor(actor) = &by_name("Ugly Gorilla").content else { panic!() };
    assert_eq!(actor.aliases, ["Greenfield", "JackWang", "Wang Dong"]);
    assert_eq!(actor.roles, ["malware-author", "agent", "infrastructure-operator"]);
    assert_eq!(actor.primary_motivation.as_deref(), Some("organizational-gain"));
    let Content::Report(report) = &by_name("APT1: Exposing One of China's Cyber Espionage Units").content
    else {
        panic!()
    };
    assert_eq!(report.published.to_string(), "2013-02-19T00:00:00Z");
    assert_eq!(
        (report.object_refs.len(), report.report_types.as_slice()),
        (75, ["threat-report", "threat-actor"].map(String::from).as_slice())
    );
    let malware = objects(POISON_IVY).into_iter().filter_map(|object| match object.content {
        Content::Malware(malware) => Some(*malware),
        _ => None,
    });
    assert_eq!(malware.filter(|malware| malware.is_family == Some(true)).count(), 24);
}

#[test]
fn vulnerabilities_name_their_cves() {
    let cves: Vec<String> =
        objects(POISON_IVY).iter().flat_map(StixObject::cves).map(|cve| cve.to_string()).collect();
    assert_eq!(
        cves,
        [
            "CVE-2012-0158",
            "CVE-2009-4324",
            "CVE-2013-0422",
            "CVE-2013-1347",
            "CVE-2011-3544",
            "CVE-2010-3333"
        ]
    );
    let named = one("vulnerability", r#""name":"EternalBlue (CVE-2017-0144)""#);
    assert_eq!(named.cves(), ["CVE-2017-0144".parse().unwrap()]);
    assert!(one("tool", r#""name":"CVE-2017-0144""#).cves().is_empty());
}

#[test]
fn indicators_are_taken_out_of_patterns_and_observables() {
    let poison_ivy = objects(POISON_IVY);
    let patterns: Vec<Extract> = poison_ivy.iter().filter_map(StixObject::pattern).collect();
    assert_eq!(patterns.len(), 25);
    assert!(patterns.iter().all(|extract| !extract.together));
    // "domain autuo.xicp.net" is given out as a domain name.
    assert_eq!(patterns.iter().filter(|extract| extract.rest != Rest::Nothing).count(), 1);
    let apt1 = objects(APT1);
    let shown: Vec<String> =
        apt1.iter().flat_map(StixObject::indicators).map(|indicator| indicator.to_string()).collect();
    assert_eq!(
        shown,
        [
            "223[.]166[.]0[.]0/15",
            "58[.]246[.]0[.]0/15",
            "112[.]64[.]0[.]0/15",
            "139[.]226[.]0[.]0/15",
            "hugesoft[.]org",
            "arrowservice[.]net",
            "msnhome[.]org",
            "001dd76872d80801692ff942308c64e6",
            "002325a0a67fded0381b5648d7fe9b8e",
            "00dbb9e1c09dbdafb360f3163ba5a3de",
        ]
    );
    let seen: Vec<String> = objects(INFRASTRUCTURE)
        .iter()
        .flat_map(StixObject::indicators)
        .map(|indicator| indicator.value().to_owned())
        .collect();
    assert_eq!(seen, ["198.51.100.3", "example.com"]);
    let old = one(
        "observed-data",
        r#""first_observed":"2016-05-12T08:17:27Z","last_observed":"2016-05-12T08:17:27Z","number_observed":50,
        "objects":{"0":{"type":"file","name":"a.exe","hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"},
        "parent_directory_ref":"1"},"1":{"type":"directory","path":"C:\\"},"2":17}"#,
    );
    assert_eq!(old.indicators().len(), 2);
    assert!(old.references.is_empty());
}

#[test]
fn what_is_not_known_is_kept_beside_what_is() {
    let object = one(
        "x-hospital-ward",
        r#""name":"A&E","beds":[1, 2],"x_home_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff""#,
    );
    assert_eq!(object.content, Content::Custom);
    assert_eq!(object.name().as_deref(), Some("A&E"));
    assert_eq!(object.further.get::<Vec<u8>>("beds"), Some(vec![1, 2]));
    assert_eq!(object.further.iter().collect::<Vec<_>>()[0], ("beds", "[1, 2]"));
    assert_eq!(object.references[0].property, "x_home_ref");
    // A custom object need not say when it was made, nor need an observable.
    let bare = r#"{"type":"x-a","id":"x-a--f431f809-377b-45e0-aa1c-6a4751cae5ff"}"#;
    assert_eq!(objects(bare.as_bytes()).len(), 1);
    let tool = one("tool", r#""name":"PsExec","x_shoe_size":9,"x_mitre_deprecated":true"#);
    assert_eq!(tool.further.get::<u8>("x_shoe_size"), Some(9));
    assert!(!tool.holds());
}

#[test]
fn every_type_of_the_standard_is_read() {
    let refs = r#""object_refs":["tool--00000000-0000-4000-8000-000000000001"]"#;
    let time = r#""first_observed":"2016-05-12T08:17:27Z","last_observed":"2016-05-12T08:17:27.5Z","number_observed":2"#;
    let sighted = r#""sighting_of_ref":"tool--00000000-0000-4000-8000-000000000001","count":3"#;
    let related = r#""relationship_type":"uses","source_ref":"tool--00000000-0000-4000-8000-000000000001","target_ref":"tool--00000000-0000-4000-8000-000000000002""#;
    let indicator = r#""pattern":"[file:size > 1]","valid_from":"2016-05-12T08:17:27Z","valid_until":"9999-12-31T23:59:59Z""#;
    let translated =
        r#""object_ref":"tool--00000000-0000-4000-8000-000000000001","contents":{"cy":{"name":"Offeryn"}}"#;
    for (kind, more) in [
        ("attack-pattern", r#""name":"n""#),
        ("campaign", r#""name":"n","objective":"o""#),
        ("course-of-action", r#""name":"n""#),
        ("grouping", &format!("\"context\":\"unspecified\",{refs}")),
        ("identity", r#""name":"n","sectors":["healthcare"]"#),
        ("incident", r#""name":"n""#),
        ("indicator", indicator),
        ("infrastructure", r#""name":"n""#),
        ("intrusion-set", r#""name":"n""#),
        ("location", r#""region":"northern-europe","latitude":51.5,"longitude":-0.1"#),
        ("malware", r#""is_family":true"#),
        ("malware-analysis", r#""product":"p","result":"malicious""#),
        ("note", &format!("\"abstract\":\"a\",\"content\":\"c\",{refs}")),
        ("observed-data", &format!("{time},{refs}")),
        ("opinion", &format!("\"opinion\":\"agree\",{refs}")),
        ("report", &format!("\"name\":\"n\",\"published\":\"2016-05-12T08:17:27Z\",{refs}")),
        ("threat-actor", r#""name":"n""#),
        ("tool", r#""name":"n""#),
        ("vulnerability", r#""name":"n""#),
        ("relationship", related),
        ("sighting", sighted),
        ("extension-definition", r#""name":"n","schema":"s","version":"1","extension_types":["new-sdo"]"#),
        ("language-content", translated),
        ("marking-definition", r#""definition_type":"statement","definition":{"statement":"s"}"#),
        ("autonomous-system", r#""number":15139,"name":"Slime Industries""#),
        ("x509-certificate", r#""issuer":"CN=WEBMAIL","serial_number":"4c:0b","version":"3""#),
    ] {
        let object = one(kind, more);
        assert_ne!(object.content, Content::Custom, "{kind}");
        assert_eq!(object.further, Further::default(), "{kind}");
        // Each needs something, but for those of which any property will do.
        let needs_nothing =
            ["location", "malware", "marking-definition", "autonomous-system", "x509-certificate"];
        let refused = refusals(written(kind, 1, "").as_bytes());
        assert_eq!(refused.is_empty(), needs_nothing.contains(&kind), "{kind}");
    }
}

#[test]
fn a_bad_object_is_refused_with_place_and_field_and_the_rest_goes_in() {
    let good = written("tool", 1, r#""name":"PsExec""#);
    let bundle = bundle(&[
        good.replace("2016-05-12T08:17:27Z", "yesterday"),
        good.clone(),
        good.replace("\"id\":\"tool", "\"id\":\"malware"),
        good.replace("4000", "400"),
        "17".to_owned(),
        good.replace("\"PsExec\"", "17"),
        good.replace("\"name\"", "\"x_a\":1,\"x_a\":2,\"name\""),
        good.replace("PsExec", "\\u0000"),
        good.replace("tool", "bundle"),
        good.replace("\"modified\"", "\"x_modified\""),
        good.replace("\"name\"", "\"object_marking_refs\":[\"TLP:RED\"],\"name\""),
        good.replace("\"name\"", "\"revoked\":\"no\",\"name\""),
    ]);
    let refused = refusals(bundle.as_bytes());
    let lines: Vec<u64> = refused.iter().map(|refusal| refusal.line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    for (refusal, reason) in refused.iter().zip([
        "created: “yesterday” is not a time",
        "The object is of type “tool”, but its id is “malware--",
        "id: “tool--00000000-0000-400-8000-000000000001” is not a STIX identifier",
        "There is the number “17”, where",
        "name: there is the number “17”, where a text should be",
        "The property “x_a” stands twice.",
        "The object holds a NUL character.",
        "A bundle within a bundle is not read.",
        "The field “modified” is missing.",
        "object_marking_refs[0]: “TLP:RED” is not a STIX identifier",
        "revoked: there is the text “no”, where true or false should be",
    ]) {
        assert!(refusal.reason.contains(reason), "{refusal}");
        assert!(refusal.column.is_some());
    }
}

#[test]
fn a_property_that_an_object_can_do_without_is_left_out_and_told_of() {
    let more = r#""confidence" : 101, "labels":null,
        "external_references":[{"source_name":"a"},{"source_name":7}],"aliases":["ok"],"name":"PsExec","tool_types":{}"#;
    let [object] = &objects(bundle(&[written("tool", 1, more)]).as_bytes())[..] else { panic!("one object") };
    let unread: Vec<_> = object.unread.iter().map(|reason| reason.split(':').next().unwrap()).collect();
    assert_eq!(unread, ["confidence", "labels", "external_references[1].source_name", "tool_types"]);
    assert_eq!(object.name().as_deref(), Some("PsExec"));
    assert!(object.common.external_references.is_empty() && object.common.confidence.is_none());
    let Content::Tool(tool) = &object.content else { panic!("a tool") };
    assert_eq!(tool.aliases, ["ok"]);
    assert!(object.verbatim.contains("101"), "it is kept as it stood");
    // A reference that does not say whose it is leaves the others as they are.
    let nameless = r#""name":"n","external_references":[{"url":"u"},{"source_name":"cve","external_id":"CVE-2017-0144"}]"#;
    let [object] = &objects(bundle(&[written("tool", 1, nameless)]).as_bytes())[..] else {
        panic!("one object")
    };
    assert_eq!((object.common.external_references.len(), object.unread.len()), (2, 0));
    // A name that is written with escapes is not found again.
    let escaped = written("tool", 1, r#""n\u0061me":"n","l\u0061bels":null"#);
    assert_eq!(refusals(bundle(&[escaped]).as_bytes()).len(), 1);
}

#[test]
fn what_is_no_bundle_is_refused_or_warned_of() {
    for text in [
        "",
        "null",
        "[]",
        "<html>",
        "{\"type\":\"bundle\",\"objects\":{}}",
        "{\"type\":7}",
        "{\"type\":\"tool\"}",
    ] {
        assert_eq!(refusals(text.as_bytes()).len(), 1, "{text}");
    }
    let warnings = |text: &str| {
        let mut reader = read(text.as_bytes());
        reader.by_ref().for_each(drop);
        reader.warnings()
    };
    assert_eq!(warnings("{}"), ["The file has no objects; is it a STIX bundle?"]);
    assert_eq!(warnings("{\"type\":\"bundle\"}").len(), 1);
    let listed = format!("{{\"type\":\"x-heap\",\"objects\":[{}]}}", written("tool", 1, "\"name\":\"n\""));
    assert_eq!(warnings(&listed), ["The file lists objects, but calls itself “x-heap”, not a bundle."]);
}

#[test]
fn a_bundle_that_is_cut_is_refused_once_where_it_ends() {
    let (taken, refused): (Vec<_>, Vec<_>) = read(&ATTACK[..ATTACK.len() / 2]).partition(Result::is_ok);
    assert!(taken.len() > 300 && refused.len() == 1);
    assert!(refused[0].as_ref().unwrap_err().reason.contains("the end of the file"));
}

#[test]
fn an_object_of_120_megabytes_is_passed_over() {
    let head = br#"{"type":"bundle","objects":[{"description":""#;
    let tail = format!("\"}},{}]}}", written("tool", 1, "\"name\":\"n\""));
    let input = head.chain(Flood::of(b'x', 120_000_000)).chain(tail.as_bytes());
    let results: Vec<_> = read(input).collect();
    assert_eq!(results.len(), 2);
    assert!(results[0].as_ref().unwrap_err().reason.contains("bytes long"));
    assert!(results[1].is_ok());
    // The same without a bundle, in one field and in very many.
    let alone = br#"{"type":"tool","description":""#.chain(Flood::of(b'x', 20_000_000)).chain(&b"\"}"[..]);
    assert!(read(alone).all(|object| object.is_err()));
    let many = br#"{"type":"tool""#.chain(Flood::of(b' ', 20_000_000)).chain(&b"}"[..]);
    let results: Vec<_> = read(many).collect();
    assert!(results[0].as_ref().unwrap_err().reason.contains("longer than"));
}

#[test]
fn nesting_of_200_000_levels_is_refused() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let with = |value: &str| written("tool", 1, &format!("\"name\":\"n\",\"x_a\":{value}"));
    assert_eq!(refusals(bundle(&[with(&deep), with("1"), deep.clone()]).as_bytes()).len(), 2);
    assert!(!refusals(with(&deep).as_bytes()).is_empty());
    assert_eq!(refusals("{\"objects\":[".repeat(200_000).as_bytes()).len(), 1);
    let below = format!("{}{}", "[".repeat(120), "]".repeat(120));
    assert!(refusals(with(&below).as_bytes()).is_empty());
    let many: Vec<String> = (0..1_001).map(|number| format!("\"x_{number}\":1")).collect();
    assert!(refusals(written("x-a", 1, &many.join(",")).as_bytes())[0].reason.contains("More than 1000"));
}

#[test]
fn tlp_is_read_off_a_marking_however_it_is_written() {
    let marking = |more: &str| one("marking-definition", more).definition();
    let old = r#""definition_type":"tlp","definition":{"tlp":"white"}"#;
    assert_eq!(marking(old), Some(Definition::Tlp(Tlp::Clear)));
    let new = r#""extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension","tlp_2_0":"amber+strict"}}"#;
    assert_eq!(marking(new), Some(Definition::Tlp(Tlp::AmberStrict)));
    for unknown in [
        "",
        r#""definition_type":"tlp","definition":{"tlp":"purple"}"#,
        r#""definition_type":"pap","definition":{"pap":"white"}"#,
        &new.replace("amber+strict", "infrared"),
    ] {
        assert_eq!(marking(unknown), Some(Definition::Other), "{unknown}");
    }
    // The identifier binds, whatever is written under it.
    let disguised = written("marking-definition", 1, old)
        .replace("00000000-0000-4000-8000-000000000001", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed");
    let disguised = objects(disguised.as_bytes()).pop().unwrap();
    assert_eq!(disguised.definition(), Some(Definition::Tlp(Tlp::Red)));
    assert_eq!(one("tool", r#""name":"n""#).definition(), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_and_cuts_never_panic(
        bytes: Vec<u8>,
        start in 0..POISON_IVY.len(),
        length in 0..20_000_usize,
        broken in 0..20_000_usize,
        byte: u8,
    ) {
        let index_all = |bundle: &[u8]| {
            let mut index = Index::new();
            for object in read(bundle).flatten() {
                object.indicators();
                index.keep(object).unwrap();
            }
            index.resolution();
        };
        index_all(&bytes);
        let end = POISON_IVY.len().min(start + length);
        let mut part = b"{\"objects\":[".to_vec();
        part.extend_from_slice(&POISON_IVY[start..end]);
        if let Some(place) = part.get_mut(broken) {
            *place = byte;
        }
        index_all(&part);
        let mut broken_bundle = APT1.to_vec();
        broken_bundle[broken] = byte;
        index_all(&broken_bundle);
        index_all(&APT1[..length]);
    }
}
