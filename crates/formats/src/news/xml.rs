//! RSS 0.9x, 1.0 and 2.0, and Atom 1.0 and 0.3, told from one another by their elements.
//!
//! Events are read one by one and no tree is built; an entry holds what it needs. Elements that are
//! not known are passed over, however deep they are.

mod name;

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::minimal_escape;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::raw::{Prose, RawEntry, add_name};
use super::{Format, MOST_ENTRIES, Parts, entity};
use crate::Refusal;
use crate::refusal::excerpt;
use name::{Names, Space};

/// The longest text that is held of an element, in bytes: twice what is made plain of it.
const LONGEST_TEXT: usize = 128 * 1024;
/// The longest address by which others are completed: each of them may grow by it.
const LONGEST_BASE: usize = 2048;

/// How the text within an element is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As text: elements within are no part of it.
    Plain,
    /// As HTML within text; some publishers forget to escape it.
    Html,
    /// As elements.
    Xhtml,
}

/// Why reading stopped before the end.
enum Stop {
    Broken(String),
    Ended,
}

impl From<quick_xml::Error> for Stop {
    fn from(error: quick_xml::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

pub(super) fn read(text: &str, address: Option<&Url>) -> Parts {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    // "AT&T" is written as it is said.
    config.allow_dangling_amp = true;
    let mut walk =
        Walk { reader, text, names: Names::default(), parts: Parts::default(), entry: None, counted: (0, 1) };
    walk.parts.feed.base = address.cloned();
    match walk.document() {
        Ok(()) | Err(Stop::Ended) => {}
        Err(Stop::Broken(error)) => {
            let place = usize::try_from(walk.reader.error_position()).unwrap_or(text.len());
            let line = walk.line(place);
            let told = excerpt(&error);
            let refusal = Refusal::at(line, format!("The feed is broken here: {told}."));
            walk.parts.refusals.push(refusal.at_the_end());
        }
    }
    walk.parts
}

struct Walk<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    names: Names,
    parts: Parts,
    entry: Option<RawEntry>,
    /// A place up to which lines were counted, and the line there.
    counted: (usize, u64),
}

impl<'a> Walk<'a> {
    fn line(&mut self, place: usize) -> u64 {
        let (from, line) = self.counted;
        let place = self.text.floor_char_boundary(place).max(from);
        let between = self.text.get(from..place).unwrap_or_default();
        let line = line + between.matches('\n').count() as u64;
        self.counted = (place, line);
        line
    }

    fn next(&mut self) -> Result<Event<'a>, Stop> {
        match self.reader.read_event()? {
            Event::Eof => Err(Stop::Broken("it ends before its elements do".to_owned())),
            event => Ok(event),
        }
    }

