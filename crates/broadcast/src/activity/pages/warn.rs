//! A warning to an area: what the draft will hold and whom it goes to, before it is made.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use formats::Tlp;
use http::StatusCode;
use platform::{
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        show as shown,
    },
};
use serde::Deserialize;

use crate::{
    activity::{ActivityError, Area, Decided, House, actions, threat_of, warning::Known},
    advisory::Severity,
    audience::Mode,
    sighting::told::Spread,
    threat::{ThreatId, store::Threat},
};

/// What is asked for, and what is decided.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    area: String,
    version: i64,
    severity: String,
    tlp: String,
    mode: String,
}

#[derive(Template)]
#[template(path = "activity/warn.html")]
struct WarnPage {
    shell: Shell,
    threat: Threat,
    area: Area,
    place: String,
    /// The regions of today that a region became, where it is no more.
    became: Vec<String>,
    /// How many organisations saw it, in words.
    seen: String,
    indicators: String,
    binding: Option<Tlp>,
    severities: Vec<Choice>,
    markings: Vec<Choice>,
    modes: Vec<Choice>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "activity/whom.html")]
struct WhomPage {
    shell: Shell,
    threat: Threat,
    areas: Vec<Area>,
}

/// `GET /threats/{id}/warn?area=Y61`; without an area, the areas to choose from.
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    page(visit, &id, &typed, Problems::none()).await
}

async fn page(visit: Visit, id: &str, typed: &Typed, problems: Problems) -> Result<Response, Error> {
    let id: ThreatId = id.parse().map_err(|()| Error::NotFound)?;
    let today = uk::day(visit.shell.now);
    let mut snapshot = visit.app.db.read_long().await?;
    let threat = threat_of(&mut snapshot, id).await?;
    if typed.area.is_empty() {
        drop(snapshot);
        let areas = Area::standing(today).into_iter().chain([Area::Everywhere]).collect();
        return Ok(render(StatusCode::OK, &WhomPage { shell: visit.shell, threat, areas }));
    }
    let area = Area::of(&typed.area).ok_or(Error::NotFound)?;
    let known = Known::of(&mut snapshot, threat, area, today).await?;
    drop(snapshot);
    let proposed = known.proposed();
    let or = |typed: &str, proposed: &'static str| {
        if typed.is_empty() { proposed.to_owned() } else { typed.to_owned() }
    };
    let severity = or(&typed.severity, proposed.severity.code());
    let tlp = or(&typed.tlp, proposed.tlp.code());
    let mode = or(&typed.mode, proposed.mode.code());
    let standing = area.on(today);
    let page = WarnPage {
        place: area.in_sentence(),
        became: if standing.iter().any(|region| region.code == area.code()) {
            Vec::new()
        } else {
            standing.iter().map(|region| region.name.clone()).collect()
        },
        seen: seen(&known.spread),
        indicators: shown::count(i64::try_from(known.indicators().len()).unwrap_or(i64::MAX)),
        binding: known.binding(),
        severities: Severity::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&severity]))
            .collect(),
        markings: Tlp::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.to_string()).chosen_in(&[&tlp]))
            .collect(),
        modes: Mode::ALL
            .iter()
            .map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&mode]))
            .collect(),
        threat: known.threat,
        area,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// In how many organisations it was seen, and whether the draft says so.
fn seen(spread: &Spread) -> String {
    let organisations = match spread.organisations {
        1 => "1 organisation".to_owned(),
        many => format!("{} organisations", shown::count(many)),
    };
    match spread.told() {
        Some(_) => organisations,
        None => format!("{organisations}; too few for the draft to say how many"),
    }
}

/// `POST /threats/{id}/warn`: the draft, ready to be checked.
pub(super) async fn start(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let area = Area::of(&typed.area).ok_or(Error::NotFound)?;
    let threat: ThreatId = id.parse().map_err(|()| Error::NotFound)?;
    let mut problems = Problems::none();
    let Some(decided) = read(&typed, &mut problems) else {
        return page(visit, &id, &typed, problems).await;
    };
    let house = House {
        name: visit.app.settings.cert.name.clone(),
        url: visit.app.settings.public_url.clone(),
        report: visit.app.link("/sightings/new"),
    };
    let mut tx = visit.app.write().await?;
    match actions::warn(&mut tx, &visit.actor, &house, threat, typed.version, area, decided).await {
        Ok(created) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/advisories/{}/edit/check", created.number)).into_response())
        }
        Err(error @ ActivityError::TooWide(_)) => {
            drop(tx);
            problems.push("tlp", error.to_string());
            page(visit, &id, &typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

fn read(typed: &Typed, problems: &mut Problems) -> Option<Decided> {
    let severity: Option<Severity> = typed.severity.parse().ok();
    if severity.is_none() {
        problems.push("severity", "Select how severe it is");
    }
    let tlp: Option<Tlp> = typed.tlp.parse().ok();
    if tlp.is_none() {
        problems.push("tlp", "Select how far it may travel");
    }
    let mode: Option<Mode> = typed.mode.parse().ok();
    if mode.is_none() {
        problems.push("mode", "Select whether they must respond");
    }
    Some(Decided { severity: severity?, tlp: tlp?, mode: mode? })
}
