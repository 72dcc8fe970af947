//! CISA's real lists, the standard's own example in our words, and hostile ones.

use url::Url;

use super::super::{Marking, RemarkKind};
use super::*;
use crate::Tlp;
use crate::testing::Flood;

const FEED: &[u8] = include_bytes!("../../../../../data/broadcast/csaf-it/cisa-csaf-it-feed-tlp-white.json");
const CHANGES: &[u8] = include_bytes!("../../../../../data/broadcast/csaf-it/changes.csv");
const INDEX: &[u8] = include_bytes!("../../../../../data/broadcast/csaf-it/index.txt");
const CISA: Hosts<'_> = Hosts::Only(&["raw.githubusercontent.com"]);

#[test]
fn every_entry_of_cisas_feed_is_read_and_its_misspelt_links_are_mended() {
    let reading = feed(FEED).unwrap();
    let feed = &reading.document;
    assert_eq!(feed.title.as_deref(), Some("CISA CSAF IT feed (TLP:WHITE)"));
    assert_eq!(feed.updated.unwrap().to_string(), "2024-10-10T18:21:27Z");
    assert!(feed.place().unwrap().ends_with("/white/cisa-csaf-it-feed-tlp-white.json"));
    assert_eq!(feed.categories[0].term, "csaf");
    assert_eq!(feed.entries.len(), 4);
    // "ref" where the standard has "rel", for the hash and the signature of each entry.
    assert_eq!((reading.remarks.count(RemarkKind::Mended), reading.remarks.total()), (8, 8));
    let first = &feed.entries[0];
    assert_eq!(first.id.as_deref(), Some("VA-24-254-02"));
    assert_eq!(first.published.unwrap().to_string(), "2024-09-10T16:03:00Z");
    assert_eq!(first.content_type.as_deref(), Some("application/json"));
    assert_eq!(first.format_version.as_deref(), Some("2.0"));
    let document = first.document(CISA).unwrap().unwrap();
    assert!(document.path().ends_with("/2024/va-24-254-02.json"));
    assert_eq!(first.hashes(CISA)[0].as_ref().unwrap().path(), format!("{}.sha512", document.path()));
    assert_eq!(first.signature(CISA).unwrap().unwrap().path(), format!("{}.asc", document.path()));
    let elsewhere = first.document(Hosts::Only(&["www.cisa.gov"])).unwrap().unwrap_err();
    assert!(
        elsewhere
            .to_string()
            .ends_with("is not followed: it leads to another host, “raw.githubusercontent.com”.")
    );
}

#[test]
fn a_feed_without_a_feed_is_refused_and_a_bad_entry_is_told() {
    for text in ["{}", "[]", "null", "<feed/>", "", r#"{"feed": 5}"#] {
        assert!(feed(text.as_bytes()).is_err(), "{text}");
    }
    let text = r#"{"feed": {"entry": [5, {"id": "x"}, {"content": {"src": "https://a.example/x.json"}, "summary": {"content": "s"}}]}}"#;
    let reading = feed(text.as_bytes()).unwrap();
    assert_eq!(reading.document.entries.len(), 1);
    assert_eq!(reading.document.entries[0].summary.as_deref(), Some("s"));
    assert_eq!(reading.document.entries[0].signature(Hosts::AnyNamed), None);
    assert_eq!(reading.remarks.count(RemarkKind::Lost), 2);
    assert!(feed(Flood::of(b'[', 500_000_000)).is_err());
}

