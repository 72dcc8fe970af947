//! Pages about evidence: the pieces of a case, adding one, one with its custody and what can be done with it, and the
//! proof of what the log says of a case.

mod add;
mod list;
mod proof;
mod show;

use platform::{access::Rule, web::Route};

use crate::access::{KEEP_EVIDENCE, READERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, keep) = (Rule::Roles(READERS), Rule::Roles(KEEP_EVIDENCE));
    vec![
        Route::get("/incidents/{id}/evidence", read, list::show).sample("/incidents/{incident}/evidence"),
        Route::get("/incidents/{id}/evidence/add", keep, add::ask)
            .sample("/incidents/{incident}/evidence/add"),
        Route::post("/incidents/{id}/evidence", keep, add::take)
            .sample("/incidents/{incident}/evidence")
            .parts(SAMPLE)
            .unhurried(),
        Route::get("/incidents/{id}/evidence/{evidence}", read, show::show)
            .sample("/incidents/{incident}/evidence/{evidence}"),
        Route::post("/incidents/{id}/evidence/{evidence}/read", keep, show::hand_out)
            .sample("/incidents/{incident}/evidence/{evidence}/read")
            .form("why=To+look+for+indicators&password=234Z2-ZBF56-789AB-CDEFG"),
        Route::post("/incidents/{id}/evidence/{evidence}/check", keep, show::check)
            .sample("/incidents/{incident}/evidence/{evidence}/check")
            .unhurried(),
        Route::post("/incidents/{id}/evidence/{evidence}/hand-over", keep, show::hand_over)
            .sample("/incidents/{incident}/evidence/{evidence}/hand-over")
            .form("whom=The+police&hand-over-why=They+asked+for+it"),
        Route::post("/incidents/{id}/evidence/{evidence}/withdraw", keep, show::withdraw)
            .sample("/incidents/{incident}/evidence/{evidence}/withdraw")
            .form("version=1&withdraw-why=It+was+the+wrong+file"),
        Route::get("/incidents/{id}/evidence/{evidence}/time-stamp", read, show::time_stamp)
            .sample("/incidents/{incident}/evidence/{evidence}/time-stamp"),
        Route::get("/incidents/{id}/log-proof", read, proof::file).sample("/incidents/{incident}/log-proof"),
    ]
}

/// A form with a file as a browser sends it.
pub(super) const SAMPLE: &str = "--part\r\nContent-Disposition: form-data; name=\"zone\"\r\n\r\nshared\r\n\
    --part\r\nContent-Disposition: form-data; name=\"about\"\r\n\r\nA ransom note\r\n\
    --part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n\
    Content-Type: application/octet-stream\r\n\r\nPay us\r\n--part--\r\n";
