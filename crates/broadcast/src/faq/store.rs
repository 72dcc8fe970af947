//! The SQL of published questions and answers.

use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{Actor, Tx, access::PersonId, web::cursor};
use uuid::Uuid;

use super::{FaqId, SHOWN, State, Wording};
use crate::{
    advisory::{AdvisoryId, AdvisoryNumber},
    alert::{self, Alert, AlertId, store::Marking},
    question::QuestionId,
};

db::record! {
    /// An entry as its readers see it.
    pub struct Entry {
        /// Which.
        pub id: FaqId,
        /// The question.
        pub question: String,
        /// The answer.
        pub answer: String,
        /// Its own marking.
        pub tlp: Marking,
        /// When it was last worded.
        pub written_at: Timestamp,
    }
}

/// A page of entries, and the cursor of the next one.
#[derive(Debug)]
pub struct Shown {
    /// The entries, the newest first.
    pub entries: Vec<Entry>,
    /// Behind which the next page begins.
    pub next: Option<String>,
}

/// The entries that are published where `actor` reads this alert, the newest first behind `after`.
///
/// Those written for this alert, and those of earlier ones that are not marked more narrowly than it: its
/// audience may be another. At AMBER+STRICT they are for those whom that lets read (decision 0008).
/// Index: `faq_advisory`.
pub async fn shown(
    snapshot: &mut Snapshot,
    actor: &Actor,
    alert: &Alert,
    after: FaqId,
    now: Timestamp,
) -> Result<Shown, DbError> {
    let reads = actor.at_cert() || alert::store::standing(snapshot, actor, alert.id, now).await?.reads();
    if alert.tlp.0 == Tlp::AmberStrict && !reads {
        return Ok(Shown { entries: Vec::new(), next: None });
    }
    let statement = sql!(
        "SELECT f.id, v.question, v.answer, v.tlp, v.written_at
         FROM faq f
         JOIN faq_version v ON v.faq_id = f.id AND v.version = f.version
         JOIN alert w ON w.id = v.alert_id
         WHERE f.advisory_id = ?1 AND f.state = 'published' AND f.id < ?2
           AND v.tlp IN (?3, ?4, ?5, ?6, ?7)
           AND (v.alert_id = ?8 OR (w.issued_at < ?9 AND v.tlp IN (?10, ?11, ?12, ?13, ?14)))
         ORDER BY f.id DESC LIMIT 16"
    );
    let mut values = params![alert.advisory_id, after];
    let codes =
        |allowed: &dyn Fn(Tlp) -> bool| Tlp::ALL.map(|tlp| if allowed(tlp) { tlp.code() } else { "" });
    values.extend(codes(&|tlp| reads || tlp != Tlp::AmberStrict).map(Into::into));
    values.extend(params![alert.id, alert.issued_at]);
    values.extend(codes(&|tlp| tlp <= alert.tlp.0).map(Into::into));
    let mut entries: Vec<Entry> = snapshot.all(statement, values).await?;
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let next = entries.last().filter(|_| more).map(|last| cursor::write(&last.id));
    Ok(Shown { entries, next })
}

db::record! {
    /// An entry as the CERT keeps it, with its wording.
    pub struct Faq {
        /// Which.
        pub id: FaqId,
        /// The advisory whose alerts show it.
        pub advisory_id: AdvisoryId,
        /// That advisory's number.
        pub number: AdvisoryNumber,
        /// The question that it came from.
        pub question_id: QuestionId,
        /// Whether it is read.
        pub state: State,
        /// The version of its wording.
        pub version: i64,
        /// Why it was withdrawn.
        pub withdrawn_reason: Option<String>,
        /// When.
        pub withdrawn_at: Option<Timestamp>,
        /// The alert that was the newest when it was worded so.
        pub alert_id: AlertId,
        /// The question.
        pub question: String,
        /// The answer.
        pub answer: String,
        /// Its marking.
        pub tlp: Marking,
    }
}

macro_rules! entries {
    () => {
        "SELECT f.id, f.advisory_id, a.number, f.question_id, f.state, f.version, f.withdrawn_reason, f.withdrawn_at,
                v.alert_id, v.question, v.answer, v.tlp
         FROM faq f
         JOIN faq_version v ON v.faq_id = f.id AND v.version = f.version
         JOIN advisory a ON a.id = f.advisory_id "
    };
}

/// An entry, whoever asks for it. Index: the key.
pub async fn faq(snapshot: &mut Snapshot, id: FaqId) -> Result<Option<Faq>, DbError> {
    snapshot.maybe(sql!(entries!(), "WHERE f.id = ?1"), params![id]).await
}

