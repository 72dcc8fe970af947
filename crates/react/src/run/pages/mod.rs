//! Pages of runs: which playbooks are followed in a case, and where people stand in one.

mod list;
mod show;

use platform::{access::Rule, web::Route};

use crate::access::{FOLLOW_PLAYBOOKS, READERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, follow) = (Rule::Roles(READERS), Rule::Roles(FOLLOW_PLAYBOOKS));
    vec![
        Route::get("/incidents/{id}/runs", read, list::list).sample("/incidents/{incident}/runs"),
        Route::post("/incidents/{id}/runs", follow, list::start)
            .sample("/incidents/{incident}/runs")
            .form("playbook=ransomware&zone=shared"),
        Route::get("/incidents/{id}/runs/{run}", read, show::show).sample("/incidents/{incident}/runs/{run}"),
        Route::get("/incidents/{id}/runs/{run}/status", read, show::status)
            .sample("/incidents/{incident}/runs/{run}/status"),
        Route::post("/incidents/{id}/runs/{run}/tasks/{task}", follow, show::act)
            .sample("/incidents/{incident}/runs/{run}/tasks/{run_task}")
            .form("version=1&go=done&evidence=Both+cables+are+out"),
        Route::post("/incidents/{id}/runs/{run}/stop", follow, show::stop)
            .sample("/incidents/{incident}/runs/{run}/stop")
            .form("reason=It+was+a+false+alarm"),
    ]
}
