//! RSS, Atom and JSON feeds, in any encoding.
#![no_main]

use formats::news;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let address = url::Url::parse("https://news.example.org/feed").ok();
    let feed = news::read(bytes, address.as_ref());
    let mut ids: Vec<_> = feed.entries.iter().map(|entry| &entry.id).collect();
    ids.sort_unstable();
    let told = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), told, "two entries under one identifier");
});
