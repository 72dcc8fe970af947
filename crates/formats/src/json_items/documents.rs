//! JSON objects one after another: one document, one object a line (JSON Lines), or a list of objects.
//!
//! Nobody has to say which it is. An object that is cut in the middle costs the line it stands on,
//! where the next line plainly begins another.

use std::io::Read;

use super::Text;
use super::input::{Input, Lines, Problem};
use crate::Refusal;

/// An iterator over the objects of a file, each as the text that stood there.
pub struct JsonDocuments<R> {
    input: Input<R>,
    longest: usize,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Start,
    Within,
    FirstOfList,
    AfterOneOfList,
    Ended,
}

impl<R: Read> JsonDocuments<R> {
    /// Reads `input`; an object longer than `longest` bytes is passed over and refused.
    pub fn new(input: R, longest: usize) -> Self {
        Self { input: Input::new(input), longest, state: State::Start }
    }

    fn step(&mut self) -> Result<Option<Text>, Problem> {
        let state = self.state;
        if matches!(state, State::Start) {
            self.input.skip_byte_order_mark()?;
            self.state = State::Within;
        }
        match (state, self.input.peek_past_space()?) {
            (State::Ended, _) => Ok(None),
            (State::Start, None) => Err(Problem::Broken(self.input.refusal("The file is empty.".into()))),
            (State::Within, None) => {
                self.state = State::Ended;
                Ok(None)
            }
            (State::FirstOfList | State::AfterOneOfList, _) => self.of_list(state),
            (State::Start, Some(b'[')) => {
                self.input.expect(b'[', "a list")?;
                self.of_list(State::FirstOfList)
            }
            (_, Some(b'{')) => self.input.value_within(self.longest, Lines::UntilAnother).map(Some),
            (State::Start, Some(_)) => Err(self.input.broken("a JSON object")),
            (State::Within, Some(_)) => {
                let refusal = self.input.refusal("The line does not hold a JSON object.".into());
                self.input.skip_line()?;
                Err(Problem::Refused(refusal))
            }
        }
    }

    /// The next object of a list.
    fn of_list(&mut self, state: State) -> Result<Option<Text>, Problem> {
        if self.input.next_if(b']')? {
            self.state = State::Ended;
            if matches!(state, State::FirstOfList) {
                return Err(Problem::Broken(self.input.refusal("The list is empty.".into())));
            }
            return match self.input.peek_past_space()? {
                None => Ok(None),
                Some(_) => Err(self.input.broken("the end of the file")),
            };
        }
        if matches!(state, State::AfterOneOfList) {
            self.input.expect(b',', "a comma or the end of the list")?;
        }
        self.state = State::AfterOneOfList;
        let text = self.input.value(self.longest)?;
        if text.text.starts_with('{') {
            Ok(Some(text))
        } else {
            Err(Problem::Refused(text.refuse("The entry is not a JSON object.")))
        }
    }
}

impl<R: Read> Iterator for JsonDocuments<R> {
    type Item = Result<Text, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.state, State::Ended) {
            return None;
        }
        match self.step() {
            Ok(text) => text.map(Ok),
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

    fn read(text: &str) -> Vec<Result<Text, Refusal>> {
        JsonDocuments::new(text.as_bytes(), 1000).collect()
    }

    fn outcome(text: &str) -> Vec<(u64, Option<String>)> {
        read(text)
            .into_iter()
            .map(|result| match result {
                Ok(text) => (text.line, Some(text.text)),
                Err(refusal) => (refusal.line, None),
            })
            .collect()
    }

    #[test]
    fn one_document_and_one_object_a_line_are_told_apart() {
        let spread = "{\n  \"a\": {\n  },\n\n\"b\": 1\n}";
        assert_eq!(outcome(&format!("\u{feff}\n{spread}\n")), [(2, Some(spread.into()))]);
        let lines = "{\"a\":1}\r\n\r\n{\"b\":\"}\"}\n{}";
        let expected = [(1, "{\"a\":1}"), (3, "{\"b\":\"}\"}"), (4, "{}")];
        assert_eq!(outcome(lines), expected.map(|(line, text)| (line, Some(text.to_owned()))));
    }

    #[test]
    fn a_line_that_is_cut_or_foreign_costs_that_line() {
        let text = "{\"a\":\n{\"b\":1}\nnonsense {} {}\n{\"c\":\"\n{\"d\":1} x\n{\"e\":[{\n\n{\"f\":1}";
        let whole = |line, text: &str| (line, Some(text.to_owned()));
        assert_eq!(
            outcome(text),
            [
                (1, None),
                whole(2, "{\"b\":1}"),
                (3, None),
                (4, None),
                whole(5, "{\"d\":1}"),
                (5, None),
                (6, None),
                whole(8, "{\"f\":1}"),
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_refused_once() {
        for text in ["", " \n", "[", "[}", "null", "<html>\n<body>\n", "{", "{\"a\":\"", "{\n\"a\":["] {
            let results = read(text);
            assert_eq!(results.len(), 1, "{text}");
            assert!(results[0].is_err());
        }
    }

    #[test]
    fn a_list_of_objects_is_read_object_by_object() {
        let list = outcome("\u{feff}[\n{\"a\": [\n]},\n{}, 7, {\"b\": 1}\n]\n");
        let whole = |line, text: &str| (line, Some(text.to_owned()));
        let expected = [whole(2, "{\"a\": [\n]}"), whole(4, "{}"), (4, None), whole(4, "{\"b\": 1}")];
        assert_eq!(list, expected);
        assert_eq!(outcome("[ ]"), [(1, None)]);
        for cut in ["[{}", "[{},", "[{} {}]", "[{}]}", "[{}, {\"a\""] {
            let found = read(cut);
            assert!(found.last().unwrap().as_ref().unwrap_err().is_end, "{cut}");
            assert!(found[0].is_ok(), "{cut}");
        }
    }

    #[test]
    fn a_long_object_is_passed_over() {
        let text = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}\n", "x".repeat(1000));
        let results = read(&text);
        assert!(results[0].as_ref().unwrap_err().reason.contains("bytes long"));
        assert_eq!(results[1].as_ref().unwrap().line, 2);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[{}\\[\\]\",:\\\\ \nab1é]{0,80}", bytes: Vec<u8>) {
            proptest::prop_assert!(read(&text).len() <= text.len() + 1);
            JsonDocuments::new(&bytes[..], 1000).count();
        }
    }
}
