//! Finding entries for people: newest first, by any combination of filters.

use db::{DbError, Snapshot, listing, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

db::record! {
    /// An entry as a page shows it. Names are joined on reading: the log itself holds none.
    pub struct Found {
        /// The entry.
        pub id: Uuid,
        /// When it happened.
        pub at: Timestamp,
        /// What did it: `person`, `key`, or the job's name.
        pub actor_kind: String,
        /// The person's name, where there still is one.
        pub person: Option<String>,
        /// What happened.
        pub verb: String,
        /// The organisation that it concerns.
        pub organisation: Option<String>,
        /// What else is known; `None` where it was erased.
        pub payload: Option<String>,
        /// Its place in the log; `None` until it is sealed.
        pub sequence: Option<i64>,
    }
}

impl Found {
    /// The person's name, or what did it where it was no person or one that was erased.
    pub fn who(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.actor_kind)
    }

    /// What else is known, empty where nothing is.
    pub fn details(&self) -> &str {
        self.payload.as_deref().filter(|payload| *payload != "null").unwrap_or_default()
    }

    /// The place in the log, in words where it has none yet.
    pub fn number(&self) -> String {
        self.sequence.map_or_else(|| "not sealed yet".to_owned(), |sequence| sequence.to_string())
    }
}

listing! {
    /// Indexes: `log_entry_organisation`, `log_entry_actor`, `log_entry_about`, or `log_entry_at`.
    static ENTRIES = "SELECT e.id, e.at, e.actor_kind, p.name AS person, e.verb, o.name AS organisation,
                             e.payload, e.sequence
                      FROM log_entry e
                      LEFT JOIN person p ON p.id = e.actor_id
                      LEFT JOIN organisation o ON o.id = e.organisation_id";
    organisation: "e.organisation_id = ?1",
    person: "e.actor_id = ?1",
    about: "e.about_id = ?1",
    from: "e.at >= ?1",
    until: "e.at < ?1",
    before: "(e.at, e.id) < (?1, ?2)",
    tail: "ORDER BY e.at DESC, e.id DESC LIMIT 51",
}

/// What to look for.
#[derive(Clone, Copy, Debug, Default)]
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

/// The entries that are wanted, newest first, 51 at most.
pub async fn find(snapshot: &mut Snapshot, wanted: Wanted) -> Result<Vec<Found>, DbError> {
    let mut selection = ENTRIES
        .select(params![])
        .when_some("organisation", wanted.organisation)
        .when_some("person", wanted.person)
        .when_some("about", wanted.about)
        .when_some("from", wanted.from)
        .when_some("until", wanted.until);
    if let Some((at, id)) = wanted.before {
        selection = selection.when("before", params![at, id]);
    }
    snapshot.list(selection).await
}

/// What was named in words, as ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named {
    /// The organisation of this code.
    pub organisation: Option<Uuid>,
    /// The person of this address.
    pub person: Option<Uuid>,
}

/// Looks up an organisation by its code and a person by their address; empty names find nothing.
pub async fn names(snapshot: &mut Snapshot, code: &str, email: &str) -> Result<Named, DbError> {
    let organisation = sql!("SELECT id FROM organisation WHERE code = ?1");
    let organisation = snapshot.maybe::<(Uuid,)>(organisation, params![code.to_ascii_uppercase()]).await?;
    let person = sql!("SELECT id FROM person WHERE email = ?1");
    let person = snapshot.maybe::<(Uuid,)>(person, params![email.to_lowercase()]).await?;
    Ok(Named { organisation: organisation.map(|(id,)| id), person: person.map(|(id,)| id) })
}
