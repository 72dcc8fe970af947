//! Bars by category, each of several parts, all on one scale, with their counts written beside them.

use askama::Template;

use crate::web::show;

/// The least that a part which is not nought takes, in thousandths: nobody is too few to be seen.
const LEAST: i64 = 4;

/// How dark a part is: told apart without colour, and in print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// The darkest.
    Full,
    /// Between.
    Half,
    /// The lightest that is filled.
    Pale,
    /// An outline.
    Hollow,
}

/// A part that each bar may have.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The words of the legend.
    pub name: &'static str,
    /// How it is filled.
    pub shade: Shade,
}

/// A category.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// Where its name leads; empty for nowhere.
    pub href: String,
    /// The count of each part, in the parts' order.
    pub counts: Vec<i64>,
    /// The counts in words.
    pub words: String,
}

/// Bars; shown, they are a list of SVG with a legend.
#[derive(Clone, Debug, Template)]
#[template(path = "chart/bars.html")]
pub struct Bars {
    caption: String,
    parts: Vec<Part>,
    bars: Vec<Bar>,
}

#[derive(Clone, Debug)]
pub(super) struct Bar {
    row: Row,
    pieces: Vec<Piece>,
}

/// A part of one bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    x: i64,
    width: i64,
    shade: Shade,
}

impl Bars {
    /// Bars for `rows`, in their order; the longest has the whole width.
    pub fn new(caption: impl Into<String>, parts: &[Part], rows: Vec<Row>) -> Self {
        let longest = rows.iter().map(|row| row.counts.iter().sum::<i64>()).max().unwrap_or(0).max(1);
        let bar = |row: Row| Bar { pieces: pieces(parts, &row.counts, longest), row };
        Self { caption: caption.into(), parts: parts.to_vec(), bars: rows.into_iter().map(bar).collect() }
    }

    /// Bars of one part, each with its count beside it.
    pub fn plain(caption: impl Into<String>, rows: impl IntoIterator<Item = (String, i64)>) -> Self {
        let row =
            |(name, count)| Row { name, href: String::new(), counts: vec![count], words: show::count(count) };
        Self::new(caption, &[Part { name: "", shade: Shade::Full }], rows.into_iter().map(row).collect())
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.pieces.is_empty())
    }
}

impl Shade {
    /// Its class in the style sheet.
    fn class(self) -> &'static str {
        match self {
            Self::Full => "carecert-shade--full",
            Self::Half => "carecert-shade--half",
            Self::Pale => "carecert-shade--pale",
            Self::Hollow => "carecert-shade--hollow",
        }
    }
}

fn pieces(parts: &[Part], counts: &[i64], longest: i64) -> Vec<Piece> {
    let mut widths: Vec<i64> = counts
        .iter()
        .map(|count| if *count <= 0 { 0 } else { (count * 1000 / longest).max(LEAST) })
        .collect();
    // What the smallest were given is taken from the greatest, so that no bar is longer than it may be.
    let over = widths.iter().sum::<i64>() - 1000;
    if let Some(greatest) = widths.iter_mut().max().filter(|_| over > 0) {
        *greatest -= over;
    }
    let mut x = 0;
    let mut pieces = Vec::new();
    for (part, width) in parts.iter().zip(widths).filter(|(_, width)| *width > 0) {
        pieces.push(Piece { x, width, shade: part.shade });
        x += width;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [Part; 3] = [
        Part { name: "Answered", shade: Shade::Full },
        Part { name: "Excused", shade: Shade::Pale },
        Part { name: "Open", shade: Shade::Hollow },
    ];

    fn widths(rows: &[[i64; 3]]) -> Vec<Vec<(i64, i64)>> {
        let row = |counts: &[i64; 3]| Row {
            name: String::new(),
            href: String::new(),
            counts: counts.to_vec(),
            words: String::new(),
        };
        let bars = Bars::new("", &PARTS, rows.iter().map(row).collect());
        let of = |bar: &Bar| bar.pieces.iter().map(|piece| (piece.x, piece.width)).collect();
        bars.bars.iter().map(of).collect()
    }

    #[test]
    fn all_bars_have_one_scale() {
        assert_eq!(
            widths(&[[10, 5, 5], [5, 0, 0]]),
            [vec![(0, 500), (500, 250), (750, 250)], vec![(0, 250)]]
        );
    }

    #[test]
    fn nought_is_not_drawn_and_one_of_a_nation_is() {
        assert_eq!(widths(&[[0, 0, 0]]), [vec![]]);
        assert_eq!(widths(&[[59_999, 0, 1]]), [vec![(0, 996), (996, 4)]]);
    }

    #[test]
    fn no_bar_is_longer_than_the_whole() {
        for few in 1..9 {
            let drawn = widths(&[[few, 60_000, few], [60_000 + 2 * few, 0, 0]]);
            for bar in drawn {
                let (x, width) = *bar.last().unwrap();
                assert!(x + width <= 1000, "{few}: {bar:?}");
            }
        }
    }

    #[test]
    fn a_plain_bar_says_its_count() {
        let bars =
            Bars::plain("Sightings", [("1 June 2026".to_owned(), 1_204), ("8 June 2026".to_owned(), 0)]);
        assert_eq!(bars.bars[0].row.words, "1,204");
        assert!(!bars.is_empty() && Bars::plain("Sightings", [("1 June 2026".to_owned(), 0)]).is_empty());
    }
}
