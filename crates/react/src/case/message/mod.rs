//! Messages within a case: they never leave it. A mail says that there is one, by the incident's number and a link
//! alone, and says it once until its reader has read.

pub mod actions;
pub mod api;
mod pages;
mod recipients;
pub mod store;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a message of a case.
    pub MessageId
}
