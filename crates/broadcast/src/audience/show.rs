//! An audience's page: whom it would tell if its version were published now, and once it was, whom
//! it was frozen to.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use db::Snapshot;
use formats::Tlp;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    web::{
        Error,
        shell::{Shell, render},
        show,
    },
};

use super::{
    preview::{self, Figures},
    question::{Question, kind_in_words, region_in_words},
    store,
};
use crate::{
    access::{APPROVE, WRITE_ADVISORIES},
    advisory::{self, State as VersionState, Version, VersionId},
    alert::{self, Alert, State as AlertState},
};

/// Organisations by type and region, in words.
struct Table {
    regions: Vec<String>,
    rows: Vec<Row>,
    all: i64,
}

/// One type's row of the table.
struct Row {
    kind: String,
    counts: Vec<String>,
    total: String,
}

#[derive(Template)]
#[template(path = "audience/show.html")]
struct ShowPage {
    shell: Shell,
    version: Version,
    /// Name, answer and address of each question.
    answers: Vec<(&'static str, String, String)>,
    may_change: bool,
    may_publish: bool,
    table: Table,
    /// What would come of it now; none once it was published.
    figures: Option<Figures>,
    answering: Vec<preview::Answering>,
    /// What goes to mobiles, where anything does.
    texts: Option<String>,
    /// The alert that froze it.
    alert: Option<Alert>,
}

impl ShowPage {
    /// That some of those whom no email reaches are texted, where they are.
    fn unless_texted(&self) -> &'static str {
        let some =
            self.texts.is_some() && self.figures.as_ref().is_some_and(|figures| figures.by_text_alone > 0);
        if some { ", but for those that have a mobile to text" } else { "" }
    }

    /// Whether nobody is written to, because of how it is marked.
    fn sends_no_mail(&self) -> bool {
        self.version.wording.tlp == Tlp::Red
    }

    /// Whether they were told, so that nothing of it changes any more.
    fn is_out(&self) -> bool {
        self.alert.as_ref().is_some_and(|alert| alert.state != AlertState::Issued)
    }
}

/// `GET /audiences/{version}`
pub(super) async fn show_audience(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(version): Path<VersionId>,
) -> Result<Response, Error> {
    // Over all organisations, which may take longer than a page's own read.
    let mut snapshot = app.db.read_long().await?;
    let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let audience = store::audience(&mut snapshot, version.id).await?;
    let names = store::names(&mut snapshot, version.id).await?;
    let alert = alert::store::of_version(&mut snapshot, version.id).await?;
    let (table, figures, answering) = match &alert {
        Some(alert) => {
            (table(&preview::frozen_by_kind_and_region(&mut snapshot, alert.id).await?), None, Vec::new())
        }
        None => as_of_now(&mut snapshot, version.id, shell.now).await?,
    };
    let may_change = version.state.is_open() && actor.is_any(WRITE_ADVISORIES);
    let answers = Question::ALL.iter().map(|question| {
        let href = format!("/audiences/{}/{}", version.id, question.code());
        (
            question.short(),
            question.answered(&audience, &names),
            if may_change { href } else { String::new() },
        )
    });
    let ready = audience.mode.is_some() && table.all > 0;
    let texts = figures.as_ref().and_then(|figures| figures.texts(&app, &version));
    let page = ShowPage {
        texts,
        answers: answers.collect(),
        may_publish: ready && version.state == VersionState::Approved && actor.is_any(APPROVE),
        may_change,
        shell,
        version,
        table,
        figures,
        answering,
        alert,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What would come of it, were the version published now.
async fn as_of_now(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
) -> Result<(Table, Option<Figures>, Vec<preview::Answering>), db::DbError> {
    let figures = preview::figures(snapshot, version, now).await?;
    let table = table(&preview::by_kind_and_region(snapshot, version).await?);
    Ok((table, Some(figures), preview::answering(snapshot, version, now).await?))
}

fn table(counted: &[(String, String, i64)]) -> Table {
    let mut regions: Vec<&str> = counted.iter().map(|(_, region, _)| region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    let mut kinds: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for (kind, region, count) in counted {
        kinds.entry(kind).or_default().insert(region, *count);
    }
    let rows = kinds.into_iter().map(|(kind, counts)| Row {
        kind: kind_in_words(kind),
        counts: regions.iter().map(|region| show::count(*counts.get(region).unwrap_or(&0))).collect(),
        total: show::count(counts.values().sum()),
    });
    Table {
        rows: rows.collect(),
        regions: regions.iter().map(|region| region_in_words(region)).collect(),
        all: counted.iter().map(|(_, _, count)| count).sum(),
    }
}
