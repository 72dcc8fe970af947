//! Observables: what stands in a text that a machine can look for elsewhere, such as an address, a
//! domain or a hash, with the place where it stands.
//!
//! A text may be pasted, a mail, a log: bytes from strangers, defanged or not, valid UTF-8 or not.
//! It is read in one pass from left to right, and no byte is looked at more than a bounded number of
//! times, whatever the text. What is in UTF-16 is read as well, and its places are those of the original. An observable is not an indicator: it becomes one when somebody says so.
//! A patient's number is found so that people are warned of it; it is never told.

mod base64;
mod checksum;
mod domain;
#[cfg(test)]
mod gold;
mod host;
mod kind;
mod mail;
mod nhs_number;
mod path;
mod scan;
mod stream;
#[cfg(test)]
mod tests;
mod token;
mod url;
mod utf16;
mod warning;

use serde::Serialize;

pub use kind::ObservableKind;
pub use nhs_number::{REDACTED, redacted};
pub use stream::{Observables, read};
pub use utf16::Coding;

/// One observable and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observable {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ObservableKind,
    /// The form in which a machine compares it: live, in small letters where these mean the same.
    pub value: String,
    /// The same as the text has it.
    pub original: String,
    /// The byte with which it begins.
    pub start: u64,
    /// The byte after its last one.
    pub end: u64,
    /// The list that names it as often harmless.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<&'static str>,
}

/// What is told of an observable within another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nesting {
    /// The longest alone: of a link the link, of a mail address the address.
    Outermost,
    /// Also the host of a link and the domain of a mail address.
    #[default]
    Every,
}

/// The observables of a text, in the order in which they begin.
pub fn extract(text: impl AsRef<[u8]>, nesting: Nesting) -> Vec<Observable> {
    let text = text.as_ref();
    let mut found = Vec::new();
    stream::look_through(text, nesting, &mut found);
    found
}
