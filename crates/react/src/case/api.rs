//! What the API of cases has in common: which case it is, for whose key, and that an organisation's systems and the CERT's
//! own have the same calls, each below its own path.
//!
//! The case is opened by [`sight()`], as on pages: a key of an organisation has the zones that the organisation's people
//! have, one of the CERT's those of the CERT.

use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse, Response},
};
use db::Snapshot;
use http::{StatusCode, request::Parts};
use jiff::Timestamp;
use platform::{
    Actor, App, Tx,
    web::{Error, cursor},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{OpenApi, PathItem},
};
use uuid::Uuid;

use super::{Sight, sight};
use crate::incident::{Receipt, store};

/// What a call that reads answers.
pub(crate) type Answer<T> = Result<axum::Json<T>, Error>;

/// The case that an address names.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OfCase {
    /// The incident's number
    #[param(example = "I-7K3Q-X2MB")]
    number: String,
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// The `next` of the page before
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

impl MadeBody {
    /// Of what has this id.
    pub(crate) const fn of(id: Uuid) -> Self {
        Self { id }
    }
}

/// Whose key calls, and about which case. Nothing is read or begun before the body is here.
pub(crate) struct Caller {
    /// The program.
    pub app: App,
    /// The key.
    pub actor: Actor,
    number: String,
}

impl Caller {
    /// Begins a write, with what of the case is the key's.
    pub async fn begin(&self) -> Result<(Tx, Sight), Error> {
        let mut tx = self.app.write().await?;
        let sight = self.opens(&mut tx).await?;
        Ok((tx, sight))
    }

    /// What of the case is the key's, as far as this is enough.
    pub async fn sight(&self) -> Result<Sight, Error> {
        self.opens(&mut self.app.read().await?).await
    }

    /// The same, at the moment of what else is read.
    pub async fn opens(&self, snapshot: &mut Snapshot) -> Result<Sight, Error> {
        let receipt: Receipt = self.number.parse().map_err(|()| Error::NotFound)?;
        let id = store::called(snapshot, &receipt).await?.ok_or(Error::NotFound)?;
        Ok(sight(snapshot, &self.actor, self.app.env.now(), id).await?)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let unread = |_| Error::Invalid("The address cannot be understood.".to_owned());
        let Path(OfCase { number }) = Path::from_request_parts(parts, app).await.map_err(unread)?;
        let actor = Actor::from_request_parts(parts, app).await?;
        Ok(Self { app: app.clone(), actor, number })
    }
}

/// The case of a call that reads, as its key has it.
pub(crate) struct Opened {
    /// What is read.
    pub snapshot: Snapshot,
    /// What of the case is the key's.
    pub sight: Sight,
}

impl FromRequestParts<App> for Opened {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let case = Caller::from_request_parts(parts, app).await?;
        let mut snapshot = app.read().await?;
        let sight = case.opens(&mut snapshot).await?;
        Ok(Self { snapshot, sight })
    }
}

/// The answer to what was made: its id.
pub(crate) async fn made(tx: Tx, id: Uuid) -> Result<Response, Error> {
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(MadeBody::of(id))).into_response())
}

/// The answer to what was done, of which there is nothing to say.
pub(crate) async fn done(tx: Tx) -> Result<StatusCode, Error> {
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
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

/// A whole number, also where it is written as `3.0`: to JSON Schema that is one.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    let written = number.to_string();
    let whole = written.strip_suffix(".0").unwrap_or(&written);
    whole.parse().map_err(|_| D::Error::custom("a whole number is needed"))
}

/// The rows of a call: below the path of organisations' systems and below that of the CERT's own. The sample may name
/// other placeholders than the path.
macro_rules! both {
    ($verb:ident $path:literal, $scope:ident, $handler:path) => {
        $crate::case::api::both!($verb $path, $scope, $handler, $path)
    };
    ($verb:ident $path:literal, $scope:ident, $handler:path, $sample:literal) => {
        [
            platform::web::Route::$verb(
                concat!("/api/v1/incidents/{number}/", $path),
                platform::access::Rule::Scope(platform::key::Scope::$scope.code()),
                $handler,
            )
            .sample(concat!("/api/v1/incidents/{incident_number}/", $sample)),
            platform::web::Route::$verb(
                concat!("/api/v1/cert/incidents/{number}/", $path),
                platform::access::Rule::CertScope(platform::key::Scope::$scope.code()),
                $handler,
            )
            .sample(concat!("/api/v1/cert/incidents/{incident_number}/", $sample)),
        ]
    };
}

pub(crate) use both;

/// The description of calls of organisations' systems, and of the same ones of the CERT's own.
pub(crate) fn described(mut calls: OpenApi) -> OpenApi {
    let twin = |(path, item): (&String, &PathItem)| {
        (path.replacen("/api/v1/", "/api/v1/cert/", 1), of_cert(item.clone()))
    };
    let all: Vec<_> = calls.paths.paths.iter().map(twin).collect();
    calls.paths.paths.extend(all);
    calls
}

fn of_cert(mut item: PathItem) -> PathItem {
    for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
        operation.tags = Some(vec!["cert: cases".to_owned()]);
        if let Some(id) = &mut operation.operation_id {
            id.insert_str(0, "cert_");
        }
        if let Some(summary) = &mut operation.summary {
            *summary = format!("{}, whoever’s the case is.", summary.trim_end_matches('.'));
        }
    }
    item
}
