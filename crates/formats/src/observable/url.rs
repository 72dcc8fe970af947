//! Links.

use std::ops::Range;

use super::{
    Nesting, ObservableKind,
    host::Host,
    scan::{self, Scanner},
};
use crate::refang;

/// Schemes besides those that are defanged, of which the host is believed whatever its ending.
const SCHEMES: [&str; 26] = [
    "ftps", "sftp", "tcp", "udp", "ws", "wss", "ssh", "smb", "ldap", "ldaps", "rdp", "telnet", "tftp", "git",
    "irc", "rtsp", "socks4", "socks5", "socks", "mqtt", "nfs", "dns", "gopher", "imap", "smtp", "ssl",
];
/// What carries another scheme.
const CARRIERS: [&str; 5] = ["stratum+", "git+", "svn+", "hg+", "bzr+"];
/// The longest name of a scheme that is looked at.
const LONGEST_SCHEME: usize = 12;
/// The longest user and password in a link.
const LONGEST_USER: usize = 128;
/// The longest link, in bytes; the rest of a longer one is not read.
const LONGEST: usize = 8192;

impl Scanner<'_, '_> {
    /// The link whose scheme ends the run from `start` to `scheme_end`, and whose slashes end at `slashes`.
    pub fn url(&mut self, start: usize, scheme_end: usize, slashes: usize) -> Option<usize> {
        let (scheme_start, scheme, known) = self.scheme(start, scheme_end)?;
        // What is not written as links are has to name a host.
        let slipped = slashes != scheme_end + 3 || !self.says(scheme_end, b":");
        if slipped && !known {
            return None;
        }
        if scheme == "file"
            && let Some(taken) = self.web_folder(scheme_start, slashes)
        {
            return Some(taken);
        }
        let (user_start, slipped) = match self.over_slip(slashes, known) {
            Some(after) => (after, true),
            None => (slashes, slipped),
        };
        let host_start = self.after_user(user_start);
        let bracketed = if self.byte(host_start) == b'[' { self.bracketed_host(host_start) } else { None };
        let (host_end, host) = if let Some((end, host)) = bracketed {
            (end, Some(host))
        } else {
            let (end, _) = self.run_end(host_start);
            match self.named_host(host_start, end) {
                Some((end, host)) => (end, Some(host)),
                None if known && !slipped => (self.plain_host(host_start, end)?, None),
                None => return None,
            }
        };
        if scheme == "file" && self.byte(host_end) == b'@' {
            return None;
        }
        let path = self.after_port(host_end);
        if host.is_none() && self.byte(path) == b':' {
            // An IPv6 address without its brackets.
            return None;
        }
        let end = if matches!(self.byte(path), b'/' | b'?' | b'#') {
            self.link_end(path, scheme_start)
        } else {
            path
        };
        if host.is_none() && end <= path + 1 && path == host_end {
            // A host that nobody else knows needs something to be asked for.
            return None;
        }
        let fallback = || {
            let text = String::from_utf8_lossy(&self.bytes[host_start..host_end]).to_ascii_lowercase();
            Host::Domain(text)
        };
        let shown = host.clone().unwrap_or_else(fallback);
        let value = self.link_value(
            Some(&scheme),
            user_start..host_start,
            host_start..host_end,
            &shown,
            host_end..end,
        );
        self.tell(ObservableKind::Url, scheme_start..end, &value);
        if let Some(host) = host {
            let bracket = usize::from(self.byte(host_start) == b'[');
            self.tell_within(host.kind(), host_start + bracket..host_end - bracket, host.value());
        }
        if self.text.nesting == Nesting::Every {
            self.tokens(path, end);
        }
        Some(end)
    }

