//! Markdown from a person: whatever it is, what comes out can neither run nor load anything.
#![no_main]

use formats::markdown;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let html = markdown::to_html(text);
    let html = html.as_str().to_ascii_lowercase();
    for harm in
        ["<script", "<img", "<iframe", "<style", "<form", "<svg", "href=\"javascript:", "href=\"data:"]
    {
        assert!(!html.contains(harm), "{harm} in {html}");
    }
    std::hint::black_box(markdown::to_text(text));
});
