use std::{fmt::Write as _, fs, path::PathBuf};

use proptest::prelude::*;

use super::*;

fn sample(name: &str) -> Vec<u8> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/bounces").join(name);
    fs::read(file).unwrap()
}

/// What a report says: the mail, then for each recipient address, action and status.
fn said(bytes: &[u8]) -> String {
    let report = read(bytes).unwrap();
    let mut said = report.original.clone().unwrap_or_default();
    for Recipient { addresses, action, status, .. } in &report.recipients {
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let _ = write!(said, " | {} {action:?} {status}", addresses[0]);
    }
    said
}

#[test]
fn real_reports_are_read() {
    for (name, expected) in [
        ("lhost-courier-01.eml", " | kijitora@example.co.jp Failed 5.1.1"),
        ("lhost-exchange2007-01.eml", " | mikeneko@example.co.jp Failed 5.1.1"),
        (
            "lhost-messagingserver-01.eml",
            "CD8C6134-C312-41D5-B083-366F7FA1D752@me.example.com | kijitora@example.jp Failed 5.1.1",
        ),
        ("lhost-office365-03.eml", " | kijitora@example.com Failed 5.1.0"),
        (
            "lhost-postfix-02.eml",
            " | filtered@example.co.jp Failed 5.2.1 | userunknown@example.co.jp Failed 5.1.1",
        ),
        ("lhost-postfix-05.eml", "FFFFFFFF.0000000@example.co.jp | kijitora@example.org Failed 4.1.1"),
        (
            "lhost-sendmail-04.eml",
            "000000000000000000000000000@host1.mx.example.jp | kijitora@example.com Failed 5.1.8",
        ),
        (
            "rfc3464-03.eml",
            "220000000022.0000.0000000000000000222@NEKO.NYAAN | kijitora@example.com Failed 5.0.0",
        ),
        ("lhost-postfix-09.eml", "20140913142357 | kijitora@example.ne.jp Failed 4.3.2"),
        (
            "rhost-gsuite-01.eml",
            "00222222-2222-2222-2222-FF00FFFF0000@example.jp | kijitora@example.de Failed 5.1.0",
        ),
    ] {
        let said = said(&sample(name));
        assert!(said.ends_with(expected), "{name}: {said}");
    }
    assert!(said(&sample("lhost-sendmail-29.eml")).contains(" Delayed 4."));
    let diagnostic = &read(&sample("lhost-exchange2007-01.eml")).unwrap().recipients[0].diagnostic;
    assert_eq!(diagnostic, "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found");
}

/// A report in which `part` is what is said of the delivery.
fn report(status: &str, part: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"b=1\"\r\n\r\n\
         --b=1\r\n\r\nSorry.\r\n--b=1\r\nContent-Type: message/{status}\r\n{part}\r\n--b=1\r\n\
         Content-Type: message/rfc822\r\n\r\nSubject: x\r\nMessage-ID: <019e@cert.example>\r\n\r\nHello\r\n--b=1--\r\n"
    )
}

const FIELDS: &str = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Ann@trust.example\nAction: failed\nStatus: 5.1.1\n";

#[test]
fn a_report_may_be_encoded() {
    let expected = "019e@cert.example | Ann@trust.example Failed 5.1.1";
    assert_eq!(said(report("delivery-status", &format!("\r\n{FIELDS}")).as_bytes()), expected);
    let base64 = data_encoding::BASE64_MIME.encode(FIELDS.as_bytes());
    let part = format!("Content-Transfer-Encoding: BASE64\r\n\r\n{base64}");
    assert_eq!(said(report("delivery-status", &part).as_bytes()), expected);
    let quoted = FIELDS.replace('=', "=3D").replace("trust.example", "trust.=\r\nexample");
    let part = format!("Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}");
    assert_eq!(said(report("delivery-status", &part).as_bytes()), expected);
    let lines = report("delivery-status", &format!("\r\n{FIELDS}")).replace("\r\n", "\n");
    assert_eq!(said(format!("From MAILER-DAEMON Mon Jun  1 09:00:00 2026\n{lines}").as_bytes()), expected);
}

#[test]
fn a_report_to_which_a_gateway_added_a_footer_is_read_and_one_that_lies_deeper_is_not() {
    let wrapped = |report: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n{report}\r\n\
             --outer\r\nContent-Type: text/plain\r\n\r\nThis mail was scanned.\r\n--outer--\r\n"
        )
    };
    let report = report("delivery-status", &format!("\r\n{FIELDS}"));
    let expected = "019e@cert.example | Ann@trust.example Failed 5.1.1";
    assert_eq!(said(wrapped(&report).as_bytes()), expected);
    let twice = wrapped(&wrapped(&report).replace("outer", "within"));
    assert!(read(twice.as_bytes()).unwrap_err().reason.contains("no report"));
}

