//! The real catalogue, and hostile ones.

use super::*;
use crate::testing::Flood;

const CATALOGUE: &[u8] =
    include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");

const ENTRY: &str = r#"{"cveID":"CVE-2017-0144","vendorProject":"Microsoft","product":"SMBv1","vulnerabilityName":"EternalBlue","dateAdded":"2022-02-10","shortDescription":"d","requiredAction":"a","dueDate":"2022-08-10"}"#;

fn refusals(catalogue: &[u8]) -> Vec<Refusal> {
    read(catalogue).filter_map(Result::err).collect()
}

fn around(entries: &str) -> String {
    format!("{{\"count\": 2, \"vulnerabilities\": [\n{entries}\n]}}")
}

#[test]
fn every_entry_of_the_real_catalogue_is_read() {
    let mut reader = read(CATALOGUE);
    let entries: Vec<KevEntry> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1404);
    assert_eq!(entries.iter().filter(|e| e.ransomware == RansomwareUse::Known).count(), 293);
    assert_eq!(entries.iter().filter(|e| e.due_before_added()).count(), 15);
    assert_eq!(reader.header().catalog_version.as_deref(), Some("2025.08.25"));
    assert_eq!(reader.header().count, Some(1404));
    assert!(reader.warnings().is_empty());
    assert_eq!(entries[0].line, 7);
    assert_eq!(entries[0].cve.to_string(), "CVE-2025-48384");
    assert_eq!(entries[0].cwes, ["CWE-59", "CWE-436"]);
    assert!(entries[0].short_description.contains("Git’s"));
}

#[test]
fn an_entry_keeps_the_text_of_the_catalogue() {
    let catalogue = std::str::from_utf8(CATALOGUE).unwrap();
    for entry in read(CATALOGUE).map(Result::unwrap) {
        assert!(catalogue.contains(&entry.verbatim));
        assert!(entry.verbatim.starts_with('{') && entry.verbatim.ends_with('}'));
    }
}

#[test]
fn a_bad_entry_is_refused_with_place_and_field_and_the_rest_goes_in() {
    let bad = ENTRY.replace("2022-08-10", "soon");
    let nul = ENTRY.replace("EternalBlue", "\\u0000");
    let catalogue = around(&format!("{bad},\n{ENTRY},\n17,\n{{]}},\n{nul}"));
    let mut reader = read(catalogue.as_bytes());
    let (taken, refused): (Vec<_>, Vec<_>) = reader.by_ref().partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    let refused: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 4, 5, 5]);
    assert!(refused[0].reason.starts_with("dueDate: "), "{}", refused[0].reason);
    assert!(refused[0].column.is_some());
    assert!(!refused[0].reason.contains("at line"));
}

#[test]
fn an_entry_without_a_field_is_refused() {
    let refused = refusals(around(&ENTRY.replace("\"product\":\"SMBv1\",", "")).as_bytes());
    assert_eq!(refused[0].reason, "The field “product” is missing.");
}

#[test]
fn a_catalogue_that_is_cut_is_refused_once_where_it_ends() {
    let mut reader = read(&CATALOGUE[..CATALOGUE.len() / 2]);
    let (taken, refused): (Vec<_>, Vec<_>) = reader.by_ref().partition(Result::is_ok);
    assert!(taken.len() > 600);
    let refusal = refused[0].as_ref().unwrap_err();
    assert_eq!(refused.len(), 1);
    assert!(refusal.line > 5_000, "{refusal}");
    assert!(refusal.reason.contains("the end of the file"), "{refusal}");
}

#[test]
fn a_count_that_does_not_match_is_a_warning() {
    let mut reader = read(around(ENTRY).as_bytes().to_vec().leak() as &[u8]);
    assert_eq!(reader.by_ref().flatten().count(), 1);
    assert_eq!(reader.warnings(), ["The catalogue says that it has 2 entries, but it has 1."]);
}

#[test]
fn an_entry_of_120_megabytes_is_passed_over() {
    let head = br#"{"vulnerabilities":[{"notes":""#;
    let tail = format!("\"}},{ENTRY}]}}");
    let input = head.chain(Flood::of(b'x', 120_000_000)).chain(tail.as_bytes());
    let results: Vec<_> = read(input).collect();
    assert_eq!(results.len(), 2);
    assert!(results[0].as_ref().unwrap_err().reason.contains("bytes long"));
    assert!(results[1].is_ok());
}

#[test]
fn nesting_of_200_000_levels_is_refused() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let entry = ENTRY.replace("\"d\"", &deep);
    assert_eq!(refusals(around(&format!("{deep},{entry},{ENTRY}")).as_bytes()).len(), 2);
    assert_eq!(refusals("[".repeat(200_000).as_bytes()).len(), 1);
    assert_eq!(refusals("{\"a\":".repeat(200_000).as_bytes()).len(), 1);
    // Deep, yet short enough to reach serde, in a field that it passes over.
    let ignored =
        ENTRY.replace("\"cveID\"", &format!("\"x\":{}{},\"cveID\"", "[".repeat(126), "]".repeat(126)));
    assert!(refusals(around(&ignored).as_bytes()).is_empty());
}

#[test]
fn what_is_no_catalogue_is_refused() {
    for text in ["", "null", "[]", "<html>", "\0\0\0", "{\"vulnerabilities\": {}}"] {
        assert_eq!(refusals(text.as_bytes()).len(), 1, "{text}");
    }
    let mut empty = read(&b"{}"[..]);
    assert!(empty.next().is_none());
    assert_eq!(empty.warnings(), ["The file has no entries; is it the KEV catalogue?"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_and_cuts_never_panic(
        bytes: Vec<u8>,
        start in 0..CATALOGUE.len(),
        length in 0..20_000_usize,
        broken in 0..20_000_usize,
        byte: u8,
    ) {
        read(&bytes[..]).count();
        let end = CATALOGUE.len().min(start + length);
        let mut part = b"{\"vulnerabilities\":[".to_vec();
        part.extend_from_slice(&CATALOGUE[start..end]);
        if let Some(place) = part.get_mut(broken) {
            *place = byte;
        }
        read(&part[..]).count();
        read(&CATALOGUE[..length]).count();
    }
}
