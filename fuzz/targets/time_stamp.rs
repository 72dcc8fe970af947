//! An answer of an authority for time stamps, or what only looks like one.
#![no_main]

use formats::time_stamp::{self, Trusted};

const ROOT: &str = include_str!("../../crates/formats/src/time_stamp/fixtures/root.pem");
/// Of the fixtures that it begins with: `a ransom note` and a line feed.
const HASH: [u8; 32] = [
    0xaa, 0xde, 0xb9, 0xf2, 0x59, 0x3a, 0xb2, 0x37, 0xdd, 0x80, 0xcc, 0x57, 0x28, 0xdd, 0x03, 0xdb, 0x6d, 0xf9, 0x7b,
    0xe6, 0x21, 0xf8, 0x89, 0x01, 0x36, 0x4b, 0x5e, 0x16, 0x46, 0xb6, 0x63, 0x28,
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let trusted = Trusted::from_pem(ROOT).expect("a certificate");
    if let Ok((token, at)) = time_stamp::answered(bytes, &HASH, [1, 2, 3, 4, 5, 6, 7, 8], &trusted) {
        assert_eq!(time_stamp::verified(&token, &HASH, &trusted), Ok(at));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Trusted::from_pem(text);
    }
});
