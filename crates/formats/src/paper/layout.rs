//! Where each line of a document stands: on which sheet, and how far down.

use super::{
    Block, Paper,
    face::Weight,
    tags::{Part, Role},
    wrap::{cleaned, wrapped},
};

/// The most sheets of a document. What is longer ends with a line that says so.
pub const MOST_SHEETS: usize = 200;
/// What the last sheet says of a document that is longer.
pub(super) const LEFT_OUT: &str = "This is as much as a document holds. The rest was left out.";

/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
/// The edge left and right of the text.
pub(super) const EDGE: f32 = 56.0;
/// The width of the text.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * EDGE;
const TOP: f32 = 78.0;
const BOTTOM: f32 = HEIGHT - 74.0;
/// The size of text, and how far its lines are apart.
pub(super) const SIZE: f32 = 10.5;
/// How far lines are apart, in parts of their size.
const LEADING: f32 = 1.35;
/// How far the lines of a list stand in.
const INDENT: f32 = 14.0;

/// A line at its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub x: f32,
    /// Where its letters stand.
    pub y: f32,
    pub weight: Weight,
    pub size: f32,
    pub text: String,
    /// The part of the document that it is of; none where it is only seen, as a head that is repeated.
    pub of: Option<usize>,
}

/// A sheet of paper.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub lines: Vec<Line>,
    /// Where thin lines go across it.
    pub rules: Vec<f32>,
}

/// Where a chapter begins: its heading, its sheet and how far down.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chapter {
    pub title: String,
    pub sheet: usize,
    pub y: f32,
}

/// A document whose lines have their places.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub sheets: Vec<Sheet>,
    pub parts: Vec<Part>,
    pub chapters: Vec<Chapter>,
    /// How far down the last sheet is written.
    pub y: f32,
    /// Whether it is longer than may be.
    pub is_full: bool,
}

impl Layout {
    /// Gives every line of a document its place.
    pub fn of(paper: &Paper) -> Self {
        let mut layout = Self { sheets: vec![Sheet::default()], y: TOP, ..Self::default() };
        layout.heading(1, &paper.title, 20.0);
        for line in &paper.about {
            layout.text(line);
        }
        for block in &paper.blocks {
            if layout.is_full {
                break;
            }
            layout.block(block);
        }
        if layout.is_full {
            let of = layout.part(Role::Paragraph, None);
            layout.y = BOTTOM;
            layout.put(EDGE, (Weight::Bold, SIZE), LEFT_OUT.to_owned(), Some(of));
        }
        layout
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => {
                self.down(12.0);
                self.heading(2, text, 15.0);
            }
            Block::Subheading(text) => {
                self.down(6.0);
                self.heading(3, text, 12.0);
            }
            Block::Text(text) => self.text(text),
            Block::List(items) => self.list(items),
            Block::Facts(facts) => self.facts(facts),
            Block::Table(table) => self.table(table),
        }
    }

    /// A part of the document, in another one or in itself.
    pub fn part(&mut self, role: Role, within: Option<usize>) -> usize {
        self.parts.push(Part { role, within });
        self.parts.len() - 1
    }

    /// The sheet that is written.
    pub fn sheet(&mut self) -> &mut Sheet {
        if self.sheets.is_empty() {
            self.sheets.push(Sheet::default());
        }
        let last = self.sheets.len() - 1;
        &mut self.sheets[last]
    }

    /// That so much still fits on this sheet, or on a new one; `false` where the document is full.
    pub fn room(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return true;
        }
        if self.sheets.len() >= MOST_SHEETS {
            self.is_full = true;
            return false;
        }
        self.sheets.push(Sheet::default());
        self.y = TOP;
        true
    }

    /// Whether something so high fits on one sheet at all.
    pub const fn fits_a_sheet(height: f32) -> bool {
        height <= BOTTOM - TOP
    }

    /// Whether something so high fits on what is left of this sheet.
    pub fn fits_here(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    /// Leaves so much free, but not at the head of a sheet.
    pub fn down(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// How high a line of this size is.
    pub const fn leading(size: f32) -> f32 {
        size * LEADING
    }

    /// Puts a line where the sheet is written, without going on.
    pub fn put(&mut self, x: f32, (weight, size): (Weight, f32), text: String, of: Option<usize>) {
        let y = self.y + size;
        self.sheet().lines.push(Line { x, y, weight, size, text, of });
    }

    /// Writes lines below each other.
    fn lines(&mut self, x: f32, (weight, size): (Weight, f32), lines: Vec<String>, of: usize) {
        for line in lines {
            if !self.room(Self::leading(size)) {
                return;
            }
            if !line.trim().is_empty() {
                self.put(x, (weight, size), line, Some(of));
            }
            self.y += Self::leading(size);
        }
    }

    fn heading(&mut self, level: u16, text: &str, size: f32) {
        let lines = wrapped(text, Weight::Bold, size, MEASURE);
        // With two lines of what follows.
        let count = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(20);
        if !self.room(f32::from(count) * Self::leading(size) + 3.0 * Self::leading(SIZE)) {
            return;
        }
        let title = cleaned(text).replace('\n', " ");
        let title = if title.trim().is_empty() { "Untitled".to_owned() } else { title };
        if level <= 2 {
            let chapter = Chapter { title: title.clone(), sheet: self.sheets.len() - 1, y: self.y };
            self.chapters.push(chapter);
        }
        let of = self.part(Role::Heading(level, title), None);
        self.lines(EDGE, (Weight::Bold, size), lines, of);
        self.y += 4.0;
    }

    fn text(&mut self, text: &str) {
        let of = self.part(Role::Paragraph, None);
        self.lines(EDGE, (Weight::Regular, SIZE), wrapped(text, Weight::Regular, SIZE, MEASURE), of);
        self.y += 5.0;
    }

    fn list(&mut self, items: &[String]) {
        let list = self.part(Role::List, None);
        for text in items {
            let item = self.part(Role::Item, Some(list));
            let body = self.part(Role::Body, Some(item));
            if !self.room(Self::leading(SIZE)) {
                return;
            }
            self.put(EDGE, (Weight::Regular, SIZE), "\u{2022}".to_owned(), None);
            let lines = wrapped(text, Weight::Regular, SIZE, MEASURE - INDENT);
            self.lines(EDGE + INDENT, (Weight::Regular, SIZE), lines, body);
            self.y += 2.0;
        }
        self.y += 4.0;
    }
}
