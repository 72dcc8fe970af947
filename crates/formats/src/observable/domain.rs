//! Which dotted names are domains, and which are files, versions, abbreviations or code.
//!
//! A name that was defanged, or stands in a link or mail address, is a domain where its ending is a
//! public suffix. Of a bare one more is asked, since `.zip`, `.py` and `.net` end other things too.

use super::{checksum, host::Host};

/// What stands around a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Whether somebody made it plain that it is a host.
    pub sure: bool,
    /// The byte before it.
    pub before: u8,
    /// The byte after it.
    pub after: u8,
    /// The byte after that.
    pub next: u8,
}

/// Public suffixes that end the names of files: a bare name of two labels is the file.
const FILE_SUFFIXES: [&str; 21] = [
    "zip", "mov", "md", "rs", "py", "sh", "pl", "ps", "so", "cab", "cat", "inc", "dot", "app", "pm", "mk",
    "py", "do", "in", "rip", "data",
];
/// Those among them with which even longer names are files.
const ALWAYS_FILES: [&str; 5] = ["zip", "mov", "cab", "inc", "dot"];
/// Domains that look like such files.
const KNOWN_DOMAINS: [&str; 10] = [
    "docs.rs",
    "transfer.sh",
    "temp.sh",
    "notion.so",
    "onet.pl",
    "allegro.pl",
    "wp.pl",
    "interia.pl",
    "o2.pl",
    "gov.pl",
];
/// Names that end like domains and are none.
const NO_DOMAINS: [&str; 10] = [
    "command.com",
    "asp.net",
    "vb.net",
    "ado.net",
    "ml.net",
    "system.net",
    "system.io",
    "java.net",
    "java.io",
    "paint.net",
];
/// Suffixes that are the names of properties too.
const PROPERTY_SUFFIXES: [&str; 34] = [
    "open", "test", "name", "id", "is", "to", "in", "at", "map", "run", "call", "top", "host", "link",
    "style", "events", "data", "bar", "page", "menu", "show", "read", "watch", "channel", "global", "now",
    "date", "sc", "st", "box", "tab", "new", "one", "day",
];
/// What code calls the thing whose property that is.
const OBJECTS: [&str; 64] = [
    "this",
    "self",
    "window",
    "document",
    "location",
    "console",
    "module",
    "exports",
    "math",
    "json",
    "array",
    "string",
    "object",
    "user",
    "item",
    "row",
    "event",
    "request",
    "response",
    "req",
    "res",
    "err",
    "error",
    "el",
    "elem",
    "element",
    "obj",
    "ctx",
    "app",
    "node",
    "system",
    "os",
    "sys",
    "std",
    "host",
    "process",
    "file",
    "data",
    "config",
    "client",
    "server",
    "session",
    "source",
    "destination",
    "group",
    "rule",
    "agent",
    "service",
    "device",
    "account",
    "threat",
    "url",
    "dns",
    "thread",
    "parent",
    "child",
    "target",
    "input",
    "output",
    "result",
    "value",
    "args",
    "params",
    "props",
];
/// Names of packages in Java and its kin begin so.
const PACKAGES: [&str; 11] =
    ["com", "org", "net", "io", "java", "javax", "sun", "kotlin", "scala", "android", "androidx"];
/// Suffixes for use within networks and in examples (RFC 2606, RFC 6761, RFC 6762, and custom), and
/// `.bit`, which Namecoin gives out.
const SPECIAL: [&str; 11] = [
    "bit",
    "example",
    "invalid",
    "test",
    "local",
    "internal",
    "lan",
    "corp",
    "localdomain",
    "home",
    "intranet",
];
/// Suffixes under which one letter is a domain.
const SHORT: [&str; 12] = ["com", "net", "org", "co", "mp", "cc", "tv", "gg", "ly", "me", "to", "io"];

/// The host that a name is, and how much of the name that is.
pub(super) fn read(name: &[u8], around: Around) -> Option<(usize, Host)> {
    if name.len() > 253 || name.len() < 4 {
        return None;
    }
    let text = std::str::from_utf8(name).ok()?;
    match suffixed(text, around) {
        Some(host) => Some((text.len(), host)),
        // "… evil.example.The next sentence": somebody forgot the blank.
        None if !around.sure => {
            let (rest, last) = text.rsplit_once('.')?;
            let small = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
            let word = last.strip_prefix(|c: char| c.is_ascii_uppercase()).is_some_and(small);
            let host = suffixed(rest, Around { after: b' ', ..around }).filter(|_| word)?;
            Some((rest.len(), host))
        }
        None => None,
    }
}

