//! The SQL of reviews.

use db::{DbError, Snapshot, params, sql};
use platform::{
    Tx,
    access::PersonId,
    retention::{Rule, rows},
};

use super::{Kind, ReviewId};

/// Reviews that were taken back, or whose place another one took.
pub const FORGOTTEN: Rule = Rule {
    name: "playbook_review",
    // Index: playbook_review_over.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM playbook_review WHERE id IN (
                 SELECT id FROM playbook_review WHERE over_at IS NOT NULL AND over_at < ?1 ORDER BY over_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// That somebody has read a playbook, and agreed.
    pub struct Review {
        /// Which.
        pub id: ReviewId,
        /// The playbook.
        pub cacao_id: String,
        /// What was reviewed.
        pub kind: Kind,
        /// What names the words that were read.
        pub hash: Vec<u8>,
        /// Who read them.
        pub name: String,
        /// What they are.
        pub profession: String,
        /// The day: 2026-11-27.
        pub day: String,
    }
}

impl Review {
    /// Who, and when, in words.
    pub fn in_words(&self) -> String {
        let day = self.day.parse::<jiff::civil::Date>();
        let day = day.map_or_else(|_| self.day.clone(), |day| day.strftime("%-d %B %Y").to_string());
        format!("{}, {}, {day}", self.name, self.profession)
    }
}

macro_rules! reviews {
    () => {
        "SELECT id, cacao_id, kind, hash, name, profession, day FROM playbook_review WHERE over_at IS NULL "
    };
}

/// All that were not taken back, 1,000 at most: two for each playbook. Index: `playbook_review_standing`.
pub async fn standing(snapshot: &mut Snapshot) -> Result<Vec<Review>, DbError> {
    snapshot.all(sql!(reviews!(), "ORDER BY cacao_id, kind LIMIT 1000"), params![]).await
}

/// Those of a playbook. Index: `playbook_review_standing`.
pub async fn of(snapshot: &mut Snapshot, cacao_id: &str) -> Result<Vec<Review>, DbError> {
    snapshot.all(sql!(reviews!(), "AND cacao_id = ?1 ORDER BY kind"), params![cacao_id]).await
}

/// What is entered.
pub(super) struct Entered<'a> {
    pub cacao_id: &'a str,
    pub kind: Kind,
    pub hash: [u8; 32],
    pub name: &'a str,
    pub profession: &'a str,
    pub day: &'a str,
    pub by: PersonId,
}

/// Keeps a review.
pub(super) async fn insert(tx: &mut Tx, entered: &Entered<'_>) -> Result<ReviewId, DbError> {
    let (id, now): (ReviewId, _) = (tx.id(), tx.now);
    let &Entered { cacao_id, kind, hash, name, profession, day, by } = entered;
    let statement = sql!(
        "INSERT INTO playbook_review (id, cacao_id, kind, hash, name, profession, day, written_by, written_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    tx.run(statement, params![id, cacao_id, kind, hash.to_vec(), name, profession, day, by, now]).await?;
    Ok(id)
}

/// Ends the review of this kind; whether there was one. Index: `playbook_review_standing`.
pub(super) async fn end(tx: &mut Tx, cacao_id: &str, kind: Kind) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE playbook_review SET over_at = ?3 WHERE cacao_id = ?1 AND kind = ?2 AND over_at IS NULL");
    let now = tx.now;
    Ok(tx.run(statement, params![cacao_id, kind, now]).await? > 0)
}
