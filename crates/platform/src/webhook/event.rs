//! What webhooks are told of: a row for each event in the table of the service that knows it, and the
//! job that tells all who listen.
//!
//! A change notes in its own transaction that something happened, and only where somebody listens; the
//! job goes through those who do, some at a time, so that a nation costs the change nothing.

use std::{future::Future, pin::Pin};

use db::{DbError, Snapshot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Owner, WebhookId, store};
use crate::{
    App, Tx,
    job::{self, Failure, Job, Lane, When},
};

/// The future of an [`Event`]'s `listeners`.
pub type Hearing<'a> = Pin<Box<dyn Future<Output = Result<Vec<WebhookId>, DbError>> + Send + 'a>>;
/// The future of an [`Event`]'s `render`: `None` where what was to be told no longer holds. An error is
/// for the program's own log.
pub type Rendering = Pin<Box<dyn Future<Output = Result<Option<Telling>, String>> + Send>>;

/// A row of a service's table of events.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Its name in the table and, where the marking allows that, in what is told: `alert.published`.
    pub name: &'static str,
    /// What it is, for whoever chooses.
    pub label: &'static str,
    /// Those who are told of it, behind a webhook in the order of their ids, [`Event::PAGE`] at most.
    pub listeners: for<'a> fn(&'a mut Snapshot, &'a Happened, WebhookId) -> Hearing<'a>,
    /// What one of them is told.
    pub render: fn(App, ToTell) -> Rendering,
}

impl Event {
    /// How many listeners are told in one transaction; each query of listeners says so itself.
    pub const PAGE: usize = 500;
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happened {
    /// The [`Event`].
    pub event: String,
    /// What it is about.
    pub about: Uuid,
    /// Tells it from another time that the same happened to the same.
    pub occasion: String,
    /// What else it takes to tell of it.
    pub fields: Json,
}

/// What a renderer is given.
#[derive(Clone, Debug)]
pub struct ToTell {
    /// The [`Event`].
    pub event: String,
    /// Whose webhook is told.
    pub owner: Owner,
    /// What it is about.
    pub about: Uuid,
    /// The fields of [`Happened`].
    pub fields: Json,
    /// When it happened.
    pub at: Timestamp,
}

/// What a webhook is told.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The `type` of the JSON.
    pub kind: &'static str,
    /// Its `data`.
    pub data: Json,
    /// The same for a chat room, in a line or two.
    pub text: String,
}

/// Notes that `what` happened, in its own transaction: whoever listens is told a moment later. Where
/// nobody does, that costs one read.
pub async fn happened(tx: &mut Tx, event: &Event, what: &Happened) -> Result<(), DbError> {
    if (event.listeners)(tx, what, WebhookId(Uuid::nil())).await?.is_empty() {
        return Ok(());
    }
    surely(tx, what).await
}

/// The same where who listens is known only once this is committed: those who are sent something at this
/// very moment.
pub async fn surely(tx: &mut Tx, what: &Happened) -> Result<(), DbError> {
    let key = format!("{}/{}/{}/{}", Happened::NAME, what.event, what.about, what.occasion);
    job::enqueue(tx, what, When { not_before: None, key: Some(key) }).await
}

impl Job for Happened {
    const NAME: &'static str = "webhook.tell";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let event = of_name(&app, &self.event);
        let event = event.ok_or_else(|| Failure(format!("this node knows no \"{}\"", self.event)))?;
        let mut after = WebhookId(Uuid::nil());
        loop {
            let page = (event.listeners)(&mut app.db.read_long().await?, &self, after).await?;
            let Some(last) = page.last().copied() else { return Ok(()) };
            let mut tx = app.write().await?;
            for webhook in page {
                store::queue(&mut tx, webhook, &self).await?;
            }
            tx.commit().await?;
            after = last;
        }
    }
}

/// The event of this name.
pub(super) fn of_name(app: &App, name: &str) -> Option<&'static Event> {
    app.services.iter().flat_map(|service| service.webhooks).find(|event| event.name == name)
}

/// What can be chosen.
pub(super) fn offered(app: &App) -> impl Iterator<Item = &'static Event> {
    let all = app.services.iter().flat_map(|service| service.webhooks);
    all.filter(|event| event.name != TEST.name)
}

/// A test: sent where somebody presses the button, and chosen by nobody.
pub const TEST: Event = Event {
    name: "test",
    label: "A test",
    listeners: |_, _, _| Box::pin(async { Ok(Vec::new()) }),
    render: |app, to| {
        Box::pin(async move {
            let cert = &app.settings.cert.name;
            let text = format!("This is a test by {cert}. If you can read it, this webhook works.");
            let data = json!({ "message": text, "link": app.link(to.owner.pages()) });
            Ok(Some(Telling { kind: TEST.name, data, text }))
        })
    },
};
