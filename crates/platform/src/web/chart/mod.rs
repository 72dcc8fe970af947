//! Charts, drawn by the server as small SVG: figures in, shapes out, without a script or an inline
//! style. Two forms are enough: a [`Line`] over time and [`Bars`] by category.
//!
//! Shapes stretch with the screen, words keep their size. Colour is never the only sign, and each
//! chart stands beside a table of its figures.

mod bars;
mod line;
mod scale;

pub use bars::{Bars, Part, Row, Shade};
pub use line::{Line, Mark, Series};
pub use scale::{Period, Span};
