//! The lists of what is often harmless: an observable that one names is marked, never dropped.

use std::{collections::HashMap, net::IpAddr, sync::LazyLock};

use serde::Deserialize;

use super::ObservableKind;

/// MISP's warning lists, in the order in which they are asked.
const LISTS: [&str; 13] = [
    include_str!("../../../../data/warninglists/rfc1918.json"),
    include_str!("../../../../data/warninglists/rfc6598.json"),
    include_str!("../../../../data/warninglists/rfc5735.json"),
    include_str!("../../../../data/warninglists/rfc3849.json"),
    include_str!("../../../../data/warninglists/ipv6-linklocal.json"),
    include_str!("../../../../data/warninglists/public-dns-v6.json"),
    include_str!("../../../../data/warninglists/rfc6761.json"),
    include_str!("../../../../data/warninglists/empty-hashes.json"),
    include_str!("../../../../data/warninglists/microsoft.json"),
    include_str!("../../../../data/warninglists/microsoft-office365.json"),
    include_str!("../../../../data/warninglists/google.json"),
    include_str!("../../../../data/warninglists/crl-hostname.json"),
    include_str!("../../../../data/warninglists/security-provider-blogpost.json"),
];

/// A list as MISP writes it.
#[derive(Deserialize)]
struct List {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    list: Vec<String>,
}

#[derive(Default)]
struct Lists {
    /// Networks: the address, how many of its bits count, the list.
    ipv4: Vec<(u32, u32, &'static str)>,
    ipv6: Vec<(u128, u32, &'static str)>,
    /// Names and hashes as they are.
    exact: HashMap<String, &'static str>,
    /// Domains with all below them.
    below: HashMap<String, &'static str>,
}

static READ: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for list in LISTS.into_iter().filter_map(|text| serde_json::from_str::<List>(text).ok()) {
        // Once for each list, for as long as the program runs.
        let name: &'static str = Box::leak(list.name.into_boxed_str());
        for entry in list.list {
            lists.add(&entry.to_ascii_lowercase(), &list.kind, name);
        }
    }
    lists
});

impl Lists {
    fn add(&mut self, entry: &str, kind: &str, name: &'static str) {
        if kind == "cidr" {
            let (address, bits) = match entry.split_once('/') {
                Some((address, bits)) => (address, bits.parse().ok()),
                None => (entry, None),
            };
            match address.parse() {
                Ok(IpAddr::V4(address)) => self.ipv4.push((address.into(), bits.unwrap_or(32), name)),
                Ok(IpAddr::V6(address)) => self.ipv6.push((address.into(), bits.unwrap_or(128), name)),
                Err(_) => {}
            }
        } else if let Some(domain) = entry.strip_prefix('.') {
            self.below.entry(domain.to_owned()).or_insert(name);
        } else if kind == "hostname" {
            self.below.entry(entry.to_owned()).or_insert(name);
        } else {
            self.exact.entry(entry.to_owned()).or_insert(name);
        }
    }

    fn domain(&self, domain: &str) -> Option<&'static str> {
        if let Some(name) = self.exact.get(domain) {
            return Some(name);
        }
        let below = std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, rest)| rest));
        below.into_iter().find_map(|name| self.below.get(name).copied())
    }

    fn address(&self, address: IpAddr) -> Option<&'static str> {
        match address {
            IpAddr::V4(address) => {
                let address = u32::from(address);
                let within = |(network, bits, _): &&(u32, u32, _)| {
                    (network ^ address).checked_shr(32 - bits).unwrap_or(0) == 0
                };
                self.ipv4.iter().find(within).map(|(_, _, name)| *name)
            }
            IpAddr::V6(address) => {
                let address = u128::from(address);
                let within = |(network, bits, _): &&(u128, u32, _)| {
                    (network ^ address).checked_shr(128 - bits).unwrap_or(0) == 0
                };
                self.ipv6.iter().find(within).map(|(_, _, name)| *name)
            }
        }
    }
}

/// The list that names an observable as often harmless.
pub(super) fn of(kind: ObservableKind, value: &str) -> Option<&'static str> {
    match kind {
        ObservableKind::Ipv4 | ObservableKind::Ipv6 => READ.address(value.parse().ok()?),
        ObservableKind::Domain => READ.domain(value),
        ObservableKind::Email => READ.domain(value.rsplit_once('@')?.1),
        ObservableKind::Url => {
            let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
            if let Some(rest) = host.strip_prefix('[') {
                return READ.address(rest.split(']').next()?.parse().ok()?);
            }
            let host = host.split(':').next()?;
            host.parse().map_or_else(|_| READ.domain(host), |address| READ.address(address))
        }
        ObservableKind::Md5 | ObservableKind::Sha1 | ObservableKind::Sha256 | ObservableKind::Sha512 => {
            READ.exact.get(value).copied()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_often_harmless_is_marked() {
        use ObservableKind::*;
        for (kind, value, list) in [
            (Ipv4, "10.1.2.3", Some("RFC 1918")),
            (Ipv4, "127.0.0.1", Some("RFC 5735")),
            (Ipv4, "8.8.4.3", None),
            (Ipv6, "fe80::1", Some("IPv6 link local")),
            (Ipv6, "2001:db8::1", Some("RFC 3849")),
            (Ipv6, "2a00::1", None),
            (Domain, "www.google.co.uk", Some("google")),
            (Domain, "example.com", Some("RFC 6761")),
            (Domain, "notgoogle.com", None),
            (Url, "https://login.live.com:443/a", Some("365")),
            (Url, "http://192.168.0.1/a", Some("RFC 1918")),
            (Md5, "d41d8cd98f00b204e9800998ecf8427e", Some("empty")),
            (Cve, "CVE-2024-1234", None),
        ] {
            let found = of(kind, value);
            assert_eq!(found.is_some(), list.is_some(), "{value}: {found:?}");
            assert!(found.zip(list).is_none_or(|(found, part)| found.contains(part)), "{value}: {found:?}");
        }
        assert!(READ.exact.len() > 400 && READ.below.len() > 800, "a list was not read");
    }
}
