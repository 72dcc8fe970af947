//! Who answers for whom: an integrated care board or a supplier for its practices, from one day
//! until another.
//!
//! An organisation that others answer for has nothing to do, and is told who does it.

pub mod actions;
mod pages;
pub mod store;

use crate::{
    access::{Forbidden, Role, Rule},
    web::{self, Route},
};

db::id! {
    /// Names a link between an organisation and who answers for it.
    pub LinkId
}

/// Those who say who answers for whom.
pub const KEEPERS: &[Role] = &[Role::Admin];

/// Why a link was not made or ended.
#[derive(Debug, thiserror::Error)]
pub enum AnsweringError {
    /// No organisation has the code.
    #[error("No organisation has the code {0}.")]
    UnknownCode(String),
    /// An organisation always answers for itself.
    #[error("An organisation cannot answer for itself.")]
    ForItself,
    /// A link that ends before it begins.
    #[error("The last day must not be before the first.")]
    EndsFirst,
    /// The same link is there.
    #[error("{0} already answers for this organisation.")]
    AlreadyAnswers(String),
    /// It does not exist or has ended.
    #[error("There is no such link, or it has ended.")]
    NotFound,
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("{0}")]
    Db(#[from] db::DbError),
}

impl From<AnsweringError> for web::Error {
    fn from(error: AnsweringError) -> Self {
        match error {
            AnsweringError::NotFound => Self::NotFound,
            AnsweringError::Forbidden(forbidden) => forbidden.into(),
            AnsweringError::Db(error) => error.into(),
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// The rows of who answers for whom.
pub(crate) fn routes() -> Vec<Route> {
    let keepers = Rule::Roles(KEEPERS);
    vec![
        Route::get("/organisations/{id}/answering", keepers, pages::ask)
            .sample("/organisations/{organisation}/answering"),
        Route::post("/organisations/{id}/answering", keepers, pages::add)
            .sample("/organisations/{organisation}/answering")
            .form("code={supplier_code}&from-day=1&from-month=7&from-year=2026&until-day=&until-month=&until-year=&note="),
        Route::post("/answering/{id}/revoke", keepers, pages::revoke).sample("/answering/{link}/revoke"),
    ]
}
