use std::{fmt::Write as _, fs, path::Path};

use super::*;

fn mail(head: &str, body: &str) -> Mail {
    read(
        format!("From: Pat Ward <Pat@Trust.NHS.uk>\nMessage-ID: <1@trust.nhs.uk>\n{head}\n\n{body}")
            .as_bytes(),
    )
}

#[test]
fn a_plain_mail_is_read_as_it_was_written() {
    let read = mail(
        "Subject: =?utf-8?Q?Hilfe=2C_Z=C3=BCrich?=\nContent-Type: text/plain; charset=iso-8859-1\n\
         Content-Transfer-Encoding: quoted-printable\nIn-Reply-To: <b@x>\nReferences: <a@x> <b@x>",
        "Alle Dateien sind verschl=FCsselt.\r\nBitte rufen Sie an.\r\n",
    );
    assert_eq!((read.from.as_str(), read.name.as_str()), ("Pat@trust.nhs.uk", "Pat Ward"));
    assert_eq!(read.subject, "Hilfe, Zürich");
    assert_eq!(read.text, "Alle Dateien sind verschlüsselt.\nBitte rufen Sie an.");
    assert_eq!(
        (read.id.as_deref(), read.answers),
        (Some("<1@trust.nhs.uk>"), vec!["b@x".to_owned(), "a@x".to_owned()])
    );
    assert_eq!((read.by, read.answer_to.as_deref()), (By::Person, Some("Pat@trust.nhs.uk")));
    assert!(!read.is_cut && read.attachments.is_empty());
}

#[test]
fn of_two_forms_the_plain_one_is_read_and_html_alone_is_made_plain() {
    let both =
        "--b\nContent-Type: text/html\n\n<p>Shown</p>\n--b\nContent-Type: text/plain\n\nPlain\n--b--\n";
    assert_eq!(mail("Content-Type: multipart/alternative; boundary=b", both).text, "Plain");
    let html = "<style>p {}</style><p>All <b>files</b> are locked</p><script>alert(1)</script><p>Ring 01632&nbsp;960001</p>";
    let read = mail("Content-Type: text/html; charset=utf-8", html);
    assert_eq!(read.text, "All files are locked\n\nRing 01632 960001");
}

#[test]
fn attachments_are_named_and_never_opened() {
    let body = "--m\n\nSee the picture.\n--m\nContent-Type: image/png; name=\"note.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0K\n\
                --m\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''l%C3%B6s%E2%80%AE.exe\n\nMZ\n\
                --m\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n\
                --m\nContent-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\nlog\n--m--\n";
    let read = mail("Content-Type: multipart/mixed; boundary=\"m\"", body);
    assert_eq!(read.text, "See the picture.");
    assert_eq!(read.attachments, ["note.png", "lös.exe", "message/rfc822", "log.txt"]);
}

#[test]
fn a_machine_is_told_from_a_person_and_gets_no_answer() {
    for (head, by) in [
        ("Auto-Submitted: no", By::Person),
        ("Auto-Submitted: auto-replied (vacation)", By::Reply),
        ("Auto-Submitted: auto-generated", By::Machine),
        ("Return-Path: <>", By::Reply),
        ("X-Autoreply: yes", By::Reply),
        ("Precedence: bulk", By::Machine),
        ("Precedence: auto_reply", By::Reply),
        ("List-Id: <staff.trust.nhs.uk>", By::Machine),
        ("LIST-UNSUBSCRIBE: <mailto:leave@trust.nhs.uk>", By::Machine),
        ("L\u{e9}st-Id: x", By::Person),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", By::Reply),
    ] {
        let read = mail(head, "Text");
        assert_eq!((read.by, read.answer_to.is_some()), (by, by == By::Person), "{head}");
    }
    for head in [
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "Return-Path: <MAILER-DAEMON@mx.example>",
        "Return-Path: <owner-staff@trust.nhs.uk>",
        "Return-Path: <staff-bounces@trust.nhs.uk>",
        "Return-Path: not an address",
    ] {
        assert_eq!((mail(head, "Text").by, mail(head, "Text").answer_to), (By::Person, None), "{head}");
    }
    // Where it came from, not where it says to be from.
    assert_eq!(
        mail("Return-Path: <pat@home.example>", "Text").answer_to.as_deref(),
        Some("pat@home.example")
    );
}

#[test]
fn every_report_of_a_mail_server_that_we_hold_is_a_reply_of_a_machine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/bounces");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            let read = read(&fs::read(&path).unwrap());
            assert_eq!((read.by, &read.answer_to), (By::Reply, &None), "{}", path.display());
            assert!(!read.subject.is_empty(), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 10);
}

#[test]
fn no_mail_is_too_much() {
    let ids = "<x@y> ".repeat(10_000);
    assert!(mail(&format!("References: {ids}"), "Text").answers.len() <= MOST_ANSWERED);
    let read = mail("Subject: x\nContent-Type: text/plain", &"y".repeat(3 * LARGEST));
    assert!(read.is_cut && read.text.chars().count() == LONGEST_TEXT);
    // Parts within parts, and very many beside each other.
    let mut deep = String::new();
    for level in 0..2_000 {
        let _ = write!(deep, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    assert!(super::read(deep.as_bytes()).is_cut);
    let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(100_000));
    assert!(super::read(wide.as_bytes()).is_cut);
    for broken in ["", "\n", "From", "From:\n", "From: <\u{0}@>\nSubject:\n\n", "Message-ID: <a\r\n b>\n\n"] {
        let read = super::read(broken.as_bytes());
        assert_eq!((read.from.as_str(), read.answer_to), ("", None), "{broken:?}");
    }
    assert_eq!(mail("Subject: a\u{202E}b\u{7}c", "").subject, "abc");
    assert_eq!(super::read(b"From: a@b.example\nMessage-ID: <a b>\n\n").id, None);
}
