//! What leads to CSAF documents: a provider's metadata, ROLIE feeds, `changes.csv` and `index.txt`.
#![no_main]

use std::hint::black_box;

use formats::csaf::feed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = black_box(feed::provider(bytes));
    let _ = black_box(feed::feed(bytes));
    feed::changes(bytes).for_each(|change| drop(black_box(change)));
    feed::index(bytes).for_each(|path| drop(black_box(path)));
});
