//! Taking in a list of what organisations use, with what became of each row.

use std::io::Cursor;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::{
    import::Report,
    web::{
        Error, Upload, Visit,
        form::Problems,
        shell::{Shell, render},
        show as words,
    },
};

use crate::supplier::import;

/// The largest list that is taken in here; larger ones by the command.
pub(super) const LARGEST: usize = 1024 * 1024;
/// The most refusals that are shown.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "supplier/import.html")]
struct ImportPage {
    shell: Shell,
    problems: Problems,
    report: Option<Report>,
}

impl ImportPage {
    fn count(&self, count: &u64) -> String {
        words::count(i64::try_from(*count).unwrap_or(i64::MAX))
    }
}

/// `GET /suppliers/import`
pub(super) async fn ask(shell: Shell) -> Response {
    render(StatusCode::OK, &ImportPage { shell, problems: Problems::none(), report: None })
}

/// `POST /suppliers/import`
pub(super) async fn take(visit: Visit, sent: Result<Upload<LARGEST>, Error>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let list = match &sent {
        Ok(sent) if sent.part("file").is_empty() => Err("Choose the file of the list".to_owned()),
        Ok(sent) if sent.part("file").len() > LARGEST => {
            Err("The file is larger than 1 MiB. Split it, or have it imported by the command".to_owned())
        }
        Ok(sent) => Ok(sent.part("file").to_vec()),
        Err(error) => Err(error.to_string()),
    };
    let list = match list {
        Ok(list) => list,
        Err(sentence) => {
            problems.push("file", sentence);
            return Ok(render(
                StatusCode::UNPROCESSABLE_ENTITY,
                &ImportPage { shell: visit.shell, problems, report: None },
            ));
        }
    };
    let mut report =
        import::take_in(&visit.app, &visit.actor, Cursor::new(list), "the list", &|_| {}).await?;
    report.refusals.truncate(SHOWN);
    Ok(render(StatusCode::OK, &ImportPage { shell: visit.shell, problems, report: Some(report) }))
}
