//! A form with a file, of a page or of a machine, read as it comes: texts are bounded, and of the file no more than a part
//! is ever held.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field};
use http::header;
use platform::{
    App,
    blob::{Arrived, Arriving, BlobError},
    web::Error,
};

use crate::evidence::{EvidenceError, FileName, LONGEST};

/// How long the next bytes are waited for: a telephone may pass through a tunnel.
const WAIT: Duration = Duration::from_mins(1);
/// The most bytes of a text that are held, and what is too long is told so.
const MOST_TEXT: usize = (LONGEST + 1) * 4;
/// What a form holds besides its file.
const BESIDES: u64 = 1024 * 1024;
/// Parts that are read of one form.
const MOST_PARTS: usize = 32;

/// What is typed into the form; a machine says some of it by other names.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub form: String,
    pub zone: String,
    pub about: String,
    pub found: String,
    pub day: String,
    pub month: String,
    pub year: String,
    pub time: String,
    /// The same as a machine tells it, in one.
    pub collected_at: String,
    pub by: String,
    pub hash: String,
}

impl Typed {
    fn place(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "form" => &mut self.form,
            "zone" => &mut self.zone,
            "about" => &mut self.about,
            "found" => &mut self.found,
            "collected-day" => &mut self.day,
            "collected-month" => &mut self.month,
            "collected-year" => &mut self.year,
            "time" => &mut self.time,
            "collected_at" => &mut self.collected_at,
            "by" | "collected_by" => &mut self.by,
            "hash" => &mut self.hash,
            _ => return None,
        })
    }
}

/// What came of the file.
#[derive(Debug)]
pub(super) struct Came {
    pub name: FileName,
    pub file: Arrived,
}

/// The form.
#[derive(Debug)]
pub(super) struct Sent {
    pub typed: Typed,
    /// The name of a part that no form of ours has.
    pub unknown: Option<String>,
    pub file: Result<Came, EvidenceError>,
}

/// Reads the form of a request. A file that is too large passes by, up to twice what is taken, so that its sender is
/// told so by a page and not by a connection that breaks; nothing of it is held.
pub(super) async fn read(app: &App, mut request: Request) -> Result<Sent, Error> {
    let most = app.settings.evidence.most_bytes;
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut sent = Sent { typed: Typed::default(), unknown: None, file: Err(EvidenceError::Nothing) };
    if length.is_some_and(|length: u64| length > passes(most)) {
        sent.file = Err(EvidenceError::TooLarge(most));
        return Ok(sent);
    }
    let limit = usize::try_from(passes(most)).unwrap_or(usize::MAX);
    DefaultBodyLimit::max(limit).apply(&mut request);
    let refused = |_| Error::MediaType("multipart/form-data");
    let mut form = Multipart::from_request(request, app).await.map_err(refused)?;
    for _ in 0..MOST_PARTS {
        let field = match tokio::time::timeout(WAIT, form.next_field()).await {
            Ok(Ok(Some(field))) => field,
            Ok(Ok(None)) => return Ok(sent),
            Ok(Err(_)) | Err(_) => break,
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let named = FileName::of(field.file_name().unwrap_or_default());
            sent.file = match take(app, field, most).await {
                // A form in which nothing was chosen holds an empty part without a name.
                Ok(Ok(file)) if file.size == 0 && named.as_str().is_empty() => Err(EvidenceError::Nothing),
                Ok(Ok(file)) => Ok(Came { name: named, file }),
                Ok(Err(refused)) => Err(refused),
                Err(ended) => {
                    sent.file = Err(ended);
                    return Ok(sent);
                }
            };
        } else {
            let Some(text) = text(field).await else { break };
            match sent.typed.place(&name) {
                Some(place) => *place = text,
                None => sent.unknown = Some(name),
            }
        }
    }
    sent.file = Err(EvidenceError::Cut);
    Ok(sent)
}

/// What a request may hold before its connection is closed.
const fn passes(most: u64) -> u64 {
    most.saturating_mul(2).saturating_add(BESIDES)
}

/// Takes the file in. What is refused passes by to its end, and nothing of it is left; the outer error is that the
/// form ends there.
async fn take(
    app: &App,
    mut field: Field<'_>,
    most: u64,
) -> Result<Result<Arrived, EvidenceError>, EvidenceError> {
    let mut arriving = Arriving::begin(app).await.map_err(no_room);
    let mut seen: u64 = 0;
    loop {
        let bytes = match next(&mut field).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => break,
            Err(_) if seen > most => return Err(EvidenceError::TooLarge(most)),
            Err(error) => return Err(error),
        };
        seen += bytes.len() as u64;
        if seen > most {
            // Dropped, so that what came is gone.
            arriving = Err(EvidenceError::TooLarge(most));
        }
        if let Ok(file) = &mut arriving
            && let Err(error) = file.write(&bytes).await
        {
            arriving = Err(no_room(error));
        }
    }
    match arriving {
        Ok(file) => Ok(file.finish().await.map_err(no_room)),
        Err(refused) => Ok(Err(refused)),
    }
}

/// The next bytes of a part, unless they do not come.
async fn next(field: &mut Field<'_>) -> Result<Option<axum::body::Bytes>, EvidenceError> {
    match tokio::time::timeout(WAIT, field.chunk()).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) | Err(_) => Err(EvidenceError::Cut),
    }
}

async fn text(mut field: Field<'_>) -> Option<String> {
    let mut held = Vec::new();
    while let Some(bytes) = next(&mut field).await.ok()? {
        let more = MOST_TEXT.saturating_sub(held.len()).min(bytes.len());
        held.extend_from_slice(&bytes[..more]);
    }
    // In no text there is a NUL, and PostgreSQL keeps none; browsers send lines as mail does.
    Some(String::from_utf8_lossy(&held).replace('\0', "").replace("\r\n", "\n"))
}

fn no_room(error: BlobError) -> EvidenceError {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    match &error {
        BlobError::Folder(told) if matches!(told.kind(), StorageFull | QuotaExceeded) => {
            tracing::error!("the disk is full: a piece of evidence was refused");
            EvidenceError::NoRoom
        }
        _ => error.into(),
    }
}
