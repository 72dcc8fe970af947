//! What the law asks an organisation to report, to whom and by when: data in `content/clocks/`, and a clock for each
//! duty that a case has begun.
//!
//! A person decides when the organisation became aware, and of what; nothing is decided by the program. A correction
//! is another decision: what was decided before stays. See docs/decisions/0035-regulatory-clocks.md.

pub mod actions;
pub mod api;
pub mod draft;
pub mod due;
mod pages;
mod reading;
mod reminders;
mod state;
pub mod store;

use std::collections::BTreeMap;

use formats::ods::OrganisationKind;
use jiff::{civil::Date, tz::TimeZone};
use platform::{
    access::Role::{self, Analyst, DutyManager, Executive, Lead, Responder},
    settings::Regulators,
};

use crate::{
    case::{Party, Sight, Zone},
    incident,
};

pub use due::Offset;
pub use reading::{find, regimes};
pub use reminders::{KIND, REMINDER};
pub use state::{Event, Refused, State};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a decision on when an organisation became aware.
    pub AwarenessId
}

db::id! {
    /// Names a clock: one duty that one awareness began.
    pub ClockId
}

/// Whether a clock of this zone is still seen to by whoever has the case in this sight, though its incident was joined to
/// another: the organisation's own goes on. Who joined it knows nothing of that clock, and is told nothing.
pub(crate) fn goes_on(sight: &Sight, zone: Zone) -> bool {
    sight.incident.state == incident::State::Joined
        && sight.party == Party::Organisation
        && zone == Zone::Own
        && sight.would_write.contains(zone)
}

/// Decides on awareness, and keeps what was reported: the organisation's people, and the CERT on their word.
pub const WRITERS: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 2_000;
/// The longest of one fact.
pub const LONGEST_FACT: usize = 4_000;
/// The longest report that is kept.
pub const LONGEST_REPORT: usize = 40_000;
/// The longest reference number, and the longest name of whoever decided.
pub const LONGEST_NAME: usize = 200;

platform::vocabulary! {
    /// What an organisation becomes aware of.
    pub enum Trigger {
        PersonalDataBreach = "personal_data_breach", "A breach of personal data";
        HighRiskToPeople = "high_risk_to_people", "A breach of personal data that is likely to be a high risk to people";
        SignificantIncident = "significant_incident", "An incident with a significant impact on a service";
    }
}

platform::vocabulary! {
    /// What of a fact the case tells by itself.
    pub enum Known {
        Organisation = "organisation", "the organisation";
        Contact = "contact", "whom to ring";
        Aware = "aware", "when they became aware";
        Since = "since", "since when it is seen";
        Seen = "seen", "what is seen";
        Care = "care", "what care is affected";
        Services = "services", "the services on the impact board";
        Impact = "impact", "care that is affected, and the figures of the impact board";
    }
}

/// A law that asks for reports, as `content/clocks/` says.
#[derive(Clone, Debug)]
pub struct Regime {
    /// What names it for good: `gb-uk-gdpr`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Counts the versions of its file; a clock keeps the one that set it.
    pub version: i64,
    /// Its first day; `None` while it is off, until the installation sets one.
    pub in_force_from: Option<Date>,
    /// The countries where it holds, as ISO 3166 codes them.
    pub countries: Vec<String>,
    /// The zone in which its months and days are counted.
    pub zone: TimeZone,
    /// The zone's name.
    pub zone_name: String,
    /// Whom it concerns.
    pub kinds: Kinds,
    /// Whom it concerns under a condition, and that condition.
    pub kinds_if: Vec<(Kinds, String)>,
    /// The regime in whose place it stands once it is in force.
    pub replaces: Option<String>,
    /// The law.
    pub source: String,
    /// Where it is read.
    pub url: String,
    /// The day on which the file was last compared with the law.
    pub checked: Date,
    /// What it asks for.
    pub duties: Vec<Duty>,
}

/// Kinds of organisations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// All.
    All,
    /// These.
    These(Vec<OrganisationKind>),
}

/// One report that a regime asks for.
#[derive(Clone, Debug)]
pub struct Duty {
    /// What names it within its regime.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Of what one has to be aware.
    pub trigger: Trigger,
    /// By when.
    pub offset: Offset,
    /// The duty from whose report it counts, where that is not from awareness.
    pub after: Option<String>,
    /// Its place in the law.
    pub law: String,
    /// When it is not required.
    pub only_if: Option<String>,
    /// To whom.
    pub recipient: String,
    /// In which way.
    pub how: String,
    /// Where on the web.
    pub link: Option<String>,
    /// The number to ring.
    pub telephone: Option<String>,
    /// Whether and how it may be given in parts.
    pub phases: Option<String>,
    /// What it has to say.
    pub facts: Vec<Fact>,
}

/// Something that a report has to say.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What names it; the same in several regimes where it is the same.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// A line that helps to write it.
    pub hint: Option<String>,
    /// What of it the case tells.
    pub from: Option<Known>,
    /// Whether the law asks for it.
    pub required: bool,
}

/// An organisation as regimes see it.
#[derive(Clone, Debug)]
pub struct Whose {
    /// Its country, as ISO 3166 codes it.
    pub country: String,
    /// The code of its kind.
    pub kind: String,
}

/// How far a regime concerns an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applies {
    /// It does.
    Yes,
    /// It does if this is so.
    If(String),
}

