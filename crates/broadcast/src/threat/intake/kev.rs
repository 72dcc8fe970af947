//! CISA's catalogue of known exploited vulnerabilities.

use std::io::Read;

use formats::{
    Refusal,
    kev::{self, KevEntries, KevEntry, RansomwareUse},
};

use super::Heard;
use crate::threat::{Flag, Kind, Said, said::links_in};

/// The entries, and at the end what is odd about a catalogue of which every entry was read.
pub(super) fn read(input: impl Read) -> impl Iterator<Item = Result<Heard, Refusal>> {
    Catalogue { entries: kev::read(input), refused: false, ended: false }
}

struct Catalogue<R> {
    entries: KevEntries<R>,
    refused: bool,
    ended: bool,
}

impl<R: Read> Iterator for Catalogue<R> {
    type Item = Result<Heard, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.entries.next() {
            self.refused |= entry.is_err();
            return Some(entry.map(heard));
        }
        if std::mem::replace(&mut self.ended, true) || self.refused {
            return None;
        }
        self.entries.warnings().into_iter().next().map(|warning| Err(Refusal::at(1, warning)))
    }
}

fn heard(entry: KevEntry) -> Heard {
    let said = Said {
        cves: vec![entry.cve],
        summary: entry.short_description.trim().to_owned(),
        vendor: entry.vendor_project.trim().to_owned(),
        product: entry.product.trim().to_owned(),
        known_exploited: true,
        ransomware: entry.ransomware == RansomwareUse::Known,
        required_action: entry.required_action.trim().to_owned(),
        due: Some(entry.due_date),
        notes: entry.notes.trim().to_owned(),
        // What is asked for names pages too, and says "listed below in Notes" of others.
        links: links_in(&format!("{} {}", entry.notes, entry.required_action)),
        flags: entry.due_before_added().then_some(Flag::DueBeforeAdded).into_iter().collect(),
        weaknesses: entry.cwes,
        ..Said::new(Kind::Vulnerability, entry.vulnerability_name.trim(), entry.date_added)
    };
    Heard { key: entry.cve.to_string(), verbatim: entry.verbatim, said }
}
