//! The pages of triage: a threat's panel, the form for one decision point, and what rose in the list.

mod panel;
mod point;
mod risen;

use platform::{access::Rule, web::Route};

use crate::access::{READ_SECTOR, WRITE_ADVISORIES};
pub(crate) use panel::Panel;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/threats/risen", read, risen::list).sample("/threats/risen?days=7"),
        Route::get("/threats/{id}/triage/{point}", write, point::show)
            .sample("/threats/{threat}/triage/automatable"),
        Route::post("/threats/{id}/triage/{point}", write, point::set)
            .sample("/threats/{threat}/triage/automatable")
            .form("version={threat_version}&value=yes&reason=Seen+in+our+lab"),
        Route::post("/threats/{id}/triage/{point}/withdraw", write, point::withdraw)
            .sample("/threats/{decided}/triage/automatable/withdraw")
            .form("version={decided_version}"),
    ]
}
