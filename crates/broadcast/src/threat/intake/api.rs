//! Documents of sources, handed in by the CERT's own systems: taken in as by `carecert import`, with the
//! same account of what became of them.
//!
//! What is larger than a request may be is imported by the command, or followed as a feed.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State, rejection::BytesRejection},
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    import::Report,
    key::Scope,
    web::{Error, Route},
};
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use utoipa::{
    IntoParams, OpenApi, PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::take_in;
use crate::{feed::FOLLOWED, source::Source};

/// The largest document, in bytes: FIRST's file of a day has 9 MB unpacked.
const LARGEST: usize = 16 * 1024 * 1024;
/// Letters of a document's name.
const NAME: usize = 200;
/// Refusals and remarks that are told one by one.
const TOLD: usize = 100;

/// The rows of the API.
pub(in crate::threat) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/cert/intake/{source}", Rule::CertScope(Scope::WriteIntake.code()), take)
            .sample("/api/v1/cert/intake/news?name=news.xml")
            .document("<rss version=\"2.0\"><channel><title>News</title></channel></rss>")
            .up_to(LARGEST),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(take))]
    struct Intake;
    Intake::openapi()
}

/// A document as it is: any bytes.
struct Document;

impl PartialSchema for Document {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for Document {}

/// What the document is called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Named {
    /// The name of its file, by which people find it
    #[param(example = "known_exploited_vulnerabilities.json", max_length = 200)]
    name: Option<String>,
}

/// What became of a document.
#[derive(Debug, Serialize, ToSchema)]
struct IntakeReport {
    /// The source.
    #[schema(example = "kev")]
    kind: &'static str,
    /// Statements that were not known.
    #[schema(example = 1404)]
    new: u64,
    /// Those that say something else than before.
    changed: u64,
    /// Those that say what was known.
    same: u64,
    /// Those that were read and change nothing: rejected numbers that are no threat here, scores of an
    /// earlier day.
    passed_over: u64,
    /// Those that were refused.
    refused: u64,
    /// Which and why: the first 100.
    refusals: Vec<IntakeRefusal>,
    /// How much was taken in and yet deserves a word.
    remarked: u64,
    /// What that is: the first 100.
    remarks: Vec<IntakeRemark>,
}

/// A part of a document that was refused.
#[derive(Debug, Serialize, ToSchema)]
struct IntakeRefusal {
    /// The line, from 1.
    line: u64,
    /// The column or field, where one can be named.
    column: Option<String>,
    /// Why.
    reason: String,
}

/// Something to know about a document that was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct IntakeRemark {
    /// The line, from 1, where it is about one.
    line: Option<u64>,
    /// The part of the document, where it is about one.
    path: Option<String>,
    /// A sentence.
    reason: String,
}

/// Takes in a document, plain, of up to 16 MiB. What is bad in it is refused with its place, and the rest
/// goes in; handing in the same again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/cert/intake/{source}", tag = "cert: intake", operation_id = "cert_take_in",
    params(("source" = inline(Source), Path, description = "Whose format it is in; what is written by hand is added \
                                                            as a threat", example = "kev"),
           Named),
    request_body(content = inline(Document), content_type = "application/octet-stream",
                 description = "The document as its source publishes it"),
    responses((status = 200, description = "What became of it", body = IntakeReport),
              (status = 404, description = "No documents are taken in of such a source"))
)]
async fn take(
    State(app): State<App>,
    actor: Actor,
    Path(source): Path<String>,
    Query(named): Query<Named>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<IntakeReport>, Error> {
    let source = source.parse().ok().filter(|source| FOLLOWED.contains(source)).ok_or(Error::NotFound)?;
    let bytes = body.map_err(|refusal| match refusal.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(LARGEST),
        _ => Error::Invalid("The body did not arrive whole.".to_owned()),
    })?;
    if bytes.is_empty() {
        return Err(Error::Invalid("There is no document in the request.".to_owned()));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let sentence = "The document is packed, and may be anything once it is unpacked. Send it plain, or import \
                        its file.";
        return Err(Error::Unprocessable(sentence.to_owned()));
    }
    let name = name(source, named.name.as_deref())?;
    // Whoever sent it may not wait for the end, which its entry in the log is written at.
    let taking =
        tokio::spawn(async move { take_in(&app, &actor, source, Cursor::new(bytes), &name, |_| {}).await });
    match taking.await {
        Ok(Ok(report)) => Ok(Json(report.into())),
        Ok(Err(error)) => {
            tracing::error!(%error, "a document could not be taken in");
            Err(Error::Internal)
        }
        Err(error) => {
            tracing::error!(%error, "taking in a document broke off");
            Err(Error::Internal)
        }
    }
}

/// What the document is called.
fn name(source: Source, given: Option<&str>) -> Result<String, Error> {
    let given = given.map(str::trim).filter(|name| !name.is_empty());
    match given {
        Some(name) if name.chars().count() > NAME || name.chars().any(char::is_control) => {
            Err(Error::Unprocessable(format!("\"name\" is one line of {NAME} characters at most.")))
        }
        Some(name) => Ok(name.to_owned()),
        None => Ok(format!("{}, handed in by a machine", source.code())),
    }
}

impl From<Report> for IntakeReport {
    fn from(report: Report) -> Self {
        let refusals = report.refusals.into_iter().take(TOLD).map(|refusal| IntakeRefusal {
            line: refusal.line,
            column: refusal.column.map(|column| column.to_string()),
            reason: refusal.reason,
        });
        let remarks = report.remarks.into_iter().take(TOLD).map(|remark| IntakeRemark {
            line: remark.line,
            path: remark.path,
            reason: remark.reason,
        });
        Self {
            kind: report.kind,
            new: report.new,
            changed: report.changed,
            same: report.same,
            passed_over: report.passed_over,
            refused: report.refused,
            refusals: refusals.collect(),
            remarked: report.remarked,
            remarks: remarks.collect(),
        }
    }
}
