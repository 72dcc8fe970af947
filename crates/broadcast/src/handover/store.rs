//! The SQL of hand-over notes and of the facts that they begin with.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    retention::{Rule, rows},
};

use super::NoteId;
use crate::threat::ThreatId;

/// Notes are forgotten after a while: they name people.
pub const FORGOTTEN: Rule = Rule {
    name: "handover",
    // Index: handover_age.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM handover WHERE id IN (
                 SELECT id FROM handover WHERE written_at < ?1 ORDER BY written_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// A note.
    pub struct Note {
        /// Which.
        pub id: NoteId,
        /// What it says, in Markdown.
        pub text: String,
        /// Who wrote it, where they have not left.
        pub author: Option<String>,
        /// When.
        pub written_at: Timestamp,
    }
}

impl Note {
    /// Who wrote it.
    pub fn by(&self) -> &str {
        self.author.as_deref().unwrap_or("somebody who has left")
    }

    /// Its first lines, for the head of a list.
    pub fn beginning(&self) -> String {
        const LETTERS: usize = 1_500;
        if self.text.chars().count() <= LETTERS {
            return self.text.clone();
        }
        let mut begin = String::new();
        let mut letters = 0;
        for line in self.text.lines() {
            letters += line.chars().count() + 1;
            if letters > LETTERS {
                break;
            }
            begin.push_str(line);
            begin.push('\n');
        }
        if begin.trim().is_empty() { self.text.chars().take(LETTERS).collect() } else { begin + "\n…" }
    }
}

macro_rules! notes {
    () => {
        "SELECT n.id, n.text, p.name AS author, n.written_at
         FROM handover n LEFT JOIN person p ON p.id = n.written_by "
    };
}

/// The last note. Index: the key.
pub async fn last(snapshot: &mut Snapshot) -> Result<Option<Note>, DbError> {
    snapshot.maybe(sql!(notes!(), "ORDER BY n.id DESC LIMIT 1"), params![]).await
}

/// A note.
pub async fn note(snapshot: &mut Snapshot, id: NoteId) -> Result<Option<Note>, DbError> {
    snapshot.maybe(sql!(notes!(), "WHERE n.id = ?1"), params![id]).await
}

db::record! {
    /// A row of the list of notes.
    pub struct Listed {
        /// Which.
        pub id: NoteId,
        /// Who wrote it, where they have not left.
        pub author: Option<String>,
        /// When.
        pub written_at: Timestamp,
    }
}

/// Notes before `before`, the newest first, 51 at most. Index: the key.
pub async fn earlier(snapshot: &mut Snapshot, before: NoteId) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT n.id, p.name AS author, n.written_at FROM handover n LEFT JOIN person p ON p.id = n.written_by
         WHERE n.id < ?1 ORDER BY n.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![before]).await
}

/// Keeps a note.
pub(super) async fn insert(tx: &mut Tx, by: PersonId, text: &str) -> Result<NoteId, DbError> {
    let statement = sql!("INSERT INTO handover (id, text, written_by, written_at) VALUES (?1, ?2, ?3, ?4)");
    let (id, now): (NoteId, _) = (tx.id(), tx.now);
    tx.run(statement, params![id, text, by, now]).await?;
    Ok(id)
}

db::record! {
    /// A threat that somebody has claimed.
    pub(super) struct Claimed {
        pub id: ThreatId,
        pub title: String,
        pub by: Option<String>,
        pub rank: i64,
    }
}

/// What is claimed and by whom, the most urgent first, five at most. Index: `threat_status`.
pub(super) async fn claimed(snapshot: &mut Snapshot) -> Result<Vec<Claimed>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.title, p.name AS by, t.rank FROM threat t LEFT JOIN person p ON p.id = t.claimed_by
         WHERE t.status = 'claimed' ORDER BY t.rank DESC, t.dated DESC, t.id DESC LIMIT 5"
    );
    snapshot.all(statement, params![]).await
}

/// How many are claimed, counted up to 1,000. Index: `threat_status`.
pub(super) async fn how_many_claimed(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM threat WHERE status = 'claimed' LIMIT 1000) claimed"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}
