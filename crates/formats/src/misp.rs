//! What MISP calls things (its core format, as misp-project.org describes it): types of attributes with their categories,
//! and tags.

use crate::ObservableKind;

/// How MISP tells an observable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type.
    pub kind: &'static str,
    /// Its category, one of those that the type may stand in.
    pub category: &'static str,
    /// Whether it can be looked for, and so be told to detection.
    pub may_detect: bool,
}

/// The attribute that an observable is; none for a patient's number, which is never told.
pub const fn attribute(kind: ObservableKind) -> Option<Attribute> {
    use ObservableKind::{
        AttackId, Bitcoin, Cve, Domain, Email, FilePath, Ipv4, Ipv6, Md5, NhsNumber, Onion, RegistryKey,
        Sha1, Sha256, Sha512, Url,
    };
    const NETWORK: &str = "Network activity";
    const DELIVERY: &str = "Payload delivery";
    let (kind, category, may_detect) = match kind {
        Ipv4 | Ipv6 => ("ip-dst", NETWORK, true),
        Domain | Onion => ("domain", NETWORK, true),
        Url => ("url", NETWORK, true),
        Email => ("email", NETWORK, true),
        Md5 => ("md5", DELIVERY, true),
        Sha1 => ("sha1", DELIVERY, true),
        Sha256 => ("sha256", DELIVERY, true),
        Sha512 => ("sha512", DELIVERY, true),
        FilePath => ("filename", DELIVERY, true),
        RegistryKey => ("regkey", "Persistence mechanism", true),
        Bitcoin => ("btc", "Financial fraud", true),
        Cve => ("vulnerability", "External analysis", false),
        AttackId => ("text", "External analysis", false),
        NhsNumber => return None,
    };
    Some(Attribute { kind, category, may_detect })
}

/// A tag of a taxonomy: `tlp:amber+strict`, `rsit:intrusions="system-compromise"`.
pub fn tag(namespace: &str, predicate: &str, value: Option<&str>) -> String {
    match value {
        None => format!("{namespace}:{predicate}"),
        Some(value) => format!("{namespace}:{predicate}=\"{value}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_but_a_patients_number_is_an_attribute() {
        for kind in ObservableKind::ALL {
            assert_eq!(attribute(kind).is_none(), kind == ObservableKind::NhsNumber, "{kind}");
        }
        assert_eq!(tag("tlp", "clear", None), "tlp:clear");
        assert_eq!(tag("rsit", "fraud", Some("phishing")), "rsit:fraud=\"phishing\"");
    }
}
