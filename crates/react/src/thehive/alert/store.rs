//! The SQL of what systems raised.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Key, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
    retention::{Rule, rows},
};
use uuid::Uuid;

use super::{AlertId, Status};
use crate::incident::IncidentId;

/// What systems raised, after it last changed.
pub(crate) const FORGOTTEN: Rule = Rule {
    name: "system_alert",
    // Index: thehive_alert_changed.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM thehive_alert WHERE id IN (
                 SELECT id FROM thehive_alert WHERE changed_at < ?1 ORDER BY changed_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// What a system says of an alert.
#[derive(Clone, Debug)]
pub(in crate::thehive) struct Words {
    pub link: String,
    pub title: String,
    pub text: String,
    pub severity: i64,
    pub happened_at: Timestamp,
    pub tags: String,
    pub tlp: i64,
    pub pap: i64,
    pub status: Status,
}

db::record! {
    /// An alert, as it is changed.
    pub(in crate::thehive) struct Alert {
        pub id: AlertId,
        pub organisation_id: Option<OrganisationId>,
        pub source: String,
        pub source_ref: String,
        pub link: String,
        pub title: String,
        pub text: String,
        pub severity: i64,
        pub happened_at: Timestamp,
        pub tags: String,
        pub tlp: i64,
        pub pap: i64,
        pub observables: String,
        pub status: Status,
        pub version: i64,
    }
}

impl Alert {
    /// What is said of it now.
    pub fn words(&self) -> Words {
        Words {
            link: self.link.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            severity: self.severity,
            happened_at: self.happened_at,
            tags: self.tags.clone(),
            tlp: self.tlp,
            pap: self.pap,
            status: self.status,
        }
    }
}

/// Keeps an alert; nothing where the same was raised before.
pub(in crate::thehive) async fn insert(
    tx: &mut Tx,
    organisation: Option<OrganisationId>,
    (key, [kind, source, source_ref]): (Uuid, [&str; 3]),
    words: &Words,
    observables: &str,
) -> Result<Option<AlertId>, DbError> {
    let (id, now): (AlertId, _) = (tx.id(), tx.now);
    let owner = owner(organisation);
    let statement = sql!(
        "INSERT INTO thehive_alert (id, organisation_id, owner_id, key_id, type, source, source_ref, link, title, text,
                                    severity, happened_at, tags, tlp, pap, observables, status, raised_at, changed_at,
                                    version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18, 1)
         ON CONFLICT (owner_id, type, source, source_ref) DO NOTHING"
    );
    let values = params![
        id,
        organisation,
        owner,
        key,
        kind,
        source,
        source_ref,
        &words.link,
        &words.title,
        &words.text,
        words.severity,
        words.happened_at,
        &words.tags,
        words.tlp,
        words.pap,
        observables,
        words.status,
        now
    ];
    Ok((tx.run(statement, values).await? == 1).then_some(id))
}

/// By what alerts of an organisation, or of the CERT, are found.
fn owner(organisation: Option<OrganisationId>) -> Uuid {
    organisation.map_or(Uuid::nil(), |organisation| organisation.0)
}

/// How many an organisation has, or the CERT. Index: `thehive_alert_of`.
pub(in crate::thehive) async fn count(
    snapshot: &mut Snapshot,
    organisation: Option<OrganisationId>,
) -> Result<i64, DbError> {
    let statement = sql!("SELECT CAST(count(*) AS BIGINT) FROM thehive_alert WHERE owner_id = ?1");
    Ok(snapshot.one::<(i64,)>(statement, params![owner(organisation)]).await?.0)
}

/// An alert of those for whom a key stands. Index: the key.
pub(in crate::thehive) async fn alert(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: AlertId,
) -> Result<Option<Alert>, DbError> {
    macro_rules! alerts {
        () => {
            "SELECT a.id, a.organisation_id, a.source, a.source_ref, a.link, a.title, a.text, a.severity, a.happened_at,
                    a.tags, a.tlp, a.pap, a.observables, a.status, a.version
             FROM thehive_alert a "
        };
    }
    if let Actor::Key(Key { organisation: None, .. }) = actor {
        let statement = sql!(alerts!(), "WHERE a.id = ?1 AND a.organisation_id IS NULL");
        return snapshot.maybe(statement, params![id]).await;
    }
    let statement = sql!(
        mine!(),
        alerts!(),
        "WHERE a.id = ?7 AND a.organisation_id IN (SELECT organisation_id FROM mine)"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::READING, params![id])).await
}

/// Changes what is said of an alert; `false` where somebody else was faster.
pub(in crate::thehive) async fn change(tx: &mut Tx, alert: &Alert, words: &Words) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE thehive_alert SET link = ?3, title = ?4, text = ?5, severity = ?6, happened_at = ?7, tags = ?8, tlp = ?9,
                                  pap = ?10, status = ?11, changed_at = ?12, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![
        alert.id,
        alert.version,
        &words.link,
        &words.title,
        &words.text,
        words.severity,
        words.happened_at,
        &words.tags,
        words.tlp,
        words.pap,
        words.status,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Says of which case an alert is a part; `false` where somebody else was faster.
pub(in crate::thehive) async fn import(
    tx: &mut Tx,
    alert: &Alert,
    case: IncidentId,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE thehive_alert SET status = 'imported', incident_id = ?3, imported_at = ?4, changed_at = ?4,
                                  version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    Ok(tx.run(statement, params![alert.id, alert.version, case, now]).await? == 1)
}
