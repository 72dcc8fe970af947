//! The first page: for a visitor what this is and whom to ring; for a person, where their work is.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        shell::{Shell, render},
    },
};

use crate::demo;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    shell: Shell,
}

/// `GET /`
pub async fn show(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    // A demonstration tells its story first.
    if shell.demonstration && shell.who.is_none() {
        return demo::home::page(&app, shell).await;
    }
    Ok(match (&shell.who, shell.navigation.first()) {
        // The menu begins with what the person is most often here for.
        (Some(_), Some(first)) => Redirect::to(&first.href).into_response(),
        (Some(_), None) => Redirect::to("/account").into_response(),
        (None, _) => render(StatusCode::OK, &Home { shell }),
    })
}
