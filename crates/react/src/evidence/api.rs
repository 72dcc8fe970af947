//! Evidence for machines: what there is, by its hashes; one piece with its custody; sent, and taken as an archive that needs
//! a password. Both go by without being held, as on pages, and the custody names the key.

use axum::{
    extract::{Path, Query, Request},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use http::{HeaderName, HeaderValue, StatusCode};
use platform::{
    blob::BlobHash,
    key,
    web::{Error, Json, Route, cursor::Page},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};
use uuid::Uuid;

use super::{
    EvidenceError, EvidenceId, FileName, LONGEST, LONGEST_NAME, Password, actions, archive,
    sent::{self, Typed},
    store::{self, Piece, Told},
};
use crate::case::{
    Sight, Zone,
    api::{After, Answer, Caller, MadeBody, OfCase, Opened, both, described, moment, optional, text},
};

/// Where the password of an archive stands.
const PASSWORD: HeaderName = HeaderName::from_static("archive-password");

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let why = r#"{"why": "To look for indicators"}"#;
    let all = [
        both!(get "evidence", ReadCases, list),
        both!(post "evidence", WriteCases, add).map(|route| route.parts(super::pages::SAMPLE).unhurried()),
        both!(get "evidence/{evidence}", ReadCases, show),
        both!(post "evidence/{evidence}/read", WriteCases, hand_out).map(|route| route.json(why).streamed()),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, show, hand_out))]
    struct Evidence;
    described(Evidence::openapi())
}

/// A piece of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseEvidenceBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// The SHA-256 of what came, in hexadecimal.
    hash: String,
    /// Its size in bytes.
    size: u64,
    /// Whether whoever sent it told the same hash.
    compared: bool,
    /// What the file was called; empty where it is no longer kept.
    name: String,
    /// What it is.
    about: String,
    /// Where it was found.
    found: String,
    /// When it was collected, where that is known: RFC 3339, UTC.
    collected_at: Option<String>,
    /// By whom, as far as that is known.
    collected_by: String,
    /// By which side it was sent.
    side: Option<&'static str>,
    /// The organisation whose people sent it.
    through: Option<String>,
    /// When it was kept.
    kept_at: String,
    /// When it was withdrawn, where it was.
    withdrawn_at: Option<String>,
    /// When an authority says that it was there, where one does.
    stamped_at: Option<String>,
}

/// A page of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseEvidencesBody {
    /// Up to 50, the newest first.
    evidence: Vec<CaseEvidenceBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An entry of the custody of a piece.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseCustodyBody {
    /// What was done.
    deed: &'static str,
    /// When: RFC 3339, UTC.
    at: String,
    /// By which side; absent where nobody did it.
    side: Option<&'static str>,
    /// The organisation whose people did it.
    through: Option<String>,
    /// Why; empty where it is no longer kept.
    why: String,
    /// To whom it was handed over.
    whom: String,
}

/// A piece of evidence, and what was done with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeCaseEvidence {
    /// The piece.
    #[serde(flatten)]
    piece: CaseEvidenceBody,
    /// Up to 50 entries of its custody, the first first.
    custody: Vec<CaseCustodyBody>,
    /// The `after` of the next page of them; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A file that is sent, and what is known of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is read part by part; this says in the description what there may be")]
pub struct NewCaseEvidence {
    /// Who may have it.
    #[schema(pattern = "^(own|shared|cert)$", example = "shared")]
    zone: String,
    /// What it is, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "Log of the firewall")]
    about: String,
    /// Where it was found, up to 2,000 characters.
    #[schema(max_length = 2000)]
    found: Option<String>,
    /// When it was collected, RFC 3339, in the past.
    #[schema(format = DateTime)]
    collected_at: Option<String>,
    /// By whom, up to 200 characters.
    #[schema(max_length = 200)]
    collected_by: Option<String>,
    /// The SHA-256 that its sender computed: what arrives with another one is refused.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    hash: Option<String>,
    /// The file. It is kept as it comes, and never opened here.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Why a piece is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseEvidenceTaken {
    /// It stands in the custody; up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "To look for indicators")]
    why: String,
}

