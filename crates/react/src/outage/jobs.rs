//! Writing to those whom an outage concerns, bit by bit, each bit in a transaction of its own, so that whoever answers
//! or signs in gets in between.
//!
//! A message's key is what it tells and the mailbox. Killed anywhere, the job begins again and queues what is missing.

use std::collections::BTreeMap;

use db::DbError;
use platform::{
    App, Tx,
    job::{Failure, Job, Lane},
    message::{ContactId, Draft},
    notification::store::Chosen,
    organisation::OrganisationId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    OutageId, State, messages, reminders,
    store::{self, Outage, Whom},
    texts,
};
use crate::notify::{self, Weight};

/// What those concerned are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// That it is down.
    Declared,
    /// What the CERT has added.
    Update(Uuid),
    /// That their answer is awaited: the how-manieth reminder, counted from 1.
    Reminder(i64),
    /// That it works again.
    Restored,
    /// That it was declared in error.
    Withdrawn,
}

impl Occasion {
    /// Whether it is still to be told of an outage that stands so.
    pub(crate) const fn holds(self, state: State) -> bool {
        match self {
            Self::Declared | Self::Update(_) | Self::Reminder(_) => matches!(state, State::Declared),
            Self::Restored => matches!(state, State::Restored),
            Self::Withdrawn => matches!(state, State::Withdrawn),
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Declared => messages::DECLARED.name,
            Self::Update(_) => messages::UPDATED.name,
            Self::Reminder(_) => messages::REMINDER.name,
            Self::Restored => messages::RESTORED.name,
            Self::Withdrawn => messages::WITHDRAWN.name,
        }
    }

    /// Whom it is told.
    const fn whom(self) -> Whom {
        if matches!(self, Self::Reminder(_)) { Whom::Silent } else { Whom::All }
    }

    /// How grave it is: that a supplier is down is told at once whatever was chosen, and so is that an answer is awaited
    /// where patients may come to harm.
    const fn weight(self, outage: &Outage) -> Weight {
        match self {
            Self::Update(_) => Weight::Medium,
            Self::Reminder(_) if !outage.is_urgent() => Weight::Medium,
            _ => Weight::Grave,
        }
    }

    /// What makes a message one, beside its mailbox.
    pub(crate) fn key(self, outage: OutageId) -> String {
        match self {
            Self::Update(update) => format!("{}:{update}", self.kind()),
            Self::Reminder(number) => format!("{}:{outage}:{number}", self.kind()),
            _ => format!("{}:{outage}", self.kind()),
        }
    }
}

/// Writes to everybody whom an outage concerns.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    /// The outage.
    pub outage: OutageId,
    /// What they are told.
    pub occasion: Occasion,
}

impl Job for Tell {
    const NAME: &'static str = "outage.tell";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let mut after = OrganisationId(Uuid::nil());
        while let Some(last) = some(&app, self, after).await? {
            after = last;
        }
        let mut tx = app.write().await?;
        match self.occasion {
            Occasion::Declared => store::note_told(&mut tx, self.outage).await?,
            Occasion::Reminder(number) => reminders::note(&mut tx, self.outage, number).await?,
            Occasion::Restored | Occasion::Withdrawn if app.texts.is_ready() => {
                drop(tx);
                return Ok(texts_that_it_is_over(&app, self).await?);
            }
            _ => return Ok(()),
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Queues the texts to those that were texted that it is down, bit by bit.
async fn texts_that_it_is_over(app: &App, tell: Tell) -> Result<(), DbError> {
    let mut after = String::new();
    loop {
        let mut tx = app.write().await?;
        let found = store::outage(&mut tx, tell.outage).await?;
        let Some(outage) = found.filter(|outage| tell.occasion.holds(outage.state)) else { return Ok(()) };
        let Some(last) = texts::queue_over(&mut tx, &outage, &after).await? else { return Ok(()) };
        tx.commit().await?;
        after = last;
    }
}

/// Queues the messages of the next organisations behind `after`; says which was the last, or that there are no more.
async fn some(app: &App, tell: Tell, after: OrganisationId) -> Result<Option<OrganisationId>, DbError> {
    let mut tx = app.write().await?;
    let found = store::outage(&mut tx, tell.outage).await?;
    let Some(outage) = found.filter(|outage| tell.occasion.holds(outage.state)) else { return Ok(None) };
    let whom = tell.occasion.whom();
    let Some(range) = store::next(&mut tx, tell.outage, whom, after).await? else { return Ok(None) };
    queue(&mut tx, tell, tell.occasion.weight(&outage), range).await?;
    match tell.occasion {
        Occasion::Declared if app.texts.is_ready() && outage.is_urgent() => {
            texts::queue(&mut tx, &outage, range).await?;
        }
        Occasion::Reminder(number) => store::note_reminded(&mut tx, tell.outage, number, range).await?,
        _ => {}
    }
    tx.commit().await?;
    Ok(Some(range.1))
}

/// Queues the messages of those from `first` to `last`.
async fn queue(
    tx: &mut Tx,
    tell: Tell,
    weight: Weight,
    range: (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    let now = tx.now;
    // A mailbox may be several contacts; the first is the one whom a delivery counts for.
    let mut mailboxes: BTreeMap<String, (ContactId, Chosen)> = BTreeMap::new();
    for (address, contact, chosen) in
        store::between(tx, tell.outage, tell.occasion.whom(), range, now).await?
    {
        mailboxes.entry(address).or_insert((contact, chosen));
    }
    for (address, (contact, Chosen(preferences))) in mailboxes {
        let draft = Draft {
            kind: tell.occasion.kind(),
            lane: Lane::Bulk,
            key: format!("{}:{address}", tell.occasion.key(tell.outage)),
            address,
            person: None,
            contact: Some(contact),
            organisation: None,
            about: ("outage", Some(tell.outage.0)),
            fields: json!({}),
            not_before: None,
        };
        notify::queue(tx, &preferences, weight, draft).await?;
    }
    Ok(())
}

/// Tells one organisation that has just said that it uses what is down.
pub(super) async fn tell_one(
    tx: &mut Tx,
    outage: OutageId,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let tell = Tell { outage, occasion: Occasion::Declared };
    queue(tx, tell, Weight::Grave, (organisation, organisation)).await
}
