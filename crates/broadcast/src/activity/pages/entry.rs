//! Entering where a threat is active, and one entry with its history, to be corrected or ended.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use formats::ods::OrganisationKind;
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::{
    access::WRITE_ADVISORIES,
    activity::{
        ActivityError, ActivityId, Area, Basis, Confidence, Facts, StateId, actions,
        panel::{Words, in_words},
        store::{self, State as Standing},
        threat_of,
    },
    threat::{self, ThreatId},
};

/// The longest note, in characters.
const LONGEST: usize = 2_000;

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    region: Vec<String>,
    kind: Vec<String>,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    basis: String,
    confidence: String,
    note: String,
    /// The state that was read.
    state: Option<StateId>,
}

impl Typed {
    fn of(state: &Standing) -> Self {
        let Facts { kinds, from, until, basis, confidence, note } = &state.facts;
        let part = |day: Option<Date>, part: fn(Date) -> String| day.map(part).unwrap_or_default();
        Self {
            region: vec![state.area.code().to_owned()],
            kind: kinds.iter().map(|kind| kind.code().to_owned()).collect(),
            from_day: from.day().to_string(),
            from_month: from.month().to_string(),
            from_year: from.year().to_string(),
            until_day: part(*until, |day| day.day().to_string()),
            until_month: part(*until, |day| day.month().to_string()),
            until_year: part(*until, |day| day.year().to_string()),
            basis: basis.code().to_owned(),
            confidence: confidence.code().to_owned(),
            note: note.clone(),
            state: Some(state.id),
        }
    }

    fn read(&self, today: Date, problems: &mut Problems) -> Option<(Vec<Area>, Facts)> {
        let mut areas: Vec<Area> = Vec::new();
        for code in &self.region {
            match Area::of(code) {
                Some(area) if !areas.contains(&area) => areas.push(area),
                Some(_) => {}
                None => problems.push("region", "Select areas from the list"),
            }
        }
        if self.region.is_empty() {
            problems.push("region", "Select where it is active");
        }
        let kinds: Vec<OrganisationKind> = self.kind.iter().filter_map(|code| code.parse().ok()).collect();
        if kinds.len() < self.kind.len() {
            problems.push("kind", "Select types of organisations from the list");
        }
        let from = [&self.from_day, &self.from_month, &self.from_year].map(String::as_str);
        let from = problems.date("from", from, "the first day");
        if from.is_some_and(|from| from > today) {
            problems.push("from", "The first day must be today or in the past");
        }
        let until = [&self.until_day, &self.until_month, &self.until_year].map(String::as_str);
        let until = problems.optional_date("until", until, "the last day");
        if let (Some(from), Some(Some(until))) = (from, until)
            && until < from
        {
            problems.push("until", ActivityError::EndsFirst.to_string());
        }
        let basis: Option<Basis> = self.basis.parse().ok();
        if basis.is_none() {
            problems.push("basis", "Select where it is known from");
        }
        let confidence: Option<Confidence> = self.confidence.parse().ok();
        if confidence.is_none() {
            problems.push("confidence", "Select how sure we are");
        }
        let note = problems.optional_text("note", &self.note, LONGEST, "the note");
        if !problems.is_empty() {
            return None;
        }
        let facts =
            Facts { kinds, from: from?, until: until?, basis: basis?, confidence: confidence?, note: note? };
        Some((areas, facts))
    }

    fn regions(&self, today: Date) -> Vec<Choice> {
        let mut areas = vec![Area::Everywhere];
        areas.extend(Area::standing(today));
        // A region that is no more is offered where it was chosen.
        areas.extend(self.region.iter().filter_map(|code| Area::of(code)));
        let mut choices: Vec<Choice> = Vec::new();
        for area in areas {
            if choices.iter().all(|known| known.value != area.code()) {
                choices.push(Choice::new(area.code(), area.name()).chosen_in(&self.region));
            }
        }
        choices
    }

    fn kinds(&self) -> Vec<Choice> {
        let choice = |kind: &OrganisationKind| Choice::new(kind.code(), kind.label()).chosen_in(&self.kind);
        OrganisationKind::ALL.iter().map(choice).collect()
    }

    fn bases(&self) -> Vec<Choice> {
        let choice = |basis: &Basis| Choice::new(basis.code(), basis.label()).chosen_in(&[&self.basis]);
        Basis::ALL.iter().map(choice).collect()
    }

    fn confidences(&self) -> Vec<Choice> {
        let choice = |each: &Confidence| {
            Choice::new(each.code(), each.label()).hint(each.hint()).chosen_in(&[&self.confidence])
        };
        Confidence::ALL.iter().map(choice).collect()
    }
}

#[derive(Template)]
#[template(path = "activity/enter.html")]
struct EnterPage {
    shell: Shell,
    threat: ThreatId,
    title: String,
    today: Date,
    problems: Problems,
    typed: Typed,
}

/// `GET /threats/{id}/activity`
pub(super) async fn ask(visit: Visit, Path(id): Path<String>) -> Result<Response, Error> {
    let typed = Typed::default();
    entering(visit, &id, typed, Problems::none(), StatusCode::OK).await
}

