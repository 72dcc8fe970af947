//! Paths and addresses of strangers, checked before anybody follows them.

use std::fmt;

use serde::Serialize;
use thiserror::Error;
use url::{Host, Url};

use crate::refusal::excerpt;

/// The longest path or address, in bytes: what servers take.
const LONGEST: usize = 2048;

/// A path or an address that is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("{shown} is not followed: {reason}.")]
pub struct NotFollowed {
    shown: String,
    reason: String,
}

impl NotFollowed {
    fn new(text: &str, reason: impl Into<String>) -> Self {
        Self { shown: excerpt(text), reason: reason.into() }
    }
}

/// Where an address may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts<'a> {
    /// To any host that has a name; never to a bare number, which might be a machine of our own.
    AnyNamed,
    /// To these hosts, such as "www.cisa.gov".
    Only(&'a [&'a str]),
}

/// An address that may be followed: `https`, no name or password in it, and the host allowed. CSAF
/// asks for TLS (requirement 3 of section 7.1).
pub fn address(text: &str, hosts: Hosts<'_>) -> Result<Url, NotFollowed> {
    let refuse = |reason: &str| NotFollowed::new(text, reason);
    if text.len() > LONGEST {
        return Err(NotFollowed::new(text, format!("it is longer than {LONGEST} characters")));
    }
    let url = Url::parse(text.trim())
        .map_err(|error| NotFollowed::new(text, format!("it is no address ({error})")))?;
    if url.scheme() != "https" {
        return Err(refuse("it is not an https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it holds a user's name or password"));
    }
    let Some(Host::Domain(host)) = url.host() else {
        return Err(refuse("its host is a number, not a name"));
    };
    let host = host.trim_end_matches('.');
    let allowed = match hosts {
        Hosts::AnyNamed => host.contains('.') && !host.ends_with(".localhost"),
        Hosts::Only(hosts) => hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)),
    };
    if !allowed {
        return Err(NotFollowed::new(text, format!("it leads to another host, {}", excerpt(host))));
    }
    Ok(url)
}

/// The path of a document below the folder of its provider, such as `2024/icsma-24-249-01.json`.
/// One that exists cannot lead out of that folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DocumentPath(String);

impl DocumentPath {
    /// Checks a path: relative, of plain names that are joined by `/`, none of them `.` or `..`, and
    /// a JSON file at its end.
    pub fn new(text: &str) -> Result<Self, NotFollowed> {
        let path = text.trim();
        let refuse = |reason: &str| Err(NotFollowed::new(text, reason));
        if path.len() > LONGEST {
            return Err(NotFollowed::new(text, format!("it is longer than {LONGEST} characters")));
        }
        if path.is_empty() {
            return refuse("it is empty");
        }
        if path.starts_with('/') {
            return refuse("it does not begin in the provider's folder");
        }
        // Everything by which a path could be read otherwise than it looks: another host or scheme,
        // Windows' separator, an encoded dot or slash, a query, a line's end.
        if let Some(odd) = path.chars().find(|c| !(c.is_ascii_alphanumeric() || "/._-+~@,=() ".contains(*c)))
        {
            return Err(NotFollowed::new(
                text,
                format!("it holds {}, which no path of a document has", excerpt(&odd.to_string())),
            ));
        }
        if path.split('/').any(|name| name.trim().is_empty()) {
            return refuse("a name in it is empty");
        }
        if path.split('/').any(|name| name.trim().chars().all(|c| c == '.')) {
            return refuse("it leads to a folder above or beside");
        }
        if path.rsplit_once('.').is_none_or(|(_, ending)| !ending.eq_ignore_ascii_case("json")) {
            return refuse("it is not the path of a JSON file");
        }
        Ok(Self(path.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name in it.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The address of the document, where `folder` is the address of the provider's folder.
    pub fn below(&self, folder: &Url) -> Result<Url, NotFollowed> {
        let mut base = folder.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", folder.path()));
        }
        base.set_query(None);
        base.set_fragment(None);
        let refuse = |reason: &str| NotFollowed::new(&self.0, reason);
        let joined = base.join(&self.0).map_err(|_| refuse("it makes no address in that folder"))?;
        let stays = joined.origin() == base.origin() && joined.path().starts_with(base.path());
        if stays { Ok(joined) } else { Err(refuse("it leads out of that folder")) }
    }

    /// The address of the document, where the list that names it lies at `list`. The standard counts
    /// paths from the list's folder and CISA from the root of its repository: two names or more at the
    /// path's beginning with which that folder ends are the same ones.
    pub fn listed_in(&self, list: &Url) -> Result<Url, NotFollowed> {
        let mut folder = list.clone();
        let path = list.path().rsplit_once('/').map_or("", |(path, _)| path);
        folder.set_path(path);
        let (folders, names): (Vec<&str>, Vec<&str>) =
            (path.split('/').collect(), self.0.split('/').collect());
        let twice = (2..names.len()).rev().find(|many| folders.ends_with(&names[..*many]));
        Self(names[twice.unwrap_or(0)..].join("/")).below(&folder)
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
