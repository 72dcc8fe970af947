//! The first page: for a visitor what this is and whom to ring; for a person, where their work is.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::web::shell::{Shell, render};

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    shell: Shell,
}

/// `GET /`
pub async fn show(shell: Shell) -> Response {
    match (&shell.who, shell.navigation.first()) {
        // The menu begins with what the person is most often here for.
        (Some(_), Some(first)) => Redirect::to(&first.href).into_response(),
        (Some(_), None) => Redirect::to("/account").into_response(),
        (None, _) => render(StatusCode::OK, &Home { shell }),
    }
}
