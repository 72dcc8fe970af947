//! The documents that were taken in, the newest first.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::source::{
    Source, Worth,
    store::{self, Cursor},
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    source: String,
    #[serde(default)]
    after: String,
}

/// A row of the list.
struct Row {
    address: String,
    called: String,
    source: &'static str,
    taken_in_at: jiff::Timestamp,
    /// What is to be known of it, each as a tag: words and colour.
    tags: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "source/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    sources: Vec<Choice>,
    rows: Vec<Row>,
    next: String,
}

/// `GET /sources/documents?source=csaf`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let source: Option<Source> = asked.source.parse().ok();
    let after = cursor::read::<Cursor>(&asked.after);
    let documents = store::list(&mut app.read().await?, source, after).await?;
    let page = Page::of(documents, |row| (row.taken_in_at.as_microsecond(), row.id));
    let chosen = source.map(Source::code).unwrap_or_default();
    let next = page.next.map(|after| format!("/sources/documents?source={chosen}&after={after}"));
    let mut sources = vec![Choice::new("", "Every source")];
    let kept = Source::ALL.iter().filter(|source| **source != Source::Hand);
    sources.extend(kept.map(|source| Choice::new(source.code(), source.label())));
    let rows: Result<Vec<Row>, Error> = page.rows.iter().map(row).collect();
    let page = ListPage {
        shell,
        problems: Problems::none(),
        sources: sources.into_iter().map(|choice| choice.chosen_in(&[chosen])).collect(),
        rows: rows?,
        next: next.unwrap_or_default(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(document: &store::Document) -> Result<Row, Error> {
    let findings = document.findings()?;
    let signed = findings.checks.signatures.iter().map(|signed| signed.worth);
    let signed = signed.min_by_key(|worth| *worth != Worth::Good);
    let mut tags = Vec::new();
    if let Some(worth) = signed {
        tags.push((format!("Signature: {}", worth.label().to_lowercase()), worth.colour()));
    }
    if findings.refused > 0 {
        tags.push((format!("Refused: {}", show::count(findings.refused.cast_signed())), "orange"));
    }
    if findings.remarked > 0 {
        tags.push((format!("Remarks: {}", show::count(findings.remarked.cast_signed())), "yellow"));
    }
    Ok(Row {
        address: format!("/sources/documents/{}", document.id),
        called: document.called().to_owned(),
        source: document.source.label(),
        taken_in_at: document.taken_in_at,
        tags,
    })
}
