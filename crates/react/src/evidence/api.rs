//! Evidence for machines: what there is, by its hashes. The bytes are taken by people, each with a reason.

use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route, cursor::Page},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{EvidenceId, store};
use crate::case::{
    Sight,
    api::{After, opened, reads},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Scope::ReadCases.code();
    vec![
        Route::get("/api/v1/incidents/{number}/evidence", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/evidence"),
        Route::get("/api/v1/cert/incidents/{number}/evidence", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/evidence"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, cert_list))]
    struct Reads;
    Reads::openapi()
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
    /// What the file was called; empty where it is no longer kept.
    name: String,
    /// What it is.
    about: String,
    /// Where it was found.
    found: String,
    /// When it was collected, where that is known: RFC 3339, UTC.
    collected_at: Option<String>,
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

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseEvidencesBody, Error> {
    let from = after.or(EvidenceId(Uuid::max()))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::pieces(&mut snapshot, sight.incident.id, sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |piece: store::Piece| CaseEvidenceBody {
        id: piece.id.0,
        zone: piece.zone.code(),
        hash: piece.hex(),
        size: piece.bytes(),
        name: piece.name,
        about: piece.about,
        found: piece.found,
        collected_at: piece.collected_at.map(|at| at.to_string()),
        side: Sight::side(true, piece.through.as_deref()),
        through: piece.through,
        kept_at: piece.kept_at.to_string(),
        withdrawn_at: piece.withdrawn_at.map(|at| at.to_string()),
        stamped_at: piece.stamped_at.map(|at| at.to_string()),
    };
    Ok(CaseEvidencesBody { evidence: rows.into_iter().map(body).collect(), next })
}

reads!(listed: list "/api/v1/incidents/{number}/evidence" "read_case_evidence",
       cert_list "/api/v1/cert/incidents/{number}/evidence" "cert_read_case_evidence",
       "Reads what evidence a case has.", CaseEvidencesBody);
