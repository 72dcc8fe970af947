//! Real records, and hostile ones.

use std::collections::BTreeMap;

use super::*;
use crate::cvss::{Score, Version};
use crate::gunzip::{Gunzip, Limits};
use crate::testing::Flood;

const ALL: &[u8] = include_bytes!("../../../../data/broadcast/vulnrichment/cve-sample.jsonl.gz");
const SAMPLE: &str = include_str!("../../../../data/broadcast/vulnrichment/sample.jsonl");

const RECORD: &str = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2017-0144","state":"PUBLISHED"},"containers":{"cna":{"descriptions":[{"lang":"en","value":"d"}]}}}"#;

fn sample(cve: &str) -> CveRecord {
    let wanted = cve.parse().unwrap();
    read(SAMPLE.as_bytes()).map(Result::unwrap).find(|record| record.cve == wanted).unwrap()
}

fn refusals(text: &str) -> Vec<Refusal> {
    read(text.as_bytes()).filter_map(Result::err).collect()
}

/// The figures were counted with another program in another language.
#[test]
fn every_real_record_is_read() {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut count = |what: String| *counts.entry(what).or_default() += 1;
    let limits = Limits { bytes: 64 * 1024 * 1024, ratio: 100 };
    for record in read(Gunzip::new(ALL, limits)).map(Result::unwrap) {
        count(format!("{:?}", record.state));
        match record.ssvc() {
            Some(ssvc) => {
                assert!(ssvc.others.is_empty());
                count(format!("{:?}", ssvc.exploitation.unwrap()));
                count(format!("automatable {:?}", ssvc.automatable.unwrap()));
                count(format!("{:?}", ssvc.technical_impact.unwrap()));
            }
            None => count("without SSVC".into()),
        }
        if record.kev().is_some_and(|listing| listing.date_added.is_some()) {
            count("listed".into());
        }
        for (role, _, metric) in record.cvss() {
            count(format!("{} {role:?}", metric.version));
            for flag in &metric.flags {
                assert!(matches!(flag, MetricFlag::VectorYields(_)), "{}: {flag}", record.cve);
                count("flagged".into());
            }
            // Where a source publishes them, they are what the vector yields.
            let vector = metric.vector.as_ref().unwrap();
            assert!(metric.temporal_score.is_none_or(|score| score == vector.temporal()));
            assert!(metric.environmental_score.is_none_or(|score| score == vector.environmental()));
        }
        let affected = record.containers().flat_map(|(_, container)| &container.affected);
        for version in affected.flat_map(|affected| &affected.versions) {
            count(format!("version {:?}", version.status));
        }
        assert_eq!(record.description().is_none(), record.state == State::Rejected);
        assert!(record.date_updated.as_ref().unwrap().at().is_some());
    }
    let expected = [
        ("2.0 Cna", 100),
        ("3.0 Cna", 212),
        ("3.1 Adp", 343),
        ("3.1 Cna", 1211),
        ("4.0 Cna", 105),
        ("Active", 214),
        ("None", 1677),
        ("Partial", 1462),
        ("Poc", 329),
        ("Published", 2220),
        ("Rejected", 2),
        ("Total", 758),
        ("automatable No", 1770),
        ("automatable Yes", 450),
        ("flagged", 18),
        ("listed", 224),
        ("version Affected", 17_928),
        ("version Unaffected", 1120),
        ("version Unknown", 10),
        ("without SSVC", 2),
    ];
    assert_eq!(counts, BTreeMap::from(expected.map(|(what, count)| (what.to_owned(), count))));
}

#[test]
fn a_record_is_read_with_all_its_parts() {
    let record = sample("CVE-2024-3273");
    assert_eq!(record.assigner.as_deref(), Some("VulDB"));
    assert!(record.title().unwrap().starts_with("D-Link DNS-320L/DNS-325"));
    assert_eq!(record.cna.descriptions.len(), 2);
    assert!(record.description().unwrap().value.starts_with("** UNSUPPORTED WHEN ASSIGNED **"));
    assert_eq!(record.cna.tags, ["unsupported-when-assigned"]);
    assert_eq!(record.cwes(), ["CWE-77"]);
    let said: Vec<_> =
        record.cvss().map(|(role, by, metric)| (role, by.short_name.clone(), metric)).collect();
    let scores: Vec<_> = said.iter().map(|(_, _, m)| (m.version, m.score().unwrap().tenths())).collect();
    assert_eq!(scores, [(Version::V3_1, 73), (Version::V3_0, 73), (Version::V2_0, 75)]);
    assert!(said.iter().all(|(role, by, _)| (*role, by.as_deref()) == (Role::Cna, Some("VulDB"))));
    let ssvc = record.ssvc().unwrap();
    assert_eq!(ssvc.exploitation, Some(Exploitation::Active));
    assert_eq!(ssvc.version.as_deref(), Some("2.0.3"));
    assert_eq!(ssvc.timestamp.as_ref().unwrap().at(), Some("2024-04-12T04:00:37.894213Z".parse().unwrap()));
    assert_eq!(record.kev().unwrap().date_added, Some("2024-04-11".parse().unwrap()));
    assert_eq!(record.cna.affected.len(), 4);
    assert_eq!(record.cna.affected[0].modules, ["HTTP GET Request Handler"]);
    assert_eq!(record.cna.affected[0].default_status, Status::Unknown);
    assert!(!record.cna.affected[0].versions[0].is_range());
    let titles: Vec<_> = record.adp.iter().map(|adp| adp.title.as_deref().unwrap()).collect();
    assert_eq!(titles, ["CVE Program Container", "CISA ADP Vulnrichment"]);
    assert_eq!(record.adp[1].affected[3].cpes, ["cpe:2.3:a:dlink:dns-340l_firmware:20240403:*:*:*:*:*:*:*"]);
    assert_eq!(record.adp[0].references[3].tags, ["exploit", "x_transferred"]);
    assert_eq!(record.cna.timeline[2].what.value, "VulDB entry last update");
    assert_eq!(record.cna.credits[0].kind.as_deref(), Some("finder"));
    assert!(record.remarks().is_empty());
}

