//! Whom an audience would reach if its version were published now, and whom it was frozen to when it
//! was: figures, and lists of them.
//!
//! Each is one statement over all organisations, which takes some tenths of a second for 60,000 of
//! them; take a snapshot of [`db::Db::read_long`].

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{App, mailboxes, mobiles, organisation::OrganisationId, web::show};

use super::store::chosen;
use crate::{
    advisory::{Severity, Version, VersionId},
    alert::{
        AlertId,
        text::{self, texted},
    },
};

/// The chosen organisations as `chosen`, where they are written to as `writer` and `mailbox`, and the
/// mobiles that are held as `mobile`:
/// of the version `?1` at the moment `?2`.
macro_rules! reached {
    () => {
        concat!(
            "WITH chosen AS (
                 SELECT o.id, o.code, o.name, o.kind, coalesce(o.region, '') AS region
                 FROM organisation o WHERE ",
            chosen!(),
            "), ",
            mailboxes!("SELECT id AS organisation_id FROM chosen", "?2", "'security_lead', 'shared_mailbox'"),
            ", ",
            mobiles!("?2", "'security_lead', 'shared_mailbox', 'on_call'"),
            ", texted AS (SELECT m.organisation_id, m.number FROM mobile m WHERE ",
            texted!("(SELECT v.severity FROM advisory_version v WHERE v.id = ?1)"),
            ") "
        )
    };
}

db::record! {
    /// How many an audience is.
    pub struct Figures {
        /// Organisations.
        pub organisations: i64,
        /// Of these, those for which others answer.
        pub answered_by_others: i64,
        /// Of these, those of which nobody can be reached by mail.
        pub unreachable: i64,
        /// Mailboxes that are written to, each once.
        pub mailboxes: i64,
        /// Contacts behind them.
        pub contacts: i64,
        /// Mobiles that would be texted at the version's severity, each once.
        pub mobiles: i64,
        /// Of the unreachable, those that have such a mobile.
        pub by_text_alone: i64,
    }
}

impl Figures {
    /// How the mobiles stand in words, where `version` is told to them.
    pub(crate) fn texts(&self, app: &App, version: &Version) -> Option<String> {
        let wording = &version.wording;
        let is_texted = text::is_texted(app.texts.is_ready(), wording.tlp);
        let whose = match wording.severity {
            Severity::High => "",
            _ if self.mobiles == 0 => return None,
            _ => " for which texts of this severity were chosen",
        };
        is_texted.then(|| {
            format!(
                "{} mobile numbers{whose}, each of which gets one text. Of the organisations that no email \
                 reaches, {} are reached by text",
                show::count(self.mobiles),
                show::count(self.by_text_alone)
            )
        })
    }
}

/// How many the audience of `version` is.
pub async fn figures(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
) -> Result<Figures, DbError> {
    let statement = sql!(
        reached!(),
        "SELECT (SELECT count(*) FROM chosen) AS organisations,
                (SELECT count(DISTINCT organisation_id) FROM writer WHERE written_to <> organisation_id)
                    AS answered_by_others,
                (SELECT count(*) FROM chosen) - (SELECT count(DISTINCT organisation_id) FROM mailbox)
                    AS unreachable,
                (SELECT count(DISTINCT email) FROM mailbox) AS mailboxes,
                (SELECT count(DISTINCT contact_id) FROM mailbox) AS contacts,
                (SELECT count(DISTINCT number) FROM texted) AS mobiles,
                (SELECT count(DISTINCT organisation_id) FROM texted
                 WHERE organisation_id NOT IN (SELECT organisation_id FROM mailbox)) AS by_text_alone"
    );
    snapshot.one(statement, params![version, now]).await
}

