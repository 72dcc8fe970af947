//! The SQL of drafts.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    retention::{BATCH, Rule},
};

use super::{DraftId, State};

/// Drafts that were published or dropped: what was published stands as a version.
pub const FORGOTTEN: Rule = Rule {
    name: "playbook_draft",
    // Indexes: playbook_draft_decided, the keys.
    forget: |tx, before| {
        Box::pin(async move {
            let editors = sql!(
                "DELETE FROM playbook_draft_editor WHERE draft_id IN (
                     SELECT id FROM playbook_draft WHERE decided_at IS NOT NULL AND decided_at < ?1
                     ORDER BY decided_at, id LIMIT ?2)"
            );
            tx.run(editors, params![before, BATCH]).await?;
            let drafts = sql!(
                "DELETE FROM playbook_draft WHERE id IN (
                     SELECT id FROM playbook_draft WHERE decided_at IS NOT NULL AND decided_at < ?1
                     ORDER BY decided_at, id LIMIT ?2)"
            );
            tx.run(drafts, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// A draft in a list.
    pub struct Listed {
        /// Which.
        pub id: DraftId,
        /// What it is called.
        pub name: String,
        /// Where it stands.
        pub state: State,
        /// When it was last saved.
        pub saved_at: Timestamp,
    }
}

db::record! {
    /// A draft.
    pub struct Draft {
        /// Which.
        pub id: DraftId,
        /// What it is to become a version of.
        pub cacao_id: String,
        /// What it is called.
        pub name: String,
        /// The number of the version that was kept when it was begun.
        pub based_on: Option<i64>,
        /// The word of the one of the program's own that it is to stand in front of.
        pub in_front_of: Option<String>,
        /// Where it stands.
        pub state: State,
        /// The document, whole or not.
        pub document: Vec<u8>,
        /// Grows with every change.
        pub edition: i64,
        /// When it was last saved.
        pub saved_at: Timestamp,
        /// Why it was sent back last; empty where it was not.
        pub sent_back: String,
    }
}

// Index: playbook_draft_waiting.
db::listing! {
    static LIST = "SELECT id, name, state, saved_at FROM playbook_draft";
    waiting: "decided_at IS NULL",
    after: "id < ?1",
    tail: "ORDER BY id DESC LIMIT 51",
}

/// The drafts that are neither published nor dropped, the newest first behind `after`, 51 at most.
pub async fn list(snapshot: &mut Snapshot, after: Option<DraftId>) -> Result<Vec<Listed>, DbError> {
    snapshot.list(LIST.select(params![]).when("waiting", params![]).when_some("after", after)).await
}

macro_rules! drafts {
    () => {
        "SELECT id, cacao_id, name, based_on, in_front_of, state, document, edition, saved_at, sent_back
         FROM playbook_draft "
    };
}

/// A draft. Index: the key.
pub async fn draft(snapshot: &mut Snapshot, id: DraftId) -> Result<Option<Draft>, DbError> {
    snapshot.maybe(sql!(drafts!(), "WHERE id = ?1"), params![id]).await
}

/// The open draft of a playbook. Index: `playbook_draft_open`.
pub(super) async fn open_of(snapshot: &mut Snapshot, cacao_id: &str) -> Result<Option<DraftId>, DbError> {
    let statement = sql!("SELECT id FROM playbook_draft WHERE cacao_id = ?1 AND decided_at IS NULL");
    let found: Option<(DraftId,)> = snapshot.maybe(statement, params![cacao_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// A draft that begins.
pub(super) struct Beginning<'a> {
    pub cacao_id: &'a str,
    pub name: &'a str,
    pub based_on: Option<i64>,
    pub in_front_of: Option<&'a str>,
    pub document: Vec<u8>,
    pub by: PersonId,
}

/// Keeps a draft that begins.
pub(super) async fn insert(tx: &mut Tx, beginning: Beginning<'_>) -> Result<DraftId, DbError> {
    let (id, now): (DraftId, _) = (tx.id(), tx.now);
    let Beginning { cacao_id, name, based_on, in_front_of, document, by } = beginning;
    let statement = sql!(
        "INSERT INTO playbook_draft (id, cacao_id, name, based_on, in_front_of, state, document, edition, begun_by,
                                     begun_at, saved_at, sent_back)
         VALUES (?1, ?2, ?3, ?4, ?5, 'draft', ?6, 1, ?7, ?8, ?8, '')"
    );
    tx.run(statement, params![id, cacao_id, name, based_on, in_front_of, document, by, now]).await?;
    note_editor(tx, id, by).await?;
    Ok(id)
}

/// Keeps that somebody has written in a draft.
pub(super) async fn note_editor(tx: &mut Tx, id: DraftId, by: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO playbook_draft_editor (draft_id, person_id) VALUES (?1, ?2)
         ON CONFLICT (draft_id, person_id) DO NOTHING"
    );
    tx.run(statement, params![id, by]).await?;
    Ok(())
}

/// Whether somebody has written in a draft. Index: the key.
pub async fn has_written(snapshot: &mut Snapshot, id: DraftId, person: PersonId) -> Result<bool, DbError> {
    let statement = sql!("SELECT draft_id FROM playbook_draft_editor WHERE draft_id = ?1 AND person_id = ?2");
    let found: Option<(DraftId,)> = snapshot.maybe(statement, params![id, person]).await?;
    Ok(found.is_some())
}

/// Saves a document over the edition that was read; `false` where somebody else was faster.
pub(super) async fn save(tx: &mut Tx, draft: &Draft, name: &str, document: Vec<u8>) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook_draft SET document = ?3, name = ?4, state = 'draft', submitted_at = NULL, saved_at = ?5,
                edition = edition + 1
         WHERE id = ?1 AND edition = ?2 AND decided_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![draft.id, draft.edition, document, name, now]).await? == 1)
}

/// Submits a draft; `false` where somebody else was faster.
pub(super) async fn submit(tx: &mut Tx, draft: &Draft) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook_draft SET state = 'submitted', submitted_at = ?3, sent_back = '', edition = edition + 1
         WHERE id = ?1 AND edition = ?2 AND state = 'draft'"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![draft.id, draft.edition, now]).await? == 1)
}

/// Sends a draft back; `false` where somebody else was faster.
pub(super) async fn send_back(tx: &mut Tx, draft: &Draft, reason: &str) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook_draft SET state = 'draft', submitted_at = NULL, sent_back = ?3, edition = edition + 1
         WHERE id = ?1 AND edition = ?2 AND state = 'submitted'"
    );
    Ok(tx.run(statement, params![draft.id, draft.edition, reason]).await? == 1)
}

/// Ends a draft as published or dropped; `false` where somebody else was faster.
pub(super) async fn decide(tx: &mut Tx, draft: &Draft, state: State, by: PersonId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook_draft SET state = ?3, decided_by = ?4, decided_at = ?5, edition = edition + 1
         WHERE id = ?1 AND edition = ?2 AND decided_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![draft.id, draft.edition, state, by, now]).await? == 1)
}
