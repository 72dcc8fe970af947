//! The SQL of audiences: their choices, and the one condition that says whom they mean.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use platform::Tx;

use super::{Audience, Mode, Part};
use crate::advisory::VersionId;

/// The condition that organisation `o` is in the audience of the version `?1`, by [`Audience`]'s
/// rule. Choices are rows, so that this one text serves every audience; each lookup is one of
/// `audience_choice`'s primary key.
macro_rules! chosen {
    () => {
        "o.status = 'open'
         AND (
             EXISTS (SELECT 1 FROM audience_choice c
                     WHERE c.version_id = ?1 AND c.part = 'organisation' AND c.value = o.code)
             OR (
                 EXISTS (SELECT 1 FROM audience_choice c
                         WHERE c.version_id = ?1 AND c.part IN ('kind', 'region', 'parent'))
                 AND (NOT EXISTS (SELECT 1 FROM audience_choice c WHERE c.version_id = ?1 AND c.part = 'kind')
                      OR EXISTS (SELECT 1 FROM audience_choice c
                                 WHERE c.version_id = ?1 AND c.part = 'kind' AND c.value IN (o.kind, 'every')))
                 AND (NOT EXISTS (SELECT 1 FROM audience_choice c WHERE c.version_id = ?1 AND c.part = 'region')
                      OR EXISTS (SELECT 1 FROM audience_choice c
                                 WHERE c.version_id = ?1 AND c.part = 'region' AND c.value = coalesce(o.region, '')))
                 AND (NOT EXISTS (SELECT 1 FROM audience_choice c WHERE c.version_id = ?1 AND c.part = 'parent')
                      OR EXISTS (SELECT 1 FROM audience_choice c
                                 WHERE c.version_id = ?1 AND c.part = 'parent' AND c.value IN (o.parent_code, o.icb_code)))
             )
         )
         AND NOT EXISTS (SELECT 1 FROM audience_choice c
                         WHERE c.version_id = ?1 AND c.part = 'exclude_organisation' AND c.value = o.code)
         AND NOT EXISTS (SELECT 1 FROM audience_choice c
                         WHERE c.version_id = ?1 AND c.part = 'exclude_kind' AND c.value = o.kind)
         AND NOT EXISTS (SELECT 1 FROM audience_choice c
                         WHERE c.version_id = ?1 AND c.part = 'exclude_region' AND c.value = coalesce(o.region, ''))
         AND NOT EXISTS (SELECT 1 FROM audience_choice c
                         WHERE c.version_id = ?1 AND c.part = 'exclude_parent'
                           AND c.value IN (o.parent_code, o.icb_code))"
    };
}
pub(crate) use chosen;

/// The audience of a version as it is chosen so far.
pub async fn audience(snapshot: &mut Snapshot, version: VersionId) -> Result<Audience, DbError> {
    let mode: Option<(Option<Mode>,)> =
        snapshot.maybe(sql!("SELECT mode FROM audience WHERE version_id = ?1"), params![version]).await?;
    let statement =
        sql!("SELECT part, value FROM audience_choice WHERE version_id = ?1 ORDER BY part, value");
    let chosen: Vec<(Part, String)> = snapshot.all(statement, params![version]).await?;
    let mut audience = Audience { mode: mode.and_then(|(mode,)| mode), ..Audience::default() };
    for (part, value) in chosen {
        audience.choices.entry(part).or_default().push(value);
    }
    Ok(audience)
}

pub(super) async fn keep_mode(tx: &mut Tx, version: VersionId, mode: Option<Mode>) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO audience (version_id, mode) VALUES (?1, ?2)
         ON CONFLICT (version_id) DO UPDATE SET mode = excluded.mode"
    );
    tx.run(statement, params![version, mode]).await?;
    Ok(())
}

pub(super) async fn keep_part(
    tx: &mut Tx,
    version: VersionId,
    part: Part,
    values: &[String],
) -> Result<(), DbError> {
    let statement = sql!("DELETE FROM audience_choice WHERE version_id = ?1 AND part = ?2");
    tx.run(statement, params![version, part]).await?;
    let statement = sql!("INSERT INTO audience_choice (version_id, part, value) VALUES (?1, ?2, ?3)");
    for value in values {
        tx.run(statement, params![version, part, value]).await?;
    }
    Ok(())
}

/// The chosen codes that no organisation has.
pub(super) async fn unknown_codes(
    snapshot: &mut Snapshot,
    version: VersionId,
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT c.value FROM audience_choice c
         WHERE c.version_id = ?1 AND c.part IN ('organisation', 'exclude_organisation', 'parent', 'exclude_parent')
           AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.code = c.value)
           AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.parent_code = c.value)
           AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.icb_code = c.value)
         ORDER BY c.value"
    );
    let codes: Vec<(String,)> = snapshot.all(statement, params![version]).await?;
    Ok(codes.into_iter().map(|(code,)| code).collect())
}

/// The names of the organisations and bodies whose codes are chosen, as far as they are known here,
/// by code. Index: `audience_choice`'s key, `organisation.code`.
pub(super) async fn names(
    snapshot: &mut Snapshot,
    version: VersionId,
) -> Result<HashMap<String, String>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT o.code, o.name FROM audience_choice c JOIN organisation o ON o.code = c.value
         WHERE c.version_id = ?1 AND c.part IN ('organisation', 'exclude_organisation', 'parent', 'exclude_parent')"
    );
    let names: Vec<(String, String)> = snapshot.all(statement, params![version]).await?;
    Ok(names.into_iter().collect())
}

/// Takes over what was chosen for another version, where nothing is chosen yet: an update goes to
/// those whom the advisory went to, until somebody decides otherwise.
pub(crate) async fn take_over(tx: &mut Tx, from: VersionId, to: VersionId) -> Result<(), DbError> {
    let audience = sql!(
        "INSERT INTO audience (version_id, mode) SELECT ?2, mode FROM audience WHERE version_id = ?1
         ON CONFLICT (version_id) DO NOTHING"
    );
    tx.run(audience, params![from, to]).await?;
    let choices = sql!(
        "INSERT INTO audience_choice (version_id, part, value)
         SELECT ?2, part, value FROM audience_choice WHERE version_id = ?1
         ON CONFLICT (version_id, part, value) DO NOTHING"
    );
    tx.run(choices, params![from, to]).await?;
    Ok(())
}
