//! From where and with what somebody comes, before it is known who they are.
//!
//! Nothing of it is kept in clear but the browser's kind; networks and devices are counted by hash.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, header, request::Parts};

use super::device;
use crate::{App, access::resolve, web::Error};

/// Who knocks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The network: a /24 or a /64, since a single address is changed too easily.
    pub(super) network: String,
    /// The token of the browser's device cookie.
    pub(super) device: Option<String>,
    /// The browser in plain words: "Firefox on Windows".
    pub(super) browser: &'static str,
    /// The token of the session's cookie.
    pub(super) session: Option<String>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        // Without a connection (requests within the process) it is nobody's address.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
        let headers = &parts.headers;
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self {
            network: network(address(peer, headers, &app.settings.trusted_proxies)),
            device: device::token(headers).map(str::to_owned),
            browser: device::in_words(agent.unwrap_or_default()),
            session: resolve::session_token(headers).map(str::to_owned),
        })
    }
}

/// The address that the request began at: the last one in `X-Forwarded-For` that no trusted proxy
/// has. What stands before it could have been written by anybody.
///
/// A socket that listens on both protocols names its IPv4 peers as IPv6 does; they are meant alike.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .map(|address: IpAddr| address.to_canonical())
        .collect();
    forwarded.into_iter().rev().find(|address| !trusted.contains(address)).unwrap_or(peer)
}

/// The network of an address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn neighbours_are_one_network() {
        assert_eq!(network(ip("192.0.2.7")), network(ip("192.0.2.250")));
        assert_eq!(network(ip("::ffff:192.0.2.7")), network(ip("192.0.2.7")));
        assert_eq!(network(ip("2001:db8::1")), network(ip("2001:db8::ffff:1")));
        assert_ne!(network(ip("192.0.2.7")), network(ip("192.0.3.7")));
    }

    #[test]
    fn only_trusted_proxies_say_for_whom_they_ask() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9, 198.51.100.4".parse().expect("a value"));
        headers.append("x-forwarded-for", "10.0.0.2".parse().expect("a value"));
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(address(ip("192.0.2.1"), &headers, &proxies), ip("192.0.2.1"));
        assert_eq!(address(ip("10.0.0.1"), &headers, &proxies), ip("198.51.100.4"));
        assert_eq!(address(ip("::ffff:10.0.0.1"), &headers, &proxies), ip("198.51.100.4"));
        assert_eq!(address(ip("10.0.0.1"), &HeaderMap::new(), &proxies), ip("10.0.0.1"));
    }
}
