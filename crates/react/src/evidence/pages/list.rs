//! The pieces of a case.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use platform::{
    log,
    web::{
        Error, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::KEEP_EVIDENCE,
    case::{Head, Zones, opened},
    evidence::{
        EvidenceId,
        store::{self, Piece},
    },
    incident::IncidentId,
};

/// Where the list goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "evidence/list.html")]
struct ListPage {
    shell: Shell,
    head: Head,
    page: Page<Piece>,
    next: String,
    may_add: bool,
    /// The log's head: how many entries, and the root over them.
    log: (String, String),
    /// The head that somebody typed, and what is wrong with it.
    typed: String,
    problems: Problems,
}

impl ListPage {
    fn size(&self, piece: &Piece) -> String {
        show::size(piece.bytes())
    }
}

/// `GET /incidents/{id}/evidence`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, id, &asked.after, (String::new(), Problems::none())).await
}

/// The page, with the head of the log that somebody typed and what is wrong with it.
pub(super) async fn page(
    visit: Visit,
    id: IncidentId,
    after: &str,
    (typed, problems): (String, Problems),
) -> Result<Response, Error> {
    let after: EvidenceId = cursor::read(after).unwrap_or(EvidenceId(Uuid::max()));
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let rows = store::pieces(&mut snapshot, id, sight.reads, after).await?;
    let sealed = log::head(&mut snapshot).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of(&format!("/incidents/{id}/evidence"));
    let page = ListPage {
        head: Head::of(&sight, "/evidence"),
        page,
        next,
        may_add: visit.actor.is_any(KEEP_EVIDENCE) && sight.writes != Zones::default(),
        log: (
            show::count(i64::try_from(sealed.size).unwrap_or(i64::MAX)),
            data_encoding::HEXLOWER.encode(&sealed.root),
        ),
        typed,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}
