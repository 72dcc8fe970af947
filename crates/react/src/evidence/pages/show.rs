//! One piece: what is known of it, its custody, and what can be done with it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::header;
use platform::{
    App, Tx,
    blob::{BlobError, Reader},
    web::{
        Error, Form, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show as shown, taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    case::{CaseError, Head, opened},
    evidence::{
        Deed, EvidenceError, EvidenceId, LONGEST, LONGEST_NAME, Password, actions, archive,
        store::{self, Entry, Piece},
    },
    incident::IncidentId,
};

/// What is typed on the page, whichever of its forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    /// The piece's version that was seen.
    version: i64,
    form: Option<Uuid>,
    password: String,
    why: String,
    whom: String,
    hand_over_why: String,
    withdraw_why: String,
}

/// Where its custody goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "evidence/show.html")]
struct ShowPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    piece: Piece,
    custody: Page<Entry>,
    next: String,
    typed: Typed,
    form: Uuid,
    password: String,
    may_read: bool,
    may_write: bool,
}

impl ShowPage {
    fn size(&self) -> String {
        let size = shown::size(self.piece.bytes());
        // Below a kilobyte the one says what the other does.
        if self.piece.size < 1000 {
            size
        } else {
            format!("{size} ({} bytes)", shown::count(self.piece.size))
        }
    }

    fn sender(&self) -> String {
        self.named(self.piece.by.as_deref(), self.piece.through.as_deref(), true)
    }

    fn by(&self, entry: &Entry) -> String {
        self.named(entry.by.as_deref(), entry.through.as_deref(), entry.is_person)
    }

    fn named(&self, by: Option<&str>, through: Option<&str>, is_person: bool) -> String {
        match (by, through) {
            (None, None) if !is_person => "This service".to_owned(),
            _ => self.head.party.knows(&self.shell.cert.name, true, by, through),
        }
    }
}

/// Where a piece is: its case, and which it is.
type Place = Path<(IncidentId, EvidenceId)>;

async fn page(
    visit: Visit,
    (incident, id): (IncidentId, EvidenceId),
    asked: &Asked,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, incident).await?;
    let piece = store::piece(&mut snapshot, incident, sight.reads, id).await?.ok_or(Error::NotFound)?;
    let after: Uuid = cursor::read(&asked.after).unwrap_or(Uuid::nil());
    let custody = store::custody(&mut snapshot, id, after).await?;
    drop(snapshot);
    let custody = Page::of(custody, |entry| entry.id);
    let kept = piece.withdrawn_at.is_none() && piece.blob_hash.is_some();
    let may = sight.would_write.contains(piece.zone) && visit.actor.person().is_some();
    // What was shown before stays: somebody may have written it down.
    let password: Password =
        typed.password.parse().unwrap_or_else(|()| Password::drawn(visit.app.env.bytes()));
    let page = ShowPage {
        head: Head::of(&sight, "/evidence"),
        may_read: may && kept,
        may_write: may && sight.write(piece.zone, "").is_ok(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        password: password.as_str().to_owned(),
        next: custody.next_of(&format!("/incidents/{incident}/evidence/{id}")),
        piece,
        custody,
        problems,
        typed,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// The answer to a form: what was typed stays on the page where it could not be taken.
async fn settled(
    visit: Visit,
    place: (IncidentId, EvidenceId),
    (tx, done): (Tx, Result<(), EvidenceError>),
    field: &'static str,
    typed: Typed,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, field)).await?.is_none() {
        return page(visit, place, &Asked::default(), typed, problems).await;
    }
    let (incident, id) = place;
    Ok(Redirect::to(&format!("/incidents/{incident}/evidence/{id}")).into_response())
}

/// `GET /incidents/{id}/evidence/{evidence}`
pub(super) async fn show(
    visit: Visit,
    Path(place): Place,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, place, &asked, Typed::default(), Problems::none()).await
}

/// `POST /incidents/{id}/evidence/{evidence}/read`: the archive. That it was handed out, to whom and why is kept first.
pub(super) async fn hand_out(
    visit: Visit,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let why = problems.text("why", &typed.why, LONGEST, "why you need it");
    let password: Option<Password> = typed.password.parse().ok();
    if why.is_some() && password.is_none() {
        problems.push("why", "The password of this page was lost. Use the one that is shown now");
    }
    let (Some(why), Some(password)) = (why, password) else {
        return page(visit, place, &Asked::default(), typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::hand_out(&mut tx, &visit.actor, place.0, place.1, &why).await;
    let Some(piece) = taken(tx, done, (&mut problems, "why")).await? else {
        return page(visit, place, &Asked::default(), typed, problems).await;
    };
    Ok(archive::of(&visit.app, &piece, &password).await?)
}

/// `POST /incidents/{id}/evidence/{evidence}/check`: reads it from its first byte to its last.
pub(super) async fn check(visit: Visit, Path(place): Place) -> Result<Response, Error> {
    let (incident, id) = place;
    let mut tx = visit.app.write().await?;
    let piece = actions::kept(&mut tx, &visit.actor, incident, id).await?;
    drop(tx);
    let deed = match compare(&visit.app, &piece).await {
        Ok(()) => Deed::Checked,
        Err(EvidenceError::Blob(BlobError::Damaged(_))) => Deed::Damaged,
        Err(error) => return Err(error.into()),
    };
    let mut tx = visit.app.write().await?;
    let done = actions::checked(&mut tx, &visit.actor, incident, id, deed).await;
    settled(visit, place, (tx, done), "", Typed::default()).await
}

async fn compare(app: &App, piece: &Piece) -> Result<(), EvidenceError> {
    let hash = piece.blob().ok_or(EvidenceError::Forgotten)?;
    let mut reader = Reader::open(app, &hash).await?;
    while reader.next().await?.is_some() {}
    Ok(())
}

/// `POST /incidents/{id}/evidence/{evidence}/hand-over`
pub(super) async fn hand_over(
    visit: Visit,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let whom = problems.text("whom", &typed.whom, LONGEST_NAME, "to whom it was handed over");
    let why = problems.text("hand-over-why", &typed.hand_over_why, LONGEST, "why");
    let (Some(whom), Some(why)) = (whom, why) else {
        return page(visit, place, &Asked::default(), typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::hand_over(&mut tx, &visit.actor, place.0, place.1, form, (&whom, &why)).await;
    settled(visit, place, (tx, done), "whom", typed).await
}

/// `POST /incidents/{id}/evidence/{evidence}/withdraw`
pub(super) async fn withdraw(
    visit: Visit,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(why) = problems.text("withdraw-why", &typed.withdraw_why, LONGEST, "why it is withdrawn") else {
        return page(visit, place, &Asked::default(), typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::withdraw(&mut tx, &visit.actor, place.0, (place.1, typed.version), &why).await;
    settled(visit, place, (tx, done), "withdraw-why", typed).await
}

/// `GET /incidents/{id}/evidence/{evidence}/time-stamp`: the token, as whoever verifies it needs it.
pub(super) async fn time_stamp(visit: Visit, Path((incident, id)): Place) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, incident).await?;
    let piece = store::piece(&mut snapshot, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    let token = store::token(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let name = format!("attachment; filename=\"evidence-{}.tst\"", piece.short());
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, token).into_response())
}
