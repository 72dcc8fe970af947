//! What belongs to no single service: the first page, and the description of the whole API.

mod api;
mod home;

use crate::flows;
use platform::{Service, access::Rule::Anyone, web::Route};

/// The program's own rows of every table.
pub static SERVICE: Service = Service {
    name: "carecert",
    migrations: &[],
    routes: || {
        let own =
            [Route::get("/", Anyone, home::show), Route::get("/api/openapi.json", Anyone, api::describe)];
        own.into_iter().chain(flows::routes()).collect()
    },
    navigation: |_| Vec::new(),
    jobs: &[],
    messages: &[],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[],
    panels: &[],
    waiting: &[],
    shift: &[],
};
