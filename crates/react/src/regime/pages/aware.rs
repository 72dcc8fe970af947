//! The decision that the organisation became aware of something, and its correction.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
    taken,
};
use serde::Deserialize;
use uuid::Uuid;

use super::list::may_write;
use crate::{
    case::{CaseError, Head, Party, Sight, Zone, opened},
    incident::IncidentId,
    regime::{
        AwarenessId, LONGEST_NAME, LONGEST_REASON, Trigger,
        actions::{self, Aware},
        store::{self, Awareness},
    },
    when,
};

/// The form, and what its address says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    /// The decision that is corrected; empty for a new one.
    corrects: String,
    zone: String,
    trigger: String,
    aware_on_day: String,
    aware_on_month: String,
    aware_on_year: String,
    aware_time: String,
    decided_by: String,
    why: String,
}

#[derive(Template)]
#[template(path = "regime/aware.html")]
struct AwarePage {
    shell: Shell,
    problems: Problems,
    head: Head,
    typed: Typed,
    form: Uuid,
    corrected: Option<Awareness>,
    zones: Vec<Choice>,
    triggers: Vec<Choice>,
    reported: Timestamp,
}

/// `GET /incidents/{id}/clocks/aware`
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    let mut typed = Typed { corrects: typed.corrects, trigger: typed.trigger, ..Typed::default() };
    [typed.aware_on_day, typed.aware_on_month, typed.aware_on_year, _] = when::shown(visit.shell.now);
    "shared".clone_into(&mut typed.zone);
    page(visit, id, typed, Problems::none()).await
}

/// `POST /incidents/{id}/clocks/aware`
pub(super) async fn decide(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let corrects: Option<AwarenessId> = typed.corrects.parse().ok();
    let mut problems = Problems::none();
    let trigger: Option<Trigger> = typed.trigger.parse().ok();
    if corrects.is_none() && trigger.is_none() {
        problems.push("trigger", "Select what you became aware of");
    }
    let on = [typed.aware_on_day.as_str(), &typed.aware_on_month, &typed.aware_on_year];
    let moment = when::Typed { day: "aware-on", on, time: "aware-time", at: &typed.aware_time };
    let at = when::past(&mut problems, &moment, visit.shell.now, "when you became aware");
    let decided_by = problems.text("decided-by", &typed.decided_by, LONGEST_NAME, "who decided it");
    let why = problems.text("why", &typed.why, LONGEST_REASON, "why it was then");
    let zone: Option<Zone> = typed.zone.parse().ok();
    if corrects.is_none() && zone.is_none() {
        problems.push("zone", "Select who sees it");
    }
    let (Some(at), Some(decided_by), Some(why), true) = (at, decided_by, why, problems.is_empty()) else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let aware = Aware { at, decided_by, why, form: typed.form.unwrap_or_else(|| tx.id()) };
    let done = match (corrects, zone.zip(trigger)) {
        (Some(corrected), _) => actions::correct(&mut tx, &visit.actor, id, corrected, &aware).await,
        (None, Some(chosen)) => {
            actions::aware(&mut tx, &visit.actor, &visit.app.settings.regulators, id, chosen, &aware)
                .await
                .map(|_| ())
        }
        (None, None) => Err(CaseError::NotFound),
    };
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/clocks")).into_response())
}

async fn page(visit: Visit, id: IncidentId, mut typed: Typed, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    if !may_write(&sight, &visit.actor) {
        sight.write(Zone::Shared, "decide on reports to regulators in this case")?;
        return Err(Error::NotFound);
    }
    let corrected = match typed.corrects.parse() {
        Ok(corrected) => {
            let found = store::awareness(&mut snapshot, id, sight.reads, corrected).await?;
            Some(found.ok_or(Error::NotFound)?)
        }
        Err(()) => None,
    };
    if typed.decided_by.is_empty() && problems.is_empty() && sight.party == Party::Organisation {
        let person = visit.actor.person();
        typed.decided_by = person.map(|person| person.name.clone()).unwrap_or_default();
    }
    let page = AwarePage {
        head: Head::of(&sight, "/clocks"),
        zones: zones(&sight, &typed),
        triggers: triggers(&typed),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        reported: sight.incident.opened_at,
        shell: visit.shell,
        problems,
        typed,
        corrected,
    };
    Ok(render(page.problems.status(), &page))
}

/// Who may see it: the organisation may keep it to itself.
fn zones(sight: &Sight, typed: &Typed) -> Vec<Choice> {
    let all = [
        (Zone::Shared, "The CERT helps, and reminds you"),
        (Zone::Own, "The CERT does not see it, and cannot help"),
    ];
    let mine = all.into_iter().filter(|(zone, _)| sight.writes.contains(*zone));
    let choice = |(zone, hint): (Zone, &'static str)| Choice::new(zone.code(), zone.label()).hint(hint);
    mine.map(choice).map(|choice| choice.chosen_in(&[&typed.zone])).collect()
}

fn triggers(typed: &Typed) -> Vec<Choice> {
    let hint = |trigger: &Trigger| match trigger {
        Trigger::PersonalDataBreach => {
            "Data about people was lost, changed, read or taken by the wrong people, or cannot be reached"
        }
        Trigger::HighRiskToPeople => {
            "The people themselves have to be told, so that they can protect themselves"
        }
        Trigger::SignificantIncident => "Many are affected, it lasts long, or a wide area is hit",
    };
    let choice = |each: &Trigger| Choice::new(each.code(), each.label()).hint(hint(each));
    Trigger::ALL.iter().map(choice).map(|choice| choice.chosen_in(&[&typed.trigger])).collect()
}
