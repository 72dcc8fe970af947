//! The two faces in which documents are set, and how wide their letters are.
//!
//! A letter is a glyph: no ligatures, and no scripts whose letters change with their neighbours. What a face lacks is a
//! box, of which the file still says which letter it is.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

const REGULAR: &[u8] = include_bytes!("../../../../vendor/liberation-fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../vendor/liberation-fonts/LiberationSans-Bold.ttf");

/// What stands for a letter that the faces lack.
const BOX: char = '\u{25A1}';

/// A face.
pub(super) struct Face {
    bytes: &'static [u8],
    font: Font,
}

static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| [REGULAR, BOLD].map(Face::read));

/// The face of text, or the bold one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    /// Its face.
    pub fn face(self) -> &'static Face {
        &FACES[self as usize]
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.into(), 0).expect("a test reads both fonts");
        Self { bytes, font }
    }

    /// For what sets it.
    pub fn font(&self) -> Font {
        self.font.clone()
    }

    /// How wide each letter of a text is, in parts of the size.
    fn shaped(&self, text: &str) -> Vec<KrillaGlyph> {
        let font = FontRef::new(self.bytes).expect("a test reads both fonts");
        let letters = font.charmap();
        let widths = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        let glyph = |(start, letter): (usize, char)| {
            let id = letters.map(letter).or_else(|| letters.map(BOX)).unwrap_or_default();
            KrillaGlyph {
                glyph_id: GlyphId::new(id.to_u32()),
                text_range: start..start + letter.len_utf8(),
                x_advance: widths.advance_width(id).unwrap_or(0.5),
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            }
        };
        text.char_indices().map(glyph).collect()
    }

    /// The glyphs of a line.
    pub fn glyphs(&self, line: &str) -> Vec<KrillaGlyph> {
        self.shaped(line)
    }

    /// The widths of the letters of a text at this size, in points.
    pub fn widths(&self, text: &str, size: f32) -> Vec<f32> {
        self.shaped(text).iter().map(|glyph| glyph.x_advance * size).collect()
    }
}

/// The bytes of both fonts, for the test that reads them.
#[cfg(test)]
pub(super) fn has(letter: char) -> bool {
    FontRef::new(REGULAR).is_ok_and(|font| font.charmap().map(letter).is_some())
}
