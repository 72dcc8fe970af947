//! What CISA's Vulnrichment adds to a record: the decision points of SSVC, and the listing among the
//! known exploited vulnerabilities.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::PublishedTime;
pub use crate::ssvc::{Automatable, Exploitation, TechnicalImpact};

/// An assessment by SSVC. A decision point that was not decided is unknown, not harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ssvc {
    /// The vulnerability that it is of, as it says.
    pub id: Option<String>,
    /// Who assessed, such as CISA Coordinator.
    pub role: Option<String>,
    /// The version of SSVC.
    pub version: Option<String>,
    /// When it was assessed.
    pub timestamp: Option<PublishedTime>,
    /// Whether it is being exploited.
    pub exploitation: Option<Exploitation>,
    /// Whether it can be automated.
    pub automatable: Option<Automatable>,
    /// What an attacker gains.
    pub technical_impact: Option<TechnicalImpact>,
    /// Decision points and values that are not known here, and second answers to the same point.
    pub others: Vec<SsvcOption>,
}

/// A decision point with its value, as they were published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SsvcOption {
    /// The decision point.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Ssvc {
    /// What the content of a metric says: CISA's `options`, or the `selections` of the schema.
    pub(super) fn read(content: &Value) -> Option<Self> {
        let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut ssvc = Self {
            id: text("id"),
            role: text("role"),
            version: text("version").or_else(|| text("schemaVersion")),
            timestamp: text("timestamp").and_then(|at| serde_json::from_value(Value::String(at)).ok()),
            ..Self::default()
        };
        if let Some(options) = content.get("options").and_then(Value::as_array) {
            for (name, value) in options.iter().filter_map(Value::as_object).flatten() {
                ssvc.take(name, value);
            }
        } else {
            for selection in content.get("selections").and_then(Value::as_array)? {
                let name = selection.get("name").and_then(Value::as_str).unwrap_or_default();
                for value in selection.get("values").and_then(Value::as_array).into_iter().flatten() {
                    ssvc.take(name, value);
                }
            }
        }
        Some(ssvc)
    }

    fn take(&mut self, name: &str, value: &Value) {
        let taken = match name.trim().to_ascii_lowercase().as_str() {
            "exploitation" => fill(&mut self.exploitation, value),
            "automatable" => fill(&mut self.automatable, value),
            "technical impact" => fill(&mut self.technical_impact, value),
            _ => false,
        };
        if !taken {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.others.push(SsvcOption { name: name.to_owned(), value });
        }
    }
}

/// Fills `place` with what `value` means in any case, unless it is filled or the value unknown.
fn fill<T: for<'a> Deserialize<'a>>(place: &mut Option<T>, value: &Value) -> bool {
    let word = value.as_str().map(|word| word.trim().to_ascii_lowercase());
    let meant = word.and_then(|word| serde_json::from_value(Value::String(word)).ok());
    if place.is_some() || meant.is_none() {
        return false;
    }
    *place = meant;
    true
}

/// A listing in CISA's catalogue of known exploited vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KevListing {
    /// The day on which it was added, where one is told.
    pub date_added: Option<Date>,
    /// The page of the catalogue.
    pub reference: Option<String>,
}

impl KevListing {
    /// What the content of a metric says. That it is listed holds even where its day is not read.
    pub(super) fn read(content: &Value) -> Self {
        let text = |name: &str| content.get(name).and_then(Value::as_str);
        Self {
            date_added: text("dateAdded").and_then(|day| day.trim().parse().ok()),
            reference: text("reference").map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssvc(json: &str) -> Ssvc {
        Ssvc::read(&serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn decision_points_are_read_in_any_case_and_unknown_ones_kept() {
        let ssvc = ssvc(
            r#"{"options":[{"Exploitation":"Active"},{"Automatable":"maybe"},{"exploitation":"none"},
                {"Mission Impact":"high","Technical Impact":"total"},{"Public Safety":7}]}"#,
        );
        assert_eq!(ssvc.exploitation, Some(Exploitation::Active));
        assert_eq!(ssvc.automatable, None);
        assert_eq!(ssvc.technical_impact, Some(TechnicalImpact::Total));
        let others: Vec<_> = ssvc.others.iter().map(|o| (o.name.as_str(), o.value.as_str())).collect();
        assert_eq!(
            others,
            [
                ("Automatable", "maybe"),
                ("exploitation", "none"),
                ("Mission Impact", "high"),
                ("Public Safety", "7")
            ]
        );
    }

    #[test]
    fn the_schemas_own_form_is_read_too() {
        let ssvc = ssvc(
            r#"{"id":"CVE-2024-0001","schemaVersion":"1-0-1","selections":[
                {"name":"Exploitation","namespace":"ssvc","version":"1.1.0","values":["poc"]}]}"#,
        );
        assert_eq!(ssvc.exploitation, Some(Exploitation::Poc));
        assert_eq!(ssvc.version.as_deref(), Some("1-0-1"));
        assert_eq!(Ssvc::read(&Value::Null), None);
    }

    #[test]
    fn a_listing_holds_even_without_its_day() {
        let listing = |json: &str| KevListing::read(&serde_json::from_str(json).unwrap());
        assert_eq!(listing(r#"{"dateAdded":"2024-07-23"}"#).date_added, Some("2024-07-23".parse().unwrap()));
        assert_eq!(listing(r#"{"dateAdded":"July"}"#), KevListing { date_added: None, reference: None });
    }
}
