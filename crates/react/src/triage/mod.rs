//! How urgent an incident is, what kind it is, and whether it gets better: decided from answers to ten questions, shown
//! with the reasons, and changed by whoever knows more.
//!
//! All of it stands in the shared zone of the case. The rule is in [`rule`] and pure; what a report tells is in
//! [`from_report`]; who is rung for it, in [`paging`].

pub mod actions;
pub mod from_report;
pub mod ncsc;
mod pages;
pub mod paging;
pub mod policy;
pub mod rsit;
pub mod rule;
pub mod store;

pub(crate) use pages::routes;
pub use rule::{Answer, Facts, Question, Verdict, decide};

/// The longest reason for a priority that a person sets, in characters.
pub const LONGEST: usize = 1_000;
/// The longest reference of the NCSC.
pub const LONGEST_REFERENCE: usize = 100;

/// What stands for the meaning of a priority that is so high because nobody has said otherwise.
pub const NOT_KNOWN: &str = "So urgent because of what is not known yet";

platform::vocabulary! {
    /// How urgent an incident is.
    pub enum Priority {
        P1 = "p1", "P1";
        P2 = "p2", "P2";
        P3 = "p3", "P3";
        P4 = "p4", "P4";
    }
}

platform::vocabulary! {
    /// Whether it gets better, as somebody judges it.
    pub enum Outlook {
        Improving = "improving", "Improving";
        Stable = "stable", "Stable";
        Worsening = "worsening", "Worsening";
    }
}

platform::vocabulary! {
    /// From whom an answer is.
    pub enum Source {
        Report = "report", "From the report";
        Organisation = "organisation", "The organisation";
        Cert = "cert", "The CERT";
    }
}

impl Priority {
    /// Its place: the most urgent is 0.
    pub const fn rank(self) -> usize {
        self as usize
    }

    /// One level more urgent.
    #[must_use]
    pub const fn up(self) -> Self {
        match self {
            Self::P1 | Self::P2 => Self::P1,
            Self::P3 => Self::P2,
            Self::P4 => Self::P3,
        }
    }

    /// What it means, in a line.
    pub const fn means(self) -> &'static str {
        match self {
            Self::P1 => "Patients, emergency care, or more than one organisation",
            Self::P2 => "Care is degraded, sensitive data is gone, or it still goes on",
            Self::P3 => "Contained, and care is not touched",
            Self::P4 => "An attempt: nothing got in",
        }
    }

    /// Whether somebody is to be helped at once.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::P1 | Self::P2)
    }

    /// What it means of an incident that has it for this reason.
    pub const fn means_by(self, because: &Because) -> &'static str {
        if because.not_known > 0 && !because.is_set { NOT_KNOWN } else { self.means() }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::P1 => "red",
            Self::P2 => "orange",
            Self::P3 => "blue",
            Self::P4 => "grey",
        }
    }
}

impl Outlook {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Improving => "green",
            Self::Stable => "blue",
            Self::Worsening => "red",
        }
    }
}

/// What decides a priority, as it is kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Because {
    /// What is so.
    pub so: Vec<Question>,
    /// How many questions are not answered and count one up.
    pub not_known: usize,
    /// A person set it, with a reason.
    pub is_set: bool,
}

impl Because {
    /// What decides, by this verdict or by a person.
    pub fn of(verdict: &Verdict, is_set: bool) -> Self {
        Self { so: verdict.because.clone(), not_known: verdict.not_known.len(), is_set }
    }

    /// As the column has it: `diverted backups_hit ?3 !`.
    pub fn code(&self) -> String {
        let mut words: Vec<String> = self.so.iter().map(|question| question.code().to_owned()).collect();
        if self.not_known > 0 {
            words.push(format!("?{}", self.not_known));
        }
        if self.is_set {
            words.push("!".to_owned());
        }
        words.join(" ")
    }

    /// Reads the column; a word that is known no more is left out.
    pub fn read(code: &str) -> Self {
        let mut because = Self::default();
        for word in code.split_whitespace() {
            if let Ok(question) = word.parse() {
                because.so.push(question);
            } else if word == "!" {
                because.is_set = true;
            } else if let Some(count) = word.strip_prefix('?') {
                because.not_known = count.parse().unwrap_or_default();
            }
        }
        because
    }

    /// In words, behind the priority: "Emergency or critical care is diverted; 3 not known".
    pub fn in_words(&self) -> String {
        if self.is_set {
            return "Set by a person, with a reason".to_owned();
        }
        let so: Vec<_> = self.so.iter().map(|question| question.is_so()).collect();
        let mut words = so.join(", and ");
        if words.is_empty() {
            words = match self.not_known {
                0 => "nothing got in, failed or went missing".to_owned(),
                _ => "nothing is known to have got in".to_owned(),
            };
        }
        if self.not_known > 0 {
            words = format!("{words}; what is not known counts one up");
        }
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_reads_back_and_is_told_in_words() {
        let because = Because { so: vec![Question::Diverted, Question::Harm], not_known: 3, is_set: false };
        assert_eq!(because.code(), "diverted harm ?3");
        assert_eq!(Because::read(&because.code()), because);
        assert_eq!(
            because.in_words(),
            "Emergency or critical care is diverted, and a patient is harmed or likely to be; what is not known counts one up"
        );
        let set = Because { is_set: true, ..because };
        assert_eq!(Because::read(&set.code()), set);
        assert_eq!(Because::read("aliens ?x").code(), "");
        assert!(Priority::ALL.iter().map(|each| each.rank()).eq(0..4));
    }
}
