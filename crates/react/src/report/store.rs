//! The SQL of reports. What somebody who is signed in reads begins with the organisations that they stand for.

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
    retention::{Rule, rows},
};
use uuid::Uuid;

use super::{
    Facts, ReportId, Ring, Way,
    facts::{codes, read_codes},
};
use crate::{
    code::CodeId,
    incident::{IncidentId, Receipt},
};

/// Reports of the same organisation within so long are perhaps of the same incident.
pub const TOGETHER: SignedDuration = SignedDuration::from_hours(72);

/// Reports that were begun and never sent.
pub const DRAFTS: Rule = Rule {
    name: "report_draft",
    // Index: report_unsent.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM report WHERE id IN (
                 SELECT id FROM report WHERE sent_at IS NULL AND saved_at < ?1 ORDER BY saved_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// By what the browser of a code's holder was known.
pub const HOLDERS: Rule = Rule {
    name: "report_holder",
    // Index: report_holder_until.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE report SET holder = NULL WHERE id IN (
                 SELECT id FROM report WHERE holder IS NOT NULL AND holder_until < ?1
                 ORDER BY holder_until LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// A report, sent or not.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which.
    pub id: ReportId,
    /// Of which incident; `None` while it is a draft.
    pub incident: Option<IncidentId>,
    /// By which way it came.
    pub way: Way,
    /// The organisation that it is of, where that is known.
    pub organisation: Option<OrganisationId>,
    /// Its code.
    pub code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Through which organisation it was reported.
    pub through: Option<OrganisationId>,
    /// Who typed it: who reports, or who takes the call.
    pub person: Option<PersonId>,
    /// Their name, where they have not left.
    pub person_name: Option<String>,
    /// The code that it came with.
    pub with_code: Option<CodeId>,
    /// Until when the holder of the code may write.
    pub holder_until: Option<Timestamp>,
    /// What it says.
    pub facts: Facts,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// The number that was given for it when it was sent.
    pub receipt: Option<Receipt>,
    /// Grows with every change.
    pub version: i64,
}

impl FromRow for Report {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let facts = Facts {
            named: row.get("named")?,
            seen: read_codes(&row.get::<String>("seen")?),
            since: row.get("since_at")?,
            affected: read_codes(&row.get::<String>("affected")?),
            care: row.get("care")?,
            ring: Ring { name: row.get("ring_name")?, telephone: row.get("ring_telephone")? },
            more: row.get("more")?,
        };
        Ok(Self {
            id: row.get("id")?,
            incident: row.get("incident_id")?,
            way: row.get("way")?,
            organisation: row.get("organisation_id")?,
            code: row.get("code")?,
            name: row.get("name")?,
            through: row.get("through_id")?,
            person: row.get("person_id")?,
            person_name: row.get("person_name")?,
            with_code: row.get("code_id")?,
            holder_until: row.get("holder_until")?,
            facts,
            begun_at: row.get("begun_at")?,
            sent_at: row.get("sent_at")?,
            receipt: row.get("receipt")?,
            version: row.get("version")?,
        })
    }
}

macro_rules! reports {
    () => {
        "SELECT r.id, r.incident_id, r.way, r.organisation_id, o.code, o.name, r.through_id, r.person_id,
                p.name AS person_name, r.code_id, r.holder_until, r.named, r.seen, r.since_at, r.affected, r.care,
                r.ring_name, r.ring_telephone, r.more, r.begun_at, r.sent_at, r.receipt, r.version
         FROM report r
         LEFT JOIN organisation o ON o.id = r.organisation_id
         LEFT JOIN person p ON p.id = r.person_id AND p.erased_at IS NULL "
    };
}

/// Where a report that is begun comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub way: Way,
    pub organisation: Option<OrganisationId>,
    pub through: Option<OrganisationId>,
    pub person: Option<PersonId>,
    pub code: Option<CodeId>,
    /// What is kept of the secret of a code's holder, and until when it counts.
    pub holder: Option<([u8; 32], Timestamp)>,
}

