//! Hostile texts, long ones, and what must hold of every text.

use std::{
    fmt::Write as _,
    io::{self, Read},
};

use proptest::prelude::*;

use super::{scan::Text, *};
use crate::refang::{Encoding, Live};

/// What stands where an observable was found.
fn span<'t>(text: &'t [u8], found: &Observable) -> &'t [u8] {
    &text[usize::try_from(found.start).unwrap()..usize::try_from(found.end).unwrap()]
}

fn told(text: &str, nesting: Nesting) -> Vec<String> {
    extract(text, nesting).into_iter().map(|found| format!("{} {}", found.kind, found.value)).collect()
}

#[test]
fn what_lies_within_another_is_told_where_that_is_asked_for() {
    let text = "hxxp://evil[.]com:8080/a, user@evil.org, 1.2.3.4/b, http://[2001:db8::1]/";
    assert_eq!(
        told(text, Nesting::Outermost),
        ["url http://evil.com:8080/a", "email user@evil.org", "url 1.2.3.4/b", "url http://[2001:db8::1]/"]
    );
    assert_eq!(
        told(text, Nesting::Every),
        [
            "url http://evil.com:8080/a",
            "domain evil.com",
            "email user@evil.org",
            "domain evil.org",
            "url 1.2.3.4/b",
            "ipv4 1.2.3.4",
            "url http://[2001:db8::1]/",
            "ipv6 2001:db8::1"
        ]
    );
    let link = "https://www.virustotal.com/file/d41d8cd98f00b204e9800998ecf8427e";
    assert!(told(link, Nesting::Every).contains(&"md5 d41d8cd98f00b204e9800998ecf8427e".to_owned()));
}

#[test]
fn the_span_is_of_what_was_written() {
    let text = "Straße: hxxps[:]//evil[.]com/a[.]exe, x\u{e9} 1[.]2[.]3[.]4.";
    let found = extract(text, Nesting::Outermost);
    let spans: Vec<_> = found.iter().map(|o| span(text.as_bytes(), o)).collect();
    assert_eq!(spans, [&b"hxxps[:]//evil[.]com/a[.]exe"[..], b"1[.]2[.]3[.]4"]);
    assert!(found.iter().zip(spans).all(|(found, span)| found.original.as_bytes() == span));
}

#[test]
fn bytes_that_are_no_text_move_nothing() {
    let text = b"\xff\xfe evil.com \xe9t\xe9 http://evil.net/a\xff b\x00evil.org\x80";
    let found = extract(text, Nesting::Outermost);
    let spans: Vec<_> = found.iter().map(|o| span(text, o)).collect();
    assert_eq!(spans, [&b"evil.com"[..], b"http://evil.net/a", b"evil.org"]);
}

#[test]
fn a_line_of_json_has_the_five_fields() {
    let found = extract("see evil[.]com", Nesting::Outermost);
    assert_eq!(
        serde_json::to_string(&found[0]).unwrap(),
        r#"{"type":"domain","value":"evil.com","original":"evil[.]com","start":4,"end":14}"#
    );
    let found = extract("10.1.2.3", Nesting::Outermost);
    assert_eq!(
        serde_json::to_string(&found[0]).unwrap(),
        r#"{"type":"ipv4","value":"10.1.2.3","original":"10.1.2.3","start":0,"end":8,"warning":"List of RFC 1918 CIDR blocks"}"#
    );
}

#[test]
fn no_nhs_number_is_ever_told() {
    let text = "943 476 5919 9434765919 http://a.com/9434765919?x=943-476-5919 x9434765919@a.com C:\\9434765919\\a \
                HKLM\\9434765919 9434765919.example.com /tmp/9434765919 http://a.com/943%20476%205919";
    for nesting in [Nesting::Outermost, Nesting::Every] {
        let told = serde_json::to_string(&extract(text, nesting)).unwrap();
        let digits: String = told.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        assert!(!digits.contains("9434765919") && !told.contains("943%20476"), "{told}");
        assert!(told.matches("nhs_number").count() >= 8, "{told}");
    }
}

