//! What people are written about aid: the request's number and a link, and nothing else.

use db::DbError;
use platform::{
    App, Tx,
    job::Lane,
    message::{self, Draft, Kind, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
};
use serde_json::json;

use super::{Request, RequestId, State, jobs, store};
use crate::bare;

/// Those who are asked.
pub(crate) const ASKED: Kind = Kind { name: "aid_asked", render: |app, to| render(app, &to, true) };
/// Whoever asked of an offer, and whoever offered of the answer.
pub(crate) const NEWS: Kind = Kind { name: "aid_news", render: |app, to| render(app, &to, false) };

/// Tells an organisation that something about a request is new for it.
pub(super) async fn tell(
    tx: &mut Tx,
    request: &Request,
    organisation: OrganisationId,
    key: &str,
) -> Result<(), DbError> {
    jobs::tell_one(tx, request.id, organisation, key).await
}

/// Tells everybody at the CERT who handles incidents that somebody asks.
pub(super) async fn tell_cert(tx: &mut Tx, id: RequestId) -> Result<(), DbError> {
    let now = tx.now;
    for (person, address) in crate::incident::messages::handlers(tx, now).await? {
        let draft = Draft {
            kind: NEWS.name,
            lane: Lane::Urgent,
            address,
            person: Some(person),
            contact: None,
            organisation: None,
            about: ("aid", Some(id.0)),
            fields: json!({}),
            not_before: None,
            key: format!("aid_news/{id}/{person}"),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

fn render(app: App, message: &ToRender, while_open: bool) -> Rendering {
    let about = message.about;
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = RequestId(about.ok_or("it names no request")?);
        let mut snapshot = app.read().await.map_err(said)?;
        let request = store::request(&mut snapshot, id).await.map_err(said)?;
        let request = request.ok_or("there is no such request")?;
        if while_open && request.state != State::Open {
            return Err(NoLetter::moot("Enough was found, or it was over, before this was sent."));
        }
        Ok(bare::letter(&app, &request.receipt, &format!("/aid/{id}")))
    })
}
