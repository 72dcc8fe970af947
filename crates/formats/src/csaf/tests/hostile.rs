//! Documents made to cost much: memory, time, or the program.

use std::io::Read as _;

use super::*;
use crate::testing::Flood;

#[test]
fn a_document_beyond_the_limit_is_refused_and_not_held() {
    let input = br#"{"document": {"title": ""#.chain(Flood::of(b'x', 4_000_000_000));
    assert_eq!(read(input).unwrap_err().reason, "The document is larger than the 16 MiB that are taken.");
}

#[test]
fn nesting_of_200_000_levels_is_refused_and_120_are_read() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        for text in
            [deep.clone(), made(&deep, "[]"), made("{}", &deep), made(&format!("{{\"x\":{deep}}}"), "[]")]
        {
            let refusal = read(text.as_bytes()).unwrap_err();
            assert!(refusal.reason.contains("nested deeper than 128 levels"), "{refusal}");
        }
        let deep = format!("{}1{}", open.repeat(120), close.repeat(120));
        assert!(read(made(&deep, &deep).as_bytes()).is_ok());
    }
    // Brackets within a text are no nesting.
    let text = format!(r#"{{"document": {{"title": "\"{}"}}}}"#, "[".repeat(1_000));
    assert!(read(text.as_bytes()).is_ok());
}

