//! A mail that somebody wrote, or that only looks so.
#![no_main]

use formats::mail;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mail = mail::read(bytes);
    assert!(mail.text.chars().count() <= mail::LONGEST_TEXT);
    assert!(mail.attachments.len() <= mail::MOST_ATTACHMENTS);
    for line in [&mail.subject, &mail.from, &mail.name].into_iter().chain(&mail.attachments) {
        assert!(line.chars().count() <= mail::LONGEST_LINE && !line.contains('\n'));
    }
    for id in mail.id.iter().chain(&mail.answers) {
        assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
