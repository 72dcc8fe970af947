//! The CERT's list of incidents, the newest first, and what is looked for in it: an organisation by the beginnings of
//! words of its name or code.

use db::{DbError, Listing, Selection, Snapshot, params, sql};
use platform::fold::{self, Prefix};

use super::{
    IncidentId, Standing, State,
    store::{Incident, incidents},
};
use crate::triage::Priority;

/// Which incidents somebody at the CERT wants to see.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that are kept apart, which are a list of their own.
    pub apart: bool,
    /// Where they stand.
    pub state: Option<State>,
    /// How far they are believed.
    pub standing: Option<Standing>,
    /// How urgent they are.
    pub priority: Option<Priority>,
    /// Whose organisation has words in its name or code that begin so.
    pub search: String,
}

/// Organisations that have a word, above which it is common. What fewer have is fetched and sorted, at some 3 µs an
/// organisation; what more have is met soon enough by walking the list, at 2 µs an incident.
const COMMON: i64 = 1_000;

db::listing! {
    // Indexes: incident_list, incident_state, incident_standing, incident_priority, and for two of them together
    // incident_state_priority, incident_state_standing or incident_standing_priority; with words organisation_word_has.
    static WALKED = incidents!();
    apart: "i.apart = ?1",
    state: "i.state = ?1",
    standing: "i.standing = ?1",
    priority: "i.priority = ?1",
    has: "EXISTS (SELECT 1 FROM organisation_word w
                  WHERE w.organisation_id = i.organisation_id AND w.word >= ?1 AND w.word < ?2)",
    after: "i.id < ?1",
    tail: "ORDER BY i.id DESC LIMIT 51",
}

db::listing! {
    // Indexes: the key of organisation_word, then incident_organisation for each that has the word. What is written as
    // an expression is so in order that no other index is walked for it, and what is fetched stands by itself before it
    // is sorted, or PostgreSQL walked all incidents in their order; what is told of an incident is put together for the
    // page alone.
    static FETCHED = concat!(incidents!(), "WHERE i.id IN (WITH fetched AS MATERIALIZED (SELECT n.id FROM incident n");
    apart: "coalesce(n.apart, FALSE) = ?1",
    state: "coalesce(n.state, '') = ?1",
    standing: "coalesce(n.standing, '') = ?1",
    priority: "coalesce(n.priority, '') = ?1",
    found: "n.organisation_id IN (SELECT w.organisation_id FROM organisation_word w WHERE w.word >= ?1 AND w.word < ?2)",
    has: "EXISTS (SELECT 1 FROM organisation_word w
                  WHERE w.organisation_id = n.organisation_id AND w.word >= ?1 AND w.word < ?2)",
    after: "n.id < ?1",
    tail: ") SELECT id FROM fetched ORDER BY id DESC LIMIT 51) ORDER BY i.id DESC",
}

db::listing! {
    // Index: incident_urgency, walked over what is not asked for. Those without a priority are last; the word for that
    // is the index's.
    static URGENT_WALKED = incidents!();
    apart: "i.apart = ?1",
    state: "coalesce(i.state, '') = ?1",
    standing: "coalesce(i.standing, '') = ?1",
    priority: "i.priority = ?1",
    has: "EXISTS (SELECT 1 FROM organisation_word w
                  WHERE w.organisation_id = i.organisation_id AND w.word >= ?1 AND w.word < ?2)",
    after: "(COALESCE(i.priority, 'p9') > ?1 OR (COALESCE(i.priority, 'p9') = ?1 AND i.id < ?2))",
    tail: "ORDER BY COALESCE(i.priority, 'p9'), i.id DESC LIMIT 51",
}

db::listing! {
    // Indexes: as of those fetched the newest first.
    static URGENT_FETCHED = concat!(
        incidents!(),
        "WHERE i.id IN (WITH fetched AS MATERIALIZED (
             SELECT n.id, COALESCE(n.priority, 'p9') AS urgency FROM incident n"
    );
    apart: "coalesce(n.apart, FALSE) = ?1",
    state: "coalesce(n.state, '') = ?1",
    standing: "coalesce(n.standing, '') = ?1",
    priority: "coalesce(n.priority, '') = ?1",
    found: "n.organisation_id IN (SELECT w.organisation_id FROM organisation_word w WHERE w.word >= ?1 AND w.word < ?2)",
    has: "EXISTS (SELECT 1 FROM organisation_word w
                  WHERE w.organisation_id = n.organisation_id AND w.word >= ?1 AND w.word < ?2)",
    after: "(COALESCE(n.priority, 'p9') > ?1 OR (COALESCE(n.priority, 'p9') = ?1 AND n.id < ?2))",
    tail: ") SELECT id FROM fetched ORDER BY urgency, id DESC LIMIT 51)
           ORDER BY COALESCE(i.priority, 'p9'), i.id DESC",
}

/// A page of the list behind `after`, the newest first, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    filter: &Filter,
    after: Option<IncidentId>,
) -> Result<Vec<Incident>, DbError> {
    let selection = selection(snapshot, filter, (&WALKED, &FETCHED)).await?;
    snapshot.list(selection.when_some("after", after)).await
}

/// The same, the most urgent first, and of those as urgent the newest; behind the incident that has this priority and
/// id.
pub async fn list_by_urgency(
    snapshot: &mut Snapshot,
    filter: &Filter,
    after: Option<(Option<Priority>, IncidentId)>,
) -> Result<Vec<Incident>, DbError> {
    let mut selection = selection(snapshot, filter, (&URGENT_WALKED, &URGENT_FETCHED)).await?;
    if let Some((priority, id)) = after {
        selection = selection.when("after", params![priority.map_or("p9", Priority::code), id]);
    }
    snapshot.list(selection).await
}

/// The list with its conditions: fetched by the rarest word, where few have it, and walked otherwise.
async fn selection(
    snapshot: &mut Snapshot,
    filter: &Filter,
    (walked, by_word): (&'static Listing, &'static Listing),
) -> Result<Selection, DbError> {
    let words = fold::prefixes(&filter.search);
    let mut rarest = (COMMON + 1, None);
    for (place, word) in words.iter().enumerate() {
        let organisations = up_to_common(snapshot, word).await?;
        if organisations < rarest.0 {
            rarest = (organisations, Some(place));
        }
    }
    let selection = if rarest.1.is_some() { by_word } else { walked }
        .select(params![])
        .when("apart", params![filter.apart])
        .when_some("state", filter.state)
        .when_some("standing", filter.standing)
        .when_some("priority", filter.priority);
    Ok(words.iter().enumerate().fold(selection, |selection, (place, word)| {
        let name = if rarest.1 == Some(place) { "found" } else { "has" };
        selection.when(name, params![&word.from, &word.below])
    }))
}

/// How many organisations have a word, counted no further than it takes to know that it is common. Index: the key of
/// `organisation_word`.
async fn up_to_common(snapshot: &mut Snapshot, word: &Prefix) -> Result<i64, DbError> {
    let counted = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT 1 FROM organisation_word WHERE word >= ?1 AND word < ?2 LIMIT 1001) few"
    );
    let (organisations,) = snapshot.one(counted, params![&word.from, &word.below]).await?;
    Ok(organisations)
}