    /// The whole document. Only what holds entries is entered; all else is read or passed over at once.
    fn document(&mut self) -> Result<(), Stop> {
        let root = loop {
            match self.next()? {
                Event::Start(root) => break root,
                Event::Text(text) if !text.trim().is_empty() => {
                    return Err(Stop::Broken("it begins with text".to_owned()));
                }
                _ => {}
            }
        };
        let local = root.local_name();
        self.parts.format = match local.as_ref() {
            "rss" => Format::Rss,
            "RDF" => Format::Rdf,
            "feed" => Format::Atom,
            "html" => return Err(Stop::Broken("it is a web page, not a feed".to_owned())),
            other => return Err(Stop::Broken(format!("it is no feed but {}", excerpt(other)))),
        };
        self.names.declare(&root);
        self.parts.feed.base = base(&root, self.parts.feed.base.as_ref());
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Event::Start(start) => {
                    let local = start.local_name();
                    let space = self.names.space(&start, self.parts.format);
                    match (space, local.as_ref(), self.entry.is_some()) {
                        (Space::Feed, "channel", false) => {
                            self.names.declare(&start);
                            self.parts.feed.base = base(&start, self.parts.feed.base.as_ref());
                            depth += 1;
                        }
                        (Space::Feed, "item" | "entry", false) => {
                            if self.parts.entries.len() == MOST_ENTRIES {
                                self.parts.left_out += 1;
                                self.pass_over(&start)?;
                            } else {
                                self.begin_entry(&start);
                                depth += 1;
                            }
                        }
                        (space, local, true) => self.in_entry(space, local, &start)?,
                        (space, local, false) => self.in_feed(space, local, &start)?,
                    }
                }
                Event::End(end) => {
                    depth -= 1;
                    if matches!(end.local_name().as_ref(), "item" | "entry") {
                        self.parts.entries.extend(self.entry.take());
                    }
                }
                _ => {}
            }
        }
        Err(Stop::Ended)
    }

    fn begin_entry(&mut self, start: &BytesStart<'_>) {
        let place = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let length = start.len();
        self.entry = Some(RawEntry {
            line: self.line(place.saturating_sub(length)),
            base: base(start, self.parts.feed.base.as_ref()),
            // RSS 1.0 names an item by its address.
            id: attribute(start, "rdf:about"),
            ..RawEntry::default()
        });
    }

    fn in_feed(&mut self, space: Space, local: &str, start: &BytesStart<'_>) -> Result<(), Stop> {
        match (space, local) {
            (Space::Feed, "title") => self.parts.feed.title = self.prose(start)?,
            (Space::Feed, "link") => {
                if let Some((link, _)) = self.link(start, self.parts.feed.base.clone().as_ref())? {
                    self.parts.feed.link.get_or_insert(link);
                }
            }
            // The day of the publication is the older one.
            (Space::Feed, "updated" | "modified" | "lastBuildDate") => {
                self.parts.feed.updated = Some(self.content(Written::Plain)?);
            }
            (Space::Feed, "pubDate") | (Space::DublinCore, "date") => {
                let date = self.content(Written::Plain)?;
                self.parts.feed.updated.get_or_insert(date);
            }
            (Space::Feed, "author") => {
                let author = self.author()?;
                add_name(&mut self.parts.feed.authors, &author);
            }
            _ => self.pass_over(start)?,
        }
        Ok(())
    }

    fn in_entry(&mut self, space: Space, local: &str, start: &BytesStart<'_>) -> Result<(), Stop> {
        let mut entry = self.entry.take().unwrap_or_default();
        let read = self.field(&mut entry, space, local, start);
        self.entry = Some(entry);
        read
    }

    fn field(
        &mut self,
        entry: &mut RawEntry,
        space: Space,
        local: &str,
        start: &BytesStart<'_>,
    ) -> Result<(), Stop> {
        match (space, local) {
            (Space::Feed, "title") => entry.title = self.prose(start)?,
            (Space::Feed | Space::Atom, "link") => {
                // The alternate of a page is what people read; what is typed otherwise is not.
                if let Some((link, is_page)) = self.link(start, entry.base.as_ref())?
                    && (is_page || entry.link.is_none())
                {
                    entry.link = Some(link);
                }
            }
            (Space::Feed, "id") => entry.id = Some(self.content(Written::Plain)?),
            (Space::Feed, "guid") => {
                entry.id_may_be_link = attribute(start, "isPermaLink").is_none_or(|said| said != "false");
                entry.id = Some(self.content(Written::Plain)?);
            }
            (Space::Feed, "summary" | "description") => entry.summary = self.prose(start)?,
            (Space::Feed, "content") => entry.content = self.prose(start)?,
            (Space::Content, "encoded") => entry.content = Some(Prose::Html(self.content(Written::Html)?)),
            (Space::Feed, "published" | "issued" | "pubDate") | (Space::DublinCore, "date" | "created") => {
                entry.published = Some(self.content(Written::Plain)?);
            }
            (Space::Feed | Space::Atom, "updated" | "modified") | (Space::DublinCore, "modified") => {
                entry.updated = Some(self.content(Written::Plain)?);
            }
            (Space::Feed, "author") | (Space::DublinCore, "creator") => {
                let author = self.author()?;
                add_name(&mut entry.authors, &author);
            }
            (Space::Feed, "category") | (Space::DublinCore, "subject") => {
                let named = attribute(start, "label").or_else(|| attribute(start, "term"));
                let text = self.content(Written::Plain)?;
                add_name(&mut entry.categories, &named.unwrap_or(text));
            }
            _ => self.pass_over(start)?,
        }
        Ok(())
    }

    fn pass_over(&mut self, start: &BytesStart<'_>) -> Result<(), Stop> {
        self.reader.read_to_end(start.name())?;
        Ok(())
    }

    /// A title or a text. Atom says how it is written; RSS does not, and it is HTML.
    fn prose(&mut self, start: &BytesStart<'_>) -> Result<Option<Prose>, Stop> {
        let said = attribute(start, "type").map(|said| said.to_ascii_lowercase());
        let written = match (self.parts.format, said.as_deref()) {
            (Format::Atom, None | Some("text" | "text/plain")) => Written::Plain,
            (Format::Atom, Some("xhtml" | "application/xhtml+xml")) => Written::Xhtml,
            (Format::Atom, Some("html" | "text/html")) => Written::Html,
            // Base64, an image, another document; a title of a type that is not known is still a title.
            (Format::Atom, Some(said))
                if start.local_name().as_ref() == "content" && !said.starts_with("text/") =>
            {
                self.pass_over(start)?;
                return Ok(None);
            }
            (Format::Atom, Some(_)) => Written::Plain,
            _ => Written::Html,
        };
        let content = self.content(written)?;
        Ok(Some(if written == Written::Plain { Prose::Plain(content) } else { Prose::Html(content) }))
    }

    /// A link that is no other than to a page about the same, and whether it says that it is a page.
    fn link(
        &mut self,
        start: &BytesStart<'_>,
        base_uri: Option<&Url>,
    ) -> Result<Option<(String, bool)>, Stop> {
        let own_base = base(start, base_uri);
        let text = self.content(Written::Plain)?;
        let alternate = attribute(start, "rel").is_none_or(|rel| rel == "alternate");
        let address = attribute(start, "href").unwrap_or(text);
        let is_page = attribute(start, "type").is_none_or(|said| said == "text/html");
        if !alternate || address.is_empty() {
            return Ok(None);
        }
        let link = super::text::link(&address, own_base.as_ref());
        self.parts.bad_links += u64::from(link.is_none());
        Ok(link.map(|link| (link, is_page)))
    }

    /// Who wrote it: in Atom an element with a name or an address within, in RSS a text, most often
    /// "address (name)".
    fn author(&mut self) -> Result<String, Stop> {
        let (mut name, mut mail, mut text) = (None, None, String::new());
        loop {
            match self.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "name" => name = Some(self.content(Written::Plain)?),
                    "email" => mail = Some(self.content(Written::Plain)?),
                    _ => self.pass_over(&start)?,
                },
                Event::End(_) => break,
                event => append(&mut text, &event, Written::Plain),
            }
        }
        if let Some(found) = name.or(mail) {
            return Ok(found);
        }
        let text = text.trim();
        let within = text
            .split_once('(')
            .and_then(|(mail, rest)| mail.contains('@').then_some(rest)?.strip_suffix(')'));
        Ok(within.filter(|within| !within.trim().is_empty()).unwrap_or(text).to_owned())
    }

    /// What stands in the element that was just opened, up to its end.
    fn content(&mut self, written: Written) -> Result<String, Stop> {
        let mut content = String::new();
        let mut depth = 0_u32;
        loop {
            let event = self.next()?;
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(content),
                Event::End(_) => depth -= 1,
                _ => {}
            }
            append(&mut content, &event, written);
        }
    }
}

