//! What strangers wrote, made ready for a page: plain text, in paragraphs, and no longer than a page may
//! be.

use formats::csaf::{Acknowledgment, Note, NoteCategory, Reference};

use crate::advisory::content::is_link;

/// The letters that the prose of one page may have: the file has the rest.
const ROOM: usize = 60_000;
/// The longest text, in characters.
const LONGEST: usize = 8_000;
/// The most rows of one list.
pub(super) const MOST: usize = 100;

/// How much room is left on a page.
pub(super) struct Room(usize);

/// A text with its heading.
pub(super) struct Prose {
    pub heading: String,
    pub paragraphs: Vec<String>,
}

/// A page elsewhere; without an address where it gives none that may be followed.
pub(super) struct Page {
    pub text: String,
    pub url: String,
}

impl Room {
    pub(super) const fn new() -> Self {
        Self(ROOM)
    }

    /// The text, or as much of it as there is room for.
    pub(super) fn text(&mut self, text: &str) -> String {
        let text = text.trim();
        let most = LONGEST.min(self.0);
        let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
        self.0 = self.0.saturating_sub(end);
        if end == text.len() { text.to_owned() } else { format!("{}…", &text[..end]) }
    }

    /// The text in its paragraphs.
    pub(super) fn paragraphs(&mut self, text: &str) -> Vec<String> {
        let text = self.text(text).replace("\r\n", "\n");
        let all = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
        all.map(str::to_owned).collect()
    }

    /// Notes under their headings.
    pub(super) fn notes(&mut self, notes: &[Note]) -> Vec<Prose> {
        let prose = |note: &Note| Prose {
            heading: match (&note.title, &note.category) {
                (Some(title), _) => self.text(title),
                (None, Some(category)) => category_in_words(category).to_owned(),
                (None, None) => "Note".to_owned(),
            },
            paragraphs: self.paragraphs(&note.text),
        };
        notes.iter().take(MOST).map(prose).collect()
    }

    /// References, as links where they are some.
    pub(super) fn pages(&mut self, references: &[Reference]) -> Vec<Page> {
        let page = |reference: &Reference| {
            let url = reference.url.as_deref().unwrap_or_default();
            let text = reference.summary.as_deref().unwrap_or_default();
            self.page(text, url)
        };
        references.iter().take(MOST).map(page).collect()
    }

    /// A page elsewhere, called `text`.
    pub(super) fn page(&mut self, text: &str, url: &str) -> Page {
        let safe = is_link(url) && url.len() <= self.0;
        let text = match (text.trim().is_empty(), safe || url.is_empty()) {
            (true, _) => url.to_owned(),
            (false, true) => text.to_owned(),
            (false, false) => format!("{text} ({url})"),
        };
        self.0 -= if safe { url.len() } else { 0 };
        Page { text: self.text(&text), url: if safe { url.to_owned() } else { String::new() } }
    }

    /// Who is thanked, each in a sentence.
    pub(super) fn thanks(&mut self, thanks: &[Acknowledgment]) -> Vec<String> {
        let one = |thanks: &Acknowledgment| {
            let who = thanks.names.iter().map(String::as_str).chain(thanks.organization.as_deref());
            let who = who.collect::<Vec<_>>().join(", ");
            let parts = [who, thanks.summary.clone().unwrap_or_default(), thanks.urls.join(", ")];
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            self.text(&parts.join(": "))
        };
        thanks.iter().take(MOST).map(one).collect()
    }
}

fn category_in_words(category: &NoteCategory) -> &str {
    match category {
        NoteCategory::Description => "Description",
        NoteCategory::Details => "Details",
        NoteCategory::Faq => "Questions and answers",
        NoteCategory::General => "General",
        NoteCategory::LegalDisclaimer => "Legal notice",
        NoteCategory::AnythingElse => "Other",
        NoteCategory::Summary => "Summary",
        NoteCategory::Other(word) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_however_long_the_document_is() {
        let mut room = Room::new();
        let note = Note { category: None, title: None, audience: None, text: "é\n\n".repeat(50_000) };
        let notes = room.notes(&vec![note; 1_000]);
        let letters: usize = notes.iter().flat_map(|note| &note.paragraphs).map(String::len).sum();
        assert!(notes.len() == MOST && letters < 2 * ROOM, "{letters}");
    }

    #[test]
    fn only_an_address_of_the_web_is_a_link() {
        let mut room = Room::new();
        for (url, links) in [("https://a.example/x", true), ("javascript:alert(1)", false), ("", false)] {
            let page = room.page("Advisory", url);
            assert_eq!(!page.url.is_empty(), links, "{url}");
            assert!(links || page.text.contains(url));
        }
    }
}
