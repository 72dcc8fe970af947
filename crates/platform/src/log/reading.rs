//! Finding entries for people: newest first, by any combination of filters.

use std::cmp::Reverse;

use db::{DbError, Selection, Snapshot, listing, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Service;

db::record! {
    /// An entry as a page shows it. Names are joined on reading: the log itself holds none.
    pub struct Found {
        /// The entry.
        pub id: Uuid,
        /// When it happened.
        pub at: Timestamp,
        /// What did it: `person`, `key`, `code`, `anyone`, or the job's name.
        pub actor_kind: String,
        /// The name of the person or key, where there still is one.
        pub actor: Option<String>,
        /// What happened.
        pub verb: String,
        /// The kind of what it is about.
        pub about_kind: String,
        /// What it is about, where that is one thing.
        pub about_id: Option<Uuid>,
        /// The organisation that it concerns.
        pub organisation_id: Option<Uuid>,
        /// Its name.
        pub organisation: Option<String>,
        /// What else is known; `None` where it was erased.
        pub payload: Option<String>,
        /// Its place in the log; `None` until it is sealed.
        pub sequence: Option<i64>,
    }
}

impl Found {
    /// The person's or the key's name, or what did it where it was neither, or one that is no more.
    pub fn who(&self) -> String {
        match (&self.actor, self.actor_kind.as_str()) {
            (Some(name), "key") => format!("{name} (API key)"),
            (Some(name), _) => name.clone(),
            (None, "person") => "A person who was erased".to_owned(),
            (None, "key") => "An API key that is no more".to_owned(),
            (None, "code") => "The holder of a one-time code".to_owned(),
            (None, "anyone") => "Somebody who was not signed in".to_owned(),
            (None, job) => format!("This service ({job})"),
        }
    }

    /// What else is known, on lines of its own; empty where nothing is.
    pub fn details(&self) -> String {
        let read = |payload: &String| serde_json::from_str::<serde_json::Value>(payload).ok();
        match self.payload.as_ref().and_then(read) {
            None | Some(serde_json::Value::Null) => String::new(),
            Some(payload) => serde_json::to_string_pretty(&payload).unwrap_or_default(),
        }
    }

    /// The place in the log, in words where it has none yet.
    pub fn number(&self) -> String {
        self.sequence.map_or_else(|| "not sealed yet".to_owned(), |sequence| sequence.to_string())
    }
}

/// A query for entries as [`Found`] has them, up to its `WHERE`: `$more` columns, and `$from` which
/// rows, the entry being `e`.
#[macro_export]
macro_rules! log_entries {
    ($more:literal, $from:literal) => {
        concat!(
            "SELECT e.id, e.at, e.actor_kind, coalesce(p.name, k.name) AS actor, e.verb, e.about_kind, e.about_id,
                    e.organisation_id, o.name AS organisation, e.payload, e.sequence",
            $more,
            " ",
            $from,
            " LEFT JOIN person p ON p.id = e.actor_id
              LEFT JOIN api_key k ON k.id = e.actor_id
              LEFT JOIN organisation o ON o.id = e.organisation_id"
        )
    };
}

listing! {
    /// Indexes: `log_entry_organisation`, `log_entry_actor`, `log_entry_about`, or `log_entry_at`.
    static ENTRIES = log_entries!("", "FROM log_entry e");
    organisation: "e.organisation_id = ?1",
    person: "e.actor_id = ?1",
    about: "e.about_id = ?1",
    from: "e.at >= ?1",
    until: "e.at < ?1",
    before: "(e.at, e.id) < (?1, ?2)",
    tail: "ORDER BY e.at DESC, e.id DESC LIMIT 51",
}

/// How many entries a page asks for: one more than it shows.
const PAGE: usize = 51;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What concerns this organisation.
    pub organisation: Option<Uuid>,
    /// What this person or key did.
    pub person: Option<Uuid>,
    /// What is about this object.
    pub about: Option<Uuid>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Behind this entry of the list.
    pub before: Option<(Timestamp, Uuid)>,
}

impl Wanted {
    /// Everything but the organisation, as the conditions of a listing of entries.
    pub fn narrow(&self, mut selection: Selection) -> Selection {
        if let Some((at, id)) = self.before {
            selection = selection.when("before", params![at, id]);
        }
        selection
            .when_some("person", self.person)
            .when_some("about", self.about)
            .when_some("from", self.from)
            .when_some("until", self.until)
    }
}

/// The entries that are wanted, about one of `objects` or, where there is none, about anything;
/// newest first, 51 at most. One read for each object, so that each uses an index.
pub(super) async fn find(
    services: &[&Service],
    snapshot: &mut Snapshot,
    wanted: &Wanted,
    objects: &[Uuid],
) -> Result<Vec<Found>, DbError> {
    let mut found = Vec::new();
    if objects.is_empty() {
        find_one(services, snapshot, wanted, &mut found).await?;
    }
    for object in objects {
        let wanted = Wanted { about: Some(*object), ..wanted.clone() };
        find_one(services, snapshot, &wanted, &mut found).await?;
    }
    found.sort_by_key(|entry| Reverse((entry.at, entry.id)));
    found.dedup_by_key(|entry| entry.id);
    found.truncate(PAGE);
    Ok(found)
}

async fn find_one(
    services: &[&Service],
    snapshot: &mut Snapshot,
    wanted: &Wanted,
    found: &mut Vec<Found>,
) -> Result<(), DbError> {
    let entries = ENTRIES.select(params![]).when_some("organisation", wanted.organisation);
    found.extend(snapshot.list::<Found>(wanted.narrow(entries)).await?);
    if wanted.organisation.is_some() {
        for concerning in services.iter().flat_map(|service| service.log.concerning) {
            found.extend(concerning(snapshot, wanted).await?);
        }
    }
    Ok(())
}

/// The organisation of this code.
pub async fn organisation(snapshot: &mut Snapshot, code: &str) -> Result<Option<Uuid>, DbError> {
    let statement = sql!("SELECT id FROM organisation WHERE code = ?1");
    let found = snapshot.maybe::<(Uuid,)>(statement, params![code.to_ascii_uppercase()]).await?;
    Ok(found.map(|(id,)| id))
}

/// The person of this address.
pub async fn person(snapshot: &mut Snapshot, email: &str) -> Result<Option<Uuid>, DbError> {
    let statement = sql!("SELECT id FROM person WHERE email = ?1");
    let found = snapshot.maybe::<(Uuid,)>(statement, params![email.to_lowercase()]).await?;
    Ok(found.map(|(id,)| id))
}
