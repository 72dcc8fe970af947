//! Why a request was not done: one type for pages and API, shown by the middleware as either.

use axum::response::{IntoResponse, Response};
use db::DbError;
use http::StatusCode;

use crate::access::Forbidden;

/// Why a request was not done. Each sentence is for the person, or the machine's owner, who meets it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// Nobody is signed in, or the key is not known.
    #[error("Sign in first.")]
    SignIn,
    /// It is visible, but not permitted.
    #[error("{0}")]
    Forbidden(String),
    /// It does not exist, or not for this actor.
    #[error("There is nothing here, or nothing that you can see.")]
    NotFound,
    /// Somebody else was first, or its state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// It can be understood, but contradicts itself or what was said before.
    #[error("{0}")]
    Unprocessable(String),
    /// Too many requests.
    #[error("Too many requests. Try again in {0} seconds.")]
    TooMany(u64),
    /// Our fault; the details are in the log under the request's id.
    #[error("Something went wrong here.")]
    Internal,
}

impl Error {
    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Forbidden> for Error {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden.to_string())
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "the database failed a request");
        Self::Internal
    }
}

/// The error travels with the response to the middleware, which knows the page's shell.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
