//! The SQL of exploit prediction scores, and of how urgent threats look.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use formats::{
    cvss::{Score, Version},
    ssvc::NotPoints,
};
use platform::Tx;

use super::known::{of_these, these};
use crate::{
    source::{DocumentId, Source},
    threat::{Looks, Rated, Scored, Scorer, ThreatId},
    triage::Cause,
};

db::record! {
    /// What FIRST last said of a vulnerability.
    pub struct Scores {
        /// How likely it is to be exploited within 30 days, in billionths.
        pub score: u32,
        /// How many others are less likely, in billionths.
        pub percentile: u32,
        /// CVSS 3 in tenths, where the file tells it too.
        pub cvss3: Option<u32>,
        /// The model's version.
        pub model: String,
        /// The day of the score, ISO 8601; empty where the file does not say.
        pub dated: String,
    }
}

impl Scores {
    /// Whether they say the same, be it of another day.
    pub(in crate::threat) fn says(&self, other: &Self) -> bool {
        (self.score, self.percentile, self.cvss3) == (other.score, other.percentile, other.cvss3)
    }

    /// What they come to.
    pub(in crate::threat) fn rated(&self) -> Rated {
        Rated { epss: Some(self.score), cvss3: self.cvss3.and_then(|tenths| u8::try_from(tenths).ok()) }
    }

    /// CVSS 3 as a score beside those of sources. Which 3 it is, the file does not tell; both rate alike.
    pub(in crate::threat) fn cvss(&self) -> Option<Scored> {
        Some(Scored {
            version: Version::V3_1,
            score: Score::from_tenths(self.rated().cvss3?)?,
            vector: None,
            by: Source::Epss.label().to_owned(),
            scorer: Scorer::List,
            on: self.dated.parse().ok(),
        })
    }
}

/// The scores of these vulnerabilities.
pub async fn scores_of(snapshot: &mut Snapshot, cves: &[String]) -> Result<HashMap<String, Scores>, DbError> {
    let statement =
        sql!("SELECT cve, score, percentile, cvss3, model, dated FROM epss WHERE cve IN ", these!());
    let rows: Vec<(String, u32, u32, Option<u32>, String, String)> =
        of_these(snapshot, statement, cves, params![]).await?;
    let scores = |(cve, score, percentile, cvss3, model, dated)| {
        (cve, Scores { score, percentile, cvss3, model, dated })
    };
    Ok(rows.into_iter().map(scores).collect())
}

/// What they come to, for each of these vulnerabilities.
pub(in crate::threat) async fn rated_of(
    snapshot: &mut Snapshot,
    cves: &[String],
) -> Result<HashMap<String, Rated>, DbError> {
    Ok(scores_of(snapshot, cves).await?.into_iter().map(|(cve, scores)| (cve, scores.rated())).collect())
}

/// Keeps a score.
pub(in crate::threat) async fn score(
    tx: &mut Tx,
    cve: &str,
    scores: &Scores,
    document: DocumentId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO epss (cve, score, percentile, cvss3, model, dated, document_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (cve) DO UPDATE
         SET score = excluded.score, percentile = excluded.percentile, cvss3 = excluded.cvss3,
             model = excluded.model, dated = excluded.dated, document_id = excluded.document_id"
    );
    let Scores { score, percentile, cvss3, model, dated } = scores;
    let values =
        params![cve, i64::from(*score), i64::from(*percentile), cvss3.map(i64::from), model, dated, document];
    tx.run_later(statement, values).await
}

db::record! {
    /// The columns that [`Looks`] is made of, and what its vulnerabilities are rated now.
    struct Looked {
        id: ThreatId,
        known_exploited: bool,
        ransomware: bool,
        score: Option<u32>,
        epss: Option<u32>,
        points: Option<String>,
        now: Option<u32>,
        cvss3: Option<u32>,
    }
}

/// How these threats look, and what FIRST's file of scores tells of their vulnerabilities now.
pub(crate) async fn looks_of(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<Vec<(ThreatId, Looks, Rated)>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.known_exploited, t.ransomware, t.score, t.epss, t.points,
                (SELECT max(e.score) FROM threat_cve c JOIN epss e ON e.cve = c.cve WHERE c.threat_id = t.id) AS now,
                (SELECT max(e.cvss3) FROM threat_cve c JOIN epss e ON e.cve = c.cve WHERE c.threat_id = t.id) AS cvss3
         FROM threat t WHERE t.id IN ",
        these!()
    );
    let rows: Vec<Looked> = of_these(snapshot, statement, threats, params![]).await?;
    let looks = |row: Looked| {
        let Looked { id, known_exploited, ransomware, score, epss, points, now, cvss3 } = row;
        let tenths = |tenths: Option<u32>| tenths.and_then(|tenths| u8::try_from(tenths).ok());
        let (score, rated) = (tenths(score), Rated { epss: now, cvss3: tenths(cvss3) });
        let points = points.map(|points| points.parse()).transpose();
        let points = points.map_err(|error: NotPoints| DbError::Column {
            column: "points".to_owned(),
            reason: error.to_string(),
        })?;
        Ok((id, Looks { known_exploited, ransomware, score, epss, points }, rated))
    };
    rows.into_iter().map(looks).collect()
}

/// Sorts a threat anew, and notes what it looked like before where that tells. A dismissed one that
/// has climbed a level since is new again.
pub(crate) async fn look(
    tx: &mut Tx,
    threat: ThreatId,
    looks: Looks,
    was: Option<(Cause, Looks)>,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE threat SET epss = ?2, rank = ?3, points = ?4, score = ?6, known_exploited = ?7, version = version + 1,
                changed_at = ?5,
                status = CASE WHEN status = 'dismissed' AND rank / 1000000 < CAST(?3 AS BIGINT) / 1000000 THEN 'new' ELSE status END
         WHERE id = ?1"
    );
    let points = looks.points.map(|points| points.to_string());
    let (now, score) = (tx.now, looks.score.map(i64::from));
    let values =
        params![threat, looks.epss.map(i64::from), looks.rank(), points, now, score, looks.known_exploited];
    tx.run_later(statement, values).await?;
    match was {
        Some((cause, was)) => note_change(tx, threat, cause, was, looks).await,
        None => Ok(()),
    }
}

/// Notes what changed about how a threat looks, because of what, and whether it rose in the list.
pub(crate) async fn note_change(
    tx: &mut Tx,
    threat: ThreatId,
    cause: Cause,
    was: Looks,
    now_is: Looks,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO threat_change (threat_id, id, at, source, was, is_now, rose) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let json =
        |looks: Looks| serde_json::to_string(&looks).map_err(|error| DbError::Engine(error.to_string()));
    let (id, now): (uuid::Uuid, _) = (tx.id(), tx.now);
    let rose = now_is.rank() > was.rank();
    tx.run_later(statement, params![threat, id, now, cause, json(was)?, json(now_is)?, rose]).await
}
