//! What is wrong in one field costs that field, and is told.

use super::*;

fn told(reading: &Reading<Document>) -> Vec<String> {
    let remarks = reading.remarks.kept().iter();
    remarks.map(|it| format!("{:?} {} {}: {}", it.kind, it.line, it.path, it.reason)).collect()
}

#[test]
fn what_is_written_otherwise_is_read_and_told() {
    let text = made(
        r#"{"branches": [{"category": "Vendor", "name": 7, "branches": [
            {"category": "product-version-range", "name": "vers:all/*",
             "product": {"product_id": "A", "name": "a"}}]}]}"#,
        r#"[{"cve": "cve-2024-0001", "release_date": "2024-02-03", "notes": {"category": "SUMMARY", "text": "n"},
             "product_status": {"known_affected": "A"},
             "scores": [{"products": ["A"], "cvss_v3": {"version": "3.1", "vectorString": "v", "baseScore": "9.8", "baseSeverity": "Critical"}}]}]"#,
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        told(&reading),
        [
            "Mended 6 /product_tree/branches/0/category: “Vendor” is read as vendor.",
            "Mended 6 /product_tree/branches/0/name: This is a number, not a text.",
            "Mended 7 /product_tree/branches/0/branches/0/category: “product-version-range” is read as product_version_range.",
            "Mended 9 /vulnerabilities/0/notes: This is an object, not a list; it is taken as the only entry.",
            "Mended 9 /vulnerabilities/0/notes/category: “SUMMARY” is read as summary.",
            "Mended 9 /vulnerabilities/0/release_date: “2024-02-03” has no time with an offset; it is taken as UTC.",
            "Mended 10 /vulnerabilities/0/product_status/known_affected: This is a text, not a list; it is taken as the only entry.",
            "Mended 11 /vulnerabilities/0/scores/0/cvss_v3/baseScore: This number is written as a text.",
            "Mended 11 /vulnerabilities/0/scores/0/cvss_v3/baseSeverity: “Critical” is read as CRITICAL.",
        ]
    );
    let document = &reading.document;
    let described = document.tree.describe(&document.tree.products[0]);
    assert_eq!((described.vendor, described.version_range), (Some("7"), Some("vers:all/*")));
    let vulnerability = &document.vulnerabilities[0];
    assert_eq!(vulnerability.cve.unwrap().to_string(), "CVE-2024-0001");
    assert_eq!(vulnerability.release_date.unwrap().to_string(), "2024-02-03T00:00:00Z");
    assert_eq!(vulnerability.notes[0].category, Some(NoteCategory::Summary));
    assert_eq!(vulnerability.scores[0].newest().unwrap().base_score, Some(9.8));
    assert_eq!(document.standings(vulnerability).of("A").verdict, Verdict::Affected);
}

#[test]
fn what_cannot_be_read_costs_its_own_field() {
    let text = made(
        r#"{"full_product_names": [{"name": "no id"}, {"product_id": "A"}, null, 5]}"#,
        r#"[{"cve": "CVE-1", "title": ["x"], "cwe": "CWE-79", "release_date": "soon", "colour": "red",
             "notes": [{"category": "summary"}, {"category": "poem", "text": "kept"}],
             "scores": [{"products": ["A"], "cvss_v3": {"version": "3.1", "vectorString": "v", "baseScore": 11}},
                        {"products": ["A"]}],
             "remediations": [{"category": "vendor_fix", "details": "\u0000"}],
             "product_status": {"known_affected": ["A", 5, {}]}},
            "a vulnerability"]"#,
    );
    let reading = read(text.as_bytes()).unwrap();
    let vulnerability = &reading.document.vulnerabilities[0];
    assert_eq!(reading.document.vulnerabilities.len(), 1);
    assert_eq!((vulnerability.cve, &vulnerability.title, &vulnerability.cwe), (None, &None, &None));
    assert_eq!(vulnerability.notes.len(), 1);
    assert_eq!(vulnerability.notes[0].category, Some(NoteCategory::Other("poem".to_owned())));
    let cvss = vulnerability.scores[0].newest().unwrap();
    assert_eq!((cvss.base_score, cvss.vector.as_deref()), (None, Some("v")));
    assert_eq!(vulnerability.scores.len(), 1);
    assert_eq!(vulnerability.remediations[0].details, None);
    assert_eq!(reading.document.tree.products.len(), 1);
    let remarks = &reading.remarks;
    assert_eq!(remarks.count(RemarkKind::Unknown), 1);
    assert_eq!(remarks.count(RemarkKind::Missing), 3, "{:?}", told(&reading));
    let told = told(&reading);
    for expected in [
        "Lost 7 /vulnerabilities/0/cve: “CVE-1” is not a CVE number; one looks like CVE-2017-0144.",
        "Lost 7 /vulnerabilities/0/title: This is a list, not a text.",
        "Lost 7 /vulnerabilities/0/cwe: This is a text, not an object.",
        "Lost 7 /vulnerabilities/0/release_date: “soon” is not a date with a time.",
        "Lost 6 /product_tree/full_product_names/2: This is null, not an entry.",
        "Lost 13 /vulnerabilities/1: This is a text, not an object.",
        "Lost 12 /vulnerabilities/0/product_status/known_affected/2: This is an object, not a text.",
        "Lost 11 /vulnerabilities/0/remediations/0/details: This text holds a NUL character.",
        "Unknown 7 /vulnerabilities/0: The field “colour” is not one that the standard has here.",
    ] {
        assert!(told.iter().any(|it| it == expected), "{expected} is not among {told:#?}");
    }
}

