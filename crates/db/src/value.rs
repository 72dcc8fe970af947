//! The few kinds of value that both engines can hold, and how Rust types become them.

use jiff::Timestamp;
use uuid::Uuid;

/// One value on its way into or out of a database.
///
/// Booleans are `Int` 0 or 1 on SQLite and `BOOLEAN` on PostgreSQL; ids are 16 bytes; instants are
/// microseconds since 1970 in UTC; JSON is text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// A whole number, an instant or a truth value.
    Int(i64),
    /// A fraction. No table stores one; `avg` returns one.
    Real(f64),
    /// Text or JSON.
    Text(String),
    /// Bytes, or an id.
    Bytes(Vec<u8>),
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value, or says what was found instead.
    fn from_value(value: Value) -> Result<Self, String>;
}

/// The sentence for a value of the wrong kind.
fn unexpected<T>(expected: &str, found: &Value) -> Result<T, String> {
    let kind = match found {
        Value::Null => "NULL",
        Value::Int(_) => "a number",
        Value::Real(_) => "a fraction",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
    };
    Err(format!("expected {expected}, found {kind}"))
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Int(number) => Ok(number),
            other => unexpected("a number", &other),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => unexpected("true or false", &other),
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Real(number) => Ok(number),
            #[expect(clippy::cast_precision_loss, reason = "sums and means shown to people")]
            Value::Int(number) => Ok(number as Self),
            other => unexpected("a fraction", &other),
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text),
            other => unexpected("text", &other),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => unexpected("bytes", &other),
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Self::from_slice(&bytes).map_err(|error| error.to_string()),
            other => unexpected("an id", &other),
        }
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value) -> Result<Self, String> {
        Self::from_microsecond(i64::from_value(value)?).map_err(|error| error.to_string())
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

macro_rules! narrow {
    ($($small:ty),*) => {$(
        impl FromValue for $small {
            fn from_value(value: Value) -> Result<Self, String> {
                i64::from_value(value)?.try_into().map_err(|_| "the number is too large".to_owned())
            }
        }
        impl From<$small> for Value {
            fn from(number: $small) -> Self {
                Self::Int(number.into())
            }
        }
    )*};
}
narrow!(u8, u16, u32, i32);

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<[u8; 32]> for Value {
    fn from(hash: [u8; 32]) -> Self {
        Self::Bytes(hash.to_vec())
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Bytes(id.as_bytes().to_vec())
    }
}

impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Int(instant.as_microsecond())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// How many places of a statement [`many!`](crate::many!) stands for.
pub const MANY: usize = 32;

/// The values for [`many!`](crate::many!), of [`MANY`] things at most: where there are fewer, the last of them fills the
/// places up, so that there is one statement to prepare however many there are.
pub fn many<T: Copy + Into<Value>>(some: &[T]) -> impl Iterator<Item = Value> {
    debug_assert!(some.len() <= MANY, "a list is cut before");
    (0..MANY).filter_map(|place| some.get(place).or(some.last())).map(|each| (*each).into())
}

/// The first places of a statement, from `?1` to `?32`, for a list: `sql!("… WHERE id IN (", many!(), ")")`. What else
/// it is given begins with `?33`.
#[macro_export]
macro_rules! many {
    () => {
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, \
         ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32"
    };
}

/// The values of a statement's `?1`, `?2`, … in order: `params![id, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Value::from($value)),*] };
}

/// Lets an enum with a stable code (`code()` and `FromStr`) stand in a text column.
///
/// ```text
/// db::text_column!(Stage);
/// ```
#[macro_export]
macro_rules! text_column {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::FromValue for $type {
            fn from_value(value: $crate::Value) -> ::std::result::Result<Self, String> {
                let text = <String as $crate::FromValue>::from_value(value)?;
                text.parse().map_err(|_| format!("\"{text}\" is not a {}", stringify!($type)))
            }
        }
        impl From<$type> for $crate::Value {
            fn from(value: $type) -> Self {
                $crate::Value::from(value.code())
            }
        }
    )+};
}
