//! Who is at work on a case, the last hand-over notes, and the forms for both.

use std::fmt::Write as _;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::markdown::{SafeHtml, to_html_as_typed};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Duty, HandoverId, LONGEST, ShiftId, Wanted, actions,
    store::{self, Handover, Shift},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, Sight, Zone, Zones, opened, people, task, typed},
    incident::IncidentId,
    run,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/people", read, show).sample("/incidents/{incident}/people"),
        Route::get("/incidents/{id}/people/add", write, begin).sample("/incidents/{incident}/people/add"),
        Route::post("/incidents/{id}/people/add", write, add)
            .sample("/incidents/{incident}/people/add")
            .form("zone=shared&duty=loggist"),
        Route::post("/incidents/{id}/people/{shift}/end", write, end)
            .sample("/incidents/{incident}/people/{case_shift}/end"),
        Route::get("/incidents/{id}/handover", write, begin_note)
            .sample("/incidents/{incident}/handover?zone=shared"),
        Route::post("/incidents/{id}/handover", write, hand_over)
            .sample("/incidents/{incident}/handover?zone=shared")
            .form("after={case_handover}&text=All+quiet"),
        Route::get("/incidents/{id}/handover/{note}", read, note)
            .sample("/incidents/{incident}/handover/{case_handover}"),
    ]
}

/// For which zone a hand-over note is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    zone: String,
}

/// What is typed in any form of this noun.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    duty: String,
    person: String,
    #[serde(rename = "until-day")]
    until_day: String,
    #[serde(rename = "until-month")]
    until_month: String,
    #[serde(rename = "until-year")]
    until_year: String,
    #[serde(rename = "until-time")]
    until_time: String,
    /// The note that was the last when this one was begun.
    after: String,
    text: String,
}

impl Fields {
    fn until(&self, now: Timestamp, problems: &mut Problems) -> Result<Option<Timestamp>, ()> {
        let day = [self.until_day.as_str(), &self.until_month, &self.until_year];
        typed::to_come(problems, ("until", "until-time"), day, &self.until_time, now)
    }
}

/// The last hand-over note of a zone, as a page shows it.
struct Note {
    handover: Handover,
    who: String,
    html: SafeHtml,
}

