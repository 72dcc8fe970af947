//! `/alerts/{id}/respond/answers.csv`: what was said for each of the organisations that the reader answers for, or
//! reads of, to be taken along.

use axum::{extract::Path, response::Response};
use formats::Tlp;
use platform::{
    App,
    web::{Error, Visit},
};

use crate::{
    csv,
    response::{
        AlertId, ResponseError,
        line::{AT_ONCE, HEADER, Line},
        store::lists,
    },
};

/// `GET /alerts/{id}/respond/answers.csv`. At RED without the words, which are for named people.
pub(super) async fn answers(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let Visit { app, shell, actor } = visit;
    let now = shell.now;
    let mut snapshot = app.db.read_long().await?;
    let (alert, reads) = super::for_reader(&mut snapshot, &actor, id, now).await?;
    let none = lists::lines(&mut snapshot, &actor, now, id, ("", 1)).await?.is_empty();
    drop(snapshot);
    if none || !reads {
        return Err(ResponseError::NotFound.into());
    }
    let in_person = alert.tlp.0 == Tlp::Red;
    Ok(csv::file(app, &alert, "answers", HEADER, move |app: App, after: String| {
        let actor = actor.clone();
        async move {
            let mut snapshot = app.db.read_long().await?;
            let mut lines = lists::lines(&mut snapshot, &actor, now, id, (&after, AT_ONCE)).await?;
            if in_person {
                lines.iter_mut().for_each(Line::blank);
            }
            Ok(lines.into_iter().map(|line| (line.cells(now), line.code)).collect())
        }
    }))
}
