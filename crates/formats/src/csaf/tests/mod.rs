//! Real advisories, most on medical devices, counted beforehand with another program.

mod hostile;
mod leniency;
mod standings;

use super::*;

macro_rules! documents {
    ($($folder:literal: $($name:literal)+;)+) => {
        /// Every document that is shipped, with its name.
        const DOCUMENTS: &[(&str, &[u8])] = &[$($((
            $name,
            include_bytes!(concat!("../../../../../data/broadcast/", $folder, "/", $name, ".json")),
        ),)+)+];
    };
}

documents! {
    "csaf-it": "va-24-201-01" "va-24-254-01" "va-24-254-02" "va-24-262-01";
    "csaf-medical":
        "icsma-17-250-02a" "icsma-18-025-01" "icsma-18-137-01" "icsma-19-164-01" "icsma-19-178-01"
        "icsma-19-274-01" "icsma-20-170-04" "icsma-21-007-01" "icsma-21-294-01" "icsma-22-335-01"
        "icsma-23-117-01" "icsma-24-058-01" "icsma-24-249-01" "icsma-24-254-01";
}

fn bytes_of(name: &str) -> &'static [u8] {
    DOCUMENTS.iter().find(|(known, _)| *known == name).unwrap().1
}

fn real(name: &str) -> Document {
    read(bytes_of(name)).unwrap().document
}

/// A small document that is right in every field, with `vulnerabilities` and `tree` as given.
fn made(tree: &str, vulnerabilities: &str) -> String {
    format!(
        r#"{{"document": {{"category": "csaf_vex", "csaf_version": "2.0", "title": "T",
 "publisher": {{"category": "vendor", "name": "V", "namespace": "https://v.example"}},
 "tracking": {{"id": "V-1", "version": "1", "status": "final",
  "current_release_date": "2024-01-01T00:00:00Z", "initial_release_date": "2024-01-01T00:00:00Z",
  "revision_history": [{{"number": "1", "date": "2024-01-01T00:00:00Z", "summary": "S"}}]}}}},
 "product_tree": {tree},
 "vulnerabilities": {vulnerabilities}}}"#
    )
}

#[test]
fn every_real_document_is_read_without_a_remark() {
    let mut counts = [0; 10];
    for (name, bytes) in DOCUMENTS {
        let reading = read(*bytes).unwrap();
        assert!(reading.remarks.is_empty(), "{name}: {:?}", reading.remarks.kept());
        let document = &reading.document;
        assert_eq!(document.verbatim.as_bytes(), *bytes, "{name}");
        assert!(document.tracking.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name)), "{name}");
        assert_eq!(document.distribution.marking, Marking::Told(crate::Tlp::Clear));
        counts[0] += document.tree.products.len();
        counts[1] += document.notes.len();
        counts[2] += document.tree.products.iter().filter(|product| product.identity.is_some()).count();
        for vulnerability in &document.vulnerabilities {
            counts[3] += 1;
            counts[4] += vulnerability.remediations.len();
            counts[5] += vulnerability.interim_mitigations().count();
            counts[6] += vulnerability.status.list(Status::KnownAffected).len();
            counts[7] += vulnerability.status.list(Status::Fixed).len();
            counts[8] += vulnerability.references.len();
            let standings = document.standings(vulnerability);
            counts[9] += standings.all().filter(|standing| standing.verdict == Verdict::NotTold).count();
            let text = document.verbatim_of(vulnerability);
            assert!(text.starts_with('{') && text.ends_with('}'));
            assert!(text.contains(&vulnerability.cve.unwrap().to_string()));
        }
    }
    assert_eq!(counts, [86, 198, 0, 54, 276, 14, 274, 8, 209, 16]);
}

