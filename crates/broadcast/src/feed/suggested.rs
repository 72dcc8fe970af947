//! Feeds that a health sector will want: `content/sources.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::source::Source;

/// A feed that is offered and not followed until somebody adds it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suggested {
    /// By what to call it.
    pub name: String,
    /// What is published there.
    pub source: Source,
    /// Where.
    pub url: String,
    /// How often to ask it, in minutes.
    pub every: i64,
    /// After how many hours without anything new it has fallen silent.
    pub silent: i64,
    /// What it tells and on what terms.
    pub about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    feed: Vec<Suggested>,
}

static ALL: LazyLock<Vec<Suggested>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../../content/sources.toml"))
        .expect("a test reads the embedded file");
    file.feed
});

/// Every suggestion.
pub(super) fn all() -> &'static [Suggested] {
    &ALL
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::feed::{EVERY, FOLLOWED, SILENT_AFTER};

    #[test]
    fn every_suggestion_can_be_followed_as_it_stands() {
        let mut urls = HashSet::new();
        for each in all() {
            let url: url::Url = each.url.parse().unwrap();
            assert_eq!(url.scheme(), "https", "{}", each.name);
            assert!(urls.insert(url), "{} is there twice", each.url);
            assert!(FOLLOWED.contains(&each.source), "{}", each.name);
            assert!(EVERY.iter().any(|(minutes, _)| *minutes == each.every), "{}", each.name);
            assert!(SILENT_AFTER.iter().any(|(hours, _)| *hours == each.silent), "{}", each.name);
        }
        assert!(!urls.is_empty());
    }
}
