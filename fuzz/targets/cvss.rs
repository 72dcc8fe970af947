//! CVSS vectors of every version: what is read is written so that it is read again, with its scores.
#![no_main]

use formats::Cvss;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(cvss) = text.parse::<Cvss>() else { return };
    let again: Cvss = cvss.vector().parse().expect("its own vector");
    assert_eq!(again, cvss);
    assert!(again.scores().eq(cvss.scores()));
    assert_eq!(again.severity(), cvss.severity());
});
