//! Pages about times: of one case, and of all incidents of a year.

mod of_case;
mod of_sector;

use platform::{access::Rule, web::Route};

use crate::access::{HANDLE_INCIDENTS, READ_INCIDENTS, READERS, WRITERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write, handle) = (Rule::Roles(READERS), Rule::Roles(WRITERS), Rule::Roles(HANDLE_INCIDENTS));
    vec![
        Route::get("/incidents/times", Rule::Roles(READ_INCIDENTS), of_sector::show)
            .sample("/incidents/times?until=2026-06"),
        Route::get("/incidents/{id}/times", read, of_case::show).sample("/incidents/{incident}/times"),
        Route::post("/incidents/{id}/times", write, of_case::mark)
            .sample("/incidents/{incident}/times")
            .form("mark=contained&happened=now"),
        Route::post("/incidents/{id}/times/wait", handle, of_case::wait)
            .sample("/incidents/{twin}/times/wait")
            .form("what=The+list+of+servers"),
        Route::post("/incidents/{id}/times/waits/{wait}/end", handle, of_case::go_on)
            .sample("/incidents/{incident}/times/waits/{pace_wait}/end"),
    ]
}
