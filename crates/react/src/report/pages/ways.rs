//! The page that everybody reaches: how an incident is reported, the telephone first.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::{
    Actor,
    access::Role,
    web::shell::{Shell, render},
};

use crate::access::{HANDLE_INCIDENTS, KEEP_CODES};

#[derive(Template)]
#[template(path = "report/ways.html")]
struct WaysPage {
    shell: Shell,
    may_report: bool,
    takes_calls: bool,
    keeps_codes: bool,
}

/// `GET /report`
#[expect(clippy::unused_async, reason = "a handler")]
pub(super) async fn show(shell: Shell, actor: Actor) -> Response {
    let page = WaysPage {
        may_report: actor.is_any(Role::ANSWERING),
        takes_calls: actor.is_any(HANDLE_INCIDENTS),
        keeps_codes: actor.is_any(KEEP_CODES),
        shell,
    };
    render(StatusCode::OK, &page)
}