#[test]
fn branches_are_read_to_a_limit() {
    let mut tree =
        r#"{"category": "product_version", "name": "1", "product": {"product_id": "A", "name": "a"}}"#
            .to_owned();
    for _ in 1..MOST_LEVELS {
        tree = format!(r#"{{"category": "vendor", "name": "v", "branches": [{tree}]}}"#);
    }
    let reading = read(made(&format!(r#"{{"branches": [{tree}]}}"#), "[]").as_bytes()).unwrap();
    assert!(reading.remarks.is_empty());
    assert_eq!(reading.document.tree.branches_above(&reading.document.tree.products[0]).count(), MOST_LEVELS);
    let deeper = format!(r#"{{"branches": [{{"category": "vendor", "name": "v", "branches": [{tree}]}}]}}"#);
    let reading = read(made(&deeper, "[]").as_bytes()).unwrap();
    assert_eq!(reading.remarks.count(RemarkKind::Lost), 1);
    assert!(reading.document.tree.products.is_empty());
}

#[test]
fn products_made_of_each_other_are_described_all_the_same() {
    let part = |id: &str, of: &str| {
        format!(
            r#"{{"category": "installed_on", "product_reference": "{of}", "relates_to_product_reference": "{of}",
                "full_product_name": {{"product_id": "{id}", "name": "n"}}}}"#
        )
    };
    let tree = format!(r#"{{"relationships": [{}, {}]}}"#, part("A", "B"), part("B", "A"));
    let document = read(made(&tree, "[]").as_bytes()).unwrap().document;
    let described = document.tree.describe(&document.tree.products[0]);
    assert_eq!((described.vendor, described.within.unwrap().id.as_str()), (None, "B"));
}

#[test]
fn millions_of_small_things_are_counted_and_few_are_kept() {
    let many = |item: &str, length: usize| vec![item; length / (item.len() + 1)].join(",");
    let length = 3_000_000;
    let ids: Vec<String> = (0..300_000).map(|id| format!("\"{id}\"")).collect();
    let ids = ids.join(",");
    for (tree, vulnerabilities) in [
        ("{}".to_owned(), format!("[{}]", many("{}", length))),
        ("{}".to_owned(), format!(r#"[{{"notes": [{}]}}]"#, many(r#"{"text":"a"}"#, length))),
        (format!(r#"{{"branches": [{}]}}"#, many("{}", length)), "[]".to_owned()),
        (format!("{{{}}}", many(r#""":0"#, length)), "[]".to_owned()),
        ("{}".to_owned(), format!(r#"[{{"product_status": {{"fixed": [{}]}}}}]"#, many(r#""a""#, length))),
        ("{}".to_owned(), format!(r#"[{{"product_status": {{"fixed": [{ids}]}}}}]"#)),
    ] {
        let reading = read(made(&tree, &vulnerabilities).as_bytes()).unwrap();
        assert!(reading.remarks.kept().len() <= MOST_KEPT);
        assert!(reading.remarks.total() > 0);
        assert!(reading.document.vulnerabilities.len() <= MOST_VULNERABILITIES);
        assert!(reading.document.tree.branches.len() <= 500_000);
        let listed = reading.document.vulnerabilities.iter().flat_map(|it| it.status.iter());
        let different: std::collections::HashSet<_> = listed.map(|(_, id)| id).collect();
        assert!(different.len() <= 250_000);
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, line, reason) in [
        ("", 1, "The document is empty."),
        ("\u{feff} \n", 1, "The document is empty."),
        ("<html>", 1, "The document is not JSON: expected value."),
        ("{\n\"document\": {},\n}", 3, "The document is not JSON: key must be a string."),
        ("{}\n{}", 2, "The document is not JSON: trailing characters."),
    ] {
        let refusal = read(text.as_bytes()).unwrap_err();
        assert_eq!((refusal.line, refusal.reason.as_str()), (line, reason), "{text}");
    }
    let refusal = read(&b"{\n\"document\": \"\xE9\"}"[..]).unwrap_err();
    assert_eq!(refusal.to_string(), "line 2: The document is not UTF-8 text, which JSON has to be.");
    assert!(read("\u{feff}{\"document\": {\"title\": \"T\"}}".as_bytes()).is_ok());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_cuts_and_swaps_never_panic(
        bytes: Vec<u8>,
        which in 0..DOCUMENTS.len(),
        place in 0..200_000_usize,
        byte: u8,
        from in 0..200_000_usize,
        length in 0..60_usize,
    ) {
        let _ = read(&bytes[..]);
        let real = DOCUMENTS[which].1;
        let (place, from) = (place % real.len(), from % real.len());
        let _ = read(&real[..place]);
        let mut broken = real.to_vec();
        broken[place] = byte;
        let _ = read(&broken[..]);
        // A piece from elsewhere in the document, which often leaves it JSON.
        let piece = &real[from..real.len().min(from + length)];
        let swapped = [&real[..place], piece, &real[real.len().min(place + length)..]].concat();
        if let Ok(reading) = read(&swapped[..]) {
            ask_everything(&reading.document);
        }
    }

    #[test]
    fn any_value_in_any_place_costs_at_most_its_field(
        which in 0..DOCUMENTS.len(),
        place in 0..1_000_usize,
        value in "null|true|5|-1e999|\"\"|\"\\\\ud800\"|\"x\"|\\[\\]|\\{\\}|\\[\\[\\]\\]|\\{\"a\":1\\}",
    ) {
        let text = std::str::from_utf8(DOCUMENTS[which].1).unwrap();
        let strings: Vec<_> = text.match_indices("\": \"").collect();
        let at = strings[place % strings.len()].0 + 3;
        let end = at + 1 + text[at + 1..].find('"').unwrap();
        // The place is not in the middle of a text with a quotation mark of its own.
        let broken = format!("{}{value}{}", &text[..at], &text[end + 1..]);
        if let Ok(reading) = read(broken.as_bytes()) {
            ask_everything(&reading.document);
            proptest::prop_assert!(reading.document.tree.products.len() <= 20);
        }
    }
}

/// Everything that may be asked of a document.
fn ask_everything(document: &Document) {
    let _ = document.medical();
    let _ = serde_json::to_string(document).unwrap();
    for product in &document.tree.products {
        let _ = document.tree.describe(product);
    }
    for vulnerability in &document.vulnerabilities {
        let _ = document.verbatim_of(vulnerability);
        document.standings(vulnerability).all().for_each(drop);
    }
}