#[test]
fn what_only_some_records_have_is_read() {
    let junos = sample("CVE-2023-44193");
    assert_eq!(junos.cna.affected[0].platforms, ["MX Series"]);
    assert_eq!(junos.cna.affected[0].versions[0].less_than.as_deref(), Some("20.4R3-S7"));
    assert_eq!(junos.cna.affected[0].default_status, Status::Unaffected);
    let texts =
        [&junos.cna.solutions, &junos.cna.workarounds, &junos.cna.exploits, &junos.cna.configurations];
    assert!(texts.iter().all(|texts| texts.len() == 1));
    let satellite = &sample("CVE-2024-7923").cna;
    assert_eq!(satellite.affected[0].package_name.as_deref(), Some("foreman-installer"));
    assert!(
        satellite.affected[0].collection_url.as_deref().unwrap().starts_with("https://access.redhat.com/")
    );
    assert_eq!(satellite.metrics.others[0].kind, "Red Hat severity rating");
    assert_eq!(satellite.metrics.others[0].content["value"], "Critical");
    let linux = &sample("CVE-2021-47524").cna.affected[0];
    assert_eq!(linux.program_files, ["drivers/tty/serial/liteuart.c"]);
    assert_eq!(linux.versions[1].version_type.as_deref(), Some("git"));
    let tetra = &sample("CVE-2023-23771").cna.taxonomy_mappings[0];
    assert_eq!(tetra.taxonomy_relations[0].taxonomy_id, "T0891");
    let capec = |cve: &str| sample(cve).cna.impacts[0].capec_id.clone();
    assert_eq!(capec("CVE-2024-9348").as_deref(), Some("CAPEC-63"));
    let changed = read(SAMPLE.as_bytes())
        .map(Result::unwrap)
        .flat_map(|record| record.cna.affected)
        .flat_map(|affected| affected.versions)
        .find(|version| !version.changes.is_empty())
        .unwrap();
    assert_eq!(changed.changes[0].status, Status::Unaffected);
    let go = &sample("CVE-2024-34155").cna.affected[0];
    assert_eq!(go.program_routines[0].name, "parser.parseLiteralValue");
}

#[test]
fn a_rejected_record_says_why() {
    let record = sample("CVE-2024-47722");
    assert_eq!(record.state, State::Rejected);
    assert!(record.rejected_reason().unwrap().value.starts_with("This CVE ID has been rejected"));
    assert_eq!(record.date_rejected.as_ref().unwrap().as_str(), "2024-10-21T12:58:26.199Z");
    assert_eq!((record.description(), record.ssvc(), record.kev()), (None, None, None));
}

#[test]
fn a_score_that_its_vector_does_not_yield_is_kept_and_flagged() {
    let record = sample("CVE-2022-42475");
    let (_, by, metric) = record.cvss().next().unwrap();
    assert_eq!(by.short_name.as_deref(), Some("fortinet"));
    assert_eq!(metric.base_score.map(Score::tenths), Some(93));
    assert_eq!(metric.vector.as_ref().unwrap().base().tenths(), 98);
    assert_eq!(record.remarks(), ["CVSS 3.1 of “fortinet”: Its vector yields 9.8 instead of its score."]);
}

