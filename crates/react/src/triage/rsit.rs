//! The Reference Security Incident Taxonomy: 11 classes and 39 types, as `data/react/rsit` has them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::report::Seen;

/// A class of incidents, with its types.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What belongs to it.
    pub description: String,
    /// Its types.
    pub types: Vec<Type>,
}

/// A type of incidents.
#[derive(Clone, Debug)]
pub struct Type {
    /// Its class and itself: `intrusions:system-compromise`.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What belongs to it.
    pub description: String,
}

static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    read(include_str!("../../../../data/react/rsit/machinev1.json")).expect("a test reads the taxonomy")
});

/// Every class, in the order of the taxonomy.
pub fn classes() -> &'static [Class] {
    &CLASSES
}

/// The class of this code.
pub fn class(code: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.code == code)
}

/// The type of this code, with its class.
pub fn named(code: &str) -> Option<(&'static Class, &'static Type)> {
    CLASSES.iter().find_map(|class| Some((class, class.types.iter().find(|each| each.code == code)?)))
}

/// What a type is called with its class: "Intrusions: System Compromise".
pub fn called(code: &str) -> String {
    named(code).map_or_else(|| code.to_owned(), |(class, each)| format!("{}: {}", class.name, each.name))
}

/// The types that are likely where these were seen, the likeliest first.
pub fn suggested(seen: &[Seen]) -> Vec<&'static Type> {
    let mut found: Vec<&Type> = Vec::new();
    for code in seen.iter().flat_map(|seen| likely(*seen)) {
        if let Some((_, each)) =
            named(code).filter(|(_, each)| found.iter().all(|known| known.code != each.code))
        {
            found.push(each);
        }
    }
    found
}

const fn likely(seen: Seen) -> &'static [&'static str] {
    match seen {
        Seen::FilesLocked => &[
            "information-content-security:unauthorised-information-modification",
            "malicious-code:infected-system",
        ],
        Seen::MailOpened => &[
            "fraud:phishing",
            "malicious-code:infected-system",
            "intrusions:unprivileged-account-compromise",
        ],
        Seen::DataGone => &[
            "information-content-security:data-leak",
            "information-content-security:unauthorised-information-access",
            "information-content-security:data-loss",
        ],
        Seen::SystemDown => &["availability:outage", "availability:ddos", "availability:misconfiguration"],
        Seen::SupplierDown => &["availability:outage", "intrusions:system-compromise"],
        Seen::DeviceMisbehaves => &["intrusions:system-compromise", "vulnerable:vulnerable-system"],
        Seen::DeviceLost => &["information-content-security:data-loss", "intrusions:burglary"],
        Seen::SomethingElse => &["other:undetermined"],
    }
}

/// The file, as it is written.
#[derive(Deserialize)]
struct Written {
    predicates: Vec<Entry>,
    values: Vec<Values>,
}

#[derive(Deserialize)]
struct Values {
    predicate: String,
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    value: String,
    expanded: String,
    #[serde(default)]
    description: String,
}

fn read(json: &str) -> Result<Vec<Class>, serde_json::Error> {
    let Written { predicates, mut values } = serde_json::from_str(json)?;
    let class = |predicate: Entry| {
        let of_it = values.iter_mut().find(|values| values.predicate == predicate.value);
        let entries = of_it.map(|values| std::mem::take(&mut values.entry)).unwrap_or_default();
        let types = entries.into_iter().map(|entry| Type {
            code: format!("{}:{}", predicate.value, entry.value),
            name: entry.expanded,
            description: entry.description,
        });
        let types = types.collect();
        // Of some the file has no more than the name again.
        let description = predicate.description.trim_end_matches('.') != predicate.expanded;
        let description = if description { predicate.description } else { String::new() };
        Class { code: predicate.value, name: predicate.expanded, description, types }
    };
    Ok(predicates.into_iter().map(class).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taxonomy_has_11_classes_and_39_types_each_described() {
        assert_eq!(classes().len(), 11);
        let types: Vec<_> = classes().iter().flat_map(|class| &class.types).collect();
        assert_eq!(types.len(), 39);
        for each in types {
            assert!(!each.description.is_empty() && named(&each.code).is_some(), "{}", each.code);
        }
        assert_eq!(called("intrusions:system-compromise"), "Intrusions: System Compromise");
        assert!(named("intrusions:aliens").is_none() && named("intrusions").is_none());
    }

    #[test]
    fn whatever_is_seen_some_type_is_likely() {
        for seen in Seen::ALL {
            assert_eq!(suggested(&[*seen]).len(), likely(*seen).len(), "{seen:?}");
            assert!(!likely(*seen).is_empty());
        }
        let both = suggested(&[Seen::SystemDown, Seen::SupplierDown]);
        assert_eq!(both.iter().filter(|each| each.code == "availability:outage").count(), 1);
    }
}
