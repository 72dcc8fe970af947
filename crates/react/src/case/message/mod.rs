//! Messages within a case: they never leave it. A mail says that there is one, by the incident's number and a link
//! alone, and says it once until its reader has read.

pub mod actions;
mod pages;
mod recipients;
pub mod store;

pub(crate) use pages::routes;

db::id! {
    /// Names a message of a case.
    pub MessageId
}