impl From<Piece> for CaseEvidenceBody {
    fn from(piece: Piece) -> Self {
        Self {
            id: piece.id.0,
            zone: piece.zone.code(),
            hash: piece.hex(),
            size: piece.bytes(),
            compared: piece.compared,
            name: piece.name,
            about: piece.about,
            found: piece.found,
            collected_at: piece.collected_at.map(|at| at.to_string()),
            collected_by: piece.collected_by,
            side: Sight::side(true, piece.through.as_deref()),
            through: piece.through,
            kept_at: piece.kept_at.to_string(),
            withdrawn_at: piece.withdrawn_at.map(|at| at.to_string()),
            stamped_at: piece.stamped_at.map(|at| at.to_string()),
        }
    }
}

/// Reads what evidence a case has.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/evidence", tag = "cases", operation_id = "read_case_evidence",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseEvidencesBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseEvidencesBody> {
    let from = after.or(EvidenceId(Uuid::max()))?;
    let rows = store::pieces(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    Ok(axum::Json(CaseEvidencesBody { evidence: rows.into_iter().map(Into::into).collect(), next }))
}

/// Reads a piece of evidence, and what was done with it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/evidence/{evidence}", tag = "cases",
    operation_id = "read_case_evidence_custody",
    params(OfCase, ("evidence" = String, Path, format = "uuid", description = "The piece"), After),
    responses((status = 200, description = "The piece, with a page of its custody", body = WholeCaseEvidence),
              (status = 404, description = "There is no such piece in the zones of the key"))
)]
async fn show(
    mut case: Opened,
    Path((_, id)): Path<(String, EvidenceId)>,
    Query(after): Query<After>,
) -> Answer<WholeCaseEvidence> {
    let from = after.or(Uuid::nil())?;
    let piece = store::piece(&mut case.snapshot, case.sight.incident.id, case.sight.reads, id).await?;
    let piece = piece.ok_or(Error::NotFound)?;
    let rows = store::custody(&mut case.snapshot, id, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let entry = |entry: store::Entry| CaseCustodyBody {
        deed: entry.deed.code(),
        at: entry.at.to_string(),
        side: Sight::side(entry.is_person, entry.through.as_deref()),
        through: entry.through,
        why: entry.why,
        whom: entry.whom,
    };
    let custody = rows.into_iter().map(entry).collect();
    Ok(axum::Json(WholeCaseEvidence { piece: piece.into(), custody, next }))
}

/// Sends a piece of evidence: a form with a file of any size up to the installation's limit.
///
/// It is hashed while it comes, and of what does not come whole nothing is kept. Under an `Idempotency-Key` it is kept once,
/// however often it is sent.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/evidence", tag = "cases", operation_id = "send_case_evidence",
    params(OfCase),
    request_body(content = NewCaseEvidence, content_type = "multipart/form-data"),
    responses((status = 201, description = "It is kept", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"),
              (status = 413, description = "The file is larger than this installation takes"),
              (status = 415, description = "The body is not multipart/form-data"))
)]
async fn add(case: Caller, request: Request) -> Result<Response, Error> {
    // What the key may not do is refused before anything is read.
    let sight = case.sight().await?;
    sight.write_any("keep evidence in this case")?;
    let named = key::mark_of(&case.actor, request.headers())?;
    let sent = sent::read(&case.app, request).await?;
    let form = named.unwrap_or_else(|| case.app.env.id());
    let file = sent.file.map_err(refused)?;
    if let Some(name) = sent.unknown {
        let name: String = name.chars().take(100).collect();
        return Err(Error::Unprocessable(format!("{name}: No part of the form is called so.")));
    }
    let told = told(&sent.typed, form, case.app.env.now())?;
    let (hash, id) = (file.file.hash, sight.incident.id);
    let kept = actions::keep_sent(&case.app, &case.actor, id, file, told).await.map_err(refused)?;
    if named.is_some() {
        let piece = store::piece(&mut case.app.read().await?, id, sight.reads, kept).await?;
        if piece.is_none_or(|piece| piece.hash != hash) {
            let sentence = "This Idempotency-Key was used for another file. Use a new one for each request.";
            return Err(Error::Unprocessable(sentence.to_owned()));
        }
    }
    Ok((StatusCode::CREATED, axum::Json(MadeBody::of(kept.0))).into_response())
}

