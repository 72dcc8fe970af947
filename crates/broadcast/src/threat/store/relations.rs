//! The SQL of relations between threats, as their pages show them.

use db::{DbError, Snapshot, params, sql};

use crate::threat::{ThreatId, relation::Way};

db::record! {
    /// Another object that a threat has to do with.
    pub struct Other {
        /// What its source calls the relation.
        pub how: String,
        /// The object's identifier.
        pub object: String,
        /// Its name; empty where it has none.
        pub called: String,
        /// Its type, such as `malware`.
        pub kind: String,
        /// The number under which ATT&CK knows it.
        pub number: String,
        /// The threat that it is, where it is one.
        pub threat: Option<ThreatId>,
    }
}

/// Where a page of relations ended: how, the other object.
pub type Cursor = (String, String);

/// The objects at the far end of the relations that begin in `$from`, behind a cursor.
macro_rules! others {
    ($from:literal, $far:literal, $whose:literal) => {
        sql!(
            "SELECT r.name AS how, o.object, o.name AS called, o.kind, o.number, t.threat_id AS threat FROM ",
            $from,
            " JOIN stix_object o ON o.object = r.",
            $far,
            " AND o.newest = TRUE
             LEFT JOIN threat_statement t ON t.source = 'stix' AND t.source_key = o.object AND t.superseded_at IS NULL
             WHERE r.told = TRUE AND (r.name, o.object) > (?2, ?3) AND ",
            $whose,
            " GROUP BY r.name, o.object, o.name, o.kind, o.number, t.threat_id
             ORDER BY r.name, o.object LIMIT 51"
        )
    };
}

/// What a threat has to do with, one way, behind `after`: 51 at most, and those alone that are known.
/// Index: `threat_statement_threat`, `stix_relation_source` or `stix_relation_target`, `stix_object_newest`,
/// `threat_statement_current`.
pub async fn relations(
    snapshot: &mut Snapshot,
    threat: ThreatId,
    way: Way,
    after: Option<&Cursor>,
) -> Result<Vec<Other>, DbError> {
    let statement = match way {
        Way::Out => others!(
            "threat_statement s JOIN stix_relation r ON r.source = s.source_key",
            "target",
            "s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL"
        ),
        Way::In => others!(
            "threat_statement s JOIN stix_relation r ON r.target = s.source_key",
            "source",
            "s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL"
        ),
    };
    let (how, object) = after.map_or(("", ""), |(how, object)| (how, object));
    snapshot.all(statement, params![threat, how, object]).await
}

/// The same for an object, whether it is a threat or not. Indexes: those of [`relations`] but the first.
pub async fn of_object(
    snapshot: &mut Snapshot,
    object: &str,
    way: Way,
    after: Option<&Cursor>,
) -> Result<Vec<Other>, DbError> {
    let statement = match way {
        Way::Out => others!("stix_relation r", "target", "r.source = ?1"),
        Way::In => others!("stix_relation r", "source", "r.target = ?1"),
    };
    let (how, other) = after.map_or(("", ""), |(how, object)| (how, object));
    snapshot.all(statement, params![object, how, other]).await
}

/// How many relations of a threat lead to or from something that no document has brought, counted up to
/// 1,001. Indexes: those of [`relations`].
pub async fn unresolved(snapshot: &mut Snapshot, threat: ThreatId) -> Result<u64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT r.said_by FROM threat_statement s
             JOIN stix_relation r ON r.source = s.source_key AND r.told = TRUE
             WHERE s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM stix_object o WHERE o.object = r.target AND o.newest = TRUE)
             UNION ALL
             SELECT r.said_by FROM threat_statement s
             JOIN stix_relation r ON r.target = s.source_key AND r.told = TRUE
             WHERE s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM stix_object o WHERE o.object = r.source AND o.newest = TRUE)
             LIMIT 1001) missing"
    );
    let (count,): (i64,) = snapshot.one(statement, params![threat]).await?;
    Ok(count.unsigned_abs())
}

db::record! {
    /// What helps against some of what an actor uses.
    pub struct Helps {
        /// The course of action's identifier.
        pub object: String,
        /// Its name.
        pub called: String,
        /// The number under which ATT&CK knows it.
        pub number: String,
        /// Against how many of the techniques that the actor uses.
        pub against: i64,
    }
}

/// What helps against the techniques that a threat uses, the most first. Indexes: those of [`relations`].
pub async fn helps(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Helps>, DbError> {
    let statement = sql!(
        "SELECT o.object, o.name AS called, o.number, CAST(count(DISTINCT m.target) AS BIGINT) AS against
         FROM threat_statement s
         JOIN stix_relation u ON u.source = s.source_key AND u.name = 'uses' AND u.told = TRUE
         JOIN stix_relation m ON m.target = u.target AND m.name = 'mitigates' AND m.told = TRUE
         JOIN stix_object o ON o.object = m.source AND o.newest = TRUE
         WHERE s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL
         GROUP BY o.object, o.name, o.number
         ORDER BY against DESC, o.number, o.object LIMIT 20"
    );
    snapshot.all(statement, params![threat]).await
}