/// Adds what an event says to a text, unless that is long enough.
fn append(content: &mut String, event: &Event<'_>, written: Written) {
    if content.len() > LONGEST_TEXT {
        return;
    }
    let room = LONGEST_TEXT;
    let mut push = |text: &str| content.push_str(&text[..text.floor_char_boundary(room)]);
    match event {
        Event::Text(text) => push(text),
        Event::CData(text) if written == Written::Xhtml => push(&minimal_escape(&**text)),
        Event::CData(text) => push(text),
        Event::GeneralRef(name) => {
            let known = if written == Written::Xhtml { None } else { entity::character(name) };
            push(&known.unwrap_or_else(|| Cow::Owned(format!("&{};", &**name))));
        }
        Event::Start(start) if written != Written::Plain => {
            push("<");
            push(start);
            push(">");
        }
        Event::End(end) if written != Written::Plain => {
            push("</");
            push(end);
            push(">");
        }
        _ => {}
    }
}

/// An attribute by its name as it is written, with characters in place.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.html_attributes();
    attributes.with_checks(false);
    let found = attributes.flatten().find(|attribute| attribute.key.as_ref() == name)?;
    let value = &found.value[..found.value.floor_char_boundary(LONGEST_TEXT)];
    Some(entity::decoded(value).trim().to_owned())
}

/// The address by which those within the element are completed (XML Base).
fn base(start: &BytesStart<'_>, outer: Option<&Url>) -> Option<Url> {
    let said = attribute(start, "xml:base").filter(|said| said.len() <= LONGEST_BASE);
    let own = said.and_then(|said| match outer {
        Some(outer) => outer.join(&said).ok(),
        None => Url::parse(&said).ok(),
    });
    own.filter(|own| own.as_str().len() <= LONGEST_BASE).or_else(|| outer.cloned())
}
