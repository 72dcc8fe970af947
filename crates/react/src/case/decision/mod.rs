//! What was decided in a case, by whom, why, and against what: for whoever asks afterwards. Nothing is changed; a
//! decision is reviewed by another one, once.

pub mod actions;
pub mod api;
mod pages;
pub mod store;

use jiff::Timestamp;
use uuid::Uuid;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a decision.
    pub DecisionId
}

/// A decision as it is written down.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// What was decided.
    pub decided: String,
    /// By whom.
    pub decider: String,
    /// In which role.
    pub role: String,
    /// Why.
    pub why: String,
    /// What else was weighed.
    pub options: String,
    /// When.
    pub decided_at: Timestamp,
    /// When it is to be looked at again.
    pub review_at: Option<Timestamp>,
}
