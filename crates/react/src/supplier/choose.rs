//! Which supplier somebody means who typed a part of its name.
//!
//! The CERT chooses among all that are known and those of the register; an organisation among those of the register,
//! which anybody reads, and those that it named itself. What others named is told to no organisation here either.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    Actor, fold,
    organisation::{self, store::Search},
    web::form::Choice,
};

use super::{
    folded,
    store::{self, Supplier},
};

/// The most that are offered to choose among.
pub const OFFERED: usize = 10;

/// What is meant by a name that the CERT typed.
#[derive(Clone, Debug)]
pub enum Meant {
    /// The one of this whole name, or of this ODS code.
    Named(Supplier),
    /// Those in whose names each typed word begins one: at least one of them, and more than [`OFFERED`] where there
    /// are more.
    Among(Vec<Supplier>),
    /// None that is known.
    Unknown,
}

/// The suppliers that the CERT means by a name, a part of one, or a code. On `read_long`, as the list of all is.
pub async fn meant(snapshot: &mut Snapshot, typed: &str) -> Result<Meant, DbError> {
    let (typed, key) = (typed.trim(), folded(typed));
    let known = match organisation::store::id_of(snapshot, &typed.to_uppercase()).await? {
        Some(found) => store::that_is(snapshot, found).await?,
        None => store::named(snapshot, &key).await?,
    };
    if let Some(known) = known {
        let found = store::supplier(snapshot, known).await?;
        return Ok(found.map_or(Meant::Unknown, Meant::Named));
    }
    let found = if key.is_empty() { Vec::new() } else { store::list(snapshot, typed, None).await? };
    Ok(if found.is_empty() { Meant::Unknown } else { Meant::Among(found) })
}

/// What is offered to whoever typed the name of a supplier that is none as it stands: those whose names it may be a
/// part of, [`OFFERED`] at most, and last what was typed. Nothing where there is nothing to choose.
pub(super) async fn offered(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    typed: &str,
) -> Result<Vec<Choice>, DbError> {
    let (typed, key) = (typed.trim(), folded(typed));
    if key.is_empty() || organisation::store::id_of(snapshot, &typed.to_uppercase()).await?.is_some() {
        return Ok(Vec::new());
    }
    // A name, and the code of those of the register.
    let mut found: Vec<(String, Option<String>)> = if actor.at_cert() {
        match meant(snapshot, typed).await? {
            Meant::Named(_) => return Ok(Vec::new()),
            Meant::Among(known) => known.into_iter().map(|each| (each.name, each.code)).collect(),
            Meant::Unknown => Vec::new(),
        }
    } else {
        let prefixes = fold::prefixes(typed);
        let mut own = match prefixes.first() {
            Some(longest) => store::own_named(snapshot, actor, now, longest).await?,
            None => Vec::new(),
        };
        own.retain(|(name, _)| begin(&prefixes, name));
        own
    };
    found.truncate(OFFERED);
    let search = Search {
        q: typed.to_owned(),
        kind: "supplier".to_owned(),
        status: "open".to_owned(),
        ..Search::default()
    };
    for listed in organisation::store::search(snapshot, &search).await? {
        let known = |(name, code): &(String, Option<String>)| {
            code.as_deref() == Some(listed.code.as_str()) || folded(name) == folded(&listed.name)
        };
        if found.len() < OFFERED && !found.iter().any(known) {
            found.push((listed.name, Some(listed.code)));
        }
    }
    if found.is_empty() || found.iter().any(|(name, _)| folded(name) == key) {
        return Ok(Vec::new());
    }
    let as_typed = Choice::new(typed.to_owned(), format!("None of these: it is called {typed}"));
    Ok(found.into_iter().map(|(name, code)| choice(name, code)).chain([as_typed]).collect())
}

/// One of them: by its code, where it has one, since the names of two may be alike.
pub(super) fn choice(name: String, code: Option<String>) -> Choice {
    match code {
        Some(code) => Choice::new(code.clone(), name).hint(format!("ODS code {code}")),
        None => Choice::new(name.clone(), name),
    }
}

/// Whether each of these begins a word of the name.
fn begin(prefixes: &[fold::Prefix], name: &str) -> bool {
    let words = fold::words(name);
    prefixes.iter().all(|prefix| words.iter().any(|word| word.starts_with(&prefix.from)))
}

#[cfg(test)]
mod tests {
    use platform::fold::prefixes;

    use super::begin;

    #[test]
    fn each_typed_word_begins_one_of_the_name() {
        for (typed, is) in [("asp rec", true), ("Rec", true), ("spen", false), ("asp rad", false)] {
            assert_eq!(begin(&prefixes(typed), "Aspen Records Ltd"), is, "{typed}");
        }
    }
}