async fn entering(
    visit: Visit,
    id: &str,
    typed: Typed,
    problems: Problems,
    status: StatusCode,
) -> Result<Response, Error> {
    let id = id.parse().map_err(|()| Error::NotFound)?;
    let threat = threat_of(&mut visit.app.read().await?, id).await?;
    let today = uk::day(visit.shell.now);
    let page =
        EnterPage { shell: visit.shell, threat: threat.id, title: threat.title, today, problems, typed };
    Ok(render(status, &page))
}

/// `POST /threats/{id}/activity`: an entry for each area.
pub(super) async fn enter(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some((areas, facts)) = typed.read(uk::day(visit.shell.now), &mut problems) else {
        return entering(visit, &id, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let id: ThreatId = id.parse().map_err(|()| Error::NotFound)?;
    let mut tx = visit.app.write().await?;
    for area in areas {
        actions::enter(&mut tx, &visit.actor, id, area, &facts).await?;
    }
    tx.commit().await?;
    Ok(Redirect::to(&format!("/threats/{id}#active")).into_response())
}

/// A state as the history shows it.
struct Past {
    state: Standing,
    words: Words,
}

#[derive(Template)]
#[template(path = "activity/entry.html")]
struct EntryPage {
    shell: Shell,
    title: String,
    standing: Standing,
    words: Words,
    history: Vec<Past>,
    may_write: bool,
    typed: Typed,
    problems: Problems,
}

/// `GET /activities/{activity}`
pub(super) async fn show(visit: Visit, Path(activity): Path<String>) -> Result<Response, Error> {
    page(visit, activity_id(&activity)?, Typed::default(), Problems::none()).await
}

async fn page(
    visit: Visit,
    activity: ActivityId,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let standing = store::standing(&mut snapshot, activity).await?.ok_or(Error::NotFound)?;
    let threat = threat::store::threat(&mut snapshot, standing.threat).await?.ok_or(Error::NotFound)?;
    let history = store::history(&mut snapshot, activity).await?;
    drop(snapshot);
    let past = |state: Standing| Past { words: in_words(&state.facts), state };
    let page = EntryPage {
        title: threat.title,
        words: in_words(&standing.facts),
        history: history.into_iter().map(past).collect(),
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        standing,
        typed,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

#[derive(Template)]
#[template(path = "activity/correct.html")]
struct CorrectPage {
    shell: Shell,
    title: String,
    activity: ActivityId,
    today: Date,
    problems: Problems,
    typed: Typed,
}

/// `GET /activities/{activity}/correct`
pub(super) async fn ask_again(visit: Visit, Path(activity): Path<String>) -> Result<Response, Error> {
    correcting(visit, activity_id(&activity)?, None, Problems::none()).await
}

async fn correcting(
    visit: Visit,
    activity: ActivityId,
    typed: Option<Typed>,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let standing = store::standing(&mut snapshot, activity).await?.ok_or(Error::NotFound)?;
    let threat = threat::store::threat(&mut snapshot, standing.threat).await?.ok_or(Error::NotFound)?;
    drop(snapshot);
    let page = CorrectPage {
        title: threat.title,
        today: uk::day(visit.shell.now),
        typed: typed.unwrap_or_else(|| Typed::of(&standing)),
        activity,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /activities/{activity}/correct`
pub(super) async fn correct(
    visit: Visit,
    Path(activity): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (activity, mut problems) = (activity_id(&activity)?, Problems::none());
    let read = typed.read(uk::day(visit.shell.now), &mut problems);
    let Some((Ok([area]), facts)) = read.map(|(areas, facts)| (<[Area; 1]>::try_from(areas), facts)) else {
        if problems.is_empty() {
            problems.push("region", "Select one area; enter others as entries of their own");
        }
        return correcting(visit, activity, Some(typed), problems).await;
    };
    let state =
        typed.state.ok_or_else(|| Error::Invalid("The form does not say what it corrects.".to_owned()))?;
    let mut tx = visit.app.write().await?;
    actions::correct(&mut tx, &visit.actor, activity, state, area, &facts).await?;
    tx.commit().await?;
    Ok(to(activity))
}

/// `POST /activities/{activity}/end`
pub(super) async fn end(
    visit: Visit,
    Path(activity): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (activity, mut problems) = (activity_id(&activity)?, Problems::none());
    let until = [&typed.until_day, &typed.until_month, &typed.until_year].map(String::as_str);
    let (Some(until), Some(state)) = (problems.date("until", until, "the last day"), typed.state) else {
        return page(visit, activity, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    match actions::end(&mut tx, &visit.actor, activity, state, until).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(to(activity))
        }
        Err(error @ ActivityError::EndsFirst) => {
            drop(tx);
            problems.push("until", error.to_string());
            page(visit, activity, typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

fn activity_id(text: &str) -> Result<ActivityId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

fn to(activity: ActivityId) -> Response {
    Redirect::to(&format!("/activities/{activity}")).into_response()
}
