//! JSON read field by field: what has the wrong form costs its own field and a remark.
//!
//! serde's derived readers stop at the first wrong field, and a tree of `serde_json::Value` takes up
//! to eighty times the memory of its text. So an object is taken apart into the raw texts of the
//! fields that are asked for, each read when its turn comes; nothing else is ever built, and the
//! place of a raw text in the document gives the line of a remark.

mod list;
mod scalar;
mod text;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt::{self, Write};
use std::sync::Arc;

use serde::de::{Deserializer as _, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::remark::{Remark, RemarkKind, Remarks};
use crate::refusal::excerpt;

pub(super) use text::{Limits, json, whole};

/// The most objects of one document that are read: a list of a nation's products has 100,000.
const MOST_OBJECTS: usize = 500_000;
/// The most texts of one document that are read.
const MOST_TEXTS: usize = 2_000_000;
/// The most different identifiers of one document that are read.
const MOST_IDS: usize = 250_000;

/// What one reading shares: the text, the remarks, and how much may still be read.
pub(super) struct Cx<'t> {
    text: &'t str,
    remarks: RefCell<Remarks>,
    objects_left: Cell<usize>,
    texts_left: Cell<usize>,
    ids: RefCell<HashSet<Arc<str>>>,
}

impl<'t> Cx<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            remarks: RefCell::default(),
            objects_left: Cell::new(MOST_OBJECTS),
            texts_left: Cell::new(MOST_TEXTS),
            ids: RefCell::default(),
        }
    }

    /// The outermost value of the document.
    pub fn root<'a>(&'a self, raw: &'a RawValue) -> Node<'a> {
        Node { raw, place: Place { up: None, step: Step::Root }, cx: self }
    }

    /// One copy of an identifier that stands in a document very many times; none where there are
    /// too many different ones.
    fn shared(&self, id: &str) -> Option<Arc<str>> {
        let mut ids = self.ids.borrow_mut();
        if let Some(known) = ids.get(id) {
            return Some(Arc::clone(known));
        }
        if ids.len() == MOST_IDS {
            return None;
        }
        let new: Arc<str> = id.into();
        ids.insert(Arc::clone(&new));
        Some(new)
    }

    /// All that was noticed.
    pub fn remarks(self) -> Remarks {
        self.remarks.into_inner().with_lines(self.text)
    }

    /// Takes one from `left`, or says that there is none.
    fn spend(left: &Cell<usize>) -> bool {
        let one_less = left.get().checked_sub(1);
        left.set(one_less.unwrap_or(0));
        one_less.is_some()
    }
}

/// Where a value stands, as a chain up to the root; it is written out for a remark alone.
#[derive(Clone, Copy)]
struct Place<'a> {
    up: Option<&'a Place<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Root,
    Field(&'static str),
    Item(usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) => write!(f, "/{name}"),
            Step::Item(index) => write!(f, "/{index}"),
        }
    }
}

/// A value of the document, not yet read.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    raw: &'a RawValue,
    place: Place<'a>,
    cx: &'a Cx<'a>,
}

/// The fields of an object that are read.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Those that the standard asks for.
    pub required: &'static [&'static str],
    /// The others.
    pub optional: &'static [&'static str],
}

impl Fields {
    fn all(self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}

impl<'a> Node<'a> {
    /// Where it stands in the document, in bytes.
    pub fn span(&self) -> std::ops::Range<usize> {
        let start = (self.raw.get().as_ptr() as usize).saturating_sub(self.cx.text.as_ptr() as usize);
        start..start + self.raw.get().len()
    }

    /// Notes what is said of this value.
    pub fn remark(&self, kind: RemarkKind, reason: impl FnOnce() -> String) {
        self.cx.remarks.borrow_mut().add(kind, || Remark {
            path: self.place.to_string(),
            // The offset, until the end of the reading turns it into a line.
            line: self.span().start as u64,
            kind,
            reason: reason(),
        });
    }

    /// Notes that this value is not what it should be, and so is lost.
    fn is_no(&self, expected: &str) {
        self.remark(RemarkKind::Lost, || format!("This is {}, not {expected}.", self.form().named()));
    }

