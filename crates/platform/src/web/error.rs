//! Why a request was not done: one type for pages and API, shown by the middleware as either.

use axum::response::{IntoResponse, Response};
use db::DbError;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Forbidden;

/// Why a request was not done. Each sentence is for the person, or the machine's owner, who meets it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// Nobody is signed in, or the key is not known.
    #[error("Sign in first, or send an API key that is neither unknown, expired nor revoked.")]
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
    /// The address is right, but not for this method.
    #[error("This cannot be done at this address.")]
    Method,
    /// It is no longer as the machine that wants to change it saw it.
    #[error("It has changed since you read it. Read it again, then decide whether to send this again.")]
    Changed,
    /// More than is read.
    #[error("What was sent is larger than {} MiB, the most that is read.", .0 / 1024 / 1024)]
    TooLarge(usize),
    /// Not written as this address reads it.
    #[error("Send this as {0}, and say so in Content-Type.")]
    MediaType(&'static str),
    /// It can be understood, but contradicts itself or what was said before.
    #[error("{0}")]
    Unprocessable(String),
    /// Too many requests.
    #[error("Too many requests. Try again in {0} seconds.")]
    TooMany(u64),
    /// The database does not answer, or not in time: the same may work in a minute.
    #[error("This service cannot reach its records at the moment.")]
    Away,
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
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
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
        if matches!(error, DbError::Text) {
            return Self::Invalid(error.to_string());
        }
        if error.is_away() {
            tracing::warn!(%error, "the database does not answer a request");
            return Self::Away;
        }
        tracing::error!(%error, "the database failed a request");
        Self::Internal
    }
}

impl Error {
    /// The error that axum's own refusal is shown as: it knows no words for people.
    pub(super) fn of_refusal(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::BAD_REQUEST => Some(Self::Invalid("The address cannot be understood.".to_owned())),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::Method),
            _ => None,
        }
    }
}

/// An error as machines read it: `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: Option<&'static str>,
    /// The status of the answer.
    status: u16,
    /// A sentence that says what to do about it.
    detail: String,
    /// Names this answer, as `X-Request-Id` and the service's log do.
    instance: String,
}

impl Problem {
    /// `error`, which the request of this id met.
    pub(super) fn of(error: &Error, request: Uuid) -> Self {
        Self {
            kind: "about:blank",
            title: error.status().canonical_reason(),
            status: error.status().as_u16(),
            detail: error.to_string(),
            instance: format!("urn:uuid:{request}"),
        }
    }
}

/// An error as clients of TheHive read it.
#[derive(Debug, Serialize)]
pub(super) struct ForeignProblem {
    /// The kind of error, by the words of that API.
    #[serde(rename = "type")]
    kind: &'static str,
    /// A sentence that says what to do about it.
    message: String,
}

impl ForeignProblem {
    /// `error`, in their form.
    pub(super) fn of(error: &Error) -> Self {
        let (kind, message) = match error {
            Error::Invalid(_) | Error::Unprocessable(_) => ("BadRequest", error.to_string()),
            Error::SignIn => ("AuthenticationError", error.to_string()),
            Error::Forbidden(_) => ("AuthorizationError", error.to_string()),
            Error::NotFound => {
                ("NotFoundError", format!("{error} What is covered of this API stands in the guide."))
            }
            Error::Method => {
                let why = "Nothing is deleted here, and of this API a part is covered: the guide says which.";
                ("NotSupported", format!("{error} {why}"))
            }
            Error::Conflict(_) | Error::Changed => ("ConflictError", error.to_string()),
            Error::TooMany(_) => ("TooManyRequests", error.to_string()),
            Error::TooLarge(_) | Error::MediaType(_) => ("InvalidFormatError", error.to_string()),
            Error::Internal | Error::Away => ("InternalError", error.to_string()),
        };
        Self { kind, message }
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
