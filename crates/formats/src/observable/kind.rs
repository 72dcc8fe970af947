//! What an observable is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of observable that are told apart.
///
/// The first nine are named as [`crate::indicator::IndicatorKind`] names them. What STIX 2.1 and MISP
/// call them stands in the analyst's guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservableKind {
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A domain name.
    Domain,
    /// A link, with a scheme or without.
    Url,
    /// A mail address.
    Email,
    /// An MD5 hash.
    Md5,
    /// A SHA-1 hash.
    Sha1,
    /// A SHA-256 hash.
    Sha256,
    /// A SHA-512 hash.
    Sha512,
    /// The number of a vulnerability.
    Cve,
    /// What ATT&CK numbers: a technique, tactic, group, software or mitigation.
    AttackId,
    /// The path of a file or folder, of Windows or Unix.
    FilePath,
    /// A key of the Windows registry.
    RegistryKey,
    /// A Bitcoin address whose checksum is right.
    Bitcoin,
    /// An address of a Tor onion service.
    Onion,
    /// A patient's number, which is found so that somebody is warned, and never shown.
    NhsNumber,
}

impl ObservableKind {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Ipv4,
        Self::Ipv6,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Cve,
        Self::AttackId,
        Self::FilePath,
        Self::RegistryKey,
        Self::Bitcoin,
        Self::Onion,
        Self::NhsNumber,
    ];

    /// The stable code that is stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Cve => "cve",
            Self::AttackId => "attack_id",
            Self::FilePath => "file_path",
            Self::RegistryKey => "registry_key",
            Self::Bitcoin => "bitcoin",
            Self::Onion => "onion",
            Self::NhsNumber => "nhs_number",
        }
    }

    /// The kind in plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPv4 address",
            Self::Ipv6 => "IPv6 address",
            Self::Domain => "Domain",
            Self::Url => "Link",
            Self::Email => "Mail address",
            Self::Md5 => "MD5 hash",
            Self::Sha1 => "SHA-1 hash",
            Self::Sha256 => "SHA-256 hash",
            Self::Sha512 => "SHA-512 hash",
            Self::Cve => "CVE",
            Self::AttackId => "ATT&CK",
            Self::FilePath => "File path",
            Self::RegistryKey => "Registry key",
            Self::Bitcoin => "Bitcoin address",
            Self::Onion => "Onion address",
            Self::NhsNumber => "NHS number",
        }
    }
}

impl fmt::Display for ObservableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
