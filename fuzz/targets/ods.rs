//! Lists of organisations: those of ODS and plain ones.
#![no_main]

use std::hint::black_box;

use formats::ods::{self, Format};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for format in [Format::Detect, Format::Ods, Format::Csv] {
        ods::read(bytes, format).for_each(|row| drop(black_box(row)));
    }
});
