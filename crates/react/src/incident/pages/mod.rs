//! Pages about incidents: the CERT's list and an organisation's own, and the page of one.

mod list;
mod show;

use platform::{access::Rule, web::Route};

use crate::access::{ADDERS, HANDLE_INCIDENTS, READERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, add, handle) = (Rule::Roles(READERS), Rule::Roles(ADDERS), Rule::Roles(HANDLE_INCIDENTS));
    vec![
        Route::get("/incidents", read, list::show).sample("/incidents?list=apart&state=any"),
        Route::get("/incidents/{id}", read, show::show).sample("/incidents/{incident}"),
        Route::post("/incidents/{id}/add", add, show::add)
            .sample("/incidents/{incident}/add")
            .form("text=The+laboratory+is+affected+too"),
        Route::post("/incidents/{id}/take-on", handle, show::take_on)
            .sample("/incidents/{incident}/take-on")
            .form("version=1"),
        Route::post("/incidents/{id}/call-back", handle, show::call_back)
            .sample("/incidents/{apart_incident}/call-back")
            .form("version={apart_version}&number=organisation&outcome=confirmed&note=Pat+answered"),
        Route::post("/incidents/{id}/organisation", handle, show::place)
            .sample("/incidents/{apart_incident}/organisation")
            .form("version={apart_version}&organisation={organisation_code}"),
        Route::post("/incidents/{id}/join", handle, show::join)
            .sample("/incidents/{twin}/join")
            .form("version=1&into={incident_number}"),
        Route::post("/incidents/{id}/close", handle, show::close)
            .sample("/incidents/{incident}/close")
            .form("version=1&reason=It+was+a+test"),
    ]
}
