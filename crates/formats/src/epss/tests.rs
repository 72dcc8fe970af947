//! The real file, FIRST's own layout, and hostile ones.

use super::*;
use crate::refusal::Column;
use crate::testing::Flood;

const BESIDE_CVSS: &[u8] = include_bytes!("../../../../data/broadcast/epss/epss_kev_nvd.csv");

/// FIRST's own layout, with its first line as it stands in the file of that day.
const FIRST: &str = "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\ncve,epss,percentile\n";

fn refusals(text: &str) -> Vec<Refusal> {
    read(text.as_bytes()).filter_map(Result::err).collect()
}

fn fraction(text: &str) -> Fraction {
    text.parse().unwrap()
}

#[test]
fn every_row_of_the_real_file_is_read() {
    let mut reader = read(BESIDE_CVSS);
    let rows: Vec<EpssRow> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1556);
    assert_eq!(rows.iter().filter(|row| row.cvss3.is_none()).count(), 4);
    assert_eq!(rows.iter().filter(|row| row.epss >= fraction("0.5")).count(), 813);
    assert_eq!(rows.iter().map(|row| row.epss).max(), Some(fraction("0.99999")));
    assert_eq!(rows[0].cve.to_string(), "CVE-2025-62593");
    assert_eq!(rows[0].cvss3.unwrap().tenths(), 88);
    assert_eq!(rows[0].epss.billionths(), 10_150_000);
    assert_eq!(rows[0].percentile.to_string(), "0.60644");
    assert_eq!(reader.warnings(), ["The file does not say which day its scores are of."]);
}

#[test]
fn firsts_own_layout_says_its_model_and_day() {
    let text = format!("{FIRST}CVE-1999-0001,0.01297,0.78753\r\nCVE-2024-12345,9e-05,0.00001\n");
    let mut reader = read(text.as_bytes());
    let rows: Vec<EpssRow> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].line, rows[0].epss, rows[0].cvss3), (3, fraction("0.01297"), None));
    assert_eq!(rows[1].epss, fraction("0.00009"));
    assert_eq!(reader.header().model_version.as_deref(), Some("v2025.03.14"));
    assert_eq!(reader.header().score_date, Some("2025-08-25T00:00:00Z".parse().unwrap()));
    assert!(reader.warnings().is_empty());
}

#[test]
fn a_bad_row_is_refused_with_line_and_column_and_the_rest_goes_in() {
    let text = format!(
        "{FIRST}CVE-2024-0001,1.00001,0.5\nCVE-2024-0002,0.5,-0.1\nCVE-24-3,0.5,0.5\nCVE-2024-0004,,0.5\nCVE-2024-0005,0.5,1\n"
    );
    let (taken, refused): (Vec<_>, Vec<_>) = read(text.as_bytes()).partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    let refused: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
    let places: Vec<_> = refused.iter().map(|r| (r.line, r.column.clone())).collect();
    let at = |line, name: &str| (line, Some(Column::Name(name.into())));
    assert_eq!(places, [at(3, "epss"), at(4, "percentile"), at(5, "cve"), at(6, "epss")]);
    assert_eq!(refused[0].reason, "“1.00001” is not a number from 0 to 1 with at most nine decimal places.");
}

#[test]
fn a_cvss_score_that_is_none_is_refused() {
    let text = "CVE,CVSS3,EPSS,EPSS Percentile\nCVE-2024-0001,11,0.1,0.2\nCVE-2024-0002,,0.1,0.2\n";
    let results: Vec<_> = read(text.as_bytes()).collect();
    assert_eq!(results[0].as_ref().unwrap_err().column, Some(Column::Name("CVSS3".into())));
    assert_eq!(results[1].as_ref().unwrap().cvss3, None);
}

#[test]
fn what_is_no_such_file_is_refused_once() {
    for text in ["", "<html>\n<p>\n", "cve,score\nCVE-2024-0001,0.1\n", "{\"data\": []}\n1\n"] {
        assert_eq!(refusals(text).len(), 1, "{text}");
    }
    assert_eq!(refusals("#score_date:soon\n").len(), 1);
    let mut empty = read(FIRST.as_bytes());
    assert!(empty.next().is_none());
    assert_eq!(empty.warnings(), ["The file has no scores; is it the EPSS file?"]);
}

#[test]
fn a_field_of_120_megabytes_costs_one_row() {
    let input = FIRST
        .as_bytes()
        .chain(&b"CVE-2024-0001,0."[..])
        .chain(Flood::of(b'1', 120_000_000))
        .chain(&b"\nCVE-2024-0002,0.1,0.2\n"[..]);
    let results: Vec<_> = read(input).collect();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0].as_ref().unwrap_err().line, 3);
    assert!(results[1].is_ok());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_and_cuts_never_panic(
        bytes: Vec<u8>,
        length in 0..40_000_usize,
        broken in 0..40_000_usize,
        byte: u8,
    ) {
        read(&bytes[..]).count();
        read(FIRST.as_bytes().chain(&bytes[..])).count();
        let mut part = BESIDE_CVSS[..length].to_vec();
        if let Some(place) = part.get_mut(broken) {
            *place = byte;
        }
        read(&part[..]).count();
    }
}
