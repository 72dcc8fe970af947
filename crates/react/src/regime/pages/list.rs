//! `GET /incidents/{id}/clocks`: what has to be reported in a case, to whom and by when.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use platform::{
    Actor, uk,
    web::{
        Error, Visit,
        shell::{Shell, render},
    },
};

use crate::{
    case::{Head, Party, Sight, Zone, opened},
    incident::IncidentId,
    regime::{
        Regime, State as Stands, WRITERS, Whose, applying, country, draft,
        store::{self, Awareness, Clock},
    },
};

#[derive(Template)]
#[template(path = "regime/list.html")]
struct ListPage {
    shell: Shell,
    head: Head,
    rows: Vec<Row>,
    awarenesses: Vec<Awareness>,
    /// What may concern the organisation.
    regimes: Vec<&'static Regime>,
    may_write: bool,
    /// Whether zones are told apart: where the reader has more than one of them.
    zones: bool,
    placed: bool,
}

/// A clock, and how many facts its report misses; a guest is not told.
struct Row {
    clock: Clock,
    missing: Option<usize>,
}

impl ListPage {
    fn href(&self, row: &Row) -> String {
        format!("/incidents/{}/clocks/{}", self.head.incident.id, row.clock.id)
    }

    fn is_overdue(&self, row: &Row) -> bool {
        row.clock.is_overdue(self.shell.now)
    }

    fn runs(&self, row: &Row) -> bool {
        row.clock.state == Stands::Running
    }

    /// What is missing, in words; nothing where it is over.
    fn missing(&self, row: &Row) -> String {
        match (row.clock.state, row.missing) {
            (Stands::NotRequired, _) | (_, None) => String::new(),
            (_, Some(0)) => "Nothing".to_owned(),
            (_, Some(1)) => "1 fact".to_owned(),
            (_, Some(missing)) => format!("{missing} facts"),
        }
    }

    /// Who wrote a decision down.
    fn by(&self, each: &Awareness) -> String {
        self.head.writer(&self.shell.cert.name, each.by.as_deref(), each.through.as_deref())
    }

    fn is_own(&self, zone: &Zone) -> bool {
        self.zones && *zone == Zone::Own
    }
}

pub(super) async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let clocks = store::clocks(&mut snapshot, id, sight.reads).await?;
    let material = draft::material(&mut snapshot, &sight).await?;
    drop(snapshot);
    let settings = &visit.app.settings.regulators;
    let regimes = material.organisation().map(|found| {
        let whose = Whose { country: country(settings, found.postcode.as_deref()), kind: found.kind.clone() };
        applying(settings, &whose, uk::day(visit.shell.now)).into_iter().map(|(regime, _)| regime).collect()
    });
    let row = |clock: Clock| {
        let missing = material.lines(&clock).iter().filter(|line| line.is_missing()).count();
        Row { clock, missing: (sight.party != Party::Guest).then_some(missing) }
    };
    let mut rows: Vec<Row> = clocks.into_iter().map(row).collect();
    // What runs first, the nearest deadline first; what has no hour behind those.
    rows.sort_by_key(|row| {
        (row.clock.state != Stands::Running, row.clock.due_at.is_none(), row.clock.due_at)
    });
    let page = ListPage {
        head: Head::of(&sight, "/clocks"),
        rows,
        awarenesses: material.awarenesses().to_vec(),
        placed: regimes.is_some(),
        regimes: regimes.unwrap_or_default(),
        may_write: may_write(&sight, &visit.actor),
        zones: sight.reads.contains(Zone::Own),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Whether somebody decides on reports in a case, in any zone.
pub(super) fn may_write(sight: &Sight, actor: &Actor) -> bool {
    let writes = [Zone::Own, Zone::Shared].into_iter().any(|zone| sight.writes.contains(zone));
    writes && sight.party != Party::Guest && actor.is_any(WRITERS)
}
