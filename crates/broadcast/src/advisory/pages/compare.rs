//! Two versions of an advisory side by side: the two newest, or those that were asked for.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::number;
use crate::advisory::{
    AdvisoryNumber, Version,
    beside::{self, Field},
    store,
};

/// Which two, by their numbers.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    left: Option<i64>,
    right: Option<i64>,
}

#[derive(Template)]
#[template(path = "advisory/compare.html")]
struct ComparePage {
    shell: Shell,
    problems: Problems,
    number: AdvisoryNumber,
    lefts: Vec<Choice>,
    rights: Vec<Choice>,
    left: String,
    right: String,
    beside: Vec<Field>,
}

/// `GET /advisories/{number}/compare`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let number = number(&text)?;
    let mut snapshot = app.read().await?;
    let versions = store::versions(&mut snapshot, number).await?;
    let newest = versions.first().ok_or(Error::NotFound)?;
    let find = |asked: Option<i64>, otherwise| match asked {
        Some(asked) => versions.iter().find(|version| version.version == asked).ok_or(Error::NotFound),
        None => Ok(otherwise),
    };
    let left = find(asked.left, versions.get(1).unwrap_or(newest))?;
    let right = find(asked.right, newest)?;
    let choices = |chosen: &Version| {
        let chosen = [chosen.version.to_string()];
        let choice = |version: &Version| {
            let label = format!("Version {}, {}", version.version, version.state.label().to_lowercase());
            Choice::new(version.version.to_string(), label).chosen_in(&[chosen[0].as_str()])
        };
        versions.iter().map(choice).collect()
    };
    let page = ComparePage {
        problems: Problems::none(),
        number,
        lefts: choices(left),
        rights: choices(right),
        left: format!("Version {}", left.version),
        right: format!("Version {}", right.version),
        beside: beside::versions(&mut snapshot, left, right).await?,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}
