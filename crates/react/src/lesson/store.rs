//! The SQL of lessons.

use db::{DbError, Snapshot, listing, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, fold, organisation::OrganisationId};
use uuid::Uuid;

use super::{Learned, LessonId};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::{IncidentId, Receipt, State},
};

db::record! {
    /// A lesson, as it is read.
    pub struct Lesson {
        /// Which.
        pub id: LessonId,
        /// Whose it is to read.
        pub zone: Zone,
        /// In a line; empty where it was forgotten.
        pub title: String,
        /// What happened.
        pub happened: String,
        /// What helped.
        pub helped: String,
        /// What hindered.
        pub hindered: String,
        /// Who wrote it down, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub recorded_at: Timestamp,
        /// The one that stands in its place.
        pub replaced_by: Option<LessonId>,
    }
}

impl Lesson {
    /// What it is called.
    pub fn called(&self) -> &str {
        if self.title.is_empty() { "No longer kept" } else { &self.title }
    }

    /// What it says, part by part: each with what it is called. Those that are empty are left out.
    pub fn parts(&self) -> Vec<(&'static str, &str)> {
        parts(&self.happened, &self.helped, &self.hindered)
    }
}

fn parts<'a>(happened: &'a str, helped: &'a str, hindered: &'a str) -> Vec<(&'static str, &'a str)> {
    [("What happened", happened), ("What helped", helped), ("What hindered", hindered)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

macro_rules! lessons {
    () => {
        "SELECT l.id, l.zone, l.title, l.happened, l.helped, l.hindered, p.name AS by, o.name AS through,
                l.recorded_at, l.replaced_by
         FROM lesson l
         LEFT JOIN person p ON p.id = l.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = l.through_id "
    };
}

/// The lessons of these zones that stand, the last first, 51 at most behind `after`. Index: `lesson_of`.
pub async fn of(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    after: LessonId,
) -> Result<Vec<Lesson>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        lessons!(),
        "WHERE l.incident_id = ?1 AND l.zone IN (?2, ?3, ?4) AND l.replaced_by IS NULL AND l.id < ?5
         ORDER BY l.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, after]).await
}

/// A lesson of a case, if it stands in one of these zones. Index: the key.
pub async fn lesson(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: LessonId,
) -> Result<Option<Lesson>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(lessons!(), "WHERE l.id = ?1 AND l.incident_id = ?2 AND l.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// How many lessons a zone of a case has, and the one of this form. Index: `lesson_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    (incident, zone): (IncidentId, Zone),
    form: Uuid,
) -> Result<(i64, Option<LessonId>), DbError> {
    let count = sql!("SELECT count(*) FROM lesson WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(count, params![incident, zone]).await?;
    let same = sql!("SELECT id FROM lesson WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(LessonId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

/// Keeps a lesson, and the words of one that is shared.
pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone): (IncidentId, Zone),
    learned: &Learned,
    (by, through): (PersonId, Option<OrganisationId>),
) -> Result<LessonId, CaseError> {
    let (id, now): (LessonId, _) = (tx.id(), tx.now);
    let [title, happened, helped, hindered] =
        [&learned.title, &learned.happened, &learned.helped, &learned.hindered].map(|text| text.trim());
    let statement = sql!(
        "INSERT INTO lesson (id, incident_id, zone, title, happened, helped, hindered, person_id, through_id,
                             recorded_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    let values =
        params![id, incident, zone, title, happened, helped, hindered, by, through, now, learned.form];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => return Err(CaseError::Twice),
        kept => kept?,
    };
    if zone == Zone::Shared {
        keep_words(tx, id, &fold::words(&[title, happened, helped, hindered].join(" "))).await?;
    }
    Ok(id)
}

/// Eight words with one statement.
async fn keep_words(tx: &mut Tx, lesson: LessonId, words: &[String]) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO lesson_word (lesson_id, word)
         VALUES (?1, ?2), (?1, ?3), (?1, ?4), (?1, ?5), (?1, ?6), (?1, ?7), (?1, ?8), (?1, ?9)
         ON CONFLICT (word, lesson_id) DO NOTHING"
    );
    for eight in words.chunks(8) {
        let mut values = params![lesson];
        // A short rest is filled up with its last word, which is then there already.
        values.extend((0..8).map(|place| eight[place.min(eight.len() - 1)].as_str().into()));
        tx.run_later(statement, values).await?;
    }
    Ok(())
}

/// Puts another lesson in the place of one; `false` where somebody was faster. Index: the key, `lesson_word_has`.
pub(super) async fn replace(tx: &mut Tx, before: LessonId, id: LessonId) -> Result<bool, DbError> {
    let statement = sql!("UPDATE lesson SET replaced_by = ?2 WHERE id = ?1 AND replaced_by IS NULL");
    let moved = tx.run(statement, params![before, id]).await? == 1;
    tx.run(sql!("DELETE FROM lesson_word WHERE lesson_id = ?1"), params![before]).await?;
    Ok(moved)
}

db::record! {
    /// A lesson that is shared, with the incident that it is of: for the CERT.
    pub struct Shared {
        /// Which.
        pub id: LessonId,
        /// The incident.
        pub incident_id: IncidentId,
        /// Its number.
        pub receipt: Receipt,
        /// Where that stands.
        pub state: State,
        /// The organisation, where it is known.
        pub name: Option<String>,
        /// What kind of incident it was, as a code.
        pub kind: Option<String>,
        /// In a line.
        pub title: String,
        /// What happened.
        pub happened: String,
        /// What helped.
        pub helped: String,
        /// What hindered.
        pub hindered: String,
        /// When it was written down.
        pub recorded_at: Timestamp,
    }
}

impl Shared {
    /// What it says, part by part.
    pub fn parts(&self) -> Vec<(&'static str, &str)> {
        parts(&self.happened, &self.helped, &self.hindered)
    }
}

listing! {
    // Indexes: lesson_shared; with words lesson_word_has.
    static SHARED = "SELECT l.id, l.incident_id, i.receipt, i.state, o.name, t.kind, l.title, l.happened, l.helped,
                            l.hindered, l.recorded_at
                     FROM lesson l CROSS JOIN incident i
                     LEFT JOIN organisation o ON o.id = i.organisation_id
                     LEFT JOIN triage t ON t.incident_id = l.incident_id";
    of: "i.id = l.incident_id AND l.zone = 'shared' AND l.replaced_by IS NULL AND l.id < ?1",
    has: "EXISTS (SELECT 1 FROM lesson_word w WHERE w.lesson_id = l.id AND w.word >= ?1 AND w.word < ?2)",
    tail: "ORDER BY l.id DESC LIMIT 51",
}

/// The lessons of all incidents that are shared and say what was typed, the last first, 51 at most behind `after`.
pub async fn shared(snapshot: &mut Snapshot, typed: &str, after: LessonId) -> Result<Vec<Shared>, DbError> {
    let mut selection = SHARED.select(params![]).when("of", params![after]);
    for prefix in fold::prefixes(typed) {
        selection = selection.when("has", params![prefix.from, prefix.below]);
    }
    snapshot.list(selection).await
}
