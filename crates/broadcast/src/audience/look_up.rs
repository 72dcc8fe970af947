//! Finding organisations by name or postcode while an audience is chosen, for whoever has no list of
//! codes at hand.
//!
//! It is part of the question's form: what is found and ticked joins the codes that were typed, and
//! nothing is kept until the form is saved.

use db::{DbError, Snapshot};
use platform::{
    organisation::{
        Status,
        store::{self, Organisation, Search},
    },
    web::form::{Choice, Problems},
};

use super::question::{Question, Typed, kind_in_words, region_in_words};

/// How many are shown of what is found.
const MOST: usize = 20;

/// What was looked for, and what was found.
#[derive(Debug, Default)]
pub(super) struct LookUp {
    /// As it was typed.
    pub asked: String,
    /// What may be added.
    pub found: Vec<Choice>,
    /// Whether more matches than is shown.
    pub more: bool,
}

/// Adds the codes that were ticked to those that were typed.
pub(super) fn add_ticked(question: Question, typed: &mut Typed) {
    let Some(part) = question.looked_up() else { return };
    if let Some(ticked) = typed.remove("found") {
        typed.entry(part.code().to_owned()).or_default().extend(ticked);
    }
}

/// Whether the form was sent in order to look something up.
pub(super) fn is_asked(question: Question, typed: &Typed) -> bool {
    question.looked_up().is_some() && one(typed, "do") == "find"
}

/// Looks up what was typed.
pub(super) async fn look_up(
    snapshot: &mut Snapshot,
    typed: &Typed,
    problems: &mut Problems,
) -> Result<LookUp, DbError> {
    let asked = one(typed, "q").trim().to_owned();
    if asked.is_empty() {
        problems.push("q", "Enter a name or a postcode");
        return Ok(LookUp::default());
    }
    let search = Search { q: asked.clone(), status: Status::Open.code().to_owned(), ..Search::default() };
    let found = store::search(snapshot, &search).await?;
    if found.is_empty() {
        problems.push("q", "No open organisation matches. Try fewer or shorter words");
    }
    Ok(LookUp { asked, more: found.len() > MOST, found: found.iter().take(MOST).map(choice).collect() })
}

fn choice(found: &Organisation) -> Choice {
    let region = region_in_words(found.region.as_deref().unwrap_or_default());
    let place = found.postcode.as_deref().unwrap_or("postcode not known");
    Choice::new(found.code.clone(), format!("{} ({})", found.name, found.code))
        .hint(format!("{}, {region}, {place}", kind_in_words(&found.kind)))
}

fn one<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.get(name).and_then(|values| values.first()).map_or("", String::as_str)
}
