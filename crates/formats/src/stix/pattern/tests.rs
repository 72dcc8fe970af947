//! Patterns as they are published, and as nobody should write them.

use super::*;

fn extract(pattern: &str) -> (Vec<String>, bool, Rest) {
    let extract = Extract::of(pattern, Some("stix"));
    let values = extract.indicators.iter().map(|indicator| indicator.value().to_owned()).collect();
    (values, extract.together, extract.rest)
}

#[test]
fn each_kind_of_observable_is_taken_out() {
    let sha256 = "ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c";
    for (comparison, value) in [
        ("ipv4-addr:value = '198.51.100.3'", "198.51.100.3"),
        ("ipv4-addr:value = '198.51.100.0/24'", "198.51.100.0/24"),
        ("ipv6-addr:value='2001:db8::1'", "2001:db8::1"),
        ("domain-name:value == 'Evil.Example'", "evil.example"),
        ("url:value = 'http://evil.example/a?b=\\'c\\''", "http://evil.example/a?b='c'"),
        ("email-addr:value = 'a@evil.example'", "a@evil.example"),
        ("email-message:from_ref.value = 'a@evil.example'", "a@evil.example"),
        ("network-traffic:dst_ref.value = '198.51.100.3'", "198.51.100.3"),
        ("file:name = 'tasksche.exe'", "tasksche.exe"),
        ("file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E'", "d41d8cd98f00b204e9800998ecf8427e"),
        (&format!("file:hashes.'SHA-256' = '{sha256}'"), sha256),
        (&format!("artifact:hashes.SHA-256 = '{sha256}'"), sha256),
        ("windows-registry-key:key = 'HKLM\\\\Software\\\\Evil'", "HKLM\\Software\\Evil"),
        ("mutex:name = 'Global MsWinZonesCacheCounterMutexA'", "Global MsWinZonesCacheCounterMutexA"),
    ] {
        let expected = (vec![value.to_owned()], false, Rest::Nothing);
        assert_eq!(extract(&format!("[{comparison}]")), expected, "{comparison}");
    }
}

#[test]
fn several_are_taken_out_and_what_joins_them_is_told() {
    let both = vec!["198.51.100.3".to_owned(), "evil.example".to_owned()];
    for (pattern, together) in [
        ("[ipv4-addr:value = '198.51.100.3' OR domain-name:value = 'evil.example']", false),
        ("[ipv4-addr:value = '198.51.100.3'] OR [domain-name:value = 'evil.example']", false),
        ("([ (ipv4-addr:value = '198.51.100.3') ]) OR ([domain-name:value = 'evil.example'])", false),
        ("[ipv4-addr:value = '198.51.100.3' AND domain-name:value = 'evil.example']", true),
        ("[ipv4-addr:value = '198.51.100.3'] FOLLOWEDBY [domain-name:value = 'evil.example']", true),
        (
            "([ipv4-addr:value = '198.51.100.3'] AND [domain-name:value = 'evil.example']) WITHIN 5.5 SECONDS",
            true,
        ),
        ("[ipv4-addr:value = '198.51.100.3' OR domain-name:value = 'evil.example'] REPEATS 5 TIMES", true),
        (
            "[ipv4-addr:value = '198.51.100.3' OR domain-name:value = 'evil.example'] \
             START t'2016-05-12T08:17:27Z' STOP t'2016-05-13T08:17:27Z'",
            true,
        ),
    ] {
        assert_eq!(extract(pattern), (both.clone(), together, Rest::Nothing), "{pattern}");
    }
}

#[test]
fn what_is_no_observable_stays_in_the_pattern() {
    for pattern in [
        "[domain-name:value LIKE '%.evil.example']",
        "[email-message:subject MATCHES '^[IMPORTANT] Please Review Before']",
        "[email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\\\.exe$']",
        "[ipv4-addr:value IN ('198.51.100.3', '198.51.100.4')]",
        "[ipv4-addr:value IN ()]",
        "[ipv4-addr:value NOT = '198.51.100.3']",
        "[ipv4-addr:value NOT IN ('198.51.100.3')]",
        "[ipv4-addr:value != '198.51.100.3']",
        "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
        "[file:size > 25536]",
        "[file:size = 1.5]",
        "[EXISTS file:name]",
        "[process:created = t'2016-05-12T08:17:27Z']",
        "[network-traffic:dst_ref.type = 'ipv4-addr']",
        // It is not what it says, so it would be read as something else where it is shown.
        "[domain-name:value = 'report.exe']",
        "[ipv4-addr:value = '999.1.1.1']",
        "[file:hashes.MD5 = 'zz']",
        "[ipv4-addr:value = '']",
    ] {
        assert_eq!(extract(pattern), (vec![], false, Rest::Comparisons), "{pattern}");
    }
    let mixed = "[domain-name:value = 'evil.example' AND network-traffic:dst_port = 443]";
    assert_eq!(extract(mixed), (vec!["evil.example".to_owned()], true, Rest::Comparisons));
}

#[test]
fn what_is_no_pattern_gives_nothing() {
    for pattern in [
        "",
        "[",
        "]",
        "[]",
        "ipv4-addr:value = '198.51.100.3'",
        "[ipv4-addr:value = '198.51.100.3'",
        "[ipv4-addr:value = '198.51.100.3' OR]",
        "[ipv4-addr:value = '198.51.100.3'] [domain-name:value = 'evil.example']",
        "[ipv4-addr:value = '198.51.100.3']]",
        "[(ipv4-addr:value = '198.51.100.3'])",
        "[[ipv4-addr:value = '198.51.100.3']]",
        "[ipv4-addr:value = '198.51.100.3' FOLLOWEDBY domain-name:value = 'evil.example']",
        "[ipv4-addr:value = '198.51.100.3] OR",
        "[ipv4-addr:value = '198.51.100.3' ; drop]",
        "[ipv4-addr:value RESEMBLES '198.51.100.3']",
        "[ipv4-addr: = '198.51.100.3']",
        "[ipv4-addr:value IN ('198.51.100.3',)]",
    ] {
        assert_eq!(extract(pattern), (vec![], false, Rest::Unreadable), "{pattern}");
    }
    let yara = Extract::of("rule evil { condition: true }", Some("yara"));
    assert_eq!(yara.rest, Rest::OtherLanguage);
}

#[test]
fn deep_and_long_patterns_are_read() {
    let deep = format!("{}[{}ipv4-addr:value = '198.51.100.3'", "(".repeat(200_000), "(".repeat(200_000));
    assert_eq!(extract(&deep).2, Rest::Unreadable);
    let closed = format!("{deep}{}]{}", ")".repeat(200_000), ")".repeat(200_000));
    assert_eq!(extract(&closed).0.len(), 1);
    let one = "ipv4-addr:value = '198.51.100.3' OR ";
    let long = format!("[{}domain-name:value = 'evil.example']", one.repeat(100_000));
    assert_eq!(extract(&long).0.len(), 2);
}

proptest::proptest! {
    #[test]
    fn any_pattern_is_read_without_panic(
        pattern in "(\\[|\\]|\\(|\\)|ipv4-addr:value|file:hashes\\.'SHA-256'|=|'|'1\\.2\\.3\\.4'| |AND|OR|NOT|IN|t'|\\\\|é|5){0,40}",
        other: String,
    ) {
        extract(&pattern);
        extract(&other);
    }
}
