//! The two files that ODS publishes without a header, after its file specifications.
//!
//! | column | `etr.csv` (24)              | `epraccur.csv` (27)                        |
//! |--------|-----------------------------|--------------------------------------------|
//! | 1, 2   | code, name                  | the same                                   |
//! | 3      | national grouping (region)  | the same                                   |
//! | 4      | high-level health geography | the same                                   |
//! | 5–9    | address                     | the same                                   |
//! | 10     | postcode                    | the same                                   |
//! | 11, 12 | open date, close date       | the same                                   |
//! | 13     | –                           | status: A, C, D, P                         |
//! | 15     | –                           | commissioner                               |
//! | 18     | telephone                   | telephone                                  |
//! | 24     | government office region    | provider or purchaser, where no column 15  |
//! | 26     | –                           | prescribing setting                        |

use super::cell::Cell;
use super::{OrganisationKind, OrganisationRow, Status};
use crate::Refusal;
use crate::csv_rows::Row;

/// How many columns `etr.csv` has.
pub(super) const TRUST_COLUMNS: usize = 24;
/// How many columns `epraccur.csv` has.
pub(super) const COST_CENTRE_COLUMNS: usize = 27;

/// A row of `etr.csv`. It has no status: a trust with a close date is closed.
pub(super) fn trust(row: &Row) -> Result<OrganisationRow, Refusal> {
    expect_columns(row, TRUST_COLUMNS)?;
    common(row)
}

/// A row of `epraccur.csv`.
pub(super) fn cost_centre(row: &Row) -> Result<OrganisationRow, Refusal> {
    expect_columns(row, COST_CENTRE_COLUMNS)?;
    let setting = cell(row, 26).parse(|text| {
        text.parse::<u8>().map_err(|_| "The prescribing setting is not a number from 0 to 255.")
    })?;
    let parent = match cell(row, 15).code()? {
        Some(commissioner) => Some(commissioner),
        None => cell(row, 24).code()?,
    };
    Ok(OrganisationRow {
        kind: setting.map_or(OrganisationKind::Other, OrganisationKind::of_prescribing_setting),
        status: status(&cell(row, 13))?,
        parent,
        prescribing_setting: setting,
        ..common(row)?
    })
}

/// The columns that both files share.
fn common(row: &Row) -> Result<OrganisationRow, Refusal> {
    let mut address = Vec::new();
    for number in 5..=9 {
        address.extend(cell(row, number).text()?);
    }
    let closed = cell(row, 12).date()?;
    Ok(OrganisationRow {
        line: row.line,
        code: cell(row, 1).required_code()?,
        name: cell(row, 2).required_text()?,
        kind: OrganisationKind::Trust,
        region: cell(row, 3).text()?,
        geography: cell(row, 4).text()?,
        icb: None,
        address,
        postcode: cell(row, 10).text()?,
        opened: cell(row, 11).date()?,
        closed,
        status: if closed.is_some() { Status::Closed } else { Status::Active },
        telephone: cell(row, 18).text()?,
        parent: None,
        prescribing_setting: None,
    })
}

fn status(cell: &Cell<'_>) -> Result<Status, Refusal> {
    match cell.text {
        "A" => Ok(Status::Active),
        "C" => Ok(Status::Closed),
        "D" => Ok(Status::Dormant),
        "P" => Ok(Status::Proposed),
        _ => Err(cell.refuse("The status is not A (active), C (closed), D (dormant) or P (proposed).")),
    }
}

fn expect_columns(row: &Row, expected: usize) -> Result<(), Refusal> {
    if row.len() == expected {
        return Ok(());
    }
    let reason = format!("The row has {} columns; this file has {expected}.", row.len());
    Err(Refusal::at(row.line, reason))
}

/// The cell in a column counted from 1.
fn cell(row: &Row, number: u32) -> Cell<'_> {
    Cell { line: row.line, column: number.into(), text: row.get(number as usize - 1) }
}
