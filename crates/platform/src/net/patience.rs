//! How long a server asks to be left alone.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

/// What `Retry-After` says (RFC 9110, section 10.2.3): seconds, or a date. Nothing where it cannot be
/// read. Whoever asks decides how far to believe it.
pub fn retry_after(told: &str, now: Timestamp) -> Option<SignedDuration> {
    if let Ok(seconds) = told.trim().parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let date = DateTimeParser::new().parse_timestamp(told.trim()).ok()?;
    Some(date.duration_since(now).max(SignedDuration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now: Timestamp = "2015-10-21T07:27:00Z".parse().unwrap();
        for (told, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-5", None),
            ("99999999999999", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(told, now), seconds.map(SignedDuration::from_secs), "{told:?}");
        }
    }
}
