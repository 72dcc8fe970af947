//! HTML, as feeds carry it, made into plain text.
//!
//! Nothing of the markup is left but the addresses of links, so there is nothing to clean. A tree is
//! never built: with html5ever, and so with ammonia, 64 KB of open `<b>` and closed `<p>` become
//! millions of elements. Here each character is looked at once.

use url::Url;

use super::entity;
use crate::direction::turns;

/// The longest HTML that is read, in bytes; what goes beyond is left out.
pub(super) const LONGEST: usize = 64 * 1024;

/// The longest address of a link; browsers give up on longer ones.
const LONGEST_LINK: usize = 2048;

/// Elements whose content is no text for a reader.
const UNREAD: [&str; 17] = [
    "applet", "audio", "canvas", "embed", "head", "iframe", "math", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "video",
];

/// HTML as plain text: paragraphs apart, items with a dash, links with their address behind them.
pub(crate) fn of_html(html: &str, base: Option<&Url>) -> String {
    let cut = html.len() > LONGEST;
    let mut rest = &html[..html.floor_char_boundary(LONGEST)];
    let mut writer = Writer { base, ..Writer::default() };
    let mut endless = [false; UNREAD.len()];
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        rest = &rest[at..];
        rest = if let Some(tag) = Tag::at_start_of(rest) {
            let behind = &rest[tag.length..];
            let unread = UNREAD.iter().position(|name| !tag.closes && *name == tag.name);
            // One that never ends is a title about it, "XSS by <script> tags", and is looked for once.
            let after = unread.filter(|&at| !endless[at]).map(|at| {
                let after = behind_the_end_of(&tag.name, behind);
                endless[at] = after.is_none();
                after
            });
            if let Some(after) = after.flatten() {
                after
            } else {
                writer.tag(&tag);
                behind
            }
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            comment.find("-->").map_or("", |end| &comment[end + 3..])
        } else if rest[1..].starts_with(['!', '?', '/'])
            || rest[1..].starts_with(|c: char| c.is_ascii_alphabetic())
        {
            // A declaration, or a tag that never ends.
            rest.find('>').map_or("", |end| &rest[end + 1..])
        } else {
            writer.text("<");
            &rest[1..]
        };
    }
    writer.text(rest);
    if cut {
        writer.text(" …");
    }
    writer.text
}

/// A text that is no HTML, without what has no place in one, and not too long.
pub(crate) fn of_plain(text: &str) -> String {
    let mut plain: String =
        text[..text.floor_char_boundary(LONGEST)].chars().filter(|&c| is_text(c)).collect();
    plain.truncate(plain.trim_end().len());
    if text.len() > LONGEST {
        plain.push_str(" …");
    }
    plain.trim_start().to_owned()
}

/// A text as one line.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character may stand in a text: controls may not, and those that turn the direction of
/// writing are how `gpj.exe` is made to look like a picture.
fn is_text(character: char) -> bool {
    !turns(character) && (!character.is_control() || matches!(character, '\n' | '\t'))
}

/// The address of a link that anybody can see leads to a page.
pub(super) fn link(address: &str, base: Option<&Url>) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.len() > LONGEST_LINK {
        return None;
    }
    let url = match base {
        Some(base) => base.join(address).ok()?,
        None => Url::parse(address).ok()?,
    };
    let leads_to_a_page = matches!(url.scheme(), "http" | "https") && url.has_host();
    (leads_to_a_page && url.as_str().len() <= LONGEST_LINK).then(|| url.into())
}

/// What stands behind `</name>`, where that comes.
fn behind_the_end_of<'a>(name: &str, html: &'a str) -> Option<&'a str> {
    let ends = |at: &usize| {
        let after = &html.as_bytes()[at + 2..];
        after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && after.get(name.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
    };
    let end = html.match_indices("</").map(|(at, _)| at).find(ends)?;
    Some(&html[end + html[end..].find('>')? + 1..])
}

struct Tag {
    name: String,
    closes: bool,
    href: Option<String>,
    length: usize,
}

