//! Organisations as the NHS Organisation Data Service (ODS) publishes them, and as a plain CSV
//! file lists every other kind.
//!
//! `read` tells the layouts apart by itself and gives one `OrganisationRow` after another, or the
//! reason why a row was refused; it never holds more than one row.

mod cell;
mod kind;
mod name;
mod plain;
mod published;
pub mod regions;

use std::io::Read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use kind::{OrganisationKind, UnknownKind, prescribing_setting};
pub use name::display_name;

use crate::csv_rows::{CsvRows, Row};
use crate::{OdsCode, Refusal};
use plain::Header;

/// Whether an organisation is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// At work.
    Active,
    /// Closed for good: kept as history, receives nothing.
    Closed,
    /// Registered, but not at work.
    Dormant,
    /// Registered, and to open.
    Proposed,
}

impl Status {
    /// The stable code that is stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Dormant => "dormant",
            Self::Proposed => "proposed",
        }
    }
}

/// One organisation of a file, as the file tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationRow {
    /// The line on which it stands.
    pub line: u64,
    /// Its code.
    pub code: OdsCode,
    /// Its name as the file writes it; `display_name` makes capitals readable.
    pub name: String,
    /// What kind of organisation it is.
    pub kind: OrganisationKind,
    /// The code of its region as the file gives it, which may have been abolished since.
    pub region: Option<String>,
    /// The code of its high-level health geography, in ODS files.
    pub geography: Option<String>,
    /// The code of its integrated care board, in a plain CSV file.
    pub icb: Option<OdsCode>,
    /// The lines of its address, without the postcode.
    pub address: Vec<String>,
    /// Its postcode.
    pub postcode: Option<String>,
    /// The day on which it opened.
    pub opened: Option<Date>,
    /// The day on which it closed.
    pub closed: Option<Date>,
    /// Whether it is at work.
    pub status: Status,
    /// Its telephone number as the file writes it.
    pub telephone: Option<String>,
    /// What it belongs to; in ODS files its commissioner.
    pub parent: Option<OdsCode>,
    /// The ODS prescribing setting, for a prescribing cost centre.
    pub prescribing_setting: Option<u8>,
}

impl OrganisationRow {
    /// The code of the region in which it lies today, where that is known for certain.
    pub fn current_region(&self) -> Option<&'static str> {
        regions::current(self.region.as_deref(), self.geography.as_deref(), self.postcode.as_deref())
    }
}

/// Which layouts a file may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Whichever the first row shows.
    Detect,
    /// One of the ODS layouts, without a header.
    Ods,
    /// A plain CSV file with a header.
    Csv,
}

/// The layout of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `etr.csv`: NHS trusts, 24 columns.
    Trusts,
    /// `epraccur.csv`: prescribing cost centres, 27 columns.
    PrescribingCostCentres,
    /// A plain CSV file, with what its header says.
    Plain(Header),
}

impl Layout {
    /// Tells the layout from the first row of a file.
    pub fn detect(first: &Row) -> Result<Self, Refusal> {
        Self::of(first, Format::Detect)
    }

    fn of(first: &Row, format: Format) -> Result<Self, Refusal> {
        let is_header = Header::looks_like(first);
        match (format, first.len()) {
            (Format::Csv, _) => Header::read(first).map(Self::Plain),
            (Format::Detect, _) if is_header => Header::read(first).map(Self::Plain),
            (_, published::TRUST_COLUMNS) if !is_header => Ok(Self::Trusts),
            (_, published::COST_CENTRE_COLUMNS) if !is_header => Ok(Self::PrescribingCostCentres),
            (Format::Ods, count) => Err(Refusal::at(
                first.line,
                format!("The row has {count} columns; etr.csv has 24 and epraccur.csv 27, neither a header."),
            )),
            (Format::Detect, count) => Err(Refusal::at(
                first.line,
                format!(
                    "The first row has {count} columns and is no header: this is neither etr.csv (24 columns), epraccur.csv (27) nor a CSV file whose header names code, name and type."
                ),
            )),
        }
    }

    fn parse(&self, row: &Row) -> Result<OrganisationRow, Refusal> {
        match self {
            Self::Trusts => published::trust(row),
            Self::PrescribingCostCentres => published::cost_centre(row),
            Self::Plain(header) => header.parse(row),
        }
    }
}

/// Reads the organisations of a file one by one.
pub fn read<R: Read>(input: R, format: Format) -> Organisations<R> {
    Organisations { rows: CsvRows::new(input), format, layout: None, ended: false }
}

/// An iterator over the organisations of a file.
pub struct Organisations<R> {
    rows: CsvRows<R>,
    format: Format,
    layout: Option<Layout>,
    ended: bool,
}

impl<R: Read> Organisations<R> {
    /// The layout of the file, once its first row was read.
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    fn read_next(&mut self) -> Option<Result<OrganisationRow, Refusal>> {
        loop {
            let row = match self.rows.next()? {
                Ok(row) => row,
                Err(refusal) => return Some(Err(refusal)),
            };
            if let Some(layout) = &self.layout {
                return Some(layout.parse(&row));
            }
            match Layout::of(&row, self.format) {
                Ok(layout) => {
                    let first = (!matches!(layout, Layout::Plain(_))).then(|| layout.parse(&row));
                    self.layout = Some(layout);
                    if first.is_some() {
                        return first;
                    }
                }
                Err(refusal) => {
                    // Without a layout every further row would be refused for the same reason.
                    self.ended = true;
                    return Some(Err(refusal));
                }
            }
        }
    }
}

impl<R: Read> Iterator for Organisations<R> {
    type Item = Result<OrganisationRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended { None } else { self.read_next() }
    }
}

#[cfg(test)]
mod tests;
