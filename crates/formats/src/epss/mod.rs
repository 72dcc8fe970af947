//! The daily scores of the Exploit Prediction Scoring System (EPSS), read row by row.
//!
//! For each CVE: how likely its exploitation is within thirty days, and the share of all CVEs that
//! are no likelier. FIRST's own layout is read, and the one that lays CVSS scores beside.

mod fraction;

use std::io::Read;

use jiff::Timestamp;
use serde::Serialize;

use crate::csv_rows::{CsvRows, Row};
use crate::cvss::Score;
use crate::refusal::excerpt;
use crate::{CveId, Refusal};

pub use fraction::{Fraction, NotAFraction};

/// What a file says about itself, in the line before its header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EpssHeader {
    /// The version of the model, such as v2025.03.14; scores of two models do not compare.
    pub model_version: Option<String>,
    /// The day that the scores are of.
    pub score_date: Option<Timestamp>,
}

/// The score of one CVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EpssRow {
    /// The line on which it stands.
    pub line: u64,
    /// Its number.
    pub cve: CveId,
    /// The probability of its exploitation in the next thirty days.
    pub epss: Fraction,
    /// The share of scored CVEs with the same or a lower score.
    pub percentile: Fraction,
    /// Its CVSS 3 score, where the file tells it.
    pub cvss3: Option<Score>,
}

/// Reads a file row by row.
pub fn read<R: Read>(input: R) -> EpssRows<R> {
    EpssRows {
        rows: CsvRows::new(input),
        header: EpssHeader::default(),
        state: State::BeforeColumns,
        taken: 0,
        refused: 0,
    }
}

/// An iterator over the rows of a file.
pub struct EpssRows<R> {
    rows: CsvRows<R>,
    header: EpssHeader,
    state: State,
    taken: u64,
    refused: u64,
}

enum State {
    BeforeColumns,
    Rows(Columns),
    Ended,
}

/// Where each field stands, by the header.
struct Columns {
    cve: Place,
    epss: Place,
    percentile: Place,
    cvss3: Option<Place>,
}

/// A column: its index, and its name for a refusal.
struct Place {
    index: usize,
    name: String,
}

impl Columns {
    /// The columns that a header names; nothing where one that is needed is missing.
    fn read(row: &Row) -> Option<Self> {
        let find = |names: &[&str]| {
            let index = row.iter().position(|name| names.iter().any(|n| n.eq_ignore_ascii_case(name)))?;
            Some(Place { index, name: row.get(index).to_owned() })
        };
        Some(Self {
            cve: find(&["cve"])?,
            epss: find(&["epss"])?,
            percentile: find(&["percentile", "EPSS Percentile"])?,
            cvss3: find(&["CVSS3"]),
        })
    }

    fn row(&self, row: &Row) -> Result<EpssRow, Refusal> {
        let refused =
            |place: &Place, reason: String| Refusal::at(row.line, reason).in_column(place.name.as_str());
        let fraction = |place: &Place| {
            row.get(place.index).parse::<Fraction>().map_err(|error| refused(place, error.to_string()))
        };
        let cve = row
            .get(self.cve.index)
            .parse()
            .map_err(|error: crate::cve::NotACve| refused(&self.cve, error.to_string()))?;
        let cvss3 = match &self.cvss3 {
            Some(place) if !row.get(place.index).is_empty() => {
                let score = row.get(place.index).parse::<Score>();
                Some(score.map_err(|error| refused(place, error.to_string()))?)
            }
            _ => None,
        };
        Ok(EpssRow {
            line: row.line,
            cve,
            epss: fraction(&self.epss)?,
            percentile: fraction(&self.percentile)?,
            cvss3,
        })
    }
}

impl<R: Read> EpssRows<R> {
    /// What the file says about itself, as far as it was read.
    pub fn header(&self) -> &EpssHeader {
        &self.header
    }

    /// What is odd about the file though it was read; to be asked at its end.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.taken == 0 && self.refused == 0 {
            warnings.push("The file has no scores; is it the EPSS file?".to_owned());
        } else if self.taken > 0 && self.header.score_date.is_none() {
            warnings.push("The file does not say which day its scores are of.".to_owned());
        }
        warnings
    }

    /// Takes `#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000`.
    fn take_remark(&mut self, row: &Row) -> Result<(), Refusal> {
        for part in row.iter() {
            let Some((key, value)) = part.trim_start_matches('#').split_once(':') else { continue };
            let value = value.trim();
            match key.trim() {
                "model_version" => self.header.model_version = Some(value.to_owned()),
                "score_date" => {
                    let date = value.parse().map_err(|_| {
                        let reason = format!("{} is not the date of the scores.", excerpt(value));
                        Refusal::at(row.line, reason).in_column("score_date")
                    })?;
                    self.header.score_date = Some(date);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn step(&mut self, row: &Row) -> Option<Result<EpssRow, Refusal>> {
        match &self.state {
            State::Ended => None,
            State::Rows(columns) => Some(columns.row(row)),
            State::BeforeColumns if row.get(0).starts_with('#') => self.take_remark(row).err().map(Err),
            State::BeforeColumns => {
                if let Some(columns) = Columns::read(row) {
                    self.state = State::Rows(columns);
                    return None;
                }
                self.state = State::Ended;
                let reason = "The columns are not named cve, epss and percentile; is it the EPSS file?";
                Some(Err(Refusal::at(row.line, reason)))
            }
        }
    }
}

impl<R: Read> Iterator for EpssRows<R> {
    type Item = Result<EpssRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if matches!(self.state, State::Ended) {
                return None;
            }
            let result = match self.rows.next()? {
                Ok(row) => self.step(&row),
                Err(refusal) => Some(Err(refusal)),
            };
            let is_cut = self.rows.is_cut();
            let result = result.map(|row| row.map_err(|it| if is_cut { it.at_the_end() } else { it }));
            match &result {
                Some(Ok(_)) => self.taken += 1,
                Some(Err(_)) => self.refused += 1,
                None => continue,
            }
            return result;
        }
    }
}

#[cfg(test)]
mod tests;