impl Tag {
    /// The tag with which `html` begins.
    fn at_start_of(html: &str) -> Option<Self> {
        let body = &html[1..];
        let (closes, body) = body.strip_prefix('/').map_or((false, body), |body| (true, body));
        if !body.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let name = &body[..body.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))?];
        let mut rest = &body[name.len()..];
        let mut href = None;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if let Some(behind) = rest.strip_prefix('>') {
                let length = html.len() - behind.len();
                return Some(Self { name: name.to_ascii_lowercase(), closes, href, length });
            }
            // An attribute begins with any character, even with a stray equals sign.
            let first = rest.chars().next()?.len_utf8();
            let stops = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=');
            let key = &rest[..first + rest[first..].find(stops)?];
            rest = rest[key.len()..].trim_start();
            let Some(behind) = rest.strip_prefix('=') else { continue };
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let value = if let Some(quote) = quote {
                let value = &behind[1..];
                let value = &value[..value.find(quote)?];
                rest = &behind[value.len() + 2..];
                value
            } else {
                let value = &behind[..behind.find(|c: char| c.is_whitespace() || c == '>')?];
                rest = &behind[value.len()..];
                value
            };
            if href.is_none() && key.eq_ignore_ascii_case("href") && value.len() <= LONGEST_LINK {
                href = Some(entity::decoded(value).into_owned());
            }
        }
    }
}

/// What goes between the text so far and the next.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Blank,
}

#[derive(Default)]
struct Writer<'a> {
    text: String,
    gap: Gap,
    base: Option<&'a Url>,
    /// The address of the open link, and where its text begins.
    link: Option<(String, usize)>,
    preformatted: bool,
}

