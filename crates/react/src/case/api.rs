//! What the API of cases has in common: which case it is, who may, and that an organisation's systems and the CERT's own
//! have the same calls, each below its own path.
//!
//! The case is opened by [`sight()`], as on pages: a key of an organisation has the zones that the organisation's people
//! have, one of the CERT's those of the CERT.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App, Tx,
    web::{Error, cursor},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Sight, sight};
use crate::incident::{Receipt, store};

/// Where a list goes on.
#[derive(Debug, Deserialize)]
pub(crate) struct After {
    pub after: Option<String>,
}

impl After {
    /// The key behind which it goes on, or `first`.
    pub fn or<K: DeserializeOwned>(&self, first: K) -> Result<K, Error> {
        Ok(cursor::given(self.after.as_deref())?.unwrap_or(first))
    }
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
}

/// What of the case of this number the actor has.
pub(crate) async fn opened(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    now: Timestamp,
    number: &str,
) -> Result<Sight, Error> {
    let receipt: Receipt = number.parse().map_err(|()| Error::NotFound)?;
    let id = store::called(snapshot, &receipt).await?.ok_or(Error::NotFound)?;
    Ok(sight(snapshot, actor, now, id).await?)
}

/// A write in the case of this number.
pub(crate) async fn writing(app: &App, actor: &Actor, number: &str) -> Result<(Tx, Sight), Error> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let sight = opened(&mut tx, actor, now, number).await?;
    Ok((tx, sight))
}

/// The answer to what was made: its id.
pub(crate) async fn made(tx: Tx, id: Uuid) -> Result<Response, Error> {
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(MadeBody { id })).into_response())
}

/// A text that is needed, up to so many characters.
pub(crate) fn text(field: &str, text: &str, most: usize) -> Result<String, Error> {
    let text = optional(field, text, most)?;
    if text.is_empty() {
        return Err(Error::Unprocessable(format!("{field}: Write something.")));
    }
    Ok(text)
}

/// A text that may be absent, up to so many characters.
pub(crate) fn optional(field: &str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Error::Unprocessable(format!("{field}: Write up to {most} characters.")));
    }
    Ok(text.to_owned())
}

/// A moment, where one is told.
pub(crate) fn moment(field: &str, told: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let wrong = |_| Error::Unprocessable(format!("{field}: Write a moment as 2026-06-01T02:10:00Z."));
    let at: Option<Timestamp> = told.map(str::parse).transpose().map_err(wrong)?;
    // What a database keeps as microseconds of years that people live in.
    let sane = at.is_none_or(|at| (0..=253_370_764_800).contains(&at.as_second()));
    if sane { Ok(at) } else { Err(Error::Unprocessable(format!("{field}: Write a moment of this century."))) }
}

/// A list of a case, for organisations' systems and for the CERT's: two handlers of one inner function, which is given the
/// program, the actor, the number and where the list goes on.
macro_rules! reads {
    ($inner:ident: $own:ident $path:literal $id:literal, $cert:ident $cert_path:literal $cert_id:literal,
     $summary:literal, $body:ident) => {
        #[doc = $summary]
        #[utoipa::path(
            get, path = $path, tag = "cases", operation_id = $id,
            params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
                   ("after" = Option<String>, Query, description = "The `next` of the page before")),
            responses((status = 200, description = "A page of what the key's zones hold", body = $body),
                      (status = 404, description = "There is no such incident"))
        )]
        async fn $own(
            axum::extract::State(app): axum::extract::State<platform::App>,
            actor: platform::Actor,
            axum::extract::Path(number): axum::extract::Path<String>,
            axum::extract::Query(after): axum::extract::Query<crate::case::api::After>,
        ) -> Result<axum::response::Response, platform::web::Error> {
            let body: $body = $inner(&app, &actor, &number, &after).await?;
            Ok(axum::response::IntoResponse::into_response(axum::Json(body)))
        }

        #[doc = $summary]
        #[utoipa::path(
            get, path = $cert_path, tag = "cert: cases", operation_id = $cert_id,
            params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
                   ("after" = Option<String>, Query, description = "The `next` of the page before")),
            responses((status = 200, description = "A page of what the CERT's zones hold", body = $body),
                      (status = 404, description = "There is no such incident"))
        )]
        async fn $cert(
            axum::extract::State(app): axum::extract::State<platform::App>,
            actor: platform::Actor,
            axum::extract::Path(number): axum::extract::Path<String>,
            axum::extract::Query(after): axum::extract::Query<crate::case::api::After>,
        ) -> Result<axum::response::Response, platform::web::Error> {
            let body: $body = $inner(&app, &actor, &number, &after).await?;
            Ok(axum::response::IntoResponse::into_response(axum::Json(body)))
        }
    };
}

/// Something that is made in a case, likewise: the inner function is given the program, the actor, the number and what was
/// sent, and answers.
macro_rules! makes {
    ($inner:ident: $own:ident $path:literal $id:literal, $cert:ident $cert_path:literal $cert_id:literal,
     $summary:literal, $sent:ident, $answer:ident) => {
        #[doc = $summary]
        #[utoipa::path(
            post, path = $path, tag = "cases", operation_id = $id,
            params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
            request_body = $sent,
            responses((status = 201, description = "It was taken", body = $answer),
                      (status = 404, description = "There is no such incident, or the key does not read that zone"),
                      (status = 409, description = "The incident is a part of another one"))
        )]
        async fn $own(
            axum::extract::State(app): axum::extract::State<platform::App>,
            actor: platform::Actor,
            axum::extract::Path(number): axum::extract::Path<String>,
            platform::web::Json(sent): platform::web::Json<$sent>,
        ) -> Result<axum::response::Response, platform::web::Error> {
            $inner(&app, &actor, &number, sent).await
        }

        #[doc = $summary]
        #[utoipa::path(
            post, path = $cert_path, tag = "cert: cases", operation_id = $cert_id,
            params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
            request_body = $sent,
            responses((status = 201, description = "It was taken", body = $answer),
                      (status = 404, description = "There is no such incident, or the key does not read that zone"),
                      (status = 409, description = "The incident is a part of another one"))
        )]
        async fn $cert(
            axum::extract::State(app): axum::extract::State<platform::App>,
            actor: platform::Actor,
            axum::extract::Path(number): axum::extract::Path<String>,
            platform::web::Json(sent): platform::web::Json<$sent>,
        ) -> Result<axum::response::Response, platform::web::Error> {
            $inner(&app, &actor, &number, sent).await
        }
    };
}

pub(crate) use {makes, reads};
