//! The SQL of imported playbooks.

use db::{DbError, Snapshot, params, sql};
use formats::cacao::Playbook;
use jiff::Timestamp;
use platform::{Actor, Tx, fold};

use super::{PlaybookId, State};

db::record! {
    /// An imported playbook in a list.
    pub struct Listed {
        /// Which.
        pub id: PlaybookId,
        /// What it is called.
        pub name: String,
        /// Its marking; none where it says none.
        pub tlp: Option<String>,
        /// Whether it is read.
        pub state: State,
        /// When whoever made it says that they did.
        pub modified: Timestamp,
        /// When it came here.
        pub imported_at: Timestamp,
    }
}

db::record! {
    /// An imported playbook in the version that is read.
    pub struct Kept {
        /// Which.
        pub id: PlaybookId,
        /// Its name in CACAO.
        pub cacao_id: String,
        /// The number of that version.
        pub number: i64,
        /// Its marking; none where it says none.
        pub tlp: Option<String>,
        /// Whether it is read.
        pub state: State,
        /// Why it was withdrawn.
        pub withdrawn_reason: Option<String>,
        /// When.
        pub withdrawn_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
        /// What names the version.
        pub hash: Vec<u8>,
        /// When whoever made it says that they did.
        pub modified: Timestamp,
        /// When it came here.
        pub imported_at: Timestamp,
        /// The version, byte for byte.
        pub document: Vec<u8>,
    }
}

// Those that are read by everybody who is signed in: CLEAR and GREEN. The CERT reads all.
// Indexes: with words `playbook_word`'s key, else the key from its end.
db::listing! {
    static LIST = "SELECT p.id, p.name, p.tlp, p.state, v.modified, v.imported_at
                   FROM playbook p JOIN playbook_version v ON v.playbook_id = p.id AND v.number = p.number";
    word1: "p.id IN (SELECT playbook_id FROM playbook_word WHERE word >= ?1 AND word < ?2)",
    word2: "p.id IN (SELECT playbook_id FROM playbook_word WHERE word >= ?1 AND word < ?2)",
    word3: "p.id IN (SELECT playbook_id FROM playbook_word WHERE word >= ?1 AND word < ?2)",
    word4: "p.id IN (SELECT playbook_id FROM playbook_word WHERE word >= ?1 AND word < ?2)",
    shared: "p.state = 'current' AND p.tlp IN ('clear', 'green')",
    after: "p.id < ?1",
    tail: "ORDER BY p.id DESC LIMIT 51",
}

/// The imported playbooks that `actor` may read and whose names hold the words, the newest first behind
/// `after`, 51 at most; none for whoever is not signed in.
pub async fn list(
    snapshot: &mut Snapshot,
    actor: &Actor,
    words: &str,
    after: Option<PlaybookId>,
) -> Result<Vec<Listed>, DbError> {
    if !reads(actor, Some("clear"), State::Current) {
        return Ok(Vec::new());
    }
    let mut selection = LIST.select(params![]).when_some("after", after);
    if !reads(actor, None, State::Withdrawn) {
        selection = selection.when("shared", params![]);
    }
    for (name, prefix) in ["word1", "word2", "word3", "word4"].into_iter().zip(fold::prefixes(words)) {
        selection = selection.when(name, params![prefix.from, prefix.below]);
    }
    snapshot.list(selection).await
}

/// Whether `actor` reads a playbook that is marked so. One that is not marked is for the CERT alone.
pub(super) fn reads(actor: &Actor, tlp: Option<&str>, state: State) -> bool {
    match actor {
        Actor::Job(_) => true,
        Actor::Person(_) if actor.at_cert() => true,
        Actor::Person(_) => state == State::Current && matches!(tlp, Some("clear" | "green")),
        _ => false,
    }
}

macro_rules! kept {
    () => {
        "SELECT p.id, p.cacao_id, p.number, p.tlp, p.state, p.withdrawn_reason, p.withdrawn_at, p.version, v.hash,
                v.modified, v.imported_at, v.document
         FROM playbook p JOIN playbook_version v ON v.playbook_id = p.id AND v.number = p.number "
    };
}

/// A playbook, if `actor` may read it. Index: the key.
pub async fn playbook(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: PlaybookId,
) -> Result<Option<Kept>, DbError> {
    let found: Option<Kept> = snapshot.maybe(sql!(kept!(), "WHERE p.id = ?1"), params![id]).await?;
    Ok(found.filter(|kept| reads(actor, kept.tlp.as_deref(), kept.state)))
}