impl Writer<'_> {
    fn text(&mut self, raw: &str) {
        for character in entity::decoded(raw).chars().filter(|&c| is_text(c)) {
            match character {
                '\n' if self.preformatted => self.part(Gap::Line),
                _ if character.is_whitespace() => self.part(Gap::Space),
                _ => {
                    match self.gap {
                        Gap::None => {}
                        Gap::Space => self.text.push(' '),
                        Gap::Line => self.text.push('\n'),
                        Gap::Blank => self.text.push_str("\n\n"),
                    }
                    self.gap = Gap::None;
                    self.text.push(character);
                }
            }
        }
    }

    fn part(&mut self, gap: Gap) {
        if !self.text.is_empty() {
            self.gap = self.gap.max(gap);
        }
    }

    fn tag(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "p" | "div" | "section" | "article" | "header" | "footer" | "blockquote" | "ul" | "ol" | "dl"
            | "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "figure" | "form" | "fieldset" => {
                self.part(Gap::Blank);
            }
            "pre" => {
                self.part(Gap::Blank);
                self.preformatted = !tag.closes;
            }
            "br" | "tr" | "dt" | "dd" | "option" | "legend" | "caption" | "figcaption" => {
                self.part(Gap::Line);
            }
            "li" => {
                self.part(Gap::Line);
                if !tag.closes {
                    self.text("- ");
                }
            }
            "td" | "th" => self.part(Gap::Space),
            "a" => {
                self.end_link();
                if !tag.closes {
                    let address = tag.href.as_deref().and_then(|href| link(href, self.base));
                    self.link = address.map(|address| (address, self.text.len()));
                }
            }
            _ => {}
        }
    }

    /// Adds the address of a link whose text does not show it already. A link without a text is
    /// not shown at all.
    fn end_link(&mut self) {
        let Some((address, begins)) = self.link.take() else { return };
        let shown = self.text.get(begins..).unwrap_or_default().trim();
        // The address by which many short links are completed may be long.
        let fits = self.text.len() + address.len() <= LONGEST;
        if fits && !shown.is_empty() && shown != address {
            self.text.push_str(" (");
            self.text.push_str(&address);
            self.text.push(')');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        of_html(html, None)
    }

    #[test]
    fn paragraphs_lists_and_links_are_told_apart() {
        let base = Url::parse("https://cert.example/feed/").unwrap();
        let html = "<h2>Update</h2>\n<p>Fix  it&nbsp;<b>now</b>:<br>today.</p><ul><li>One<li>Two</ul>\
                    <p>See <a href='../a?b=1&amp;c=2'>the page</a>, <a href=https://x.example/>https://x.example/</a>.";
        assert_eq!(
            of_html(html, Some(&base)),
            "Update\n\nFix it now:\ntoday.\n\n- One\n- Two\n\nSee the page (https://cert.example/a?b=1&c=2), https://x.example/."
        );
        assert_eq!(text("a < b && c > d"), "a < b && c > d");
        assert_eq!(text("<pre>one\n  two</pre>three"), "one\ntwo\n\nthree");
    }

    #[test]
    fn nothing_that_acts_is_left() {
        for (html, left) in [
            ("a<script>alert(1)</script>b", "ab"),
            ("a<SCRIPT src='//x'>alert('</p>')</sCript\n>b", "ab"),
            ("XSS by <script> tags", "XSS by tags"),
            ("<scr<script>ipt>alert(1)</script>b", "ipt>alert(1)b"),
            ("a<img src=x onerror=alert(1)>b", "ab"),
            ("a<img src=\"x\" onerror=\"alert('>')\">b", "ab"),
            ("<a href='javascript:alert(1)'>click</a>", "click"),
            ("<a href='&#106;avascript:alert(1)'>click</a>", "click"),
            ("<a href=' java\nscript:alert(1)'>click</a>", "click"),
            ("<a href='data:text/html,<script>alert(1)</script>'>click</a>", "click"),
            ("<a href='//evil.example/'>click</a>", "click"),
            ("a<svg onload=alert(1)><text>x</text></svg>b", "ab"),
            ("a<style>p{background:url(javascript:1)}</style>b", "ab"),
            ("a<meta http-equiv=refresh content='0;url=//evil.example'>b", "ab"),
            ("a<iframe srcdoc='<script>1</script>'></iframe>b", "ab"),
            ("a<math><mtext></mtext></math>b", "ab"),
            ("a<!-- <script> -->b<!--", "ab"),
            ("a<![CDATA[x]]>b<?php echo 1 ?>c", "abc"),
            ("a<p", "a"),
            ("a</", "a"),
            ("gpj\u{202e}exe.\0\u{7}", "gpjexe."),
            // What was written twice over is a text about markup, not markup.
            ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ] {
            assert_eq!(text(html), left, "{html}");
        }
    }

    #[test]
    fn links_lead_to_pages_alone() {
        let base = Url::parse("https://cert.example/a/b").unwrap();
        for (address, leads) in [
            ("c", Some("https://cert.example/a/c")),
            ("/c#d", Some("https://cert.example/c#d")),
            (" http://x.example ", Some("http://x.example/")),
            ("//x.example/y", Some("https://x.example/y")),
            ("javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("javascript://x.example/%0aalert(1)", None),
            ("ftp://x.example/y", None),
            ("data:text/html,x", None),
            ("mailto:a@x.example", None),
            ("file:///etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(link(address, Some(&base)).as_deref(), leads, "{address}");
        }
        assert_eq!(link("c", None), None);
        assert_eq!(link(&format!("https://x.example/{}", "a".repeat(3000)), None), None);
    }

    #[test]
    fn hostile_html_stays_within_its_bound() {
        let worst = [
            format!("<p>{}</p>{}", "<b x=1>".repeat(4_000), "<p>x</p>".repeat(4_000)),
            format!("<a {}>", "a ".repeat(32_000)),
            "<svg>".repeat(13_000),
            "</".repeat(32_000),
            "<script></".repeat(6_500),
            "<a href=\"".repeat(7_000),
            "&".repeat(65_536),
            "<!--".repeat(16_000),
            "<".repeat(200_000),
        ];
        for html in &worst {
            assert!(of_html(html, None).len() <= LONGEST + 8);
        }
        // A long address completes many short ones.
        let long = Url::parse(&format!("https://x.example/{}/", "a".repeat(2000))).unwrap();
        assert!(of_html(&"<a href=b>c</a>".repeat(4_000), Some(&long)).len() <= 2 * LONGEST);
    }

    proptest::proptest! {
        #[test]
        fn any_html_is_read_without_panic(
            html in "(<|>|/|=|'|\"|&|;|#|a|href|script|svg|!--|--|\\[| |\n|é|p|li|pre){0,60}",
            other: String,
        ) {
            for html in [&html, &other] {
                let text = of_html(html, None);
                proptest::prop_assert!(!text.contains('\0'));
            }
            of_plain(&other);
        }
    }
}
