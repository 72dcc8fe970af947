//! A timestamp as STIX writes it (RFC 3339, any number of decimals): section 3.16.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, de::Error};

use crate::refusal::excerpt;

/// A timestamp that has to be there.
pub(super) fn required<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = Cow::<str>::deserialize(from)?;
    parse(&text).ok_or_else(|| {
        D::Error::custom(format!("{} is not a time such as 2026-06-03T14:05:00Z", excerpt(&text)))
    })
}

/// A timestamp that may be missing.
pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    required(from).map(Some)
}

/// The instant; decimals beyond the ninth are dropped.
fn parse(text: &str) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let well_formed = date_time.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(&like),
    });
    let (decimals, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    if !well_formed || decimals.is_empty() {
        return None;
    }
    let nine = &decimals[..decimals.len().min(9)];
    let civil: DateTime = format!("{date_time}.{nine}").parse().ok()?;
    match offset(zone)?.to_timestamp(civil) {
        Ok(instant) => Some(instant),
        // Our calendar ends on 30 December 9999, and "until 31 December 9999" is how feeds say
        // "without end".
        Err(_) if civil.year() == 9999 => Some(Timestamp::MAX),
        Err(_) => None,
    }
}

/// STIX asks for Z; an offset says the same instant as plainly.
fn offset(zone: &str) -> Option<Offset> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two =
        |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse());
    let (hours, minutes): (i32, i32) = (two(hours)?.ok()?, two(minutes)?.ok()?);
    (hours < 24 && minutes < 60)
        .then(|| Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_any_precision() {
        for (text, instant) in [
            ("2016-05-12T08:17:27Z", "2016-05-12T08:17:27Z"),
            ("2016-05-12T08:17:27.0Z", "2016-05-12T08:17:27Z"),
            ("2016-05-12t08:17:27.000z", "2016-05-12T08:17:27Z"),
            ("2014-10-31T15:52:13.127931Z", "2014-10-31T15:52:13.127931Z"),
            ("2014-10-31T15:52:13.1234567891234Z", "2014-10-31T15:52:13.123456789Z"),
            ("2016-05-12T09:17:27+01:00", "2016-05-12T08:17:27Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999999Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(parse(text), Some(instant.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "soon",
            "2016-05-12",
            "2016-05-12T08:17:27",
            "2016-05-12 08:17:27Z",
            "2016-13-12T08:17:27Z",
            "2016-02-30T08:17:27Z",
            "2016-05-12T08:17:27.Z",
            "2016-05-12T08:17:27.1",
            "2016-05-12T08:17:27+1:00",
            "2016-05-12T08:17:27+99:00",
            "2016-05-12T08:17:27Z[Europe/London]",
            "2016-05-12T08:17:2é",
            "+016-05-12T08:17:27Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
