//! Pages about sightings: an organisation reports one and sees what became of it; the CERT reads them,
//! links them to threats, or says why not.

mod judge;
mod own;
mod received;
mod report;

use platform::{
    access::{Role, Rule},
    web::Route,
};

use super::{api, cert_api};
use crate::access::{READ_SECTOR, WRITE_ADVISORIES};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    let (reading, reporting) = (Rule::Roles(Role::READING), Rule::Roles(Role::ANSWERING));
    let mut routes = vec![
        Route::get("/sightings", reading, own::list),
        Route::get("/sightings/new", reporting, report::ask),
        Route::post("/sightings/new", reporting, report::check).form(SAMPLE),
        Route::post("/sightings/send", reporting, report::send).form(SAMPLE),
        Route::get("/sightings/{id}", reading, own::one).sample("/sightings/{sighting}"),
        Route::get("/threats/sightings", read, received::list).sample("/threats/sightings?status=any"),
        Route::get("/threats/sightings/{id}", read, judge::show)
            .sample("/threats/sightings/{sighting}?q=actor"),
        Route::post("/threats/sightings/{id}/link", write, judge::link)
            .sample("/threats/sightings/{sighting}/link")
            .form("version=1&threat={actor}"),
        Route::post("/threats/sightings/{id}/threat", write, judge::make_threat)
            .sample("/threats/sightings/{sighting}/threat")
            .form("version=1&kind=fraud&title=False+invoices&summary=Invoices+of+nobody"),
        Route::post("/threats/sightings/{id}/dismiss", write, judge::dismiss)
            .sample("/threats/sightings/{sighting}/dismiss")
            .form("version=1&reason=A+newsletter"),
        Route::post("/threats/sightings/{id}/take-up", write, judge::take_up)
            .sample("/threats/sightings/{dismissed_sighting}/take-up")
            .form("version=2"),
    ];
    routes.extend(api::routes());
    routes.extend(cert_api::routes());
    routes
}

/// What the walk reports.
const SAMPLE: &str = "organisation={organisation_code}&seen=email&seen-on-day=1&seen-on-month=6&seen-on-year=2026\
                      &harm=no&telling=without_name";
