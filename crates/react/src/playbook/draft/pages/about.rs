//! The form of the whole: name, what it is for, for which kind of attack, and who may read it.

use askama::Template;
use axum::{extract::Path, response::Response};
use formats::Tlp;
use http::StatusCode;
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
};
use serde::Deserialize;

use super::{differs::Differs, list::to};
use crate::playbook::draft::{
    DraftError, DraftId,
    about::AboutFields,
    actions,
    store::{self, Draft},
};

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// What names the words that the form was filled with.
    seen: String,
    #[serde(flatten)]
    fields: AboutFields,
}

#[derive(Template)]
#[template(path = "playbook/draft/about.html")]
struct AboutPage {
    shell: Shell,
    problems: Problems,
    draft: Draft,
    typed: AboutFields,
    seen: String,
    markings: Vec<Choice>,
    differences: Vec<Differs>,
}

/// `GET /playbooks/drafts/{draft}/about`
pub(super) async fn ask(visit: Visit, Path(id): Path<DraftId>) -> Result<Response, Error> {
    page(visit, id, None, (Problems::none(), Vec::new())).await
}

async fn page(
    visit: Visit,
    id: DraftId,
    typed: Option<AboutFields>,
    (problems, differences): (Problems, Vec<Differs>),
) -> Result<Response, Error> {
    let draft = store::draft(&mut visit.app.read().await?, id).await?.ok_or(Error::NotFound)?;
    if !draft.state.is_open() {
        return Err(DraftError::Over.into());
    }
    let stands = AboutFields::of(&actions::read(&draft)?);
    let status = match (differences.is_empty(), problems.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::OK,
    };
    let seen = stands.seen();
    let typed = typed.unwrap_or(stands);
    let levels = [
        (Tlp::Clear.code(), "Everybody, also without signing in: TLP:CLEAR"),
        (Tlp::Green.code(), "Every organisation: TLP:GREEN"),
        (Tlp::Amber.code(), "The CERT alone: TLP:AMBER"),
        (Tlp::AmberStrict.code(), "The CERT alone: TLP:AMBER+STRICT"),
        (Tlp::Red.code(), "The CERT alone: TLP:RED"),
        ("", "The CERT alone: it is not marked"),
    ];
    let markings = levels.map(|(code, label)| Choice::new(code, label).chosen_in(&[&typed.tlp])).into();
    Ok(render(status, &AboutPage { shell: visit.shell, problems, draft, typed, seen, markings, differences }))
}

/// `POST /playbooks/drafts/{draft}/about`
pub(super) async fn save(
    visit: Visit,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Typed { seen, fields } = typed;
    let fields = fields.tidied();
    let problems = fields.problems();
    if !problems.is_empty() {
        return page(visit, id, Some(fields), (problems, Vec::new())).await;
    }
    let now = actions::stamp(visit.shell.now);
    let mut tx = visit.app.write().await?;
    let saved = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        let stands = AboutFields::of(document);
        if stands.seen() == seen || stands == fields {
            fields.write(document, &now, new_id);
            return Ok(Vec::new());
        }
        Ok(Differs::all(stands.differences(&fields)))
    });
    let differences = saved.await?;
    if differences.is_empty() {
        tx.commit().await?;
        return Ok(to(id));
    }
    drop(tx);
    page(visit, id, Some(fields), (problems, differences)).await
}
