//! What an indicator is, told from the look of it.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// The kinds of indicator that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A domain name.
    Domain,
    /// A link with http, https or ftp.
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
    /// The name or path of a file.
    FileName,
    /// Anything else, such as a registry key.
    Other,
}

/// Endings of files that attackers send and that are no top-level domain: what ends in `.zip` or
/// `.com` may be either, and is taken for a domain, which is shown defanged.
const FILE_ENDINGS: &[&str] = &[
    "bat", "bin", "cmd", "cpl", "dat", "dll", "doc", "docm", "docx", "elf", "exe", "hta", "htm", "html",
    "img", "iso", "jar", "jpg", "js", "jse", "lnk", "msi", "msp", "one", "pdf", "php", "png", "ppt", "pptm",
    "pptx", "ps1", "rar", "rtf", "scr", "sys", "tmp", "txt", "vbe", "vbs", "wsf", "xls", "xlsb", "xlsm",
    "xlsx", "xml",
];

impl IndicatorKind {
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
            Self::FileName => "file_name",
            Self::Other => "other",
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
            Self::FileName => "File name",
            Self::Other => "Other",
        }
    }

    /// Whether capitals and small letters mean the same in it.
    pub(super) const fn ignores_case(self) -> bool {
        !matches!(self, Self::Url | Self::FileName | Self::Other)
    }

    /// The kind of a live value.
    pub(super) fn of(value: &str) -> Self {
        if let Some(kind) = hash(value) {
            return kind;
        }
        if value.parse::<Ipv4Addr>().is_ok() {
            return Self::Ipv4;
        }
        if value.parse::<Ipv6Addr>().is_ok() {
            return Self::Ipv6;
        }
        if is_url(value) {
            return Self::Url;
        }
        if is_email(value) {
            return Self::Email;
        }
        if is_file_name(value) {
            return Self::FileName;
        }
        if is_domain(value) { Self::Domain } else { Self::Other }
    }
}

fn hash(value: &str) -> Option<IndicatorKind> {
    if !value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    match value.len() {
        32 => Some(IndicatorKind::Md5),
        40 => Some(IndicatorKind::Sha1),
        64 => Some(IndicatorKind::Sha256),
        128 => Some(IndicatorKind::Sha512),
        _ => None,
    }
}

fn is_url(value: &str) -> bool {
    let scheme = value.split_once("://").map(|(scheme, _)| scheme);
    matches!(scheme, Some("http" | "https" | "ftp"))
        && !value.contains(char::is_whitespace)
        && url::Url::parse(value).is_ok_and(|url| url.has_host())
}

fn is_email(value: &str) -> bool {
    value.rsplit_once('@').is_some_and(|(mailbox, domain)| {
        let plain = |c: char| !c.is_whitespace() && !matches!(c, '@' | '/' | ':' | '<' | '>');
        !mailbox.is_empty() && mailbox.chars().all(plain) && is_domain(domain)
    })
}

fn is_file_name(value: &str) -> bool {
    value.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && !value.contains("://")
            && FILE_ENDINGS.iter().any(|e| e.eq_ignore_ascii_case(ending))
    })
}

fn is_domain(value: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((_, last)) = value.rsplit_once('.') else { return false };
    value.len() <= 253 && value.split('.').all(label) && !last.chars().all(char::is_numeric)
}