/// Keeps a report that was just begun.
pub(crate) async fn insert(
    tx: &mut Tx,
    form: Uuid,
    from: &Origin,
    facts: &Facts,
) -> Result<ReportId, DbError> {
    let (id, now): (ReportId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO report (id, form, way, organisation_id, through_id, person_id, code_id, holder, holder_until,
                             named, seen, since_at, affected, care, ring_name, ring_telephone, more,
                             begun_at, saved_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18, 1)"
    );
    let Origin { way, organisation, through, person, code, holder } = *from;
    let values = params![
        id,
        form,
        way,
        organisation,
        through,
        person,
        code,
        holder.map(|(hash, _)| hash.to_vec()),
        holder.map(|(_, until)| until),
        &facts.named,
        codes(&facts.seen),
        facts.since,
        codes(&facts.affected),
        &facts.care,
        &facts.ring.name,
        &facts.ring.telephone,
        &facts.more,
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Saves what a draft says now, and for whom; `false` where its version has moved, or it was sent.
pub(crate) async fn save(
    tx: &mut Tx,
    draft: &Report,
    (organisation, through): (Option<OrganisationId>, Option<OrganisationId>),
    facts: &Facts,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE report SET organisation_id = ?3, through_id = ?4, named = ?5, seen = ?6, since_at = ?7,
                           affected = ?8, care = ?9, ring_name = ?10, ring_telephone = ?11, more = ?12,
                           saved_at = ?13, version = version + 1
         WHERE id = ?1 AND version = ?2 AND sent_at IS NULL"
    );
    let now = tx.now;
    let values = params![
        draft.id,
        draft.version,
        organisation,
        through,
        &facts.named,
        codes(&facts.seen),
        facts.since,
        codes(&facts.affected),
        &facts.care,
        &facts.ring.name,
        &facts.ring.telephone,
        &facts.more,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Notes that a draft was sent, as the report of an incident; `false` where it was already.
pub(crate) async fn sent(
    tx: &mut Tx,
    report: ReportId,
    (incident, receipt): (IncidentId, &Receipt),
    holder_until: Option<Timestamp>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE report SET incident_id = ?2, sent_at = ?3, holder_until = ?4, receipt = ?5, version = version + 1
         WHERE id = ?1 AND sent_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![report, incident, now, holder_until, receipt]).await? == 1)
}

/// A report, whoever asks. Index: the key.
pub async fn report(snapshot: &mut Snapshot, id: ReportId) -> Result<Option<Report>, DbError> {
    snapshot.maybe(sql!(reports!(), "WHERE r.id = ?1"), params![id]).await
}

/// The report that was begun with this form. Index: its unique one.
pub(crate) async fn begun_with(snapshot: &mut Snapshot, form: Uuid) -> Result<Option<Report>, DbError> {
    snapshot.maybe(sql!(reports!(), "WHERE r.form = ?1"), params![form]).await
}

/// The report that the holder of this secret may write on. Index: `report_holder`.
pub(crate) async fn of_holder(
    snapshot: &mut Snapshot,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Report>, DbError> {
    let statement = sql!(reports!(), "WHERE r.holder = ?1 AND r.holder_until > ?2");
    snapshot.maybe(statement, params![hash, now]).await
}

/// Ends that the holder of a code may write on a report; the secret is forgotten.
pub(crate) async fn let_go(tx: &mut Tx, report: ReportId) -> Result<(), DbError> {
    let statement = sql!("UPDATE report SET holder = NULL, holder_until = NULL WHERE id = ?1");
    tx.run(statement, params![report]).await?;
    Ok(())
}

/// The reports of an incident, the first one first, 50 at most. Index: `report_incident`.
pub async fn of_incident(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Report>, DbError> {
    snapshot.all(sql!(reports!(), "WHERE r.incident_id = ?1 ORDER BY r.id LIMIT 50"), params![incident]).await
}

/// What a person has begun by one of two ways and not sent, the latest first, 20 at most. Index:
/// `report_draft`.
pub async fn drafts_of(snapshot: &mut Snapshot, person: PersonId, way: Way) -> Result<Vec<Report>, DbError> {
    let statement = sql!(
        reports!(),
        "WHERE r.person_id = ?1 AND r.sent_at IS NULL AND r.way = ?2 ORDER BY r.saved_at DESC, r.id LIMIT 20"
    );
    snapshot.all(statement, params![person, way]).await
}

/// Calls that were begun and not sent, the latest first, 50 at most: for the CERT. Index: `report_calls`.
pub async fn calls_begun(snapshot: &mut Snapshot) -> Result<Vec<Report>, DbError> {
    let statement =
        sql!(reports!(), "WHERE r.way = 'phone' AND r.sent_at IS NULL ORDER BY r.saved_at DESC LIMIT 50");
    snapshot.all(statement, params![]).await
}

db::record! {
    /// A report that somebody else has begun and not sent.
    pub struct BegunElsewhere {
        /// The organisation that it is of.
        pub name: String,
        /// Who began it, where that is somebody who was signed in and has not left.
        pub person_name: Option<String>,
        /// When.
        pub begun_at: Timestamp,
    }
}

/// What others have begun to report of those that `actor` reports for, within [`TOGETHER`]: the latest
/// first, 5 at most. Index: `report_organisation` for each. On `read_long`: somebody may stand for thousands.
pub async fn begun_elsewhere(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<BegunElsewhere>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.name, p.name AS person_name, r.begun_at
         FROM mine m CROSS JOIN report r CROSS JOIN organisation o
         LEFT JOIN person p ON p.id = r.person_id AND p.erased_at IS NULL
         WHERE r.organisation_id = m.organisation_id AND r.begun_at > ?7 AND r.sent_at IS NULL
           AND r.way = 'session' AND r.person_id <> ?1 AND o.id = r.organisation_id
         ORDER BY r.begun_at DESC LIMIT 5"
    );
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![now - TOGETHER])).await
}

/// The codes and names of those for whom `actor` reports, its own first, 51 at most.
pub(crate) async fn reported_for(
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

/// Moves the reports of one incident to another. Index: `report_incident`.
pub(crate) async fn moved(tx: &mut Tx, from: IncidentId, to: IncidentId) -> Result<(), DbError> {
    tx.run(sql!("UPDATE report SET incident_id = ?2 WHERE incident_id = ?1"), params![from, to]).await?;
    Ok(())
}