    /// `file://host@80/share/a.lnk`, a folder of the web as Windows names it: the port stands behind an at sign.
    fn web_folder(&mut self, scheme_start: usize, host_start: usize) -> Option<usize> {
        let (host_end, _) = self.run_end(host_start);
        if self.byte(host_end) != b'@' {
            return None;
        }
        let ssl = if self.says(host_end + 1, b"SSL@") { 4 } else { 0 };
        let port = host_end + 1 + ssl;
        let digits = self.bytes[port..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let path = port + digits;
        if !(1..=5).contains(&digits) || self.byte(path) != b'/' {
            return None;
        }
        let (named_end, host) = self.named_host(host_start, host_end)?;
        if named_end != host_end {
            return None;
        }
        let end = self.link_end(path, scheme_start);
        let none = host_start..host_start;
        let value = self.link_value(Some("file"), none, host_start..host_end, &host, host_end..end);
        self.tell(ObservableKind::Url, scheme_start..end, &value);
        self.tell_within(host.kind(), host_start..host_end, host.value());
        Some(end)
    }

    /// After what slipped in between the slashes of a known scheme and its host: a blank, a third slash, a bracket.
    fn over_slip(&self, at: usize, known: bool) -> Option<usize> {
        let slip = match self.byte(at) {
            b' ' => at < self.bytes.len(),
            b'/' => true,
            b'[' => !self.bytes[at..].iter().take(48).any(|byte| *byte == b']'),
            _ => false,
        };
        (known && slip && self.byte(at + 1).is_ascii_alphanumeric()).then_some(at + 1)
    }

    /// The scheme that ends at `colon`, live, with where it begins and whether we know it.
    fn scheme(&mut self, start: usize, colon: usize) -> Option<(usize, String, bool)> {
        let letters = self.bytes[start..colon].iter().rev().take(LONGEST_SCHEME);
        let from = colon
            - letters
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
                .count();
        let word = std::str::from_utf8(&self.bytes[from..colon]).ok()?.to_ascii_lowercase();
        self.work += word.len();
        // "h**p": the stars are no part of a name.
        if matches!(word.as_str(), "p" | "ps") && start >= 3 && self.says(start - 3, b"h**") {
            let live = if word == "p" { "http" } else { "https" };
            return Some((start - 3, live.to_owned(), true));
        }
        for (at, _) in word.char_indices() {
            let tail = &word[at..];
            let live = refang::scheme(tail).or_else(|| SCHEMES.into_iter().find(|known| *known == tail));
            if let Some(live) = live {
                let (prefix, start) = self.carried(from + at);
                return Some((start, format!("{prefix}{live}"), true));
            }
        }
        let plain = word.len() >= 2
            && from == start
            && !word.contains('_')
            && word.as_bytes()[0].is_ascii_lowercase();
        plain.then_some((start, word, false))
    }

    /// What the scheme at `at` is carried by, as in `stratum+tcp`, and where that begins.
    fn carried(&self, at: usize) -> (&'static str, usize) {
        let by = CARRIERS.into_iter().find(|by| {
            at >= by.len() + self.done
                && self.says(at - by.len(), by.as_bytes())
                && !self.before(at - by.len()).is_ascii_alphanumeric()
        });
        by.map_or(("", at), |by| (by, at - by.len()))
    }

    /// After `user:password@`, where that stands at `at`.
    fn after_user(&mut self, at: usize) -> usize {
        let rest = &self.bytes[at..self.bytes.len().min(at + LONGEST_USER)];
        let user =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%+:!$&=*@".contains(byte) || *byte >= 0x80;
        let length = rest.iter().take_while(|byte| user(byte)).count();
        self.work += length;
        memchr::memrchr(b'@', &rest[..length]).map_or(at, |last| at + last + 1)
    }

    /// The end of a host of our own network, or of an ending that nobody knows.
    fn plain_host(&self, start: usize, end: usize) -> Option<usize> {
        let mut end = end;
        while end > start && matches!(self.bytes[end - 1], b'.' | b'-' | b'_') {
            end -= 1;
        }
        let name = &self.bytes[start..end];
        let label = |label: &[u8]| (1..=63).contains(&label.len()) && label[0] != b'-';
        let letters = name.iter().any(u8::is_ascii_alphabetic) || name.len() >= 8;
        (name.len() >= 2
            && name.len() <= 253
            && letters
            && name.is_ascii()
            && name.split(|b| *b == b'.').all(label))
        .then_some(end)
    }

    /// Where the link ends whose path, query or fragment begins at `at` and which begins at `link`.
    pub fn link_end(&mut self, at: usize, link: usize) -> usize {
        let opener = self.before(link);
        let line_start = matches!(opener, b'\n') || link == 0;
        let (mut here, mut query) = (at, false);
        let mut open = [0u32; 3];
        let limit = self.bytes.len().min(link + LONGEST);
        while here < limit {
            let byte = self.bytes[here];
            match byte {
                0..=b' ' | 0x7f | b'"' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'^' => break,
                b'(' => open[0] += 1,
                b'[' => open[1] += 1,
                b'{' => open[2] += 1,
                b')' | b']' | b'}' => {
                    let depth = &mut open[match byte {
                        b')' => 0,
                        b']' => 1,
                        _ => 2,
                    }];
                    if *depth == 0 {
                        break;
                    }
                    *depth -= 1;
                }
                b'\'' if opener == b'\'' || !self.goes_on(here + 1) => break,
                b',' | b';' => {
                    let column = opener == byte || line_start && !query && byte == b',';
                    if column || !self.goes_on(here + 1) || self.begins_link(here + 1) {
                        break;
                    }
                }
                b'*' if opener == b'*' => break,
                b'?' => query = true,
                0x80.. => match self.letter(here) {
                    Some(letter) if !scan::is_ideograph(letter) => here += letter.len_utf8() - 1,
                    _ => break,
                },
                _ => {}
            }
            here += 1;
        }
        while here > at && b".,:;!?'*([{".contains(&self.bytes[here - 1]) {
            here -= 1;
        }
        self.work += here - at;
        here
    }

    fn goes_on(&self, at: usize) -> bool {
        let byte = self.byte(at);
        byte.is_ascii_alphanumeric() || b"/-._~%+:=&@#$?!*".contains(&byte)
    }

    fn begins_link(&self, at: usize) -> bool {
        self.says(at, b"http") || self.says(at, b"hxxp")
    }

    /// A link as it is compared: scheme and host in small letters, the rest as it is.
    pub fn link_value(
        &self,
        scheme: Option<&str>,
        user: Range<usize>,
        written_host: Range<usize>,
        host: &Host,
        rest: Range<usize>,
    ) -> String {
        let text = |part: Range<usize>| String::from_utf8_lossy(&self.bytes[part]);
        let host = match host {
            Host::Ipv6(_) | Host::Ipv4(_) => text(written_host).to_ascii_lowercase(),
            Host::Domain(name) | Host::Onion(name) => name.clone(),
        };
        let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
        format!("{scheme}{}{host}{}", text(user), text(rest))
    }
}
