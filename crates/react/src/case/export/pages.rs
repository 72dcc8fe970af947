//! The page from which a case is taken along, and the files themselves.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Route, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{Form, Wanted, file};
use crate::{
    access::READERS,
    case::{self, CaseError, Head, Sight, Zone, sight},
    incident::{IncidentId, Receipt, store},
};

/// The rows of pages.
pub(super) fn routes() -> Vec<Route> {
    let read = Rule::Roles(READERS);
    vec![
        Route::get("/incidents/{id}/export", read, show).sample("/incidents/{incident}/export"),
        Route::get("/incidents/{id}/stix.json", read, stix)
            .sample("/incidents/{incident_number}/stix.json?zone=shared&victim=yes"),
        Route::get("/incidents/{id}/misp.json", read, misp).sample("/incidents/{incident}/misp.json"),
    ]
}

/// What is asked for: a form that was left as it is sends nothing for what was not ticked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    zone: String,
    victim: String,
}

impl Asked {
    /// The same as it is meant.
    fn read(&self) -> Result<Wanted, CaseError> {
        // A zone that nobody knows is no wish for all of them.
        let zone = match self.zone.as_str() {
            "" => None,
            code => Some(code.parse().map_err(|_| CaseError::NotFound)?),
        };
        Ok(Wanted { zone, victim: self.victim == "yes" })
    }
}

#[derive(Template)]
#[template(path = "case/export.html")]
struct ExportPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    zones: Vec<Choice>,
    victim: Vec<Choice>,
}

/// `GET /incidents/{id}/export`
async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (_, sight) = case::opened(&visit, id).await?;
    let mut zones: Vec<_> = sight.reads.iter().collect();
    zones.sort_by_key(|zone| *zone != Zone::Shared);
    let first = zones.first().map(|zone| zone.code()).unwrap_or_default();
    let words = |zone: &Zone| match zone {
        Zone::Shared => "What the organisation and the CERT share, TLP:AMBER+STRICT",
        Zone::Own => "What only the organisation reads, TLP:RED",
        Zone::Cert => "What only the CERT reads, TLP:RED",
    };
    let mut choices: Vec<_> = zones.iter().map(|zone| Choice::new(zone.code(), words(zone))).collect();
    if zones.len() > 1 {
        choices.push(Choice::new("", "Everything that I read, each thing marked by itself"));
    }
    let page = ExportPage {
        head: Head::of(&sight, "/export"),
        problems: Problems::none(),
        zones: choices.into_iter().map(|choice| choice.chosen_in(&[first])).collect(),
        victim: vec![
            Choice::new("yes", "Name the organisation, and tell what was written in the timeline")
                .hint("Otherwise neither is in the file, nor are addresses of the organisation’s own"),
        ],
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/stix.json`
async fn stix(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    answer(&app, opened(&app, &actor, &named).await?, Form::Stix, asked.read()?).await
}

/// `GET /incidents/{id}/misp.json`
async fn misp(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    answer(&app, opened(&app, &actor, &named).await?, Form::Misp, asked.read()?).await
}

/// The case that is named by its id, as pages do, or by its number, as people do.
async fn opened(app: &App, actor: &Actor, named: &str) -> Result<Sight, Error> {
    let mut snapshot = app.read().await?;
    let id = match (named.parse::<IncidentId>(), named.parse::<Receipt>()) {
        (Ok(id), _) => id,
        (_, Ok(receipt)) => store::called(&mut snapshot, &receipt).await?.ok_or(Error::NotFound)?,
        _ => return Err(Error::NotFound),
    };
    Ok(sight(&mut snapshot, actor, app.env.now(), id).await?)
}

/// The file, to be kept rather than shown.
pub(super) async fn answer(app: &App, sight: Sight, form: Form, wanted: Wanted) -> Result<Response, Error> {
    let name = format!("{}.{}", sight.incident.receipt, form.ending());
    let bytes = file(app, sight, form, wanted).await?;
    let headers = [
        (header::CONTENT_TYPE, form.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
