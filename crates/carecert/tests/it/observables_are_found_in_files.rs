//! `carecert observables`: what a person and a program are told of files, and how it ends.

use std::{io::Write as _, process::Stdio};

use crate::process::carecert;

fn run(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut command = carecert(&[&["observables"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn a_program_reads_one_object_a_line_and_a_person_a_table() {
    let input = b"\xffsee hxxp://evil[.]com/a\nand 10.1.2.3\n";
    let (code, out, told) = run(&["-", "--json", "--outermost"], input);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(
        out.lines().collect::<Vec<_>>(),
        [
            r#"{"type":"url","value":"http://evil.com/a","original":"hxxp://evil[.]com/a","start":5,"end":24}"#,
            r#"{"type":"ipv4","value":"10.1.2.3","original":"10.1.2.3","start":29,"end":37,"warning":"List of RFC 1918 CIDR blocks"}"#,
        ]
    );
    let (_, nested, _) = run(&["-", "--json"], input);
    assert!(
        nested
            .contains(r#"{"type":"domain","value":"evil.com","original":"evil[.]com","start":12,"end":22}"#)
    );
    let (code, table, _) = run(&["-"], input);
    assert_eq!(code, 0);
    assert!(
        table.contains("hxxp://evil[.]com/a") && table.contains("10[.]1[.]2[.]3  (List of RFC 1918"),
        "{table}"
    );
}

#[test]
fn a_transcript_of_windows_is_read_and_its_places_are_those_of_the_file() {
    let text = "PS C:\\> iwr hxxps://evil-numbat[.]net/a\r\n";
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(units.clone()).collect();
    for (input, mark) in [(marked, 2), (units.collect(), 0)] {
        let (code, out, told) = run(&["-", "--json", "--outermost"], &input);
        assert_eq!((code, told.as_str()), (0, ""));
        let found: Vec<serde_json::Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let link = found.iter().find(|each| each["type"] == "url").expect("the link");
        assert_eq!(
            (&link["value"], &link["original"]),
            (&"https://evil-numbat.net/a".into(), &"hxxps://evil-numbat[.]net/a".into())
        );
        let (start, end) = (mark + 2 * text.find("hxxps").unwrap(), mark + 2 * text.find("\r\n").unwrap());
        assert_eq!((link["start"].as_u64(), link["end"].as_u64()), (Some(start as u64), Some(end as u64)));
    }
}

#[test]
fn a_patients_number_is_warned_of_and_never_printed() {
    for arguments in [&["-"][..], &["-", "--json", "--outermost"]] {
        let (code, out, told) = run(arguments, b"943 476 5919, http://evil.com/9434765919");
        assert_eq!(code, 0);
        assert!(told.starts_with("2 NHS numbers were found."), "{told}");
        assert!(!out.contains("9434765919") && !out.contains("943 476"), "{out}");
    }
}

#[test]
fn it_says_which_file_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("a.txt");
    std::fs::write(&there, "evil.com").unwrap();
    let (there, gone) = (there.to_str().unwrap(), folder.path().join("b.txt"));
    let gone = gone.to_str().unwrap();
    let (code, _, told) = run(&[gone, "--json"], b"");
    assert!(code == 1 && told.contains("b.txt cannot be read"), "{code} {told}");
    let (code, out, told) = run(&[gone, there, "--json"], b"");
    assert!(code == 3 && told.contains("b.txt cannot be read"), "{code} {told}");
    assert!(out.contains("\"file\":") && out.contains("\"value\":\"evil.com\""), "{out}");
    assert_eq!(run(&[], b"").0, 2);
}
