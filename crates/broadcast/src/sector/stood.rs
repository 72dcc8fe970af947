//! Where everybody stood at a moment: counted for the page, and by name as `/sector/{id}/at.csv`.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App,
    web::{Error, form::Problems},
};

use super::{SectorError, at::Asked, pages};
use crate::{
    alert::AlertId,
    csv,
    response::{self, Event, Stage},
};

/// The stage of the response `r` at `?2`: after the last thing said by then, or as the alert left it.
/// What was said to the version before and stands was carried over with its moment.
macro_rules! stage_then {
    () => {
        "coalesce(
             (SELECT e.stage FROM response_event e
              WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id AND e.at <= ?2
              ORDER BY e.version DESC LIMIT 1),
             (SELECT e.was FROM response_event e
              WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id
              ORDER BY e.version LIMIT 1),
             r.stage) AS stage"
    };
}

db::record! {
    /// How many of one kind in one region stood where.
    pub(super) struct Counted {
        pub region: String,
        pub kind: String,
        pub stage: Stage,
        pub count: i64,
    }
}

/// How many stood where at `at`. Index: `response_alert`, then the primary key of `response_event`.
pub(super) async fn counted(
    snapshot: &mut Snapshot,
    alert: AlertId,
    at: Timestamp,
) -> Result<Vec<Counted>, DbError> {
    let statement = sql!(
        "SELECT region, kind, stage, count(*) AS count FROM (
             SELECT r.region, r.kind, ",
        stage_then!(),
        " FROM response r WHERE r.alert_id = ?1
         ) each GROUP BY region, kind, stage"
    );
    snapshot.all(statement, params![alert, at]).await
}

db::record! {
    /// Where one organisation stood, and since what.
    struct Stood {
        code: String,
        name: String,
        kind: String,
        region: String,
        stage: Stage,
        event: Option<Event>,
        event_at: Option<Timestamp>,
        through: Option<String>,
    }
}

const HEADER: &str =
    "as_at,policy,code,name,type,region,region_name,stage,last_event,last_event_at,answered_through";

/// Where the next 500 behind the code `after` stood. Index: organisation's unique code, then the
/// primary keys of `response` and `response_event`.
async fn stood(
    snapshot: &mut Snapshot,
    alert: AlertId,
    at: Timestamp,
    after: &str,
) -> Result<Vec<Stood>, DbError> {
    let statement = sql!(
        "SELECT o.code, o.name, r.kind, r.region, ", stage_then!(), ", l.event, l.at AS event_at, t.code AS through
         FROM organisation o CROSS JOIN response r
         LEFT JOIN response_event l ON l.organisation_id = r.organisation_id AND l.alert_id = r.alert_id
             AND l.id = (SELECT e.id FROM response_event e
                         WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id AND e.at <= ?2
                         ORDER BY e.version DESC LIMIT 1)
         LEFT JOIN organisation t ON t.id = l.through_id
         WHERE o.code > ?3 AND r.organisation_id = o.id AND r.alert_id = ?1
         ORDER BY o.code LIMIT 500"
    );
    snapshot.all(statement, params![alert, at, after]).await
}

/// `GET /sector/{id}/at.csv`
pub(super) async fn file(
    State(app): State<App>,
    Path(id): Path<AlertId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let at = asked.moment(&mut problems, app.env.now());
    let alert = response::head(&mut app.read().await?, id).await?.ok_or(SectorError::NotFound)?;
    if !problems.is_empty() {
        let back = "This is not a day and a time of day. Choose them on the page of the position.";
        return Err(Error::Unprocessable(back.to_owned()));
    }
    let (issued, policy) = (alert.issued_at, alert.policy.clone());
    Ok(csv::file(app, &alert, "position", HEADER, move |app: App, after: String| {
        let policy = policy.clone();
        async move {
            if at < issued {
                return Ok(Vec::new());
            }
            let stood = stood(&mut app.db.read_long().await?, id, at, &after).await?;
            Ok(stood.into_iter().map(|stood| (stood.cells(at, &policy), stood.code)).collect())
        }
    }))
}

impl Stood {
    fn cells(&self, at: Timestamp, policy: &str) -> Vec<String> {
        vec![
            at.to_string(),
            policy.to_owned(),
            self.code.clone(),
            self.name.clone(),
            self.kind.clone(),
            self.region.clone(),
            pages::region(&self.region),
            self.stage.code().to_owned(),
            self.event.map(Event::code).unwrap_or_default().to_owned(),
            self.event_at.map(|at| at.to_string()).unwrap_or_default(),
            self.through.clone().unwrap_or_default(),
        ]
    }
}
