//! The catalogue of known exploited vulnerabilities (KEV) of CISA, read entry by entry.
//!
//! Each entry keeps the text that stood in the catalogue, so that what was taken in can always be
//! laid beside what was published.

use std::io::Read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::json_items::{JsonItems, Piece, Text};
use crate::{CveId, Refusal};

/// What the catalogue says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KevHeader {
    /// Its title.
    pub title: Option<String>,
    /// Its version, such as 2025.08.25.
    pub catalog_version: Option<String>,
    /// When it was released, as it says.
    pub date_released: Option<String>,
    /// How many entries it says it has.
    pub count: Option<u64>,
}

/// Whether ransomware is known to use a vulnerability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RansomwareUse {
    /// It is known to.
    Known,
    /// CISA has no confirmation of it.
    #[default]
    Unknown,
}

/// One entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KevEntry {
    /// The line on which it begins.
    pub line: u64,
    /// Its CVE number.
    pub cve: CveId,
    /// The vendor or project.
    pub vendor_project: String,
    /// The product.
    pub product: String,
    /// The name of the vulnerability.
    pub vulnerability_name: String,
    /// The day on which CISA added it.
    pub date_added: Date,
    /// What it is, in a few sentences.
    pub short_description: String,
    /// What CISA asks for.
    pub required_action: String,
    /// The day by which CISA asks for it.
    pub due_date: Date,
    /// Whether ransomware is known to use it.
    pub ransomware: RansomwareUse,
    /// Notes, most of them links parted by semicolons.
    pub notes: String,
    /// Its weaknesses, such as CWE-59.
    pub cwes: Vec<String>,
    /// The entry as it stood in the catalogue, byte for byte.
    pub verbatim: String,
}

impl KevEntry {
    /// Whether it is due before it was added, as fifteen real entries are: kept so, and flagged.
    pub fn due_before_added(&self) -> bool {
        self.due_date < self.date_added
    }
}

/// An entry as the catalogue's schema has it: the last three fields may be absent. Fields that the
/// schema gains later are passed over here and stay in the verbatim text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    #[serde(rename = "cveID")]
    cve_id: CveId,
    vendor_project: String,
    product: String,
    vulnerability_name: String,
    date_added: Date,
    short_description: String,
    required_action: String,
    due_date: Date,
    #[serde(default)]
    known_ransomware_campaign_use: RansomwareUse,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    cwes: Vec<String>,
}

/// Reads a catalogue entry by entry.
pub fn read<R: Read>(input: R) -> KevEntries<R> {
    KevEntries { pieces: JsonItems::new(input, "vulnerabilities"), header: KevHeader::default(), entries: 0 }
}

/// An iterator over the entries of a catalogue.
pub struct KevEntries<R> {
    pieces: JsonItems<R>,
    header: KevHeader,
    entries: u64,
}

impl<R: Read> KevEntries<R> {
    /// What the catalogue says about itself, as far as it was read.
    pub fn header(&self) -> &KevHeader {
        &self.header
    }

    /// How many entries stood in what was read, refused ones included.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// What is odd about the catalogue though every entry was read; to be asked at its end.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.header.count {
            Some(count) if count != self.entries => warnings.push(format!(
                "The catalogue says that it has {count} entries, but it has {}.",
                self.entries
            )),
            None if self.entries == 0 => {
                warnings.push("The file has no entries; is it the KEV catalogue?".to_owned());
            }
            _ => {}
        }
        warnings
    }

    /// Takes a field of the header; one that is not known is passed over.
    fn take(&mut self, name: &str, value: &Text) -> Result<(), Refusal> {
        match name {
            "title" => self.header.title = value.parse()?,
            "catalogVersion" => self.header.catalog_version = value.parse()?,
            "dateReleased" => self.header.date_released = value.parse()?,
            "count" => self.header.count = value.parse()?,
            "vulnerabilities" => return Err(value.refuse("The vulnerabilities are not a list.")),
            _ => {}
        }
        Ok(())
    }
}

impl<R: Read> Iterator for KevEntries<R> {
    type Item = Result<KevEntry, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.pieces.next()? {
                Ok(Piece::Item(text)) => {
                    self.entries += 1;
                    return Some(entry(text));
                }
                Ok(Piece::Field { name, value }) => {
                    if let Err(refusal) = self.take(&name, &value) {
                        return Some(Err(refusal));
                    }
                }
                Err(refusal) => {
                    if self.pieces.in_list() {
                        self.entries += 1;
                    }
                    return Some(Err(refusal));
                }
            }
        }
    }
}

fn entry(text: Text) -> Result<KevEntry, Refusal> {
    let published: Published = text.parse()?;
    // PostgreSQL stores no NUL in a text, and no name has one.
    if text.text.contains("\\u0000") {
        return Err(text.refuse("The entry holds a NUL character."));
    }
    Ok(KevEntry {
        line: text.line,
        cve: published.cve_id,
        vendor_project: published.vendor_project,
        product: published.product,
        vulnerability_name: published.vulnerability_name,
        date_added: published.date_added,
        short_description: published.short_description,
        required_action: published.required_action,
        due_date: published.due_date,
        ransomware: published.known_ransomware_campaign_use,
        notes: published.notes,
        cwes: published.cwes,
        verbatim: text.text,
    })
}

#[cfg(test)]
mod tests;
