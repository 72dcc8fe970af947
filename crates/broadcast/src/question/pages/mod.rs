//! Pages about questions: an organisation asks about an alert and reads what it is answered; the CERT
//! works through those that wait.

mod answer;
mod own;
mod queue;

use platform::{
    access::{Role, Rule},
    web::Route,
};

use crate::access::{READ_SECTOR, WRITE_ADVISORIES};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    let (reading, asking) = (Rule::Roles(Role::READING), Rule::Roles(Role::ANSWERING));
    vec![
        Route::get("/alerts/{id}/questions", reading, own::list).sample("/alerts/{asked_alert}/questions"),
        Route::post("/alerts/{id}/questions", asking, own::ask)
            .sample("/alerts/{asked_alert}/questions")
            .form("organisation={organisation_code}&text=Does+it+concern+version+2?"),
        Route::get("/alerts/{id}/questions/{question}", reading, own::one)
            .sample("/alerts/{asked_alert}/questions/{question}"),
        Route::post("/alerts/{id}/questions/{question}", asking, own::follow_up)
            .sample("/alerts/{asked_alert}/questions/{answered_question}")
            .form("text=And+version+3?"),
        Route::get("/questions", read, queue::list).sample("/questions?status=any"),
        Route::get("/questions/{id}", read, answer::show).sample("/questions/{question}"),
        Route::post("/questions/{id}/answer", write, answer::answer)
            .sample("/questions/{question}/answer")
            .form("version=1&answer=Yes,+it+does"),
        Route::post("/questions/{id}/claim", write, answer::claim)
            .sample("/questions/{question}/claim")
            .form("version=1"),
        Route::post("/questions/{id}/close", write, answer::close)
            .sample("/questions/{question}/close")
            .form("version=1&reason=Ask+the+vendor"),
    ]
}
