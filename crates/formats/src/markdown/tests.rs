//! What analysts write, and what attackers do.

use std::fmt::Write as _;

use super::*;

fn html(markdown: &str) -> String {
    to_html(markdown).to_string()
}

/// Every start tag of `html`, which serialises `<` in text and attributes as an entity.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter(|tag| !tag.starts_with('/')).map(|tag| tag.split('>').next().unwrap())
}

/// What each tag may look like: a name that may pass, and at most the attributes we set.
fn assert_harmless(html: &str) {
    for tag in tags(html) {
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        match name {
            "a" => {
                let rest = attributes.strip_prefix("href=\"").map_or(attributes, |rest| {
                    let (href, rest) = rest.split_once('"').unwrap();
                    let scheme = href.split(':').next().unwrap().to_ascii_lowercase();
                    assert!(["http", "https", "mailto"].contains(&scheme.as_str()), "{html}");
                    rest.trim_start()
                });
                assert_eq!(rest, "rel=\"noopener noreferrer nofollow\"", "{html}");
            }
            "ol" => assert!(attributes.is_empty() || attributes.starts_with("start=\""), "{html}"),
            _ => {
                assert!(attributes.is_empty(), "{html}");
                assert!(!["script", "style", "img", "iframe", "svg", "h1", "h2"].contains(&name), "{html}");
            }
        }
    }
}

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<ScRiPt/src=//evil.example>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<body onload=alert(1)>",
    "<form action=javascript:alert(1)><button>x",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example>",
    "<style>@import '//evil.example'</style>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example)",
    "[x](/accounts/delete)",
    "[x](https://evil.example \"onmouseover=alert(1)\")",
    "[x](https://evil.example/\"onmouseover=\"alert(1))",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[![x](https://evil.example/pixel.png)](javascript:alert(1))",
    "![x\" onerror=\"alert(1)](x)",
    "[a]: javascript:alert(1)\n\n[a]",
    "```\"><script>alert(1)</script>\nx\n```",
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "`<script>alert(1)</script>`",
    "https://evil.example/<script>alert(1)</script>",
    "https://evil.example/\"onmouseover=alert(1)",
];

#[test]
fn hostile_markdown_does_nothing() {
    for markdown in HOSTILE {
        assert_harmless(&html(markdown));
    }
}

#[test]
fn what_analysts_write_reads_well() {
    assert_eq!(
        html("# Patch now\n\nSee https://nvd.nist.gov, ~~or not~~ **today**."),
        "<h3>Patch now</h3>\n<p>See <a href=\"https://nvd.nist.gov\" rel=\"noopener noreferrer nofollow\">https://nvd.nist.gov</a>, <del>or not</del> <strong>today</strong>.</p>\n"
    );
    assert!(html("| a | b |\n|:--|--:|\n| 1 | 2 |").contains("<td>1</td>"));
    assert!(html("3. three\n4. four").contains("<ol start=\"3\">"));
    assert_eq!(html("###### Six"), "<h6>Six</h6>\n");
}

#[test]
fn raw_html_is_shown_as_text_and_an_image_as_its_description() {
    assert_eq!(html("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n");
    assert_eq!(html("![the plan](https://evil.example/p.png)"), "<p><em>the plan</em></p>\n");
}

#[test]
fn huge_and_deep_texts_are_bounded() {
    for unit in [
        ">", "> - ", "[", "*a **a ", "- ", "`", "|", "~~a", "![", "<a ", "1. ", "\\", "&#", "[a](",
        "_a __b ", "x\n",
    ] {
        let markdown = unit.repeat(20_000 / unit.len());
        let html = html(&markdown);
        assert!(html.len() < 40 * LONGEST, "{unit} {}", html.len());
        assert!(to_text(&markdown).len() < 20 * LONGEST, "{unit}");
    }
    assert_eq!(to_html(""), SafeHtml::default());
    let long = "é ".repeat(LONGEST);
    assert!(html(&long).contains("the rest is left out") && html(&long).len() < 2 * LONGEST);
    assert!(to_text(&long).contains("the rest is left out"));
}

#[test]
fn plain_text_keeps_the_sense() {
    let mut markdown =
        String::from("# Patch now\n\nSee [the notice](https://nhs.uk/x) or <https://nhs.uk>.\nToday.\n\n");
    write!(markdown, "1. Find **all** servers\n2. Patch\n   - first\n   - second\n\n> Quoted\n\n").unwrap();
    write!(markdown, "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode  x\n  y\n```\n\n[bad](javascript:x)\n")
        .unwrap();
    assert_eq!(
        to_text(&markdown),
        "Patch now\n\nSee the notice (https://nhs.uk/x) or https://nhs.uk.\nToday.\n\n\
         1. Find all servers\n2. Patch\n  - first\n  - second\n\n> Quoted\n\n\
         a | b\n1 | 2\n\ncode  x\n  y\n\nbad\n"
    );
}

#[test]
fn what_was_typed_in_lines_stays_in_lines_where_people_type() {
    let typed = "ED on paper\nLab on paper\n\n- one\n- two";
    let lines = to_html_as_typed(typed).to_string();
    assert!(lines.contains("ED on paper<br>\nLab on paper") && lines.contains("<li>one</li>"), "{lines}");
    assert!(!to_html(typed).to_string().contains("<br>"));
    assert_harmless(&to_html_as_typed("<script>x</script>\n[a](javascript:x)").to_string());
}

proptest::proptest! {
    #[test]
    fn nothing_harmful_survives(
        start in 0..HOSTILE.len(),
        end in 0..HOSTILE.len(),
        middle in "[<>\"'/=()\\[\\]!`*_|:#& \nonjavscriptdx1.]{0,40}",
        any in ".{0,30}",
    ) {
        let markdown = format!("{}{middle}{}{any}", HOSTILE[start], HOSTILE[end]);
        assert_harmless(&html(&markdown));
        to_text(&markdown);
    }
}
