//! NHS numbers, which must not travel with indicators: found, counted, and never told.

use std::{borrow::Cow, ops::Range};

/// What is told in place of one.
pub const REDACTED: &str = "[NHS number]";

/// The number that begins at `at`: ten digits, or 3, 3 and 4 with a blank or a hyphen between them.
pub(super) fn at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let mut digits = [0u8; 10];
    let (mut here, mut parted) = (at, None);
    for (index, digit) in digits.iter_mut().enumerate() {
        if matches!(index, 3 | 6) {
            let gap = gap(text, here);
            if *parted.get_or_insert(gap > 0) != (gap > 0) {
                return None;
            }
            here += gap;
        }
        *digit = text.get(here).filter(|byte| byte.is_ascii_digit())? - b'0';
        here += 1;
    }
    let free = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_digit());
    let whole = free(at.checked_sub(1).and_then(|before| text.get(before))) && free(text.get(here));
    (whole && is_issued(&digits)).then_some(at..here)
}

/// How long the blank, the hyphen or what a link writes for a blank is.
fn gap(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b' ' | b'-' | b'+') => 1,
        Some(b'%') if text.get(at..at + 3) == Some(b"%20") => 3,
        Some(0xc2) if text.get(at + 1) == Some(&0xa0) => 2,
        _ => 0,
    }
}

/// Whether the last digit is right (modulus 11), and the number lies where numbers are given out:
/// England and Wales 4, 6 and 7; Northern Ireland 3; Scotland a day of birth first; 9 for tests.
fn is_issued(digits: &[u8; 10]) -> bool {
    let sum: u32 = digits.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let day = digits[0] * 10 + digits[1];
    let month = digits[2] * 10 + digits[3];
    let given = matches!(digits[0], 4 | 6 | 7 | 9)
        || (32..=39).contains(&day)
        || ((1..=31).contains(&day) && (1..=12).contains(&month));
    (11 - sum % 11) % 11 == u32::from(digits[9]) && given && digits.iter().any(|digit| *digit != digits[0])
}

/// Where numbers stand in a part of the text.
pub(super) fn within(text: &[u8], part: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut here = part.start;
    while here < part.end {
        match at(text, here).filter(|number| number.end <= part.end) {
            Some(number) => {
                here = number.end;
                found.push(number);
            }
            None => here += 1,
        }
    }
    found
}

/// A text without the numbers in it; borrowed where there are none.
pub fn redacted(text: &str) -> Cow<'_, str> {
    // Most hold no ten digits at all.
    if text.bytes().filter(u8::is_ascii_digit).count() < 10 {
        return Cow::Borrowed(text);
    }
    let numbers = within(text.as_bytes(), 0..text.len());
    if numbers.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut told = text.to_owned();
    for number in numbers.into_iter().rev() {
        told.replace_range(number, REDACTED);
    }
    Cow::Owned(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_can_be_somebodys_are_found() {
        for text in ["9434765919", "943 476 5919", "943-476-5919", "943%20476%205919", "4010232137"] {
            assert_eq!(at(text.as_bytes(), 0), Some(0..text.len()), "{text}");
        }
        for text in
            ["9434765918", "943 4765919", "94347659190", "1700000009", "0000000000", "943 476", "5555555555"]
        {
            assert_eq!(at(text.as_bytes(), 0), None, "{text}");
        }
        assert_eq!(redacted("/patient/9434765919/x"), "/patient/[NHS number]/x");
    }
}