#[test]
fn a_record_keeps_its_text_and_its_line() {
    let mut lines = SAMPLE.lines();
    for (number, record) in (1..).zip(read(SAMPLE.as_bytes()).map(Result::unwrap)) {
        assert_eq!(record.line, number);
        assert_eq!(Some(record.verbatim.as_str()), lines.next());
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn a_document_spread_over_lines_says_the_same() {
    let line = SAMPLE.lines().nth(48).unwrap();
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    let spread = serde_json::to_string_pretty(&value).unwrap();
    let mut records: Vec<CveRecord> = read(spread.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(records.len(), 1);
    let mut record = records.remove(0);
    assert_eq!(record.verbatim, spread);
    line.clone_into(&mut record.verbatim);
    assert_eq!(record, read(line.as_bytes()).next().unwrap().unwrap());
}

#[test]
fn what_is_not_said_is_unknown() {
    let said = |affected: &str| {
        let text = RECORD.replace("\"descriptions\"", &format!("\"affected\":[{affected}],\"descriptions\""));
        read(text.as_bytes()).next().unwrap().unwrap().cna.affected.remove(0)
    };
    assert_eq!(said("{}").default_status, Status::Unknown);
    assert_eq!(said(r#"{"defaultStatus":"not affected"}"#).default_status, Status::Unknown);
    assert_eq!(said(r#"{"versions":[{"version":"1"}]}"#).versions[0].status, Status::Unknown);
    let record = read(RECORD.as_bytes()).next().unwrap().unwrap();
    assert_eq!((record.ssvc(), record.kev(), record.title()), (None, None, None));
}

/// No real document at hand has the field; its shape is that of the schema, 5.1.
#[test]
fn applicability_by_cpe_is_read() {
    let applicability = r#""cpeApplicability":[{"operator":"AND","nodes":[{"operator":"OR","negate":false,
        "cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:v:p:*:*:*:*:*:*:*:*",
        "versionStartIncluding":"1.0","versionEndExcluding":"1.4"}]},{"cpeMatch":[{"criteria":"c"}]}]}],"descriptions""#;
    let text = RECORD.replace("\"descriptions\"", applicability);
    let record = read(text.as_bytes()).next().unwrap().unwrap();
    let nodes = &record.cna.cpe_applicability[0].nodes;
    assert_eq!(nodes[0].cpe_match[0].version_end_excluding.as_deref(), Some("1.4"));
    assert_eq!((nodes[0].cpe_match[0].vulnerable, nodes[1].cpe_match[0].vulnerable), (Some(true), None));
}

#[test]
fn a_bad_record_is_refused_with_its_place_and_the_rest_goes_in() {
    let nul = RECORD.replace("\"d\"", "\"\\u0000\"");
    let about_nul = RECORD.replace("\"d\"", "\"the text \\\\u0000\"");
    let lines = [
        &RECORD.replace("PUBLISHED", "RESERVED"),
        &RECORD.replace("5.1", "4.0"),
        &RECORD.replace("CVE_RECORD", "CVE"),
        &RECORD.replace("CVE-2017-0144", "CVE-17-0144"),
        &RECORD.replace("\"cna\"", "\"cnb\""),
        &RECORD[..RECORD.len() - 9],
        &nul,
        &about_nul,
        RECORD,
    ];
    let text = lines.join("\n");
    let (taken, refused): (Vec<_>, Vec<_>) = read(text.as_bytes()).partition(Result::is_ok);
    assert_eq!(taken.len(), 2);
    let refused: Vec<Refusal> = refused.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert!(refused[0].reason.starts_with("cveMetadata.state: "), "{}", refused[0].reason);
    assert!(refused[0].column.is_some());
    assert_eq!(refused[1].reason, "It is in version “4.0” of the CVE format; 5.x is read.");
    assert_eq!(refused[5].reason, "The record does not end on its line.");
}

#[test]
fn a_record_of_120_megabytes_is_passed_over() {
    let head = br#"{"dataType":""#;
    let tail = format!("\"}}\n{RECORD}\n");
    let input = head.chain(Flood::of(b'x', 120_000_000)).chain(tail.as_bytes());
    let results: Vec<_> = read(input).collect();
    assert_eq!(results.len(), 2);
    assert!(results[0].as_ref().unwrap_err().reason.contains("bytes long"));
    assert!(results[1].is_ok());
}

#[test]
fn depth_and_the_number_of_parts_are_limited() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(refusals(&format!("{{\"x\":{deep}}}")).len(), 1);
    assert_eq!(refusals(&"{\"x\":".repeat(200_000)).len(), 1);
    let many = format!("\"affected\":[{}{{}}],\"descriptions\"", "{},".repeat(MOST_PARTS));
    let refused = refusals(&RECORD.replace("\"descriptions\"", &many));
    assert!(refused[0].reason.ends_with("50000 are taken at most."), "{}", refused[0].reason);
}

#[test]
fn what_is_no_record_is_refused() {
    for text in ["", "null", "[]", "<html>\n<p>", "\0\0\0", "{}", "{\"vulnerabilities\": []}"] {
        assert_eq!(refusals(text).len(), 1, "{text}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_and_cuts_never_panic(
        bytes: Vec<u8>,
        start in 0..SAMPLE.len(),
        length in 0..20_000_usize,
        broken in 0..20_000_usize,
        byte: u8,
    ) {
        read(&bytes[..]).count();
        let end = SAMPLE.len().min(start + length);
        let mut part = SAMPLE.as_bytes()[start..end].to_vec();
        if let Some(place) = part.get_mut(broken) {
            *place = byte;
        }
        for record in read(&part[..]).flatten() {
            let _ = (record.remarks(), record.description(), record.cwes(), record.ssvc());
        }
        read(&SAMPLE.as_bytes()[..length]).count();
    }
}
