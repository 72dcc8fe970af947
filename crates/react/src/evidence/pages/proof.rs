//! `GET /incidents/{id}/log-proof`: what the log says of a case, as a file with its proof.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use http::header;
use platform::{
    log::Hash,
    web::{Error, Visit, form::Problems},
};
use serde::Deserialize;

use super::list;
use crate::{case::opened, evidence::log_proof, incident::IncidentId};

/// A head that whoever asks has kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    head: String,
}

/// `GET /incidents/{id}/log-proof?head=HEX`
pub(super) async fn file(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let older = match older(&asked.head) {
        Ok(older) => older,
        Err(sentence) => {
            problems.push("head", sentence);
            return list::page(visit, id, "", (asked.head, problems)).await;
        }
    };
    // Asked before anything else, since a long read waits for others.
    let (_, sight) = opened(&visit, id).await?;
    let mut snapshot = visit.app.db.read_long().await?;
    let proof = log_proof::make(&mut snapshot, &sight, visit.shell.now, older).await?;
    drop(snapshot);
    if older.is_some() && proof.older.is_none() {
        problems.push(
            "head",
            "This log never had the head that you gave. Compare it with where you have it from, sign by sign; if it is right, tell the auditors of the CERT",
        );
        return list::page(visit, id, "", (asked.head, problems)).await;
    }
    let name = format!("attachment; filename=\"{}-log-proof.json\"", proof.incident);
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(proof)).into_response())
}

fn older(typed: &str) -> Result<Option<Hash>, &'static str> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let read = HEXLOWER_PERMISSIVE.decode(typed.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    read.map(Some).ok_or("A head has 64 digits and letters from a to f. Copy it whole, or leave this empty")
}
