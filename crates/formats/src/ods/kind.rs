//! What kinds of organisation a health and care sector is made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;

/// A text that names no kind of organisation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a type of organisation; use a code such as trust, gp_practice or care_home.")]
pub struct UnknownKind(String);

/// Writes the enum, its codes and its labels from one table, so that they cannot drift apart.
macro_rules! kinds {
    ($($name:ident $code:literal $label:literal,)+) => {
        /// The kind of an organisation: what an audience is chosen by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum OrganisationKind {
            $(#[doc = $label] $name,)+
        }

        impl OrganisationKind {
            /// Every kind, in the order in which a list shows them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable code that is stored and sent.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The kind in plain words, for one organisation.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }
        }
    };
}

kinds! {
    Trust "trust" "NHS trust",
    Ambulance "ambulance" "Ambulance service",
    GpPractice "gp_practice" "GP practice",
    Pharmacy "pharmacy" "Pharmacy",
    DentalPractice "dental_practice" "Dental practice",
    Optician "optician" "Optician",
    CareHome "care_home" "Care home",
    Hospice "hospice" "Hospice",
    OutOfHours "out_of_hours" "Out-of-hours service",
    WalkInCentre "walk_in_centre" "Walk-in centre",
    UrgentCare "urgent_care" "Urgent care service",
    CommunityHealth "community_health" "Community health service",
    HospitalService "hospital_service" "Hospital service",
    PublicHealth "public_health" "Public health service",
    SexualAssaultReferral "sexual_assault_referral" "Sexual assault referral centre",
    Prison "prison" "Prison",
    SecureSetting "secure_setting" "Other secure setting",
    IndependentProvider "independent_provider" "Independent provider",
    Icb "icb" "Integrated care board",
    Region "region" "Regional body",
    LocalAuthority "local_authority" "Local authority",
    NationalBody "national_body" "National body",
    Supplier "supplier" "Supplier",
    Other "other" "Other organisation",
}

impl OrganisationKind {
    /// The kind that an ODS prescribing setting stands for.
    pub const fn of_prescribing_setting(setting: u8) -> Self {
        match setting {
            1 => Self::WalkInCentre,
            2 | 3 => Self::OutOfHours,
            4 => Self::GpPractice,
            8 => Self::PublicHealth,
            9 => Self::CommunityHealth,
            10 => Self::HospitalService,
            11 => Self::Optician,
            12 => Self::UrgentCare,
            13 => Self::Hospice,
            14 => Self::CareHome,
            15..=21 | 24 => Self::SecureSetting,
            22 => Self::SexualAssaultReferral,
            25 => Self::Prison,
            _ => Self::Other,
        }
    }
}

/// What ODS calls a prescribing setting, where it has a meaning that we know.
pub const fn prescribing_setting(setting: u8) -> Option<&'static str> {
    Some(match setting {
        0 => "Other",
        1 => "Walk-in centre",
        2 => "Out-of-hours service",
        3 => "Walk-in centre and out-of-hours service",
        4 => "GP practice",
        8 => "Public health service",
        9 => "Community health service",
        10 => "Hospital service",
        11 => "Optometry service",
        12 => "Urgent and emergency care",
        13 => "Hospice",
        14 => "Care home or nursing home",
        15 => "Border force",
        16 => "Young offender institution",
        17 => "Secure training centre",
        18 => "Secure children's home",
        19 => "Immigration removal centre",
        20 => "Court",
        21 => "Police custody",
        22 => "Sexual assault referral centre",
        24 => "Other justice estate",
        25 => "Prison",
        _ => return None,
    })
}

impl fmt::Display for OrganisationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl FromStr for OrganisationKind {
    type Err = UnknownKind;

    /// Reads a code or a label, in any case, with hyphens or spaces for underscores.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let fold = |s: &str| s.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        // The longest label has 30 letters; whatever is far longer need not be folded.
        if text.len() > 100 {
            return Err(UnknownKind(excerpt(text)));
        }
        let wanted = fold(text);
        Self::ALL
            .iter()
            .copied()
            .find(|kind| wanted == kind.code() || wanted == fold(kind.label()))
            .ok_or_else(|| UnknownKind(excerpt(text)))
    }
}

impl From<OrganisationKind> for &'static str {
    fn from(kind: OrganisationKind) -> Self {
        kind.code()
    }
}

impl TryFrom<String> for OrganisationKind {
    type Error = UnknownKind;

    fn try_from(text: String) -> Result<Self, UnknownKind> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_codes_and_labels() {
        for &kind in OrganisationKind::ALL {
            assert_eq!(kind.code().parse(), Ok(kind));
            assert_eq!(kind.label().parse(), Ok(kind));
        }
        assert_eq!("Care-Home".parse(), Ok(OrganisationKind::CareHome));
        assert!("trusts".parse::<OrganisationKind>().is_err());
        assert!("".parse::<OrganisationKind>().is_err());
    }

    #[test]
    fn a_secure_setting_is_never_a_gp_practice() {
        for setting in 0..=u8::MAX {
            let kind = OrganisationKind::of_prescribing_setting(setting);
            assert_eq!(kind == OrganisationKind::GpPractice, setting == 4);
            assert!(kind == OrganisationKind::Other || prescribing_setting(setting).is_some());
        }
    }
}
