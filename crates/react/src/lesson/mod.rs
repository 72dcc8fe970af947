//! What people learned from an incident: what happened, what helped and what hindered. No blame, and nothing is changed:
//! who writes a lesson anew writes another one, which stands in its place.

pub mod actions;
mod pages;
mod shared;
pub mod store;

use platform::web::Route;
use uuid::Uuid;

db::id! {
    /// Names a lesson.
    pub LessonId
}

/// The most lessons of one zone of a case, those that were replaced among them.
pub const MOST: i64 = 100;

/// A lesson as it is written down.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// The lesson, in a line.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What helped.
    pub helped: String,
    /// What hindered.
    pub hindered: String,
}

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    pages::routes().into_iter().chain(shared::routes()).collect()
}
