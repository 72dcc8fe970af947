//! The sector's pages: for each alert, how many organisations are required, reached, excused and
//! have answered, where, and whom to ring. For people at the CERT; a region's body sees who of its
//! region is late.
//!
//! Never a bare percentage: every figure is a count of organisations, and says of how many.

pub mod api;
mod at;
mod charts;
mod export;
mod jobs;
mod late;
mod pages;
pub mod reach;
pub(crate) mod regional;
mod report;
mod ring;
mod stood;
mod store;
pub(crate) mod times;
pub(crate) mod unreached;
mod whole;

use std::str::FromStr;

use platform::{
    access::{Forbidden, Rule},
    web::{self, Route},
};

use crate::{
    access::{READ_SECTOR, WRITE_ADVISORIES},
    response::Stage,
};
pub use charts::answers_by_the_deadline;
pub use jobs::{Drift, Recount};
pub use reach::CountReach;
pub use report::learn;
pub use ring::{Call, NOTES, ring};

/// What came of a call to a late organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody who can act was told.
    Reached,
    /// Nobody answered.
    NoAnswer,
    /// A message was left.
    LeftMessage,
    /// The number is not theirs.
    WrongNumber,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Reached, Self::NoAnswer, Self::LeftMessage, Self::WrongNumber];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NoAnswer => "no_answer",
            Self::LeftMessage => "left_message",
            Self::WrongNumber => "wrong_number",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reached => "Reached",
            Self::NoAnswer => "No answer",
            Self::LeftMessage => "Left a message",
            Self::WrongNumber => "Wrong number",
        }
    }
}

impl FromStr for Outcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == text).ok_or(())
    }
}

db::text_column!(Outcome);

/// Why something was not done on the sector's pages.
#[derive(Debug, thiserror::Error)]
pub enum SectorError {
    /// There is no such alert, or the organisation was not in its audience.
    #[error("There is no such alert, or it did not go to this organisation.")]
    NotFound,
    /// The role does not include it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A colleague wrote at the same time.
    #[error("Somebody wrote a newer version after you opened this page. Read it below, then save yours.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::DbError),
}

impl From<SectorError> for web::Error {
    fn from(error: SectorError) -> Self {
        match error {
            SectorError::NotFound => Self::NotFound,
            SectorError::Forbidden(forbidden) => forbidden.into(),
            SectorError::Overtaken => Self::Conflict(error.to_string()),
            SectorError::Db(error) => error.into(),
        }
    }
}

/// The four figures that stand for an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Organisations that must respond.
    pub required: i64,
    /// Of them, those to whom, or to whose answering body, a message about it was handed over, and those that have
    /// acknowledged, whoever told them.
    pub reached: i64,
    /// Of them, those for which it does not apply.
    pub excused: i64,
    /// Of them, those that have it in hand or are done with it.
    pub answered: i64,
    /// Organisations that are only informed.
    pub informed: i64,
}

impl Figures {
    /// Of those required, the ones that have neither answered nor are excused.
    pub const fn open(&self) -> i64 {
        self.required - self.excused - self.answered
    }

    /// Adds `count` organisations at `stage`.
    pub(crate) fn add(&mut self, stage: Stage, count: i64) {
        match stage {
            Stage::ForInformation => self.informed += count,
            Stage::Unacknowledged => self.required += count,
            Stage::NotApplicable => {
                self.required += count;
                self.excused += count;
            }
            Stage::InProgress | Stage::AwaitsExecutive | Stage::Closed => {
                self.required += count;
                self.answered += count;
            }
        }
    }
}

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, call) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    let pages = vec![
        Route::get("/sector", read, pages::list),
        Route::get("/sector/whole", read, whole::show),
        Route::get("/sector/{id}", read, pages::show).sample("/sector/{asked_alert}"),
        Route::get("/sector/{id}/late", read, late::list).sample("/sector/{asked_alert}/late"),
        Route::get("/sector/{id}/responses.csv", read, export::csv)
            .sample("/sector/{asked_alert}/responses.csv"),
        Route::get("/sector/{id}/ring", read, ring::list).sample("/sector/{asked_alert}/ring"),
        Route::get("/sector/{id}/ring/{organisation}", call, ring::ask)
            .sample("/sector/{asked_alert}/ring/{organisation}"),
        Route::post("/sector/{id}/ring/{organisation}", call, ring::note)
            .sample("/sector/{asked_alert}/ring/{organisation}")
            .form("outcome=reached&note=They+begin+now"),
        Route::get("/sector/{id}/unreached", read, unreached::list).sample("/sector/{asked_alert}/unreached"),
        Route::get("/sector/{id}/report", read, report::show).sample("/sector/{asked_alert}/report"),
        Route::get("/sector/{id}/report/blockers", read, report::blockers)
            .sample("/sector/{asked_alert}/report/blockers"),
        Route::get("/sector/{id}/report/lessons", call, report::ask)
            .sample("/sector/{asked_alert}/report/lessons"),
        Route::post("/sector/{id}/report/lessons", call, report::write)
            .sample("/sector/{asked_alert}/report/lessons")
            .form("version=0&words=Ring+earlier"),
        Route::get("/sector/{id}/at", read, at::show).sample("/sector/{asked_alert}/at"),
        Route::get("/sector/{id}/at.csv", read, stood::file).sample("/sector/{asked_alert}/at.csv"),
        Route::get("/alerts/{id}/regional", Rule::Roles(regional::READERS), regional::show)
            .sample("/alerts/{asked_alert}/regional"),
    ];
    pages.into_iter().chain(api::routes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_answered_excused_or_open() {
        let mut figures = Figures::default();
        for stage in Stage::ALL {
            figures.add(stage, 1);
        }
        assert_eq!(figures, Figures { required: 5, reached: 0, excused: 1, answered: 3, informed: 1 });
    }
}
