//! CVE records, one or many in a file.
#![no_main]

use std::hint::black_box;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    formats::cve_record::read(bytes).for_each(|record| drop(black_box(record)));
});
