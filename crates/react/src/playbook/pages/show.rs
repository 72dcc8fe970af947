//! One playbook: its steps as people read them, with a drawing of the same, and its file.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use formats::{
    Tlp,
    cacao::{Agent, Playbook, Reference},
};
use http::header;
use jiff::Timestamp;
use platform::{
    Actor, App,
    web::{
        Error, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::playbook::{
    APPROVE_PLAYBOOKS, KEEP_PLAYBOOKS, PlaybookId, State as PlaybookState, built_in,
    diagram::Diagram,
    draft,
    guidance::{self, Guidance, Phase, Review, WelshGuidance},
    hash,
    reading::{Reading, Section},
    review::{self, Kind},
    shelf::{Ours, Shelf},
    store::{self, Kept},
    welsh,
};

/// A playbook wherever it comes from.
struct Found {
    playbook: Arc<Playbook>,
    /// Its file, byte for byte.
    document: Vec<u8>,
    /// Where it was imported, or written here.
    kept: Option<Kept>,
    /// The one of the program's own that was asked for, as it stands.
    ours: Option<Ours>,
    /// Whether what comes with the program was asked for, behind what stands in front of it.
    behind: bool,
}

/// Which words of a playbook are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `cy` for Welsh.
    lang: String,
    /// Whether what comes with the program is asked for, behind what stands in front of it.
    original: bool,
}

/// The playbook of an address as it stands.
pub(crate) async fn find(app: &App, actor: &Actor, named: &str) -> Result<Playbook, Error> {
    let found = found(app, actor, named, false).await?;
    Ok(Arc::unwrap_or_clone(found.playbook))
}

/// The playbook of an address: one of the program's own by its name, or another by its id.
async fn found(app: &App, actor: &Actor, named: &str, original: bool) -> Result<Found, Error> {
    let mut snapshot = app.read().await?;
    if let Some(built_in) = built_in(named) {
        let ours = Shelf::read(&mut snapshot).await?.called(named).cloned().ok_or(Error::NotFound)?;
        let behind = original && ours.in_front.is_some();
        let playbook = Arc::clone(if behind { &built_in.playbook } else { &ours.playbook });
        let document = playbook.text.clone().into_bytes();
        return Ok(Found { playbook, document, kept: None, ours: Some(ours), behind });
    }
    let id: PlaybookId = named.parse().map_err(|()| Error::NotFound)?;
    let mut kept = store::playbook(&mut snapshot, actor, id).await?.ok_or(Error::NotFound)?;
    let document = std::mem::take(&mut kept.document);
    // It could be read when it came in; an older program may have read what this one does not.
    let playbook = Playbook::read(&document).map_err(|findings| {
        tracing::error!(playbook = %id, finding = ?findings.first(), "a playbook that is kept cannot be read");
        Error::Internal
    })?;
    Ok(Found { playbook: Arc::new(playbook), document, kept: Some(kept), ours: None, behind: false })
}

/// What a marking is called; a playbook without one is for the CERT alone.
pub(crate) fn marked(tlp: Option<&str>) -> String {
    let known = tlp.and_then(|tlp| tlp.parse::<Tlp>().ok());
    known.map_or_else(|| "Not marked: for the CERT".to_owned(), |tlp| tlp.to_string())
}

#[expect(clippy::struct_excessive_bools, reason = "each says whether a part of the page is there")]
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
    ours: Option<Ours>,
    behind: bool,
    manual: bool,
    reason: String,
    may_keep: bool,
    may_approve: bool,
    /// Whether a new version of it can be written here.
    may_change: bool,
    /// Whether it says anything in Welsh.
    has_welsh: bool,
    /// What it says of itself in Welsh, where that is read.
    welsh: Option<WelshGuidance>,
    /// The reviews that hold for what it says.
    reviews: Vec<review::Review>,
}

impl ShowPage {
    /// Who has reviewed it, and when.
    fn reviewed(&self) -> Option<String> {
        let entered = self.reviews.iter().find(|review| review.kind == Kind::Clinical);
        let comes_with_us = self.ours.as_ref().is_some_and(|ours| self.behind || ours.in_front.is_none());
        entered.map(review::Review::in_words).or_else(|| {
            match self.guidance.as_ref().filter(|_| comes_with_us).map(|said| &said.clinical_review) {
                Some(Review::Reviewed { reviewer, role, date }) => {
                    Some(format!("{reviewer}, {role}, {}", date.strftime("%-d %B %Y")))
                }
                Some(Review::NotReviewed) | None => None,
            }
        })
    }

    /// The translator who has passed its Welsh, and when.
    fn translator(&self) -> Option<String> {
        let entered = self.reviews.iter().find(|review| review.kind == Kind::Welsh);
        entered.map(review::Review::in_words)
    }

    /// What stands in front of the one that comes with the program.
    fn in_front(&self) -> Option<PlaybookId> {
        self.ours.as_ref().and_then(|ours| ours.in_front)
    }

    /// What is said where its Welsh is a draft.
    fn draft(&self) -> &'static str {
        welsh::DRAFT
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
    visit: Visit,
    Path(named): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, (named, asked), String::new(), Problems::none()).await
}

pub(super) async fn page(
    visit: Visit,
    (named, asked): (String, Asked),
    reason: String,
    problems: Problems,
) -> Result<Response, Error> {
    let Found { playbook, kept, ours, behind, .. } =
        found(&visit.app, &visit.actor, &named, asked.original).await?;
    let reviews = review::store::of(&mut visit.app.read().await?, &playbook.id).await?;
    let mut reading = Reading::of(&playbook);
    let diagram = Diagram::of(&playbook, &reading);
    let said = guidance::of_playbook(&playbook.extensions);
    let has_welsh = review::has_welsh(&playbook);
    let mut welsh = None;
    if asked.lang == "cy" && has_welsh {
        reading = reading.in_welsh(&playbook);
        welsh = Some(said.as_ref().and_then(|said| said.welsh.clone()).unwrap_or_default());
    }
    let may_keep = visit.actor.is_any(KEEP_PLAYBOOKS);
    let own = playbook.created_by == draft::actions::identity(&visit.app.settings.cert.name);
    let page = ShowPage {
        reviews: review::holding(&reviews, &playbook),
        guidance: said.filter(|_| kept.is_none()),
        hash: data_encoding::HEXLOWER.encode(&hash(&playbook)),
        exception: Reading::of_exception(&playbook).sections,
        manual: playbook.is_manual(),
        modified: playbook.modified,
        may_change: may_keep && (ours.is_some() || own),
        may_approve: visit.actor.is_any(APPROVE_PLAYBOOKS),
        sections: reading.sections,
        agents: playbook.agents.values().filter(|agent| !agent.description.is_empty()).cloned().collect(),
        name: playbook.name.clone(),
        description: playbook.description.clone(),
        references: playbook.references.clone(),
        shell: visit.shell,
        problems,
        named,
        diagram,
        kept,
        ours,
        behind,
        reason,
        may_keep,
        has_welsh,
        welsh,
    };
    Ok(render(page.problems.status(), &page))
}

/// `GET /playbooks/{playbook}/file`: the file as it came, byte for byte.
pub(super) async fn download(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let found = found(&app, &actor, &named, asked.original).await?;
    let name = format!("attachment; filename=\"{named}.cacao.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, found.document).into_response())
}
