//! What is written is what others write, and our own reader reads it back.

use serde_json::{Value, json};

use super::*;
use crate::{ObservableKind, stix};

fn only(kind: ObservableKind, value: &str) -> Observed {
    observed(kind, value).expect("STIX has an object of it")
}

#[test]
fn identifiers_are_those_that_the_library_of_oasis_makes() {
    // By stix2 3.0.2. The identifiers of the examples in the standard's text are made otherwise.
    for (kind, value, ids) in [
        (ObservableKind::Ipv4, "198.51.100.3", &["ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"][..]),
        (
            ObservableKind::Ipv6,
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
            &["ipv6-addr--85a85a8c-ee99-5722-946d-3c3a3270fc6f"],
        ),
        (ObservableKind::Domain, "example.com", &["domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"]),
        (
            ObservableKind::Url,
            "https://example.com/research/index.html",
            &["url--47c3cf9a-5027-5bf0-997a-017c7edc7c55"],
        ),
        (
            ObservableKind::Sha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            &["file--22f8ff52-8f62-5f03-a53a-6f50f54fd74c"],
        ),
        (
            ObservableKind::FilePath,
            "C:\\Windows\\System32\\qwerty.dll",
            &[
                "directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622",
                "file--454dd544-1bb3-530d-a2bc-03d04f1980a3",
            ],
        ),
        (
            ObservableKind::RegistryKey,
            "HKLM\\Software\\Run",
            &["windows-registry-key--24f36866-8ff5-5ab0-b34a-dd64f23f023b"],
        ),
        (
            ObservableKind::Bitcoin,
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            &["user-account--a68e07c4-b5d5-58d0-9375-234c50802ea6"],
        ),
    ] {
        assert_eq!(only(kind, value).ids().collect::<Vec<_>>(), ids, "{value}");
    }
    let path = only(ObservableKind::FilePath, "C:\\Windows\\System32\\qwerty.dll");
    assert_eq!(path.objects[0]["path"], "C:\\Windows\\System32");
    assert_eq!(path.objects[1]["parent_directory_ref"], path.objects[0]["id"]);
}

#[test]
fn what_would_end_a_text_is_escaped_in_patterns() {
    let path = only(ObservableKind::FilePath, "C:\\O'Brien\\it's.exe");
    assert_eq!(
        path.pattern.unwrap(),
        "[file:name = 'it\\'s.exe' AND file:parent_directory_ref.path = 'C:\\\\O\\'Brien']"
    );
    let key = only(ObservableKind::RegistryKey, "HKLM\\Software\\Run");
    assert_eq!(key.objects[0]["key"], "HKEY_LOCAL_MACHINE\\Software\\Run");
    let link = only(ObservableKind::Url, "http://evil.example/a b\u{e9}\"");
    assert_eq!(link.objects[0]["value"], "http://evil.example/a%20b%C3%A9%22");
}

#[test]
fn our_own_reader_takes_everything_back() {
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let samples = [
        (ObservableKind::Ipv4, "203.0.113.9"),
        (ObservableKind::Ipv6, "2001:db8::1"),
        (ObservableKind::Domain, "evil.example"),
        (ObservableKind::Url, "http://evil.example/a"),
        (ObservableKind::Email, "a@evil.example"),
        (ObservableKind::Sha256, hash),
        (ObservableKind::FilePath, "/tmp/.x"),
        (ObservableKind::RegistryKey, "HKCU\\Software\\X"),
        (ObservableKind::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (ObservableKind::Onion, "expyuzz4wqqyqhjn.onion"),
    ];
    let mut objects: Vec<Value> = Tlp::ALL.map(tlp_marking).into();
    for (kind, value) in samples {
        objects.extend(only(kind, value).objects);
    }
    let count = objects.len();
    let bundle = json!({"type": "bundle", "id": named_id("bundle", 1, "x"), "objects": objects}).to_string();
    let read: Vec<_> = stix::read(bundle.as_bytes()).map(|object| object.expect("it is read")).collect();
    assert_eq!(read.len(), count);
    for (object, tlp) in read.iter().zip(Tlp::ALL) {
        assert_eq!(object.definition(), Some(crate::stix::Definition::Tlp(tlp)));
    }
    assert!(observed(ObservableKind::NhsNumber, "9434765919").is_none());
}
