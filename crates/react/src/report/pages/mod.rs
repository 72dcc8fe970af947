//! Pages about reports: the ways there are, the two-minute form with a session and with a code, and the call
//! taker's screen.

mod call;
mod code;
mod form;
mod ways;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::{
    access::{
        Role,
        Rule::{self, Anyone},
    },
    web::{
        Route,
        shell::{Shell, render},
    },
};

use super::{
    Facts,
    first_steps::{ALWAYS, Steps, first_steps},
};
use crate::{access::HANDLE_INCIDENTS, incident::Receipt, playbook::shelf::Shelf};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (reporting, handling) = (Rule::Roles(Role::ANSWERING), Rule::Roles(HANDLE_INCIDENTS));
    vec![
        Route::get("/report", Anyone, ways::show),
        Route::get("/report/new", reporting, form::ask),
        Route::post("/report/new", reporting, form::taken).form(
            "organisation={organisation_code}&seen=files_locked&seen=system_down&since=unknown&go=send",
        ),
        Route::get("/report/code", Anyone, code::ask),
        Route::post("/report/code", Anyone, code::enter).form("code={report_code}"),
        Route::get("/report/with-code", Anyone, code::show),
        Route::post("/report/with-code", Anyone, code::taken).form("seen=data_gone&go=send"),
        Route::post("/report/with-code/add", Anyone, code::add).form("text=Two+more+wards"),
        Route::post("/report/with-code/end", Anyone, code::end),
        Route::get("/calls", handling, call::list),
        Route::post("/calls", handling, call::answer),
        Route::get("/calls/{id}/{step}", handling, call::ask).sample("/calls/{call}/organisation"),
        Route::post("/calls/{id}/{step}", handling, call::taken)
            .sample("/calls/{call}/organisation")
            .form("named={organisation_code}"),
    ]
}

/// What stands on the page after a report was sent, whichever way it came.
#[derive(Template)]
#[template(path = "report/sent.html")]
struct SentPage {
    shell: Shell,
    receipt: Receipt,
    always: &'static [&'static str],
    steps: Vec<Steps>,
    /// Whether somebody at the organisation told the CERT before.
    told_before: bool,
    /// Who reads it, and where they go on.
    reader: Reader,
}

/// Who reads what to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reader {
    /// Who reported, signed in.
    Reporter(String),
    /// Who reported with a code.
    Holder,
    /// Who took the call, and reads it out.
    CallTaker(String),
}

impl SentPage {
    fn new(
        (shell, ours): (Shell, &Shelf),
        receipt: Receipt,
        facts: &Facts,
        told_before: bool,
        reader: Reader,
    ) -> Self {
        Self { shell, receipt, always: ALWAYS, steps: first_steps(ours, &facts.seen), told_before, reader }
    }

    fn respond(&self) -> Response {
        render(StatusCode::OK, self)
    }

    fn is_call(&self) -> bool {
        matches!(self.reader, Reader::CallTaker(_))
    }
}
