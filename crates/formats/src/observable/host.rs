//! Hosts: IPv4 and IPv6 addresses, domains and onion services, and links that have no scheme.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{
    ObservableKind,
    domain::{self, Around},
    scan::{DIGIT, DOT, JOIN, NAME, Scanner},
};

/// The longest IPv6 address in text.
const LONGEST_IPV6: usize = 45;
/// What a version is called, and other things that are numbered so.
const VERSIONS: [&[u8]; 22] = [
    b"version",
    b"versions",
    b"ver",
    b"v",
    b"build",
    b"builds",
    b"release",
    b"releases",
    b"firmware",
    b"rev",
    b"revision",
    b"update",
    b"sdk",
    b"kernel",
    b"driver",
    b"patch",
    b"section",
    b"chapter",
    b"clause",
    b"paragraph",
    b"figure",
    b"table",
];
/// Products whose name, right before four numbers, says that they are a version, and what is numbered alike.
const PRODUCTS: [&[u8]; 14] = [
    b"connect secure",
    b"policy secure",
    b"pan-os",
    b"fortios",
    b"junos",
    b"openmanage",
    b"idrac",
    b"chrome",
    b"chromium",
    b"firefox",
    b"openssl",
    b"sonicos",
    b"coldfusion",
    b"oid",
];
/// What may stand between that word and a number.
const BETWEEN_VERSIONS: [&[u8]; 22] = [
    b"and", b"or", b"to", b"through", b"up", b"before", b"prior", b"from", b"than", b"earlier", b"later",
    b"between", b"is", b"was", b"number", b"no", b"the", b"of", b"as", b"until", b"after", b"x",
];
/// What follows a version and no address.
const AFTER_VERSION: [&[u8]; 8] = [
    b" or later",
    b" or earlier",
    b" or newer",
    b" or higher",
    b" and earlier",
    b" and prior",
    b" and below",
    b" and later",
];

/// A host, in the form in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Ipv4(String),
    Ipv6(String),
    Domain(String),
    Onion(String),
}

impl Host {
    pub fn value(&self) -> &str {
        match self {
            Self::Ipv4(value) | Self::Ipv6(value) | Self::Domain(value) | Self::Onion(value) => value,
        }
    }

    pub const fn kind(&self) -> ObservableKind {
        match self {
            Self::Ipv4(_) => ObservableKind::Ipv4,
            Self::Ipv6(_) => ObservableKind::Ipv6,
            Self::Domain(_) => ObservableKind::Domain,
            Self::Onion(_) => ObservableKind::Onion,
        }
    }
}

impl Scanner<'_, '_> {
    /// Looks at a run with dots in it; returns where it stopped, where it took something.
    pub fn host(&mut self, start: usize, end: usize, seen: u8) -> Option<usize> {
        let (start, seen) =
            if self.is_escaped(start) { (start + 1, self.run_end(start + 1).1) } else { (start, seen) };
        if seen & !(NAME | DOT | DIGIT | JOIN) == 0 {
            return self.addresses(start, end);
        }
        // "http__evil.example/a", as systems write it that know no colon.
        for scheme in [&b"http__"[..], b"https__", b"hxxp__", b"hxxps__"] {
            if self.says(start, scheme) {
                return self.url(start, start + scheme.len() - 2, start + scheme.len());
            }
        }
        let run = start;
        let (start, end) = self.trimmed(start, end);
        self.work += end - start;
        // "[REDACTED].example.com": what is left of a name is not the name.
        if self.bytes[run] == b'.' && matches!(self.before(run), b']' | b'>' | b'}') {
            return Some(end.max(start));
        }
        let sure = self.text.live.was_defanged(&(start..end));
        // A slash leads into a path where a name stands before it, and is a mark of its own elsewhere.
        let within = self.before(start) == b'/' && start > 1 && {
            let folder = self.bytes[start - 2];
            folder.is_ascii_alphanumeric() || matches!(folder, b'.' | b'_' | b'-')
        };
        let before = if self.before(start) == b'/' && !within { b' ' } else { self.before(start) };
        let around = Around { sure, before, after: self.byte(end), next: self.byte(end + 1) };
        let name = &self.bytes[start..end];
        let (length, host) = domain::read(name, around)?;
        let end = start + length;
        if let Some(taken) = self.schemeless(start, end, &host) {
            return Some(taken);
        }
        self.tell(host.kind(), start..end, host.value());
        Some(end)
    }

