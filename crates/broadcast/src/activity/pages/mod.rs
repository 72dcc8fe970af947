//! The CERT's pages about where threats are active: by area, one entry, and a warning to an area.

mod areas;
mod entry;
mod warn;

use platform::{access::Rule, web::Route};

use crate::access::{READ_SECTOR, WRITE_ADVISORIES};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/threats/areas", read, areas::all),
        Route::get("/threats/areas/{area}", read, areas::one).sample("/threats/areas/Y56"),
        Route::get("/threats/{id}/activity", write, entry::ask).sample("/threats/{actor}/activity"),
        Route::post("/threats/{id}/activity", write, entry::enter)
            .sample("/threats/{actor}/activity")
            .form(
                "region=Y56&region=Y61&kind=trust&from-day=1&from-month=6&from-year=2026&basis=partner&confidence=medium",
            ),
        Route::get("/activities/{activity}", read, entry::show).sample("/activities/{activity}"),
        Route::get("/activities/{activity}/correct", write, entry::ask_again)
            .sample("/activities/{activity}/correct"),
        Route::post("/activities/{activity}/correct", write, entry::correct)
            .sample("/activities/{activity}/correct")
            .form(
                "state={activity_state}&region=Y61&from-day=1&from-month=6&from-year=2026&basis=partner&confidence=low",
            ),
        Route::post("/activities/{activity}/end", write, entry::end)
            .sample("/activities/{activity}/end")
            .form("state={activity_state}&until-day=1&until-month=6&until-year=2026"),
        Route::get("/threats/{id}/warn", write, warn::show).sample("/threats/{actor}/warn?area=Y56"),
        Route::post("/threats/{id}/warn", write, warn::start)
            .sample("/threats/{actor}/warn")
            .form("area=Y56&version={actor_version}&severity=medium&tlp=amber&mode=for_information"),
    ]
}
