//! What the CERT learned from an alert: written in versions, the newest is read, the others stay.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use formats::markdown::{SafeHtml, to_html};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use serde_json::json;

use super::store;
use crate::{
    access::WRITE_ADVISORIES,
    alert::AlertId,
    response::{self, AlertHead},
    sector::SectorError,
};

/// The most characters that are taken.
const LONGEST: usize = 20_000;

/// What was learned, as it is read.
pub(super) struct Learned {
    pub words: SafeHtml,
    pub by: String,
    pub written_at: Timestamp,
}

/// Writes what was learned from an alert as the version after `version`; says which that is.
pub async fn learn(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    version: i64,
    words: &str,
) -> Result<i64, SectorError> {
    let to_do = "write what was learned from an alert";
    actor.require(WRITE_ADVISORIES, to_do)?;
    let by = actor.person().ok_or(Forbidden(to_do))?.id;
    response::head(tx, alert).await?.ok_or(SectorError::NotFound)?;
    if store::newest(tx, alert).await? != version {
        return Err(SectorError::Overtaken);
    }
    match store::keep(tx, alert, version + 1, words, by).await {
        // Somebody else's was kept at the same moment.
        Err(db::DbError::Constraint(_)) => return Err(SectorError::Overtaken),
        kept => kept?,
    }
    let entry =
        Entry::new("lesson.written").about_a("alert", alert.0).with(json!({ "version": version + 1 }));
    log::write(tx, actor, entry).await?;
    Ok(version + 1)
}

pub(super) fn read(lesson: store::Lesson) -> Learned {
    Learned {
        words: to_html(&lesson.words),
        by: lesson.by.unwrap_or_else(|| "Somebody who has left".to_owned()),
        written_at: lesson.written_at,
    }
}

#[derive(Template)]
#[template(path = "sector/lessons.html")]
struct LessonsPage {
    shell: Shell,
    alert: AlertHead,
    typed: Typed,
    earlier: Vec<Learned>,
    problems: Problems,
}

/// What the CERT writes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sector) struct Typed {
    words: String,
    /// The version that it was written over.
    version: i64,
}

/// `GET /sector/{id}/report/lessons`
pub(in crate::sector) async fn ask(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    page(visit, id, None, Problems::none()).await
}

async fn page(
    visit: Visit,
    id: AlertId,
    typed: Option<Typed>,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let lessons = store::lessons(&mut snapshot, id).await?;
    drop(snapshot);
    let stands = |lesson: &store::Lesson| Typed { words: lesson.words.clone(), version: lesson.version };
    let typed = typed.unwrap_or_else(|| lessons.first().map(stands).unwrap_or_default());
    let status = problems.status();
    let earlier = lessons.into_iter().map(read).collect();
    Ok(render(status, &LessonsPage { shell: visit.shell, alert, typed, earlier, problems }))
}

/// `POST /sector/{id}/report/lessons`
pub(in crate::sector) async fn write(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(words) = problems.text("words", &typed.words, LONGEST, "what was learned") else {
        return page(visit, id, Some(typed), problems).await;
    };
    let mut tx = visit.app.write().await?;
    match learn(&mut tx, &visit.actor, id, typed.version, &words).await {
        Ok(_) => tx.commit().await?,
        Err(error @ SectorError::Overtaken) => {
            drop(tx);
            problems.push("words", error.to_string());
            // Sent again, it is written over what they wrote, which then has been on the page.
            typed.version = store::newest(&mut visit.app.read().await?, id).await?;
            return page(visit, id, Some(typed), problems).await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Redirect::to(&format!("/sector/{id}/report#lessons")).into_response())
}
