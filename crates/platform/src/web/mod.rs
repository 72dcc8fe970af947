//! The web: the route table, what guards it, and what every page stands in.

pub mod about;
pub mod assets;
pub mod bookmark;
pub mod chart;
pub mod cursor;
mod error;
pub mod etag;
mod extract;
pub mod form;
mod guard;
pub mod health;
mod listen;
pub mod live;
pub mod news;
mod route;
mod sent;
mod server;
pub mod shell;
pub mod show;
mod table;
mod taken;
mod visit;

pub use error::{Error, Problem};
pub use extract::{Form, Json, Upload};
pub use listen::serve;
pub use live::Live;
pub use route::{Body, Route};
pub use server::router;
pub use taken::{Refusal, taken};
pub use visit::Visit;

/// The routes of the web itself: what is the same whatever the services are.
pub(crate) fn routes() -> Vec<Route> {
    use crate::access::Rule::{Anyone, SignedIn};
    vec![
        Route::get("/healthz", Anyone, health::healthz),
        Route::get("/readyz", Anyone, health::readyz),
        Route::get("/metrics", Anyone, health::metrics),
        Route::get("/assets/{name}", Anyone, assets::serve).sample("/assets/{asset}"),
        Route::get("/about/accessibility", Anyone, about::accessibility),
        Route::get("/about/cookies", Anyone, about::cookies),
        Route::get("/about/mail", Anyone, about::mail),
        Route::get("/about/mail/key.asc", Anyone, about::mail_key),
        Route::get("/about/privacy", Anyone, about::privacy),
        Route::get("/about/components", Anyone, about::components),
        Route::get("/live", SignedIn, live::stream).endless(),
    ]
}
