//! Adding a piece: the form, and what is sent with it. It works without scripts, and from a telephone's camera.

use askama::Template;
use axum::{
    extract::{Path, Request},
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::HEXLOWER;
use http::StatusCode;
use jiff::{Timestamp, civil::Time};
use platform::{
    App,
    access::Forbidden,
    blob::BlobHash,
    uk,
    web::{
        Error, Refusal, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};

use crate::{
    case::{CaseError, Head, Sight, Zone, Zones, opened},
    evidence::{
        EvidenceError, LONGEST, LONGEST_NAME, actions,
        sent::{self, Typed},
        store::Told,
    },
    incident::IncidentId,
};

#[derive(Template)]
#[template(path = "evidence/add.html")]
struct AddPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    typed: Typed,
    zones: Vec<Choice>,
    most: String,
}

fn page(visit: Visit, sight: &Sight, typed: Typed, problems: Problems, status: StatusCode) -> Response {
    let mut typed = typed;
    if typed.form.is_empty() {
        typed.form = visit.app.env.id::<uuid::Uuid>().to_string();
    }
    let only = sight.writes.iter().count() == 1;
    let choice = |zone: Zone| {
        let choice = Choice::new(zone.code(), zone.label());
        if only { Choice { chosen: true, ..choice } } else { choice.chosen_in(&[&typed.zone]) }
    };
    let zones = sight.writes.iter().map(choice).collect();
    let most = show::size(visit.app.settings.evidence.most_bytes);
    render(
        status,
        &AddPage { shell: visit.shell, head: Head::of(sight, "/evidence"), problems, zones, most, typed },
    )
}

/// The case, where the actor writes anywhere in it.
async fn writes(visit: &Visit, id: IncidentId) -> Result<Sight, Error> {
    let (_, sight) = opened(visit, id).await?;
    if sight.incident.joined_into.is_some() {
        return Err(CaseError::Joined.into());
    }
    if sight.writes == Zones::default() {
        return Err(Forbidden("keep evidence in this case").into());
    }
    Ok(sight)
}

/// `GET /incidents/{id}/evidence/add`
pub(super) async fn ask(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let sight = writes(&visit, id).await?;
    Ok(page(visit, &sight, Typed::default(), Problems::none(), StatusCode::OK))
}

/// `POST /incidents/{id}/evidence`: what the actor may not do is refused before anything is read.
pub(super) async fn take(
    visit: Visit,
    Path(id): Path<IncidentId>,
    request: Request,
) -> Result<Response, Error> {
    let sight = writes(&visit, id).await?;
    let sent = sent::read(&visit.app, request).await?;
    let typed = sent.typed;
    let mut problems = Problems::none();
    let (file, told) = match (sent.file, told(&visit.app, &typed, &mut problems)) {
        (Ok(file), Some(told)) => (file, told),
        (Ok(_), None) => {
            problems.push("file", "Choose the file again: nothing of it was kept");
            return Ok(page(visit, &sight, typed, problems, StatusCode::UNPROCESSABLE_ENTITY));
        }
        (Err(error), _) => return refused(visit, &sight, typed, problems, error),
    };
    match actions::keep_sent(&visit.app, &visit.actor, id, file, told).await {
        Ok(kept) => Ok(Redirect::to(&format!("/incidents/{id}/evidence/{kept}")).into_response()),
        Err(error) => refused(visit, &sight, typed, problems, error),
    }
}

/// The page again with what is wrong, where somebody can mend it.
fn refused(
    visit: Visit,
    sight: &Sight,
    typed: Typed,
    mut problems: Problems,
    error: EvidenceError,
) -> Result<Response, Error> {
    if error.field("file").is_none() {
        return Err(error.into());
    }
    let (field, status) = match &error {
        EvidenceError::NotTheSame(_) => ("hash", StatusCode::UNPROCESSABLE_ENTITY),
        EvidenceError::TooLarge(_) => ("file", StatusCode::PAYLOAD_TOO_LARGE),
        EvidenceError::Cut => ("file", StatusCode::BAD_REQUEST),
        EvidenceError::NoRoom => ("file", StatusCode::INSUFFICIENT_STORAGE),
        _ => ("file", StatusCode::UNPROCESSABLE_ENTITY),
    };
    problems.push(field, error.to_string());
    Ok(page(visit, sight, typed, problems, status))
}

/// What was typed, unless something of it cannot be taken.
fn told(app: &App, typed: &Typed, problems: &mut Problems) -> Option<Told> {
    let zone: Option<Zone> = typed.zone.parse().ok();
    if zone.is_none() {
        problems.push("zone", "Select who may have it");
    }
    let about = problems.text("about", &typed.about, LONGEST, "what it is");
    let found = problems.optional_text("found", &typed.found, LONGEST, "where it was found");
    let collected_at = collected(app.env.now(), typed, problems);
    let by = problems.optional_text("by", &typed.by, LONGEST_NAME, "who collected it");
    let hash = hash(&typed.hash, problems);
    Some(Told {
        form: typed.form.parse().unwrap_or_else(|_| app.env.id()),
        zone: zone?,
        name: crate::evidence::FileName::default(),
        about: about?,
        found: found?,
        collected_at: collected_at?,
        collected_by: by?,
        hash: hash?,
    })
}

/// When it was collected: a day, and perhaps a time of it.
#[expect(clippy::option_option, reason = "nothing typed is an answer, and what cannot be read is none")]
fn collected(now: Timestamp, typed: &Typed, problems: &mut Problems) -> Option<Option<Timestamp>> {
    let time = typed.time.trim();
    let day = problems.optional_date("collected", [&typed.day, &typed.month, &typed.year], "the day")?;
    let Some(day) = day else {
        if time.is_empty() {
            return Some(None);
        }
        problems.push("collected", "Enter the day too, or leave the time empty");
        return None;
    };
    let time = if time.is_empty() { Some(Time::midnight()) } else { Time::strptime("%H:%M", time).ok() };
    let Some(time) = time else {
        problems.push("time", "Enter a time like 02:10, or leave it empty");
        return None;
    };
    let at = uk::moment(day.to_datetime(time)).filter(|at| *at <= now);
    if at.is_none() {
        problems.push("collected", "When it was collected must be in the past");
    }
    at.map(Some)
}

/// The hash that the sender computed, with or without what tools print around it.
#[expect(clippy::option_option, reason = "nothing typed is an answer, and what cannot be read is none")]
fn hash(typed: &str, problems: &mut Problems) -> Option<Option<BlobHash>> {
    let first = typed.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if first.is_empty() {
        return Some(None);
    }
    let hash = HEXLOWER.decode(first.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    if hash.is_none() {
        problems.push("hash", "Enter a SHA-256 of 64 digits and letters from a to f, or leave it empty");
    }
    hash.map(Some)
}
