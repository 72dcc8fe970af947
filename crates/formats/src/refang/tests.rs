//! How people take teeth out, and what only looks like it.

use super::*;

fn live(text: &str) -> String {
    String::from_utf8(Live::of(text.as_bytes(), Encoding::Plain).bytes.into_owned()).unwrap()
}

#[test]
fn teeth_are_put_back_where_they_were_taken() {
    for (written, meant) in [
        ("evil[.]example", "evil.example"),
        ("evil(.)example and evil{.}example", "evil.example and evil.example"),
        ("a[dot]b(DOT)c{Dot}d", "a.b.c.d"),
        ("evil [.] example", "evil.example"),
        ("evil [ . ] example", "evil.example"),
        ("evil[[.]]example", "evil.example"),
        ("evil[.example 1[.2.]3[.4", "evil.example 1.2.3.4"),
        ("hxxp[:]//evil[.]example[/]x", "hxxp://evil.example/x"),
        ("hxxp[://]evil[.]example", "hxxp://evil.example"),
        ("user[at]evil(dot)example", "user@evil.example"),
        ("user [at] evil [dot] example", "user@evil.example"),
        ("user[@]evil.example", "user@evil.example"),
        ("fe80[:]:1[:]2", "fe80::1:2"),
        (r"evil\.example 1\.2\.3\.4", "evil.example 1.2.3.4"),
        (r#""http:\/\/evil.example\/a\u0026b""#, r#""http://evil.example/a&b""#),
        ("evil&#46;example&#x2e;com a&amp;b", "evil.example.com a&b"),
        ("example dot com", "example.com"),
        ("user.name at example dot co dot uk", "user.name@example.co.uk"),
        ("example-dot-com", "example.com"),
    ] {
        assert_eq!(live(written), meant, "{written}");
    }
}

#[test]
fn what_only_looks_like_a_tooth_stays() {
    for text in [
        "We met (at noon) and [see.] left.",
        "an example). [B]",
        "the dot product; a dot in the middle",
        "it is at the office dot matrix",
        r"C:\Users\.ssh\.config",
        "[b]bold[/b] f(.5) x[at + 1]",
        "KEY=\nvalue",
        "R&D and AT&T &unknown;",
    ] {
        assert_eq!(live(text), text);
    }
}

#[test]
fn every_byte_is_known_to_come_from_somewhere() {
    let text = "see hxxp[:]//a[.]b, c[.]d.";
    let live = Live::of(text.as_bytes(), Encoding::Plain);
    let at = live.bytes.windows(3).position(|three| three == b"c.d").unwrap();
    assert_eq!(&text[live.written(&(at..at + 3))], "c[.]d");
    assert_eq!(&text[live.written(&(at..at + 1))], "c");
    assert_eq!(&text[live.written(&(at + 2..at + 3))], "d");
    assert!(live.was_defanged(&(at..at + 3)) && !live.was_defanged(&(at + 2..at + 3)));
}

#[test]
fn lines_of_quoted_printable_go_on() {
    let text = b"http://evil=\r\n.example/?a=3D1";
    let live = Live::of(text, Encoding::QuotedPrintable);
    assert_eq!(&*live.bytes, b"http://evil.example/?a=1");
    assert_eq!(live.written(&(0..11)), 0..11, "the line's end is not a part of what stands before it");
    assert_eq!(live.written(&(0..12)), 0..15);
}
