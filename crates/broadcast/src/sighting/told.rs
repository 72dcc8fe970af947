//! What others may be told of sightings, and what of it binds an advisory.
//!
//! One condition decides, for every door: see [`may_be_told!`] and
//! docs/decisions/0010-sightings.md.

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use formats::{Indicator, Tlp};
use jiff::{Timestamp, civil::Date};
use platform::{Actor, Tx, access::Role};

use super::{FEWEST, Report, Seen, SightingId, Telling};
use crate::{
    advisory::AdvisoryId,
    alert::store::Marking,
    response::{mine, mine_of},
    threat::ThreatId,
};

/// Of a sighting `s`: the organisation allowed it, and its marking lets it leave the CERT. What is
/// AMBER+STRICT stays with who received it, whatever else was chosen.
macro_rules! may_be_told {
    () => {
        "s.telling = 'without_name' AND s.tlp IN ('clear', 'green', 'amber')"
    };
}

impl Report {
    /// The same of a sighting at hand.
    pub(crate) fn may_be_told(&self) -> bool {
        self.telling == Telling::WithoutName && self.tlp <= Tlp::Amber
    }
}

db::record! {
    /// How many organisations of one region saw one kind of thing.
    pub struct Elsewhere {
        /// The region's code.
        pub region: String,
        /// What they saw.
        pub seen: Seen,
        /// How many.
        pub organisations: i64,
    }
}

/// What others saw since `from` in the regions of those that `actor` stands for. A count of fewer than
/// [`FEWEST`] organisations is left out, since it would say who; those that `actor` stands for do not
/// count, or whoever reports for two of three would know the third. Index: `sighting_seen`; on
/// `read_long`.
pub async fn elsewhere(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    from: Date,
) -> Result<Vec<Elsewhere>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.region, s.seen, CAST(count(DISTINCT s.organisation_id) AS BIGINT) AS organisations
         FROM sighting s JOIN organisation o ON o.id = s.organisation_id
         WHERE s.seen_on >= ?7 AND s.status <> 'dismissed' AND ",
        may_be_told!(),
        " AND s.organisation_id NOT IN (SELECT organisation_id FROM mine)
           AND o.region IN (SELECT own.region FROM organisation own
                            WHERE own.id IN (SELECT organisation_id FROM mine))
         GROUP BY o.region, s.seen
         HAVING count(DISTINCT s.organisation_id) >= ?8
         ORDER BY o.region, s.seen"
    );
    let values = mine_of(actor, now, Role::READING, params![from.to_string(), FEWEST]);
    snapshot.all(statement, values).await
}

/// A sighting of a threat that others may be told of.
#[derive(Clone, Debug)]
pub(crate) struct Tellable {
    /// Which.
    pub id: SightingId,
    /// Its marking.
    pub tlp: Tlp,
    /// Its indicators.
    pub indicators: Vec<Indicator>,
}

impl FromRow for Tellable {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let indicators: String = row.get("indicators")?;
        let indicators = serde_json::from_str(&indicators).map_err(|error| DbError::Column {
            column: "indicators".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self { id: row.get("id")?, tlp: row.get::<Marking>("tlp")?.0, indicators })
    }
}

/// The sightings of a threat since `from` that others may be told of, the 50 that were seen last.
/// Index: `sighting_threat`.
pub(crate) async fn tellable(
    snapshot: &mut Snapshot,
    threat: ThreatId,
    from: Date,
) -> Result<Vec<Tellable>, DbError> {
    let statement = sql!(
        "SELECT s.id, s.tlp, s.indicators FROM sighting s
         WHERE s.threat_id = ?1 AND s.status = 'linked' AND s.seen_on >= ?2 AND ",
        may_be_told!(),
        " ORDER BY s.seen_on DESC, s.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![threat, from.to_string()]).await
}

db::record! {
    /// How far a threat was seen, by sightings that others may be told of.
    pub(crate) struct Spread {
        /// In how many organisations.
        pub organisations: i64,
        /// By how many that reported it, for themselves or for others.
        pub reporters: i64,
        /// In how many organisations it did harm.
        pub harmed: i64,
    }
}

impl Spread {
    /// In how many organisations, where others may be told: neither one of them nor whoever reported
    /// for several may know the rest by it.
    pub(crate) fn told(&self) -> Option<i64> {
        (self.organisations.min(self.reporters) >= FEWEST).then_some(self.organisations)
    }
}

/// How far a threat was seen since `from` in these regions; where the first is empty, everywhere. Index:
/// `sighting_threat`.
pub(crate) async fn spread(
    snapshot: &mut Snapshot,
    threat: ThreatId,
    from: Date,
    [one, other]: [&str; 2],
) -> Result<Spread, DbError> {
    let statement = sql!(
        "SELECT CAST(count(DISTINCT s.organisation_id) AS BIGINT) AS organisations,
                CAST(count(DISTINCT s.through_id) AS BIGINT) AS reporters,
                CAST(count(DISTINCT CASE WHEN s.harm = 'yes' THEN s.organisation_id END) AS BIGINT) AS harmed
         FROM sighting s JOIN organisation o ON o.id = s.organisation_id
         WHERE s.threat_id = ?1 AND s.status = 'linked' AND s.seen_on >= ?2 AND ",
        may_be_told!(),
        " AND (?3 = '' OR o.region IN (?3, ?4))"
    );
    snapshot.one(statement, params![threat, from.to_string(), one, other]).await
}

/// Notes that a threat was entered because of a sighting.
pub(super) async fn made_of(tx: &mut Tx, threat: ThreatId, sighting: SightingId) -> Result<(), DbError> {
    let statement = sql!("INSERT INTO threat_sighting (threat_id, sighting_id) VALUES (?1, ?2)");
    tx.run(statement, params![threat, sighting]).await?;
    Ok(())
}

/// Notes that an advisory about `threat` rests on the sightings that the threat was entered because of.
pub(crate) async fn rest_on_those_of(
    tx: &mut Tx,
    advisory: AdvisoryId,
    threat: ThreatId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO advisory_sighting (advisory_id, sighting_id)
         SELECT ?1, sighting_id FROM threat_sighting WHERE threat_id = ?2"
    );
    tx.run(statement, params![advisory, threat]).await?;
    Ok(())
}

/// Notes that an advisory rests on these sightings too.
pub(crate) async fn rest_on(
    tx: &mut Tx,
    advisory: AdvisoryId,
    sightings: impl Iterator<Item = SightingId>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO advisory_sighting (advisory_id, sighting_id) VALUES (?1, ?2)
         ON CONFLICT (advisory_id, sighting_id) DO NOTHING"
    );
    for sighting in sightings {
        tx.run_later(statement, params![advisory, sighting]).await?;
    }
    Ok(())
}

/// The narrowest marking of the sightings that an advisory rests on. Index: `advisory_sighting`'s key.
pub(crate) async fn binding(snapshot: &mut Snapshot, advisory: AdvisoryId) -> Result<Option<Tlp>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT s.tlp FROM advisory_sighting a JOIN sighting s ON s.id = a.sighting_id
         WHERE a.advisory_id = ?1"
    );
    let markings: Vec<(Marking,)> = snapshot.all(statement, params![advisory]).await?;
    Ok(markings.into_iter().map(|(marking,)| marking.0).max())
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_number_is_told_where_it_says_nobody() {
        let told = |organisations, reporters| Spread { organisations, reporters, harmed: 0 }.told();
        assert_eq!([told(3, 3), told(7, 4)], [Some(3), Some(7)]);
        assert_eq!([told(2, 3), told(3, 2), told(90, 1), told(0, 0)], [None; 4]);
    }
}
