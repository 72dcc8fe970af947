//! CSV files of any kind. Read in small pieces they say the same.
#![no_main]

use std::io::{BufReader, Read};

use formats::csv_rows::CsvRows;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let told =
        |input: &mut dyn Read| -> Vec<String> { CsvRows::new(input).map(|row| format!("{row:?}")).collect() };
    let whole = told(&mut { bytes });
    let pieces = told(&mut BufReader::with_capacity(3, bytes));
    assert_eq!(whole, pieces);
});
