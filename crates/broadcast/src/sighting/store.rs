//! The SQL of sightings. What an organisation reads begins with the organisations that it stands for.

use db::{DbError, FromRow, Row, Snapshot, listing, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role},
    organisation::OrganisationId,
    retention::{Rule, rows},
};

use super::{Receipt, Report, SightingId, Status};
use crate::{
    alert::store::Marking,
    response::{mine, mine_of},
    threat::ThreatId,
};

/// What is forgotten of a sighting: the words in it, which may name people. That it was seen stays.
pub const FORGOTTEN: Rule = Rule {
    name: "sighting_words",
    // Index: sighting_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE sighting SET words = '', place = '', called = '' WHERE id IN (
                 SELECT id FROM sighting WHERE reported_at < ?1 AND (words <> '' OR place <> '' OR called <> '')
                 ORDER BY reported_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// A sighting with everything that was said.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Which.
    pub id: SightingId,
    /// Its number.
    pub receipt: Receipt,
    /// The organisation that it was seen at.
    pub organisation: OrganisationId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of its region now; none where that is not known.
    pub region: Option<String>,
    /// The name of the organisation whose person reported it.
    pub through: String,
    /// What was reported.
    pub report: Report,
    /// When.
    pub reported_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Of which threat it is.
    pub threat: Option<ThreatId>,
    /// That threat's name.
    pub threat_title: Option<String>,
    /// Why it was dismissed.
    pub reason: Option<String>,
    /// When it was last judged.
    pub judged_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl FromRow for Sighting {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let wrong = |column: &str, reason: String| DbError::Column { column: column.to_owned(), reason };
        let seen_on: String = row.get("seen_on")?;
        let indicators: String = row.get("indicators")?;
        let report = Report {
            form: Some(row.get("form")?),
            seen: row.get("seen")?,
            seen_on: seen_on.parse().map_err(|error: jiff::Error| wrong("seen_on", error.to_string()))?,
            harm: row.get("harm")?,
            words: row.get("words")?,
            place: row.get("place")?,
            called: row.get("called")?,
            indicators: serde_json::from_str(&indicators)
                .map_err(|error| wrong("indicators", error.to_string()))?,
            telling: row.get("telling")?,
            tlp: row.get::<Marking>("tlp")?.0,
        };
        Ok(Self {
            id: row.get("id")?,
            receipt: row.get("receipt")?,
            organisation: row.get("organisation_id")?,
            code: row.get("code")?,
            name: row.get("name")?,
            region: row.get("region")?,
            through: row.get("through")?,
            report,
            reported_at: row.get("reported_at")?,
            status: row.get("status")?,
            threat: row.get("threat_id")?,
            threat_title: row.get("threat_title")?,
            reason: row.get("reason")?,
            judged_at: row.get("judged_at")?,
            version: row.get("version")?,
        })
    }
}

// Each has its two organisations; `LEFT` keeps SQLite from beginning with all of them.
macro_rules! sightings {
    () => {
        "SELECT s.id, s.receipt, s.form, s.organisation_id, o.code, o.name, o.region, w.name AS through, s.seen,
                s.seen_on, s.harm, s.words, s.place, s.called, s.indicators, s.telling, s.tlp, s.reported_at, s.status,
                s.threat_id, t.title AS threat_title, s.reason, s.judged_at, s.version
         FROM sighting s
         LEFT JOIN organisation o ON o.id = s.organisation_id
         LEFT JOIN organisation w ON w.id = s.through_id
         LEFT JOIN threat t ON t.id = s.threat_id "
    };
}

/// The name of the organisation of this code, if `actor` reports for it. Index:
/// `organisation`'s unique code.
pub(super) async fn name_of(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    code: &str,
) -> Result<Option<String>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.name FROM mine m JOIN organisation o ON o.id = m.organisation_id WHERE o.code = ?7"
    );
    let found: Option<(String,)> =
        snapshot.maybe(statement, mine_of(actor, now, Role::ANSWERING, params![code])).await?;
    Ok(found.map(|(name,)| name))
}

/// The codes and names of those for whom `actor` reports, 51 at most.
pub(super) async fn reported_for(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.code, o.name FROM mine m JOIN organisation o ON o.id = m.organisation_id
         ORDER BY CASE WHEN m.through_id = m.organisation_id THEN 0 ELSE 1 END, o.code LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![])).await
}

