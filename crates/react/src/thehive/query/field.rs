//! The properties that can be asked for, and the SQL that each stands for. A property that is not here is refused by its
//! name.

use db::{Filter, Value};
use jiff::Timestamp;
use platform::web::Error;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::incident::Receipt;

/// What values a property has, and so what can be asked about it.
#[derive(Clone, Copy, Debug)]
pub(in crate::thehive) enum Kind {
    /// An id.
    Id,
    /// The number of a case, which is its receipt here.
    Receipt,
    /// A moment.
    Time,
    /// A number.
    Number,
    /// A text.
    Text,
    /// One of TheHive's words, and the codes of ours for which it stands.
    Word(fn(&str) -> Option<&'static [&'static str]>),
    /// Tags, each on a line.
    Tags,
    /// Whether something is so.
    Truth,
}

/// A property.
#[derive(Clone, Copy, Debug)]
pub(in crate::thehive) struct Field {
    /// What TheHive calls it.
    pub name: &'static str,
    /// What values it has.
    pub kind: Kind,
    /// Its column, or an expression over columns.
    pub column: &'static str,
}

impl Field {
    /// A property of this name, kind and column.
    pub const fn new(name: &'static str, kind: Kind, column: &'static str) -> Self {
        Self { name, kind, column }
    }

    /// Whether lists are ordered by it: what both engines order alike.
    pub const fn orders(&self) -> bool {
        matches!(self.kind, Kind::Time | Kind::Number | Kind::Id)
    }

    fn is(&self, condition: &'static str, values: Vec<Value>) -> Filter {
        Filter::Is(self.column, condition, values)
    }

    /// That it has a value.
    pub fn present(&self) -> Filter {
        match self.kind {
            Kind::Text | Kind::Tags | Kind::Word(_) => self.is("{} <> ''", Vec::new()),
            _ => self.is("{} IS NOT NULL", Vec::new()),
        }
    }

    /// That it is this.
    pub fn equals(&self, operator: &str, value: &Json) -> Result<Filter, Error> {
        const EQUAL: &str = "{} = ?1";
        Ok(match self.kind {
            Kind::Id => match self.text(operator, value)?.parse::<Uuid>() {
                Ok(id) => self.is(EQUAL, vec![id.into()]),
                // No row has an id that is none.
                Err(_) => Filter::Any(Vec::new()),
            },
            Kind::Receipt => {
                let number = value.as_u64().and_then(Receipt::numbered);
                let receipt = number.ok_or_else(|| self.wrong(operator, "the number of a case"))?;
                self.is(EQUAL, vec![(&receipt).into()])
            }
            Kind::Time => self.is(
                "{} >= ?1 AND {} < ?1 + CAST(1000 AS BIGINT)",
                vec![self.moment(operator, value)?.into()],
            ),
            Kind::Number => self.is(EQUAL, vec![self.number(operator, value)?.into()]),
            Kind::Text => self.is(EQUAL, vec![self.text(operator, value)?.into()]),
            Kind::Word(codes) => {
                // A word that TheHive knows and we do not have is no row's.
                let codes = codes(self.text(operator, value)?).unwrap_or_default();
                Filter::Any(codes.iter().map(|code| self.is(EQUAL, vec![(*code).into()])).collect())
            }
            Kind::Tags => {
                let line = format!("\n{}\n", self.text(operator, value)?);
                self.is("replace({}, ?1, '') <> {}", vec![line.into()])
            }
            Kind::Truth => {
                let truth = value.as_bool().ok_or_else(|| self.wrong(operator, "true or false"))?;
                self.is(EQUAL, vec![truth.into()])
            }
        })
    }

    /// That it is before or behind this.
    pub fn compared(&self, operator: &str, condition: Compared, value: &Json) -> Result<Filter, Error> {
        match self.kind {
            Kind::Time => Ok(self.is(condition.of_moments(), vec![self.moment(operator, value)?.into()])),
            Kind::Number => Ok(self.is(condition.of_numbers(), vec![self.number(operator, value)?.into()])),
            _ => Err(self.not_asked(operator)),
        }
    }

    /// That its text begins with this, ends with it, or holds it: as it is written, letter by letter.
    pub fn holds(&self, operator: &str, place: Place, value: &Json) -> Result<Filter, Error> {
        if !matches!(self.kind, Kind::Text | Kind::Tags) {
            return Err(self.not_asked(operator));
        }
        let text = self.text(operator, value)?;
        if text.is_empty() {
            return Ok(Filter::All(Vec::new()));
        }
        Ok(self.is(place.sql(), vec![text.into()]))
    }

    /// The text that is asked for.
    pub fn text<'a>(&self, operator: &str, value: &'a Json) -> Result<&'a str, Error> {
        value.as_str().ok_or_else(|| self.wrong(operator, "a text"))
    }

    fn number(&self, operator: &str, value: &Json) -> Result<i64, Error> {
        value.as_i64().ok_or_else(|| self.wrong(operator, "a whole number"))
    }

    fn moment(&self, operator: &str, value: &Json) -> Result<Timestamp, Error> {
        let moment = value.as_i64().and_then(|millis| Timestamp::from_millisecond(millis).ok());
        moment.ok_or_else(|| self.wrong(operator, "milliseconds since 1970"))
    }

    fn wrong(&self, operator: &str, wanted: &str) -> Error {
        Error::Invalid(format!("filter, {operator}, {}: Write {wanted}.", self.name))
    }

    /// The sentence for an operator that does not fit the property.
    pub fn not_asked(&self, operator: &str) -> Error {
        Error::Invalid(format!("filter, {operator}, {}: This cannot be asked about it.", self.name))
    }
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug)]
pub(in crate::thehive) enum Compared {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compared {
    /// Moments are kept in microseconds and told in milliseconds: what is told is compared.
    const fn of_moments(self) -> &'static str {
        match self {
            Self::Less => "{} < ?1",
            Self::LessOrEqual => "{} < ?1 + CAST(1000 AS BIGINT)",
            Self::Greater => "{} >= ?1 + CAST(1000 AS BIGINT)",
            Self::GreaterOrEqual => "{} >= ?1",
        }
    }

    const fn of_numbers(self) -> &'static str {
        match self {
            Self::Less => "{} < ?1",
            Self::LessOrEqual => "{} <= ?1",
            Self::Greater => "{} > ?1",
            Self::GreaterOrEqual => "{} >= ?1",
        }
    }
}

/// Where in a text something stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::thehive) enum Place {
    Beginning,
    End,
    Anywhere,
}

impl Place {
    /// Of functions that both engines have and that look at letters as they are: LIKE and `lower()` differ.
    const fn sql(self) -> &'static str {
        match self {
            Self::Beginning => "substr({}, 1, length(CAST(?1 AS TEXT))) = CAST(?1 AS TEXT)",
            Self::End => {
                "length({}) >= length(CAST(?1 AS TEXT))
                 AND substr({}, length({}) - length(CAST(?1 AS TEXT)) + 1) = CAST(?1 AS TEXT)"
            }
            Self::Anywhere => "replace({}, ?1, '') <> {}",
        }
    }
}
