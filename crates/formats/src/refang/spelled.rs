//! Dots and ats that are spelled as words: `example-dot-com`, `user_at_example.com`, `user at example dot com`.

use super::{Reading, bracketed};

/// Endings after which `example dot com` is a domain and no sentence.
const SPELLED: [&str; 16] = [
    "com", "net", "org", "info", "biz", "gov", "edu", "xyz", "top", "onion", "uk", "ru", "cn", "de", "fr",
    "eu",
];

/// What mailboxes are called that belong to nobody.
const MAILBOXES: [&[u8]; 20] = [
    b"abuse",
    b"accounts",
    b"admin",
    b"billing",
    b"contact",
    b"decrypt",
    b"helpdesk",
    b"hr",
    b"info",
    b"invoices",
    b"noreply",
    b"payments",
    b"postmaster",
    b"recovery",
    b"restore",
    b"sales",
    b"security",
    b"support",
    b"unlock",
    b"webmaster",
];
/// What is said before an address.
const MAIL_CUES: [&[u8]; 5] = [b"mail", b"contact ", b"write to ", b"writing to ", b"reply to "];
/// How far before an ` at ` both are looked for.
const MAILBOX_BEFORE: usize = 40;

impl Reading<'_> {
    /// `example-dot-com`
    pub(super) fn hyphens(&mut self, at: usize) -> usize {
        let marked = self.text.get(at..at + 5).is_some_and(|here| here.eq_ignore_ascii_case(b"-dot-"));
        if marked && self.before(at).is_ascii_alphanumeric() && self.common_ending(at + 5).is_some() {
            self.replace(at..at + 5, b".", true)
        } else {
            at + 1
        }
    }

    /// `user_at_example.com`, and `example_dot_com`
    pub(super) fn underscores(&mut self, at: usize) -> usize {
        let says = |at: usize, word: &[u8]| {
            self.text.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
        };
        if !self.before(at).is_ascii_alphanumeric() {
            return at + 1;
        }
        if says(at, b"_dot_") && self.common_ending(at + 5).is_some() {
            return self.replace(at..at + 5, b".", true);
        }
        if says(at, b"_at_") {
            let name = name_end(self.text, at + 4);
            let goes_on = says(name, b"_dot_") && self.common_ending(name + 5).is_some()
                || self.byte(name) == b'.' && self.is_ending(name + 1)
                || bracketed(self.text, name).is_some_and(|(meant, _)| meant == b".");
            if name > at + 4 && goes_on {
                return self.replace(at..at + 4, b"@", true);
            }
        }
        at + 1
    }

    /// `example dot com`, and `user at example dot com`.
    pub(super) fn spelled(&mut self, at: usize) -> usize {
        let text = self.text;
        let says = |at: usize, word: &[u8]| {
            text.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
        };
        if !self.before(at).is_ascii_alphanumeric() {
            return at + 1;
        }
        if says(at, b" dot ") && self.spelled_ending(at) {
            return self.replace(at..at + 5, b".", true);
        }
        if says(at, b" at ") {
            let name = name_end(text, at + 4);
            let mailbox =
                text[..at].iter().rev().take(24).any(|byte| matches!(byte, b'.' | b'_' | b'0'..=b'9'));
            let capitals = text[at + 1].is_ascii_uppercase();
            let mailbox = mailbox || capitals || self.is_mailbox(at);
            if name > at + 4 && says(name, b" dot ") && self.spelled_ending(name) && mailbox {
                return self.replace(at..at + 4, b"@", true);
            }
        }
        at + 1
    }

    /// Whether the word that ends at `at` is what mailboxes are called, or something said before it that one follows.
    /// "failed at evil dot com" is no address.
    fn is_mailbox(&self, at: usize) -> bool {
        let line = &self.text[at.saturating_sub(MAILBOX_BEFORE)..at];
        let line = memchr::memrchr(b'\n', line).map_or(line, |end| &line[end + 1..]);
        let word = line.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |last| last + 1);
        let (before, word) = line.split_at(word);
        let said = |cue: &&[u8]| before.windows(cue.len()).any(|here| here.eq_ignore_ascii_case(cue));
        MAILBOXES.iter().any(|known| word.eq_ignore_ascii_case(known)) || MAIL_CUES.iter().any(said)
    }

    /// Whether the ` dot ` at `at` leads, over others, to a common ending. Bounded: a name has few labels.
    fn spelled_ending(&self, mut at: usize) -> bool {
        for _ in 0..4 {
            if self.common_ending(at + 5).is_some() {
                return true;
            }
            at = name_end(self.text, at + 5);
            if !self.text.get(at..at + 5).is_some_and(|here| here.eq_ignore_ascii_case(b" dot ")) {
                return false;
            }
        }
        false
    }

    pub(super) fn common_ending(&self, at: usize) -> Option<&'static str> {
        let end = name_end(self.text, at);
        let word = self.text.get(at..end)?;
        SPELLED.into_iter().find(|ending| word.eq_ignore_ascii_case(ending.as_bytes()))
    }
}

/// Where a label that begins at `at` ends.
pub(super) fn name_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..text.len().min(at + 64)).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count()
}
