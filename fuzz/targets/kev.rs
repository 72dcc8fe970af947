//! CISA's catalogue of exploited vulnerabilities, as JSON and as CSV.
#![no_main]

use std::hint::black_box;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    formats::kev::read(bytes).for_each(|entry| drop(black_box(entry)));
});
