//! Whom an outage would concern, before anybody is told: how many, of what kinds, and who cannot be reached.
//!
//! Each is one statement over those who use the supplier; take a snapshot of [`db::Db::read_long`].

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{mailboxes, organisation::OrganisationId};

use crate::supplier::SupplierId;

/// Those that use the system `?2` of the supplier `?1`, or any of its where that is empty, as `chosen`, and where they are
/// written to as `mailbox`, at the moment `?3`. Index: `supplier_use_of`, then the key of `organisation`.
macro_rules! reached {
    () => {
        concat!(
            "WITH chosen AS (
                 SELECT o.id, o.code, o.name, o.kind FROM organisation o
                 WHERE o.status = 'open' AND o.id IN (
                     SELECT u.organisation_id FROM supplier_use u
                     WHERE u.supplier_id = ?1 AND (CAST(?2 AS TEXT) = '' OR u.folded = ?2))
             ), ",
            mailboxes!("SELECT id AS organisation_id FROM chosen", "?3", "'security_lead', 'shared_mailbox'")
        )
    };
}

db::record! {
    /// How many an outage would concern.
    pub struct Figures {
        /// Organisations.
        pub organisations: i64,
        /// Of these, those for which others answer.
        pub answered_by_others: i64,
        /// Of these, those of which nobody can be reached by mail.
        pub unreachable: i64,
        /// Mailboxes that are written to, each once.
        pub mailboxes: i64,
    }
}

/// How many it would concern.
pub async fn figures(
    snapshot: &mut Snapshot,
    supplier: SupplierId,
    system: &str,
    now: Timestamp,
) -> Result<Figures, DbError> {
    let statement = sql!(
        reached!(),
        "SELECT (SELECT count(*) FROM chosen) AS organisations,
                (SELECT count(DISTINCT organisation_id) FROM writer WHERE written_to <> organisation_id)
                    AS answered_by_others,
                (SELECT count(*) FROM chosen) - (SELECT count(DISTINCT organisation_id) FROM mailbox)
                    AS unreachable,
                (SELECT count(DISTINCT email) FROM mailbox) AS mailboxes"
    );
    snapshot.one(statement, params![supplier, system, now]).await
}

/// How many of each kind.
pub async fn by_kind(
    snapshot: &mut Snapshot,
    supplier: SupplierId,
    system: &str,
) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT o.kind, count(*) AS organisations FROM organisation o
         WHERE o.status = 'open' AND o.id IN (
             SELECT u.organisation_id FROM supplier_use u
             WHERE u.supplier_id = ?1 AND (CAST(?2 AS TEXT) = '' OR u.folded = ?2))
         GROUP BY o.kind ORDER BY count(*) DESC, o.kind"
    );
    snapshot.all(statement, params![supplier, system]).await
}

db::record! {
    /// One that cannot be reached by mail.
    pub struct Unreachable {
        /// Which.
        pub id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
    }
}

/// Those of whom nobody can be reached by mail, by code, 51 at most.
pub async fn unreachable(
    snapshot: &mut Snapshot,
    supplier: SupplierId,
    system: &str,
    now: Timestamp,
) -> Result<Vec<Unreachable>, DbError> {
    let statement = sql!(
        reached!(),
        "SELECT c.id, c.code, c.name FROM chosen c
         WHERE c.id NOT IN (SELECT organisation_id FROM mailbox) ORDER BY c.code LIMIT 51"
    );
    snapshot.all(statement, params![supplier, system, now]).await
}
