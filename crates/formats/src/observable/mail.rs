//! Mail addresses.

use super::{ObservableKind, host::Host, scan::Scanner};

/// The longest local part there is (RFC 5321).
const LONGEST_LOCAL: usize = 64;
/// Headers, and fields of logs, whose value looks like a mail address and is none.
const MESSAGE_IDS: [&[u8]; 5] = [b"message-id", b"references", b"in-reply-to", b"content-id", b"msgid"];
/// How far before such a value its name is looked for.
const NAME_BEFORE: usize = 40;

impl Scanner<'_, '_> {
    /// The address whose `@` stands at `at`.
    pub fn email(&mut self, at: usize) -> Option<usize> {
        let start = self.local_part(at)?;
        let (end, host) = if self.byte(at + 1) == b'[' {
            let (close, host) = self.bracketed_host(at + 1)?;
            (close, host)
        } else {
            let (end, _) = self.run_end(at + 1);
            let named = self.named_host(at + 1, end)?;
            if !matches!(named.1, Host::Domain(_) | Host::Onion(_)) {
                return None;
            }
            named
        };
        if self.is_message_id(start) {
            return Some(end);
        }
        let local = String::from_utf8_lossy(&self.bytes[start..at]).to_lowercase();
        let literal = self.byte(at + 1) == b'[';
        let domain = if literal {
            String::from_utf8_lossy(&self.bytes[at + 1..end]).to_lowercase()
        } else {
            host.value().to_owned()
        };
        self.tell(ObservableKind::Email, start..end, &format!("{local}@{domain}"));
        let inner = if literal { at + 2..end - 1 } else { at + 1..end };
        self.tell_within(host.kind(), inner, host.value());
        Some(end)
    }

    /// Where the part before the `@` begins.
    fn local_part(&mut self, at: usize) -> Option<usize> {
        let earliest = at.saturating_sub(LONGEST_LOCAL).max(self.done);
        let mut start = at;
        while start > earliest {
            let byte = self.bytes[start - 1];
            let plain =
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'');
            if !plain && byte < 0x80 {
                break;
            }
            start -= 1;
        }
        self.work += at - start;
        // Characters beyond ASCII are kept whole, and only letters at that.
        let local = String::from_utf8_lossy(&self.bytes[start..at]);
        let kept = local.rfind(|c: char| !c.is_ascii() && !c.is_alphabetic() || super::scan::is_ideograph(c));
        if let Some(cut) = kept {
            let cut_char = local[cut..].chars().next()?;
            let rest = &local[cut + cut_char.len_utf8()..];
            start = at - rest.len();
        }
        if let Some(dots) = memchr::memmem::rfind(&self.bytes[start..at], b"..") {
            start += dots + 2;
        }
        while start < at && matches!(self.bytes[start], b'.' | b'-' | b'\'' | b'%' | b'+') {
            start += 1;
        }
        // "\nuser@…" within a string of some language.
        if self.before(start) == b'\\' && matches!(self.byte(start), b'n' | b'r' | b't') && at - start > 1 {
            start += 1;
        }
        (start < at && self.bytes[at - 1] != b'.').then_some(start)
    }

    /// Whether it stands where messages are numbered.
    fn is_message_id(&mut self, start: usize) -> bool {
        if !matches!(self.before(start), b'<' | b'=' | b' ' | b'"') {
            return false;
        }
        let from = start.saturating_sub(NAME_BEFORE);
        let before = &self.bytes[from..start];
        self.work += before.len();
        let line = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..]);
        // The local part may hold signs that ours may not: the bracket opens before them.
        let opened = line.iter().rposition(|byte| matches!(byte, b'<' | b' '));
        let line = opened.filter(|at| line[*at] == b'<').map_or(line, |at| &line[..at]);
        let name = line
            .iter()
            .rposition(|byte| !matches!(byte, b'<' | b'=' | b' ' | b'"' | b':'))
            .map_or(0, |last| last + 1);
        MESSAGE_IDS.iter().any(|known| {
            line[..name].len() >= known.len() && line[name - known.len()..name].eq_ignore_ascii_case(known)
        })
    }
}
