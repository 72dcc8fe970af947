//! Markdown as text for a plain mail: marks are dropped, links keep their address in brackets.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, Node, NodeValue};
use comrak::{Arena, parse_document};

use super::{options, within_bound, without_deep_quotes};

/// How many levels of lists and quotes are shown as such: deeper ones stay at this depth, so that
/// the text cannot outgrow what it was made from.
const DEEPEST: usize = 8;

/// Markdown as plain text.
pub fn to_text(markdown: &str) -> String {
    let (markdown, cut) = within_bound(markdown);
    let arena = Arena::new();
    let root = parse_document(&arena, &without_deep_quotes(markdown), &options());
    let mut writer = Writer::default();
    // Walked edge by edge rather than by recursion, since nesting is the writer's choice.
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => writer.start(node),
            NodeEdge::End(node) => writer.end(node),
        }
    }
    if let Some(notice) = cut {
        writer.gap = Gap::Blank;
        writer.write(notice);
    }
    writer.text.push('\n');
    writer.text
}

/// What goes between the text so far and the next.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Line,
    Blank,
}

#[derive(Default)]
struct Writer {
    text: String,
    gap: Gap,
    /// What begins each line: two spaces for a list, "> " for a quote.
    indents: Vec<&'static str>,
    /// The next number of each list that is open, or nothing for bullets.
    lists: Vec<Option<usize>>,
    /// Whether an item's mark was just written: its first paragraph stays on that line.
    item_begun: bool,
    /// Where the text of each open link begins.
    links: Vec<usize>,
}

impl Writer {
    fn start(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::Table(_) => self.part(Gap::Blank),
            NodeValue::BlockQuote => {
                self.part(Gap::Blank);
                self.indents.push("> ");
            }
            NodeValue::List(list) => {
                self.part(if self.lists.is_empty() { Gap::Blank } else { Gap::Line });
                self.lists.push((list.list_type == ListType::Ordered).then_some(list.start));
            }
            NodeValue::Item(_) => self.item(),
            NodeValue::CodeBlock(code) => self.lines(&code.literal),
            NodeValue::HtmlBlock(html) => self.lines(&html.literal),
            NodeValue::ThematicBreak => {
                self.part(Gap::Blank);
                self.write("----");
            }
            NodeValue::TableRow(_) | NodeValue::SoftBreak | NodeValue::LineBreak => self.part(Gap::Line),
            NodeValue::TableCell if node.previous_sibling().is_some() => self.write(" | "),
            NodeValue::Text(text) => self.write(text),
            NodeValue::Code(code) => self.write(&code.literal),
            NodeValue::HtmlInline(html) => self.write(html),
            NodeValue::Link(_) => self.links.push(self.text.len()),
            _ => {}
        }
    }

    fn end(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::BlockQuote | NodeValue::Item(_) => {
                self.indents.pop();
            }
            NodeValue::List(_) => {
                self.lists.pop();
            }
            NodeValue::Link(link) => self.address(&link.url),
            _ => {}
        }
    }

    /// Asks for a gap, unless a wider one is due or an item has just begun.
    fn part(&mut self, gap: Gap) {
        if !self.text.is_empty() && !self.item_begun {
            self.gap = self.gap.max(gap);
        }
    }

    fn item(&mut self) {
        self.gap = self.gap.max(if self.text.is_empty() { Gap::None } else { Gap::Line });
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            _ => "- ".to_owned(),
        };
        self.write(&mark);
        self.item_begun = true;
        self.indents.push("  ");
    }

    fn lines(&mut self, block: &str) {
        self.part(Gap::Blank);
        for line in block.lines() {
            self.write(line);
            self.gap = self.gap.max(Gap::Line);
        }
    }

    /// Adds the address of a link whose text does not show it already.
    fn address(&mut self, url: &str) {
        let begins = self.links.pop().unwrap_or(self.text.len());
        let shown = self.text.get(begins..).unwrap_or_default().trim();
        let leads_somewhere = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if leads_somewhere && shown != url && Some(shown) != url.strip_prefix("mailto:") {
            let address = format!(" ({url})");
            self.write(&address);
        }
    }

    fn write(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.item_begun = false;
        let breaks = match self.gap {
            Gap::None => 0,
            Gap::Line => 1,
            Gap::Blank => 2,
        };
        for _ in 0..breaks {
            self.text.truncate(self.text.trim_end_matches(' ').len());
            self.text.push('\n');
        }
        if breaks > 0 || self.text.is_empty() {
            for indent in self.indents.iter().take(DEEPEST) {
                self.text.push_str(indent);
            }
        }
        self.gap = Gap::None;
        self.text.extend(text.chars().filter(|&c| c == '\t' || !c.is_control()));
    }
}
