//! From React to Broadcast: what was found at several organisations becomes a threat and the draft of an advisory.
//!
//! What is handed over are the observables, and nothing that names or counts who has them: not the organisations, not
//! their regions or kinds, not when each was attacked. Whoever drafts decides the rest, and a second person approves.

use axum::{
    extract::{Path, State},
    response::Redirect,
};
use broadcast::{
    advisory::{AdvisoryNumber, Content, Link, Proposed, Severity, Wording},
    threat::{self, Kind, Said, ToldOfExploitation},
};
use formats::{Indicator, Tlp, ssvc::Exploitation};
use platform::{
    Actor, App, Tx,
    access::Rule,
    uk,
    web::{Error, Form, Route},
};
use react::{
    access::HANDLE_INCIDENTS,
    correlation::{self, CorrelationId, actions, store},
};
use serde::Deserialize;

/// What both are called until somebody has found a better name.
const TITLE: &str = "Indicators of an attack on health and care organisations";
/// What the draft says of them: nothing that tells how many there are, where, or since when.
const SUMMARY: &str =
    "These indicators were found in attacks on health and care organisations in the last two weeks.";

/// The flow's row of the route table.
pub(super) fn route() -> Route {
    Route::post("/correlations/{id}/draft", Rule::Roles(HANDLE_INCIDENTS), draft)
        .sample("/correlations/{correlation}/draft")
        .form("version=1")
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: i64,
}

/// `POST /correlations/{id}/draft`: all of it, or nothing.
async fn draft(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CorrelationId>,
    Form(typed): Form<Typed>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let number = begin(&mut tx, &actor, id, typed.version, ours(&app)).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{number}")))
}

/// The CERT as the source of what it found itself.
pub(crate) fn ours(app: &App) -> Link {
    Link { name: app.settings.cert.name.clone(), url: app.settings.public_url.clone() }
}

/// Begins the advisory; says its number.
pub(crate) async fn begin(
    tx: &mut Tx,
    actor: &Actor,
    id: CorrelationId,
    version: i64,
    source: Link,
) -> Result<AdvisoryNumber, Error> {
    let found = actions::to_draft(tx, actor, id, version).await?;
    let observables = store::observables(tx, id).await?;
    let members = store::members(tx, id).await?;
    let names_none = |value: &str| {
        !correlation::names_one(value, members.iter().filter_map(|member| member.name.as_deref()))
    };
    // Paths and registry keys are no indicators that others can search their networks for by machine.
    let told = observables.iter().filter(|(_, value)| names_none(value));
    let indicators: Vec<Indicator> = told.filter_map(|(_, value)| value.parse().ok()).collect();
    let said = Said {
        summary: SUMMARY.to_owned(),
        marking: Some(Tlp::Amber),
        exploitation: Some(ToldOfExploitation {
            words: "found in attacks on health and care organisations".to_owned(),
            value: Some(Exploitation::Active),
        }),
        ..Said::new(Kind::Campaign, TITLE, uk::day(tx.now))
    };
    let threat = threat::actions::write_by_hand(tx, actor, &said).await?;
    let wording = Wording {
        title: TITLE.to_owned(),
        severity: Severity::Medium,
        tlp: Tlp::Amber,
        content: Content {
            summary: SUMMARY.to_owned(),
            threat_type: Some(Kind::Campaign.advised_as()),
            indicators,
            source: Some(source),
            proposed: vec![Proposed::Severity, Proposed::Marking],
            ..Content::default()
        },
    };
    let created = threat::actions::begin_with(tx, actor, threat, &wording).await?;
    actions::drafted(tx, actor, &found, &created.number.to_string()).await?;
    Ok(created.number)
}
