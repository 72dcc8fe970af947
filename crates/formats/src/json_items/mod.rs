//! Takes a large JSON object apart as it streams by: its plain fields, and one by one the entries
//! of its one long list, each as the text that stood in the document.
//!
//! Only the outline is read here; what a text means is for serde. So a bad entry costs that entry,
//! memory holds one entry at a time, and nesting is counted, never followed.

mod documents;
mod input;
mod text;
mod words;

use std::io::Read;

use crate::Refusal;
use crate::refusal::excerpt;
use input::{Input, Problem};

pub use documents::JsonDocuments;
pub use text::Text;
pub use words::in_words;

/// The longest entry or field, in bytes, unless a reader asks for more: the longest real KEV entry
/// has 3 KiB.
pub const LONGEST: usize = 256 * 1024;
/// The deepest nesting of an entry; serde's own limit for what it builds.
pub const DEEPEST: usize = 128;
const LONGEST_NAME: usize = 1024;

/// What a document holds, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A field of the object, other than the list.
    Field {
        /// Its name.
        name: String,
        /// Its value.
        value: Text,
    },
    /// An entry of the list.
    Item(Text),
}

/// An iterator over the pieces of a document.
pub struct JsonItems<R> {
    input: Input<R>,
    list: &'static str,
    longest: usize,
    state: State,
}

/// What may come next.
#[derive(Clone, Copy)]
enum State {
    Start,
    FirstMember,
    AfterMember,
    FirstItem,
    AfterItem,
    Ended,
}

impl<R: Read> JsonItems<R> {
    /// Reads `input`, an object whose field `list` holds the entries.
    pub fn new(input: R, list: &'static str) -> Self {
        Self { input: Input::new(input), list, longest: LONGEST, state: State::Start }
    }

    /// The same reader, taking entries and fields of up to `longest` bytes: some formats carry a
    /// whole list in one entry.
    #[must_use]
    pub fn taking(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// What the document is read from.
    pub fn source_mut(&mut self) -> &mut R {
        self.input.source_mut()
    }

    /// Whether the last piece, or the last refusal, was an entry of the list.
    pub fn in_list(&self) -> bool {
        matches!(self.state, State::AfterItem)
    }

    /// Steps through the outline until there is a piece to hand over.
    fn step(&mut self) -> Result<Option<Piece>, Problem> {
        loop {
            match self.state {
                State::Ended => return Ok(None),
                State::Start => {
                    self.input.skip_byte_order_mark()?;
                    self.input.expect(b'{', "a JSON object")?;
                    self.state = State::FirstMember;
                }
                State::FirstMember | State::AfterMember if self.input.next_if(b'}')? => {
                    self.end()?;
                }
                State::FirstMember => {
                    if let Some(field) = self.member()? {
                        return Ok(Some(field));
                    }
                }
                State::AfterMember => {
                    self.input.expect(b',', "a comma or the end of the object")?;
                    if let Some(field) = self.member()? {
                        return Ok(Some(field));
                    }
                }
                State::FirstItem | State::AfterItem if self.input.next_if(b']')? => {
                    self.state = State::AfterMember;
                }
                State::FirstItem => return self.item(),
                State::AfterItem => {
                    self.input.expect(b',', "a comma or the end of the list")?;
                    return self.item();
                }
            }
        }
    }

    fn item(&mut self) -> Result<Option<Piece>, Problem> {
        self.state = State::AfterItem;
        self.input.value(self.longest).map(|text| Some(Piece::Item(text)))
    }

    /// One `"name": value`; nothing when it opens the list.
    fn member(&mut self) -> Result<Option<Piece>, Problem> {
        let name = self.name()?;
        self.input.expect(b':', "a colon")?;
        if name == self.list && self.input.next_if(b'[')? {
            self.state = State::FirstItem;
            return Ok(None);
        }
        self.state = State::AfterMember;
        let value = self.input.value(self.longest)?;
        Ok(Some(Piece::Field { name, value }))
    }

    fn name(&mut self) -> Result<String, Problem> {
        if self.input.peek_past_space()? != Some(b'"') {
            return Err(self.input.broken("the name of a field"));
        }
        // Without its name the reader no longer knows where it is, so a bad one is the end.
        let text = self.input.value(LONGEST_NAME).map_err(|problem| match problem {
            Problem::Refused(refusal) | Problem::Broken(refusal) => Problem::Broken(refusal),
        })?;
        serde_json::from_str(&text.text).map_err(|_| {
            Problem::Broken(self.input.refusal(format!("{} is not a name.", excerpt(&text.text))))
        })
    }

    fn end(&mut self) -> Result<(), Problem> {
        self.state = State::Ended;
        match self.input.peek_past_space()? {
            None => Ok(()),
            Some(_) => Err(self.input.broken("the end of the file")),
        }
    }
}

impl<R: Read> Iterator for JsonItems<R> {
    type Item = Result<Piece, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Ok(piece) => piece.map(Ok),
            Err(Problem::Refused(refusal)) => Some(Err(refusal)),
            Err(Problem::Broken(refusal)) => {
                self.state = State::Ended;
                Some(Err(refusal.at_the_end()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Piece, Refusal>> {
        JsonItems::new(text.as_bytes(), "list").collect()
    }

    #[test]
    fn pieces_come_verbatim_and_know_their_place() {
        let pieces = read("\u{feff}{\"é\": 1.0,\n \"list\": [{\"b\" : \"]}\\\"\"}, 2,\n[ ]], \"c\": null}\n");
        let item = |line, column, text: &str| Ok(Piece::Item(Text { line, column, text: text.into() }));
        let field = |name: &str, line, column, text: &str| {
            Ok(Piece::Field { name: name.into(), value: Text { line, column, text: text.into() } })
        };
        assert_eq!(
            pieces,
            [
                field("é", 1, 7, "1.0"),
                item(2, 11, "{\"b\" : \"]}\\\"\"}"),
                item(2, 27, "2"),
                item(3, 1, "[ ]"),
                field("c", 3, 12, "null"),
            ]
        );
    }

    #[test]
    fn a_broken_outline_is_refused_once_with_its_place() {
        for text in [
            "",
            "[",
            "{",
            "{\"list\"",
            "{\"list\":",
            "{\"list\":[",
            "{\"list\":[1",
            "{\"list\":[1,",
            "{\"list\":[,",
            "{\"list\":[1]",
            "{\"list\":[]}}",
            "{\"a\":\"",
            "{\"a\":{\"b\":[",
            "{a:1}",
            "{\"a\":}",
        ] {
            let refusals: Vec<_> = read(text).into_iter().filter_map(Result::err).collect();
            assert_eq!(refusals.len(), 1, "{text}");
            assert_eq!(refusals[0].line, 1);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_outline_is_read_without_panic(text in "[{}\\[\\]\",:\\\\ \nlist1é]{0,60}", bytes: Vec<u8>) {
            read(&text);
            JsonItems::new(&bytes[..], "list").count();
        }
    }
}
