//! The words by which a threat is found: numbers, names, makers, and what products are called.
//!
//! Each word is a row in two indexes, and of vulnerabilities there are hundreds of thousands: versions,
//! commits and the words that join them are left out, and names of products are taken up to a limit.

use std::collections::BTreeSet;

use formats::csaf::folded_vendor;
use platform::fold;

use super::Said;

/// The most words that names of products add to those of a threat.
const MOST_NAMED: usize = 40;

/// Words between versions, which every other product has.
const JOINING: [&str; 22] = [
    "all",
    "and",
    "before",
    "below",
    "but",
    "commits",
    "earlier",
    "from",
    "including",
    "later",
    "on",
    "or",
    "other",
    "prior",
    "the",
    "through",
    "to",
    "unknown",
    "unspecified",
    "vers",
    "version",
    "versions",
];

/// The folded words of all that is said of a threat, in order.
pub(super) fn of<'a>(said: impl Iterator<Item = &'a Said> + Clone) -> Vec<String> {
    let text: Vec<String> = said.clone().flat_map(names).collect();
    let mut words: BTreeSet<String> = fold::words(&text.join(" ")).into_iter().collect();
    let most = words.len() + MOST_NAMED;
    'all: for product in said.flat_map(|said| &said.products) {
        for word in fold::words(&product.name).into_iter().filter(|word| may_name(word)) {
            if words.len() == most {
                break 'all;
            }
            words.insert(word);
        }
    }
    words.into_iter().collect()
}

/// Everything of a statement by which it is found whatever its length.
fn names(said: &Said) -> impl Iterator<Item = String> {
    let device = said.device.as_ref();
    let makers = [Some(&said.vendor), device.map(|device| &device.vendor)].into_iter().flatten();
    let models = device.map(|device| &device.model);
    let names = [&said.title, &said.number, &said.product].into_iter().chain(&said.aliases).chain(models);
    let cves = said.cves.iter().map(ToString::to_string);
    // One maker is written in several ways: "Phillips" is found as "Philips" too.
    let makers = makers.flat_map(|maker| [maker.clone(), folded_vendor(maker)]);
    cves.chain(names.cloned()).chain(makers)
}

/// Whether a word of a product's full name may be a part of what it is called, rather than of a version.
fn may_name(word: &str) -> bool {
    let letters = word.chars().take_while(|letter| letter.is_alphabetic()).count();
    let is_commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    letters >= 2 && !is_commit && !JOINING.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::{Device, Kind, Product, ProductStatus};

    fn said(products: &[String]) -> Said {
        let product = |name: &String| Product { name: name.clone(), status: ProductStatus::Affected };
        let said = Said::new(Kind::Vulnerability, "T", "2026-06-01".parse().unwrap());
        Said { products: products.iter().map(product).collect(), ..said }
    }

    #[test]
    fn products_devices_and_makers_are_found_by_what_they_are_called() {
        let products =
            ["B. Braun Perfusor Space L81 and earlier", "Linux 1da177e4c3f4 to below fe3cdc0da77e"];
        let device = Device {
            vendor: "Phillips".to_owned(),
            model: "SPECT/CT".to_owned(),
            clinical_use: "imaging".to_owned(),
            because: "It speaks of “radiology”.".to_owned(),
        };
        let said = Said { device: Some(device), ..said(&products.map(str::to_owned)) };
        let words = of([&said].into_iter());
        assert_eq!(words, ["braun", "ct", "linux", "perfusor", "philips", "phillips", "space", "spect", "t"]);
    }

    #[test]
    fn however_many_products_there_are_their_words_are_few() {
        let many: Vec<_> = (0..500).map(|number| format!("Product{number} 1.{number}")).collect();
        assert_eq!(of([&said(&many), &said(&many)].into_iter()).len(), MOST_NAMED + 1);
    }
}
