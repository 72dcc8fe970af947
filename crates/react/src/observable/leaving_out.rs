//! What is not compared with other organisations, and why: `content/policies/correlation.toml` says what.
//!
//! A link on a shared host is compared, its host is not; what is the victims' own would name them.

use std::{collections::HashMap, sync::LazyLock};

use formats::ObservableKind;
use serde::Deserialize;

platform::vocabulary! {
    /// Why an observable is not compared.
    pub enum LeftOut {
        Listed = "listed", "Often harmless";
        Own = "own", "The sector’s own";
        Shared = "shared", "Shared by many";
        Weak = "weak", "Says too little";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// When the same at several organisations is put to the CERT.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// Within so many days.
    pub days: i64,
    /// What is found at two has to count together.
    pub threshold: i64,
    counts: HashMap<String, i64>,
    own: Domains,
    shared: Domains,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Domains {
    domains: Vec<String>,
}

/// The policy that the program was built with.
pub(crate) static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../content/policies/correlation.toml"))
        .expect("a test reads the embedded policy")
});

impl Policy {
    /// What one observable of this kind counts.
    pub fn counts(&self, kind: &str) -> i64 {
        self.counts.get(kind).copied().unwrap_or_default()
    }

    /// Whether many have their pages, files or mail at this domain.
    pub fn is_shared(&self, domain: &str) -> bool {
        self.shared.domains.iter().any(|shared| shared == domain)
    }
}

/// Why this is not compared; `None` where it is. `own` are the domains of the incident's organisation: those of its
/// contacts.
pub(crate) fn why(kind: ObservableKind, value: &str, listed: bool, own: &[String]) -> Option<LeftOut> {
    if POLICY.counts(kind.code()) == 0 {
        return Some(LeftOut::Weak);
    }
    if listed {
        return Some(LeftOut::Listed);
    }
    if is_own(kind, value, own) {
        return Some(LeftOut::Own);
    }
    let host = host(kind, value)?;
    if kind == ObservableKind::Domain && POLICY.is_shared(host) { Some(LeftOut::Shared) } else { None }
}

/// Whether this is a host, a link or an address of the sector's own, or of the organisation whose domains these are: it
/// would name the victim.
pub(crate) fn is_own(kind: ObservableKind, value: &str, own: &[String]) -> bool {
    let Some(host) = host(kind, value) else { return false };
    POLICY.own.domains.iter().chain(own).any(|domain| is_below(host, domain))
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The name of the machine in an observable, where it has one.
fn host(kind: ObservableKind, value: &str) -> Option<&str> {
    match kind {
        ObservableKind::Domain => Some(value),
        ObservableKind::Email => value.rsplit_once('@').map(|(_, host)| host),
        ObservableKind::Url => {
            let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
            Some(host.split(':').next().unwrap_or(host))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LeftOut, POLICY, why};
    use formats::ObservableKind::{Cve, Domain, Email, Ipv4, Sha256, Url};

    #[test]
    fn the_policy_counts_kinds_that_there_are() {
        for kind in POLICY.counts.keys() {
            assert!(crate::observable::kind_of(kind).is_some(), "{kind}");
        }
        assert!(POLICY.days > 0 && POLICY.threshold > POLICY.counts("file_path"));
    }

    #[test]
    fn what_would_name_a_victim_or_says_nothing_is_left_out() {
        let own = ["quokka-trust.org".to_owned()];
        for (kind, value, listed, expected) in [
            (Domain, "evil.example", false, None),
            (Domain, "login.microsoft.com", true, Some(LeftOut::Listed)),
            (Domain, "rwa.nhs.uk", false, Some(LeftOut::Own)),
            (Domain, "notnhs.uk", false, None),
            (Email, "pat@nhs.net", false, Some(LeftOut::Own)),
            (Email, "pat@gmail.com", false, None),
            (Url, "https://vpn.quokka-trust.org:8443/login", false, Some(LeftOut::Own)),
            (Url, "http://user@www.rwa.nhs.uk/x", false, Some(LeftOut::Own)),
            (Domain, "pastebin.com", false, Some(LeftOut::Shared)),
            (Url, "https://pastebin.com/raw/abc", false, None),
            (Domain, "evil.pages.dev", false, None),
            (Ipv4, "192.0.2.1", false, None),
            (Sha256, "aa", false, None),
            (Cve, "CVE-2024-1", false, Some(LeftOut::Weak)),
        ] {
            assert_eq!(why(kind, value, listed, &own), expected, "{value}");
        }
    }
}
