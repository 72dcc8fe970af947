//! The category of an incident by the public categorisation of the National Cyber Security Centre ("New cyber attack
//! categorisation system to improve UK response to incidents", April 2018, read in November 2026): what we propose.
//! What the NCSC assigns is entered by a person, and kept apart.

use formats::ods::OrganisationKind;

use super::rule::{Answer, Facts, Question};

/// The categories: number, name, and what they are for, in the NCSC's words but shorter.
pub const CATEGORIES: &[(i64, &str, &str)] = &[
    (
        1,
        "National cyber emergency",
        "Sustained disruption of essential services, or national security affected: severe consequences, or loss of life",
    ),
    (
        2,
        "Highly significant incident",
        "Serious impact on central government, essential services, a large part of the population or the economy",
    ),
    (
        3,
        "Significant incident",
        "Serious impact on a large organisation or on wider or local government, or considerable risk to essential services",
    ),
    (
        4,
        "Substantial incident",
        "Serious impact on a medium-sized organisation, or considerable risk to a large one",
    ),
    (
        5,
        "Moderate incident",
        "Impact on a small organisation, considerable risk to a medium-sized one, or first signs of an attack on a large one",
    ),
    (
        6,
        "Localised incident",
        "Impact on an individual, or first signs of an attack on a small or medium-sized organisation",
    ),
];

/// "3, Significant incident".
pub fn called(number: i64) -> String {
    let found = CATEGORIES.iter().find(|category| category.0 == number);
    found.map_or_else(|| number.to_string(), |category| format!("{number}, {}", category.1))
}

/// How large an organisation is, as far as its kind tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Small,
    Medium,
    Large,
}

/// By its kind; one of which nothing is known counts as medium-sized.
fn size(kind: Option<OrganisationKind>) -> Size {
    use OrganisationKind as Kind;
    match kind {
        Some(
            Kind::Trust
            | Kind::Ambulance
            | Kind::Icb
            | Kind::Region
            | Kind::LocalAuthority
            | Kind::NationalBody
            | Kind::Supplier,
        ) => Size::Large,
        Some(
            Kind::GpPractice
            | Kind::Pharmacy
            | Kind::DentalPractice
            | Kind::Optician
            | Kind::CareHome
            | Kind::SexualAssaultReferral,
        ) => Size::Small,
        _ => Size::Medium,
    }
}

/// The category that we propose. The first is never computed: that is for people to say.
pub fn computed(facts: &Facts, kind: Option<OrganisationKind>) -> i64 {
    let yes = |question| facts.of(question) == Answer::Yes;
    let care = yes(Question::Harm) || yes(Question::Diverted) || yes(Question::NoDowntime);
    let serious = care
        || [Question::DomainLost, Question::BackupsHit, Question::Degraded, Question::SpecialData]
            .map(yes)
            .contains(&true);
    let attempt = facts.of(Question::Effect) == Answer::No && !serious;
    match size(kind) {
        Size::Large if care && yes(Question::Spread) => 2,
        _ if yes(Question::Spread) => 3,
        Size::Large if serious => 3,
        Size::Medium if serious => 4,
        Size::Large if attempt => 5,
        Size::Large => 4,
        Size::Small if serious => 5,
        Size::Medium if !attempt => 5,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer::*, Question::*, *};

    #[test]
    fn the_table_of_what_is_proposed() {
        let facts = |yes: &[Question]| yes.iter().fold(Facts::UNKNOWN, |all, each| all.with(*each, Yes));
        let attempt = Facts::UNKNOWN.with(Effect, No);
        let (trust, practice) = (Some(OrganisationKind::Trust), Some(OrganisationKind::GpPractice));
        for (facts, kind, expected) in [
            (facts(&[Diverted, Spread]), trust, 2),
            (facts(&[Spread]), practice, 3),
            (facts(&[Diverted]), trust, 3),
            (facts(&[Degraded]), trust, 3),
            (facts(&[Effect]), trust, 4),
            (Facts::UNKNOWN, trust, 4),
            (attempt, trust, 5),
            (facts(&[Degraded]), practice, 5),
            (facts(&[Effect]), practice, 6),
            (attempt, practice, 6),
            (facts(&[Degraded]), None, 4),
            (facts(&[Effect]), None, 5),
            (attempt, None, 6),
        ] {
            assert_eq!(computed(&facts, kind), expected, "{facts:?} {kind:?}");
        }
        assert!(CATEGORIES.iter().map(|category| category.0).eq(1..=6));
        assert_eq!(called(3), "3, Significant incident");
    }
}
