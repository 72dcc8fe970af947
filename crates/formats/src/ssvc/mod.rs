//! SSVC, the Stakeholder-Specific Vulnerability Categorization, as CISA decides by it: five decision
//! points, of which any may be unknown, and the outcome that they lead to.
//!
//! The tree is that of the CISA SSVC Guide (November 2021), which the CERT/CC publishes as
//! `cisa_coordinator_2_0_3.csv`. What is unknown is never taken for harmless: see [`Points::outcomes`].

mod points;
mod tree;

use serde::{Deserialize, Serialize};

pub use points::{NotPoints, Point, Points, Value};
pub use tree::{MissionAndWellBeing, Outcome, Outcomes, decide};

/// Declares a decision point: its values rise from the harmless to the worst.
macro_rules! decision_point {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal, $letter:literal, $label:literal, $means:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $(#[doc = $means] $variant),+ }

        impl $name {
            /// Every value, the most harmless first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            pub(in crate::ssvc) const VALUES: &[Value] =
                &[$(Value { code: $code, letter: $letter, label: $label, means: $means }),+];

            /// How it is written and what it means.
            pub const fn value(self) -> &'static Value {
                &Self::VALUES[self as usize]
            }
        }
    };
}

decision_point! {
    /// Whether a vulnerability is being exploited.
    Exploitation {
        None = "none", "N", "None", "There is no evidence of exploitation, and no public proof of concept.";
        Poc = "poc", "P", "Proof of concept", "There is a public proof of concept, or the method is well known.";
        Active = "active", "A", "Active", "There is reliable evidence that attackers exploit it.";
    }
}

decision_point! {
    /// Whether an attacker can automate the first steps: finding targets, preparing, delivering, exploiting.
    Automatable {
        No = "no", "N", "No", "One of these steps cannot be reliably automated.";
        Yes = "yes", "Y", "Yes", "All of these steps can be reliably automated.";
    }
}

decision_point! {
    /// How much of the vulnerable component an attacker gains.
    TechnicalImpact {
        Partial = "partial", "P", "Partial", "Limited control over the component, or some of its information.";
        Total = "total", "T", "Total", "Total control of the component, or all of its information.";
    }
}

decision_point! {
    /// How much the missions of the sector rest on the component.
    MissionPrevalence {
        Minimal = "minimal", "M", "Minimal", "It may be in use, but essential work does not rest on it.";
        Support = "support", "S", "Support", "It supports essential work of two organisations or more.";
        Essential = "essential", "E", "Essential", "It does a part of the essential work of one organisation or more.";
    }
}

decision_point! {
    /// How much harm to people a compromise of the component can do.
    PublicWellBeing {
        Minimal = "minimal", "M", "Minimal", "Less than what material harm begins with.";
        Material = "material", "A", "Material", "Injury or distress, hazards, reduced safety margins, or great loss.";
        Irreversible = "irreversible", "I", "Irreversible", "Deaths are likely, or a system that patients depend on is lost.";
    }
}
