//! STIX 2.1 bundles: read, kept, related to each other and resolved.
#![no_main]

use std::hint::black_box;

use formats::stix::{self, Attack, Index};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut index = Index::new();
    let mut ids = Vec::new();
    for object in stix::read(bytes).flatten() {
        ids.push(object.id.clone());
        if index.keep(object).is_err() {
            break;
        }
    }
    for id in &ids {
        black_box(index.relations(id));
        if let Some(object) = index.get(id) {
            black_box(index.marking(object));
        }
    }
    black_box(Attack::of(&index));
});
