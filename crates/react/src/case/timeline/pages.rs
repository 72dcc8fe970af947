//! The timeline of a case, and the forms with which entries are added and corrected.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EntryId, Kind, Typed, actions, store};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, LONGEST, Sight, Zone, Zones, opened, typed},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/timeline", read, show)
            .sample("/incidents/{incident}/timeline?zone=shared&kind=event"),
        Route::get("/incidents/{id}/timeline/add", write, begin).sample("/incidents/{incident}/timeline/add"),
        Route::post("/incidents/{id}/timeline/add", write, add)
            .sample("/incidents/{incident}/timeline/add")
            .form("zone=shared&happened=now&text=The+pharmacy+is+open+again"),
        Route::get("/incidents/{id}/timeline/{entry}/correct", write, begin_correction)
            .sample("/incidents/{incident}/timeline/{case_entry}/correct"),
        Route::post("/incidents/{id}/timeline/{entry}/correct", write, correct)
            .sample("/incidents/{incident}/timeline/{case_entry}/correct")
            .form("happened=now&text=The+pharmacy+is+half+open"),
    ]
}

/// What of a timeline is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    zone: String,
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

/// An entry as a page shows it.
struct Line {
    entry: store::Read,
    /// Who wrote it down.
    who: String,
    /// The page of what it tells of.
    href: Option<String>,
    /// Whether it was written down at another minute than it happened.
    is_late: bool,
}

#[derive(Template)]
#[template(path = "case/timeline.html")]
struct TimelinePage {
    shell: Shell,
    head: Head,
    problems: Problems,
    page: Page<Line>,
    next: String,
    zones: Vec<Choice>,
    kinds: Vec<Choice>,
    marks_zones: bool,
    may_write: bool,
    is_filtered: bool,
}

#[derive(Template)]
#[template(path = "case/entry.html")]
struct EntryPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    /// The entry that is corrected.
    wrong: Option<store::Read>,
    zones: Vec<Choice>,
    whens: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

/// The form of an entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    happened: String,
    #[serde(rename = "happened-on-day")]
    happened_on_day: String,
    #[serde(rename = "happened-on-month")]
    happened_on_month: String,
    #[serde(rename = "happened-on-year")]
    happened_on_year: String,
    #[serde(rename = "happened-time")]
    happened_time: String,
    text: String,
}

impl Fields {
    fn read(&self, form: Uuid, now: Timestamp, problems: &mut Problems) -> Option<Typed> {
        let when = typed::When {
            choice: &self.happened,
            day: [&self.happened_on_day, &self.happened_on_month, &self.happened_on_year],
            time: &self.happened_time,
        };
        let happened_at = typed::happened(problems, when, now);
        let text = problems.text("text", &self.text, LONGEST, "what happened");
        Some(Typed { form, happened_at: happened_at?, text: text? })
    }
}

/// `GET /incidents/{id}/timeline`
async fn show(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let zone: Option<Zone> = asked.zone.parse().ok();
    if let Some(zone) = zone {
        sight.read(zone)?;
    }
    let zones = zone.map_or(sight.reads, |zone| Zones::of(&[zone]));
    let kind: Option<Kind> = asked.kind.parse().ok();
    let from = cursor::read(&asked.after).unwrap_or((Timestamp::MAX, EntryId(Uuid::max())));
    let rows = store::entries_of(&mut snapshot, id, zones, kind, from).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.happened_at, row.id));
    let next =
        page.next_asking(&format!("/incidents/{id}/timeline"), |after| Asked { after, ..asked.clone() });
    let any = || std::iter::once(Choice::new("", "Any"));
    let zone_choices = any().chain(sight.reads.iter().map(|zone| Choice::new(zone.code(), zone.label())));
    let kinds = any().chain(Kind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.label())));
    let page = TimelinePage {
        head: Head::of(&sight, "/timeline"),
        problems: Problems::none(),
        page: page.map(|entry| line(&visit.shell, &sight, entry)),
        next,
        zones: zone_choices.map(|choice| choice.chosen_in(&[&asked.zone])).collect(),
        kinds: kinds.map(|choice| choice.chosen_in(&[&asked.kind])).collect(),
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        is_filtered: zone.is_some() || kind.is_some() || !asked.after.is_empty(),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(shell: &Shell, sight: &Sight, entry: store::Read) -> Line {
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    Line {
        who: sight.who(
            &shell.cert.name,
            entry.person_id.is_some(),
            entry.by.as_deref(),
            entry.through.as_deref(),
        ),
        href: entry.about_id.and_then(|about| entry.kind.page(sight.incident.id, about)),
        is_late: minute(entry.happened_at) != minute(entry.recorded_at),
        entry,
    }
}

/// `GET /incidents/{id}/timeline/add`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    form(visit, id, None, Fields::default(), Problems::none()).await
}

/// `GET /incidents/{id}/timeline/{entry}/correct`
async fn begin_correction(
    visit: Visit,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, Error> {
    form(visit, id, Some(entry), Fields::default(), Problems::none()).await
}

async fn form(
    visit: Visit,
    id: IncidentId,
    wrong: Option<EntryId>,
    mut typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let wrong = if let Some(entry) = wrong {
        let entry = store::entry(&mut snapshot, id, sight.reads, entry).await?.ok_or(Error::NotFound)?;
        sight.write(entry.zone, "write in this case")?;
        Some(entry)
    } else {
        sight.write_any("write in this case")?;
        None
    };
    drop(snapshot);
    if let Some(wrong) = wrong.as_ref().filter(|_| typed.form.is_none()) {
        typed.text.clone_from(&wrong.text);
        let local = platform::uk::local(wrong.happened_at);
        "at".clone_into(&mut typed.happened);
        typed.happened_on_day = local.day().to_string();
        typed.happened_on_month = local.month().to_string();
        typed.happened_on_year = local.year().to_string();
        typed.happened_time = format!("{:02}:{:02}", local.hour(), local.minute());
    }
    let page = EntryPage {
        head: Head::of(&sight, "/timeline"),
        zones: typed::zones(&sight, &typed.zone),
        whens: typed::whens(&typed.happened),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        wrong,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/timeline/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, id, None, fields).await
}

/// `POST /incidents/{id}/timeline/{entry}/correct`
async fn correct(
    visit: Visit,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, id, Some(entry), fields).await
}

async fn send(
    visit: Visit,
    id: IncidentId,
    wrong: Option<EntryId>,
    mut fields: Fields,
) -> Result<Response, Error> {
    let form_id = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone = if wrong.is_some() { Some(Zone::Shared) } else { typed::zone(&mut problems, &fields.zone) };
    let entry = fields.read(form_id, visit.shell.now, &mut problems);
    let (Some(zone), Some(entry)) = (zone, entry) else {
        return form(visit, id, wrong, fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = match wrong {
        // A correction stands in the zone of what it corrects.
        Some(wrong) => actions::correct(&mut tx, &visit.actor, id, wrong, &entry).await,
        None => actions::add(&mut tx, &visit.actor, id, zone, &entry).await,
    };
    if taken(tx, done, (&mut problems, "text")).await?.is_none() {
        return form(visit, id, wrong, fields, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/timeline")).into_response())
}
