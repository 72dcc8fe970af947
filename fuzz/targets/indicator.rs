//! Indicators, also written harmlessly: what is read is read again from either of its forms.
#![no_main]

use formats::{Indicator, indicator};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for found in indicator::parse_lines(text).indicators {
        let again: Indicator = found.value().parse().expect("its own value");
        assert_eq!(again, found);
        let again: Indicator = found.defanged().parse().expect("its own defanged form");
        assert_eq!(again, found);
    }
});
