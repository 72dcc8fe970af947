//! Several threats that were ticked on the list: checked once, then moved together or not at all.

use askama::Template;
use axum::{
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
};
use formats::ssvc::Point;
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
};
use serde::Deserialize;

use crate::threat::{
    ThreatId,
    store::{self, Threat},
    together::{self, MOST, NotDone, Verb},
};

/// What was ticked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticked {
    id: Vec<ThreatId>,
}

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// Each threat with the version that was shown: `ID:7`.
    of: Vec<String>,
    verb: String,
    reason: String,
    /// A decision point and its value: `automatable:no`.
    set: String,
    why: String,
}

#[derive(Template)]
#[template(path = "threat/together.html")]
struct CheckPage {
    shell: Shell,
    problems: Problems,
    threats: Vec<Threat>,
    verbs: Vec<Choice>,
    points: Vec<Choice>,
    typed: Typed,
}

/// `GET /threats/together`
pub(super) async fn check(visit: Visit, RawQuery(ticked): RawQuery) -> Result<Response, Error> {
    // A plain query keeps one of several.
    let ticked: Ticked = serde_html_form::from_str(&ticked.unwrap_or_default())
        .map_err(|_| Error::Invalid("Choose threats on the list first.".to_owned()))?;
    page(visit, &ticked.id, Typed::default(), Problems::none()).await
}

async fn page(visit: Visit, ids: &[ThreatId], typed: Typed, problems: Problems) -> Result<Response, Error> {
    if ids.len() > MOST {
        return Err(Error::Invalid(format!("Choose {MOST} threats or fewer at a time.")));
    }
    let threats =
        if ids.is_empty() { Vec::new() } else { store::threats(&mut visit.app.read().await?, ids).await? };
    let possible = |verb: &&Verb| threats.iter().any(|threat| threat.status.apply(verb.event()).is_ok());
    let verbs = Verb::ALL.iter().filter(possible);
    let verbs = verbs.map(|verb| Choice::new(verb.code(), verb.label()).chosen_in(&[&typed.verb])).collect();
    let points =
        Point::ALL.into_iter().filter(|point| threats.iter().any(|it| it.kind.asked().contains(point)));
    let points = points.flat_map(|point| point.values().iter().map(move |value| (point, value)));
    let points = points.map(|(point, value)| {
        let code = format!("{}:{}", point.code(), value.code);
        Choice::new(code, format!("{}: {}", point.label(), value.label)).chosen_in(&[&typed.set])
    });
    let points = [Choice::new("", "Choose one")].into_iter().chain(points).collect();
    let status = problems.status();
    Ok(render(status, &CheckPage { shell: visit.shell, problems, threats, verbs, points, typed }))
}

/// The threats that a form names, each with the version that was shown.
fn chosen(typed: &Typed) -> Result<Vec<(ThreatId, i64)>, Error> {
    let chosen: Option<Vec<(ThreatId, i64)>> = typed.of.iter().map(|of| shown(of)).collect();
    let chosen = chosen.filter(|chosen| !chosen.is_empty());
    chosen.ok_or_else(|| Error::Invalid("Choose threats on the list first.".to_owned()))
}

/// `POST /threats/together/point`
pub(super) async fn set_point(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let chosen = chosen(&typed)?;
    let ids: Vec<_> = chosen.iter().map(|(id, _)| *id).collect();
    let mut problems = Problems::none();
    let set = typed.set.split_once(':').and_then(|(point, value)| {
        let point = Point::of_code(point)?;
        Some((point, point.value(value)?))
    });
    if set.is_none() {
        problems.push("set", "Select a decision point and what it is");
    }
    let why = problems.text("why", &typed.why, 1_000, "why it is so of all of them");
    let (Some((point, value)), Some(why)) = (set, why) else {
        return page(visit, &ids, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let of = match together::set_point(&mut tx, &visit.actor, &chosen, (point, value.code), &why).await {
        Ok(of) => of,
        Err(NotDone::Obstacles(obstacles)) => {
            // Nothing of it is kept: the transaction ends here.
            drop(tx);
            for obstacle in obstacles {
                problems.push("set", format!("{}: {}", obstacle.title, obstacle.reason));
            }
            return page(visit, &ids, typed, problems).await;
        }
        Err(NotDone::Threat(error)) => return Err(error.into()),
    };
    tx.commit().await?;
    Ok(Redirect::to(&format!("/threats?done={POINT}&moved={of}")).into_response())
}

/// The word for that a point was set of several.
pub(super) const POINT: &str = "point";

/// `POST /threats/together`
pub(super) async fn act(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let chosen = chosen(&typed)?;
    let ids: Vec<_> = chosen.iter().map(|(id, _)| *id).collect();
    let mut problems = Problems::none();
    let verb: Option<Verb> = typed.verb.parse().ok();
    if verb.is_none() {
        problems.push("verb", "Select what is to be done");
    }
    let reason = match verb {
        Some(Verb::Dismiss) => {
            problems.text("reason", &typed.reason, 2_000, "why they do not concern the sector")
        }
        _ => Some(String::new()),
    };
    let (Some(verb), Some(reason)) = (verb, reason) else {
        return page(visit, &ids, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let moved = match together::act(&mut tx, &visit.actor, &chosen, verb, &reason).await {
        Ok(moved) => moved,
        Err(NotDone::Obstacles(obstacles)) => {
            // Nothing of it is kept: the transaction ends here.
            drop(tx);
            for obstacle in obstacles {
                problems.push("verb", format!("{}: {}", obstacle.title, obstacle.reason));
            }
            return page(visit, &ids, typed, problems).await;
        }
        Err(NotDone::Threat(error)) => return Err(error.into()),
    };
    tx.commit().await?;
    // Whoever claims goes on with what they claimed.
    let list = if verb == Verb::Claim { "status=claimed&mine=yes&" } else { "" };
    let to = format!("/threats?{list}done={}&moved={moved}", verb.code());
    Ok(Redirect::to(&to).into_response())
}

/// A threat and the version that was shown.
fn shown(of: &str) -> Option<(ThreatId, i64)> {
    let (id, version) = of.split_once(':')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}
