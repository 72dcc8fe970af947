//! Pages about mutual aid: asking, with what others will see of it; offering and answering; and what could be lent.

mod answer;
mod ask;
mod lend;
mod list;
mod show;
mod typed;

use platform::{
    access::{Role, Rule},
    web::Route,
};

use crate::access::{HANDLE_INCIDENTS, READERS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(Role::ANSWERING));
    let asked = "organisation={organisation_code}&what=laptops&detail=For+two+wards&wanted=10&from-day=1&from-month=6\
                 &from-year=2030&until-day=9&until-month=6&until-year=2030&place=Site+office&contact-name=Pat\
                 &contact-telephone=01632+960+001&reach=named&named={aid_named}&is-named=yes&is-cyber=no";
    vec![
        Route::get("/aid", read, list::list).sample("/aid?state=any"),
        Route::get("/aid/ask", write, ask::ask).sample("/aid/ask?incident={incident}"),
        Route::post("/aid/ask", write, ask::check).sample("/aid/ask").form(asked),
        Route::post("/aid/ask/send", write, ask::send).sample("/aid/ask/send").form(asked),
        Route::post("/aid/ask/change", write, ask::change).sample("/aid/ask/change").form(asked),
        Route::get("/aid/lend", read, lend::list).sample("/aid/lend?what=network"),
        Route::get("/aid/lend/add", write, lend::ask),
        Route::post("/aid/lend/add", write, lend::add).sample("/aid/lend/add").form(
            "organisation={organisation_code}&what=network&count=2&within-hours=4&conditions=&contact-name=Pat\
             &contact-telephone=01632+960+001",
        ),
        Route::post("/aid/lend/{id}/end", write, lend::end).sample("/aid/lend/{aid_standing}/end"),
        Route::get("/aid/{id}", read, show::show).sample("/aid/{aid}"),
        Route::post("/aid/{id}/offer", write, show::offer).sample("/aid/{aid_asked}/offer").form(
            "organisation={organisation_code}&count=2&from-day=1&from-month=6&from-year=2030&until-day=9\
             &until-month=6&until-year=2030&conditions=&contact-name=Pat&contact-telephone=01632+960+001",
        ),
        Route::post("/aid/{id}/withdraw", write, show::withdraw)
            .sample("/aid/{aid}/withdraw")
            .form("version=1"),
        Route::post("/aid/{id}/end", write, show::end).sample("/aid/{aid}/end").form("version=1"),
        Route::post("/aid/{id}/invite", Rule::Roles(HANDLE_INCIDENTS), show::invite)
            .sample("/aid/{aid}/invite")
            .form("organisation={aid_invited}"),
        Route::post("/aid/offers/{id}/accept", write, answer::accept)
            .sample("/aid/offers/{aid_offer}/accept")
            .form("version=1&count=1&thanks=Thank+you"),
        Route::post("/aid/offers/{id}/decline", write, answer::decline)
            .sample("/aid/offers/{aid_offer}/decline")
            .form("version=1&thanks=Thank+you"),
        Route::post("/aid/offers/{id}/withdraw", write, answer::withdraw)
            .sample("/aid/offers/{own_aid_offer}/withdraw")
            .form("version=1"),
        Route::post("/aid/offers/{id}/return", write, answer::returned)
            .sample("/aid/offers/{lent_aid_offer}/return")
            .form("version=2"),
    ]
}
