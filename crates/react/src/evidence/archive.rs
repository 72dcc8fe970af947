//! A piece of evidence as an archive that needs a password, made while it is sent.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use formats::sealed_zip::SealedZip;
use http::header;
use jiff::tz::TimeZone;
use platform::{
    App,
    blob::{BlobError, Reader},
};

use crate::evidence::{EvidenceError, Password, store::Piece};

/// Hands a piece out. What is in the archive, and the archive itself, are called by the hash: no name that somebody
/// typed is a file's on anybody's disk. A damaged file breaks off: its archive never opens.
pub(super) async fn of(app: &App, piece: &Piece, password: &Password) -> Result<Response, EvidenceError> {
    let hash = piece.blob().ok_or(EvidenceError::Forgotten)?;
    let reader = Reader::open(app, &hash).await?;
    let hex = piece.hex();
    let kept = TimeZone::UTC.to_datetime(piece.kept_at);
    let inside = format!("{hex}.bin");
    let (zip, head) = SealedZip::begin(&inside, reader.size(), kept, password.as_str(), app.env.bytes());
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"evidence-{}.zip\"", piece.short())),
        (header::CONTENT_LENGTH, zip.length().to_string()),
    ];
    Ok((headers, Body::from_stream(parts(reader, zip, head))).into_response())
}

fn parts(
    reader: Reader,
    zip: SealedZip,
    head: Vec<u8>,
) -> impl futures::Stream<Item = Result<Vec<u8>, BlobError>> {
    let begun = (reader, Some(zip), Some(head));
    futures::stream::try_unfold(begun, |(mut reader, zip, head)| async move {
        if let Some(head) = head {
            return Ok(Some((head, (reader, zip, None))));
        }
        let Some(mut zip) = zip else { return Ok(None) };
        match reader.next().await {
            Ok(Some(mut bytes)) => {
                zip.seal(&mut bytes);
                Ok(Some((bytes, (reader, Some(zip), None))))
            }
            Ok(None) => Ok(Some((zip.finish(), (reader, None, None)))),
            Err(error) => {
                tracing::error!(%error, "a piece of evidence could not be handed out to its end");
                Err(error)
            }
        }
    })
}
