//! Delivery: an alert's messages are queued bit by bit, each bit in a transaction of its own, so
//! that whoever answers, signs in or publishes gets in between.
//!
//! A message's key is the alert and the mailbox. Killed anywhere, the job begins again and queues
//! what is missing; nothing is queued twice, whatever was.

use std::collections::BTreeMap;

use formats::Tlp;
use platform::{
    Actor, App,
    job::{Failure, Job, Lane},
    message::{self, Channel, ContactId, Draft},
    notification::{How, store::Chosen},
    organisation::OrganisationId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    Alert, AlertError, AlertId, State, actions, mailbox, messages, news, store,
    text::{self, Quiet, Telling},
};
use crate::notification;

impl From<AlertError> for Failure {
    fn from(error: AlertError) -> Self {
        Self(error.to_string())
    }
}

/// Brings an alert into force and queues its messages.
#[derive(Debug, Serialize, Deserialize)]
pub struct FanOut {
    /// The alert.
    pub alert: AlertId,
}

impl Job for FanOut {
    const NAME: &'static str = "alert.fan_out";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        carry_over(&app, self.alert).await?;
        let mut tx = app.write().await?;
        let alert = actions::bring_into_force(&mut tx, &Actor::Job(Self::NAME), self.alert).await?;
        tx.commit().await?;
        let Some(alert) = alert else { return Ok(()) };
        // RED is for named people alone: nothing of it travels by mail, not even that it exists.
        if alert.tlp.0 != Tlp::Red {
            if text::is_texted(app.texts.is_ready(), alert.tlp.0) {
                let mut tx = app.write().await?;
                text::begin(&mut tx, alert.id).await?;
                tx.commit().await?;
            }
            let news = news::of(&mut app.read().await?, &alert).await?;
            let mut after = OrganisationId(Uuid::nil());
            while let Some(last) = queue_some(&app, &alert, &news, after).await? {
                after = last;
            }
        }
        let mut tx = app.write().await?;
        store::note_fanned_out(&mut tx, alert.id).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Carries over most of what was answered to the alert that `alert` updates, while nobody sees it yet.
async fn carry_over(app: &App, alert: AlertId) -> Result<(), Failure> {
    let mut after = OrganisationId(Uuid::nil());
    loop {
        let mut tx = app.write().await?;
        let Some(last) = actions::carry_some(&mut tx, alert, after).await? else { return Ok(()) };
        tx.commit().await?;
        after = last;
    }
}

/// Queues the messages of the next organisations behind `after`; says which was the last, or that
/// there are no more.
async fn queue_some(
    app: &App,
    alert: &Alert,
    news: &[String],
    after: OrganisationId,
) -> Result<Option<OrganisationId>, Failure> {
    let mut tx = app.write().await?;
    let now = tx.now;
    // Withdrawn or superseded meanwhile: what is queued was called back, and no more is.
    let in_force = store::alert(&mut tx, alert.id).await?.is_some_and(|alert| alert.state == State::InForce);
    let last = mailbox::last_of_next(&mut tx, alert.id, after).await?;
    let (true, Some(last)) = (in_force, last) else { return Ok(None) };
    let mailboxes = mailbox::between(&mut tx, alert.id, after, last, now).await?;
    // A mailbox may be several contacts; the first is the one whom a delivery counts for.
    let mut first: BTreeMap<String, (ContactId, Chosen)> = BTreeMap::new();
    for (address, contact, chosen) in mailboxes {
        first.entry(address).or_insert((contact, chosen));
    }
    for (address, (contact, Chosen(preferences))) in first {
        let fields = json!({"update": alert.is_update(), "news": news});
        let draft = draft(messages::ALERT.name, alert.id, address, Some(contact), fields);
        notification::queue(&mut tx, &preferences, alert.severity, None, draft).await?;
    }
    if text::is_begun(&mut tx, alert.id).await? {
        let mobiles = text::between(&mut tx, alert.id, alert.severity, (after, last), now).await?;
        let telling = Telling {
            kind: text::TEXT.name,
            alert: alert.id,
            severity: alert.severity,
            occasion: &text::Occasion::Issued,
            key: &alert.id.to_string(),
            quiet: Quiet::Waits(None),
        };
        text::queue(&mut tx, &telling, mobiles).await?;
    }
    tx.commit().await?;
    Ok(Some(last))
}

/// Tells those who were told of an alert that it was withdrawn.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellWithdrawn {
    /// The alert.
    pub alert: AlertId,
}

impl Job for TellWithdrawn {
    const NAME: &'static str = "alert.tell_withdrawn";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let alert = store::alert(&mut app.read().await?, self.alert).await?;
        let Some(alert) = alert else { return Ok(()) };
        let by_text = Telling {
            kind: text::WITHDRAWN.name,
            alert: alert.id,
            severity: alert.severity,
            occasion: &text::Occasion::Issued,
            key: &alert.id.to_string(),
            quiet: Quiet::Waits(None),
        };
        // What was on its way at that moment may have arrived: it counts as told.
        for state in [message::State::Sending, message::State::Sent] {
            let mut after = Uuid::nil();
            loop {
                let mut tx = app.write().await?;
                let told = mailbox::told(&mut tx, self.alert, state, after).await?;
                let Some((last, ..)) = told.last() else { break };
                after = *last;
                for (_, channel, address, contact, Chosen(mut preferences)) in told {
                    if channel == Channel::Sms {
                        // Who was texted is told, whatever was chosen since; who is no contact any more is not.
                        preferences.choose(alert.severity.code(), channel, How::AtOnce);
                        let mobile = contact.map(|contact| (address, contact, Chosen(preferences)));
                        text::queue(&mut tx, &by_text, mobile.into_iter().collect()).await?;
                        continue;
                    }
                    let draft = draft(messages::WITHDRAWN.name, self.alert, address, contact, json!({}));
                    notification::queue(&mut tx, &preferences, alert.severity, None, draft).await?;
                }
                tx.commit().await?;
            }
        }
        Ok(())
    }
}

fn draft(
    kind: &'static str,
    alert: AlertId,
    address: String,
    contact: Option<ContactId>,
    fields: Json,
) -> Draft {
    Draft {
        kind,
        lane: Lane::Bulk,
        key: format!("{kind}:{alert}:{address}"),
        address,
        person: None,
        contact,
        organisation: None,
        about: ("alert", Some(alert.0)),
        fields,
        not_before: None,
    }
}
