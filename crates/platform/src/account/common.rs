//! Whether a password is one that attackers try first, or is easily made from one.
//!
//! Besides the lists themselves: `Dragon2024!!` (digits and signs around a common one), `p4ssw0rd…`
//! (letters written as digits), `dragondragon` (something repeated), `aabbaabbaabb` (few letters).

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

/// Frequent first; what each is and its licence stands in `data/passwords/README.md`.
const LISTS: [&str; 2] = [
    include_str!("../../../../data/passwords/top100k-of-10M.txt"),
    include_str!("../../../../data/passwords/django-common-20k.txt"),
];

/// Every common password in lower case, sorted. Made when the first password is chosen: a process
/// that never sees one does not pay for it.
static COMMON: LazyLock<Vec<Cow<'static, str>>> = LazyLock::new(|| {
    let mut common: Vec<_> = LISTS.iter().flat_map(|list| list.lines()).map(lower).collect();
    common.sort_unstable();
    common.dedup();
    common
});

fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) { text.to_lowercase().into() } else { text.into() }
}

/// Whether guessing `password` would take an attacker no effort worth the name.
pub(super) fn is_common(password: &str) -> bool {
    let lower = lower(password);
    let plain = without_substitutes(&lower);
    [lower.as_ref(), plain.as_str()].into_iter().any(|text| {
        let core = text.trim_matches(|c: char| !c.is_alphabetic());
        listed(text) || (core.len() >= 4 && listed(core)) || repeats(text) || repeats(core)
    }) || has_few_letters(&lower)
}

fn listed(text: &str) -> bool {
    COMMON.binary_search_by(|common| common.as_ref().cmp(text)).is_ok()
}

/// Letters that people write as digits and signs, as letters again.
fn without_substitutes(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Whether `text` is something short, or something common, said several times.
fn repeats(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let repeated = |unit: &usize| letters.chunks(*unit).all(|chunk| letters[..*unit].starts_with(chunk));
    let Some(unit) = (1..=letters.len() / 2).find(repeated) else { return false };
    unit < 6 || listed(&letters[..unit].iter().collect::<String>())
}

fn has_few_letters(text: &str) -> bool {
    text.chars().collect::<HashSet<_>>().len() < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_and_what_is_made_from_them_are_refused() {
        for common in [
            "unbelievable",
            "UnBelievable",
            "1qaz2wsx3edc4rfv",
            "password1234",
            "Dragon2024!!",
            "!!!football1",
            "P4ssw0rd2026",
            "dragondragon",
            "abcdeabcdeabcde",
            "aabbaabbaabb",
            "000000000000",
            "121212121212",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn phrases_of_several_words_are_fine() {
        for fine in
            ["purple tractor sings", "correct horse battery staple", "Ymlaen â'r gân 7", "vG7!kp2Q#xw9"]
        {
            assert!(!is_common(fine), "{fine}");
        }
    }
}
