//! The first word of a grave outage goes to mobiles too: mail may be what is down. The number and a link, one text to
//! each mobile however many organisations it stands for.
//!
//! What the owner of the contact's mailbox chose holds, quiet hours too, but never beyond the moment by which an answer
//! is wanted. Where texts do not leave, none is written: one that waited for a gateway would come days late.

use db::DbError;
use platform::{
    App, Tx,
    job::Lane,
    message::{self, Channel, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
    notification::{Matter, Then, store::Chosen},
    organisation::OrganisationId,
};
use serde_json::json;

use super::{
    OutageId, State,
    store::{self, Outage},
};

/// That a supplier is down, to a mobile.
pub(crate) const TEXT: Kind =
    Kind { name: "outage_text", render: |app, to| Box::pin(text(app, to)) as Rendering };

/// Queues the texts of those from `first` to `last`.
pub(super) async fn queue(
    tx: &mut Tx,
    outage: &Outage,
    range: (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    let now = tx.now;
    let matter = Matter { severity: "high", overrides: false, before: Some(outage.answer_by) };
    let mut before = String::new();
    // Ordered by number: of a number that is several contacts', the first is the one it counts for.
    for (number, contact, Chosen(preferences)) in store::mobiles_between(tx, outage.id, range, now).await? {
        if number == before {
            continue;
        }
        before.clone_from(&number);
        let not_before = match preferences.settle(Channel::Sms, &matter, now) {
            Then::Send(not_before) => not_before,
            Then::Digest(at) => Some(at),
            Then::Nothing => continue,
        };
        let draft = Draft {
            kind: TEXT.name,
            lane: Lane::Elsewhere,
            key: format!("{}:{}:{number}", TEXT.name, outage.id),
            address: number,
            person: None,
            contact: Some(contact),
            organisation: None,
            about: ("outage", Some(outage.id.0)),
            fields: json!({}),
            not_before,
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

async fn text(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = OutageId(to.about.ok_or("it names no outage")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let outage = store::outage(&mut snapshot, id).await.map_err(said)?;
    let outage = outage.ok_or("there is no such outage")?;
    if outage.state != State::Declared {
        return Err(NoLetter::moot("The outage was over, or withdrawn, before this was sent."));
    }
    let now = app.env.now();
    if !store::is_awaited(&mut snapshot, id, (Channel::Sms, &to.address), now).await.map_err(said)? {
        return Err(NoLetter::moot("Everybody whom it was for had answered."));
    }
    let text = format!("{} {}", outage.receipt, app.link(&format!("/outages/{id}")));
    Ok(Letter { subject: format!("[{}]", outage.receipt), text, html: None })
}
