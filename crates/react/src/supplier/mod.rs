//! Whose systems each organisation uses: so that when a supplier is down, everybody whom it concerns is known at once.
//!
//! What an organisation uses is its own word, read by itself, by who answers for it and by the CERT. No organisation
//! learns here what another one uses, nor which suppliers others have named.

pub mod actions;
pub mod choose;
pub mod import;
mod pages;
pub mod store;

use platform::{access::Forbidden, fold, web};

pub(crate) use pages::routes;
pub use store::{Supplier, Use};

db::id! {
    /// Names a supplier.
    pub SupplierId
}
db::id! {
    /// Names that an organisation uses a system of a supplier.
    pub UseId
}

/// The longest name of a supplier or of a system, in characters.
pub const LONGEST_NAME: usize = 200;
/// The longest that is said of how work goes on without a system.
pub const LONGEST: usize = 1_000;
/// The most systems that one organisation names.
pub const MOST_USES: i64 = 500;

/// What is said of a system that an organisation uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whose it is: the ODS code of an organisation, or a name.
    pub supplier: String,
    /// What it is called.
    pub system: String,
    /// Whether care relies on it.
    pub clinical: bool,
    /// How work goes on without it; may be empty.
    pub downtime: String,
}

/// A name as it is compared: its words, folded, in an order that is always the same.
pub fn folded(name: &str) -> String {
    fold::words(name).join(" ")
}

/// Why something could not be done with suppliers.
#[derive(Debug, thiserror::Error)]
pub enum SupplierError {
    /// There is none such, or not for this actor.
    #[error("There is no such thing here.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor does not answer for an organisation of this code.
    #[error("You do not answer for an organisation {0}. Enter the code of one that you answer for.")]
    NotYours(String),
    /// A name without a letter or a digit.
    #[error("Enter the supplier’s name, or its ODS code")]
    NoSupplier,
    /// The same.
    #[error("Enter what the system is called")]
    NoSystem,
    /// It is there already.
    #[error("This system of this supplier is in the list already. Change it there.")]
    Known,
    /// A bound.
    #[error("The list has {MOST_USES} systems, the most it can have.")]
    Enough,
    /// Two suppliers that cannot be made one.
    #[error("There is no other supplier of this name. Enter it as it stands in the list.")]
    NotTheSame,
    /// Somebody else was faster.
    #[error("Somebody changed this after you opened it. Go back and reload the page to see what they did.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for SupplierError {
    fn field(&self, _: &'static str) -> Option<&'static str> {
        match self {
            Self::NotYours(_) => Some("organisation"),
            Self::NoSupplier => Some("supplier"),
            Self::NoSystem | Self::Known | Self::Enough => Some("system"),
            Self::NotTheSame => Some("into"),
            Self::Overtaken => Some(""),
            Self::NotFound | Self::Forbidden(_) | Self::Database(_) => None,
        }
    }
}

impl From<SupplierError> for web::Error {
    fn from(error: SupplierError) -> Self {
        let sentence = error.to_string();
        match error {
            SupplierError::NotFound => Self::NotFound,
            SupplierError::Forbidden(forbidden) => forbidden.into(),
            SupplierError::Database(error) => error.into(),
            SupplierError::Known | SupplierError::Overtaken => Self::Conflict(sentence),
            _ => Self::Unprocessable(sentence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_name_is_the_same_however_it_is_typed() {
        assert_eq!(folded("Aspen Records Ltd."), folded("ASPEN  records, Ltd"));
        assert_ne!(folded("Aspen Records"), folded("Aspen Radiology"));
        assert_eq!(folded(" - "), "");
    }
}
