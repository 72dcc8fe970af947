//! The form of a system that an organisation uses.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;

use crate::{
    access::HANDLE_INCIDENTS,
    report,
    supplier::{LONGEST, LONGEST_NAME, Said, UseId, actions, choose},
};

/// What is typed of a system.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    version: i64,
    organisation: String,
    supplier: String,
    /// The name that stands as it is: the one that was kept, or for which others were offered.
    as_typed: String,
    system: String,
    clinical: String,
    downtime: String,
}

impl Typed {
    fn read(&self, problems: &mut Problems) -> Option<Said> {
        let supplier =
            problems.text("supplier", &self.supplier, LONGEST_NAME, "the supplier’s name or ODS code");
        let system = problems.text("system", &self.system, LONGEST_NAME, "what the system is called");
        let clinical = match self.clinical.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                problems.push("clinical", "Select whether care relies on it");
                None
            }
        };
        let downtime =
            problems.optional_text("downtime", &self.downtime, LONGEST, "how work goes on without it");
        Some(Said { supplier: supplier?, system: system?, clinical: clinical?, downtime: downtime? })
    }
}

#[derive(Template)]
#[template(path = "supplier/use.html")]
struct UsePage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    /// The suppliers of which one may be meant.
    among: Vec<Choice>,
    /// The one that is changed; none where it is new.
    id: Option<UseId>,
    /// Where the list is: the organisation's own, or a supplier's.
    action: String,
}

impl UsePage {
    fn clinical(&self) -> Vec<Choice> {
        [("yes", "Yes"), ("no", "No")]
            .map(|(code, label)| Choice::new(code, label).chosen_in(&[&self.typed.clinical]))
            .into()
    }
}

/// `GET /suppliers/add`
pub(super) async fn ask_new(visit: Visit) -> Result<Response, Error> {
    let mut typed = Typed::default();
    if !visit.actor.is_any(HANDLE_INCIDENTS) {
        let own =
            report::store::reported_for(&mut visit.app.read().await?, &visit.actor, visit.shell.now).await?;
        typed.organisation = own.into_iter().next().map(|(code, _)| code).unwrap_or_default();
    }
    Ok(page(visit.shell, None, (typed, Vec::new(), Problems::none())))
}

/// `POST /suppliers/add`
pub(super) async fn add(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let code = problems.text("organisation", &typed.organisation, 20, "the organisation’s ODS code");
    let said = typed.read(&mut problems);
    let (Some(code), Some(said)) = (code, said) else {
        return Ok(page(visit.shell, None, (typed, Vec::new(), problems)));
    };
    let among = offered(&visit, &typed, &mut problems).await?;
    if !among.is_empty() {
        return Ok(page(visit.shell, None, (typed, among, problems)));
    }
    let mut tx = visit.app.write().await?;
    let done = actions::add(&mut tx, &visit.actor, &code, &said).await.map(drop);
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return Ok(page(visit.shell, None, (typed, Vec::new(), problems)));
    }
    Ok(Redirect::to("/suppliers").into_response())
}

/// `GET /suppliers/uses/{id}`
pub(super) async fn ask_change(visit: Visit, Path(id): Path<UseId>) -> Result<Response, Error> {
    let found = actions::own(&mut visit.app.read().await?, &visit.actor, visit.shell.now, id).await?;
    let typed = Typed {
        version: found.version,
        organisation: found.code,
        as_typed: found.supplier.clone(),
        supplier: found.supplier,
        system: found.system,
        clinical: if found.clinical { "yes" } else { "no" }.to_owned(),
        downtime: found.downtime,
    };
    Ok(page(visit.shell, Some(id), (typed, Vec::new(), Problems::none())))
}

/// `POST /suppliers/uses/{id}`
pub(super) async fn change(
    visit: Visit,
    Path(id): Path<UseId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    typed.organisation =
        actions::own(&mut visit.app.read().await?, &visit.actor, visit.shell.now, id).await?.code;
    let Some(said) = typed.read(&mut problems) else {
        return Ok(page(visit.shell, Some(id), (typed, Vec::new(), problems)));
    };
    let among = offered(&visit, &typed, &mut problems).await?;
    if !among.is_empty() {
        return Ok(page(visit.shell, Some(id), (typed, among, problems)));
    }
    let mut tx = visit.app.write().await?;
    let done = actions::change(&mut tx, &visit.actor, id, typed.version, &said).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return Ok(page(visit.shell, Some(id), (typed, Vec::new(), problems)));
    }
    Ok(Redirect::to("/suppliers").into_response())
}

/// `POST /suppliers/uses/{id}/end`
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UseId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(Redirect::to("/suppliers").into_response())
}

/// The suppliers of which one may be meant, beside a problem that asks for it; none where the name stands as it is.
async fn offered(visit: &Visit, typed: &Typed, problems: &mut Problems) -> Result<Vec<Choice>, Error> {
    if typed.supplier == typed.as_typed {
        return Ok(Vec::new());
    }
    let mut snapshot = visit.app.db.read_long().await?;
    let among = choose::offered(&mut snapshot, &visit.actor, visit.shell.now, &typed.supplier).await?;
    if !among.is_empty() {
        problems.push("supplier", "Select whose system it is");
    }
    Ok(among)
}

fn page(
    shell: Shell,
    id: Option<UseId>,
    (typed, among, problems): (Typed, Vec<Choice>, Problems),
) -> Response {
    let status = problems.status();
    let action = id.map_or_else(|| "/suppliers/add".to_owned(), |id| format!("/suppliers/uses/{id}"));
    render(status, &UsePage { shell, problems, typed, among, id, action })
}