#[test]
fn changes_are_read_quoted_and_bare() {
    let real: Vec<_> = changes(CHANGES).map(Result::unwrap).collect();
    assert_eq!(real.len(), 4);
    assert_eq!(real[0].path.as_str(), "csaf_files/IT/white/2024/va-24-254-02.json");
    assert_eq!(real[0].path.file_name(), "va-24-254-02.json");
    assert_eq!(real[0].date.to_string(), "2024-10-03T16:03:00Z");
    assert!(real.windows(2).all(|pair| pair[0].date >= pair[1].date));
    let text = "\"2024/a.json\",\"2024-10-03T16:03:00+02:00\"\r\n\n\"../a.json\",\"2024-10-03T16:03:00Z\"\n\
                \"2024/b.json\",\"soon\"\n\"2024/c.json\"\n";
    let (taken, refused): (Vec<_>, Vec<_>) = changes(text.as_bytes()).partition(Result::is_ok);
    assert_eq!(taken[0].as_ref().unwrap().date.to_string(), "2024-10-03T14:03:00Z");
    let refused: Vec<String> = refused.into_iter().map(|it| it.unwrap_err().to_string()).collect();
    assert_eq!(
        refused,
        [
            "line 3, column 1: “../a.json” is not followed: it leads to a folder above or beside.",
            "line 4, column 2: “soon” is not a date with a time and an offset.",
            "line 5: The row has 1 fields; it should have a path and a date.",
        ]
    );
    assert_eq!(changes(Flood::of(b'x', 200_000_000)).count(), 1);
}

