//! A CSV file about an alert, written as it is read, so that it is never whole in memory.

use std::convert::Infallible;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use db::DbError;
use futures::{StreamExt, stream};
use http::header;
use platform::App;

use crate::response::AlertHead;

/// A line's cells, and the code of its organisation, behind which the next are looked for.
pub(crate) type Row = (Vec<String>, String);

/// Answers with `header` and every line that `next` finds behind a code, until it finds none.
///
/// Each part is a read of its own: no snapshot is held while a slow reader takes the file.
pub(crate) fn file<N, F>(app: App, alert: &AlertHead, what: &str, header: &str, next: N) -> Response
where
    N: Fn(App, String) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Vec<Row>, DbError>> + Send,
{
    let begin = Some((String::new(), format!("{header}\r\n")));
    let parts = stream::unfold(begin, move |state| {
        let (app, next) = (app.clone(), next.clone());
        async move {
            let (after, mut part) = state?;
            let goes_on = match next(app, after).await {
                Ok(lines) => {
                    for (cells, _) in &lines {
                        write(cells, &mut part);
                    }
                    lines.into_iter().next_back().map(|(_, code)| (code, String::new()))
                }
                Err(error) => {
                    tracing::error!(%error, "an export broke off");
                    part.push_str("\"The export broke off here. Try again.\"\r\n");
                    None
                }
            };
            Some((Ok::<_, Infallible>(part), goes_on))
        }
    });
    // Compression asks again after the end.
    let parts = parts.fuse();
    // A file travels on its own: its name says how far it may.
    let marking = alert.tlp.0.to_string().replace(':', "-");
    let name = format!("attachment; filename=\"{}-{what}-{marking}.csv\"", alert.number);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(parts)).into_response()
}

fn write(cells: &[String], out: &mut String) {
    let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell that a spreadsheet takes for text whatever it begins with: `=`, `+`, `-`, `@`, a tab or a
/// carriage return would begin a formula (OWASP, CSV injection).
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(quoted("Elm, \"the\" Surgery"), "\"Elm, \"\"the\"\" Surgery\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}");
        }
    }
}
