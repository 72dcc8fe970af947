//! Which addresses may be asked: those of the public internet, and what the installation allows.
//!
//! The list is IANA's of special-purpose addresses (RFC 6890, as registered). The standard library's
//! `is_global` is not stable yet, and crates that copy it were found to lag behind the registry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use super::NetError;

/// Networks that may be asked though they are not public.
#[derive(Clone, Debug, Default)]
pub struct Allowed(pub Vec<IpNet>);

impl Allowed {
    /// Whether a connection to this address may be made.
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Whether the address of a server stands in numbers in one of these networks.
    pub fn opens(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return false,
        };
        self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Refuses an address that is no web page's, or whose host is an address within the network. A
    /// host that is a name is looked up, and judged, when the connection is made; but what `localhost` means is
    /// known before (RFC 6761, section 6.3), whoever would look it up.
    pub fn check(&self, url: &Url) -> Result<(), NetError> {
        let refuse = |why: &str| Err(NetError::Refused(format!("{url} is not asked: {why}.")));
        if !matches!(url.scheme(), "https" | "http") {
            return refuse("an address begins with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NetError::Refused(
                "An address holds no name and password: others read it. Send them as a header.".to_owned(),
            ));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(name)) if is_this_machine(name) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(Host::Domain(_)) => return Ok(()),
            None => return refuse("it names no server"),
        };
        if self.permits(address) { Ok(()) } else { refuse("it is within a network of its own") }
    }
}

/// Whether a name is that of whichever machine uses it. The parser has made its letters small.
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_broadcast()
        // This network, carriers' networks, IETF assignments, benchmarks, 6to4 relays, multicast and what is reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || (a, b, c) == (192, 88, 99)
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // NAT64 and 6to4 lead to the IPv4 address within (RFC 6052, RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, benchmarks, ORCHID, documentation.
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        // Global unicast is 2000::/3 alone (RFC 4291, section 2.4).
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_a_network_is_told_from_what_is_public() {
        for public in
            ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for within in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(within.parse().unwrap()), "{within}");
        }
    }

    #[test]
    fn an_installation_allows_its_own() {
        let allowed = Allowed(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(
            allowed.permits("10.1.9.9".parse().unwrap())
                && allowed.permits("::ffff:10.1.9.9".parse().unwrap())
        );
        assert!(!allowed.permits("10.2.0.1".parse().unwrap()));
        let check = |text: &str| allowed.check(&text.parse().unwrap()).is_ok();
        assert!(check("https://feeds.example/a") && check("http://10.1.0.1:81/a"));
        // Whatever way an address is written.
        for refused in [
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://[::1]/",
            "file:///etc/passwd",
            "https://me:it@a.example/",
            "https://localhost/",
            "https://LocalHost.:8443/",
            "https://a.localhost/",
        ] {
            assert!(!check(refused), "{refused}");
        }
        let here = Allowed(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(here.check(&"https://localhost/".parse().unwrap()).is_ok());
    }
}
