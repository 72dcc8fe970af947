//! What is known of many at once, for taking in: a question for each 32, never one for each.

use std::collections::{HashMap, HashSet};

use db::{DbError, FromRow, Snapshot, Statement, Value, params, sql};

use platform::Tx;

use super::Threat;
use crate::{
    source::Source,
    threat::{Said, ThreatId},
};

/// So many are asked for with one statement; both engines look each of them up in an index.
const AT_ONCE: usize = 32;

/// `(?1, …, ?32)`: a list that is always as long, so that there is one statement to prepare.
macro_rules! these {
    () => {
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
          ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)"
    };
}
pub(crate) use these;

/// Every row that `statement` finds for `these`; behind them, from `?33`, it takes the `rest`.
pub(crate) async fn of_these<T: FromRow, I: Clone + Into<Value>>(
    snapshot: &mut Snapshot,
    statement: &'static Statement,
    these: &[I],
    rest: Vec<Value>,
) -> Result<Vec<T>, DbError> {
    let mut all = Vec::new();
    for some in these.chunks(AT_ONCE) {
        // A short one is filled up with its last, which is asked for already.
        let padded = (0..AT_ONCE).map(|place| some[place.min(some.len() - 1)].clone().into());
        let values = padded.chain(rest.iter().cloned()).collect();
        all.extend(snapshot.all(statement, values).await?);
    }
    Ok(all)
}

/// These threats, in the order in which they are asked for. Those that are not there are left out.
pub async fn threats(snapshot: &mut Snapshot, ids: &[ThreatId]) -> Result<Vec<Threat>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.kind, t.title, t.summary, t.status, t.claimed_by, p.name AS claimed_by_name,
                t.dismissed_reason, t.known_exploited, t.ransomware, t.medical, t.dated, t.version, t.rank, t.changed_at
         FROM threat t LEFT JOIN person p ON p.id = t.claimed_by WHERE t.id IN ",
        these!()
    );
    let mut threats: Vec<Threat> = of_these(snapshot, statement, ids, params![]).await?;
    threats.sort_by_key(|threat| ids.iter().position(|id| *id == threat.id));
    Ok(threats)
}

/// Holds these threats until the transaction ends, in the order of their ids: what is read of them from
/// here on is what stands when they are drawn anew, whatever an analyst sets at the same moment. SQLite
/// has one writer, and needs nothing; a change of each row instead would cost an import twice the writes.
pub(crate) async fn hold_these(tx: &mut Tx, threats: &[ThreatId]) -> Result<(), DbError> {
    let statement =
        sql!("SELECT id FROM threat WHERE id IN ", these!(), " ORDER BY id /*postgres FOR UPDATE */");
    let _: Vec<(ThreatId,)> = of_these(tx, statement, threats, params![]).await?;
    Ok(())
}

/// A statement that stands, as taking in compares it.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub threat: ThreatId,
    pub hash: Vec<u8>,
}

/// The statements of `source` under `keys` that stand. Index: `threat_statement_current`.
pub(crate) async fn known(
    snapshot: &mut Snapshot,
    source: Source,
    keys: &[String],
) -> Result<HashMap<String, Before>, DbError> {
    let statement = sql!(
        "SELECT source_key, threat_id, hash FROM threat_statement
         WHERE source = ?33 AND superseded_at IS NULL AND source_key IN ",
        these!()
    );
    let rows: Vec<(String, ThreatId, Vec<u8>)> = of_these(snapshot, statement, keys, params![source]).await?;
    Ok(rows.into_iter().map(|(key, threat, hash)| (key, Before { threat, hash })).collect())
}

/// The words of the statements of `source` under `keys` that stand. Index: `threat_statement_current`.
pub(in crate::threat) async fn verbatim(
    snapshot: &mut Snapshot,
    source: Source,
    keys: &[String],
) -> Result<HashMap<String, String>, DbError> {
    let statement = sql!(
        "SELECT source_key, verbatim FROM threat_statement
         WHERE source = ?33 AND superseded_at IS NULL AND source_key IN ",
        these!()
    );
    let rows: Vec<(String, String)> = of_these(snapshot, statement, keys, params![source]).await?;
    Ok(rows.into_iter().collect())
}

/// The threats of these vulnerabilities.
pub(in crate::threat) async fn threats_of(
    snapshot: &mut Snapshot,
    cves: &[String],
) -> Result<HashMap<String, ThreatId>, DbError> {
    let statement = sql!("SELECT cve, threat_id FROM threat_cve WHERE cve IN ", these!());
    let rows: Vec<(String, ThreatId)> = of_these(snapshot, statement, cves, params![]).await?;
    Ok(rows.into_iter().collect())
}

/// What sources say of these threats now, under which of their keys. Index: `threat_statement_threat`.
pub(crate) async fn said_of(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<HashMap<ThreatId, Vec<(Source, String, Said)>>, DbError> {
    let statement = sql!(
        "SELECT threat_id, source, source_key, said FROM threat_statement
         WHERE superseded_at IS NULL AND threat_id IN ",
        these!()
    );
    let rows: Vec<(ThreatId, Source, String, String)> =
        of_these(snapshot, statement, threats, params![]).await?;
    let mut all = HashMap::new();
    for (threat, source, key, said) in rows {
        let said = super::read_said(&said)?;
        all.entry(threat).or_insert_with(Vec::new).push((source, key, said));
    }
    Ok(all)
}

/// Those of these threats of which something is said now that is for people in person, at TLP:RED. Index:
/// `threat_statement_threat`.
pub(crate) async fn in_person(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<HashSet<ThreatId>, DbError> {
    // As [`Said`] is written: within a text of it these quotation marks would be escaped.
    let statement = sql!(
        "SELECT DISTINCT threat_id FROM threat_statement
         WHERE superseded_at IS NULL AND said LIKE '%\"marking\":\"red\"%' AND threat_id IN ",
        these!()
    );
    let rows: Vec<(ThreatId,)> = of_these(snapshot, statement, threats, params![]).await?;
    Ok(rows.into_iter().map(|(threat,)| threat).collect())
}

/// The statements of `source` that stand, of what its publisher calls `series`. Index: `threat_statement_current`.
pub(in crate::threat) async fn standing(
    snapshot: &mut Snapshot,
    source: Source,
    series: &str,
) -> Result<Vec<(String, ThreatId)>, DbError> {
    let statement = sql!(
        "SELECT source_key, threat_id FROM threat_statement
         WHERE source = ?1 AND superseded_at IS NULL AND source_key >= ?2 AND source_key < ?3
         ORDER BY source_key"
    );
    // A tab ends the name of a series, and a line end is the next letter after a tab.
    snapshot.all(statement, params![source, format!("{series}\t"), format!("{series}\n")]).await
}
