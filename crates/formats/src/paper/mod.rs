//! A document of headings, texts, lists and tables as a PDF file: tagged, so that a screen reader reads it, and marked
//! on each sheet with its TLP.
//!
//! Whatever the text is, a file comes out: a letter that the font lacks is a box, a word longer than its line is cut,
//! and what is longer than [`MOST_SHEETS`] ends with a sentence that says so. Nothing of a text is read as markup.

mod face;
mod layout;
mod table;
mod tags;
mod wrap;
mod write;

use jiff::Timestamp;

pub use layout::MOST_SHEETS;
pub use write::write;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What it is called.
    pub title: String,
    /// Lines below the title: of whom it is, who made it and when.
    pub about: Vec<String>,
    /// What stands on each sheet, above and below, such as `TLP:AMBER`.
    pub marking: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The heading of a chapter.
    Heading(String),
    /// A heading below that.
    Subheading(String),
    /// A text, in its lines.
    Text(String),
    /// Lines that belong together.
    List(Vec<String>),
    /// What is said of single things: each with its name before it.
    Facts(Vec<(String, String)>),
    /// A table.
    Table(Table),
}

/// A table: its rows go over as many sheets as they need, with its head on each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The names of its columns, and how much of the width each takes beside the others.
    pub head: Vec<(String, u8)>,
    /// Its rows, each with a cell for every column; the first is the row's name.
    pub rows: Vec<Vec<String>>,
}

/// A document that could not be written as a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The document could not be written as a PDF file: {0}")]
pub struct PaperError(String);

#[cfg(test)]
mod tests;