/// Keeps a sighting that was just reported.
pub(super) async fn insert(
    tx: &mut Tx,
    actor: &Actor,
    (organisation, through): (OrganisationId, OrganisationId),
    report: &Report,
    receipt: &Receipt,
) -> Result<SightingId, DbError> {
    let indicators =
        serde_json::to_string(&report.indicators).map_err(|error| DbError::Engine(error.to_string()))?;
    let (id, now): (SightingId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO sighting (id, receipt, form, organisation_id, through_id, reporter_kind, reporter_id, seen, seen_on,
                               harm, words, place, called, indicators, telling, tlp, reported_at, status, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 'new', 1)"
    );
    let values = params![
        id,
        receipt,
        report.form.unwrap_or(id.0),
        organisation,
        through,
        actor.kind(),
        actor.holder(),
        report.seen,
        report.seen_on.to_string(),
        report.harm,
        &report.words,
        &report.place,
        &report.called,
        indicators,
        report.telling,
        report.tlp.code(),
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// The sighting that was sent with `form` for one of those that `actor` reports for.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    form: uuid::Uuid,
    organisation: OrganisationId,
) -> Result<Option<(SightingId, Receipt)>, DbError> {
    let statement = sql!("SELECT id, receipt FROM sighting WHERE form = ?1 AND organisation_id = ?2");
    snapshot.maybe(statement, params![form, organisation]).await
}

/// A sighting, whoever asks.
pub async fn sighting(snapshot: &mut Snapshot, id: SightingId) -> Result<Option<Sighting>, DbError> {
    snapshot.maybe(sql!(sightings!(), "WHERE s.id = ?1"), params![id]).await
}

/// Of a sighting `s`: it is of one of [`mine!`]. At AMBER+STRICT, of those who answer for it only people
/// who answer or decide read it, and no machine (decision 0008).
macro_rules! readable {
    () => {
        "s.organisation_id IN (SELECT organisation_id FROM mine)
         AND (s.tlp <> 'amber+strict'
              OR s.organisation_id IN (SELECT organisation_id FROM scope
                                       WHERE organisation_id = through_id
                                          OR (role IN ('responder', 'lead', 'executive')
                                              AND NOT EXISTS (SELECT 1 FROM api_key WHERE id = ?1)))) "
    };
}

/// A sighting, if it is of an organisation that `actor` stands for.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: SightingId,
) -> Result<Option<Sighting>, DbError> {
    let statement = sql!(mine!(), sightings!(), "WHERE s.id = ?7 AND ", readable!());
    snapshot.maybe(statement, mine_of(actor, now, Role::READING, params![id])).await
}

/// The sightings of those that `actor` stands for, the newest first, 51 at most behind `after`.
/// Index: `sighting_organisation`. On `read_long`: who answers for thousands has a list of them all.
pub async fn all_own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: SightingId,
) -> Result<Vec<Sighting>, DbError> {
    let statement =
        sql!(mine!(), sightings!(), "WHERE s.id < ?7 AND ", readable!(), "ORDER BY s.id DESC LIMIT 51");
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![after])).await
}

listing! {
    // Index: sighting_status; with a threat sighting_threat; without either the key.
    static RECEIVED = sightings!();
    status: "s.status = ?1",
    threat: "s.threat_id = ?1 AND s.status = 'linked'",
    after: "s.id < ?1",
    tail: "ORDER BY s.id DESC LIMIT 51",
}

/// The sightings of the sector with this status or of this threat, the newest first, 51 at most behind
/// `after`: for the CERT.
pub async fn received(
    snapshot: &mut Snapshot,
    status: Option<Status>,
    threat: Option<ThreatId>,
    after: Option<SightingId>,
) -> Result<Vec<Sighting>, DbError> {
    let selection = RECEIVED
        .select(params![])
        .when_some("status", status)
        .when_some("threat", threat)
        .when_some("after", after);
    snapshot.list(selection).await
}

/// How many are new, counted up to 1,000. Index: `sighting_status`.
pub async fn waiting(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM sighting WHERE status = 'new' LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}

/// What an analyst decided about a sighting.
pub(super) struct Judged<'a> {
    pub status: Status,
    pub threat: Option<ThreatId>,
    pub reason: Option<&'a str>,
    pub by: PersonId,
}

/// Moves a sighting on; `false` where its version has.
pub(super) async fn advance(tx: &mut Tx, sighting: &Sighting, judged: &Judged<'_>) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE sighting SET status = ?3, threat_id = ?4, reason = ?5, judged_by = ?6, judged_at = ?7,
                             version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let now = tx.now;
    let Judged { status, threat, reason, by } = judged;
    let values = params![sighting.id, sighting.version, *status, *threat, *reason, *by, now];
    Ok(tx.run(statement, values).await? == 1)
}
