//! A name for what its source gives none, or none but a number: its product, and what is wrong with it.
//!
//! Made of the source's own words, so that a list can be read; nothing is added to them.

use formats::CveId;
use platform::fold;

/// The longest name that is made, in characters.
const LONGEST: usize = 110;
/// A sentence does not end before so many bytes: what is shorter is an abbreviation.
const SHORTEST: usize = 20;
/// Words with a full stop that end no sentence.
const ABBREVIATED: [&str; 12] =
    ["approx", "co", "corp", "e.g", "etc", "i.e", "inc", "incl", "ltd", "no", "ver", "vs"];

/// Whether a title is no more than the number of a vulnerability.
pub(super) fn is_number(title: &str) -> bool {
    title.trim().to_ascii_uppercase().parse::<CveId>().is_ok()
}

/// A name made of the product and the first sentence about it; none where nothing is told.
pub(super) fn made_of(vendor: &str, product: &str, text: &str) -> Option<String> {
    let sentence = first_sentence(text);
    let named = if product.starts_with(vendor) {
        product.to_owned()
    } else {
        format!("{vendor} {product}").trim().to_owned()
    };
    let words = fold::words(&sentence);
    // Where a product is named as in a CPE, its firmware is a product too.
    let is_named = fold::words(product).iter().all(|word| word == "firmware" || words.contains(word));
    let name = match (named.is_empty(), sentence.is_empty()) {
        (true, true) => return None,
        (false, true) => named,
        (true, false) => sentence,
        (false, false) if is_named => sentence,
        (false, false) => format!("{named}: {sentence}"),
    };
    Some(shortened(&name))
}

/// The first sentence of a text, on one line and without its full stop.
fn first_sentence(text: &str) -> String {
    let text = text.trim();
    // "** DISPUTED **" and the like stand before what is said.
    let marked = text.strip_prefix("**").and_then(|rest| Some(rest.split_once("**")?.1));
    let text = marked.unwrap_or(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = |at: usize| {
        let before = text[..at].rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
        let goes_on = text[at + 2..].chars().next().is_none_or(|next| !next.is_uppercase());
        at >= SHORTEST && !goes_on && before.chars().count() > 1 && !ABBREVIATED.contains(&before.as_str())
    };
    let end = text.match_indices(". ").map(|(at, _)| at).find(|at| ends(*at));
    let sentence = end.map_or(text.as_str(), |end| &text[..end]);
    sentence.trim_end_matches('.').to_owned()
}

/// A name that is too long, cut behind a word.
fn shortened(name: &str) -> String {
    let Some((end, _)) = name.char_indices().nth(LONGEST) else { return name.to_owned() };
    let end = name[..end].rfind(' ').filter(|at| *at > 0).unwrap_or(end);
    format!("{}…", name[..end].trim_end_matches([' ', ',', ';', ':', '(']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_no_name() {
        assert!(is_number("CVE-2008-4250") && is_number(" cve-2008-4250 "));
        assert!(!is_number("CVE-2008-4250, which worms use") && !is_number(""));
    }

    #[test]
    fn a_name_is_the_product_and_what_is_wrong_with_it() {
        let made = |vendor: &str, product: &str, text: &str| made_of(vendor, product, text).unwrap();
        let oracle = "Vulnerability in the MySQL Server component of Oracle MySQL (subcomponent: Optimizer). \
                      Supported versions that are affected are 5.5.54 and earlier.";
        assert_eq!(
            made("Oracle Corporation", "MySQL Server", oracle),
            "Vulnerability in the MySQL Server component of Oracle MySQL (subcomponent: Optimizer)"
        );
        assert_eq!(
            made("Atlassian", "Confluence Data Center", "Affected versions of Confluence Server tell more."),
            "Atlassian Confluence Data Center: Affected versions of Confluence Server tell more"
        );
        assert_eq!(
            made("", "", "** DISPUTED ** Tenda AX12\n V22 by Tenda Inc. Ltd. of v. 1.2 leaks. It does."),
            "Tenda AX12 V22 by Tenda Inc. Ltd. of v. 1.2 leaks"
        );
        assert_eq!(made("Linux", "Linux", ""), "Linux");
        assert_eq!(made_of("", "", " "), None);
        let long = made("", "", &"words of many letters, ".repeat(20));
        assert!(long.chars().count() <= LONGEST + 1 && long.ends_with("many…"), "{long}");
        assert_eq!(made("", "", &"ä".repeat(300)).chars().count(), LONGEST + 1);
    }
}
