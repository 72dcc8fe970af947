//! A text in lines that are no wider than their place.

use unicode_normalization::UnicodeNormalization;

use super::face::Weight;

/// What cannot be seen, or would turn what stands beside it round, is left out; a letter and its accent are one.
pub(super) fn cleaned(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.nfc().filter_map(seen).collect()
}

fn seen(letter: char) -> Option<char> {
    match letter {
        '\t' | '\u{A0}' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Marks without width, marks of direction, joiners, selectors and tags.
        '\u{AD}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' => None,
        // For private use, and no letters at all.
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => Some('\u{25A1}'),
        letter if letter != '\n' && letter.is_control() || u32::from(letter) & 0xFFFE == 0xFFFE => None,
        letter => Some(letter),
    }
}

/// The lines of a text in a place of this width. A line that ends between words keeps the space, so that whoever reads
/// the file aloud keeps the words apart.
pub(super) fn wrapped(text: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
    cleaned(text).split('\n').flat_map(|line| wrapped_line(line.trim_end(), weight, size, width)).collect()
}

fn wrapped_line(line: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
    let letters: Vec<(usize, char)> = line.char_indices().collect();
    let widths = weight.face().widths(line, size);
    let mut lines = Vec::new();
    let (mut begin, mut used, mut space) = (0, 0.0, None);
    let mut place = 0;
    while place < letters.len() {
        let is_space = letters[place].1 == ' ';
        if !is_space && place > begin && used + widths[place] > width {
            // Behind the last space of the line, or in the middle of a word that is longer than it.
            let end = space.map_or(place, |space: usize| space + 1);
            lines.push(line[letters[begin].0..letters[end].0].to_owned());
            (begin, used, space) = (end, 0.0, None);
            place = end;
            continue;
        }
        if is_space && place > begin {
            space = Some(place);
        }
        used += widths[place];
        place += 1;
    }
    lines.push(letters.get(begin).map_or_else(String::new, |first| line[first.0..].to_owned()));
    lines
}
