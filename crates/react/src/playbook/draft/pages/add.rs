//! Adding steps and branches, moving steps, and taking them out: after that has been read which others go with one.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use formats::cacao::{
    Playbook,
    edit::{self, At, Direction, Kind, Way},
};
use platform::{
    App,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::show;
use crate::playbook::{
    built_ins,
    draft::{
        DraftError, DraftId, LONGEST_LINE, actions,
        store::{self, Draft},
    },
    reading,
};

/// The kinds of steps, as people choose them.
const KINDS: &[(&str, &str, &str, Kind)] = &[
    ("action", "Something to do", "Somebody does it, then the next step comes", Kind::Action),
    ("question", "A question: yes or no", "What follows depends on the answer", Kind::Question),
    ("choice", "A question with answers of its own", "You write the answers down next", Kind::Choice),
    ("repeat", "A repeat", "Its steps come again, as long as the answer is yes", Kind::Repeat),
    ("parallel", "Several things at the same time", "It goes on when all of them are done", Kind::Parallel),
    ("playbook", "Another playbook", "You choose which one next", Kind::Playbook),
];

/// What is asked for and typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The step behind which it is added.
    after: String,
    /// The step within which it is added, and the way out of that.
    within: String,
    way: String,
    kind: String,
    name: String,
    /// Up or down.
    go: String,
    /// An answer that is added.
    answer: String,
    /// A branch that is taken out, by its word.
    remove: String,
}

impl Typed {
    fn place(&self) -> Option<At> {
        if !self.after.is_empty() {
            return Some(At::After(self.after.clone()));
        }
        Some(At::Within(self.within.clone(), Way::of(&self.way)?))
    }
}

#[derive(Template)]
#[template(path = "playbook/draft/add.html")]
struct AddPage {
    shell: Shell,
    problems: Problems,
    draft: Draft,
    /// Where it is added, in words.
    place: String,
    kinds: Vec<Choice>,
    typed: Typed,
}

/// `GET /playbooks/drafts/{draft}/add`
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<DraftId>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    page(visit, id, typed, Problems::none()).await
}

async fn page(visit: Visit, id: DraftId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let (draft, document) = opened(&visit.app, id).await?;
    let called = |step: &str| called(&document, step);
    let place = match typed.place() {
        Some(At::After(step)) if step.starts_with("start--") => "It becomes the first step.".to_owned(),
        Some(At::After(step)) => format!("It comes after “{}”.", called(&step)),
        Some(At::Within(step, way)) => {
            let ways = show::ways_out(&document, &document["workflow"][&step]);
            let way = ways.iter().find(|each| each.code() == way.code()).ok_or(Error::NotFound)?;
            format!("It comes first of “{}” in “{}”.", way.label(), called(&step))
        }
        None => return Err(Error::NotFound),
    };
    let kinds = KINDS
        .iter()
        .map(|(code, label, hint, _)| Choice::new(*code, *label).hint(*hint).chosen_in(&[&typed.kind]));
    let status = problems.status();
    let kinds = kinds.collect();
    Ok(render(status, &AddPage { shell: visit.shell, problems, draft, place, kinds, typed }))
}

