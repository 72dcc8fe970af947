//! Mail that came back, or that only looks so.
#![no_main]

use formats::bounce;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(report) = bounce::read(bytes) {
        assert!(!report.recipients.is_empty(), "a report of nobody");
        for recipient in &report.recipients {
            assert!(!recipient.addresses.is_empty() && recipient.addresses.iter().all(|to| to.contains('@')));
            assert!(recipient.diagnostic.chars().count() <= 300 && !recipient.diagnostic.contains('\n'));
        }
    }
});