impl Kinds {
    /// Whether this code is of one of them.
    pub fn contains(&self, code: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(kinds) => kinds.iter().any(|kind| kind.code() == code),
        }
    }

    /// In words.
    pub fn in_words(&self) -> String {
        match self {
            Self::All => "Every organisation".to_owned(),
            Self::These(kinds) => kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Regime {
    /// Its first day at this installation; `None` while it is off.
    pub fn starts(&self, settings: &Regulators) -> Option<Date> {
        settings.starts.get(&self.id).copied().or(self.in_force_from)
    }

    /// Whether it holds on `day`.
    pub fn is_in_force(&self, settings: &Regulators, day: Date) -> bool {
        self.starts(settings).is_some_and(|first| first <= day)
    }

    /// How far it concerns an organisation; `None` where not at all.
    pub fn applies(&self, whose: &Whose) -> Option<Applies> {
        if !self.countries.contains(&whose.country) {
            return None;
        }
        if self.kinds.contains(&whose.kind) {
            return Some(Applies::Yes);
        }
        let found = self.kinds_if.iter().find(|(kinds, _)| kinds.contains(&whose.kind));
        found.map(|(_, condition)| Applies::If(condition.clone()))
    }

    /// Its duty of this name.
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.id == id)
    }
}

/// The regimes that concern an organisation on `day`: not those in whose place another one stands by then.
pub fn applying(settings: &Regulators, whose: &Whose, day: Date) -> Vec<(&'static Regime, Applies)> {
    let found: Vec<_> = regimes()
        .iter()
        .filter(|regime| regime.is_in_force(settings, day))
        .filter_map(|regime| Some((regime, regime.applies(whose)?)))
        .collect();
    let replaced: Vec<_> = found.iter().filter_map(|(regime, _)| regime.replaces.clone()).collect();
    found.into_iter().filter(|(regime, _)| !replaced.contains(&regime.id)).collect()
}

/// The country of an organisation: that of the installation, but for the Crown dependencies, whose postcodes say so
/// and whose laws are their own.
pub fn country(settings: &Regulators, postcode: Option<&str>) -> String {
    let area: String =
        postcode.unwrap_or_default().trim().chars().take_while(char::is_ascii_alphabetic).collect();
    match (settings.country.as_str(), area.to_uppercase().as_str()) {
        ("GB", "JE") => "JE",
        ("GB", "GY") => "GG",
        ("GB", "IM") => "IM",
        (own, _) => own,
    }
    .to_owned()
}

/// First days that the settings give to regimes that nobody knows: a mistake to be told.
pub fn unknown_starts(starts: &BTreeMap<String, Date>) -> Vec<&str> {
    starts.keys().map(String::as_str).filter(|id| find(id).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn applied(settings: &Regulators, country: &str, kind: &str, day: Date) -> Vec<&'static str> {
        let whose = Whose { country: country.to_owned(), kind: kind.to_owned() };
        applying(settings, &whose, day).into_iter().map(|(regime, _)| regime.id.as_str()).collect()
    }

    #[test]
    fn each_regime_is_shown_only_where_its_country_and_kind_apply() {
        let settings = Regulators::default();
        let day = date(2026, 11, 27);
        for (country, kind, expected) in [
            ("GB", "trust", &["gb-uk-gdpr", "gb-nis-2018"][..]),
            ("GB", "icb", &["gb-uk-gdpr", "gb-nis-2018"]),
            ("GB", "independent_provider", &["gb-uk-gdpr", "gb-nis-2018"]),
            ("GB", "gp_practice", &["gb-uk-gdpr"]),
            ("GB", "pharmacy", &["gb-uk-gdpr"]),
            ("IE", "hospital_service", &["eu-nis2"]),
            ("IE", "pharmacy", &[]),
            ("US", "hospital_service", &["us-hipaa"]),
            ("JE", "hospital_service", &[]),
        ] {
            assert_eq!(applied(&settings, country, kind, day), expected, "{country} {kind}");
        }
        assert_eq!(applied(&settings, "GB", "trust", date(2018, 5, 9)), Vec::<&str>::new());
    }

    #[test]
    fn independent_providers_are_asked_whether_they_were_designated() {
        let nis = find("gb-nis-2018").unwrap();
        let applies = |kind: &str| nis.applies(&Whose { country: "GB".to_owned(), kind: kind.to_owned() });
        assert_eq!(applies("trust"), Some(Applies::Yes));
        assert!(matches!(applies("independent_provider"), Some(Applies::If(_))));
        assert_eq!(applies("gp_practice"), None);
    }

    #[test]
    fn the_bill_is_off_until_its_first_day_is_set_and_then_stands_for_the_duty_of_2018() {
        let mut settings = Regulators::default();
        let day = date(2027, 6, 1);
        assert_eq!(applied(&settings, "GB", "trust", day), ["gb-uk-gdpr", "gb-nis-2018"]);
        settings.starts.insert("gb-csr-bill".to_owned(), date(2027, 4, 1));
        assert_eq!(applied(&settings, "GB", "trust", day), ["gb-uk-gdpr", "gb-csr-bill"]);
        assert_eq!(applied(&settings, "GB", "trust", date(2027, 3, 31)), ["gb-uk-gdpr", "gb-nis-2018"]);
        assert!(unknown_starts(&settings.starts).is_empty());
        settings.starts.insert("gb-csr-act".to_owned(), date(2027, 4, 1));
        assert_eq!(unknown_starts(&settings.starts), ["gb-csr-act"]);
    }

    #[test]
    fn the_crown_dependencies_are_other_countries() {
        let settings = Regulators::default();
        for (postcode, expected) in [
            (Some("JE2 3QN"), "JE"),
            (Some("gy1 1aa"), "GG"),
            (Some("IM1 1AA"), "IM"),
            (Some("LS1 3EX"), "GB"),
        ] {
            assert_eq!(country(&settings, postcode), expected);
        }
        assert_eq!(country(&settings, None), "GB");
        assert_eq!(country(&Regulators { country: "IE".to_owned(), ..settings }, Some("JE2 3QN")), "IE");
    }
}
