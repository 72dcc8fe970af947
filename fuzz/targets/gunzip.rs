//! Compressed files: no more comes out than is allowed, and what failed stays failed.
#![no_main]

use std::io::Read;

use formats::gunzip::{Gunzip, Limits};

const MOST: u64 = 4 * 1024 * 1024;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut reader = Gunzip::new(bytes, Limits { bytes: MOST, ratio: 20 });
    let mut out = Vec::new();
    let ended = reader.read_to_end(&mut out);
    assert!(out.len() as u64 <= MOST);
    if ended.is_err() {
        assert!(reader.read(&mut [0; 16]).is_err());
    }
});