    /// The host that a link or mail address names between `start` and `end`, and where it ends.
    pub fn named_host(&mut self, start: usize, end: usize) -> Option<(usize, Host)> {
        let mut end = end;
        while end > start && matches!(self.bytes[end - 1], b'.' | b'-' | b'_') {
            end -= 1;
        }
        self.work += end - start;
        let name = &self.bytes[start..end];
        if let Some(address) = ipv4(name) {
            return Some((end, Host::Ipv4(address.to_string())));
        }
        let around = Around { sure: true, before: b' ', after: b' ', next: b' ' };
        let (length, host) = domain::read(name, around)?;
        Some((start + length, host))
    }

    /// `[2001:db8::1]`, `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    pub fn bracketed_host(&mut self, at: usize) -> Option<(usize, Host)> {
        let rest = &self.bytes[at + 1..self.bytes.len().min(at + LONGEST_IPV6 + 8)];
        self.work += rest.len();
        let close = memchr::memchr(b']', rest)?;
        let inner = std::str::from_utf8(&rest[..close]).ok()?;
        let plain =
            inner.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).map_or(inner, |_| &inner[5..]);
        let plain = plain.split('%').next()?;
        let host = match plain.parse::<Ipv6Addr>() {
            Ok(address) => Host::Ipv6(address.to_string()),
            Err(_) => Host::Ipv4(ipv4(plain.as_bytes())?.to_string()),
        };
        Some((at + 1 + close + 1, host))
    }

    /// The address whose first group, or `::`, stands at `start`.
    pub fn ipv6(&mut self, start: usize) -> Option<usize> {
        let before = self.before(start);
        if start < self.no_ipv6_before || before.is_ascii_alphanumeric() || matches!(before, b':' | b'_') {
            return None;
        }
        let digits = self.bytes[start..].iter().take(4 * LONGEST_IPV6);
        let length = digits.take_while(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')).count();
        self.work += length;
        self.no_ipv6_before = start + length;
        let mut end = start + length;
        while end > start && self.bytes[end - 1] == b'.' {
            end -= 1;
        }
        // A colon that ends a clause: but two colons may end an address.
        if self.bytes[..end].ends_with(b":") && !self.bytes[..end].ends_with(b"::") {
            end -= 1;
        }
        let after = self.byte(end);
        if end - start > LONGEST_IPV6 || after.is_ascii_alphanumeric() || after == b'_' {
            return None;
        }
        let text = std::str::from_utf8(&self.bytes[start..end]).ok()?;
        let address = text.parse::<Ipv6Addr>().ok().filter(|_| is_meant(text))?;
        self.tell(ObservableKind::Ipv6, start..end, &address.to_string());
        Some(end)
    }

    /// A run of digits, dots and hyphens: an address, or a range of them.
    fn addresses(&mut self, start: usize, end: usize) -> Option<usize> {
        let (mut taken, mut at) = (None, start);
        while at < end {
            let here = &self.bytes[at..end];
            let length = here.iter().position(|byte| matches!(byte, b'-' | b'_')).unwrap_or(here.len());
            self.work += length;
            let address = if length >= 7 { self.lone_ipv4(at, at + length) } else { None };
            taken = address.or(taken);
            at = address.unwrap_or(at + length).max(at + length) + 1;
        }
        taken.map(|taken| taken.max(end))
    }

    fn lone_ipv4(&mut self, start: usize, end: usize) -> Option<usize> {
        let mut end = end;
        while end > start && self.bytes[end - 1] == b'.' {
            end -= 1;
        }
        // "Downloaded...192.0.2.1": dots that lead to an address are no part of it.
        let led = self.bytes[start] == b'.' && self.before(start) == b'.';
        let start = start + usize::from(led);
        let address = ipv4(&self.bytes[start..end])?;
        let before = if led { b' ' } else { self.before(start) };
        let word = before.is_ascii_alphanumeric() && self.before(start - 1) != b'\\';
        if before == b'.' || word || before == b'_' && self.before(start - 1).is_ascii_digit() {
            return None;
        }
        let after = self.byte(end);
        if after >= 0x80 && self.letter(end).is_some_and(|letter| !super::scan::is_ideograph(letter)) {
            return None;
        }
        let sure = self.text.live.was_defanged(&(start..end));
        if !sure && self.is_version(start, end) {
            return None;
        }
        let host = Host::Ipv4(address.to_string());
        if let Some(taken) = self.schemeless(start, end, &host) {
            return Some(taken);
        }
        self.tell(ObservableKind::Ipv4, start..end, host.value());
        Some(end)
    }

    /// `evil.example/a` and `192.0.2.1:8080/a`: a link, though nobody wrote its scheme.
    fn schemeless(&mut self, start: usize, end: usize, host: &Host) -> Option<usize> {
        let path = self.after_port(end);
        let first = self.byte(path + 1);
        let begins = first.is_ascii_alphanumeric()
            || matches!(first, b'?' | b'_' | b'~' | b'%' | b'.' | b'-' | b'@' | b'#' | b'$' | b'+')
            || first == b'!' && self.byte(path + 2).is_ascii_alphanumeric();
        let led = self.before(start) == b'/' && !self.bytes[..start].ends_with(b"//");
        if self.byte(path) != b'/' || !begins || led {
            return None;
        }
        if let Host::Ipv4(_) = host {
            // A network: its length, and no folder, follows the slash.
            let digits =
                self.bytes[path + 1..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            let after = self.byte(path + 1 + digits);
            if (1..=2).contains(&digits)
                && !(after.is_ascii_alphanumeric() || matches!(after, b'/' | b'-' | b'_' | b'?'))
            {
                return None;
            }
        }
        let last = self.link_end(path, start);
        let value = self.link_value(None, start..start, start..end, host, end..last);
        self.tell(ObservableKind::Url, start..last, &value);
        self.tell_within(host.kind(), start..end, host.value());
        Some(last)
    }

    /// After `:8080`, where that stands at `at`.
    pub fn after_port(&self, at: usize) -> usize {
        if self.byte(at) != b':' {
            return at;
        }
        let digits = self.bytes[at + 1..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=5).contains(&digits) { at + 1 + digits } else { at }
    }

    /// Whether four numbers are a version: by the words before, by a product and a slash, or by what follows.
    fn is_version(&mut self, start: usize, end: usize) -> bool {
        let line =
            self.bytes[start.saturating_sub(64)..start].rsplit(|byte| matches!(byte, b'\n' | b';')).next();
        let line = line.unwrap_or_default();
        self.work += line.len();
        if line.last() == Some(&b'/') {
            let word = line[..line.len() - 1]
                .rsplit(|byte| !byte.is_ascii_alphanumeric())
                .next()
                .unwrap_or_default();
            let address =
                [&b"ip"[..], b"ips", b"host", b"c2", b"server", b"tcp", b"udp", b"addr", b"address"];
            let named = line.len() > word.len() + 1 && line[line.len() - word.len() - 2] == b'.';
            // "HIER_DIRECT/192.0.2.1" of a proxy, but "OPR/109.0.0.0" of a browser.
            let capitals = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
            let mut field = line[..line.len() - 1].rsplit(|byte| !capitals(byte));
            let constant = field
                .next()
                .is_some_and(|name| name == b"DIRECT" || name.ends_with(word) && name.contains(&b'_'));
            return word.first().is_some_and(u8::is_ascii_alphabetic)
                && !(named || constant)
                && !address.iter().any(|known| word.eq_ignore_ascii_case(known));
        }
        let least = line.trim_ascii_end();
        if least.ends_with(b"<=") || least.ends_with(b">=") || line.ends_with(b"< ") {
            return true;
        }
        if AFTER_VERSION.iter().any(|words| self.says(end, words)) {
            return true;
        }
        if &self.bytes[start..end] == b"1.3.6.1" && ends_in(least, b"snmp") {
            return true;
        }
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
        let mut rest = line;
        for _ in 0..8 {
            let Some(tail) = rest.iter().rposition(part) else { return false };
            rest = &rest[..=tail];
            if PRODUCTS.iter().any(|known| ends_in(rest, known)) {
                return true;
            }
            let from = rest.iter().rposition(|byte| !part(byte)).map_or(0, |before| before + 1);
            let word = rest[from..].strip_suffix(b".").unwrap_or(&rest[from..]);
            rest = &rest[..from];
            if VERSIONS.iter().any(|known| word.eq_ignore_ascii_case(known)) || is_marked_version(word) {
                return true;
            }
            let between = BETWEEN_VERSIONS.iter().any(|known| word.eq_ignore_ascii_case(known));
            if !between && !word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.' || *byte == b'x') {
                return false;
            }
        }
        false
    }

    /// Whether a run begins with the `n` of a `\n` within a string of some language.
    fn is_escaped(&self, start: usize) -> bool {
        self.before(start) == b'\\'
            && matches!(self.bytes[start], b'n' | b'r' | b't')
            && self.byte(start + 1).is_ascii_alphanumeric()
            && !self.before(start - 1).is_ascii_uppercase()
    }

    fn trimmed(&self, mut start: usize, mut end: usize) -> (usize, usize) {
        while start < end && matches!(self.bytes[start], b'.' | b'-') {
            start += 1;
        }
        while end > start && matches!(self.bytes[end - 1], b'.' | b'-') {
            end -= 1;
        }
        // _emphasised_, as Markdown has it.
        if end > start + 1 && self.bytes[start] == b'_' && self.bytes[end - 1] == b'_' {
            (start, end) = (start + 1, end - 1);
        }
        while end > start && self.bytes[end - 1] == b'_' {
            end -= 1;
        }
        (start, end)
    }
}

