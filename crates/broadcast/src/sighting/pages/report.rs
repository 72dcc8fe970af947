//! Reporting a sighting: one page of plain questions, the answers to be checked, and sending them.
//!
//! Everything that was typed travels with the pages, so that nothing is kept of what nobody sent.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::sighting::{Harm, MARKINGS, Report, Seen, SightingError, Telling, actions, store, typed::Typed};

#[derive(Template)]
#[template(path = "sighting/new.html")]
struct NewPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    /// Those that are offered; none where they are too many, and a code is typed.
    organisations: Vec<Choice>,
    /// The only one.
    only: Option<(String, String)>,
}

impl NewPage {
    fn seen(&self) -> Vec<Choice> {
        Seen::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&self.typed.seen]))
            .collect()
    }

    fn harm(&self) -> Vec<Choice> {
        Harm::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&self.typed.harm]))
            .collect()
    }

    fn telling(&self) -> Vec<Choice> {
        Telling::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&self.typed.telling]))
            .collect()
    }

    fn markings(&self) -> Vec<Choice> {
        let typed = if self.typed.tlp.is_empty() { MARKINGS[0].code() } else { self.typed.tlp.as_str() };
        MARKINGS.map(|tlp| Choice::new(tlp.code(), tlp.to_string()).chosen_in(&[typed])).into()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The code of the organisation that somebody comes from.
    #[serde(default)]
    organisation: String,
}

/// `GET /sightings/new`
pub(super) async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let today = uk::day(visit.shell.now);
    let typed = Typed {
        form: Some(visit.app.env.id()),
        organisation: asked.organisation,
        seen_on_day: today.day().to_string(),
        seen_on_month: today.month().to_string(),
        seen_on_year: today.year().to_string(),
        ..Typed::default()
    };
    page(visit, typed, Problems::none()).await
}

async fn page(visit: Visit, mut typed: Typed, problems: Problems) -> Result<Response, Error> {
    let mine =
        store::reported_for(&mut visit.app.db.read_long().await?, &visit.actor, visit.shell.now).await?;
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
    let status = problems.status();
    Ok(render(status, &NewPage { shell: visit.shell, problems, typed, organisations, only }))
}

#[derive(Template)]
#[template(path = "sighting/check.html")]
struct CheckPage {
    shell: Shell,
    typed: Typed,
    organisation: String,
    rows: Vec<(&'static str, String)>,
}

/// `POST /sightings/new`: the answers to be checked, or the form again.
pub(super) async fn check(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    if typed.go == "change" {
        return page(visit, typed, Problems::none()).await;
    }
    let mut problems = Problems::none();
    let report = typed.read(uk::day(visit.shell.now), &mut problems);
    let code = typed.organisation.trim().to_uppercase();
    let mine = store::name_of(&mut visit.app.read().await?, &visit.actor, visit.shell.now, &code).await?;
    let (Some(report), Some(name)) = (report, &mine) else {
        if mine.is_none() && problems.of("organisation").is_none() {
            problems.push("organisation", SightingError::NotYours(code).to_string());
        }
        return page(visit, typed, problems).await;
    };
    let organisation = format!("{name} ({code})");
    Ok(render(
        StatusCode::OK,
        &CheckPage { rows: in_words(&report), organisation, typed, shell: visit.shell },
    ))
}

/// What was reported, question by question; what was left out is not shown.
pub(super) fn in_words(report: &Report) -> Vec<(&'static str, String)> {
    let indicators: Vec<_> = report.indicators.iter().map(ToString::to_string).collect();
    let day = |day: Date| show::date(day, Language::English);
    let rows = [
        ("What was seen", report.seen.label().to_owned()),
        ("What happened", report.words.clone()),
        ("When", day(report.seen_on)),
        ("Did it do harm?", report.harm.label().to_owned()),
        ("Where", report.place.clone()),
        ("What you think it was", report.called.clone()),
        ("Traces of it", indicators.join("\n")),
        ("May we tell others?", report.telling.label().to_owned()),
        ("Marking", report.tlp.to_string()),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// `POST /sightings/send`
pub(super) async fn send(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(report) = typed.read(uk::day(visit.shell.now), &mut problems) else {
        return page(visit, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    match actions::report(&mut tx, &visit.actor, &typed.organisation, &report).await {
        Ok(taken) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/sightings/{}?sent=yes", taken.id)).into_response())
        }
        Err(error @ SightingError::NotYours(_)) => {
            drop(tx);
            problems.push("organisation", error.to_string());
            page(visit, typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
