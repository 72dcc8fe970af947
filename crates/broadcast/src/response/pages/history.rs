//! Everything that one organisation said about an alert.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use platform::{
    access::Role,
    web::{
        Error, Visit,
        shell::{Shell, render},
        show,
    },
};

use crate::response::{AlertHead, AlertId, ResponseError, Said, store::lists};

#[derive(Template)]
#[template(path = "response/said.html")]
struct History {
    shell: Shell,
    alert: AlertHead,
    organisation: lists::Shown,
    told: Vec<lists::Told>,
}

/// `GET /alerts/{id}/respond/said/{code}`: everything one organisation said.
pub(super) async fn show(visit: Visit, Path((id, code)): Path<(AlertId, String)>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let (alert, reads) = super::for_reader(&mut snapshot, &visit.actor, id, visit.shell.now).await?;
    if !reads {
        return Err(ResponseError::NotFound.into());
    }
    let wanted = lists::Wanted { one: Some(&code), ..lists::Wanted::default() };
    let found =
        lists::organisations(&mut snapshot, &visit.actor, visit.shell.now, Role::READING, id, &wanted)
            .await?;
    let organisation = found.into_iter().next().ok_or(ResponseError::NotFound)?;
    let told = lists::history(&mut snapshot, organisation.organisation_id, id).await?;
    drop(snapshot);
    Ok(render(StatusCode::OK, &History { shell: visit.shell, alert, organisation, told }))
}

impl History {
    /// What was said at one moment, as lines of a list.
    fn lines(&self, told: &lists::Told) -> Vec<(&'static str, String)> {
        let said: Said = serde_json::from_str(&told.said).unwrap_or_default();
        let words = |words: Option<String>| words.filter(|words| !words.is_empty());
        [
            ("Applies", said.applies.map(|applies| applies.label().to_owned())),
            ("Reason", words(said.reason)),
            ("Done so far", words(said.done)),
            ("Systems affected", said.systems.map(|systems| show::count(systems.into()))),
            ("Planned end", said.planned_on.map(|day| show::date(day, self.shell.language))),
            ("In the way", words(said.blockers)),
            ("Interim mitigation", words(said.mitigation)),
            ("Next update", said.next_update_at.map(|at| self.shell.instant(at))),
            ("Why so late", words(said.next_update_reason)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}
