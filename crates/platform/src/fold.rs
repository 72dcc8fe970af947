//! Text as search sees it: words in small letters without accents.
//!
//! Both engines compare bytes and neither folds alike, so folding is done here, on the way in and
//! on the way out. Search promises that each typed word begins a word of what is found, no more.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A longer word is cut: nobody types that much to find something.
const LONGEST: usize = 40;
/// So many of the typed words are looked for: the longest, which find the least.
pub const MOST: usize = 4;

/// The folded words of a text, each once, in order.
///
/// An apostrophe joins, since some write "St Peters": everything else that is neither letter nor
/// digit parts.
pub fn words(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !matches!(letter, '\'' | '’'))
        .flat_map(char::to_lowercase)
        .collect();
    let mut words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST).collect())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Words from a first one up to, but without, an end: those that begin with what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// What was typed, folded.
    pub from: String,
    /// What comes after every word that begins so.
    pub below: String,
}

/// What to look for when a person typed `text`: [`MOST`] prefixes at most, all of which must match.
pub fn prefixes(text: &str) -> Vec<Prefix> {
    let mut words = words(text);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.truncate(MOST);
    words.into_iter().map(|from| Prefix { below: format!("{from}\u{10FFFF}"), from }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_apostrophes_make_no_difference() {
        assert_eq!(words("St Peter’s, Ynys Môn"), ["mon", "peters", "st", "ynys"]);
        assert_eq!(words("O'BRIEN (TS18 1HU)"), ["1hu", "obrien", "ts18"]);
        assert_eq!(words("Ｆｕｌｌ-width ﬁne"), ["fine", "full", "width"]);
        assert_eq!(words(" -- "), Vec::<String>::new());
    }

    #[test]
    fn a_prefix_spans_the_words_that_begin_with_it() {
        let prefix = &prefixes("Surg")[0];
        let within = |word: &str| *word >= *prefix.from && *word < *prefix.below;
        assert!(within("surg") && within("surgery") && within("surgé"));
        assert!(!within("sur") && !within("surh") && !within("the"));
    }

    #[test]
    fn only_the_longest_words_are_looked_for() {
        let typed = "the Ashford and St Peter's Hospitals NHS Foundation Trust";
        let looked: Vec<_> = prefixes(typed).into_iter().map(|prefix| prefix.from).collect();
        assert_eq!(looked, ["foundation", "hospitals", "ashford", "peters"]);
        assert!(words(&"x".repeat(100_000))[0].len() == LONGEST);
    }
}
