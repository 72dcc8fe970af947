//! What somebody typed and could not be saved, since the version has moved on meanwhile: given back
//! for them to copy. Pages are not kept by browsers here, so that going back would lose it.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use platform::web::{
    Error,
    shell::{Shell, render},
};

use crate::advisory::AdvisoryError;

#[derive(Template)]
#[template(path = "advisory/not_saved.html")]
struct NotSavedPage {
    shell: Shell,
    sentence: String,
    typed: String,
    /// Where it can be typed again, as it stands there now.
    again: String,
}

/// The answer to a form that `error` keeps from being saved: with what was `typed`, by field, where
/// somebody else was faster; as any other error where it is not about that.
pub(crate) fn answer<'a>(
    shell: Shell,
    error: AdvisoryError,
    typed: impl Iterator<Item = (&'a str, &'a str)>,
    again: String,
) -> Response {
    if !error.is_overtaken() {
        return Error::from(error).into_response();
    }
    let typed: Vec<_> = typed.filter_map(|(name, value)| field(name, value)).collect();
    let page = NotSavedPage { shell, sentence: error.to_string(), typed: typed.join("\n\n"), again };
    render(StatusCode::CONFLICT, &page)
}

/// A field as it can be read in a text: `step-0` is "Step 1". The form's own fields say nothing.
fn field(name: &str, value: &str) -> Option<String> {
    if value.trim().is_empty() || matches!(name, "edition" | "rows" | "do" | "q") {
        return None;
    }
    let words = name.split(['-', '_']).map(|word| match word.parse::<usize>() {
        Ok(row) => (row + 1).to_string(),
        Err(_) => word.to_owned(),
    });
    let mut label = words.collect::<Vec<_>>().join(" ");
    label[..1].make_ascii_uppercase();
    Some(format!("{label}:\n{}", value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_people_count_them() {
        assert_eq!(field("step-0", " Patch\nnow "), Some("Step 1:\nPatch\nnow".to_owned()));
        assert_eq!(field("exclude_kind", "trust"), Some("Exclude kind:\ntrust".to_owned()));
        assert_eq!((field("edition", "3"), field("link-0", " ")), (None, None));
    }
}
