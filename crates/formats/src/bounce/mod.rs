//! Mail that came back: reports of mail servers on a delivery (RFC 3464, and RFC 6533 where addresses
//! are not ASCII).
//!
//! Anybody can send such a report, so nothing in it is believed here: who reads it compares the mail
//! and the address that it names with what was sent. Only the report's own parts are looked at, never
//! what is nested in them, so that no document makes the reader go deep; the report itself may lie in a
//! mail to which a gateway added a footer.

mod status;
#[cfg(test)]
mod tests;

use crate::{
    Refusal,
    mime::{self, Entity},
};
pub use status::Status;

/// The largest mail that is read, in bytes. A report carries the mail that it is about, which is short.
pub const LARGEST: usize = 1024 * 1024;
/// The parts of a report that are looked at: it has three.
const MOST_PARTS: usize = 10;
/// The recipients that are read of one report; ours have one.
const MOST_RECIPIENTS: usize = 100;
/// The longest text that is kept of what a server said, in characters.
const LONGEST_DIAGNOSTIC: usize = 300;
/// The longest address there is, and the longest Message-ID that is looked at, in bytes.
const LONGEST_NAME: usize = 998;

/// What a mail server reports on one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The Message-ID of the mail that it is about, without its angle brackets.
    pub original: Option<String>,
    /// What became of it, by recipient.
    pub recipients: Vec<Recipient>,
}

/// What became of a mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address that was tried, and the one that the sender named, where that is told.
    pub addresses: Vec<String>,
    /// What the server did.
    pub action: Action,
    /// Why, in the numbers of RFC 3463.
    pub status: Option<Status>,
    /// What the other server said, in one line; empty where that is not told.
    pub diagnostic: String,
}

/// What a server did with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It gave up.
    Failed,
    /// It goes on trying.
    Delayed,
    /// It delivered it, or passed it on.
    Passed,
}

/// Reads a mail that may be a report; a sentence says why it is none.
pub fn read(bytes: &[u8]) -> Result<Report, Refusal> {
    let refused = |reason: &str| Err(Refusal::at(1, reason));
    if bytes.len() > LARGEST {
        return refused("The mail is larger than the 1 MB that are read.");
    }
    let mail = Entity::read(mime::without_envelope(bytes));
    let Some(report) = report_in(mail) else {
        return refused("The mail is no report of a mail server.");
    };
    let parts = parts_of(&report);
    let Some(told) = parts.iter().find(|part| part.is("message", &DELIVERY_STATUS)) else {
        return refused("The report is not about a delivery.");
    };
    let told = told.decoded();
    let (about, recipients) = groups(&told);
    if recipients.is_empty() {
        return refused("The report names no recipient.");
    }
    let original = parts.iter().rev().find_map(original).or(about);
    Ok(Report { original, recipients })
}

/// Whether a mail says of itself that a machine answers for somebody who is away (RFC 3834, section 5).
pub fn is_automatic_reply(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(LARGEST)];
    let says = mime::field(mime::without_envelope(head), "Auto-Submitted");
    says.is_some_and(|says| says.trim().to_ascii_lowercase().starts_with("auto-replied"))
}

/// The report that a mail is, or that is one of the parts of a mail of several.
fn report_in(mail: Entity<'_>) -> Option<Entity<'_>> {
    let is_report = |entity: &Entity<'_>| entity.is("multipart", &["report"]) && entity.boundary.is_some();
    if is_report(&mail) {
        return Some(mail);
    }
    let parts = if mail.is("multipart", &["mixed"]) { parts_of(&mail) } else { Vec::new() };
    parts.into_iter().find(is_report)
}

/// The parts of one level.
fn parts_of<'a>(entity: &Entity<'a>) -> Vec<Entity<'a>> {
    let boundary = entity.boundary.as_deref().unwrap_or_default();
    mime::parts(entity.body, boundary, MOST_PARTS).into_iter().map(Entity::read).collect()
}

const DELIVERY_STATUS: [&str; 2] = ["delivery-status", "global-delivery-status"];

/// The Message-ID of the mail that a part holds, as a whole or its headers alone.
fn original(part: &Entity<'_>) -> Option<String> {
    let holds =
        part.is("message", &["rfc822", "global", "global-headers"]) || part.is("text", &["rfc822-headers"]);
    holds.then(|| mime::field(&part.decoded(), "Message-ID")).flatten().as_deref().and_then(id)
}

/// A Message-ID without its angle brackets.
fn id(text: &str) -> Option<String> {
    let id = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    (!id.is_empty() && id.len() <= LONGEST_NAME).then(|| id.to_owned())
}

/// The groups of fields of a report: what it says of the mail, which some servers name there, and what
/// of each recipient.
fn groups(told: &[u8]) -> (Option<String>, Vec<Recipient>) {
    let (mut rest, mut about, mut recipients) = (told, None, Vec::new());
    while !rest.is_empty() && recipients.len() < MOST_RECIPIENTS {
        let (group, behind) = mime::split(rest);
        rest = behind;
        let fields = mime::fields(group);
        let of = |name: &str| {
            let found = fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        about = about.or_else(|| of("X-Original-Message-ID").and_then(id));
        let addresses: Vec<_> = ["Final-Recipient", "Original-Recipient"]
            .into_iter()
            .filter_map(of)
            .filter_map(address)
            .collect();
        if addresses.is_empty() {
            continue;
        }
        let diagnostic = line(of("Diagnostic-Code").unwrap_or_default());
        let status = Status::told(of("Status").unwrap_or_default(), &diagnostic);
        let action = match of("Action").map(|action| action.trim().to_ascii_lowercase()).as_deref() {
            Some("failed") => Action::Failed,
            Some("delayed") => Action::Delayed,
            _ => Action::Passed,
        };
        recipients.push(Recipient { addresses, action, status, diagnostic });
    }
    (about, recipients)
}

/// The address of `rfc822; ann@example.org`, whose type some servers leave out.
fn address(field: &str) -> Option<String> {
    let (kind, address) = field.split_once(';').unwrap_or(("", field));
    let address = address.trim().trim_start_matches('<').trim_end_matches('>').trim();
    let utf8 = kind.trim().eq_ignore_ascii_case("utf-8");
    let address = if utf8 { unescaped(address) } else { address.to_owned() };
    (address.contains('@') && address.len() <= LONGEST_NAME).then_some(address)
}

/// An address in which `\x{E9}` stands for what is not ASCII (RFC 6533, section 3).
fn unescaped(address: &str) -> String {
    let mut parts = address.split("\\x{");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let read = part.split_once('}').and_then(|(number, rest)| {
            Some((u32::from_str_radix(number, 16).ok().and_then(char::from_u32)?, rest))
        });
        match read {
            Some((letter, rest)) => {
                plain.push(letter);
                plain.push_str(rest);
            }
            None => plain.push_str(part),
        }
    }
    plain
}

/// What a server said, in one line of bounded length, without the `smtp;` before it.
fn line(text: &str) -> String {
    let text = match text.split_once(';') {
        Some((kind, rest)) if kind.trim().eq_ignore_ascii_case("smtp") => rest,
        _ => text,
    };
    let visible: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: Vec<_> = visible.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_DIAGNOSTIC).collect()
}
