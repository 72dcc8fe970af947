//! The list of playbooks: those of the program, then those that the CERT has imported.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use platform::{
    fold,
    web::{
        Error, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::playbook::{
    KEEP_PLAYBOOKS, PlaybookId, State as PlaybookState,
    shelf::{Ours, Shelf},
    store::{self, Listed},
};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Asked {
    q: String,
    after: String,
}

#[derive(Template)]
#[template(path = "playbook/list.html")]
struct ListPage {
    shell: Shell,
    /// Nothing can be wrong with a search.
    problems: Problems,
    q: String,
    /// Whether this is a further page of those that were imported.
    further: bool,
    ours: Vec<Ours>,
    page: Page<Listed>,
    next: String,
    signed_in: bool,
    may_keep: bool,
}

impl ListPage {
    fn is_withdrawn(&self, listed: &Listed) -> bool {
        listed.state == PlaybookState::Withdrawn
    }

    /// The marking of a playbook, in words.
    fn marked(&self, listed: &Listed) -> String {
        super::show::marked(listed.tlp.as_deref())
    }
}

/// `GET /playbooks`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after: Option<PlaybookId> = cursor::read(&asked.after);
    let q: String = asked.q.trim().chars().take(100).collect();
    let mut snapshot = visit.app.read().await?;
    let ours = Shelf::read(&mut snapshot).await?;
    let ours = if after.is_some() { Vec::new() } else { matching(&ours, &q) };
    let page = Page::of(store::list(&mut snapshot, &visit.actor, &q, after).await?, |row| row.id);
    drop(snapshot);
    let query = serde_html_form::to_string([("q", &q)]).unwrap_or_default();
    let next = page.next_of(&format!("/playbooks?{query}"));
    let page = ListPage {
        problems: Problems::none(),
        further: after.is_some(),
        signed_in: visit.actor.person().is_some(),
        may_keep: visit.actor.is_any(KEEP_PLAYBOOKS),
        shell: visit.shell,
        q,
        ours,
        page,
        next,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Those of the program that say each word somewhere in what they are for.
fn matching(ours: &Shelf, q: &str) -> Vec<Ours> {
    let prefixes = fold::prefixes(q);
    let says = |each: &&Ours| {
        let text = [&each.playbook.name, &each.playbook.description, &each.guidance.use_when.join(" ")];
        let words = fold::words(&text.map(String::as_str).join(" "));
        prefixes.iter().all(|prefix| words.iter().any(|word| word.starts_with(&prefix.from)))
    };
    ours.all().iter().filter(says).cloned().collect()
}
