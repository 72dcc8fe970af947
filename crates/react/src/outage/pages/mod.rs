//! Pages about outages: the CERT declares one and sees how everybody stands; each organisation sees and says its own.

mod answer;
mod declare;
mod list;
mod own;
mod show;

use platform::{
    access::{Role, Rule},
    web::Route,
};

use crate::access::{HANDLE_INCIDENTS, READERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, handle) = (Rule::Roles(READERS), Rule::Roles(HANDLE_INCIDENTS));
    let answer = Rule::Roles(Role::ANSWERING);
    vec![
        Route::get("/incidents/{id}/outage", handle, declare::ask)
            .sample("/incidents/{incident}/outage?supplier={other_supplier}&system="),
        Route::post("/incidents/{id}/outage", handle, declare::declare)
            .sample("/incidents/{incident}/outage")
            .form(
                "supplier={other_supplier}&system=&told=It+is+down&hours=4&since-day=1&since-month=1&since-year=2026\
                 &since-time=10:00",
            ),
        Route::get("/outages", read, list::list),
        Route::get("/outages/{id}", read, show::show).sample("/outages/{outage}?stands=any"),
        Route::get("/outages/{id}/answer", answer, answer::ask)
            .sample("/outages/{outage}/answer?organisation={organisation}"),
        Route::post("/outages/{id}/answer", answer, answer::answer)
            .sample("/outages/{outage}/answer")
            .form("organisation={organisation}&version={outage_reply_version}&stands=affected&downtime=working&patients=no&note="),
        Route::post("/outages/{id}/incident", answer, answer::open_incident)
            .sample("/outages/{outage}/incident")
            .form("organisation={organisation}"),
        Route::post("/outages/{id}/update", handle, show::update)
            .sample("/outages/{outage}/update")
            .form("text=It+takes+until+noon"),
        Route::post("/outages/{id}/restore", handle, show::restore)
            .sample("/outages/{outage}/restore")
            .form("version=1"),
        Route::post("/outages/{id}/withdraw", handle, show::withdraw)
            .sample("/outages/{outage}/withdraw")
            .form("version=1"),
    ]
}
