//! Notes in a case, in Markdown, which several people write: two who save at the same time are put together, and
//! nobody is overwritten.

pub mod actions;
pub mod api;
pub mod merge;
mod pages;
pub mod store;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a note.
    pub NoteId
}

/// The longest note, in characters.
pub const LONGEST: usize = 20_000;
/// The most notes of one case.
pub const MOST: i64 = 200;
/// The most versions of a note.
pub const MOST_VERSIONS: i64 = 1_000;
