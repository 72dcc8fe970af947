//! Lists, streamed entry by entry.

use std::fmt;

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::remark::RemarkKind;
use super::{Form, Node, Object, Place, Step};

impl Node<'_> {
    /// Every entry of the list that this is, as `read` makes it. One value where a list should be
    /// is its only entry. `read` says itself what is wrong with an entry that it leaves out.
    pub fn list<T>(self, mut read: impl FnMut(Node<'_>) -> Option<T>) -> Vec<T> {
        if self.form() != Form::List {
            self.remark(RemarkKind::Mended, || {
                format!("This is {}, not a list; it is taken as the only entry.", self.form().named())
            });
            return read(self).into_iter().collect();
        }
        let mut entries = Vec::new();
        let mut index = 0;
        let take = |raw: &RawValue| {
            let place = Place { up: Some(&self.place), step: Step::Item(index) };
            let node = Node { raw, place, cx: self.cx };
            index += 1;
            if node.form() == Form::Null {
                node.is_no("an entry");
            } else {
                entries.extend(read(node));
            }
        };
        let mut json = serde_json::Deserializer::from_str(self.raw.get());
        if json.deserialize_seq(Each(take)).is_err() {
            self.remark(RemarkKind::Lost, || "The rest of this list cannot be read.".to_owned());
        }
        entries
    }
}

impl Object<'_> {
    /// Every entry of the list in a field; none where the field is not there.
    pub fn list<T>(&self, name: &'static str, read: impl FnMut(Node<'_>) -> Option<T>) -> Vec<T> {
        self.get(name).map(|node| node.list(read)).unwrap_or_default()
    }

    /// The texts of a list of texts.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "`Node::text` names one lifetime, and each entry has its own"
    )]
    pub fn texts(&self, name: &'static str) -> Vec<String> {
        self.list(name, |node| node.text())
    }
}

/// Hands over the raw text of each entry.
struct Each<F>(F);

impl<'a, F: FnMut(&'a RawValue)> Visitor<'a> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(raw) = seq.next_element::<&'a RawValue>()? {
            (self.0)(raw);
        }
        Ok(())
    }
}
