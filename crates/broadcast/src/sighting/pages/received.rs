//! The CERT's list of sightings, the newest first.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    organisation::region_name,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    sighting::{
        SightingId, Status,
        store::{self, Sighting},
    },
    threat::{self, ThreatId},
};

/// The list's address: what was asked for, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Asked {
    /// A status; `any`, or new ones where it is absent.
    status: Option<String>,
    /// The threat of which they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    threat: Option<ThreatId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "sighting/received.html")]
struct ReceivedPage {
    shell: Shell,
    problems: Problems,
    page: Page<Sighting>,
    statuses: Vec<Choice>,
    /// The threat whose sightings these are: its address and its name.
    of: Option<(String, String)>,
    next: String,
}

impl ReceivedPage {
    fn region(&self, row: &Sighting) -> String {
        row.region.as_deref().map_or_else(|| "Not known".to_owned(), |code| region_name(code).to_owned())
    }
}

/// `GET /threats/sightings`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let after: Option<SightingId> = asked.after.as_deref().and_then(cursor::read);
    let wanted = asked.status.as_deref().unwrap_or(Status::New.code());
    let status: Option<Status> = wanted.parse().ok().filter(|_| asked.threat.is_none());
    let mut snapshot = app.read().await?;
    let of = match asked.threat {
        Some(id) => Some(threat::store::threat(&mut snapshot, id).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    let rows = store::received(&mut snapshot, status, asked.threat, after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_asking("/threats/sightings", |after| Asked { after: Some(after), ..asked.clone() });
    let mut statuses: Vec<_> =
        Status::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    statuses.push(Choice::new("any", "Any status"));
    let page = ReceivedPage {
        problems: Problems::none(),
        statuses: statuses.into_iter().map(|choice| choice.chosen_in(&[wanted])).collect(),
        of: of.map(|threat| (format!("/threats/{}", threat.id), threat.title)),
        next,
        page,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}
