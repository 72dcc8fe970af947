//! How much is active in each area and was seen there, counted.

use std::collections::HashMap;

use db::{DbError, Snapshot};
use jiff::civil::Date;

use super::{
    Area,
    store::{self, Counted},
};

/// An area with its counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub area: Area,
    /// Threats that are entered as active.
    pub active: i64,
    /// Sightings in the last 7 days.
    pub week: i64,
    /// In the last 30.
    pub month: i64,
    /// In the last 90.
    pub quarter: i64,
}

/// The areas that stand on a day, by their names, and the whole country. On `read_long`.
pub(super) async fn by_area(snapshot: &mut Snapshot, today: Date) -> Result<Vec<Counts>, DbError> {
    let counted = store::by_region(snapshot, today).await?;
    let entered: HashMap<String, i64> =
        store::entered_by_region(snapshot, today).await?.into_iter().collect();
    let areas = Area::standing(today).into_iter().chain([Area::Everywhere]);
    Ok(areas.map(|area| of(area, &counted, &entered)).collect())
}

/// What is entered for an area itself and for what it was made of; of the whole country all sightings.
fn of(area: Area, counted: &[Counted], entered: &HashMap<String, i64>) -> Counts {
    let codes: Vec<&str> = match area {
        Area::Everywhere => vec![""],
        Area::Region(_) => area.known_as().into_iter().filter(|code| !code.is_empty()).collect(),
    };
    let here = counted.iter().filter(|each| area == Area::Everywhere || each.region == area.code());
    let sum = |count: fn(&Counted) -> i64| here.clone().map(count).sum();
    Counts {
        area,
        active: codes.iter().filter_map(|code| entered.get(*code)).sum(),
        week: sum(|each| each.week),
        month: sum(|each| each.month),
        quarter: sum(|each| each.quarter),
    }
}
