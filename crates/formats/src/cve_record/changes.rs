//! Which records changed: the lists `delta.json` and `deltaLog.json` of the CVE Program's repository
//! cvelistV5. The first holds what changed since it was last written, some minutes ago; the second is a
//! list of thirty days of these.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::csaf::feed::{Hosts, address};
use crate::json_items::in_words;
use crate::refusal::excerpt;
use crate::{CveId, Refusal};

/// So far into a document it is told whether it is such a list.
const HEAD: usize = 4096;

/// A record that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub cve: CveId,
    /// Where it lies: an `https` address at a host with a name.
    pub url: url::Url,
    /// When it last changed.
    pub at: Timestamp,
}

/// A list of changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// Each record once, as it changed last.
    pub changes: Vec<Change>,
    /// Why rows were refused.
    pub refused: Vec<Refusal>,
    /// From when on the list tells of what changed, where it tells of anything.
    pub since: Option<Timestamp>,
    /// When it was last added to.
    pub until: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    fetch_time: Timestamp,
    #[serde(default)]
    new: Vec<Row>,
    #[serde(default)]
    updated: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    cve_id: String,
    github_link: String,
    date_updated: Option<String>,
}

/// Whether a document is a list of changes, or the beginning of one.
pub fn is_one(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let begins = head.trim_start_matches('\u{feff}').trim_start().starts_with(['[', '{']);
    begins && head.contains("\"fetchTime\"") && !head.contains("\"dataType\"")
}

/// Reads a list of changes. One that is cut short is refused as a whole.
pub fn read(bytes: &[u8]) -> Result<Changes, Refusal> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_log = bytes.trim_ascii_start().starts_with(b"[");
    let periods: Result<Vec<Period>, _> = if is_log {
        serde_json::from_slice(bytes)
    } else {
        serde_json::from_slice(bytes).map(|period| vec![period])
    };
    let periods = periods.map_err(|error| {
        let reason = format!("The list of changed records cannot be read: {}.", in_words(&error));
        Refusal::at(error.line() as u64, reason).at_the_end()
    })?;
    Ok(of(&periods))
}

fn of(periods: &[Period]) -> Changes {
    let mut list = Changes::default();
    let mut places: HashMap<CveId, usize> = HashMap::new();
    for period in periods {
        list.until = list.until.max(Some(period.fetch_time));
        list.tell_since(period.fetch_time);
        for row in period.new.iter().chain(&period.updated) {
            match row.change(period.fetch_time) {
                Ok(change) => {
                    list.tell_since(change.at.min(period.fetch_time));
                    match places.get(&change.cve) {
                        Some(place) if list.changes[*place].at >= change.at => {}
                        Some(place) => list.changes[*place] = change,
                        None => {
                            places.insert(change.cve, list.changes.len());
                            list.changes.push(change);
                        }
                    }
                }
                Err(reason) => list.refused.push(Refusal::at(1, reason)),
            }
        }
    }
    list
}

impl Changes {
    fn tell_since(&mut self, at: Timestamp) {
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }
}

impl Row {
    /// The change that it tells of; one without a date is of when the list was written.
    fn change(&self, written: Timestamp) -> Result<Change, String> {
        let called = excerpt(&self.cve_id);
        let cve = self.cve_id.parse().map_err(|error: crate::cve::NotACve| error.to_string())?;
        let url =
            address(&self.github_link, Hosts::AnyNamed).map_err(|error| format!("{called}: {error}"))?;
        let at = match &self.date_updated {
            None => written,
            Some(date) => date.parse().map_err(|_| format!("{called}: {} is not a date.", excerpt(date)))?,
        };
        Ok(Change { cve, url, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELTA: &str = r#"{
  "fetchTime": "2025-12-13T14:09:13.084Z",
  "numberOfChanges": 1,
  "new": [
    {
      "cveId": "CVE-2025-14617",
      "cveOrgLink": "https://www.cve.org/CVERecord?id=CVE-2025-14617",
      "githubLink": "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/2025/14xxx/CVE-2025-14617.json",
      "dateUpdated": "2025-12-13T14:02:07.989Z"
    }
  ],
  "updated": [],
  "error": []
}"#;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_minutes_are_read_as_the_repository_writes_them() {
        assert!(is_one(DELTA.as_bytes()));
        let list = read(DELTA.as_bytes()).unwrap();
        assert_eq!(list.changes.len(), 1);
        assert_eq!(list.changes[0].cve.to_string(), "CVE-2025-14617");
        assert!(list.changes[0].url.path().ends_with("/14xxx/CVE-2025-14617.json"));
        assert_eq!(list.since, Some(at("2025-12-13T14:02:07.989Z")));
        assert_eq!(list.until, Some(at("2025-12-13T14:09:13.084Z")));
    }

    #[test]
    fn a_log_names_each_record_once_as_it_changed_last() {
        let earlier = DELTA.replace("2025-12-13T14", "2025-11-20T08");
        let log = format!("\u{feff}[{DELTA}, {earlier}]");
        assert!(is_one(log.as_bytes()));
        let list = read(log.as_bytes()).unwrap();
        assert_eq!(list.changes.len(), 1);
        assert_eq!(list.changes[0].at, at("2025-12-13T14:02:07.989Z"));
        assert_eq!(list.since, Some(at("2025-11-20T08:02:07.989Z")));
        assert_eq!(list.until, Some(at("2025-12-13T14:09:13.084Z")));
    }

    #[test]
    fn what_leads_to_no_public_place_is_refused_and_the_rest_is_read() {
        let row = |cve: &str, link: &str| {
            format!(r#"{{"cveId": "{cve}", "githubLink": "{link}", "dateUpdated": "2026-01-01T00:00:00Z"}}"#)
        };
        let rows = [
            row("CVE-2026-0001", "https://a.example/CVE-2026-0001.json"),
            row("CVE-2026-0002", "https://10.0.0.1/CVE-2026-0002.json"),
            row("CVE-2026-0003", "http://a.example/CVE-2026-0003.json"),
            row("CVE-2026-0004", "https://a.localhost/"),
            row("nonsense", "https://a.example/"),
        ];
        let text = format!(r#"{{"fetchTime": "2026-01-01T00:01:00Z", "new": [{}]}}"#, rows.join(","));
        let list = read(text.as_bytes()).unwrap();
        assert_eq!((list.changes.len(), list.refused.len()), (1, 4), "{:?}", list.refused);
    }

    #[test]
    fn what_is_cut_short_or_no_list_is_not_taken_for_one() {
        let cut = read(&DELTA.as_bytes()[..200]).unwrap_err();
        assert!(cut.is_end && cut.reason.ends_with("it ends too early."), "{cut}");
        for other in ["", "[]", "{}", r#"{"dataType": "CVE_RECORD"}"#, "[{\"dataType\": 1}]"] {
            assert!(!is_one(other.as_bytes()), "{other}");
        }
    }
}
