//! The regions of NHS England, and which of today's an old marking means.
//!
//! Dated data, not code: the two tables stand in `data/broadcast/ods/`, whose README gives their
//! sources. What the tables do not decide stays unknown, since an organisation in the wrong
//! region would be counted, and alerted, by the wrong people.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::csv_rows::{CsvRows, Row};

/// A region with the days between which it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its ODS code, such as Y56.
    pub code: String,
    /// Its name, without "commissioning region".
    pub name: String,
    /// Its first day.
    pub from: Date,
    /// Its last day, where it was abolished.
    pub until: Option<Date>,
    /// The codes of what it became.
    pub successors: Vec<String>,
}

/// One row of `geography.csv`: where a health geography, or one postcode area of it, lies.
struct Place {
    geography: String,
    postcode: String,
    region: Option<String>,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    table(include_str!("../../../../data/broadcast/ods/regions.csv"))
        .map(|row| Region {
            code: row.get(0).to_owned(),
            name: row.get(1).to_owned(),
            from: row.get(2).parse().expect("a test reads the embedded table"),
            until: some(row.get(3)).map(|d| d.parse().expect("a test reads the embedded table")),
            successors: row.get(4).split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
});

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    table(include_str!("../../../../data/broadcast/ods/geography.csv"))
        .map(|row| Place {
            geography: row.get(0).to_owned(),
            postcode: row.get(2).to_owned(),
            region: some(row.get(3)).map(str::to_owned),
        })
        .collect()
});

fn table(text: &'static str) -> impl Iterator<Item = Row> {
    CsvRows::new(text.as_bytes()).skip(1).map(|row| row.expect("a test reads the embedded table"))
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Every region there has been, oldest code first.
pub fn all() -> &'static [Region] {
    &REGIONS
}

/// The region with this code.
pub fn find(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.code == code)
}

/// The code of today's region for what a file says: its region, its high-level health geography
/// and its postcode.
///
/// An abolished region became two; the geography and, where an office lay across the new border,
/// the postcode tell which.
pub fn current(
    region: Option<&str>,
    geography: Option<&str>,
    postcode: Option<&str>,
) -> Option<&'static str> {
    let named = find(region?)?;
    if named.until.is_none() {
        return Some(&named.code);
    }
    let decided = place(geography?, postcode.unwrap_or_default())?.region.as_ref()?;
    named.successors.contains(decided).then_some(decided)
}

/// The narrowest row for a geography: its postcode district, else area, else the whole.
fn place(geography: &str, postcode: &str) -> Option<&'static Place> {
    let district = postcode.split_whitespace().next().unwrap_or_default();
    let area = district.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let area = &area[..area.find(|c: char| c.is_ascii_digit()).unwrap_or(area.len())];
    [district, area, ""]
        .into_iter()
        .find_map(|wanted| PLACES.iter().find(|p| p.geography == geography && p.postcode == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_agree_with_each_other() {
        assert_eq!(all().len(), 11);
        for region in all() {
            assert_eq!(region.until.is_some(), !region.successors.is_empty(), "{}", region.code);
            for successor in &region.successors {
                let next = find(successor).unwrap();
                assert!(next.until.is_none() && next.from > region.from);
            }
        }
        for place in PLACES.iter() {
            let known = place.region.as_deref().is_none_or(|code| find(code).unwrap().until.is_none());
            assert!(known, "{}", place.geography);
        }
    }

    #[test]
    fn an_abolished_region_is_what_the_geography_says() {
        assert_eq!(current(Some("Y63"), None, None), Some("Y63"));
        assert_eq!(current(Some("Y54"), Some("Q75"), None), Some("Y62"));
        assert_eq!(current(Some("Y54"), Some("Q74"), Some("NE7 7DN")), Some("Y63"));
        assert_eq!(current(Some("Y55"), Some("Q78"), Some("WD18 0HB")), Some("Y61"));
        assert_eq!(current(Some("Y57"), Some("Q70"), Some("BH24 1AB")), Some("Y59"));
        assert_eq!(current(Some("Y57"), Some("Q70"), Some("BH15 2JB")), Some("Y58"));
    }

    #[test]
    fn university_hospitals_of_morecambe_bay_are_in_the_north_west() {
        assert_eq!(current(Some("Y54"), Some("Q74"), Some("LA9 7RG")), Some("Y62"));
    }

    #[test]
    fn what_the_tables_do_not_decide_stays_unknown() {
        assert_eq!(current(None, Some("Q71"), None), None);
        assert_eq!(current(Some("Y99"), Some("Q71"), None), None);
        assert_eq!(current(Some("Y54"), None, None), None);
        assert_eq!(current(Some("Y54"), Some("Q79"), None), None);
        assert_eq!(current(Some("Y57"), Some("Q70"), Some("SP10 1AA")), None);
        assert_eq!(current(Some("Y57"), Some("Q70"), Some("é")), None);
    }
}