/// How many organisations of each type lie in each region.
pub async fn by_kind_and_region(
    snapshot: &mut Snapshot,
    version: VersionId,
) -> Result<Vec<(String, String, i64)>, DbError> {
    let statement = sql!(
        "SELECT o.kind, coalesce(o.region, '') AS region, count(*) AS organisations
         FROM organisation o WHERE ",
        chosen!(),
        " GROUP BY o.kind, coalesce(o.region, '') ORDER BY o.kind, coalesce(o.region, '')"
    );
    snapshot.all(statement, params![version]).await
}

db::record! {
    /// An organisation that answers for others.
    pub struct Answering {
        /// Its id.
        pub id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// For how many of the audience.
        pub answers_for: i64,
    }
}

/// How many organisations of each type lay in each region when the audience of `alert` was frozen.
/// Index: `response_total`'s key.
pub async fn frozen_by_kind_and_region(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Vec<(String, String, i64)>, DbError> {
    let statement = sql!(
        "SELECT kind, region, CAST(sum(count) AS BIGINT) AS organisations
         FROM response_total WHERE alert_id = ?1 GROUP BY kind, region ORDER BY kind, region"
    );
    snapshot.all(statement, params![alert]).await
}

/// The organisations that answer for others of the audience, the busiest first, 50 at most.
pub async fn answering(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
) -> Result<Vec<Answering>, DbError> {
    let statement = sql!(
        reached!(),
        "SELECT o.id, o.code, o.name, count(*) AS answers_for
         FROM writer w JOIN organisation o ON o.id = w.written_to
         WHERE w.written_to <> w.organisation_id
         GROUP BY o.id, o.code, o.name ORDER BY count(*) DESC, o.code LIMIT 50"
    );
    snapshot.all(statement, params![version, now]).await
}

db::record! {
    /// An organisation of an audience.
    pub struct Chosen {
        /// Its id.
        pub id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The code of its type.
        pub kind: String,
        /// The code of its region; empty where none is known.
        pub region: String,
        /// Who answers for it, where somebody else does; one of them where several do.
        pub answered_by: Option<String>,
    }
}

/// A page of the audience by code, behind the code `after`, 51 at most. Index: `organisation.code`.
pub async fn listed(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
    after: &str,
) -> Result<Vec<Chosen>, DbError> {
    let statement = sql!(
        "SELECT o.id, o.code, o.name, o.kind, coalesce(o.region, '') AS region,
                (SELECT min(w.name) FROM answers_for f JOIN organisation w ON w.id = f.answering_id
                 WHERE f.organisation_id = o.id AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2))
                    AS answered_by
         FROM organisation o WHERE o.code > ?3 AND ",
        chosen!(),
        " ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![version, now, after]).await
}

/// A page of those to whom `alert` went, by code, behind the code `after`, 51 at most: with type and
/// region as they were then. Index: `response_alert`.
pub async fn frozen(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
    after: &str,
) -> Result<Vec<Chosen>, DbError> {
    let statement = sql!(
        "SELECT o.id, o.code, o.name, r.kind, r.region,
                (SELECT min(w.name) FROM answers_for f JOIN organisation w ON w.id = f.answering_id
                 WHERE f.organisation_id = o.id AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2))
                    AS answered_by
         FROM response r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.alert_id = ?1 AND o.code > ?3 ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![alert, now, after]).await
}

/// A page of those of the audience of whom nobody can be reached by mail, by code behind `after`,
/// 51 at most. Index: `organisation.code`.
pub async fn unreachable(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
    after: &str,
) -> Result<Vec<Chosen>, DbError> {
    let statement = sql!(
        reached!(),
        "SELECT c.id, c.code, c.name, c.kind, c.region,
                (SELECT min(w.name) FROM answers_for f JOIN organisation w ON w.id = f.answering_id
                 WHERE f.organisation_id = c.id AND f.from_at <= ?2 AND (f.until_at IS NULL OR f.until_at > ?2))
                    AS answered_by
         FROM chosen c WHERE c.code > ?3 AND c.id NOT IN (SELECT organisation_id FROM mailbox)
         ORDER BY c.code LIMIT 51"
    );
    snapshot.all(statement, params![version, now, after]).await
}
