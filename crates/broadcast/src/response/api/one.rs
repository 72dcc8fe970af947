//! One organisation's response to one alert: it is read with a tag and, where the machine sends the
//! tag back, changed only if nobody has said anything since.

use axum::{
    extract::{Path, State},
    response::Response,
};
use db::Snapshot;
use http::HeaderMap;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Role,
    organisation::OrganisationId,
    web::{Error, Json, etag},
};

use super::{ResponseItem, numbered};
use crate::response::{AlertId, Chosen, Said, actions, store::lists};

/// Shows where one of the key's organisations stands with an alert.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}/responses/{code}", tag = "responses", operation_id = "show_response",
    params(("number" = String, Path, description = "Such as CC-0001"),
           ("code" = String, Path, description = "ODS code"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The response", body = ResponseItem, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "The alert did not go to such an organisation of this key"))
)]
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path((number, code)): Path<(String, String)>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let asked = Asked { actor: &actor, number: &number, code: &code, now: app.env.now() };
    etag::tagged(&headers, &asked.item(&mut snapshot).await?.item)
}

/// Says something for one organisation: whether an alert applies, what is done, or how it ends.
#[utoipa::path(
    post, path = "/api/v1/alerts/{number}/responses/{code}", tag = "responses", operation_id = "answer_for_one",
    params(("number" = String, Path, description = "Such as CC-0001"),
           ("code" = String, Path, description = "ODS code"),
           ("If-Match" = Option<String>, Header, description = "The ETag of what you read")),
    request_body = Said,
    responses((status = 200, description = "The response as it is now", body = ResponseItem,
               headers(("ETag" = String))),
              (status = 404, description = "The alert did not go to such an organisation of this key"),
              (status = 409, description = "The stage does not allow it"),
              (status = 412, description = "It has changed since you read it"))
)]
pub(super) async fn answer(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path((number, code)): Path<(String, String)>,
    Json(said): Json<Said>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let asked = Asked { actor: &actor, number: &number, code: &code, now: tx.now };
    let before = asked.item(&mut tx).await?;
    etag::must_match(&headers, &before.item)?;
    let chosen = Chosen::Only(vec![before.organisation]);
    actions::answer(&mut tx, &actor, before.alert, &chosen, &said).await?;
    let after = asked.item(&mut tx).await?;
    // On PostgreSQL a colleague may have spoken between the reading and the saying.
    if headers.contains_key(http::header::IF_MATCH) && after.item.version != before.item.version + 1 {
        return Err(Error::Changed);
    }
    tx.commit().await?;
    etag::tagged(&HeaderMap::new(), &after.item)
}

/// What was asked for, and by whom.
struct Asked<'a> {
    actor: &'a Actor,
    number: &'a str,
    code: &'a str,
    now: Timestamp,
}

struct Found {
    alert: AlertId,
    organisation: OrganisationId,
    item: ResponseItem,
}

impl Asked<'_> {
    async fn item(&self, snapshot: &mut Snapshot) -> Result<Found, Error> {
        let alert = numbered(snapshot, self.number).await?;
        let code = self.code.to_uppercase();
        let wanted = lists::Wanted { one: Some(&code), ..lists::Wanted::default() };
        let rows =
            lists::organisations(snapshot, self.actor, self.now, Role::READING, alert.id, &wanted).await?;
        let row = rows.into_iter().next().ok_or(Error::NotFound)?;
        let organisation = row.organisation_id;
        Ok(Found { alert: alert.id, organisation, item: ResponseItem::of(row, &alert) })
    }
}