/// Bytes that repeat in what is meant to stop a reader.
const HOSTILE: [&str; 49] = [
    "a.",
    "http://",
    "[",
    ".",
    "@",
    "1",
    "::",
    "\\",
    "\\\\",
    "a@",
    "a@a.",
    "1.1.1.1.",
    "[.]",
    "[.",
    "(",
    "hxxp://a[.]",
    "C:\\",
    "C:\\a ",
    "C:\\Documents and Settings ",
    "\\\\a\\a ",
    "HKLM\\a ",
    "HKLM\\",
    "%a%\\",
    "%",
    "~/",
    "/tmp/",
    "/tmp/a ",
    "a:",
    "a::",
    "1:",
    "f:",
    "cve-",
    "cve-2024-",
    "T1059.",
    "943 476 ",
    "9",
    "bc1q",
    "1A1z",
    "&#",
    "&#46;",
    " dot ",
    "a dot ",
    "a at b dot ",
    "http://a@",
    "http://a.com/(",
    "http://a.com/,",
    "-dot-",
    "\u{4e2d}.",
    "version 1.",
];

#[test]
fn hostile_texts_take_no_more_work_than_their_length_allows() {
    for (hostile, size) in HOSTILE.iter().flat_map(|hostile| [(hostile, 16 * 1024), (hostile, 128 * 1024)]) {
        let text = hostile.repeat(size / hostile.len());
        let live = Live::of(text.as_bytes(), Encoding::Plain);
        let mut found = Vec::new();
        let text = Text { live: &live, written: text.as_bytes(), base: 0, nesting: Nesting::Outermost };
        let work = scan::scan(&text, &mut found);
        assert!(work <= 100 * size, "{hostile:?}: {work} bytes looked at for {size}");
    }
}

