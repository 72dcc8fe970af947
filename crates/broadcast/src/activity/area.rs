//! The part of the country in which something is active: a region, or the whole.
//!
//! Regions are dated data. What was noted of one that is no more holds for those it became, and a
//! warning goes to the regions of the day on which it is written.

use formats::ods::regions::{self, Region};
use jiff::civil::Date;

/// The word for the whole country in an address or a form; a column holds an empty text.
const EVERYWHERE: &str = "everywhere";

/// So many codes a region may be known under, so that statements have places for them.
const KNOWN_AS: usize = 4;

/// A region, or the whole country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The whole country.
    Everywhere,
    /// A region, which may be no more.
    Region(&'static Region),
}

impl Area {
    /// The area of this code; none where no table knows it.
    pub fn of(code: &str) -> Option<Self> {
        if code == EVERYWHERE {
            return Some(Self::Everywhere);
        }
        regions::find(code).map(Self::Region)
    }

    /// The regions that stand on `day`, by their names.
    pub fn standing(day: Date) -> Vec<Self> {
        let mut standing: Vec<_> = regions::all().iter().filter(|region| stands(region, day)).collect();
        standing.sort_by_key(|region| region.name.as_str());
        standing.into_iter().map(Self::Region).collect()
    }

    /// The word in an address or a form.
    pub fn code(self) -> &'static str {
        match self {
            Self::Everywhere => EVERYWHERE,
            Self::Region(region) => &region.code,
        }
    }

    /// The code as columns hold it.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Everywhere => "",
            Self::Region(region) => &region.code,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "The whole country",
            Self::Region(region) => &region.name,
        }
    }

    /// Its name within a sentence: "the East of England", "London".
    pub fn in_sentence(self) -> String {
        match self {
            Self::Everywhere => "the whole country".to_owned(),
            Self::Region(region) if ["London", "Wales"].contains(&region.name.as_str()) => {
                region.name.clone()
            }
            Self::Region(region) => format!("the {}", region.name),
        }
    }

    /// The regions of `day` that it is: itself, or what it became. None for the whole country, which
    /// is more than its regions: of some organisations none is known.
    pub fn on(self, day: Date) -> Vec<&'static Region> {
        match self {
            Self::Everywhere => Vec::new(),
            Self::Region(region) => became(region, day),
        }
    }

    /// The codes, as columns hold them, of what it is on `day`; an empty one for the whole country.
    pub(crate) fn lies_in(self, day: Date) -> [&'static str; 2] {
        let regions = self.on(day);
        let one = regions.first().map_or("", |region| region.code.as_str());
        [one, regions.get(1).map_or(one, |region| region.code.as_str())]
    }

    /// The codes, as columns hold them, under which something may be noted that concerns it: its own,
    /// those of what it was made of, and that of the whole country; filled up to [`KNOWN_AS`].
    pub(crate) fn known_as(self) -> [&'static str; KNOWN_AS] {
        let mut known = [""; KNOWN_AS];
        if let Self::Region(region) = self {
            let before = regions::all().iter().filter(|before| before.successors.contains(&region.code));
            let codes = std::iter::once(region).chain(before).map(|region| region.code.as_str());
            // One place stays for the whole country.
            for (place, code) in known.iter_mut().take(KNOWN_AS - 1).zip(codes) {
                *place = code;
            }
        }
        known
    }
}

impl db::FromValue for Area {
    fn from_value(value: db::Value) -> Result<Self, String> {
        let code = String::from_value(value)?;
        if code.is_empty() {
            return Ok(Self::Everywhere);
        }
        regions::find(&code).map(Self::Region).ok_or_else(|| format!("\"{code}\" is not a region"))
    }
}

impl From<Area> for db::Value {
    fn from(area: Area) -> Self {
        Self::from(area.column())
    }
}

fn stands(region: &Region, day: Date) -> bool {
    region.until.is_none_or(|until| day <= until)
}

/// What a region is on `day`. A test of the table says that what follows is younger, so that this ends.
fn became(region: &'static Region, day: Date) -> Vec<&'static Region> {
    if stands(region, day) {
        return vec![region];
    }
    let successors = region.successors.iter().filter_map(|code| regions::find(code));
    successors.flat_map(|region| became(region, day)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 6, 1);

    fn codes(area: Area, day: Date) -> Vec<&'static str> {
        area.on(day).iter().map(|region| region.code.as_str()).collect()
    }

    #[test]
    fn a_region_that_is_no_more_is_what_it_became() {
        let north = Area::of("Y54").unwrap();
        assert_eq!(codes(north, TODAY), ["Y62", "Y63"]);
        assert_eq!(codes(north, Date::constant(2019, 3, 31)), ["Y54"]);
        assert_eq!(codes(Area::of("Y61").unwrap(), TODAY), ["Y61"]);
        assert!(Area::Everywhere.on(TODAY).is_empty());
        assert_eq!(north.lies_in(TODAY), ["Y62", "Y63"]);
        assert_eq!(Area::of("Y61").unwrap().lies_in(TODAY), ["Y61", "Y61"]);
        assert_eq!(Area::Everywhere.lies_in(TODAY), ["", ""]);
        for region in regions::all() {
            assert!(became(region, TODAY).len() <= 2, "{} has a place for each", region.code);
        }
        assert_eq!(Area::of("Y99"), None);
    }

    #[test]
    fn what_was_noted_of_its_forerunner_is_known_of_a_region() {
        assert_eq!(Area::of("Y62").unwrap().known_as(), ["Y62", "Y54", "", ""]);
        assert_eq!(Area::Everywhere.known_as(), [""; 4]);
        for region in regions::all() {
            let before = regions::all().iter().filter(|before| before.successors.contains(&region.code));
            assert!(before.count() + 2 <= KNOWN_AS, "{} has a place for each", region.code);
        }
    }

    #[test]
    fn an_area_is_named_as_people_say_it() {
        assert_eq!(Area::of("Y61").unwrap().in_sentence(), "the East of England");
        assert_eq!(Area::of("Y56").unwrap().in_sentence(), "London");
        let standing: Vec<_> = Area::standing(TODAY).iter().map(|area| area.name()).collect();
        assert_eq!(standing.len(), 8);
        assert!(standing.is_sorted() && !standing.contains(&"North of England"));
    }
}
