//! The clocks of a case, one of them with its draft, the decision on awareness, and the regimes as data.

mod aware;
mod list;
mod regimes;
mod show;

use platform::{access::Rule, web::Route};

use super::WRITERS;
use crate::access::READERS;

/// The largest form: a report, each of whose letters may be written as three or more.
const MOST: usize = 512 * 1024;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    let aware = "zone=shared&trigger=significant_incident&aware-on-day=1&aware-on-month=1&aware-on-year=2026\
                 &aware-time=09:00&decided-by=Eve+Executive&why=The+laboratory+stopped";
    let sent = "version=1&sent-on-day=1&sent-on-month=1&sent-on-year=2026&sent-time=10:00&sent-by=Eve+Executive\
                &reference=IC-1&text=What+was+sent";
    let decision = "version=1&decided-by=Eve+Executive&reason=Nobody+is+at+risk";
    vec![
        Route::get("/clocks/regimes", Rule::Anyone, regimes::show),
        Route::get("/incidents/{id}/clocks", read, list::show).sample("/incidents/{incident}/clocks"),
        Route::get("/incidents/{id}/clocks/aware", write, aware::ask)
            .sample("/incidents/{incident}/clocks/aware?corrects={awareness}"),
        Route::post("/incidents/{id}/clocks/aware", write, aware::decide)
            .sample("/incidents/{incident}/clocks/aware")
            .form(aware),
        Route::get("/incidents/{id}/clocks/{clock}", read, show::show)
            .sample("/incidents/{incident}/clocks/{running_clock}"),
        Route::post("/incidents/{id}/clocks/{clock}/facts", write, show::write_facts)
            .sample("/incidents/{incident}/clocks/{running_clock}/facts")
            .form("fact-people=About+40+patients")
            .up_to(MOST),
        Route::post("/incidents/{id}/clocks/{clock}/sent", write, show::sent)
            .sample("/incidents/{incident}/clocks/{running_clock}/sent")
            .form(sent)
            .up_to(MOST),
        Route::post("/incidents/{id}/clocks/{clock}/not-required", write, show::not_required)
            .sample("/incidents/{incident}/clocks/{running_clock}/not-required")
            .form(decision),
        Route::post("/incidents/{id}/clocks/{clock}/required", write, show::required)
            .sample("/incidents/{incident}/clocks/{excused_clock}/required")
            .form("version=2&decided-by=Eve+Executive&reason=Somebody+is+at+risk"),
        Route::post("/incidents/{id}/clocks/{clock}/explain", write, show::explain)
            .sample("/incidents/{incident}/clocks/{late_clock}/explain")
            .form("version=2&decided-by=Eve+Executive&reason=The+network+was+down"),
    ]
}
