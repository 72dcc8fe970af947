//! Lists whose conditions are switched on one by one, without a text for each combination by hand
//! and without `(?1 IS NULL OR …)`, which no index serves.

use std::fmt::Write as _;

use crate::{Engine, Value, sql::to_postgres};

/// A list query: a head that ends before `WHERE`, conditions of which any subset may hold, and a
/// tail. Declared by [`listing!`](crate::listing!), which registers it like a statement.
///
/// The head and each condition number their own parameters from `?1`; the tail takes none.
#[derive(Debug)]
pub struct Listing {
    head: Part,
    conditions: &'static [(&'static str, Part)],
    tail: &'static str,
    /// The file and line that hold it, for the test's message.
    pub place: (&'static str, u32),
}

/// A text and how many parameters it takes.
#[doc(hidden)]
#[derive(Debug)]
pub struct Part {
    text: &'static str,
    parameters: usize,
}

impl Part {
    const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut at, mut parameters) = (0, 0);
        while at < bytes.len() {
            if bytes[at] == b'?' && at + 1 < bytes.len() {
                let number = (bytes[at + 1] - b'0') as usize;
                if number > parameters {
                    parameters = number;
                }
            }
            at += 1;
        }
        Self { text, parameters }
    }

    /// The text with its parameters counted on from `before`. Each is renamed once: `?1` begins `?10` too.
    fn shifted(&self, before: usize) -> String {
        let mut parts = self.text.split('?');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let number: usize = part[..digits].parse().unwrap_or_default();
            let _ = write!(out, "?{}{}", number + before, &part[digits..]);
        }
        out
    }
}

/// A [`Listing`] with its conditions chosen, ready to run.
#[derive(Debug)]
pub struct Selection {
    listing: &'static Listing,
    wheres: Vec<String>,
    head: String,
    pub(crate) values: Vec<Value>,
}

impl Listing {
    #[doc(hidden)]
    pub const fn new(
        head: &'static str,
        conditions: &'static [(&'static str, Part)],
        tail: &'static str,
        place: (&'static str, u32),
    ) -> Self {
        Self { head: Part::new(head), conditions, tail, place }
    }

    #[doc(hidden)]
    pub const fn condition(name: &'static str, text: &'static str) -> (&'static str, Part) {
        (name, Part::new(text))
    }

    /// Begins a query with the values of the head's own parameters.
    pub fn select(&'static self, values: Vec<Value>) -> Selection {
        assert_eq!(values.len(), self.head.parameters, "the head of {:?} takes other parameters", self.place);
        Selection { listing: self, wheres: Vec::new(), head: self.head.text.to_owned(), values }
    }

    /// Every list of the program that is linked in.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        inventory::iter::<RegisteredListing>.into_iter().map(|registered| registered.0)
    }

    /// The text of every combination of conditions, for the test that prepares them all.
    pub fn combinations(&'static self, engine: Engine) -> Vec<String> {
        let of = |mask: u32| {
            let mut selection = self.select(vec![Value::Null; self.head.parameters]);
            for (place, (name, part)) in self.conditions.iter().enumerate() {
                if mask & (1 << place) != 0 {
                    selection = selection.when(name, vec![Value::Null; part.parameters]);
                }
            }
            selection.text(engine)
        };
        (0..1 << self.conditions.len()).map(of).collect()
    }
}

impl Selection {
    /// Switches the condition called `name` on.
    #[must_use]
    pub fn when(mut self, name: &str, values: Vec<Value>) -> Self {
        let (_, part) = self
            .listing
            .conditions
            .iter()
            .find(|(each, _)| *each == name)
            .unwrap_or_else(|| panic!("{:?} has no condition {name}", self.listing.place));
        assert_eq!(values.len(), part.parameters, "condition {name} of {:?}", self.listing.place);
        self.wheres.push(part.shifted(self.values.len()));
        self.values.extend(values);
        self
    }

    /// Switches the condition called `name` on where there is a value for it.
    #[must_use]
    pub fn when_some<T: Into<Value>>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.when(name, vec![value.into()]),
            None => self,
        }
    }

    pub(crate) fn text(&self, engine: Engine) -> String {
        let wheres = if self.wheres.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.wheres.join(" AND "))
        };
        let text = format!("{}{wheres} {}", self.head, self.listing.tail);
        match engine {
            Engine::Sqlite => text,
            Engine::Postgres => to_postgres(&text),
        }
    }

    pub(crate) const fn written(&self) -> &'static str {
        self.listing.head.text
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct RegisteredListing(pub &'static Listing);
inventory::collect!(RegisteredListing);

/// Declares a `static` [`Listing`].
///
/// ```text
/// db::listing! {
///     static THREATS = "SELECT id, title FROM threat";
///     exploited: "known_exploited = ?1",
///     before: "(rank, id) < (?1, ?2)",
///     tail: "ORDER BY rank DESC, id DESC LIMIT 51",
/// }
/// ```
#[macro_export]
macro_rules! listing {
    (@conditions [$($done:tt)*] tail: $tail:expr $(,)?) => { (&[$($done)*], $tail) };
    (@conditions [$($done:tt)*] $name:ident: $text:expr, $($rest:tt)+) => {
        $crate::listing!(@conditions
            [$($done)* $crate::Listing::condition(::std::stringify!($name), $text),] $($rest)+)
    };
    ($(#[$meta:meta])* $vis:vis static $name:ident = $head:expr; $($rest:tt)+) => {
        $(#[$meta])*
        $vis static $name: $crate::Listing = {
            const PARTS: (&[(&str, $crate::macro_support::Part)], &str) = $crate::listing!(@conditions [] $($rest)+);
            $crate::Listing::new($head, PARTS.0, PARTS.1, (::std::file!(), ::std::line!()))
        };
        $crate::macro_support::inventory::submit! { $crate::macro_support::RegisteredListing(&$name) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::listing! {
        static SAMPLE = "SELECT a FROM t JOIN s ON s.id = ?1";
        by_name: "name = ?1",
        before: "(rank, id) < (?1, ?2)",
        tail: "ORDER BY rank LIMIT 51",
    }

    #[test]
    fn conditions_are_joined_and_their_parameters_renumbered() {
        let selection = SAMPLE
            .select(crate::params![7])
            .when("before", crate::params![1, 2])
            .when_some("by_name", Some("x"));
        assert_eq!(
            selection.text(Engine::Postgres),
            "SELECT a FROM t JOIN s ON s.id = $1 WHERE (rank, id) < ($2, $3) AND name = $4 ORDER BY rank LIMIT 51"
        );
        assert_eq!(selection.values, crate::params![7, 1, 2, "x"]);
    }

    #[test]
    fn parameters_are_renumbered_beyond_the_ninth() {
        let part = Part::new("(rank, dated, id) < (?1, ?2, ?3)");
        assert_eq!(part.shifted(7), "(rank, dated, id) < (?8, ?9, ?10)");
        assert_eq!(part.shifted(10), "(rank, dated, id) < (?11, ?12, ?13)");
    }

    #[test]
    fn every_combination_is_enumerated() {
        assert_eq!(SAMPLE.combinations(Engine::Sqlite).len(), 4);
        assert!(Listing::all().any(|listing| std::ptr::eq(listing, &raw const SAMPLE)));
    }
}
