//! The SQL of responses. Every text begins with the organisations that the actor stands for.

pub(in crate::response) mod choices;
pub(super) mod decisions;
pub(super) mod lists;
pub(super) mod moves;
pub(super) mod pace;
pub(super) mod standings;
pub(super) mod stands;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Actor, Tx, access::Role, web::shell::Language, web::show};
use uuid::Uuid;

use super::AlertId;
use crate::{
    advisory::{AdvisoryNumber, Severity},
    alert::{State, store::Marking},
};

pub(crate) use platform::{access::scope::mine_of, mine};

/// Those of `mine` to whom the alert `?7` went and who are chosen: `?8` says how, `?9` names the
/// list. `CROSS JOIN` keeps SQLite from beginning with the alert, whose audience may be the sector.
macro_rules! chosen {
    () => {
        " FROM mine m CROSS JOIN response r
          WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
            AND (?8 = 'all' OR (?8 = 'only') = EXISTS (
                    SELECT 1 FROM response_choice c
                    WHERE c.list_id = ?9 AND c.alert_id = ?7 AND c.organisation_id = r.organisation_id)) "
    };
}
pub(super) use chosen;

db::record! {
    /// What everything about a response needs to know of its alert.
    pub struct AlertHead {
        /// Which.
        pub id: AlertId,
        /// Its advisory's number.
        pub number: AdvisoryNumber,
        /// Its title.
        pub title: String,
        /// How grave it is.
        pub severity: Severity,
        /// How far its text may travel.
        pub tlp: Marking,
        /// Where it stands: only one in force is answered.
        pub state: State,
        /// The response policy that it was issued under.
        pub policy: String,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// Until when it has to be acknowledged, where its policy asks so.
        pub acknowledge_by: Option<Timestamp>,
        /// Until when it has to be remediated, where its policy asks so.
        pub remediate_by: Option<Timestamp>,
    }
}

impl AlertHead {
    /// Whether answers are awaited.
    pub fn in_force(&self) -> bool {
        self.state == State::InForce
    }

    /// "3 June 2026, 14:05", for mails.
    pub(super) fn instant(at: Timestamp) -> String {
        show::instant(at.as_microsecond(), Language::English)
    }
}

/// The alert of this id, unless it was never in force.
pub async fn head(snapshot: &mut Snapshot, alert: AlertId) -> Result<Option<AlertHead>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity, tlp, state, policy, issued_at, acknowledge_by, remediate_by
         FROM alert WHERE id = ?1 AND state NOT IN ('issued', 'called_back')"
    );
    snapshot.maybe(statement, params![alert]).await
}

/// The same, kept as it is until `tx` ends: an update that comes into force meanwhile waits, and
/// carries over what is said here.
pub(super) async fn held(tx: &mut Tx, alert: AlertId) -> Result<Option<AlertHead>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity, tlp, state, policy, issued_at, acknowledge_by, remediate_by
         FROM alert WHERE id = ?1 AND state NOT IN ('issued', 'called_back') /*postgres FOR SHARE */"
    );
    tx.maybe(statement, params![alert]).await
}

/// The alert of this number that was issued last. Index: `alert_number`.
pub(super) async fn numbered(
    snapshot: &mut Snapshot,
    number: AdvisoryNumber,
) -> Result<Option<AlertHead>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity, tlp, state, policy, issued_at, acknowledge_by, remediate_by
         FROM alert WHERE number = ?1 AND state NOT IN ('issued', 'called_back')
         ORDER BY issued_at DESC LIMIT 1"
    );
    snapshot.maybe(statement, params![number]).await
}
