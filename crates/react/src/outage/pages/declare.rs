//! Whom an outage would concern, and declaring it: looking tells nobody.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    organisation::kind_label,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
        show as words, taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    case::sight,
    incident::{IncidentId, store::Incident},
    outage::{
        Declared, HOURS, LONGEST, Outage, actions,
        audience::{self, Figures, Unreachable},
        store::{self, called},
    },
    supplier::{
        LONGEST_NAME,
        choose::{self, Meant, OFFERED},
        folded,
        store::Supplier,
    },
    when,
};

/// What is typed of an outage.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    supplier: String,
    system: String,
    told: String,
    hours: String,
    since_day: String,
    since_month: String,
    since_year: String,
    since_time: String,
}

#[derive(Template)]
#[template(path = "outage/declare.html")]
struct DeclarePage {
    shell: Shell,
    problems: Problems,
    incident: Incident,
    outages: Vec<Outage>,
    typed: Typed,
    form: Uuid,
    /// Those of which one may be meant.
    among: Vec<Supplier>,
    /// What would be declared down, in words.
    named: String,
    figures: Option<Figures>,
    kinds: Vec<(String, String)>,
    unreachable: Vec<Unreachable>,
}

impl DeclarePage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }

    fn offered(&self) -> &[Supplier] {
        &self.among[..self.among.len().min(OFFERED)]
    }

    /// The same question, asked about this one.
    fn of(&self, supplier: &Supplier) -> String {
        let asked = [("supplier", supplier.name.as_str()), ("system", &self.typed.system)];
        let asked = serde_html_form::to_string(asked).unwrap_or_default();
        format!("/incidents/{}/outage?{asked}", self.incident.id)
    }
}

/// `GET /incidents/{id}/outage`
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    let [since_day, since_month, since_year, since_time] = when::shown(visit.shell.now);
    let typed = Typed { hours: HOURS.2.to_string(), since_day, since_month, since_year, since_time, ..typed };
    page(visit, id, typed, Problems::none()).await
}

/// `POST /incidents/{id}/outage`
pub(super) async fn declare(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let supplier =
        problems.text("supplier", &typed.supplier, LONGEST_NAME, "the supplier’s name or ODS code");
    let system = problems.optional_text("system", &typed.system, LONGEST_NAME, "which system is down");
    let on = [typed.since_day.as_str(), &typed.since_month, &typed.since_year];
    let moment = when::Typed { day: "since", on, time: "since-time", at: &typed.since_time };
    let since = when::past(&mut problems, &moment, visit.shell.now, "since when it is down");
    let told = problems.text("told", &typed.told, LONGEST, "what they should know");
    let hours: Option<i64> = typed.hours.trim().parse().ok();
    let hours = hours.filter(|hours| (HOURS.0..=HOURS.1).contains(hours));
    if hours.is_none() {
        problems.push("hours", format!("Enter a number of hours from {} to {}", HOURS.0, HOURS.1));
    }
    let (Some(supplier), Some(system), Some(since), Some(told), Some(hours)) =
        (supplier, system, since, told, hours)
    else {
        return page(visit, id, typed, problems).await;
    };
    let meant = meant(&mut visit.app.db.read_long().await?, &supplier).await?;
    let supplier = match meant {
        Ok(found) => found.name,
        Err(among) => {
            if !among.is_empty() {
                problems.push("supplier", "Choose which of the suppliers you mean");
            }
            return page(visit, id, typed, problems).await;
        }
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let declared = Declared { form, supplier, system, told, since, hours };
    let done = actions::declare(&mut tx, &visit.actor, id, &declared).await;
    let Some((outage, _)) = taken(tx, done, (&mut problems, "")).await? else {
        return page(visit, id, typed, problems).await;
    };
    Ok(Redirect::to(&format!("/outages/{outage}")).into_response())
}

/// The supplier that is meant, or those among which one is to be chosen.
async fn meant(snapshot: &mut db::Snapshot, typed: &str) -> Result<Result<Supplier, Vec<Supplier>>, Error> {
    Ok(match choose::meant(snapshot, typed).await? {
        Meant::Named(found) => Ok(found),
        Meant::Among(mut found) if found.len() == 1 => Ok(found.remove(0)),
        Meant::Among(found) => Err(found),
        Meant::Unknown => Err(Vec::new()),
    })
}

async fn page(
    visit: Visit,
    id: IncidentId,
    mut typed: Typed,
    mut problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let outages = store::of_incident(&mut snapshot, id).await?;
    let (mut named, mut figures) = (String::new(), None);
    let (mut kinds, mut unreachable, mut among) = (Vec::new(), Vec::new(), Vec::new());
    if !typed.supplier.trim().is_empty() {
        match meant(&mut snapshot, &typed.supplier).await? {
            Ok(found) => {
                let system = folded(&typed.system);
                named = called(&found.name, typed.system.trim());
                figures = Some(audience::figures(&mut snapshot, found.id, &system, visit.shell.now).await?);
                kinds = audience::by_kind(&mut snapshot, found.id, &system).await?;
                unreachable =
                    audience::unreachable(&mut snapshot, found.id, &system, visit.shell.now).await?;
                typed.supplier = found.name;
            }
            Err(found) if found.is_empty() && problems.of("supplier").is_none() => {
                let sentence = "No supplier is known by this name or code. Look at the list of suppliers";
                problems.push("supplier", sentence);
            }
            Err(found) => among = found,
        }
    }
    drop(snapshot);
    let kinds =
        kinds.into_iter().map(|(kind, count)| (kind_label(&kind).to_owned(), words::count(count))).collect();
    let form = typed.form.unwrap_or_else(|| visit.app.env.id());
    let incident = sight.incident;
    let page = DeclarePage {
        shell: visit.shell,
        problems,
        incident,
        outages,
        typed,
        form,
        among,
        named,
        figures,
        kinds,
        unreachable,
    };
    Ok(render(page.problems.status(), &page))
}
