//! For whom somebody acts: the organisations that they stand for, and through which each.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    access::{Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
};

/// Through which organisation `actor` stands for this one in any of `roles`; `None` where they do not. Index: the key.
pub(crate) async fn through(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    organisation: OrganisationId,
) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!(mine!(), "SELECT through_id FROM mine WHERE organisation_id = ?7");
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(statement, mine_of(actor, now, roles, params![organisation])).await?;
    Ok(found.map(|(through,)| through))
}

/// The organisations through which `actor` answers for any, 20 at most.
pub(crate) async fn all_through(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<OrganisationId>, DbError> {
    let statement = sql!(mine!(), "SELECT DISTINCT through_id FROM mine ORDER BY through_id LIMIT 20");
    let found: Vec<(OrganisationId,)> =
        snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![])).await?;
    Ok(found.into_iter().map(|(through,)| through).collect())
}
