//! The form of one step. Whoever saves over words that somebody else changed meanwhile sees both, and decides.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
};
use serde::Deserialize;
use serde_json::Value;

use super::differs::Differs;
use crate::playbook::{
    built_ins,
    draft::{
        DraftError, DraftId, actions,
        fields::StepFields,
        store::{self, Draft},
    },
    guidance::Phase,
};

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// What names the words that the form was filled with.
    seen: String,
    #[serde(flatten)]
    fields: StepFields,
}

#[derive(Template)]
#[template(path = "playbook/draft/step.html")]
struct StepPage {
    shell: Shell,
    problems: Problems,
    draft: Draft,
    step: String,
    /// The type of the step.
    kind: String,
    typed: StepFields,
    seen: String,
    /// Whoever the playbook names already.
    owners: String,
    phases: Vec<Choice>,
    hospital: Vec<Choice>,
    others: Vec<Choice>,
    /// Commands for machines, which stay as they are.
    machine: usize,
    differences: Vec<Differs>,
}

impl StepPage {
    fn is_action(&self) -> bool {
        self.kind == "action"
    }

    fn leads(&self) -> bool {
        self.kind == "playbook-action"
    }

    fn asks(&self) -> bool {
        matches!(self.kind.as_str(), "if-condition" | "while-condition" | "switch-condition")
    }

    fn has_welsh(&self) -> bool {
        let typed = &self.typed;
        [&typed.cy_what, &typed.cy_why, &typed.cy_how].into_iter().any(|text| !text.is_empty())
    }
}

/// `GET /playbooks/drafts/{draft}/steps/{step}`
pub(super) async fn ask(visit: Visit, Path((id, step)): Path<(DraftId, String)>) -> Result<Response, Error> {
    page(visit, (id, step), None, (Problems::none(), Vec::new())).await
}

async fn page(
    visit: Visit,
    (id, step): (DraftId, String),
    typed: Option<StepFields>,
    (problems, differences): (Problems, Vec<Differs>),
) -> Result<Response, Error> {
    let draft = store::draft(&mut visit.app.read().await?, id).await?.ok_or(Error::NotFound)?;
    if !draft.state.is_open() {
        return Err(DraftError::Over.into());
    }
    let document = actions::read(&draft)?;
    let stands = StepFields::of(&document, &step).ok_or(Error::NotFound)?;
    let status = match (differences.is_empty(), problems.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::OK,
    };
    let seen = stands.seen();
    let typed = typed.unwrap_or(stands);
    let whole = &document["workflow"][&step];
    let phases = Phase::ALL.iter().map(|phase| Choice::new(phase.code(), phase.label()));
    let none = Choice::new("", "As the step before it");
    let phases =
        std::iter::once(none).chain(phases).map(|choice| choice.chosen_in(&[&typed.phase])).collect();
    let commands = whole["commands"].as_array().map(Vec::as_slice).unwrap_or_default();
    let page = StepPage {
        kind: whole["type"].as_str().unwrap_or_default().to_owned(),
        owners: owners(&document),
        hospital: vec![
            Choice::new("yes", "It is about care rather than machines").chosen_in(&[&typed.hospital]),
        ],
        others: others(&typed.leads),
        machine: commands.iter().filter(|command| command["type"] != "manual").count(),
        phases,
        shell: visit.shell,
        problems,
        draft,
        step,
        typed,
        seen,
        differences,
    };
    Ok(render(status, &page))
}

/// Whoever the document names already, for people.
fn owners(document: &Value) -> String {
    let agents = document["agent_definitions"].as_object().into_iter().flat_map(serde_json::Map::values);
    let mut names: Vec<&str> = agents.filter_map(|agent| agent["name"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(20);
    names.join(", ")
}

/// The playbooks that a step can lead to: the program's own, and the one that it leads to already.
fn others(leads: &str) -> Vec<Choice> {
    let ours = built_ins().iter();
    let mut all: Vec<Choice> =
        ours.map(|ours| Choice::new(ours.playbook.id.clone(), ours.playbook.name.clone())).collect();
    if !leads.is_empty() && !all.iter().any(|choice| choice.value == leads) {
        all.push(Choice::new(leads.to_owned(), leads.to_owned()));
    }
    all.into_iter().map(|choice| choice.chosen_in(&[leads])).collect()
}

/// `POST /playbooks/drafts/{draft}/steps/{step}`
pub(super) async fn save(
    visit: Visit,
    Path((id, step)): Path<(DraftId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Typed { seen, fields } = typed;
    let fields = fields.tidied();
    let mut problems = fields.problems();
    if step.starts_with("action--") && fields.owner.is_empty() {
        problems.push("owner", "Enter who does it");
    }
    if !problems.is_empty() {
        return page(visit, (id, step), Some(fields), (problems, Vec::new())).await;
    }
    let mut tx = visit.app.write().await?;
    let saved = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        let stands = StepFields::of(document, &step).ok_or(formats::cacao::edit::Refused::NoStep)?;
        if stands.seen() == seen || stands == fields {
            fields.write(document, &step, new_id)?;
            return Ok(Vec::new());
        }
        Ok(Differs::all(stands.differences(&fields)))
    });
    let differences = saved.await?;
    if differences.is_empty() {
        tx.commit().await?;
        let place = format!("/playbooks/drafts/{id}#{step}");
        return Ok(Redirect::to(&place).into_response());
    }
    drop(tx);
    page(visit, (id, step), Some(fields), (problems, differences)).await
}
