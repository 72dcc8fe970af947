//! The first word of a grave outage goes to mobiles too: mail may be what is down. The number and a link, one text to
//! each mobile however many organisations it stands for. Those that got it, and no others, get one when it is over.
//!
//! What the owner of the contact's mailbox chose holds, quiet hours too, but never beyond the moment by which an answer
//! is wanted. Where texts do not leave, none is written: one that waited for a gateway would come days late.

use db::DbError;
use jiff::Timestamp;
use platform::{
    App, Tx,
    job::Lane,
    message::{self, Channel, ContactId, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
    notification::{How, Matter, Then, store::Chosen},
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

/// That it is over, to a mobile that was told that it is down.
pub(crate) const OVER: Kind =
    Kind { name: "outage_over_text", render: |app, to| Box::pin(over(app, to)) as Rendering };

/// How preferences are asked of a grave outage.
const GRAVE: Matter = Matter { severity: "high", overrides: false, unchosen: How::AtOnce, before: None };

/// Queues the texts of those from `first` to `last`.
pub(super) async fn queue(
    tx: &mut Tx,
    outage: &Outage,
    range: (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    let now = tx.now;
    let matter = Matter { before: Some(outage.answer_by), ..GRAVE };
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
        message::queue(tx, &draft(&TEXT, outage.id, (number, contact), not_before)).await?;
    }
    Ok(())
}

/// Queues the texts to the next of those that were texted, behind this number; says which was the last.
pub(super) async fn queue_over(tx: &mut Tx, outage: &Outage, after: &str) -> Result<Option<String>, DbError> {
    let now = tx.now;
    let mut last = None;
    for (number, contact, Chosen(preferences)) in store::texted(tx, outage.id, TEXT.name, after).await? {
        last = Some(number.clone());
        let not_before = match preferences.settle(Channel::Sms, &GRAVE, now) {
            Then::Send(not_before) => not_before,
            Then::Digest(at) => Some(at),
            Then::Nothing => continue,
        };
        message::queue(tx, &draft(&OVER, outage.id, (number, contact), not_before)).await?;
    }
    Ok(last)
}

fn draft(
    kind: &Kind,
    outage: OutageId,
    (number, contact): (String, ContactId),
    not_before: Option<Timestamp>,
) -> Draft {
    Draft {
        kind: kind.name,
        lane: Lane::Elsewhere,
        key: format!("{}:{outage}:{number}", kind.name),
        address: number,
        person: None,
        contact: Some(contact),
        organisation: None,
        about: ("outage", Some(outage.0)),
        fields: json!({}),
        not_before,
    }
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
    Ok(letter(&app, &outage))
}

async fn over(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = OutageId(to.about.ok_or("it names no outage")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let outage = store::outage(&mut snapshot, id).await.map_err(said)?;
    Ok(letter(&app, &outage.ok_or("there is no such outage")?))
}

fn letter(app: &App, outage: &Outage) -> Letter {
    let text = format!("{} {}", outage.receipt, app.link(&format!("/outages/{}", outage.id)));
    Letter { subject: format!("[{}]", outage.receipt), text, html: None }
}