fn suffixed(text: &str, around: Around) -> Option<Host> {
    let (_, last) = text.rsplit_once('.')?;
    let plausible =
        last.len() >= 2 && (last.bytes().all(|b| b.is_ascii_alphabetic() || b >= 0x80) || is_xn(last));
    if !plausible || !text.split('.').all(is_label) {
        return None;
    }
    let mut ascii = text.to_lowercase();
    if !ascii.is_ascii() {
        ascii = idna::domain_to_ascii(&ascii).ok()?;
    }
    if let Some(service) = ascii.strip_suffix(".onion") {
        let key = service.rsplit('.').next()?;
        return checksum::is_onion(key).then_some(Host::Onion(ascii));
    }
    let suffix = suffix(&ascii)?;
    let labels = text.split('.').count();
    if !around.sure && !is_bare_domain(text, &ascii, suffix, labels, around) {
        return None;
    }
    Some(Host::Domain(ascii))
}

/// The ending under which names are given out, where there is a name under it.
fn suffix(ascii: &str) -> Option<&str> {
    let last = ascii.rsplit('.').next()?;
    if SPECIAL.contains(&last) {
        return Some(last);
    }
    let found = psl::suffix(ascii.as_bytes()).filter(psl::Suffix::is_known)?;
    let whole = found.as_bytes().len() == ascii.len();
    let private = found.typ() == Some(psl::Type::Private);
    // "co.uk" is no domain; "duckdns.org" is one, though names are given out below it.
    (!whole || private).then_some(last)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_xn(label: &str) -> bool {
    label.get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case("xn--"))
}

/// Whether a name that nobody defanged is a domain.
fn is_bare_domain(text: &str, ascii: &str, suffix: &str, labels: usize, around: Around) -> bool {
    let (first, last) =
        (ascii.split('.').next().unwrap_or_default(), text.rsplit('.').next().unwrap_or_default());
    if KNOWN_DOMAINS.contains(&ascii) || first == "www" {
        return true;
    }
    if NO_DOMAINS.contains(&ascii) || !is_written_as_suffix(text, last) {
        return false;
    }
    // A part of a path, of which the beginning is not ours to know.
    if matches!(around.before, b'\\' | b'$' | b'#' | b'/') {
        return false;
    }
    // A call, an index, a field that is set, the key of a field.
    if matches!(around.after, b'(' | b'[') && labels == 2 && PROPERTY_SUFFIXES.contains(&suffix)
        || matches!((around.after, around.next), (b'(', b')') | (b':', b':') | (b'-', b'>'))
    {
        return false;
    }
    if PROPERTY_SUFFIXES.contains(&suffix)
        && matches!(first, "this" | "self" | "window" | "document" | "console")
    {
        return false;
    }
    // "192.0.2.xxx" is an address of which the last part was taken out.
    if suffix == "xxx"
        && ascii.split('.').rev().skip(1).all(|label| label.bytes().all(|b| b.is_ascii_digit()))
    {
        return false;
    }
    if labels > 2 && PACKAGES.contains(&first) && !matches!(suffix, "com" | "net" | "org") {
        return false;
    }
    let name = ascii[..ascii.len() - suffix.len() - 1].rsplit('.').next().unwrap_or_default();
    if name.len() == 1 && labels == 2 && !SHORT.contains(&suffix) {
        return false;
    }
    if labels == 2 && suffix.len() == 2 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if SPECIAL.contains(&suffix) && !matches!(suffix, "bit" | "example" | "invalid") {
        return labels > 2 || name.bytes().any(|byte| byte == b'-' || byte.is_ascii_digit());
    }
    if FILE_SUFFIXES.contains(&suffix) && (labels == 2 || ALWAYS_FILES.contains(&suffix) || is_source(ascii))
    {
        return false;
    }
    if labels == 2 && PROPERTY_SUFFIXES.contains(&suffix) {
        let set = around.after == b'=' || around.after == b'"' && around.next == b':';
        return !set && !OBJECTS.contains(&first) && !name.contains('_');
    }
    // An underscore stands in names of services, before the domain.
    !name.contains('_')
}

/// Whether the ending is written as endings are: `com`, `COM`, `Com`; but `System.Net`, `end.In` and the
/// `Winnti.CA` that scanners find are no domains.
fn is_written_as_suffix(text: &str, last: &str) -> bool {
    let small = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
    let capital = last.bytes().any(|byte| byte.is_ascii_uppercase());
    !capital || matches!(last, "Com" | "Org" | "COM") || !small(text)
}

/// Whether the label before the suffix is that of a file too, as in `lib.min.rs` or `libc.6.so`.
fn is_source(ascii: &str) -> bool {
    let mut labels = ascii.rsplit('.').skip(1);
    let before = labels.next().unwrap_or_default();
    matches!(before, "test" | "spec" | "min" | "tar" | "conf" | "config" | "h" | "c" | "py" | "sh")
        || before.bytes().all(|byte| byte.is_ascii_digit())
}
