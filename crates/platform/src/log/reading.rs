//! Finding entries for people: newest first, by any combination of filters.

use std::{future::Future, pin::Pin};

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

/// How many entries a page asks for: one more than it shows.
const PAGE: usize = 51;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What concerns this organisation.
    pub organisation: Option<Uuid>,
    /// What this person or key did.
    pub person: Option<Uuid>,
    /// What is about one of these objects; about anything where there is none.
    pub about: Vec<Uuid>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Behind this entry of the list.
    pub before: Option<(Timestamp, Uuid)>,
}

/// The entries that are wanted, newest first, 51 at most.
pub async fn find(snapshot: &mut Snapshot, wanted: &Wanted) -> Result<Vec<Found>, DbError> {
    if wanted.about.is_empty() {
        return find_about(snapshot, wanted, None).await;
    }
    // One read for each object, so that each uses the index.
    let mut found = Vec::new();
    for about in &wanted.about {
        found.extend(find_about(snapshot, wanted, Some(*about)).await?);
    }
    found.sort_unstable_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    found.truncate(PAGE);
    Ok(found)
}

async fn find_about(
    snapshot: &mut Snapshot,
    wanted: &Wanted,
    about: Option<Uuid>,
) -> Result<Vec<Found>, DbError> {
    let mut selection = ENTRIES
        .select(params![])
        .when_some("organisation", wanted.organisation)
        .when_some("person", wanted.person)
        .when_some("about", about)
        .when_some("from", wanted.from)
        .when_some("until", wanted.until);
    if let Some((at, id)) = wanted.before {
        selection = selection.when("before", params![at, id]);
    }
    snapshot.list(selection).await
}

/// Finds the objects that people call by a name of their own, such as `CC-0001`. Each service
/// brings those that know its names; a text that is none of them finds nothing.
pub type Finder = for<'a> fn(&'a mut Snapshot, &'a str) -> Finds<'a>;

/// The future of a [`Finder`].
pub type Finds<'a> = Pin<Box<dyn Future<Output = Result<Vec<Uuid>, DbError>> + Send + 'a>>;

/// The platform's own: an organisation by its code, a person by their address.
pub(crate) const FINDERS: &[Finder] = &[
    |snapshot, code| Box::pin(async move { Ok(organisation(snapshot, code).await?.into_iter().collect()) }),
    |snapshot, email| Box::pin(async move { Ok(person(snapshot, email).await?.into_iter().collect()) }),
];

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