/// The playbook that CACAO names so. Index: the unique name.
pub(super) async fn called(snapshot: &mut Snapshot, cacao_id: &str) -> Result<Option<Kept>, DbError> {
    snapshot.maybe(sql!(kept!(), "WHERE p.cacao_id = ?1"), params![cacao_id]).await
}

/// A version by what names it. Index: the unique hash.
pub async fn version(snapshot: &mut Snapshot, hash: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT document FROM playbook_version WHERE hash = ?1");
    let found: Option<(Vec<u8>,)> = snapshot.maybe(statement, params![hash.to_vec()]).await?;
    Ok(found.map(|(document,)| document))
}

/// A version that comes in.
pub(super) struct Coming<'a> {
    pub playbook: &'a Playbook,
    pub hash: [u8; 32],
    pub tlp: Option<&'static str>,
    /// Byte for byte.
    pub document: &'a [u8],
}

/// Keeps a playbook that was not known.
pub(super) async fn insert(tx: &mut Tx, coming: &Coming<'_>) -> Result<PlaybookId, DbError> {
    let id: PlaybookId = tx.id();
    let statement = sql!(
        "INSERT INTO playbook (id, cacao_id, number, name, tlp, state, version)
         VALUES (?1, ?2, 1, ?3, ?4, 'current', 1)"
    );
    tx.run(statement, params![id, &coming.playbook.id, &coming.playbook.name, coming.tlp]).await?;
    Ok(id)
}

/// Has a playbook read in this version; `false` where somebody else changed it meanwhile.
pub(super) async fn advance(
    tx: &mut Tx,
    known: &Kept,
    number: i64,
    coming: &Coming<'_>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook SET number = ?3, name = ?4, tlp = ?5, state = 'current', withdrawn_reason = NULL,
                withdrawn_at = NULL, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![known.id, known.version, number, &coming.playbook.name, coming.tlp];
    Ok(tx.run(statement, values).await? == 1)
}

/// Keeps a version.
pub(super) async fn keep(
    tx: &mut Tx,
    id: PlaybookId,
    number: i64,
    coming: &Coming<'_>,
    actor: &Actor,
) -> Result<(), DbError> {
    let by = actor.person().map(|person| person.id);
    let statement = sql!(
        "INSERT INTO playbook_version (playbook_id, number, hash, modified, document, imported_by, imported_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let (now, hash, document) = (tx.now, coming.hash.to_vec(), coming.document.to_vec());
    let values = params![id, number, hash, coming.playbook.modified, document, by, now];
    tx.run(statement, values).await?;
    Ok(())
}

/// Has a playbook found by the words of its name, and by no others. Indexes: `playbook_word_of`, its key.
pub(super) async fn word(tx: &mut Tx, id: PlaybookId, name: &str) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM playbook_word WHERE playbook_id = ?1"), params![id]).await?;
    for word in fold::words(name).into_iter().take(50) {
        let statement = sql!("INSERT INTO playbook_word (word, playbook_id) VALUES (?1, ?2)");
        tx.run(statement, params![word, id]).await?;
    }
    Ok(())
}

/// Has a playbook read no more; `false` where it is not as it was seen.
pub(super) async fn withdraw(
    tx: &mut Tx,
    id: PlaybookId,
    version: i64,
    reason: &str,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE playbook SET state = 'withdrawn', withdrawn_reason = ?3, withdrawn_at = ?4, version = version + 1
         WHERE id = ?1 AND version = ?2 AND state = 'current'"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, version, reason, now]).await? == 1)
}

db::record! {
    /// What stands in front of one of the program's own.
    pub(super) struct InFront {
        /// Which.
        pub id: PlaybookId,
        /// The word of the one that it stands in front of.
        pub in_front_of: String,
        /// What names the version.
        pub hash: Vec<u8>,
        /// The version, byte for byte.
        pub document: Vec<u8>,
    }
}

/// Those that stand in front of the program's own, 50 at most: there are as many as it has. Everybody reads them,
/// as they read its own. Index: `playbook_in_front`.
pub(super) async fn in_front(snapshot: &mut Snapshot) -> Result<Vec<InFront>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.in_front_of, v.hash, v.document
         FROM playbook p JOIN playbook_version v ON v.playbook_id = p.id AND v.number = p.number
         WHERE p.in_front_of IS NOT NULL AND p.state = 'current' AND p.tlp = 'clear' LIMIT 50"
    );
    snapshot.all(statement, params![]).await
}

/// Has a playbook stand in front of one of the program's own.
pub(super) async fn put_in_front(tx: &mut Tx, id: PlaybookId, slug: &str) -> Result<(), DbError> {
    tx.run(sql!("UPDATE playbook SET in_front_of = ?2 WHERE id = ?1"), params![id, slug]).await?;
    Ok(())
}