/// A reader that gives a few bytes at a time.
struct Slow<'t>(&'t [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(into.len()).min(self.0.len());
        into[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

#[test]
fn a_long_text_is_read_in_pieces_with_the_same_result() {
    let mut text = String::new();
    for line in 0..8_000 {
        writeln!(text, "{line} hxxp://evil{line}[.]com/a from 10.{}.{}.7", line / 256 % 256, line % 256)
            .unwrap();
    }
    let whole = extract(&text, Nesting::Outermost);
    let pieces: Vec<_> = read(text.as_bytes(), Nesting::Outermost).collect::<Result<_, _>>().unwrap();
    assert_eq!(whole.len(), 16_000);
    assert!(whole == pieces);
    let slow: Vec<_> =
        read(Slow(&text.as_bytes()[..500], 3), Nesting::Outermost).map(Result::unwrap).collect();
    assert_eq!(slow, whole[..slow.len()]);
}

#[test]
fn a_line_without_an_end_is_cut_and_read() {
    let text = "evil.com ".repeat(400_000);
    let found = read(text.as_bytes(), Nesting::Outermost).map(Result::unwrap);
    assert_eq!(found.filter(|found| found.value == "evil.com").count(), 400_000);
}

#[test]
fn a_mail_in_quoted_printable_is_joined() {
    let mail = b"Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsee http://evil=\r\n.com/?a=3D1 now\r\n--b\r\n\r\nx=3D1 evil.net\r\n";
    let found: Vec<_> = read(&mail[..], Nesting::Outermost).map(Result::unwrap).collect();
    assert_eq!(
        found.iter().map(|o| o.value.as_str()).collect::<Vec<_>>(),
        ["http://evil.com/?a=1", "evil.net"]
    );
    let spans: Vec<_> = found.iter().map(|o| span(mail, o)).collect();
    assert_eq!(spans, [&b"http://evil=\r\n.com/?a=3D1"[..], b"evil.net"]);
}

#[test]
fn words_of_a_mail_in_base64_are_read_and_pictures_are_not() {
    let words = "c2VlIGh0dHA6Ly9ldmls\r\nLm5ldC9hIG5vdw==\r\n";
    let picture = "ZG93bi5jb20gdXAubmV0\r\n";
    let mail = format!(
        "Subject: x\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {words}--b\r\nContent-Transfer-Encoding: BASE64\r\nContent-Type: image/png\r\n\r\n{picture}--b--\r\nevil.org\r\n"
    );
    let found: Vec<_> = read(mail.as_bytes(), Nesting::Every).map(Result::unwrap).collect();
    let told: Vec<_> = found.iter().map(|o| (o.value.as_str(), span(mail.as_bytes(), o))).collect();
    let link = &b"IGh0dHA6Ly9ldmls\r\nLm5ldC9h"[..];
    let expected =
        [("http://evil.net/a", link), ("evil.net", &b"ldmls\r\nLm5ld"[..]), ("evil.org", b"evil.org")];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((value, span), (expected, letters)) in told.iter().zip(expected) {
        // The first and the last letter also say what stands beside it.
        assert!(
            *value == expected
                && span.windows(letters.len() - 2).any(|w| w == &letters[1..letters.len() - 1]),
            "{told:?}"
        );
    }
    // Wherever the reader cuts it.
    for behind in (0..mail.len()).step_by(7) {
        let filler = format!("{}\n", "-".repeat(256 * 1024 - behind - 1));
        let again = read(filler.as_bytes().chain(mail.as_bytes()), Nesting::Every).map(Result::unwrap);
        let ends: Vec<_> = again.map(|o| (o.value, o.end - filler.len() as u64)).collect();
        assert_eq!(ends, found.iter().map(|o| (o.value.clone(), o.end)).collect::<Vec<_>>(), "{behind}");
    }
}

#[test]
fn what_lies_within_a_link_is_told_in_order() {
    let found = extract("https://portal.trust.nhs.uk/patient/9434765919/letters", Nesting::Every);
    let kinds: Vec<_> = found.iter().map(|o| o.kind).collect();
    assert_eq!(kinds, [ObservableKind::Url, ObservableKind::Domain, ObservableKind::NhsNumber]);
}

/// What must hold of any text.
fn holds(text: &[u8]) -> Result<(), TestCaseError> {
    let says = |span: &[u8]| match Coding::of(text) {
        Some((coding, _)) => coding.text(span),
        None => String::from_utf8_lossy(span).into_owned(),
    };
    for nesting in [Nesting::Outermost, Nesting::Every] {
        let found = extract(text, nesting);
        let mut last = 0;
        for found in &found {
            prop_assert!(
                found.start >= last && found.start < found.end && found.end <= text.len() as u64,
                "{:?}",
                found
            );
            last = found.start;
            if !found.original.contains(REDACTED) {
                prop_assert_eq!(&says(span(text, found)), &found.original);
            }
        }
    }
    Ok(())
}

/// What is found is found again where it stands alone. What was plainly a host, though it ends as files do, is
/// written as one: defanged.
fn is_found_again(found: &Observable) -> Result<(), TestCaseError> {
    if found.value.contains(REDACTED) {
        return Ok(());
    }
    let plain = match found.kind {
        ObservableKind::Domain | ObservableKind::Email | ObservableKind::Ipv4 => {
            found.value.replace('.', "[.]")
        }
        ObservableKind::Url if !found.value.contains("://") => return Ok(()),
        _ => found.value.clone(),
    };
    let again = extract(&plain, Nesting::Outermost);
    prop_assert!(!again.is_empty(), "{:?} in {:?}", found, plain);
    prop_assert_eq!((again[0].kind, &again[0].value), (found.kind, &found.value), "{:?}", plain);
    Ok(())
}

#[test]
fn what_the_gold_set_holds_is_found_again_alone() {
    let lines: Vec<_> = include_str!("gold.txt").lines().filter(|line| !line.starts_with("> ")).collect();
    for found in extract(lines.join("\n"), Nesting::Outermost) {
        is_found_again(&found).unwrap();
    }
}

proptest! {
    #[test]
    fn any_bytes_hold(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        holds(&text)?;
    }

    #[test]
    fn texts_made_of_what_matters_hold(
        text in "(h(tt|xx)ps?(\\[:\\]|:)//|[a-z]{1,6}|[0-9]{1,4}|\\[\\.\\]|\\.com|\\.|@|:|::|/|\\\\|C:\\\\|HKLM\\\\|Documents and Settings|User Shell Folders|%TEMP%\\\\|/tmp/|\\[|\\]|\\(|\\)|<|>|\"|'|`|,|;| | dot |&#46;|=\n|\n|cve-|CVE-2024-1234|T1059|\\.\\d{3}|943 476 5919|é|中|д|\\.onion|2001:db8::1|1\\.2\\.3\\.4|-|_|%20|#|\\?|version ){0,40}"
    ) {
        holds(text.as_bytes())?;
    }
}
