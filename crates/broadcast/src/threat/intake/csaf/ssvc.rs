//! SSVC as CISA writes it in a note of an advisory: `SSVCv2/E:P/A:N/T:T/2024-09-10T17:02:15+00:00/`.

use formats::{
    csaf::Note,
    ssvc::{Automatable, Exploitation, TechnicalImpact, Value},
};
use jiff::{Timestamp, tz::TimeZone};

use crate::threat::Assessed;

/// The newest assessment that notes hold; the last of those that tell no time.
pub(super) fn assessed(notes: &[Note], by: &str) -> Option<Assessed> {
    let all = notes.iter().filter_map(|note| read(&note.text, by));
    all.max_by_key(|(at, _)| *at).map(|(_, assessed)| assessed)
}

/// What a note says, and when; nothing where it is no assessment. A point that cannot be read is unknown.
fn read(text: &str, by: &str) -> Option<(Option<Timestamp>, Assessed)> {
    let text = text.trim();
    let text = text.strip_prefix("SSVC:").unwrap_or(text).trim_start();
    let mut parts = text.split('/').map(str::trim);
    parts.next().filter(|first| first.starts_with("SSVCv") || *first == "SSVC")?;
    let (mut at, mut assessed) = (
        None,
        Assessed {
            exploitation: None,
            automatable: None,
            technical_impact: None,
            by: by.to_owned(),
            on: None,
        },
    );
    for part in parts {
        match part.split_once(':') {
            Some(("E", letter)) => {
                assessed.exploitation = of(Exploitation::ALL, Exploitation::value, letter);
            }
            Some(("A", letter)) => assessed.automatable = of(Automatable::ALL, Automatable::value, letter),
            Some(("T", letter)) => {
                assessed.technical_impact = of(TechnicalImpact::ALL, TechnicalImpact::value, letter);
            }
            _ => at = at.or_else(|| part.parse::<Timestamp>().ok()),
        }
    }
    let is_told = assessed.exploitation.is_some()
        || assessed.automatable.is_some()
        || assessed.technical_impact.is_some();
    assessed.on = at.map(|at| TimeZone::UTC.to_datetime(at).date());
    is_told.then_some((at, assessed))
}

fn of<T: Copy>(all: &[T], value: fn(T) -> &'static Value, letter: &str) -> Option<T> {
    all.iter().copied().find(|each| value(*each).letter.eq_ignore_ascii_case(letter.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_by_their_letters_and_what_is_none_is_passed_over() {
        let (at, assessed) = read("SSVCv2/E:P/A:N/T:T/2024-09-10T17:02:15.765344+00:00/", "CISA").unwrap();
        assert_eq!(at.unwrap().to_string(), "2024-09-10T17:02:15.765344Z");
        assert_eq!(assessed.exploitation, Some(Exploitation::Poc));
        assert_eq!(assessed.automatable, Some(Automatable::No));
        assert_eq!(assessed.technical_impact, Some(TechnicalImpact::Total));
        assert_eq!((assessed.by.as_str(), assessed.on.unwrap().to_string().as_str()), ("CISA", "2024-09-10"));
        let (at, partly) = read("SSVC: SSVCv2/E:A/A:?/T:P", "CISA").unwrap();
        assert_eq!((at, partly.exploitation, partly.automatable), (None, Some(Exploitation::Active), None));
        for none in ["", "SSVC", "SSVCv2/", "SSVCv2/E:X/2024-09-10T17:02:15Z", "AV:N/E:P/A:N", "E:P/A:N/T:T"]
        {
            assert_eq!(read(none, "CISA"), None, "{none}");
        }
    }
}
