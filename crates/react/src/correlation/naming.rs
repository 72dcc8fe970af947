//! Traces that name a victim: attackers call their pages after whom they attack. Such a one goes to nobody else.

use platform::fold;

/// What many organisations are called, which tells none of them.
const OF_MANY: [&str; 24] = [
    "ambulance",
    "board",
    "centre",
    "children",
    "clinic",
    "community",
    "foundation",
    "general",
    "group",
    "health",
    "healthcare",
    "hospital",
    "hospitals",
    "integrated",
    "medical",
    "north",
    "partnership",
    "pharmacy",
    "practice",
    "service",
    "services",
    "south",
    "surgery",
    "university",
];

/// Whether an observable has a word of one of these names in it, which are those of organisations. A word is of five
/// letters or more: what is shorter is met by chance.
pub fn names_one<'a>(value: &str, names: impl Iterator<Item = &'a str>) -> bool {
    let value = fold::words(value).concat();
    let telling = |word: &String| word.chars().count() >= 5 && !OF_MANY.contains(&word.as_str());
    names.flat_map(fold::words).filter(telling).any(|word| value.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::names_one;

    #[test]
    fn an_attackers_page_that_is_called_after_a_victim_is_noticed() {
        let names = || ["Quokka University Hospitals NHS Foundation Trust", "The Élan Surgery"].into_iter();
        for (value, expected) in [
            ("https://quokka-login.example/owa", true),
            ("mail.QUOKKAHOSPITALS.example", true),
            ("university-hospitals.example", false),
            ("elan.example", false),
            ("198.51.100.7", false),
        ] {
            assert_eq!(names_one(value, names()), expected, "{value}");
        }
        assert!(names_one("wandsworth-owa.example", ["Wandsworth Care Home"].into_iter()));
    }
}
