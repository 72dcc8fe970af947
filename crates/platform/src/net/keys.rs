//! Keys that servers elsewhere want to see before they answer: from the settings, each bound to one
//! host, so that nobody who types an address on a page can have them sent somewhere else.

use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

/// Keys by host.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

/// One header for one host; how it is printed does not show its value.
#[derive(Clone, Debug)]
struct Key {
    host: Host,
    name: HeaderName,
    value: HeaderValue,
}

impl FromStr for Keys {
    type Err = String;

    /// Reads `HOST HEADER VALUE`, several on lines of their own or with `;` between them. An error does
    /// not show what was written: it may hold a key.
    fn from_str(text: &str) -> Result<Self, String> {
        let each = text.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty());
        each.map(key).collect::<Option<_>>().map(Self).ok_or_else(|| {
            "write a host, the name of a header and its value, such as feeds.example.org X-Api-Key 1234; \
             several on lines of their own"
                .to_owned()
        })
    }
}

fn key(text: &str) -> Option<Key> {
    let (host, rest) = text.split_once(char::is_whitespace)?;
    let (name, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let mut value = HeaderValue::from_str(value.trim()).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some(Key { host: Host::parse(host).ok()?, name: name.parse().ok()?, value })
}

impl Keys {
    /// Adds the keys of this address's host, where the way there is encrypted; says whether there were
    /// any.
    pub(super) fn add(&self, url: &Url, headers: &mut HeaderMap) -> bool {
        let host = url.host().filter(|_| url.scheme() == "https").map(|host| host.to_owned());
        let known = self.0.iter().filter(|key| Some(&key.host) == host.as_ref());
        let before = headers.len();
        headers.extend(known.map(|key| (key.name.clone(), key.value.clone())));
        headers.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(keys: &Keys, url: &str) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        assert_eq!(keys.add(&url.parse().unwrap(), &mut headers), !headers.is_empty());
        let shown = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        headers.iter().map(shown).collect()
    }

    #[test]
    fn a_key_goes_to_its_host_alone_and_never_in_the_open() {
        let keys: Keys =
            "feeds.example X-Api-Key  a b;\n other.example authorization Bearer c\n".parse().unwrap();
        assert_eq!(sent(&keys, "https://FEEDS.example:8443/x"), [("x-api-key".to_owned(), "a b".to_owned())]);
        assert_eq!(
            sent(&keys, "https://other.example/"),
            [("authorization".to_owned(), "Bearer c".to_owned())]
        );
        for url in [
            "http://feeds.example/x",
            "https://feeds.example.evil.example/",
            "https://evil.example/feeds.example",
        ] {
            assert_eq!(sent(&keys, url), []);
        }
        assert!(!format!("{keys:?}").contains("a b"));
        assert!("".parse::<Keys>().is_ok());
        for wrong in ["feeds.example", "feeds.example X-Key", "feeds.example X:Key secret", "a b\u{1}c"] {
            let told = wrong.parse::<Keys>().unwrap_err();
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