#[test]
fn the_fields_of_a_real_document_say_what_stands_there() {
    let document = real("va-24-201-01");
    assert_eq!(document.title.as_deref(), Some("Adminer and AdminerEvo Multiple Vulnerabilities"));
    assert_eq!(document.profile(), Some(Profile::Vex));
    assert_eq!(document.lang.as_deref(), Some("en-US"));
    let publisher = &document.publisher;
    assert_eq!(publisher.category, Some(Party::Coordinator));
    assert_eq!(publisher.issuing_authority.as_deref(), Some("CISA"));
    assert_eq!(publisher.contact_details.as_deref(), Some("https://www.cisa.gov/report"));
    let tracking = &document.tracking;
    assert_eq!(tracking.version.as_deref(), Some("1.0.1"));
    assert_eq!(tracking.status, Some(DocumentStatus::Final));
    assert_eq!(tracking.current_release_date.unwrap().to_string(), "2024-09-18T16:00:00Z");
    assert_eq!(tracking.revision_history.len(), 2);
    let generator = tracking.generator.as_ref().unwrap();
    assert_eq!(generator.name.as_deref(), Some("Secvisogram"));
    assert_eq!(generator.date.unwrap().to_string(), "2024-09-18T22:30:32.92Z");
    assert_eq!(
        document.own_pages().collect::<Vec<_>>(),
        ["https://raw.githubusercontent.com/cisagov/CSAF/develop/csaf_files/IT/white/2024/va-24-201-01.json"]
    );
    let first = &document.vulnerabilities[0];
    assert_eq!(first.name().as_deref(), Some("CVE-2023-45195"));
    assert_eq!(first.title.as_deref(), Some("Adminer and AdminerEvo SSRF"));
    assert_eq!(first.cwe.as_ref().unwrap().id.as_deref(), Some("CWE-918"));
    assert_eq!(first.acknowledgments[0].names, ["Matthew Galligan, CISA Rapid Action Force"]);
    assert_eq!(first.release_date.unwrap().to_string(), "2024-01-25T17:00:00Z");
    let cvss = first.scores[0].newest().unwrap();
    assert_eq!(cvss.vector.as_deref(), Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"));
    assert_eq!((cvss.base_score, cvss.temporal_score), (Some(5.3), Some(5.3)));
    assert_eq!(cvss.base_severity, Some(Severity::Medium));
    let fix = &first.remediations[1];
    assert_eq!(fix.category, Some(RemediationCategory::VendorFix));
    assert_eq!(fix.url.as_deref(), Some("https://github.com/adminerevo/adminerevo/releases/tag/v4.8.4"));
    assert_eq!(
        fix.concerns.products.iter().map(ProductId::as_str).collect::<Vec<_>>(),
        ["CSAFPID-0077", "CSAFPID-0007"]
    );
}

#[test]
fn products_are_described_by_the_branches_above_them() {
    let document = real("icsma-19-164-01");
    let described = |id: &str| document.tree.describe(document.tree.product(id).unwrap());
    let build = document
        .tree
        .products
        .iter()
        .find(|product| document.tree.describe(product).version == Some("1.1.3 MR Build 11"));
    assert_eq!(build.unwrap().name.as_deref(), Some("Alaris Gateway Workstation: 1.1.3 MR Build 11"));
    let first = described("CSAFPID-0001");
    assert_eq!(first.vendor, Some("Becton, Dickinson and Company (BD)"));
    assert_eq!(first.product, Some("Alaris Gateway Workstation Alaris GS"));
    assert_eq!((first.version, first.version_range), (Some("2.3.6 and  below"), None));
    assert!(document.tree.product("CSAFPID-9999").is_none());
    let range = real("icsma-24-249-01");
    assert_eq!(range.tree.describe(&range.tree.products[0]).version_range, Some("<8/30/2024"));
}

#[test]
fn of_two_branches_for_the_same_the_nearer_counts() {
    let tree = r#"{"branches": [{"category": "product_name", "name": "far", "branches": [
        {"category": "product_name", "name": "near", "product": {"product_id": "A", "name": "a"}}]}]}"#;
    let tree = read(made(tree, "[]").as_bytes()).unwrap().document.tree;
    assert_eq!(tree.describe(&tree.products[0]).product, Some("near"));
    let above: Vec<_> = tree.branches_above(&tree.products[0]).filter_map(|it| it.name.as_deref()).collect();
    assert_eq!(above, ["near", "far"]);
}

#[test]
fn two_products_taken_as_one_are_described_by_the_first() {
    let document = real("va-24-201-01");
    let both = document.tree.product("CSAFPID-0005").unwrap();
    assert_eq!(both.name.as_deref(), Some("Adminer contained in AdminerEvo"));
    assert_eq!(both.combination.as_ref().unwrap().category, Some(RelationshipCategory::ExternalComponentOf));
    let described = document.tree.describe(both);
    assert_eq!((described.vendor, described.family), (Some("Adminer"), Some("Adminer")));
    assert_eq!(described.within.unwrap().id.as_str(), "CSAFPID-0004");
    assert_eq!(
        document.tree.combinations_of("CSAFPID-0013").map(|it| it.id.as_str()).collect::<Vec<_>>(),
        ["CSAFPID-0005"]
    );
    assert_eq!(document.tree.combinations_of("CSAFPID-0009").count(), 0);
}

