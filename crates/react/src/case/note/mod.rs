//! Notes in a case, in Markdown, which several people write: two who save at the same time are put together, and
//! nobody is overwritten.

pub mod actions;
pub mod merge;
mod pages;
pub mod store;

pub(crate) use pages::routes;

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
