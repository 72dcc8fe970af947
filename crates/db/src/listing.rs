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

    fn shifted(&self, before: usize) -> String {
        shifted(self.text, before)
    }
}

/// The text with its parameters counted on from `before`. Each is renamed once: `?1` begins `?10` too.
fn shifted(text: &str, before: usize) -> String {
    let mut parts = text.split('?');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        let _ = write!(out, "?{}{}", number + before, &part[digits..]);
    }
    out
}

/// A [`Listing`] with its conditions chosen, ready to run.
#[derive(Debug)]
pub struct Selection {
    listing: &'static Listing,
    wheres: Vec<String>,
    head: String,
    ordered: String,
    counted: bool,
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
        let head = self.head.text.to_owned();
        Selection { listing: self, wheres: Vec::new(), head, ordered: String::new(), counted: false, values }
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

    /// Adds a condition that somebody asks for.
    #[must_use]
    pub fn filtered(mut self, filter: &Filter) -> Self {
        let text = filter.text(&mut self.values);
        self.wheres.push(text);
        self
    }

    /// Orders the rows by these columns, at least one of them, and takes `most` of them from place `from` on. For a
    /// list whose tail is empty.
    #[must_use]
    pub fn page(mut self, columns: &[(&'static str, Direction)], from: i64, most: i64) -> Self {
        let columns: Vec<_> =
            columns.iter().map(|(column, direction)| format!("{column} {}", direction.word())).collect();
        let next = self.values.len() + 1;
        self.ordered = format!(" ORDER BY {} LIMIT ?{next} OFFSET ?{}", columns.join(", "), next + 1);
        self.values.extend([Value::Int(most), Value::Int(from)]);
        self
    }

    /// Asks how many rows there are instead of for them: one row with one number.
    #[must_use]
    pub const fn counted(mut self) -> Self {
        self.counted = true;
        self
    }

    pub(crate) fn text(&self, engine: Engine) -> String {
        let wheres = if self.wheres.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.wheres.join(" AND "))
        };
        let mut text = format!("{}{wheres}{} {}", self.head, self.ordered, self.listing.tail);
        if self.counted {
            text = format!("SELECT CAST(count(*) AS BIGINT) AS counted FROM ({text}) rows_of_it");
        }
        match engine {
            Engine::Sqlite => text,
            Engine::Postgres => to_postgres(&text),
        }
    }

    pub(crate) const fn written(&self) -> &'static str {
        self.listing.head.text
    }
}

/// A condition that somebody asks for at run time. Its texts are the program's own: what they ask about comes as values.
#[derive(Clone, Debug)]
pub enum Filter {
    /// This holds, in which `{}` is the column or expression before it, and parameters count from `?1`.
    Is(&'static str, &'static str, Vec<Value>),
    /// Each of these holds; so it does where there are none.
    All(Vec<Self>),
    /// One of these holds, which it does not where there are none.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
}

impl Filter {
    /// The condition as SQL; its values go behind those that are there.
    fn text(&self, values: &mut Vec<Value>) -> String {
        match self {
            Self::Is(column, condition, own) => {
                let text = shifted(&condition.replace("{}", column), values.len());
                values.extend(own.iter().cloned());
                // What is unknown is not so: or its opposite would be unknown too.
                format!("COALESCE(({text}), FALSE)")
            }
            Self::All(each) => Self::joined(each, " AND ", "TRUE", values),
            Self::Any(each) => Self::joined(each, " OR ", "FALSE", values),
            Self::Not(filter) => format!("(NOT {})", filter.text(values)),
        }
    }

    fn joined(each: &[Self], by: &str, none: &str, values: &mut Vec<Value>) -> String {
        let texts: Vec<_> = each.iter().map(|filter| filter.text(values)).collect();
        if texts.is_empty() { none.to_owned() } else { format!("({})", texts.join(by)) }
    }
}

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, or the earliest.
    Ascending,
    /// The largest, or the latest.
    Descending,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
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

    crate::listing! {
        static ASKED = "SELECT a FROM t";
        by_name: "name = ?1",
        tail: "",
    }

    #[test]
    fn what_somebody_asks_for_comes_as_values_alone() {
        let is = |number: i64| Filter::Is("t.a", "{} = ?1", crate::params![number]);
        let between = Filter::Is("t.b", "{} >= ?1 AND {} < ?2", crate::params![3, 4]);
        let filter = Filter::All(vec![
            Filter::Any(vec![is(1), is(2)]),
            Filter::Not(Box::new(between)),
            Filter::Any(Vec::new()),
        ]);
        let asked = ASKED.select(crate::params![]).when("by_name", crate::params!["x"]).filtered(&filter);
        let asked = asked.page(&[("t.c", Direction::Descending), ("t.id", Direction::Ascending)], 20, 10);
        assert_eq!(
            asked.text(Engine::Postgres),
            "SELECT a FROM t WHERE name = $1 AND ((COALESCE((t.a = $2), FALSE) OR COALESCE((t.a = $3), FALSE)) AND \
             (NOT COALESCE((t.b >= $4 AND t.b < $5), FALSE)) AND FALSE) ORDER BY t.c DESC, t.id ASC LIMIT $6 OFFSET $7 "
        );
        assert_eq!(asked.values, crate::params!["x", 1, 2, 3, 4, 10, 20]);
        let counted = ASKED.select(crate::params![]).filtered(&Filter::All(Vec::new())).counted();
        assert_eq!(
            counted.text(Engine::Sqlite),
            "SELECT CAST(count(*) AS BIGINT) AS counted FROM (SELECT a FROM t WHERE TRUE ) rows_of_it"
        );
    }

    #[test]
    fn every_combination_is_enumerated() {
        assert_eq!(SAMPLE.combinations(Engine::Sqlite).len(), 4);
        assert!(Listing::all().any(|listing| std::ptr::eq(listing, &raw const SAMPLE)));
    }
}
