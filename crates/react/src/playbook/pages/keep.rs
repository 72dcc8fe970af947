//! Importing and withdrawing, for those at the CERT who keep playbooks.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use formats::cacao::{LARGEST, Playbook};
use http::StatusCode;
use platform::web::{
    Error, Form, Upload, Visit,
    form::Problems,
    shell::{Shell, render},
};
use serde::Deserialize;

use super::show;
use crate::playbook::{LONGEST_REASON, PlaybookError, PlaybookId, actions};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Typed {
    document: String,
    version: i64,
    reason: String,
}

#[derive(Template)]
#[template(path = "playbook/import.html")]
struct ImportPage {
    shell: Shell,
    problems: Problems,
    document: String,
}

/// `GET /playbooks/import`
pub(super) async fn ask(shell: Shell) -> Response {
    render(StatusCode::OK, &ImportPage { shell, problems: Problems::none(), document: String::new() })
}

/// `POST /playbooks/import`: the text of a playbook.
pub(super) async fn import(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if problems.text("document", &typed.document, LARGEST, "the playbook").is_none() {
        return Ok(again(visit.shell, problems, typed.document));
    }
    take(visit, "document", typed.document).await
}

/// `POST /playbooks/import/file`: its file. Where something is wrong with it, its text is there to be mended.
pub(super) async fn import_file(
    visit: Visit,
    sent: Result<Upload<LARGEST>, Error>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let text = match sent.map(|sent| String::from_utf8(sent.part("file").to_vec())) {
        Ok(Ok(text)) if !text.trim().is_empty() => text,
        Ok(Ok(_)) => {
            problems.push("file", "Choose the file of the playbook");
            return Ok(again(visit.shell, problems, String::new()));
        }
        Ok(Err(_)) => {
            problems.push("file", "This file is no text in UTF-8, as JSON is");
            return Ok(again(visit.shell, problems, String::new()));
        }
        Err(error) => {
            problems.push("file", error.to_string());
            return Ok(again(visit.shell, problems, String::new()));
        }
    };
    take(visit, "file", text).await
}

async fn take(visit: Visit, field: &'static str, document: String) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let playbook = match Playbook::read(document.as_bytes()) {
        Ok(playbook) => playbook,
        Err(findings) => {
            for finding in findings {
                problems.push(field, format!("Line {}: {finding}", finding.line));
            }
            return Ok(again(visit.shell, problems, document));
        }
    };
    let mut tx = visit.app.write().await?;
    match actions::import(&mut tx, &visit.actor, &playbook, document.as_bytes()).await {
        Ok((id, _)) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/playbooks/{id}")).into_response())
        }
        Err(error @ (PlaybookError::Database(_) | PlaybookError::Forbidden(_))) => Err(error.into()),
        Err(error) => {
            drop(tx);
            problems.push(field, error.to_string());
            Ok(again(visit.shell, problems, document))
        }
    }
}

fn again(shell: Shell, problems: Problems, document: String) -> Response {
    render(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { shell, problems, document })
}

/// `POST /playbooks/{playbook}/withdraw`
pub(super) async fn withdraw(
    visit: Visit,
    Path(named): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id: PlaybookId = named.parse().map_err(|()| Error::NotFound)?;
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST_REASON, "why it is withdrawn") else {
        return show::page(visit, (named, show::Asked::default()), typed.reason, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::withdraw(&mut tx, &visit.actor, id, typed.version, &reason).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/playbooks/{id}")).into_response())
}
