//! The CERT's pages about documents: which were taken in, what each says, and the file as it came.

mod advisory;
mod document;
mod list;
mod prose;
mod vulnerability;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use formats::csaf::{self, Reading};
use http::header;
use platform::{
    App,
    access::Rule,
    blob::BlobError,
    web::{Error, Route},
};

use super::{
    DocumentId, Source,
    store::{self, Document},
};
use crate::{access::READ_SECTOR, threat::intake};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let read = Rule::Roles(READ_SECTOR);
    vec![
        Route::get("/sources/documents", read, list::list).sample("/sources/documents?source=csaf"),
        Route::get("/sources/documents/{id}", read, document::show).sample("/sources/documents/{document}"),
        Route::get("/sources/documents/{id}/file", read, file).sample("/sources/documents/{document}/file"),
        Route::get("/sources/documents/{id}/vulnerabilities/{place}", read, vulnerability::show)
            .sample("/sources/documents/{document}/vulnerabilities/1"),
    ]
}

/// `GET /sources/documents/{id}/file`: it is saved, and never shown as a page.
async fn file(State(app): State<App>, Path(id): Path<DocumentId>) -> Result<Response, Error> {
    let document = store::document(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    let bytes = document.bytes(&app).await.map_err(|error| damaged(&error))?;
    let name = format!("attachment; filename=\"{}\"", safe_name(&document.name));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// The name under which a file is saved: the last part of what it was called, in letters that are safe
/// in a header and a folder, and with an ending that no machine runs or shows as a page.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let start = last.chars().count().saturating_sub(100);
    let safe: String = last.chars().skip(start).map(safe).collect();
    let safe = safe.trim_start_matches('.');
    let harmless = [".json", ".jsonl", ".csv", ".gz", ".txt", ".xml"];
    let lower = safe.to_ascii_lowercase();
    if harmless.iter().any(|ending| lower.ends_with(ending)) {
        safe.to_owned()
    } else {
        format!("{safe}.txt")
    }
}

fn damaged(error: &BlobError) -> Error {
    tracing::error!(%error, "a document cannot be read back");
    Error::Internal
}

/// What was made of an advisory, read anew from its file on a thread of its own; nothing where the
/// document is no advisory.
async fn of_advisory<T: Send + 'static>(
    app: &App,
    document: &Document,
    view: impl FnOnce(&Reading<csaf::Document>) -> T + Send + 'static,
) -> Result<Option<T>, Error> {
    if document.source != Source::Csaf {
        return Ok(None);
    }
    let bytes = document.bytes(app).await.map_err(|error| damaged(&error))?;
    let read = tokio::task::spawn_blocking(move || intake::csaf::read(&bytes).map(|reading| view(&reading)));
    match read.await {
        Ok(Ok(view)) => Ok(Some(view)),
        // It was read when it was taken in, by an earlier version of the program.
        Ok(Err(refusal)) => {
            tracing::error!(%refusal, "an advisory that was taken in cannot be read");
            Ok(None)
        }
        Err(error) => {
            tracing::error!(%error, "an advisory could not be shown");
            Err(Error::Internal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn a_file_is_saved_under_a_name_that_harms_nobody() {
        for (name, safe) in [
            ("csaf/white/icsma-24-249-01.json", "icsma-24-249-01.json"),
            ("epss.csv.GZ", "epss.csv.GZ"),
            ("..\\..\\evil.html", "evil.html.txt"),
            ("a\"; filename=\"b.exe\r\nX: y", "a___filename__b.exe__X__y.txt"),
            ("../.ssh/.profile", "profile.txt"),
            ("é.json", "_.json"),
            ("", ".txt"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        assert!(safe_name(&format!("{}.json", "x".repeat(10_000))).len() <= 104);
    }
}
