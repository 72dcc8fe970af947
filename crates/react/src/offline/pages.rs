//! How the form is got and kept, the form itself, and where its files are sent.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use data_encoding::{BASE64, HEXLOWER};
use http::{StatusCode, header};
use platform::{
    App,
    account::Visitor,
    web::{
        Error, Upload,
        form::Problems,
        shell::{CertName, Language, Shell, render},
        show,
    },
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{OfflineError, actions, welsh};
use crate::{
    incident::Receipt,
    playbook::{reading::Line, shelf::Shelf, welsh::DRAFT},
    report::{
        Care, Seen,
        facts::{LONGEST, LONGEST_NAME, LONGEST_NUMBER},
        first_steps::{ALWAYS, Steps, first_steps},
    },
};
use formats::age::LARGEST;

/// What the form is made of besides its HTML; see vendor/noble/ORIGIN.md for what others wrote.
const NOBLE: &str = include_str!("../../../../vendor/noble/noble.js");
const SCRIPT: &str = include_str!("../../assets/offline.js");
const STYLE: &str = include_str!("../../assets/offline.css");

/// What the form may do, told to the browser by the form itself, since no server is there to tell it: run its
/// own two scripts, and load or send nothing.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {} {}; style-src {}; form-action 'none'; base-uri 'none'",
        hash(NOBLE),
        hash(SCRIPT),
        hash(STYLE)
    )
});

#[derive(Template)]
#[template(path = "offline/about.html")]
struct AboutPage {
    shell: Shell,
}

/// `GET /report/offline`
pub(super) async fn about(shell: Shell) -> Response {
    render(StatusCode::OK, &AboutPage { shell })
}

#[derive(Template)]
#[template(path = "offline/form.html")]
struct FormFile {
    language: Language,
    cert: CertName,
    policy: &'static str,
    style: &'static str,
    noble: &'static str,
    script: &'static str,
    recipient: String,
    recipient_bytes: String,
    upload: String,
    made: String,
    seen: &'static [Seen],
    affected: &'static [Care],
    steps: Vec<Steps>,
    longest: usize,
    longest_name: usize,
    longest_number: usize,
}

impl FormFile {
    /// The one of two texts that is in the form's language.
    fn say(&self, english: &'static str, welsh: &'static str) -> &'static str {
        self.language.pick(english, welsh)
    }

    fn in_welsh(&self) -> bool {
        self.language == Language::Welsh
    }

    const fn draft(&self) -> &'static str {
        DRAFT
    }

    fn of_seen(&self, seen: &Seen) -> &'static str {
        self.language.pick(seen.label(), welsh::seen(*seen))
    }

    fn of_care(&self, care: &Care) -> &'static str {
        self.language.pick(care.label(), welsh::care(*care))
    }

    fn always(&self) -> &'static [&'static str] {
        self.language.pick(ALWAYS, welsh::ALWAYS)
    }

    /// The steps in the form's language; in English where not all of them have a Welsh text, as elsewhere.
    fn lines<'a>(&self, steps: &'a Steps) -> &'a [Line] {
        if self.in_welsh() && !steps.welsh.is_empty() { &steps.welsh } else { &steps.lines }
    }
}

/// In which language the form is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    language: String,
}

/// The playbooks as they stand; as they come with the program where the database does not answer: whoever keeps the form
/// for a bad day may do so on one.
async fn playbooks(app: &App) -> Shelf {
    match app.read().await {
        Ok(mut snapshot) => Shelf::read(&mut snapshot).await.unwrap_or_else(|_| Shelf::as_they_come()),
        Err(_) => Shelf::as_they_come(),
    }
}

/// `GET /report/offline/file`: the form, to be kept. It is a download and never a page of this site: what it
/// has inline, the site's own pages may not have.
pub(super) async fn form(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let language = if asked.language == "cy" { Language::Welsh } else { Language::English };
    let recipient = actions::keys(&app).await?.current;
    let ours = playbooks(&app).await;
    let file = FormFile {
        made: show::day(shell.now.as_microsecond(), language),
        language,
        cert: shell.cert,
        policy: &POLICY,
        style: STYLE,
        noble: NOBLE,
        script: SCRIPT,
        recipient: recipient.to_string(),
        recipient_bytes: HEXLOWER.encode(recipient.bytes()),
        upload: app.link("/report/upload"),
        seen: Seen::ALL,
        affected: Care::ALL,
        // Each by itself: the form shows those that are ticked.
        steps: Seen::ALL.iter().flat_map(|seen| first_steps(&ours, &[*seen])).collect(),
        longest: LONGEST,
        longest_name: LONGEST_NAME,
        longest_number: LONGEST_NUMBER,
    };
    let html = file.render().map_err(|error| {
        tracing::error!(%error, "the offline form could not be written");
        Error::Internal
    })?;
    let named = language.pick(
        "attachment; filename=\"carecert-report-form.html\"",
        "attachment; filename=\"carecert-report-form-cymraeg.html\"",
    );
    let kept = [(header::CONTENT_DISPOSITION, named)];
    Ok((kept, Html(html)).into_response())
}

#[derive(Template)]
#[template(path = "offline/upload.html")]
struct UploadPage {
    shell: Shell,
    problems: Problems,
}

/// `GET /report/upload`
pub(super) async fn ask(shell: Shell) -> Response {
    render(StatusCode::OK, &UploadPage { shell, problems: Problems::none() })
}

#[derive(Template)]
#[template(path = "offline/taken.html")]
struct TakenPage {
    shell: Shell,
    receipt: Receipt,
    again: bool,
}

/// `POST /report/upload`: the file, or its text.
pub(super) async fn take(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    sent: Result<Upload<LARGEST>, Error>,
) -> Result<Response, Error> {
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) => return Ok(refused(shell, error.status(), &error.to_string())),
    };
    let file = sent.part("file");
    let file = if file.is_empty() { sent.part("text") } else { file };
    match actions::take(&app, &visitor, file).await {
        Ok(taken) => {
            let page = TakenPage { shell, receipt: taken.receipt, again: taken.again };
            Ok(render(StatusCode::OK, &page))
        }
        Err(error @ (OfflineError::Nothing | OfflineError::Age(_) | OfflineError::NotAReport)) => {
            Ok(refused(shell, StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()))
        }
        Err(error @ OfflineError::Wait(_)) => {
            Ok(refused(shell, StatusCode::TOO_MANY_REQUESTS, &error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page again, with what is wrong; what to do next stands on it whatever it is.
fn refused(shell: Shell, status: StatusCode, sentence: &str) -> Response {
    let mut problems = Problems::none();
    problems.push("file", sentence.trim_end_matches('.'));
    render(status, &UploadPage { shell, problems })
}
