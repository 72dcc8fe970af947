//! What can be listed over TheHive's API: one of two lists for a caller, each of which begins with what they see.

use std::{future::Future, pin::Pin};

use db::{DbError, Listing, Selection, Snapshot, params};
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::{Key, Role, scope::mine_of},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::query::field::Field;

/// The future of rows that are read.
pub(super) type Reading<'a> = Pin<Box<dyn Future<Output = Result<Vec<Json>, DbError>> + Send + 'a>>;

/// A noun of TheHive's.
#[derive(Debug)]
pub(super) struct Noun {
    /// What TheHive calls it.
    pub name: &'static str,
    /// What an organisation's key sees: its head takes the values of [`platform::mine!`].
    pub own: &'static Listing,
    /// What a key of the CERT's sees; its condition `listed` leaves out what stands in no list.
    pub cert: &'static Listing,
    /// The column of its key.
    pub key: &'static str,
    /// What can be asked about it.
    pub fields: &'static [Field],
    /// Reads rows of either list as TheHive has them.
    pub read: for<'a> fn(&'a mut Snapshot, &'a App, Selection) -> Reading<'a>,
}

/// Which of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    /// All that the caller sees.
    All,
    /// This one.
    One(Uuid),
    /// Those of a case.
    OfCase(Uuid),
    /// Those of a task.
    OfTask(Uuid),
}

impl Noun {
    /// The list of what this actor sees of it, within these bounds.
    pub fn select(&self, actor: &Actor, now: Timestamp, bound: &Bound) -> Selection {
        let selection = if let Actor::Key(Key { organisation: Some(_), .. }) = actor {
            self.own.select(mine_of(actor, now, Role::READING, params![]))
        } else {
            let selection = self.cert.select(params![]);
            if matches!(bound, Bound::All) { selection.when("listed", params![]) } else { selection }
        };
        match *bound {
            Bound::All => selection,
            Bound::One(id) => selection.when("one", params![id]),
            Bound::OfCase(id) => selection.when("of_case", params![id]),
            Bound::OfTask(id) => selection.when("of_task", params![id]),
        }
    }

    /// The one of this id, where the actor sees it.
    pub async fn one(
        &self,
        snapshot: &mut Snapshot,
        app: &App,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<Json>, DbError> {
        let selection = self.select(actor, app.env.now(), &Bound::One(id));
        Ok((self.read)(snapshot, app, selection).await?.into_iter().next())
    }
}