/// The entries that came from a question, the newest first, 20 at most. Index: `faq_question`.
pub async fn from_question(snapshot: &mut Snapshot, question: QuestionId) -> Result<Vec<Faq>, DbError> {
    let statement = sql!(entries!(), "WHERE f.question_id = ?1 ORDER BY f.id DESC LIMIT 20");
    snapshot.all(statement, params![question]).await
}

db::record! {
    /// One wording of an entry.
    pub struct Version {
        /// Which.
        pub version: i64,
        /// The question.
        pub question: String,
        /// The answer.
        pub answer: String,
        /// The marking.
        pub tlp: Marking,
        /// Who wrote it, where they have not left.
        pub by: Option<String>,
        /// When.
        pub written_at: Timestamp,
    }
}

impl Version {
    /// Who wrote it.
    pub fn author(&self) -> &str {
        self.by.as_deref().unwrap_or("somebody who has left")
    }
}

/// The wordings of an entry below `before`, the newest first, 16 at most. Index: `faq_version`'s key.
pub async fn versions(snapshot: &mut Snapshot, id: FaqId, before: i64) -> Result<Vec<Version>, DbError> {
    let statement = sql!(
        "SELECT v.version, v.question, v.answer, v.tlp, p.name AS by, v.written_at
         FROM faq_version v LEFT JOIN person p ON p.id = v.written_by AND p.erased_at IS NULL
         WHERE v.faq_id = ?1 AND v.version < ?2 ORDER BY v.version DESC LIMIT 16"
    );
    snapshot.all(statement, params![id, before]).await
}

/// The newest of an advisory's alerts that organisations have seen. Index: `alert_advisory`.
pub(super) async fn newest(snapshot: &mut Snapshot, advisory: AdvisoryId) -> Result<Option<Alert>, DbError> {
    let statement = sql!(
        "SELECT * FROM alert WHERE advisory_id = ?1 AND state IN ('in_force', 'superseded', 'withdrawn')
         ORDER BY issued_at DESC LIMIT 1"
    );
    snapshot.maybe(statement, params![advisory]).await
}

/// The entry that was sent with this form. Index: the unique form.
pub(super) async fn sent_with(snapshot: &mut Snapshot, form: Uuid) -> Result<Option<FaqId>, DbError> {
    let found: Option<(FaqId,)> =
        snapshot.maybe(sql!("SELECT id FROM faq WHERE form = ?1"), params![form]).await?;
    Ok(found.map(|(id,)| id))
}

/// Keeps a new entry; what it says is kept by [`word`].
pub(super) async fn insert(
    tx: &mut Tx,
    advisory: AdvisoryId,
    question: QuestionId,
    form: Option<Uuid>,
) -> Result<FaqId, DbError> {
    let id: FaqId = tx.id();
    let statement = sql!(
        "INSERT INTO faq (id, advisory_id, question_id, form, state, version)
         VALUES (?1, ?2, ?3, ?4, 'published', 1)"
    );
    tx.run(statement, params![id, advisory, question, form.unwrap_or(id.0)]).await?;
    Ok(id)
}

/// Keeps a wording of an entry.
pub(super) async fn word(
    tx: &mut Tx,
    id: FaqId,
    version: i64,
    alert: AlertId,
    wording: &Wording,
    by: PersonId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO faq_version (faq_id, version, alert_id, question, answer, tlp, written_by, written_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let Wording { question, answer, tlp } = wording;
    let now = tx.now;
    tx.run(statement, params![id, version, alert, question, answer, tlp.code(), by, now]).await?;
    Ok(())
}

/// Has an entry read in its next version; `false` where it has one already, or is read no more.
pub(super) async fn advance(tx: &mut Tx, id: FaqId, version: i64) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE faq SET version = version + 1 WHERE id = ?1 AND version = ?2 AND state = 'published'");
    Ok(tx.run(statement, params![id, version]).await? == 1)
}

/// Has an entry read no more; `false` where it has another version, or was withdrawn.
pub(super) async fn withdraw(
    tx: &mut Tx,
    id: FaqId,
    version: i64,
    reason: &str,
    by: PersonId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE faq SET state = 'withdrawn', withdrawn_reason = ?3, withdrawn_by = ?4, withdrawn_at = ?5
         WHERE id = ?1 AND version = ?2 AND state = 'published'"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, version, reason, by, now]).await? == 1)
}
