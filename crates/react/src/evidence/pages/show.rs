//! One piece: what is known of it, its custody, and what can be done with it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header};
use platform::{
    Actor, App, Tx,
    blob::{BlobError, Reader},
    web::{
        Error, Form,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show as shown,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    case::{CaseError, Head, sight},
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

/// What one page is made of.
struct Request<'a> {
    app: &'a App,
    shell: Shell,
    actor: &'a Actor,
    place: (IncidentId, EvidenceId),
}

impl Request<'_> {
    async fn page(self, asked: &Asked, typed: Typed, problems: Problems) -> Result<Response, Error> {
        let Self { app, shell, actor, place: (incident, id) } = self;
        let mut snapshot = app.read().await?;
        let sight = sight(&mut snapshot, actor, shell.now, incident).await?;
        let piece = store::piece(&mut snapshot, incident, sight.reads, id).await?.ok_or(Error::NotFound)?;
        let after: Uuid = cursor::read(&asked.after).unwrap_or(Uuid::nil());
        let custody = store::custody(&mut snapshot, id, after).await?;
        drop(snapshot);
        let custody = Page::of(custody, |entry| entry.id);
        let next =
            custody.next.as_ref().map(|after| format!("/incidents/{incident}/evidence/{id}?after={after}"));
        let kept = piece.withdrawn_at.is_none() && piece.blob_hash.is_some();
        let may = sight.would_write.contains(piece.zone) && actor.person().is_some();
        // What was shown before stays: somebody may have written it down.
        let password: Password = typed.password.parse().unwrap_or_else(|()| Password::drawn(app.env.bytes()));
        let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = ShowPage {
            head: Head::of(&sight, "/evidence"),
            may_read: may && kept,
            may_write: may && sight.write(piece.zone, "").is_ok(),
            form: typed.form.unwrap_or_else(|| app.env.id()),
            password: password.as_str().to_owned(),
            next: next.unwrap_or_default(),
            piece,
            custody,
            problems,
            typed,
            shell,
        };
        Ok(render(status, &page))
    }

    /// The answer to a form: what was typed stays on the page where it could not be taken.
    async fn settled(
        self,
        tx: Tx,
        done: Result<(), EvidenceError>,
        field: &'static str,
        typed: Typed,
    ) -> Result<Response, Error> {
        match done {
            Ok(()) => {
                tx.commit().await?;
                let (incident, id) = self.place;
                Ok(Redirect::to(&format!("/incidents/{incident}/evidence/{id}")).into_response())
            }
            Err(error) if error.is_of_the_form() => {
                drop(tx);
                let mut problems = Problems::none();
                problems.push(field, error.to_string());
                self.page(&Asked::default(), typed, problems).await
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// `GET /incidents/{id}/evidence/{evidence}`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(place): Place,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let request = Request { app: &app, shell, actor: &actor, place };
    request.page(&asked, Typed::default(), Problems::none()).await
}

/// `POST /incidents/{id}/evidence/{evidence}/read`: the archive. That it was handed out, to whom and why is kept first.
pub(super) async fn hand_out(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let request = Request { app: &app, shell, actor: &actor, place };
    let mut problems = Problems::none();
    let why = problems.text("why", &typed.why, LONGEST, "why you need it");
    let password: Option<Password> = typed.password.parse().ok();
    if why.is_some() && password.is_none() {
        problems.push("why", "The password of this page was lost. Use the one that is shown now");
    }
    let (Some(why), Some(password)) = (why, password) else {
        return request.page(&Asked::default(), typed, problems).await;
    };
    let mut tx = app.write().await?;
    match actions::hand_out(&mut tx, &actor, place.0, place.1, &why).await {
        Ok(piece) => {
            tx.commit().await?;
            Ok(archive::of(&app, &piece, &password).await?)
        }
        Err(error) => request.settled(tx, Err(error), "why", typed).await,
    }
}

/// `POST /incidents/{id}/evidence/{evidence}/check`: reads it from its first byte to its last.
pub(super) async fn check(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(place): Place,
) -> Result<Response, Error> {
    let (incident, id) = place;
    let mut tx = app.write().await?;
    let piece = actions::kept(&mut tx, &actor, incident, id).await?;
    drop(tx);
    let deed = match compare(&app, &piece).await {
        Ok(()) => Deed::Checked,
        Err(EvidenceError::Blob(BlobError::Damaged(_))) => Deed::Damaged,
        Err(error) => return Err(error.into()),
    };
    let mut tx = app.write().await?;
    let done = actions::checked(&mut tx, &actor, incident, id, deed).await;
    let request = Request { app: &app, shell, actor: &actor, place };
    request.settled(tx, done, "", Typed::default()).await
}

async fn compare(app: &App, piece: &Piece) -> Result<(), EvidenceError> {
    let hash = piece.blob().ok_or(EvidenceError::Forgotten)?;
    let mut reader = Reader::open(app, &hash).await?;
    while reader.next().await?.is_some() {}
    Ok(())
}

/// `POST /incidents/{id}/evidence/{evidence}/hand-over`
pub(super) async fn hand_over(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let request = Request { app: &app, shell, actor: &actor, place };
    let mut problems = Problems::none();
    let whom = problems.text("whom", &typed.whom, LONGEST_NAME, "to whom it was handed over");
    let why = problems.text("hand-over-why", &typed.hand_over_why, LONGEST, "why");
    let (Some(whom), Some(why)) = (whom, why) else {
        return request.page(&Asked::default(), typed, problems).await;
    };
    let mut tx = app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::hand_over(&mut tx, &actor, place.0, place.1, form, (&whom, &why)).await;
    request.settled(tx, done, "whom", typed).await
}

/// `POST /incidents/{id}/evidence/{evidence}/withdraw`
pub(super) async fn withdraw(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(place): Place,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let request = Request { app: &app, shell, actor: &actor, place };
    let mut problems = Problems::none();
    let Some(why) = problems.text("withdraw-why", &typed.withdraw_why, LONGEST, "why it is withdrawn") else {
        return request.page(&Asked::default(), typed, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::withdraw(&mut tx, &actor, place.0, (place.1, typed.version), &why).await;
    request.settled(tx, done, "withdraw-why", typed).await
}

/// `GET /incidents/{id}/evidence/{evidence}/time-stamp`: the token, as whoever verifies it needs it.
pub(super) async fn time_stamp(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((incident, id)): Place,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, incident).await?;
    let piece = store::piece(&mut snapshot, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    let token = store::token(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let name = format!("attachment; filename=\"evidence-{}.tst\"", piece.short());
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, token).into_response())
}
