//! EPSS scores, as FIRST lays them out.
#![no_main]

use std::hint::black_box;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    formats::epss::read(bytes).for_each(|row| drop(black_box(row)));
});
