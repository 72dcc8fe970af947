//! Vendors' names folded for comparing: one vendor is written in several ways.

use unicode_normalization::UnicodeNormalization;

/// Words that say what kind of company it is, not which.
const KINDS: [&str; 24] = [
    "ab",
    "ag",
    "aps",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "international",
    "kg",
    "kgaa",
    "limited",
    "llc",
    "ltd",
    "nv",
    "oy",
    "plc",
    "pty",
    "sa",
    "se",
    "spa",
];

/// A vendor's name reduced to what should be the same however it is written: without case, accents,
/// punctuation, an abbreviation in brackets and the kind of company, and with doubled letters once, since
/// "Philips" is found as "Phillips" too.
///
/// It is for comparing alone. Two names that fold alike are likely one vendor, and what stood in
/// the document stays what is shown. An empty name folds to nothing, which is like no other.
pub fn folded_vendor(name: &str) -> String {
    let mut depth = 0_usize;
    let outside = name.chars().filter(|&c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    let plain: String = outside
        .collect::<String>()
        // Dots and apostrophes stand within words: "B.V.", "Lowe's".
        .replace(['.', '\'', '’'], "")
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().filter(|word| *word != "and").collect();
    let telling: Vec<&str> = words.iter().copied().filter(|word| !KINDS.contains(word)).collect();
    // A vendor called "SE" is still called something.
    let words = if telling.is_empty() { words } else { telling };
    let mut folded = words.join(" ");
    let mut last = None;
    folded.retain(|c| last.replace(c) != Some(c));
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vendor_folds_alike_however_it_is_written() {
        for (a, b) in [
            ("Philips", "Phillips"),
            ("Medtronic ", "Medtronic"),
            ("B. Braun Medical", "B. Braun Medical Inc."),
            ("Becton, Dickinson and Company (BD)", "Becton Dickinson & Co."),
            ("General Electric (GE)", "GENERAL ELECTRIC"),
            ("Dräger", "Drager"),
            ("SOOIL Developments Co, Ltd.", "Sooil Developments"),
            ("Koninklijke Philips N.V.", "koninklijke philips"),
        ] {
            assert_eq!(folded_vendor(a), folded_vendor(b), "{a}, {b}");
        }
        for (a, b) in [("Philips", "Siemens"), ("B. Braun Medical", "B. Braun Melsungen AG"), ("SE", "AG")] {
            assert_ne!(folded_vendor(a), folded_vendor(b), "{a}, {b}");
        }
        assert_eq!(folded_vendor(" (BD) "), "");
    }

    proptest::proptest! {
        #[test]
        fn any_name_folds_without_panic_and_only_once(name: String) {
            let folded = folded_vendor(&name);
            proptest::prop_assert_eq!(folded_vendor(&folded).replace(' ', ""), folded.replace(' ', ""));
        }
    }
}
