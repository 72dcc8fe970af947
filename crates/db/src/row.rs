//! Rows as they come back: values under the names of their columns.

use std::sync::Arc;

use crate::{DbError, FromValue, Value};

/// One row of a result.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) names: Arc<[Box<str>]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value under `column`, read as `T`.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, DbError> {
        let place = self.names.iter().position(|name| &**name == column).ok_or_else(|| DbError::Column {
            column: column.to_owned(),
            reason: "the query returns none of this name".to_owned(),
        })?;
        self.at(place)
    }

    /// The value in the `place`-th column, counted from 0, read as `T`.
    pub fn at<T: FromValue>(&self, place: usize) -> Result<T, DbError> {
        let value = self.values.get(place).cloned().ok_or_else(|| DbError::Column {
            column: (place + 1).to_string(),
            reason: "the query returns fewer columns".to_owned(),
        })?;
        T::from_value(value)
            .map_err(|reason| DbError::Column { column: self.names[place].to_string(), reason })
    }
}

/// A type that a whole row can be read as: a `record!` or a tuple.
pub trait FromRow: Sized {
    /// Reads the row; an unexpected value is an error, never a panic.
    fn from_row(row: &Row) -> Result<Self, DbError>;
}

impl FromRow for Row {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(row.clone())
    }
}

macro_rules! tuples {
    ($($name:ident $place:tt),+) => {
        impl<$($name: FromValue),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row) -> Result<Self, DbError> {
                Ok(($(row.at::<$name>($place)?,)+))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Declares a struct that a row can be read as, column by column under the fields' own names.
///
/// ```text
/// db::record! {
///     /// A row of the organisations' list.
///     pub struct Listed { pub id: OrganisationId, pub name: String }
/// }
/// ```
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type),* }

        impl $crate::FromRow for $name {
            fn from_row(row: &$crate::Row) -> ::std::result::Result<Self, $crate::DbError> {
                Ok(Self { $($field: row.get(stringify!($field))?),* })
            }
        }
    };
}