#[derive(Template)]
#[template(path = "case/people.html")]
struct PeoplePage {
    shell: Shell,
    head: Head,
    shifts: Vec<(Shift, String)>,
    notes: Vec<Note>,
    /// Where they may hand over: what the zone is called, and the form.
    handing: Vec<(&'static str, String)>,
    writes: Zones,
}

impl PeoplePage {
    fn may_end(&self, shift: &Shift) -> bool {
        self.writes.contains(shift.zone)
    }
}

#[derive(Template)]
#[template(path = "case/shift.html")]
struct ShiftPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    zones: Vec<Choice>,
    duties: Vec<Choice>,
    people: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

#[derive(Template)]
#[template(path = "case/handover.html")]
struct HandoverPage {
    shell: Shell,
    head: Head,
    note: Note,
    /// The others of its zone.
    earlier: Vec<(HandoverId, Timestamp)>,
}

#[derive(Template)]
#[template(path = "case/handover_write.html")]
struct WritePage {
    shell: Shell,
    head: Head,
    problems: Problems,
    zone: Zone,
    last: Option<Note>,
    form: Uuid,
    typed: Fields,
}

fn shown(shell: &Shell, sight: &Sight, handover: Handover) -> Note {
    let who = sight.who(&shell.cert.name, true, handover.by.as_deref(), handover.through.as_deref());
    Note { who, html: to_html_as_typed(&handover.text), handover }
}

/// `GET /incidents/{id}/people`
async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let shifts = store::shifts(&mut snapshot, id, sight.reads).await?;
    let mut notes = Vec::new();
    for zone in sight.reads.iter() {
        notes.extend(
            store::last(&mut snapshot, id, zone).await?.map(|last| shown(&visit.shell, &sight, last)),
        );
    }
    drop(snapshot);
    // Whoever puts a name in a zone has everybody there read it, also a name of the CERT.
    let who = |shift: &Shift| {
        let through = shift.through.as_deref().unwrap_or(&visit.shell.cert.name);
        format!("{}, {through}", shift.by.as_deref().unwrap_or("Somebody who has left"))
    };
    let mut shifts: Vec<(Shift, String)> = shifts
        .into_iter()
        .map(|shift| {
            let who = who(&shift);
            (shift, who)
        })
        .collect();
    shifts.sort_by_key(|(shift, _)| shift.is_over(&visit.shell.now));
    let handing = sight
        .writes
        .iter()
        .map(|zone| (zone.tag(), format!("/incidents/{id}/handover?zone={}", zone.code())));
    let page = PeoplePage {
        head: Head::of(&sight, "/people"),
        handing: handing.collect(),
        writes: sight.writes,
        shell: visit.shell,
        shifts,
        notes,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/people/add`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let typed = Fields {
        person: visit.actor.person().map(|person| person.id.to_string()).unwrap_or_default(),
        ..Fields::default()
    };
    shift_page(visit, id, typed, Problems::none()).await
}

async fn shift_page(
    visit: Visit,
    id: IncidentId,
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.write_any("say who is at work on this case")?;
    let all = people::colleagues(&mut snapshot, &sight, visit.shell.now).await?;
    drop(snapshot);
    let people = all.into_iter().map(|each| {
        let through = each.through.as_deref().unwrap_or(&visit.shell.cert.name);
        Choice::new(each.id.to_string(), format!("{}, {through}", each.name)).chosen_in(&[&typed.person])
    });
    let duties = Duty::ALL.iter().map(|each| Choice::new(each.code(), each.label()));
    let page = ShiftPage {
        head: Head::of(&sight, "/people"),
        zones: typed::zones(&sight, &typed.zone),
        duties: duties.map(|choice| choice.chosen_in(&[&typed.duty])).collect(),
        people: people.collect(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}/people")).into_response()
}

/// `POST /incidents/{id}/people/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone = typed::zone(&mut problems, &fields.zone);
    let duty: Option<Duty> = fields.duty.parse().ok();
    if duty.is_none() {
        problems.push("duty", "Select as what");
    }
    // Who names nobody means themselves.
    let me = visit.actor.person().map(|person| person.id);
    let person = if fields.person.is_empty() { me } else { fields.person.parse().ok() };
    if person.is_none() {
        problems.push("person", "Choose who it is");
    }
    let until_at = fields.until(visit.shell.now, &mut problems);
    let (Some(zone), Some(duty), Some(person), Ok(until_at)) = (zone, duty, person, until_at) else {
        return shift_page(visit, id, fields, problems).await;
    };
    let wanted = Wanted { form, duty, person, from_at: None, until_at };
    let mut tx = visit.app.write().await?;
    let done = actions::begin(&mut tx, &visit.actor, id, zone, &wanted).await;
    if taken(tx, done, (&mut problems, "person")).await?.is_none() {
        return shift_page(visit, id, fields, problems).await;
    }
    Ok(to(id))
}

/// `POST /incidents/{id}/people/{shift}/end`
async fn end(
    State(app): State<App>,
    actor: Actor,
    Path((id, shift)): Path<(IncidentId, ShiftId)>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end(&mut tx, &actor, id, shift).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `GET /incidents/{id}/handover/{note}`
async fn note(visit: Visit, Path((id, note)): Path<(IncidentId, HandoverId)>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let found = store::handover(&mut snapshot, id, sight.reads, note).await?.ok_or(Error::NotFound)?;
    let earlier = store::earlier(&mut snapshot, id, found.zone).await?;
    drop(snapshot);
    let note = shown(&visit.shell, &sight, found);
    let page = HandoverPage { head: Head::of(&sight, "/people"), shell: visit.shell, note, earlier };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/handover`
async fn begin_note(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    note_page(visit, (id, &asked.zone), None, Problems::none()).await
}

async fn note_page(
    visit: Visit,
    (id, zone): (IncidentId, &str),
    typed: Option<Fields>,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let zone: Zone = zone.parse().map_err(|_| Error::NotFound)?;
    sight.write(zone, "hand over in this case")?;
    let last = store::last(&mut snapshot, id, zone).await?;
    let mut typed = if let Some(typed) = typed {
        typed
    } else {
        let tasks = task::store::of(&mut snapshot, id, Zones::of(&[zone])).await?;
        let runs = run::store::running(&mut snapshot, id, Zones::of(&[zone])).await?;
        Fields { text: beginning(&visit.shell, &tasks, &runs), ..Fields::default() }
    };
    drop(snapshot);
    typed.after = last.as_ref().map(|last| last.id.to_string()).unwrap_or_default();
    let page = WritePage {
        head: Head::of(&sight, "/people"),
        last: last.map(|last| shown(&visit.shell, &sight, last)),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        zone,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// What a note begins with: what no list tells, left to be written, and what is to be done, of tasks and of playbooks.
fn beginning(shell: &Shell, tasks: &[task::store::Task], runs: &[run::store::Run]) -> String {
    const MOST: usize = 40;
    let mut text = "## What the next shift must know\n\n\n## What is to be done\n\n".to_owned();
    let to_do: Vec<_> = tasks.iter().filter(|task| task.state.is_to_do()).collect();
    if to_do.is_empty() && runs.is_empty() {
        text.push_str("Nothing is open in this part of the case.\n");
    }
    for task in to_do.iter().take(MOST) {
        let due = task.due_at.map(|due| format!(", due {}", shell.instant(due))).unwrap_or_default();
        let _ = writeln!(text, "- {} ({}{due})", task.title, task.state.label());
    }
    for run in runs.iter().take(MOST) {
        let _ = writeln!(text, "- {}", run.in_a_line());
    }
    text
}

/// `POST /incidents/{id}/handover`
async fn hand_over(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone: Zone = asked.zone.parse().map_err(|_| Error::NotFound)?;
    let text = problems.text("text", &fields.text, LONGEST, "what the next shift must know");
    let next = fields.until(visit.shell.now, &mut problems);
    let (Some(text), Ok(next)) = (text, next) else {
        return note_page(visit, (id, &asked.zone), Some(fields), problems).await;
    };
    let after = fields.after.parse().ok();
    let mut tx = visit.app.write().await?;
    let done = actions::hand_over(&mut tx, &visit.actor, (id, zone, form), after, (&text, next)).await;
    if taken(tx, done, (&mut problems, "text")).await?.is_none() {
        return note_page(visit, (id, &asked.zone), Some(fields), problems).await;
    }
    Ok(to(id))
}
