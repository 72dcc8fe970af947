//! The two-minute form of somebody who is signed in: saved at any point, sent with what is there.
//!
//! What is under way at the same organisation already stands above it, since what is added there is read at once
//! by whoever works on it.

use askama::Template;
use axum::{extract::Query, response::Response};
use platform::web::{
    Error, Form, Refusal, Visit,
    form::{Choice, Problems},
    shell::{Notice, NoticeKind, Shell, render},
};
use serde::Deserialize;

use super::{Reader, SentPage};
use crate::{
    incident::{self, store::Incident},
    playbook::shelf::Shelf,
    report::{
        ReportError, ReportId, Way, actions,
        store::{self, BegunElsewhere, Report},
        typed::Typed,
        words,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A report that was begun.
    report: Option<ReportId>,
    /// The code of the organisation that somebody comes from.
    organisation: String,
}

#[derive(Template)]
#[template(path = "report/new.html")]
struct NewPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    /// Those that are offered; none where they are too many, and a code is typed.
    organisations: Vec<Choice>,
    /// The only one.
    only: Option<(String, String)>,
    /// What is under way already.
    under_way: Vec<Incident>,
    /// What others have begun and not sent.
    begun: Vec<BegunElsewhere>,
    /// What the reader has begun and not sent, but for what they have before them.
    drafts: Vec<Report>,
}

impl NewPage {
    fn seen(&self) -> Vec<Choice> {
        words::seen(&self.typed)
    }

    fn since(&self) -> Vec<Choice> {
        words::since(&self.typed)
    }

    fn affected(&self) -> Vec<Choice> {
        words::affected(&self.typed)
    }
}

/// `GET /report/new`
pub(super) async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut typed = Typed {
        form: Some(visit.app.env.id()),
        organisation: asked.organisation.clone(),
        ..Typed::default()
    };
    if let Some(id) = asked.report {
        let draft = actions::own(&mut visit.app.read().await?, &visit.actor, id, Way::Session).await?;
        if draft.incident.is_some() {
            return Err(ReportError::SentAlready.into());
        }
        typed = before(&draft);
    }
    page(visit, typed, Problems::none()).await
}

/// What was saved, to be gone on with.
fn before(draft: &Report) -> Typed {
    Typed {
        report: Some(draft.id),
        version: draft.version,
        organisation: draft.code.clone().unwrap_or_default(),
        ..Typed::of(&draft.facts)
    }
}

async fn page(visit: Visit, mut typed: Typed, problems: Problems) -> Result<Response, Error> {
    // Somebody may stand for thousands of organisations.
    let mut snapshot = visit.app.db.read_long().await?;
    let mine = store::reported_for(&mut snapshot, &visit.actor, visit.shell.now).await?;
    let under_way = incident::store::under_way(&mut snapshot, &visit.actor, visit.shell.now).await?;
    let begun = store::begun_elsewhere(&mut snapshot, &visit.actor, visit.shell.now).await?;
    let mut drafts = match visit.actor.person() {
        Some(person) => store::drafts_of(&mut snapshot, person.id, Way::Session).await?,
        None => Vec::new(),
    };
    drop(snapshot);
    drafts.retain(|draft| Some(draft.id) != typed.report);
    let only = match mine.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    if let Some((code, _)) = mine.first().filter(|_| typed.organisation.is_empty()) {
        typed.organisation.clone_from(code);
    }
    let offered = if (2..=50).contains(&mine.len()) { mine } else { Vec::new() };
    let choice = |(code, name): (String, String)| {
        let label = format!("{name} ({code})");
        Choice::new(code, label).chosen_in(&[&typed.organisation])
    };
    let organisations = offered.into_iter().map(choice).collect();
    let page = NewPage { shell: visit.shell, problems, typed, organisations, only, under_way, begun, drafts };
    Ok(render(page.problems.status(), &page))
}

/// `POST /report/new`: saved, or sent and answered at once with what to do now.
pub(super) async fn taken(mut visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(facts) = typed.read(visit.shell.now, &mut problems) else {
        return page(visit, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let draft = typed.report.map(|id| (id, typed.version));
    let done = if typed.go == "send" {
        actions::send_written(&mut tx, &visit.actor, draft, form, &typed.organisation, &facts).await.map(Ok)
    } else {
        actions::save(&mut tx, &visit.actor, draft, form, &typed.organisation, &facts).await.map(Err)
    };
    match done {
        Ok(Ok((sent, told_before))) => {
            let ours = Shelf::read(&mut tx).await?;
            tx.commit().await?;
            let reader = Reader::Reporter(format!("/incidents/{}", sent.incident));
            Ok(SentPage::new((visit.shell, &ours), sent.receipt, &facts, told_before, reader).respond())
        }
        Ok(Err(saved)) => {
            tx.commit().await?;
            let text = "Saved. Nobody else reads it until you send it.".to_owned();
            visit.shell.notice = Some(Notice { kind: NoticeKind::Success, text });
            page(visit, before(&saved), problems).await
        }
        Err(error) => {
            drop(tx);
            let Some(field) = error.field("") else { return Err(error.into()) };
            problems.push(field, error.to_string());
            page(visit, typed, problems).await
        }
    }
}
