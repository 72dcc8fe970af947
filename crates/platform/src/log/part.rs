//! What a service tells the readers of the log: its words, what its objects are called and how they
//! are found, and which entries concern an organisation that they do not name.

use std::{collections::HashMap, future::Future, pin::Pin};

use db::{DbError, Row, Snapshot, Statement, Value};
use uuid::Uuid;

use super::reading::{Found, Wanted};
use crate::Service;

/// One service's part in reading the log.
#[derive(Debug)]
pub struct Part {
    /// Each verb that the service writes, in words that stand beside who did it and to what.
    pub words: &'static [(&'static str, &'static str)],
    /// The kinds of objects that its entries are about.
    pub kinds: &'static [Kind],
    /// How its objects are found by the names that people use.
    pub finders: &'static [Finder],
    /// How entries are found that concern an organisation without naming it.
    pub concerning: &'static [Concerning],
    /// Whether what its entries tell is for some alone, as the cases of incidents are: live pages are not told of it but
    /// by [`news`](crate::web::news).
    pub of_topics: bool,
}

impl Part {
    /// Of a service that writes nothing into the log.
    pub const NONE: Self = Self { words: &[], kinds: &[], finders: &[], concerning: &[], of_topics: false };
}

/// A future that reads.
pub type Reads<'a, T> = Pin<Box<dyn Future<Output = Result<Vec<T>, DbError>> + Send + 'a>>;

/// Finds the objects that people call by a name of their own, such as `CC-0001`. Each service
/// brings those that know its names; a text that is none of them finds nothing.
pub type Finder = for<'a> fn(&'a mut Snapshot, &'a str) -> Finds<'a>;

/// The future of a [`Finder`].
pub type Finds<'a> = Reads<'a, Uuid>;

/// Finds the entries, newest first and no more than a page holds, that concern the organisation that
/// is wanted though each was written once for many.
pub type Concerning = for<'a> fn(&'a mut Snapshot, &'a Wanted) -> Reads<'a, Found>;

/// A kind of objects that entries are about.
#[derive(Debug)]
pub struct Kind {
    /// As entries name it.
    pub name: &'static str,
    /// Reads what is called how: ids are `IN` [`page_of_ids!`](crate::page_of_ids!).
    pub statement: fn() -> &'static Statement,
    /// What a row of it says.
    pub read: fn(&Row) -> Result<Named, DbError>,
}

/// An object as people know it.
#[derive(Clone, Debug)]
pub struct Named {
    /// Which.
    pub id: Uuid,
    /// What it is called.
    pub called: String,
    /// Its page, where it has one that every reader of the log may open.
    pub page: Option<String>,
}

/// As many places as a page has rows, for the `IN (…)` of a [`Kind`]'s statement.
#[macro_export]
macro_rules! page_of_ids {
    () => {
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
          ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42,
          ?43, ?44, ?45, ?46, ?47, ?48, ?49, ?50)"
    };
}

/// How many places [`page_of_ids!`](crate::page_of_ids!) has.
const PLACES: usize = 50;

/// What the objects of `entries` are called: one statement for each kind among them.
pub(super) async fn names(
    services: &[&Service],
    snapshot: &mut Snapshot,
    entries: &[Found],
) -> Result<HashMap<Uuid, Named>, DbError> {
    let mut known = HashMap::new();
    for kind in services.iter().flat_map(|service| service.log.kinds) {
        let of_kind = entries.iter().filter(|entry| entry.about_kind == kind.name);
        let mut ids: Vec<_> =
            of_kind.filter_map(|entry| entry.about_id).take(PLACES).map(Value::from).collect();
        if ids.is_empty() {
            continue;
        }
        ids.resize(PLACES, Value::Null);
        for row in snapshot.all::<Row>((kind.statement)(), ids).await? {
            let named = (kind.read)(&row)?;
            known.insert(named.id, named);
        }
    }
    Ok(known)
}

/// The words for a verb; the verb itself where an older program wrote one that is no more.
pub(super) fn words<'a>(services: &[&Service], verb: &'a str) -> &'a str {
    let known = services.iter().flat_map(|service| service.log.words).find(|(known, _)| *known == verb);
    known.map_or(verb, |(_, words)| words)
}
