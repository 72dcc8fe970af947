//! `cargo xtask fuzz`: feeds every reader of outside bytes with what nobody would write.
//!
//! Under cargo-fuzz, which needs the nightly toolchain. What it learns stays in `target/fuzz`, so that
//! the next run begins where this one ended; what it finds is a file that breaks a reader.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail, ensure};

use crate::install;

/// Each reader, and where documents lie that it should understand: real ones where we hold some.
const TARGETS: [(&str, &[&str]); 21] = [
    ("age", &["data/age/vectors"]),
    ("bounce", &["data/bounces"]),
    ("cacao", &["content/playbooks"]),
    ("checksum", &["data/broadcast/csaf-it"]),
    ("csaf", &["data/broadcast/csaf-medical", "data/broadcast/csaf-it"]),
    ("csaf_feed", &["data/broadcast/csaf-it"]),
    ("csv_rows", &["data/broadcast/ods", "data/broadcast/epss"]),
    ("cve_record", &["data/broadcast/vulnrichment"]),
    ("cvss", &["fuzz/seeds/cvss"]),
    ("epss", &["data/broadcast/epss"]),
    ("gunzip", &["data/broadcast/vulnrichment", "data/broadcast/stix"]),
    ("indicator", &["fuzz/seeds/indicator"]),
    ("kev", &["data/broadcast/kev"]),
    ("mail", &["data/mails", "data/bounces"]),
    ("markdown", &["docs/guides"]),
    ("news", &["crates/formats/src/news/feeds"]),
    ("observable", &["fuzz/seeds/observable"]),
    ("ods", &["data/broadcast/ods"]),
    ("openpgp", &["crates/formats/src/openpgp/fixtures"]),
    ("stix", &["data/broadcast/stix/examples"]),
    ("time_stamp", &["crates/formats/src/time_stamp/fixtures"]),
];

/// Longer documents are cut: what a reader does wrong it does within this much, and more often.
const LONGEST: u32 = 64 * 1024;

/// What a reader may hold, in megabytes, and how long it may take over one document, in seconds. Both
/// are of a program that the sanitiser makes several times as large and slow.
const MOST_MEMORY: u32 = 2048;
const MOST_SECONDS: u32 = 10;

/// Runs the named targets, or all, for `seconds` together.
pub fn run(root: &Path, seconds: u64, named: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = named.iter().find(|name| TARGETS.iter().all(|(target, _)| target != name)) {
        let known: Vec<_> = TARGETS.iter().map(|(target, _)| *target).collect();
        bail!("There is no target {unknown}. There are: {}.", known.join(", "));
    }
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|(target, _)| named.is_empty() || named.iter().any(|name| name == target))
        .collect();
    let each = (seconds / chosen.len() as u64).max(1);
    let tools = install::cargo_fuzz(root)?;
    let mut broken = Vec::new();
    for (target, seeds) in chosen {
        println!("== {target}: {each} s");
        let corpus = root.join("target/fuzz/corpus").join(target);
        let findings = root.join("target/fuzz/findings").join(target);
        for folder in [&corpus, &findings] {
            std::fs::create_dir_all(folder).with_context(|| format!("Cannot make {}.", folder.display()))?;
        }
        let status = Command::new("cargo")
            .current_dir(root)
            .env("PATH", &tools)
            .args(["+nightly", "fuzz", "run", "--target-dir", "target/fuzz", target])
            .arg(&corpus)
            .args(*seeds)
            .arg("--")
            .arg(format!("-artifact_prefix={}/", findings.display()))
            .args([format!("-max_total_time={each}"), format!("-max_len={LONGEST}")])
            .args([format!("-rss_limit_mb={MOST_MEMORY}"), format!("-timeout={MOST_SECONDS}")])
            .arg("-print_final_stats=1")
            .status()
            .context("Cannot run cargo: `cargo xtask fuzz` needs rustup's.")?;
        if !status.success() {
            broken.push(*target);
        }
    }
    ensure!(
        broken.is_empty(),
        "Broken: {}. The files that do it are in target/fuzz/findings.",
        broken.join(", ")
    );
    println!("Nothing was found.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_target_is_run_and_has_documents_to_begin_with() {
        let root = crate::workspace().unwrap();
        let files = std::fs::read_dir(root.join("fuzz/targets")).unwrap();
        let there: BTreeSet<_> = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(there, TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect());
        for folder in TARGETS.iter().flat_map(|(_, seeds)| *seeds) {
            assert!(
                std::fs::read_dir(root.join(folder)).is_ok_and(|mut files| files.next().is_some()),
                "{folder}"
            );
        }
    }
}