/// What is told of a file, or the sentence that says which part of it cannot be taken.
fn told(typed: &Typed, form: Uuid, now: jiff::Timestamp) -> Result<Told, Error> {
    let wrong = |sentence: &str| Error::Unprocessable(sentence.to_owned());
    let zone: Option<Zone> = typed.zone.parse().ok();
    let collected_at = Some(typed.collected_at.trim()).filter(|told| !told.is_empty());
    let collected_at = moment("collected_at", collected_at)?;
    if collected_at.is_some_and(|at| at > now) {
        return Err(wrong("collected_at: When it was collected must be in the past."));
    }
    Ok(Told {
        form,
        zone: zone.ok_or_else(|| wrong("zone: Write own, shared or cert."))?,
        name: FileName::default(),
        about: text("about", &typed.about, LONGEST)?,
        found: optional("found", &typed.found, LONGEST)?,
        collected_at,
        collected_by: optional("collected_by", &typed.by, LONGEST_NAME)?,
        hash: hash(typed.hash.trim())?,
    })
}

/// The hash that the sender computed, where they did.
fn hash(typed: &str) -> Result<Option<BlobHash>, Error> {
    if typed.is_empty() {
        return Ok(None);
    }
    let read = HEXLOWER_PERMISSIVE.decode(typed.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let wrong = || {
        Error::Unprocessable("hash: Write it as a SHA-256 of 64 digits and letters from a to f.".to_owned())
    };
    read.map(Some).ok_or_else(wrong)
}

/// Why a file was not kept, by the status that says so to a machine.
fn refused(error: EvidenceError) -> Error {
    match error {
        EvidenceError::TooLarge(most) => Error::TooLarge(usize::try_from(most).unwrap_or(usize::MAX)),
        EvidenceError::Cut => Error::Invalid(error.to_string()),
        EvidenceError::Nothing => Error::Unprocessable("file: Send the file.".to_owned()),
        other => other.into(),
    }
}

/// Takes a piece of evidence: an archive sealed with AES-256, in which the file is called by its hash.
///
/// The password is drawn for this archive, stands in `Archive-Password`, and is kept nowhere. That the piece was handed out is
/// an entry of its custody, each time, before the first byte goes.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/evidence/{evidence}/read", tag = "cases",
    operation_id = "take_case_evidence",
    params(OfCase, ("evidence" = String, Path, format = "uuid", description = "The piece")),
    request_body = CaseEvidenceTaken,
    responses((status = 200, description = "The archive", content_type = "application/zip",
               body = inline(Archive), headers(("Archive-Password" = String, description = "What opens it"))),
              (status = 404, description = "There is no such piece in the zones of the key"),
              (status = 409, description = "It was withdrawn, or is no longer kept"))
)]
async fn hand_out(
    case: Caller,
    Path((_, id)): Path<(String, EvidenceId)>,
    Json(taken): Json<CaseEvidenceTaken>,
) -> Result<Response, Error> {
    let why = text("why", &taken.why, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let piece = actions::hand_out(&mut tx, &case.actor, sight.incident.id, id, &why).await?;
    tx.commit().await?;
    let password = Password::drawn(case.app.env.bytes());
    let mut response = archive::of(&case.app, &piece, &password).await?;
    // Letters, digits and hyphens.
    let shown = HeaderValue::from_str(password.as_str()).map_err(|_| Error::Internal)?;
    response.headers_mut().insert(PASSWORD, shown);
    Ok(response)
}

/// An archive: bytes that nobody reads here.
struct Archive;

impl PartialSchema for Archive {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for Archive {}