#[test]
fn a_document_needs_a_title_or_an_id_and_nothing_else() {
    let bare = read(&br#"{"document": {"title": "T"}}"#[..]).unwrap();
    assert_eq!(bare.document.name(), "T");
    assert_eq!(bare.remarks.count(RemarkKind::Missing), 4);
    assert_eq!(bare.document.distribution.marking, Marking::NotTold);
    assert_eq!(bare.document.medical(), None);
    let numbered =
        read(&br#"{"document": {"tracking": {"id": " icsma-1 "}}, "vulnerabilities": 5}"#[..]).unwrap();
    assert_eq!(numbered.document.name(), "icsma-1");
    assert_eq!(numbered.document.medical().unwrap().reasons, [Reason::Number("icsma-1")]);
    for none in [
        r#"{"document": {}}"#,
        r#"{"document": []}"#,
        "{}",
        "[]",
        "null",
        "5",
        r#"{"document": {"title": " ", "tracking": {"id": ""}}}"#,
    ] {
        let refusal = read(none.as_bytes()).unwrap_err();
        assert!(refusal.reason.contains("is it a CSAF document?"), "{none}: {refusal}");
    }
}

#[test]
fn a_marking_that_is_no_word_of_the_protocol_never_passes_for_none() {
    for (tlp, marking) in [
        (r#"{"tlp": {"label": "white"}}"#, Marking::Told(crate::Tlp::Clear)),
        (r#"{"tlp": {"label": "AMBER"}}"#, Marking::Told(crate::Tlp::Amber)),
        (r#"{"tlp": {"label": "PURPLE"}}"#, Marking::Unreadable("PURPLE".to_owned())),
        (r#"{"tlp": {"label": {}}}"#, Marking::Unreadable(String::new())),
        (r#"{"text": "as you like"}"#, Marking::NotTold),
    ] {
        let text = format!(r#"{{"document": {{"title": "T", "distribution": {tlp}}}}}"#);
        assert_eq!(read(text.as_bytes()).unwrap().document.distribution.marking, marking, "{tlp}");
    }
}

#[test]
fn a_field_that_is_there_twice_and_an_id_given_out_twice_are_told() {
    let text = made(
        r#"{"full_product_names": [{"product_id": "A", "name": "a", "name": "b"}, {"product_id": "A", "name": "c"}],
            "product_groups": [{"group_id": "G", "product_ids": ["A"]}, {"group_id": "G", "product_ids": ["Z"]}]}"#,
        "[]",
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.remarks.count(RemarkKind::Odd), 4, "{:?}", told(&reading));
    let tree = &reading.document.tree;
    assert_eq!(tree.product("A").unwrap().name.as_deref(), Some("b"));
    assert_eq!(tree.products.len(), 2);
}

#[test]
fn every_helper_that_identifies_a_product_is_read() {
    let text = made(
        r#"{"full_product_names": [{"product_id": "A", "name": "a", "product_identification_helper": {
            "cpe": "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*", "purl": "pkg:deb/debian/curl@7",
            "hashes": [{"filename": "f", "file_hashes": [{"algorithm": "sha256", "value": "00"}]}],
            "model_numbers": ["m?"], "serial_numbers": ["s*"], "skus": ["k"],
            "sbom_urls": ["https://v.example/sbom"],
            "x_generic_uris": [{"namespace": "https://n.example", "uri": "urn:x"}]}}]}"#,
        "[]",
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.remarks.is_empty());
    let identity = reading.document.tree.products[0].identity.as_ref().unwrap();
    assert_eq!(identity.purl.as_deref(), Some("pkg:deb/debian/curl@7"));
    assert_eq!(identity.hashes[0].hashes[0].value, "00");
    assert_eq!(identity.model_numbers, ["m?"]);
    assert_eq!(identity.generic_uris[0].uri, "urn:x");
    let json = serde_json::to_value(&reading.document).unwrap();
    assert_eq!(json["tree"]["products"][0]["identity"]["cpe"], "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*");
}
