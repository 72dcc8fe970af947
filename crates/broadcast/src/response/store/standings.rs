//! The SQL of one organisation's alerts, for its page.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Actor, access::Role, organisation::OrganisationId};

use super::{
    lists::{NEVER, reads, title},
    mine, mine_of,
};
use crate::{
    access::READ_SECTOR,
    advisory::{AdvisoryNumber, Severity},
    alert::State,
    response::{AlertId, Stage},
};

db::record! {
    /// An alert that went to an organisation, and where it stands there.
    pub(in crate::response) struct Alerted {
        pub alert_id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub state: State,
        pub stage: Stage,
        pub clock: Option<String>,
        pub due_at: Option<Timestamp>,
        /// What the list goes by.
        pub place: i64,
    }
}

/// Whether the actor may see what this organisation answers, as people at the CERT who see the
/// sector and whoever stands for it may; and whether they then read what AMBER+STRICT keeps from
/// the viewers of whoever answers for it (decision 0008). Index: those of `scope!`.
async fn sees_and_reads(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    organisation: OrganisationId,
) -> Result<(bool, bool), DbError> {
    if actor.is_any(READ_SECTOR) {
        return Ok((true, true));
    }
    let statement = sql!(
        mine!(),
        "SELECT CASE WHEN through_id = organisation_id THEN 1 ELSE 0 END FROM mine WHERE organisation_id = ?7"
    );
    let values = mine_of(actor, now, Role::READING, params![organisation]);
    let own: Option<(i64,)> = snapshot.maybe(statement, values).await?;
    Ok((own.is_some(), own == Some((1,)) || reads(actor)))
}

/// The alerts of an organisation, 51 at most behind `after`: the open ones by their next deadline,
/// then the others from the newest; `None` for an actor who may not see them.
///
/// Index: the primary key of `response`, then those of `alert` and `clock`.
pub(in crate::response) async fn alerts(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    organisation: OrganisationId,
    after: (i64, AlertId),
) -> Result<Option<Vec<Alerted>>, DbError> {
    let (sees, reads) = sees_and_reads(snapshot, actor, now, organisation).await?;
    if !sees {
        return Ok(None);
    }
    let statement = sql!(
        "SELECT * FROM (
             SELECT a.id AS alert_id, a.number, ",
        title!("TRUE", "?5"),
        ", a.severity, a.state, r.stage, k.name AS clock, k.due_at,
                    CASE WHEN a.state = 'in_force'
                              AND r.stage IN ('unacknowledged', 'in_progress', 'awaits_executive')
                         THEN coalesce(k.due_at, ?4) ELSE 2 * ?4 - a.issued_at END AS place
             FROM response r
             JOIN alert a ON a.id = r.alert_id AND a.state IN ('in_force', 'superseded', 'withdrawn')
             LEFT JOIN clock k ON k.about_id = a.id AND k.organisation_id = r.organisation_id
                  AND k.stopped_at IS NULL
                  AND k.name = (SELECT n.name FROM clock n
                                WHERE n.about_id = a.id AND n.organisation_id = r.organisation_id
                                  AND n.stopped_at IS NULL
                                ORDER BY n.due_at, n.name LIMIT 1)
             WHERE r.organisation_id = ?1
         ) each
         WHERE (place, alert_id) > (?2, ?3) ORDER BY place, alert_id LIMIT 51"
    );
    snapshot.all(statement, params![organisation, after.0, after.1, NEVER, reads]).await.map(Some)
}

/// Whether the actor may see how this organisation answers. Index: those of `scope!`.
pub(in crate::response) async fn sees(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    organisation: OrganisationId,
) -> Result<bool, DbError> {
    Ok(sees_and_reads(snapshot, actor, now, organisation).await?.0)
}

/// The name of an organisation.
pub(in crate::response) async fn name(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
) -> Result<Option<String>, DbError> {
    let found: Option<(String,)> =
        snapshot.maybe(sql!("SELECT name FROM organisation WHERE id = ?1"), params![organisation]).await?;
    Ok(found.map(|(name,)| name))
}
