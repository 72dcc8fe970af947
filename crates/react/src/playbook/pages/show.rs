//! One playbook: its steps as people read them, with a drawing of the same, and its file.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use formats::{
    Tlp,
    cacao::{Agent, Playbook, Reference},
};
use http::{StatusCode, header};
use jiff::Timestamp;
use platform::{
    Actor, App,
    web::{
        Error,
        form::Problems,
        shell::{Shell, render},
    },
};

use crate::playbook::{
    KEEP_PLAYBOOKS, PlaybookId, State as PlaybookState, built_in,
    diagram::Diagram,
    guidance::{self, Guidance, Phase, Review},
    hash,
    reading::{Reading, Section},
    store::{self, Kept},
};

/// A playbook wherever it comes from.
pub(super) struct Found {
    playbook: Playbook,
    /// Its file, byte for byte.
    document: Vec<u8>,
    /// Where it was imported.
    kept: Option<Kept>,
}

/// The playbook of an address: one of the program's own by its name, or one that was imported by its id.
pub(super) async fn find(app: &App, actor: &Actor, named: &str) -> Result<Found, Error> {
    if let Some(ours) = built_in(named) {
        let document = ours.playbook.text.clone().into_bytes();
        return Ok(Found { playbook: ours.playbook.clone(), document, kept: None });
    }
    let id: PlaybookId = named.parse().map_err(|()| Error::NotFound)?;
    let mut kept = store::playbook(&mut app.read().await?, actor, id).await?.ok_or(Error::NotFound)?;
    let document = std::mem::take(&mut kept.document);
    // It could be read when it came in; an older program may have read what this one does not.
    let playbook = Playbook::read(&document).map_err(|findings| {
        tracing::error!(playbook = %id, finding = ?findings.first(), "an imported playbook cannot be read");
        Error::Internal
    })?;
    Ok(Found { playbook, document, kept: Some(kept) })
}

/// What a marking is called; a playbook without one is for the CERT alone.
pub(super) fn marked(tlp: Option<&str>) -> String {
    let known = tlp.and_then(|tlp| tlp.parse::<Tlp>().ok());
    known.map_or_else(|| "Not marked: for the CERT".to_owned(), |tlp| tlp.to_string())
}

#[derive(Template)]
#[template(path = "playbook/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    /// How the address names it.
    named: String,
    name: String,
    description: String,
    modified: Timestamp,
    /// What names this version, in full.
    hash: String,
    guidance: Option<Guidance>,
    references: Vec<Reference>,
    /// Who does its steps, where that is told.
    agents: Vec<Agent>,
    sections: Vec<Section>,
    exception: Vec<Section>,
    diagram: Diagram,
    kept: Option<Kept>,
    manual: bool,
    reason: String,
    may_keep: bool,
}

impl ShowPage {
    /// Who has reviewed it, and when.
    fn reviewed(&self) -> Option<(String, String)> {
        match self.guidance.as_ref().map(|said| &said.clinical_review) {
            Some(Review::Reviewed { reviewer, role, date }) => {
                Some((format!("{reviewer}, {role}"), date.strftime("%-d %B %Y").to_string()))
            }
            Some(Review::NotReviewed) | None => None,
        }
    }

    fn marked(&self) -> String {
        self.kept.as_ref().map_or_else(|| Tlp::Clear.to_string(), |kept| marked(kept.tlp.as_deref()))
    }

    fn is_withdrawn(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.state == PlaybookState::Withdrawn)
    }

    /// Whether there is more than one phase to go to.
    fn has_phases(&self) -> bool {
        self.sections.len() > 1
    }

    fn is_first(&self, section: &Section) -> bool {
        section.phase == Some(Phase::TenMinutes)
    }
}

/// `GET /playbooks/{playbook}`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(named): Path<String>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, named, String::new(), Problems::none()).await
}

pub(super) async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    named: String,
    reason: String,
    problems: Problems,
) -> Result<Response, Error> {
    let Found { playbook, kept, .. } = find(app, actor, &named).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let reading = Reading::of(&playbook);
    let page = ShowPage {
        guidance: guidance::of_playbook(&playbook.extensions).filter(|_| kept.is_none()),
        hash: data_encoding::HEXLOWER.encode(&hash(&playbook)),
        diagram: Diagram::of(&playbook, &reading),
        exception: Reading::of_exception(&playbook).sections,
        manual: playbook.is_manual(),
        modified: playbook.modified,
        may_keep: kept.is_some() && actor.is_any(KEEP_PLAYBOOKS),
        sections: reading.sections,
        agents: playbook.agents.into_values().filter(|agent| !agent.description.is_empty()).collect(),
        name: playbook.name,
        description: playbook.description,
        references: playbook.references,
        shell,
        problems,
        named,
        kept,
        reason,
    };
    Ok(render(status, &page))
}

/// `GET /playbooks/{playbook}/file`: the file as it came, byte for byte.
pub(super) async fn download(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
) -> Result<Response, Error> {
    let found = find(&app, &actor, &named).await?;
    let name = format!("attachment; filename=\"{named}.cacao.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, found.document).into_response())
}
