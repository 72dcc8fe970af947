//! Observables: spans lie in the text, in order, and what stands there is what is told.
#![no_main]

use formats::observable::{Coding, Nesting, REDACTED, extract, read};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let coding = Coding::of(text);
    let says = |span: &[u8]| match coding {
        Some((coding, _)) => coding.text(span),
        None => String::from_utf8_lossy(span).into_owned(),
    };
    for nesting in [Nesting::Outermost, Nesting::Every] {
        let mut last = 0;
        for found in extract(text, nesting) {
            assert!(last <= found.start && found.start < found.end && found.end <= text.len() as u64);
            last = found.start;
            let span = &text[found.start as usize..found.end as usize];
            assert!(found.original.contains(REDACTED) || says(span) == found.original);
        }
    }
    for found in read(text, Nesting::Outermost) {
        assert!(found.expect("no reader fails in memory").end <= text.len() as u64);
    }
});
