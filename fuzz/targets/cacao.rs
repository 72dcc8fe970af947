//! CACAO 2.0 playbooks: read, checked, told in order and written in canonical form.
#![no_main]

use std::hint::black_box;

use formats::cacao::{Playbook, canonical};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match Playbook::read(bytes) {
        Ok(playbook) => {
            black_box((playbook.flow(), playbook.exception_flow()));
            let written = canonical(&playbook.document);
            let again = Playbook::read(written.as_bytes()).expect("the same playbook");
            assert_eq!(canonical(&again.document), written);
        }
        Err(findings) => assert!(!findings.is_empty()),
    }
});
