//! Checksum files, which lie beside documents at their providers.
#![no_main]

use formats::checksum::Checksum;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(checksum) = Checksum::parse(bytes) {
        assert!(checksum.digits().bytes().all(|digit| digit.is_ascii_hexdigit()));
        // A file that names its own checksum would be a find indeed.
        assert!(checksum.check(bytes).is_err());
    }
});
