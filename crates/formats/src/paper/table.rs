//! Tables on paper: each cell in its lines, each row as high as its highest cell.

use super::{
    Table,
    face::Weight,
    layout::{EDGE, Layout, MEASURE, SIZE},
    tags::Role,
    wrap::wrapped,
};

/// The size of what stands in a table.
const SMALL: f32 = 9.5;
/// Between two columns, and above and below a row.
const GAP: f32 = 8.0;
const PAD: f32 = 3.0;
/// How much of the width the names of facts take.
const NAMES: u8 = 3;
const VALUES: u8 = 7;

/// Columns: where each begins, and how wide it is.
type Columns = Vec<(f32, f32)>;

/// A row whose cells are in lines.
struct Row {
    /// For each cell its weight, its lines, and the part that it is.
    cells: Vec<(Weight, Vec<String>, Option<usize>)>,
}

impl Row {
    fn height(&self) -> f32 {
        let most = self.cells.iter().map(|(_, lines, _)| lines.len()).max().unwrap_or(0);
        f32::from(u16::try_from(most).unwrap_or(u16::MAX)) * Layout::leading(SMALL) + 2.0 * PAD
    }
}

fn columns(shares: &[u8]) -> Columns {
    let all: f32 = shares.iter().copied().map(f32::from).sum::<f32>().max(1.0);
    let mut x = EDGE;
    let column = |share: &u8| {
        let (begin, width) = (x, MEASURE * f32::from(*share) / all);
        x += width;
        (begin, (width - GAP).max(SMALL))
    };
    shares.iter().map(column).collect()
}

impl Layout {
    /// A table, with its head again on each sheet.
    pub(super) fn table(&mut self, table: &Table) {
        let shares: Vec<u8> = table.head.iter().map(|(_, share)| (*share).max(1)).collect();
        let columns = columns(&shares);
        let of = self.part(Role::Table(table.caption.clone()), None);
        let caption = self.part(Role::Caption, Some(of));
        self.down(4.0);
        for line in wrapped(&table.caption, Weight::Bold, SIZE, MEASURE) {
            if !self.room(4.0 * Self::leading(SIZE)) {
                return;
            }
            self.put(EDGE, (Weight::Bold, SIZE), line, Some(caption));
            self.y += Self::leading(SIZE);
        }
        let head = self.part(Role::Head, Some(of));
        let row = self.part(Role::Row, Some(head));
        let names: Vec<String> = table.head.iter().map(|(name, _)| name.clone()).collect();
        let parts = names.iter().map(|_| self.part(Role::ColumnName, Some(row))).map(Some).collect();
        let first = cells(&names, &columns, |_| Weight::Bold, parts);
        self.row(&first, &columns, None);
        let again = cells(&names, &columns, |_| Weight::Bold, vec![None; names.len()]);
        let rows = self.part(Role::Rows, Some(of));
        for texts in &table.rows {
            if self.is_full {
                return;
            }
            let row = self.part(Role::Row, Some(rows));
            let role = |place: usize| if place == 0 { Role::RowName } else { Role::Cell };
            let parts = (0..names.len()).map(|place| Some(self.part(role(place), Some(row)))).collect();
            let row = cells(texts, &columns, |_| Weight::Regular, parts);
            self.row(&row, &columns, Some(&again));
        }
        self.y += GAP;
    }

    /// Facts: a table without a head, in which each row has a name.
    pub(super) fn facts(&mut self, facts: &[(String, String)]) {
        let columns = columns(&[NAMES, VALUES]);
        let of = self.part(Role::Table("Facts".to_owned()), None);
        let rows = self.part(Role::Rows, Some(of));
        for (name, value) in facts {
            if self.is_full {
                return;
            }
            let row = self.part(Role::Row, Some(rows));
            let parts =
                vec![Some(self.part(Role::RowName, Some(row))), Some(self.part(Role::Cell, Some(row)))];
            let weight = |place| if place == 0 { Weight::Bold } else { Weight::Regular };
            let row = cells(&[name.clone(), value.clone()], &columns, weight, parts);
            self.row(&row, &columns, None);
        }
        self.y += GAP;
    }

    /// A row: on the next sheet where it does not fit on this one, and over several where it fits on none.
    fn row(&mut self, row: &Row, columns: &Columns, head: Option<&Row>) {
        let before = self.sheets.len();
        let whole = row.height();
        let height = if Self::fits_a_sheet(whole + Self::leading(SMALL) * 3.0) {
            whole
        } else {
            Self::leading(SMALL) * 3.0
        };
        if !self.room(height) {
            return;
        }
        if self.sheets.len() > before {
            self.again(head, columns);
        }
        self.y += PAD;
        let most = row.cells.iter().map(|(_, lines, _)| lines.len()).max().unwrap_or(0);
        for place in 0..most {
            if !self.fits_here(Self::leading(SMALL)) {
                if !self.room(Self::leading(SMALL)) {
                    return;
                }
                self.again(head, columns);
                self.y += PAD;
            }
            for ((weight, lines, of), (x, _)) in row.cells.iter().zip(columns) {
                if let Some(line) = lines.get(place).filter(|line| !line.trim().is_empty()) {
                    self.put(*x, (*weight, SMALL), line.clone(), *of);
                }
            }
            self.y += Self::leading(SMALL);
        }
        self.y += PAD;
        let y = self.y;
        self.sheet().rules.push(y);
    }

    fn again(&mut self, head: Option<&Row>, columns: &Columns) {
        if let Some(head) = head.filter(|head| Self::fits_a_sheet(head.height() * 3.0)) {
            self.row(head, columns, None);
        }
    }
}

fn cells(
    texts: &[String],
    columns: &Columns,
    weight: impl Fn(usize) -> Weight,
    parts: Vec<Option<usize>>,
) -> Row {
    type Cell<'t> = (usize, ((&'t String, &'t (f32, f32)), Option<usize>));
    let cell = |(place, ((text, (_, width)), of)): Cell<'_>| {
        let weight = weight(place);
        // An empty cell would not be read, and those behind it would be heard under the wrong names.
        let text = if text.trim().is_empty() { "–" } else { text };
        (weight, wrapped(text, weight, SMALL, *width), of)
    };
    Row { cells: texts.iter().zip(columns).zip(parts).enumerate().map(cell).collect() }
}
