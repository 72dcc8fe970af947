//! Transactions over two engines with one SQL text: SQLite (embedded) and PostgreSQL (a nation).
//!
//! It knows no domain: tables, ids and rules belong to the crates above. Statements are written
//! with [`sql!`] and [`listing!`], which register them, so that one test prepares every statement
//! of the program on both engines. See `docs/decisions/0001` for why there is no ORM.

mod engine;
mod error;
mod id;
mod listing;
pub mod migrate;
mod row;
mod sql;
mod transaction;
mod value;

pub use engine::{Db, Options, postgres::without_secret};
pub use error::DbError;
pub use listing::{Direction, Filter, Listing, Selection};
pub use migrate::{Migration, Standing};
pub use row::{FromRow, Row};
pub use sql::{Engine, Statement};
pub use transaction::{Snapshot, Tx};
pub use value::{FromValue, MANY, Value, many};

#[doc(hidden)]
pub mod macro_support {
    //! What the exported macros expand to; not for use by hand.
    pub use crate::listing::{Part, RegisteredListing};
    pub use crate::sql::Registered;
    pub use inventory;
    pub use uuid::Uuid;
}
