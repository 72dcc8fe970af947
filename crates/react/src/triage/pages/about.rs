//! The rule of priority, for everybody to read: made of the rule itself, so that the two never differ.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::web::shell::{Shell, render};

use crate::triage::{Priority, Question};

#[derive(Template)]
#[template(path = "triage/about.html")]
struct AboutPage {
    shell: Shell,
    /// Each priority with what makes an incident that.
    levels: Vec<(Priority, Vec<&'static str>)>,
}

/// `GET /about/priority`
pub(super) async fn show(shell: Shell) -> Response {
    let reasons = |priority: Priority| {
        let of_it = Question::ALL.iter().filter(move |question| question.raises_to() == priority);
        of_it.map(|question| question.is_so()).collect()
    };
    let levels = Priority::ALL.iter().map(|priority| (*priority, reasons(*priority))).collect();
    render(StatusCode::OK, &AboutPage { shell, levels })
}