    fn form(&self) -> Form {
        match self.raw.get().as_bytes().first() {
            Some(b'{') => Form::Object,
            Some(b'[') => Form::List,
            Some(b'"') => Form::Text,
            Some(b't' | b'f') => Form::Truth,
            Some(b'n') => Form::Null,
            _ => Form::Number,
        }
    }

    /// The object that this is, with the fields that are asked for.
    pub fn object(self, fields: Fields) -> Option<Object<'a>> {
        if self.form() != Form::Object {
            self.is_no("an object");
            return None;
        }
        if !Cx::spend(&self.cx.objects_left) {
            self.remark(RemarkKind::Lost, || {
                format!("The document holds more than {MOST_OBJECTS} objects; this is one too many.")
            });
            return None;
        }
        let names: Vec<&'static str> = fields.all().collect();
        let mut values = vec![None; names.len()];
        let members = Members { node: &self, names: &names, values: &mut values };
        let mut json = serde_json::Deserializer::from_str(self.raw.get());
        if let Err(error) = json.deserialize_map(members) {
            self.remark(RemarkKind::Lost, || {
                format!("This cannot be read: {}.", excerpt(&error.to_string()))
            });
            return None;
        }
        let object = Object { node: self, names, values };
        for name in fields.required {
            if object.raw(name).is_none() {
                object.node.remark(RemarkKind::Missing, || format!("The field {name} is missing."));
            }
        }
        Some(object)
    }
}

/// What kind of JSON a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Object,
    List,
    Text,
    Number,
    Truth,
    Null,
}

impl Form {
    fn named(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Truth => "true or false",
            Self::Null => "null",
        }
    }
}

/// Puts the members of an object that are asked for into their places.
struct Members<'m, 'a> {
    node: &'m Node<'a>,
    names: &'m [&'static str],
    values: &'m mut [Option<&'a RawValue>],
}

impl<'a> Visitor<'a> for Members<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Name<'a>>()? {
            let value: &'a RawValue = map.next_value()?;
            let Some(place) = self.names.iter().position(|known| *known == name.text()) else {
                self.node.remark(RemarkKind::Unknown, || {
                    format!("The field {} is not one that the standard has here.", excerpt(name.text()))
                });
                continue;
            };
            if self.values[place].replace(value).is_some() {
                let name = self.names[place];
                self.node
                    .remark(RemarkKind::Odd, || format!("The field {name} is there twice; the last counts."));
            }
        }
        Ok(())
    }
}

/// The name of a member, borrowed where it has no escapes.
enum Name<'a> {
    Plain(&'a str),
    Escaped(String),
}

impl Name<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Escaped(text) => text,
        }
    }
}

impl<'a> serde::Deserialize<'a> for Name<'a> {
    fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'a> Visitor<'a> for Text {
            type Value = Name<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Name<'a>, E> {
                Ok(Name::Plain(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Name<'a>, E> {
                Ok(Name::Escaped(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An object of the document, taken apart.
pub(super) struct Object<'a> {
    node: Node<'a>,
    names: Vec<&'static str>,
    values: Vec<Option<&'a RawValue>>,
}

impl<'a> Object<'a> {
    /// The object itself.
    pub fn node(&self) -> &Node<'a> {
        &self.node
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let place = self.names.iter().position(|known| *known == name);
        debug_assert!(place.is_some(), "{name} is not among the fields asked for");
        self.values[place?]
    }

    /// The value of a field. `null` is told and taken as if the field were not there.
    pub fn get(&self, name: &'static str) -> Option<Node<'_>> {
        let raw = self.raw(name)?;
        let place = Place { up: Some(&self.node.place), step: Step::Field(name) };
        let node = Node { raw, place, cx: self.node.cx };
        if node.form() == Form::Null {
            node.is_no("a value");
            return None;
        }
        Some(node)
    }

    /// The object in a field, as `read` makes it.
    pub fn part<T>(&self, name: &'static str, read: impl FnOnce(Node<'_>) -> Option<T>) -> Option<T> {
        self.get(name).and_then(read)
    }
}

/// A number of things with their noun, for remarks.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let mut text = String::new();
    let _ = write!(text, "{count} {noun}");
    if count != 1 {
        text.push('s');
    }
    text
}
