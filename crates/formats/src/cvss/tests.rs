//! Vectors of the specifications and their examples, and hostile ones.

use proptest::prelude::*;

use super::*;

/// Vector, scores in their order, rating of the last. Those with a CVE are after FIRST's guides
/// (section 3.3 of CVSS 2.0, the examples of 3.0, 3.1 and 4.0), the others are edges; all were
/// calculated with a second implementation, in decimal arithmetic.
const KNOWN: &[(&str, &[&str], &str)] = &[
    // CVE-2002-0392, CVE-2003-0818 and CVE-2003-0062: each with all three scores.
    (
        "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H",
        &["base 7.8", "temporal 6.4", "environmental 9.2"],
        "High",
    ),
    (
        "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L",
        &["base 10.0", "temporal 8.3", "environmental 9.0"],
        "High",
    ),
    (
        "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M",
        &["base 6.2", "temporal 4.9", "environmental 7.5"],
        "High",
    ),
    // 2.0 without environment: the environmental equation alone would say 7.1.
    ("AV:L/AC:L/Au:N/C:C/I:C/A:C", &["base 7.2"], "High"),
    ("AV:N/AC:L/Au:S/C:C/I:C/A:C/E:F/RL:U/RC:C", &["base 9.0", "temporal 8.6"], "High"),
    ("AV:L/AC:H/Au:M/C:N/I:N/A:N", &["base 0.0"], "Low"),
    // CVE-2013-1937, CVE-2013-0375, CVE-2014-3566, CVE-2012-1516, CVE-2009-0783, CVE-2012-0384.
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", &["base 6.1"], "Medium"),
    ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", &["base 6.4"], "Medium"),
    ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", &["base 3.1"], "Low"),
    ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", &["base 9.9"], "Critical"),
    ("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", &["base 4.2"], "Medium"),
    ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", &["base 8.8"], "High"),
    // CVE-2015-1098, CVE-2014-0160, CVE-2014-6271, CVE-2008-1447, CVE-2014-2005, CVE-2013-6014.
    ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", &["base 7.8"], "High"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", &["base 7.5"], "High"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", &["base 9.8"], "Critical"),
    ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", &["base 6.8"], "Medium"),
    ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", &["base 6.8"], "Medium"),
    ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", &["base 9.3"], "Critical"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", &["base 0.0"], "None"),
    // 5.0 × 0.92 is 4.6 exactly, and a trace more in floating point.
    ("CVSS:3.0/AV:N/AC:H/PR:H/UI:N/S:U/C:N/I:L/A:H/RC:U", &["base 5.0", "temporal 4.6"], "Medium"),
    ("CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:U/C:N/I:L/A:H/RC:U", &["base 5.0", "temporal 4.6"], "Medium"),
    // The same metrics round apart in 3.0 and 3.1.
    (
        "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H/CR:M/MAV:N",
        &["base 9.9", "environmental 9.9"],
        "Critical",
    ),
    (
        "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H/CR:M/MAV:N",
        &["base 9.9", "environmental 10.0"],
        "Critical",
    ),
    (
        "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:N/E:H/RL:O/RC:C/CR:H/IR:H/AR:H/MAV:N/MAC:H/MPR:L/MUI:R/MS:C/MC:H/MI:H/MA:H",
        &["base 9.3", "temporal 8.9", "environmental 7.6"],
        "High",
    ),
    // CVE-2022-41741, CVE-2020-3549, CVE-2023-3089 with and without its environment.
    ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", &["CVSS-B 7.3"], "High"),
    ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", &["CVSS-B 7.7"], "High"),
    (
        "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:H/IR:L/AR:L/MAV:N/MAC:H/MVC:H/MVI:L/MVA:L",
        &["CVSS-B 8.3", "CVSS-BE 8.1"],
        "High",
    ),
    // CVE-2014-0160 and CVE-2021-44228, known to be attacked.
    (
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A",
        &["CVSS-B 8.7", "CVSS-BT 8.7"],
        "High",
    ),
    (
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A",
        &["CVSS-B 10.0", "CVSS-BT 10.0"],
        "Critical",
    ),
    ("CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H", &["CVSS-B 6.4"], "Medium"),
    // Threat, environment with safety, and supplemental metrics, which change no score.
    (
        "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U/CR:L/MSI:S/S:P/AU:Y/R:I/V:C/RE:H/U:Red",
        &["CVSS-B 7.3", "CVSS-BT 4.1", "CVSS-BTE 5.7"],
        "Medium",
    ),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/U:Clear", &["CVSS-B 0.0"], "None"),
];

