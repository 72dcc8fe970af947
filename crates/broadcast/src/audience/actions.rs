//! The one verb of an audience: to choose it.

use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::json;

use super::{AudienceError, Mode, Part, store};
use crate::{
    access::WRITE_ADVISORIES,
    advisory::{self, VersionId},
};

/// What is chosen anew; parts that are not named stay as they are.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Whether they must answer.
    pub mode: Option<Mode>,
    /// For each of these parts everything that is chosen in it from now on.
    pub parts: Vec<(Part, Vec<String>)>,
}

/// Chooses the audience of `version` as it stands in `edition`. It is an edit of the version: an
/// approved one is a draft again, and whoever does it does not approve it.
pub async fn choose(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    edition: i64,
    choices: &Choices,
) -> Result<(), AudienceError> {
    actor.require(WRITE_ADVISORIES, "choose an audience")?;
    let before = store::audience(tx, version).await?;
    let mut after = before.clone();
    after.mode = choices.mode.or(before.mode);
    for (part, values) in &choices.parts {
        let mut values = values.clone();
        values.sort();
        values.dedup();
        after.choices.insert(*part, values);
    }
    after.choices.retain(|_, values| !values.is_empty());
    if after == before {
        return Ok(());
    }
    let advisory = advisory::publication::edit_beside(tx, actor, version, edition).await?;
    store::keep_mode(tx, version, after.mode).await?;
    for (part, _) in &choices.parts {
        store::keep_part(tx, version, *part, after.of(*part)).await?;
    }
    let unknown = store::unknown_codes(tx, version).await?;
    if !unknown.is_empty() {
        return Err(AudienceError::UnknownCodes(unknown));
    }
    let parts: Vec<_> = choices
        .parts
        .iter()
        .map(|(part, _)| json!({"part": part.code(), "values": after.of(*part)}))
        .collect();
    let chosen = json!({"version": version, "mode": after.mode.map(Mode::code), "parts": parts});
    let entry = Entry::new("audience.chosen").about_a("advisory", advisory.0).with(chosen);
    log::write(tx, actor, entry).await?;
    Ok(())
}