#[test]
fn a_medical_document_is_known_by_its_number_words_and_sector() {
    let document = real("icsma-24-058-01");
    let medical = document.medical().unwrap();
    assert_eq!(medical.reasons[0], Reason::Number("ICSMA-24-058-01"));
    assert!(
        matches!(medical.reasons[1], Reason::Words(Evidence { word: "dicom", text }) if text == "Santesoft Sante DICOM Viewer Pro")
    );
    assert_eq!(medical.reasons.last(), Some(&Reason::Sector("Healthcare and Public Health")));
    let [device] = &medical.devices[..] else { panic!("{:?}", medical.devices) };
    assert_eq!((device.vendor, device.model), (Some("Santesoft"), Some("Sante DICOM Viewer Pro")));
    assert_eq!(device.uses.iter().map(|(area, _)| *area).collect::<Vec<_>>(), [UseArea::Imaging]);
    assert_eq!(document.vulnerabilities[0].interim_mitigations().count(), 4);
    // CISA writes the sector with a blank before it, or among others.
    for (name, sector) in [
        ("icsma-22-335-01", " Healthcare and Public Health"),
        ("icsma-24-254-01", "Healthcare and Public Health Sector"),
        (
            "icsma-19-274-01",
            "Critical Manufacturing, Information Technology, Healthcare and Public Health, Transportation Systems, Water and Wastewater Systems",
        ),
    ] {
        assert!(real(name).medical().unwrap().reasons.contains(&Reason::Sector(sector)), "{name}");
    }
}

#[test]
fn what_is_not_medical_is_not_taken_for_it_and_an_unknown_use_is_not_guessed() {
    for name in ["va-24-201-01", "va-24-254-01", "va-24-254-02", "va-24-262-01"] {
        assert_eq!(real(name).medical(), None, "{name}");
    }
    let document = real("icsma-24-249-01");
    let medical = document.medical().unwrap();
    assert_eq!(medical.devices[0].model, Some("Baxter Connex Health Portal"));
    assert!(medical.devices[0].uses.is_empty() && medical.uses.is_empty());
    // "IP Infusion" is a company, and this document is about a part of many systems.
    assert_eq!(real("icsma-19-274-01").medical().unwrap().uses, []);
    let pumps = real("icsma-20-170-04");
    let words = pumps.medical().unwrap().reasons;
    assert!(
        words.iter().any(|it| matches!(it, Reason::Words(it) if it.word == "infusion pump")),
        "{words:?}"
    );
}

#[test]
fn what_devices_are_for_is_told_by_names_and_titles_then_by_the_matter() {
    let uses = |name: &str| {
        let document = real(name);
        let told = document.medical().unwrap().uses;
        told.iter().map(|(area, found)| (*area, found.word)).collect::<Vec<_>>()
    };
    assert_eq!(uses("icsma-19-178-01"), [(UseArea::Diabetes, "minimed")]);
    assert_eq!(uses("icsma-19-164-01"), [(UseArea::Infusion, "alaris")]);
    assert_eq!(uses("icsma-18-025-01"), [(UseArea::Cardiology, "cardio")]);
    // Neither names nor title tell it, and what is said of the vulnerability does.
    assert_eq!(uses("icsma-22-335-01"), [(UseArea::Infusion, "infusion pump")]);
    let pacs = r#"{"document": {"title": "Vue PACS", "tracking": {"id": "ICSMA-24-200-01"}}}"#;
    let document = read(pacs.as_bytes()).unwrap().document;
    assert_eq!(document.medical().unwrap().uses[0].0, UseArea::Imaging);
    // Of what is not about medical devices nothing is said, whatever it is called.
    let document = read(pacs.replace("ICSMA", "VA").as_bytes()).unwrap().document;
    assert_eq!(document.medical(), None);
}

#[test]
fn a_vendor_is_shown_as_written_and_compared_folded() {
    // Title and branch of this document disagree on how Philips is spelt.
    let document = real("icsma-18-025-01");
    assert!(document.name().starts_with("Philips "));
    let medical = document.medical().unwrap();
    assert_eq!(medical.devices[0].vendor, Some("Phillips"));
    assert_eq!(medical.devices[0].folded_vendor, folded_vendor("Philips"));
    // The branch of this one was written as UTF-8 and read as Latin-1 before it was published.
    let document = real("icsma-21-007-01");
    assert_eq!(document.tree.describe(&document.tree.products[0]).vendor, Some("Innokas YhtymÃ¤ Oy"));
}