fn cvss(text: &str) -> Cvss {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn known_vectors_have_their_known_scores() {
    for (vector, scores, severity) in KNOWN {
        let cvss = cvss(vector);
        let found: Vec<String> =
            cvss.scores().map(|named| format!("{} {}", named.name, named.score)).collect();
        assert_eq!(found, *scores, "{vector}");
        assert_eq!(cvss.severity().as_str(), *severity, "{vector}");
        assert_eq!(Some(cvss.score()), cvss.scores().last());
        assert_eq!(cvss.vector(), *vector);
    }
}

#[test]
fn a_vector_is_read_leniently_and_written_in_one_way() {
    let two = "AV:N/AC:L/Au:N/C:P/I:P/A:P";
    for text in [
        two,
        "(AV:N/AC:L/Au:N/C:P/I:P/A:P)",
        " ( av:n/ac:l/au:n/c:p/i:p/a:p/ ) ",
        "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "C:P/I:P/A:P/AV:N/AC:L/Au:N",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P/E:ND/RL:ND/RC:ND/CDP:ND/TD:ND/CR:ND/IR:ND/AR:ND",
    ] {
        assert_eq!(cvss(text).to_string(), two, "{text}");
    }
    let three = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    for text in [
        "cvss:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h",
        "(CVSS:3.1/S:U/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H/)",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X/CR:X/MAV:X",
    ] {
        assert_eq!(cvss(text).vector(), three, "{text}");
    }
    let four = cvss("cvss:4.0/av:n/ac:l/at:n/pr:n/ui:n/vc:h/vi:n/va:n/sc:n/si:n/sa:n/e:x/u:amber");
    assert_eq!(four.vector(), "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/U:Amber");
    // A metric that is not defined makes no other score.
    assert_eq!(four.score().name, ScoreName::B);
    assert_eq!(four.metric("U"), Some("Amber"));
    assert_eq!(four.metric("E"), None);
    assert_eq!(four.metrics().count(), 12);
}

#[test]
fn a_text_that_is_no_vector_is_refused_with_the_reason() {
    let refused = |text: &str| text.parse::<Cvss>().unwrap_err().to_string();
    assert!(refused("").contains("is not a CVSS vector"));
    assert!(refused("CVSS:3.1").contains("is not a CVSS vector"));
    assert!(refused("AV:N//AC:L").contains("is not a CVSS vector"));
    assert!(refused(&"AV:N/".repeat(1_000_000)).len() < 300);
    assert!(refused("CVSS:5.0/AV:N").starts_with("The vector is of CVSS “5.0”"));
    assert!(refused("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").contains("does not say which version"));
    let three = |rest: &str| refused(&format!("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H{rest}"));
    assert_eq!(three(""), "The vector lacks the metric A, without which there is no score.");
    assert_eq!(three("/A:X"), "The metric A of CVSS 3.1 cannot be “X”; it is one of N, L, H.");
    assert_eq!(three("/A:H/Au:N"), "CVSS 3.1 has no metric “Au”.");
    assert_eq!(three("/A:H/E:X/E:X"), "The metric E stands in the vector twice.");
}

#[test]
fn a_vector_is_stored_as_its_text() {
    let json = "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"";
    let cvss: Cvss = serde_json::from_str(json).unwrap();
    assert_eq!(cvss.base().tenths(), 98);
    assert_eq!(serde_json::to_string(&cvss).unwrap(), json);
    assert_eq!(serde_json::to_string(&cvss.score()).unwrap(), "{\"name\":\"base\",\"score\":9.8}");
    assert!(serde_json::from_str::<Cvss>("\"AV:N\"").is_err());
}

#[test]
fn the_equations_answer_also_without_their_metrics() {
    let cvss = cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H");
    let [base, temporal, environmental] =
        [cvss.base(), cvss.temporal(), cvss.environmental()].map(|score| score.to_string());
    assert_eq!([base, temporal, environmental], ["9.6", "9.6", "9.7"]);
    assert_eq!(cvss.scores().count(), 1);
}

/// Any vector of a version: each metric takes one of its values, or is left out where it may be.
fn any_vector() -> impl Strategy<Value = (Version, String)> {
    (0..4_usize, proptest::collection::vec(0..5_usize, 32)).prop_map(|(version, picks)| {
        let version = Version::ALL[version];
        let parts: Vec<String> = metrics::of(version)
            .iter()
            .zip(picks)
            .filter_map(|(metric, pick)| {
                let values = metric.values();
                let values: Vec<&str> = values.split(", ").collect();
                let base = metric.group == Group::Base;
                let value = if base { values[pick % values.len()] } else { values.get(pick)? };
                Some(format!("{}:{value}", metric.key))
            })
            .collect();
        (version, format!("{}{}", version.prefix(), parts.join("/")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_vector_that_the_tables_allow_has_scores((version, text) in any_vector()) {
        let cvss = text.parse::<Cvss>().unwrap();
        prop_assert_eq!(cvss.version(), version);
        prop_assert_eq!(cvss.vector(), text.as_str());
        prop_assert_eq!(cvss.to_string().to_lowercase().parse::<Cvss>().unwrap(), cvss);
    }

    #[test]
    fn any_text_is_read_without_panic(
        text in "(CVSS:[234]\\.[01]/)?((AV|AC|Au|PR|UI|S|C|I|A|E|é|.)[:/#]?[NLHPCUX]?/?)*"
    ) {
        let _ = text.parse::<Cvss>();
    }
}
