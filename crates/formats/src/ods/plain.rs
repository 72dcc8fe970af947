//! A plain CSV file with a header, for every kind of organisation that ODS does not list for us.
//!
//! The columns may stand in any order. `code`, `name` and `type` are required; a column that is
//! not known is refused by its name before any row is read, since a misspelt one would otherwise
//! be lost without a word.

use super::cell::Cell;
use super::{OrganisationKind, OrganisationRow, Status, regions};
use crate::csv_rows::Row;
use crate::refusal::excerpt;
use crate::{Column, Refusal};

const KNOWN: [&str; 13] = [
    "code",
    "name",
    "type",
    "region",
    "parent",
    "address",
    "town",
    "postcode",
    "telephone",
    "opened",
    "closed",
    "status",
    "icb",
];
const REQUIRED: [&str; 3] = ["code", "name", "type"];

/// The header of a plain CSV file: which column stands where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header(Vec<&'static str>);

impl Header {
    /// Whether a first row is a header rather than an organisation.
    pub(super) fn looks_like(first: &Row) -> bool {
        first.iter().filter(|cell| known(cell).is_some()).count() >= 2
    }

    /// Reads a header, or says by name what is wrong with it.
    pub(super) fn read(first: &Row) -> Result<Self, Refusal> {
        let mut columns = Vec::new();
        let mut unknown = Vec::new();
        for cell in first.iter() {
            match known(cell) {
                Some(name) if columns.contains(&name) => {
                    let reason = format!("The header names the column {name} twice.");
                    return Err(Refusal::at(first.line, reason).in_column(name));
                }
                Some(name) => columns.push(name),
                None => unknown.push(cell),
            }
        }
        if let Some(&first_unknown) = unknown.first() {
            // A header holds at most 256 columns; the first few tell enough.
            let named: Vec<_> = unknown.iter().take(5).map(|name| excerpt(name)).collect();
            let reason = format!(
                "The header names columns that are not known: {}. Known are {}.",
                named.join(", "),
                KNOWN.join(", ")
            );
            let name: String = first_unknown.chars().take(60).collect();
            return Err(Refusal::at(first.line, reason).in_column(Column::Name(name)));
        }
        if let Some(missing) = REQUIRED.iter().find(|name| !columns.contains(name)) {
            let reason = format!("The header lacks the column {missing}.");
            return Err(Refusal::at(first.line, reason).in_column(*missing));
        }
        Ok(Self(columns))
    }

    /// Reads one row below the header.
    pub(super) fn parse(&self, row: &Row) -> Result<OrganisationRow, Refusal> {
        if row.len() != self.0.len() {
            let reason = format!("The row has {} columns; the header has {}.", row.len(), self.0.len());
            return Err(Refusal::at(row.line, reason));
        }
        let cell = |name| self.cell(row, name);
        let closed = cell("closed").date()?;
        let mut address = address_lines(&cell("address"))?;
        address.extend(cell("town").text()?);
        Ok(OrganisationRow {
            line: row.line,
            code: cell("code").required_code()?,
            name: cell("name").required_text()?,
            kind: kind(&cell("type"))?,
            region: region(&cell("region"))?,
            geography: None,
            icb: cell("icb").code()?,
            address,
            postcode: cell("postcode").text()?.map(|postcode| postcode.to_uppercase()),
            opened: cell("opened").date()?,
            closed,
            status: match status(&cell("status"))? {
                Some(status) => status,
                None if closed.is_some() => Status::Closed,
                None => Status::Active,
            },
            telephone: cell("telephone").text()?,
            parent: cell("parent").code()?,
            prescribing_setting: None,
        })
    }

    fn cell<'a>(&self, row: &'a Row, name: &'static str) -> Cell<'a> {
        let text = self.0.iter().position(|&column| column == name).map_or("", |at| row.get(at));
        Cell { line: row.line, column: name.into(), text }
    }
}

fn known(cell: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|name| name.eq_ignore_ascii_case(cell))
}

fn kind(cell: &Cell<'_>) -> Result<OrganisationKind, Refusal> {
    cell.parse(str::parse)?.ok_or_else(|| cell.refuse("The row has no type."))
}

/// A region by its code or its name, of today or abolished.
fn region(cell: &Cell<'_>) -> Result<Option<String>, Refusal> {
    cell.parse(|text| {
        let named = |region: &&regions::Region| {
            region.code.eq_ignore_ascii_case(text) || region.name.eq_ignore_ascii_case(text)
        };
        let found = regions::all().iter().find(named);
        found
            .map(|region| region.code.clone())
            .ok_or_else(|| format!("{} is not a region; use a code such as Y56.", excerpt(text)))
    })
}

fn status(cell: &Cell<'_>) -> Result<Option<Status>, Refusal> {
    cell.parse(|text| match text.to_ascii_lowercase().as_str() {
        "active" | "open" | "a" => Ok(Status::Active),
        "closed" | "inactive" | "c" => Ok(Status::Closed),
        "dormant" | "d" => Ok(Status::Dormant),
        "proposed" | "p" => Ok(Status::Proposed),
        _ => Err("The status is not active, closed, dormant or proposed."),
    })
}

/// The lines of an address that is written in one cell, parted by commas or line breaks.
fn address_lines(cell: &Cell<'_>) -> Result<Vec<String>, Refusal> {
    let mut lines = Vec::new();
    if cell.text()?.is_some() {
        for line in cell.text.split([',', '\n']) {
            lines.extend(Cell { line: cell.line, column: cell.column.clone(), text: line }.text()?);
        }
    }
    Ok(lines)
}
