//! A mail that somebody wrote to us: who says to have written it, its words, and what is attached.
//!
//! Nothing in it is proof of anything: the sender's address is whatever the sender wrote. Attachments are named
//! and never opened. Whatever comes in, something is read of it, in bounded memory and depth.

#[cfg(test)]
mod tests;

use mail_parser::MessageParser;

use crate::{
    mime::{self, Entity},
    news::text,
};

/// So much of a mail is read, in bytes: its words stand before what is attached.
pub const LARGEST: usize = 4 * 1024 * 1024;
/// The parts that are looked at, however they are nested, and how deep.
const MOST_PARTS: usize = 100;
const DEEPEST: usize = 6;
/// The attachments that are named.
pub const MOST_ATTACHMENTS: usize = 20;
/// The longest name, subject or address, in characters.
pub const LONGEST_LINE: usize = 200;
/// The longest text, in characters.
pub const LONGEST_TEXT: usize = 20_000;
/// The mails that one says to answer, of which the last are looked at.
const MOST_ANSWERED: usize = 50;

/// What is read of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Whether it has a field by which a mail is known (RFC 5322, section 3.6), which an empty or garbled file has not.
    pub is_mail: bool,
    /// Its own id, with the angle brackets, where it has one that can be quoted.
    pub id: Option<String>,
    /// The ids of the mails that it answers, without the angle brackets, the nearest first.
    pub answers: Vec<String>,
    /// The address that it says to be from; may be empty.
    pub from: String,
    /// The name beside that address; may be empty.
    pub name: String,
    /// What wrote it.
    pub by: By,
    /// Where an automatic answer may be sent, if anywhere (RFC 3834, sections 2 and 4).
    pub answer_to: Option<String>,
    /// The subject, in one line.
    pub subject: String,
    /// The words, without markup.
    pub text: String,
    /// What is attached, by name or by kind.
    pub attachments: Vec<String>,
    /// Whether there is more of it than was read.
    pub is_cut: bool,
}

/// What wrote a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// A person, as far as one can see.
    #[default]
    Person,
    /// A machine, of itself: a monitor, a list.
    Machine,
    /// A machine, about another mail: an answer while somebody is away, a report of a mail server.
    Reply,
}

/// Reads a mail, or the first [`LARGEST`] bytes of it.
pub fn read(bytes: &[u8]) -> Mail {
    let is_longer = bytes.len() > LARGEST;
    let bytes = mime::without_envelope(&bytes[..bytes.len().min(LARGEST)]);
    let whole = Entity::read(bytes);
    let head = Head(mime::fields(mime::split(bytes).0));
    let (from, name) = sender(bytes);
    let mut found = Found::default();
    found.gather(&whole, 0);
    let by = head.by(&whole);
    let answer_to = head.answer_to(by, &from);
    let (words, is_shortened) = found.words();
    let subject = head.first("Subject").map(one_line).unwrap_or_default();
    let attachments = found.attachments;
    let id = head.first("Message-ID").and_then(quotable);
    let answers = head.answers();
    Mail {
        is_mail: ["From", "Date", "Subject", "Message-ID"].iter().any(|name| head.first(name).is_some()),
        id,
        answers,
        from,
        name,
        by,
        answer_to,
        subject,
        text: words,
        attachments,
        is_cut: is_longer || is_shortened,
    }
}

/// The address and the name that a mail says to be from.
fn sender(bytes: &[u8]) -> (String, String) {
    let head = mime::split(bytes).0;
    let read = MessageParser::new().with_address_headers().parse_headers(head);
    let first = read.as_ref().and_then(|mail| mail.from()).and_then(|from| from.first());
    let address = first.and_then(|first| first.address()).map(address).unwrap_or_default();
    (address.unwrap_or_default(), first.and_then(|first| first.name()).map(one_line).unwrap_or_default())
}

/// An address as it can be written to; `None` where it is none.
fn address(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    let (local, domain) = text.rsplit_once('@')?;
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@".contains(c))
    };
    let is_one = text.len() <= LONGEST_LINE && is_plain(local) && is_plain(domain);
    is_one.then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// A text in one line of bounded length, without what turns or hides letters.
fn one_line(text: &str) -> String {
    text::line(&text::of_plain(text)).chars().take(LONGEST_LINE).collect()
}

/// A Message-ID that can stand in a header of ours.
fn quotable(text: &str) -> Option<String> {
    let id = text.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    let is_plain = !id.is_empty()
        && id.len() <= LONGEST_LINE
        && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
    is_plain.then(|| format!("<{id}>"))
}

/// The fields of the head.
struct Head(Vec<(String, String)>);

impl Head {
    fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn says(&self, name: &str, words: &[&str]) -> bool {
        let value = self.first(name).map(|value| value.trim().to_ascii_lowercase()).unwrap_or_default();
        words.iter().any(|word| value.split([';', ',', ' ']).any(|part| part == *word))
    }