#[test]
fn an_index_is_read_line_by_line() {
    let paths: Vec<_> = index(INDEX).map(Result::unwrap).collect();
    assert_eq!(paths.len(), 4);
    assert_eq!(paths[3].as_str(), "csaf_files/IT/white/2024/va-24-201-01.json");
    let refused: Vec<_> = index(&b"2024/a,b.json\nhttps://x.example/a.json\n\n/etc/passwd\n"[..]).collect();
    assert_eq!(refused[0].as_ref().unwrap().as_str(), "2024/a,b.json");
    assert_eq!(refused[1..].iter().map(|it| it.as_ref().unwrap_err().line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(index(&b""[..]).filter_map(Result::err).count(), 1);
}

#[test]
fn no_path_leads_out_of_its_folder() {
    for path in [
        "",
        " ",
        "/a.json",
        "//x.example/a.json",
        "../a.json",
        "a/../b.json",
        "a/./b.json",
        "a//b.json",
        "a/",
        "...",
        "a/.. /b.json",
        "a\\b.json",
        "..\\a.json",
        "C:a.json",
        "https://x.example/a.json",
        "a.json?x",
        "a.json#x",
        "%2e%2e/a.json",
        "a%2f..%2fb.json",
        "a\n.json",
        "a\0.json",
        "a.txt",
        "json",
        "ａ.json",
        &"a/".repeat(5_000),
    ] {
        let refused = DocumentPath::new(path).map_err(|error| error.to_string());
        assert!(
            refused.as_ref().is_err_and(|told| told.contains(" is not followed: ")),
            "{path:?}: {refused:?}"
        );
    }
    let folder = Url::parse("https://p.example/csaf/white?x#y").unwrap();
    for (path, address) in [
        ("2024/a.json", "https://p.example/csaf/white/2024/a.json"),
        (" a b..c.JSON ", "https://p.example/csaf/white/a%20b..c.JSON"),
        (".well-known/a_b-c+d.json", "https://p.example/csaf/white/.well-known/a_b-c+d.json"),
    ] {
        let below = DocumentPath::new(path).unwrap().below(&folder).unwrap();
        assert_eq!(below.as_str(), address);
    }
}

#[test]
fn a_path_is_counted_from_its_list_or_from_the_root_of_the_repository() {
    let list = Url::parse("https://p.example/csaf/files/white/changes.csv?x").unwrap();
    for (path, address) in [
        ("2024/a.json", "https://p.example/csaf/files/white/2024/a.json"),
        ("files/white/2024/a.json", "https://p.example/csaf/files/white/2024/a.json"),
        ("csaf/files/white/a.json", "https://p.example/csaf/files/white/a.json"),
        // One name alone may be a folder of that name.
        ("white/a.json", "https://p.example/csaf/files/white/white/a.json"),
        ("a.json", "https://p.example/csaf/files/white/a.json"),
    ] {
        assert_eq!(DocumentPath::new(path).unwrap().listed_in(&list).unwrap().as_str(), address, "{path}");
    }
}

#[test]
fn no_address_leads_to_a_machine_of_our_own() {
    for (text, reason) in [
        ("a.json", "it is no address (relative URL without a base)"),
        ("http://p.example/", "it is not an https address"),
        ("file:///etc/passwd", "it is not an https address"),
        ("https://u:p@p.example/", "it holds a user's name or password"),
        ("https://127.0.0.1/", "its host is a number, not a name"),
        ("https://2130706433/", "its host is a number, not a name"),
        ("https://[::1]/", "its host is a number, not a name"),
        ("https://localhost/", "it leads to another host, “localhost”"),
        ("https://a.localhost./", "it leads to another host, “a.localhost”"),
    ] {
        let refused = address(text, Hosts::AnyNamed).unwrap_err().to_string();
        assert_eq!(refused, format!("“{text}” is not followed: {reason}."));
    }
    assert!(address("https://p.example/x", Hosts::AnyNamed).is_ok());
    assert!(address("https://P.Example./x", Hosts::Only(&["p.example"])).is_ok());
    assert!(address("https://p.example.evil.example/", Hosts::Only(&["p.example"])).is_err());
    assert!(address(&format!("https://p.example/{}", "x".repeat(1_000_000)), Hosts::AnyNamed).is_err());
}

#[test]
fn a_providers_metadata_says_where_everything_lies() {
    let text = r#"{
      "canonical_url": "https://p.example/.well-known/csaf/provider-metadata.json",
      "distributions": [
        {"directory_url": "https://p.example/csaf/white/"},
        {"rolie": {"categories": ["https://p.example/category.json"], "services": ["https://p.example/service.json"],
          "feeds": [{"summary": "all", "tlp_label": "WHITE", "url": "https://p.example/white.json"},
                    {"tlp_label": "UNLABELED", "url": "https://p.example/all.json"}]}}],
      "last_updated": "2024-01-01T00:00:00Z", "list_on_CSAF_aggregators": true, "mirror_on_CSAF_aggregators": false,
      "metadata_version": "2.0", "role": "CSAF_trusted_provider",
      "public_openpgp_keys": [{"fingerprint": "AB", "url": "https://p.example/key.asc"}],
      "publisher": {"category": "vendor", "name": "P", "namespace": "https://p.example"}}"#;
    let reading = provider(text.as_bytes()).unwrap();
    let provider_read = &reading.document;
    assert_eq!(reading.remarks.total(), 1, "{:?}", reading.remarks.kept());
    assert_eq!(provider_read.role, Some(ProviderRole::TrustedProvider));
    assert_eq!((provider_read.may_be_listed, provider_read.may_be_mirrored), (Some(true), Some(false)));
    assert_eq!(provider_read.publisher.name.as_deref(), Some("P"));
    assert_eq!(provider_read.keys[0].url, "https://p.example/key.asc");
    assert_eq!(
        provider_read.distributions[0].directory_url.as_deref(),
        Some("https://p.example/csaf/white/")
    );
    let feeds = &provider_read.distributions[1].feeds;
    assert_eq!(
        feeds.iter().map(|it| it.marking.clone()).collect::<Vec<_>>(),
        [Marking::Told(Tlp::Clear), Marking::NotTold]
    );
    assert_eq!(provider_read.distributions[1].services.len(), 1);
    assert!(provider(&b"{}"[..]).is_err() && provider(FEED).is_err());
}

proptest::proptest! {
    #[test]
    fn any_list_is_read_without_panic(bytes: Vec<u8>, cut in 0..4_935_usize, place in 0..4_935_usize, byte: u8) {
        for real in [FEED, CHANGES, INDEX] {
            let mut broken = real[..cut.min(real.len())].to_vec();
            if let Some(at) = broken.get_mut(place) {
                *at = byte;
            }
            for text in [&bytes, &broken] {
                let _ = provider(&text[..]);
                changes(&text[..]).count();
                index(&text[..]).count();
                if let Ok(reading) = feed(&text[..]) {
                    reading.document.entries.iter().for_each(|entry| {
                        let _ = (entry.document(CISA), entry.hashes(CISA), entry.signature(Hosts::AnyNamed));
                    });
                }
            }
        }
    }

    #[test]
    fn a_path_that_is_taken_stays_below_its_folder(path in "[a./ %\\\\:?#~-]{0,20}(\\.json)?") {
        if let Ok(taken) = DocumentPath::new(&path) {
            let folder = Url::parse("https://p.example/csaf/").unwrap();
            let below = taken.below(&folder).unwrap();
            proptest::prop_assert!(below.as_str().starts_with("https://p.example/csaf/"));
        }
    }
}