/// A draft that can be written in, and its document.
async fn opened(app: &App, id: DraftId) -> Result<(Draft, Value), Error> {
    let draft = store::draft(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    if !draft.state.is_open() {
        return Err(DraftError::Over.into());
    }
    let document = actions::read(&draft)?;
    Ok((draft, document))
}

/// What a step is called.
fn called(document: &Value, step: &str) -> String {
    let (playbook, _) = Playbook::examine(&document.to_string());
    let line = playbook.and_then(|playbook| Some(reading::line(&playbook, playbook.steps.get(step)?).what));
    line.unwrap_or_else(|| "a step".to_owned())
}

/// `POST /playbooks/drafts/{draft}/add`
pub(super) async fn add(
    visit: Visit,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let kind = KINDS.iter().find(|(code, ..)| *code == typed.kind).map(|(.., kind)| *kind);
    if kind.is_none() {
        problems.push("kind", "Select what kind of step it is");
    }
    let name = problems.text("name", &typed.name, LONGEST_LINE, "what to do, or what to ask");
    let (Some(kind), Some(name)) = (kind, name) else {
        return page(visit, id, typed, problems).await;
    };
    let at = typed.place().ok_or(Error::NotFound)?;
    let mut tx = visit.app.write().await?;
    let added = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        let added = edit::add(document, &at, (kind, &name), new_id)?;
        if kind == Kind::Playbook {
            // Until another one is chosen: where nobody knows yet.
            let first = built_ins().first().map(|ours| ours.playbook.id.clone());
            document["workflow"][&added]["playbook_id"] = json!(first.unwrap_or_default());
        }
        Ok(added)
    });
    match added.await {
        Ok(step) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/playbooks/drafts/{id}/steps/{step}")).into_response())
        }
        Err(DraftError::Refused(refused)) => {
            drop(tx);
            problems.push("kind", refused.to_string());
            page(visit, id, typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /playbooks/drafts/{draft}/steps/{step}/move`
pub(super) async fn shift(
    visit: Visit,
    Path((id, step)): Path<(DraftId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let direction = if typed.go == "up" { Direction::Up } else { Direction::Down };
    let mut tx = visit.app.write().await?;
    let moved = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        Ok(edit::shift(document, &step, direction, new_id)?)
    });
    let moved = moved.await;
    if moved.is_ok() {
        tx.commit().await?;
    }
    back(visit, (id, step), moved).await
}

/// `POST /playbooks/drafts/{draft}/steps/{step}/branch`: adds a branch or an answer, or takes one out.
pub(super) async fn branch(
    visit: Visit,
    Path((id, step)): Path<(DraftId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let answer = problems.optional_text("answer", &typed.answer, LONGEST_LINE, "the answer");
    let is_choice = step.starts_with("switch-condition--");
    let Some(answer) = answer.filter(|answer| !(is_choice && typed.remove.is_empty() && answer.is_empty()))
    else {
        let sentence = format!("Enter an answer of {LONGEST_LINE} characters or fewer");
        let mut problems = Problems::none();
        problems.push(step.clone(), sentence);
        return show::page(visit, id, String::new(), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let changed = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        if typed.remove.is_empty() {
            return Ok(edit::add_branch(document, &step, &answer, new_id)?);
        }
        let way = Way::of(&typed.remove).ok_or(edit::Refused::NoWay)?;
        edit::remove_branch(document, &step, &way)?;
        Ok(())
    });
    let changed = changed.await;
    if changed.is_ok() {
        tx.commit().await?;
    }
    back(visit, (id, step), changed).await
}

/// Back to the step in the list, with why nothing was done where nothing was.
async fn back(
    visit: Visit,
    (id, step): (DraftId, String),
    done: Result<(), DraftError>,
) -> Result<Response, Error> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/playbooks/drafts/{id}#{step}")).into_response()),
        Err(DraftError::Refused(refused)) => {
            let mut problems = Problems::none();
            problems.push(step, refused.to_string());
            show::page(visit, id, String::new(), problems).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "playbook/draft/remove.html")]
struct RemovePage {
    shell: Shell,
    problems: Problems,
    draft: Draft,
    step: String,
    what: String,
    /// The others that go with it.
    others: Vec<String>,
}

/// `GET /playbooks/drafts/{draft}/steps/{step}/remove`
pub(super) async fn ask_to_remove(
    visit: Visit,
    Path((id, step)): Path<(DraftId, String)>,
) -> Result<Response, Error> {
    removing(visit, (id, step)).await
}

async fn removing(visit: Visit, (id, step): (DraftId, String)) -> Result<Response, Error> {
    let (draft, document) = opened(&visit.app, id).await?;
    if document["workflow"].get(&step).is_none() {
        return Err(Error::NotFound);
    }
    let mut problems = Problems::none();
    let gone = edit::doomed(&document, &step).unwrap_or_else(|refused| {
        problems.push("", refused.to_string());
        Vec::new()
    });
    let (playbook, _) = Playbook::examine(&String::from_utf8_lossy(&draft.document));
    let words = |id: &String| {
        let playbook = playbook.as_ref()?;
        let says = !id.starts_with("end--");
        Some(reading::line(playbook, playbook.steps.get(id)?).what).filter(|_| says)
    };
    let others = gone.iter().skip(1).filter_map(words).collect();
    let what = words(&step).unwrap_or_else(|| "a step".to_owned());
    let status = problems.status();
    Ok(render(status, &RemovePage { shell: visit.shell, problems, draft, step, what, others }))
}

/// `POST /playbooks/drafts/{draft}/steps/{step}/remove`
pub(super) async fn remove(
    visit: Visit,
    Path((id, step)): Path<(DraftId, String)>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let removed = actions::save(&mut tx, &visit.actor, id, |document, new_id| {
        Ok(edit::remove(document, &step, new_id)?)
    });
    match removed.await {
        Ok(_) => {
            tx.commit().await?;
            Ok(super::list::to(id))
        }
        Err(DraftError::Refused(_)) => {
            drop(tx);
            removing(visit, (id, step)).await
        }
        Err(error) => Err(error.into()),
    }
}
