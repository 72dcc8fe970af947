//! CSAF 2.0 documents: read, and every product asked about under every vulnerability.
#![no_main]

use std::hint::black_box;

use formats::csaf;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(reading) = csaf::read(bytes) else { return };
    let document = &reading.document;
    for vulnerability in &document.vulnerabilities {
        let standings = document.standings(vulnerability);
        for product in &document.tree.products {
            black_box(standings.of(product.id.as_str()));
        }
        black_box(document.verbatim_of(vulnerability));
    }
    for product in &document.tree.products {
        black_box(document.tree.describe(product));
    }
});
