//! `/sector/{id}/responses.csv`: every response of an alert, by code.

use axum::{
    extract::{Path, State},
    response::Response,
};
use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use platform::{App, web::Error};

use super::SectorError;
use crate::{
    alert::AlertId,
    csv,
    response::{
        self,
        line::{self, AT_ONCE, HEADER, Line},
    },
};

/// The next responses behind the code `after`, so many at most. Index: organisation's unique code, then the
/// primary keys of `response` and `clock`.
pub(super) async fn lines(
    snapshot: &mut Snapshot,
    alert: AlertId,
    after: &str,
    most: i64,
) -> Result<Vec<Line>, DbError> {
    let statement = sql!(
        "SELECT ",
        line::line_of!(),
        " FROM organisation o CROSS JOIN response r
          LEFT JOIN organisation t ON t.id = r.answered_through
          WHERE o.code > ?2 AND r.organisation_id = o.id AND r.alert_id = ?1
          ORDER BY o.code LIMIT ?3"
    );
    snapshot.all(statement, params![alert, after, most]).await
}

/// `GET /sector/{id}/responses.csv`
pub(super) async fn csv(State(app): State<App>, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let alert = response::head(&mut app.read().await?, id).await?.ok_or(SectorError::NotFound)?;
    let (in_person, now) = (alert.tlp.0 == Tlp::Red, app.env.now());
    Ok(csv::file(app, &alert, "responses", HEADER, move |app: App, after: String| async move {
        let mut lines = lines(&mut app.db.read_long().await?, id, &after, AT_ONCE).await?;
        if in_person {
            lines.iter_mut().for_each(Line::blank);
        }
        Ok(lines.into_iter().map(|line| (line.cells(now), line.code)).collect())
    }))
}
