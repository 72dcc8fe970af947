//! What was noticed on reading a document: what is lost, what was mended, what is odd.
//!
//! A reader never fails over one field. It leaves the field out and says so here, with its path and
//! line, so that a person can lay the remark beside the document.

use std::fmt;

use serde::Serialize;

/// How many remarks are kept word for word; all are counted.
pub const MOST_KEPT: usize = 200;

/// What a remark means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RemarkKind {
    /// Something stood there and could not be read: it is not in what was read.
    Lost,
    /// A field that the standard asks for is not there.
    Missing,
    /// It was read, though it is not written as the standard has it.
    Mended,
    /// It was read, and contradicts itself or the rest of the document.
    Odd,
    /// A field that the standard does not have; it stays in the verbatim text alone.
    Unknown,
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where in the document, as a JSON pointer such as `/vulnerabilities/0/cve`.
    pub path: String,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it means.
    pub kind: RemarkKind,
    /// A sentence.
    pub reason: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.path, self.reason)
    }
}

/// All that was noticed on reading one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remarks {
    /// The first [`MOST_KEPT`] of them.
    kept: Vec<Remark>,
    lost: u64,
    missing: u64,
    mended: u64,
    odd: u64,
    unknown: u64,
}

impl Remarks {
    /// The first [`MOST_KEPT`] remarks, in the order in which they were noticed.
    pub fn kept(&self) -> &[Remark] {
        &self.kept
    }

    /// How many there are of one kind, those that were not kept included.
    pub fn count(&self, kind: RemarkKind) -> u64 {
        match kind {
            RemarkKind::Lost => self.lost,
            RemarkKind::Missing => self.missing,
            RemarkKind::Mended => self.mended,
            RemarkKind::Odd => self.odd,
            RemarkKind::Unknown => self.unknown,
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.lost + self.missing + self.mended + self.odd + self.unknown
    }

    /// Whether nothing was noticed.
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// Counts a remark, and makes its text only where there is still room for it.
    pub(super) fn add(&mut self, kind: RemarkKind, remark: impl FnOnce() -> Remark) {
        let counter = match kind {
            RemarkKind::Lost => &mut self.lost,
            RemarkKind::Missing => &mut self.missing,
            RemarkKind::Mended => &mut self.mended,
            RemarkKind::Odd => &mut self.odd,
            RemarkKind::Unknown => &mut self.unknown,
        };
        *counter += 1;
        if self.kept.len() < MOST_KEPT {
            self.kept.push(remark());
        }
    }

    /// Turns the offsets that stand in place of lines into lines, in one pass over the text.
    pub(super) fn with_lines(mut self, text: &str) -> Self {
        let mut order: Vec<usize> = (0..self.kept.len()).collect();
        order.sort_unstable_by_key(|index| self.kept[*index].line);
        let (mut line, mut from) = (1, 0);
        for index in order {
            let offset = usize::try_from(self.kept[index].line).unwrap_or(usize::MAX).min(text.len());
            line += text.get(from..offset).unwrap_or_default().matches('\n').count() as u64;
            from = offset;
            self.kept[index].line = line;
        }
        self
    }
}

/// What was read, and what was noticed on the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading<T> {
    /// What was read.
    pub document: T,
    /// What could not be read, and what is odd.
    pub remarks: Remarks,
}