    /// What wrote it. An answer to an answer goes on for ever, so that doubt is for a machine.
    fn by(&self, whole: &Entity<'_>) -> By {
        let submitted = self.first("Auto-Submitted").map(|value| value.trim().to_ascii_lowercase());
        let submitted = submitted.filter(|value| value != "no");
        let is_reply = submitted.as_ref().is_some_and(|value| value.starts_with("auto-replied"))
            || whole.is("multipart", &["report"])
            || self.first("Return-Path").is_some_and(|path| path.trim() == "<>")
            || ["X-Autoreply", "X-Autorespond", "X-Autoresponder"]
                .iter()
                .any(|name| self.first(name).is_some())
            || self.says("Precedence", &["auto_reply"]);
        if is_reply {
            return By::Reply;
        }
        let is_list = self
            .0
            .iter()
            .any(|(name, _)| name.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("list-")));
        if submitted.is_some() || is_list || self.says("Precedence", &["bulk", "list", "junk"]) {
            return By::Machine;
        }
        By::Person
    }

    /// Where an automatic answer may go: back to where the mail came from, and only to a person who did
    /// not ask for silence.
    fn answer_to(&self, by: By, from: &str) -> Option<String> {
        let is_unwanted = by != By::Person
            || self.says("X-Auto-Response-Suppress", &["all", "autoreply", "oof"])
            || from.is_empty();
        if is_unwanted {
            return None;
        }
        let path = self.first("Return-Path").map_or_else(|| Some(from.to_owned()), address)?;
        let local = path.rsplit_once('@')?.0.to_ascii_lowercase();
        let is_nobody =
            ["mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce"]
                .iter()
                .any(|name| local == *name || local.starts_with(&format!("{name}+")))
                || local.starts_with("owner-")
                || local.ends_with("-request")
                || local.ends_with("-owner")
                || local.ends_with("-bounces");
        (!is_nobody).then_some(path)
    }

    fn answers(&self) -> Vec<String> {
        let references = self.first("References").unwrap_or_default().split_whitespace().rev();
        let ids = self.first("In-Reply-To").unwrap_or_default().split_whitespace().chain(references);
        let mut known: Vec<String> = Vec::new();
        for id in ids.take(MOST_ANSWERED).filter_map(quotable) {
            let id = id[1..id.len() - 1].to_owned();
            if !known.contains(&id) {
                known.push(id);
            }
        }
        known
    }
}

/// What the parts of a mail hold.
#[derive(Default)]
struct Found {
    plain: String,
    html: String,
    attachments: Vec<String>,
    parts: usize,
    is_cut: bool,
}

impl Found {
    fn gather(&mut self, part: &Entity<'_>, depth: usize) {
        if self.parts == MOST_PARTS || depth == DEEPEST {
            self.is_cut = true;
            return;
        }
        self.parts += 1;
        let kind = part.media_type();
        if let Some(boundary) = part.boundary.as_deref().filter(|_| kind.starts_with("multipart/")) {
            for part in mime::parts(part.body, boundary, MOST_PARTS) {
                self.gather(&Entity::read(part), depth + 1);
            }
            return;
        }
        match (kind.as_str(), &part.file) {
            ("text/plain", None) => take(&mut self.plain, &mut self.is_cut, &part.text()),
            ("text/html", None) => take(&mut self.html, &mut self.is_cut, &part.text()),
            _ => self.name(&kind, part.file.as_deref().unwrap_or_default()),
        }
    }

    fn name(&mut self, kind: &str, file: &str) {
        let called = one_line(file);
        if self.attachments.len() < MOST_ATTACHMENTS {
            self.attachments.push(if called.is_empty() { one_line(kind) } else { called });
        } else {
            self.is_cut = true;
        }
    }

    /// The words: the plain ones where there are any, or those of the HTML; and whether some are left out.
    fn words(&self) -> (String, bool) {
        let plain = text::of_plain(&self.plain);
        let words = if plain.trim().is_empty() { text::of_html(&self.html, None) } else { plain };
        let words = words.replace("\r\n", "\n");
        let words = words.trim();
        match words.char_indices().nth(LONGEST_TEXT) {
            Some((end, _)) => (words[..end].to_owned(), true),
            None => (words.to_owned(), self.is_cut),
        }
    }
}

/// Adds `more` to `text`, which is bounded.
fn take(text: &mut String, is_cut: &mut bool, more: &str) {
    let room = (LONGEST_TEXT * 4).saturating_sub(text.len());
    if !text.is_empty() && room > 0 {
        text.push('\n');
    }
    text.push_str(&more[..more.floor_char_boundary(room)]);
    *is_cut |= more.len() > room;
}