#[test]
fn what_a_server_says_begins_with_its_status() {
    let leading = |said: &str| Status::leading(said).map(|status| status.to_string());
    assert_eq!(leading("5.1.1 <a@b.example>: user unknown").as_deref(), Some("5.1.1"));
    assert_eq!(leading("User unknown, see 5.1.1"), None);
    assert_eq!(leading(""), None);
}

#[test]
fn addresses_beyond_ascii_are_read_in_both_their_forms() {
    for address in ["utf-8; jos\\x{E9}@trust.example", "utf-8; josé@trust.example"] {
        let part = format!("\r\n{}", FIELDS.replace("rfc822; Ann@trust.example", address));
        let said = said(report("global-delivery-status", &part).as_bytes());
        assert!(said.contains("josé@trust.example Failed"), "{said}");
    }
}

#[test]
fn a_mail_named_beside_the_recipients_is_believed_where_none_comes_with_the_report() {
    let part = format!("\r\nX-Original-Message-ID: <019f@cert.example>\n{FIELDS}");
    let report = report("delivery-status", &part);
    assert!(said(report.as_bytes()).starts_with("019e@"));
    let without = report.replace("message/rfc822", "text/plain");
    assert!(said(without.as_bytes()).starts_with("019f@"));
}

#[test]
fn what_is_no_report_is_refused_with_a_reason() {
    let reason = |bytes: &[u8]| read(bytes).unwrap_err().reason;
    let away =
        b"From: ann@trust.example\nAuto-Submitted: auto-replied\nContent-Type: text/plain\n\nI am away.\n";
    assert!(reason(away).contains("no report"));
    assert!(is_automatic_reply(away) && !is_automatic_reply(b"Subject: Auto-Submitted: auto-replied\n\nx"));
    assert!(reason(b"").contains("no report"));
    let of_reading =
        report("disposition-notification", "\r\nx").replace("delivery-status", "disposition-notification");
    assert!(reason(of_reading.as_bytes()).contains("not about a delivery"));
    assert!(
        reason(report("delivery-status", "\r\nReporting-MTA: dns; x\r\n").as_bytes())
            .contains("no recipient")
    );
    assert!(reason(&vec![b'a'; LARGEST + 1]).contains("larger"));
}

#[test]
fn hostile_mails_cost_little() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(LARGEST / 30);
    assert!(read(nested.as_bytes()).is_err());
    let within = report("delivery-status", &format!("\r\n{FIELDS}")).replace("Hello", &nested[..LARGEST / 2]);
    assert!(read(within.as_bytes()).is_ok());
    let boundaries = format!("Content-Type: multipart/report; boundary=a\n\n{}", "--a\n".repeat(LARGEST / 5));
    assert!(read(boundaries.as_bytes()).is_err());
    let groups = format!("\r\n{}", "Final-Recipient: rfc822; a@b\nAction: failed\n\n".repeat(10_000));
    assert_eq!(
        read(report("delivery-status", &groups).as_bytes()).unwrap().recipients.len(),
        MOST_RECIPIENTS
    );
    let fields = format!("\r\n{}", "Final-Recipient: rfc822; a@b\n".repeat(20_000));
    assert_eq!(read(report("delivery-status", &fields).as_bytes()).unwrap().recipients.len(), 1);
    let long = format!("\r\n{FIELDS}Diagnostic-Code: smtp; {}\n", "5.1.1 \u{7} ".repeat(50_000));
    let said = read(report("delivery-status", &long).as_bytes()).unwrap();
    assert!(said.recipients[0].diagnostic.chars().count() <= LONGEST_DIAGNOSTIC);
    assert!(!said.recipients[0].diagnostic.contains('\u{7}'));
}

#[test]
fn a_status_is_found_where_it_stands() {
    let told = |status: &str, diagnostic: &str| Status::told(status, diagnostic).map(|it| it.to_string());
    assert_eq!(told("5.1.1 (bad address)", "").as_deref(), Some("5.1.1"));
    assert_eq!(told("5.0.0", "550 #5.1.0 Address rejected.").as_deref(), Some("5.1.0"));
    assert_eq!(told("", "550-5.1.1 no such user 10.5.1.1").as_deref(), Some("5.1.1"));
    assert_eq!(told("5.0.0", "from 192.0.2.22: 450 4.2.2 full").as_deref(), Some("5.0.0"), "another class");
    assert_eq!(told("5.0.0", "no"), Some("5.0.0".to_owned()));
    assert_eq!(told("9.1.1", "70000.1.1"), None);
}

proptest! {
    #[test]
    fn nothing_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), at in 0_usize..4_000, name in 0_usize..3) {
        let _ = read(&bytes);
        let mut damaged = sample(["lhost-exchange2007-01.eml", "rhost-gsuite-01.eml", "lhost-postfix-02.eml"][name]);
        let at = at.min(damaged.len());
        damaged.splice(at..at, bytes.iter().copied().take(20));
        let _ = read(&damaged);
    }
}
