//! The roles of DESIGN: five at an organisation, four at the CERT.

use std::{fmt, str::FromStr};

/// What a person may do, at one organisation or at the CERT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers alerts and reports incidents.
    Responder,
    /// A responder who also keeps assessments, contacts and staff.
    Lead,
    /// The SIRO: receives escalations, accepts risks.
    Executive,
    /// Reads what the organisation may read.
    Viewer,
    /// Learns, and reports suspicious mail.
    Learner,
    /// Writes advisories.
    Analyst,
    /// Approves and publishes; decides at night.
    DutyManager,
    /// Keeps accounts, organisations, jobs.
    Admin,
    /// Reads everything and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Responder,
        Self::Lead,
        Self::Executive,
        Self::Viewer,
        Self::Learner,
        Self::Analyst,
        Self::DutyManager,
        Self::Admin,
        Self::Auditor,
    ];
    /// The roles at the CERT.
    pub const AT_CERT: &[Self] = &[Self::Analyst, Self::DutyManager, Self::Admin, Self::Auditor];
    /// Those who answer alerts for an organisation.
    pub const ANSWERING: &[Self] = &[Self::Responder, Self::Lead];
    /// Those who see an organisation's alerts.
    pub const READING: &[Self] = &[Self::Responder, Self::Lead, Self::Executive, Self::Viewer];

    /// The word in database, code and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Lead => "lead",
            Self::Executive => "executive",
            Self::Viewer => "viewer",
            Self::Learner => "learner",
            Self::Analyst => "analyst",
            Self::DutyManager => "duty_manager",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Responder => "Responder",
            Self::Lead => "Security lead",
            Self::Executive => "Executive (SIRO)",
            Self::Viewer => "Viewer",
            Self::Learner => "Learner",
            Self::Analyst => "Analyst",
            Self::DutyManager => "Duty manager",
            Self::Admin => "Administrator",
            Self::Auditor => "Auditor",
        }
    }

    /// Whether it is held at the CERT rather than at an organisation.
    pub fn at_cert(self) -> bool {
        Self::AT_CERT.contains(&self)
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.code() == text).ok_or(())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

db::text_column!(Role);
