//! What those concerned are written: the outage's number and a link, and nothing else. Mail may be what is down.

use db::DbError;
use platform::{
    App,
    message::{Channel, Kind, Letter, NoLetter, Rendering, ToRender},
};

use super::{OutageId, State, store};
use crate::bare;

/// That a supplier is down.
pub(crate) const DECLARED: Kind =
    Kind { name: "outage", render: |app, to| render(app, &to, &[State::Declared]) };
/// What the CERT has added.
pub(crate) const UPDATED: Kind =
    Kind { name: "outage_update", render: |app, to| render(app, &to, &[State::Declared, State::Restored]) };
/// That an answer is awaited.
pub(crate) const REMINDER: Kind =
    Kind { name: "outage_reminder", render: |app, to| Box::pin(reminder(app, to)) as Rendering };
/// That it works again.
pub(crate) const RESTORED: Kind =
    Kind { name: "outage_restored", render: |app, to| render(app, &to, &[State::Restored]) };
/// That it was declared in error.
pub(crate) const WITHDRAWN: Kind =
    Kind { name: "outage_withdrawn", render: |app, to| render(app, &to, &[State::Withdrawn]) };

fn render(app: App, message: &ToRender, while_it_is: &'static [State]) -> Rendering {
    let about = message.about;
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = OutageId(about.ok_or("it names no outage")?);
        let mut snapshot = app.read().await.map_err(said)?;
        let outage = store::outage(&mut snapshot, id).await.map_err(said)?;
        let outage = outage.ok_or("there is no such outage")?;
        if !while_it_is.contains(&outage.state) {
            return Err(NoLetter::moot("The outage was over, or withdrawn, before this was sent."));
        }
        Ok(bare::letter(&app, &outage.receipt, &format!("/outages/{id}")))
    })
}

async fn reminder(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = OutageId(to.about.ok_or("it names no outage")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let outage = store::outage(&mut snapshot, id).await.map_err(said)?;
    let outage = outage.ok_or("there is no such outage")?;
    let now = app.env.now();
    if outage.state != State::Declared {
        return Err(NoLetter::moot("The outage was over, or withdrawn, before this was sent."));
    }
    if !store::is_awaited(&mut snapshot, id, (Channel::Mail, &to.address), now).await.map_err(said)? {
        return Err(NoLetter::moot("Everybody whom it was for had answered."));
    }
    Ok(bare::letter(&app, &outage.receipt, &format!("/outages/{id}")))
}
