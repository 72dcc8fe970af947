//! What kinds of threats there are.

use crate::advisory::ThreatType;

platform::vocabulary! {
    /// What kind of threat it is.
    pub enum Kind {
        Vulnerability = "vulnerability", "Vulnerability";
        Malware = "malware", "Malware";
        Campaign = "campaign", "Campaign";
        ThreatActor = "threat_actor", "Threat actor";
        AttackPattern = "attack_pattern", "Attack pattern";
        Report = "report", "Report";
        Fraud = "fraud", "Fraud";
    }
}

impl Kind {
    /// What an advisory about it is of, in the words of NHS cyber alerts.
    pub const fn advised_as(self) -> ThreatType {
        match self {
            Self::Vulnerability => ThreatType::Vulnerability,
            Self::Malware => ThreatType::Malware,
            Self::Campaign | Self::AttackPattern | Self::Fraud => ThreatType::AttackMethodology,
            Self::ThreatActor | Self::Report => ThreatType::Intelligence,
        }
    }

    /// What the word takes in, where that is not plain.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Campaign => "A series of attacks that belong together",
            Self::ThreatActor => "A person or group that attacks",
            Self::AttackPattern => "A way in which attackers go about it",
            Self::Fraud => "Payments diverted, false invoices, somebody's identity used",
            _ => "",
        }
    }
}
