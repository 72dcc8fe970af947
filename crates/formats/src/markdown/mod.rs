//! Markdown, as analysts write it, made into HTML that is safe to put on a page, and into text for
//! a plain mail.
//!
//! The text may come from a feed, so from anybody. Raw HTML is shown as the text that it is;
//! what remains is cleaned a second time against a list of what may pass.

mod text;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};

pub use text::to_text;

/// The longest text that is read, in bytes: 20 printed pages. What goes beyond is left out, and
/// the reader is told. The worst that is known, `&#` over and over, costs the square of this.
pub const LONGEST: usize = 64 * 1024;

/// HTML that was made by `to_html`, and may be put on a page as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may pass: the elements that Markdown makes, and links to where anyone can see they lead.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .generic_attributes(HashSet::new())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Markdown as HTML for a page that has its own h1 and h2: the highest heading becomes an h3.
pub fn to_html(markdown: &str) -> SafeHtml {
    html_of(markdown, &rendering())
}

/// The same, with every line on a line of its own: people at work type lists without marks, and mean lines.
pub fn to_html_as_typed(markdown: &str) -> SafeHtml {
    let mut options = rendering();
    options.render.hardbreaks = true;
    html_of(markdown, &options)
}

fn rendering() -> Options<'static> {
    let mut options = options();
    options.render.escape = true;
    options
}

fn html_of(markdown: &str, options: &Options<'_>) -> SafeHtml {
    let (markdown, cut) = within_bound(markdown);
    let arena = Arena::new();
    let root = parse_document(&arena, &without_deep_quotes(markdown), options);
    for node in root.descendants() {
        let value = &mut node.data_mut().value;
        match value {
            NodeValue::Heading(heading) => heading.level = (heading.level + 2).min(6),
            // An image would be a request to another host; its description stands in its place.
            NodeValue::Image(_) => *value = NodeValue::Emph,
            _ => {}
        }
    }
    let mut html = String::with_capacity(markdown.len() * 2);
    format_html(root, options, &mut html).expect("writing to a String does not fail");
    let mut html = CLEANER.clean(&html).to_string();
    if let Some(notice) = cut {
        html.push_str("<p><strong>");
        html.push_str(notice);
        html.push_str("</strong></p>\n");
    }
    SafeHtml(html)
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options
}

/// The text with at most 32 quote marks before a line: parsing slows with the square of their
/// number (10,000 in a row take seconds), and no honest quote is as deep.
fn without_deep_quotes(markdown: &str) -> Cow<'_, str> {
    const DEEPEST: usize = 32;
    let marks = |c: char| matches!(c, '>' | ' ' | '\t' | '-' | '*' | '+' | '.' | ')') || c.is_ascii_digit();
    if !markdown.lines().any(|line| line.matches('>').nth(DEEPEST).is_some()) {
        return Cow::Borrowed(markdown);
    }
    let mut kept = String::with_capacity(markdown.len());
    for line in markdown.split_inclusive('\n') {
        let (before, rest) = line.split_at(line.find(|c| !marks(c)).unwrap_or(line.len()));
        let mut quotes = 0;
        kept.extend(before.chars().filter(|&c| {
            quotes += usize::from(c == '>');
            c != '>' || quotes <= DEEPEST
        }));
        kept.push_str(rest);
    }
    Cow::Owned(kept)
}

/// The part of a text that is read, and what to tell the reader where that is not all of it.
fn within_bound(markdown: &str) -> (&str, Option<&'static str>) {
    if markdown.len() <= LONGEST {
        return (markdown, None);
    }
    let notice = "This text is too long to be shown whole; the rest is left out.";
    (&markdown[..markdown.floor_char_boundary(LONGEST)], Some(notice))
}

#[cfg(test)]
mod tests;
