//! Pages about the priority, the kind and the outlook of an incident, and the rule for everybody to read.

mod about;
mod kind;
mod show;

use std::collections::BTreeMap;

use platform::{access::Rule, web::Route};
use serde::Deserialize;

use crate::access::{ANSWER_QUESTIONS, HANDLE_INCIDENTS, READERS};

/// What is typed on these pages, whichever of their forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
struct Typed(BTreeMap<String, String>);

impl Typed {
    /// What stands in this field; nothing where there is none.
    fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The version of the triage that was seen.
    fn version(&self) -> i64 {
        self.of("version").parse().unwrap_or_default()
    }
}

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, answer) = (Rule::Roles(READERS), Rule::Roles(ANSWER_QUESTIONS));
    let handle = Rule::Roles(HANDLE_INCIDENTS);
    vec![
        Route::get("/about/priority", Rule::Anyone, about::show),
        Route::get("/incidents/{id}/triage", read, show::show).sample("/incidents/{incident}/triage"),
        Route::post("/incidents/{id}/triage/answers", answer, show::answer)
            .sample("/incidents/{incident}/triage/answers")
            .form("version={triage_version}&diverted=yes"),
        Route::get("/incidents/{id}/triage/kind", handle, kind::show)
            .sample("/incidents/{incident}/triage/kind?class=fraud"),
        Route::post("/incidents/{id}/triage/kind", handle, kind::save)
            .sample("/incidents/{incident}/triage/kind")
            .form("kind=fraud%3Aphishing"),
        Route::post("/incidents/{id}/triage/priority", handle, show::set_priority)
            .sample("/incidents/{incident}/triage/priority")
            .form("version={triage_version}&priority=p1&why=The+neighbours+depend+on+it"),
        Route::post("/incidents/{id}/triage/priority/withdraw", handle, show::withdraw_priority)
            .sample("/incidents/{incident}/triage/priority/withdraw")
            .form("version={triage_version}"),
        Route::post("/incidents/{id}/triage/outlook", handle, show::judge)
            .sample("/incidents/{incident}/triage/outlook")
            .form("outlook=worsening"),
        Route::post("/incidents/{id}/triage/proposed", handle, show::propose)
            .sample("/incidents/{incident}/triage/proposed")
            .form("proposed=2"),
        Route::post("/incidents/{id}/triage/assigned", handle, show::assign)
            .sample("/incidents/{incident}/triage/assigned")
            .form("assigned=3&on-day=1&on-month=1&on-year=2026&reference=NCSC-1"),
        Route::post("/incidents/{id}/looking", handle, show::look).sample("/incidents/{incident}/looking"),
    ]
}
