//! How products stand with a vulnerability.

use super::*;

const TREE: &str = r#"{
  "full_product_names": [
    {"product_id": "A", "name": "a"}, {"product_id": "B", "name": "b"}, {"product_id": "C", "name": "c"},
    {"product_id": "D", "name": "d"}, {"product_id": "E", "name": "e"}
  ],
  "product_groups": [
    {"group_id": "G", "product_ids": ["A", "B"]}, {"group_id": "H", "product_ids": ["B", "C"]}
  ]}"#;

fn with(vulnerability: &str) -> Reading<Document> {
    read(made(TREE, &format!("[{vulnerability}]")).as_bytes()).unwrap()
}

#[test]
fn a_real_product_has_its_status_remedies_and_scores() {
    let document = real("va-24-201-01");
    let standings = document.standings(&document.vulnerabilities[0]);
    let affected = standings.of("CSAFPID-0077");
    assert_eq!(
        (affected.verdict, affected.statuses.as_slice()),
        (Verdict::Affected, &[Status::KnownAffected][..])
    );
    assert_eq!(affected.product.unwrap().name.as_deref(), Some("AdminerEvo 4.8.2"));
    assert_eq!(affected.remediations.len(), 1);
    assert_eq!(affected.remediations[0].details.as_deref(), Some("Fixed in AdminerEvo 4.8.4."));
    assert_eq!(affected.scores.len(), 1);
    assert_eq!(
        standings.of("CSAFPID-0006").remediations[0].category,
        Some(RemediationCategory::NoneAvailable)
    );
    assert_eq!(standings.of("CSAFPID-0009").verdict, Verdict::Fixed);
    // The document says nothing of it, so nothing is known.
    assert_eq!(standings.of("CSAFPID-0078").verdict, Verdict::NotTold);
    assert_eq!(standings.of("nowhere").verdict, Verdict::NotTold);
    assert_eq!(standings.all().count(), 8);
}

#[test]
fn every_list_is_read_and_comes_down_to_a_verdict() {
    for (list, verdict) in [
        ("first_affected", Verdict::Affected),
        ("known_affected", Verdict::Affected),
        ("last_affected", Verdict::Affected),
        ("first_fixed", Verdict::Fixed),
        ("fixed", Verdict::Fixed),
        ("known_not_affected", Verdict::NotAffected),
        ("under_investigation", Verdict::UnderInvestigation),
        ("recommended", Verdict::NotTold),
    ] {
        let reading = with(&format!(r#"{{"product_status": {{"{list}": ["A"]}}}}"#));
        assert!(reading.remarks.is_empty());
        let standings = reading.document.standings(&reading.document.vulnerabilities[0]);
        let standing = standings.of("A");
        assert_eq!(standing.statuses.iter().map(|it| it.word()).collect::<Vec<_>>(), [list]);
        assert_eq!(standing.verdict, verdict, "{list}");
        assert_eq!(standing.is_recommended(), list == "recommended");
        assert_eq!(standings.of("B").verdict, Verdict::NotTold);
    }
}

#[test]
fn a_contradiction_is_kept_and_told() {
    let reading = with(
        r#"{"product_status": {"known_affected": ["A", "B", "A"], "known_not_affected": ["A"],
            "last_affected": ["B"], "recommended": ["C"], "fixed": ["C"]}}"#,
    );
    let document = &reading.document;
    let standings = document.standings(&document.vulnerabilities[0]);
    let both = standings.of("A");
    assert_eq!(both.statuses, [Status::KnownAffected, Status::KnownNotAffected]);
    assert_eq!(both.verdict, Verdict::Contradictory);
    assert_eq!(standings.of("B").verdict, Verdict::Affected);
    assert_eq!(standings.of("C").verdict, Verdict::Fixed);
    assert_eq!(reading.remarks.count(RemarkKind::Odd), 1);
    let remark = &reading.remarks.kept()[0];
    assert_eq!(remark.path, "/vulnerabilities/0");
    assert!(remark.reason.contains("for 1 product,"), "{remark}");
}

#[test]
fn groups_are_resolved_and_what_names_nobody_is_kept_apart() {
    let reading = with(
        r#"{"remediations": [
              {"category": "vendor_fix", "details": "1", "group_ids": ["G", "H"], "product_ids": ["B"]},
              {"category": "workaround", "details": "2", "group_ids": ["H"]},
              {"category": "mitigation", "details": "3"},
              {"category": "vendor_fix", "details": "4", "product_ids": ["D"]}],
            "threats": [{"category": "impact", "details": "t", "group_ids": ["G"]},
                        {"category": "exploit_status", "details": "u"}],
            "flags": [{"label": "component_not_present", "product_ids": ["A"]}],
            "scores": [{"products": ["A", "A"], "cvss_v2": {"version": "2.0", "vectorString": "v", "baseScore": 1}}]}"#,
    );
    assert!(reading.remarks.is_empty(), "{:?}", reading.remarks.kept());
    let document = &reading.document;
    let standings = document.standings(&document.vulnerabilities[0]);
    let remedies = |id| {
        let details = standings.of(id).remediations.into_iter().filter_map(|it| it.details.clone());
        details.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(["A", "B", "C", "D", "E"].map(remedies), ["1", "1 2", "1 2", "4", ""]);
    let a = standings.of("A");
    assert_eq!((a.threats.len(), a.flags.len(), a.scores.len()), (1, 1, 1));
    assert_eq!(a.flags[0].label, FlagLabel::ComponentNotPresent);
    assert_eq!(standings.general_remediations().count(), 1);
    assert_eq!(standings.general_threats().count(), 1);
}

#[test]
fn products_and_groups_that_the_tree_does_not_have_are_kept_and_told() {
    let reading = with(
        r#"{"product_status": {"known_affected": ["X"]},
            "remediations": [{"category": "vendor_fix", "details": "1", "group_ids": ["Y"]}]}"#,
    );
    let document = &reading.document;
    let standings = document.standings(&document.vulnerabilities[0]);
    let stranger = standings.all().last().unwrap();
    assert_eq!((stranger.id, stranger.product, stranger.verdict), ("X", None, Verdict::Affected));
    assert_eq!(reading.remarks.count(RemarkKind::Odd), 2);
}