/// Whether a text ends in a name, in any letters, that is no part of a longer word.
fn ends_in(text: &[u8], name: &[u8]) -> bool {
    text.len() >= name.len() && {
        let (before, last) = text.split_at(text.len() - name.len());
        last.eq_ignore_ascii_case(name) && !before.last().is_some_and(u8::is_ascii_alphanumeric)
    }
}

/// `v9.8.1.5`
fn is_marked_version(word: &[u8]) -> bool {
    matches!(word, [b'v' | b'V', digit, rest @ ..]
        if digit.is_ascii_digit() && rest.contains(&b'.')
            && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

/// Four numbers up to 255; zeros before them do not make them octal, since nobody means that.
pub(super) fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    if !(7..=15).contains(&text.len()) {
        return None;
    }
    let mut octets = [0u8; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let digits = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
        *octet = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Whether somebody means an address: `a::b` is a path in some language, `10::30` is a time, and eight
/// pairs of digits are the address of a network card.
fn is_meant(text: &str) -> bool {
    let first = text.split(':').next().unwrap_or_default();
    if let Some(rest) = text.strip_prefix("::") {
        return rest == "1" || rest.len() >= 4;
    }
    if text.contains("::") {
        return first.len() >= 3 && first.bytes().any(|byte| byte.is_ascii_digit())
            || matches!(first.get(..2), Some("fe" | "fc" | "fd" | "ff" | "FE" | "FC" | "FD" | "FF"))
                && first.len() == 4
            || first == "64";
    }
    text.split(':').any(|group| group.len() != 2)
}
