//! Pages about the service itself: accessibility, cookies, its mail, privacy, and every component once.
//!
//! Anyone may read them. They promise only what the program does: whoever changes what is kept,
//! or what was tested, changes the page too.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{
    StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use jiff::{SignedDuration, Timestamp};

use super::Error;
use super::chart::{Bars, Line, Mark, Part, Row, Series, Shade, Span};
use super::form::{Choice, Problems};
use super::shell::{Shell, render};
use crate::App;

#[derive(Template)]
#[template(path = "about/accessibility.html")]
struct Accessibility {
    shell: Shell,
}

/// `GET /about/accessibility`
pub async fn accessibility(shell: Shell) -> Response {
    render(StatusCode::OK, &Accessibility { shell })
}

#[derive(Template)]
#[template(path = "about/cookies.html")]
struct Cookies {
    shell: Shell,
}

/// `GET /about/cookies`
pub async fn cookies(shell: Shell) -> Response {
    render(StatusCode::OK, &Cookies { shell })
}

#[derive(Template)]
#[template(path = "about/privacy.html")]
struct Privacy {
    shell: Shell,
}

/// `GET /about/privacy`
pub async fn privacy(shell: Shell) -> Response {
    render(StatusCode::OK, &Privacy { shell })
}

#[derive(Template)]
#[template(path = "about/mail.html")]
struct AboutMail {
    shell: Shell,
    from: String,
    portal: String,
    fingerprint: Option<String>,
}

/// `GET /about/mail`: how to tell our mail from a criminal's.
pub async fn mail(State(app): State<App>, shell: Shell) -> Response {
    let settings = &app.settings;
    let (from, portal) = (settings.cert.mail_from.clone(), settings.public_url.clone());
    let fingerprint = app.post.public_key().map(|key| key.fingerprint.clone());
    render(StatusCode::OK, &AboutMail { shell, from, portal, fingerprint })
}

/// `GET /about/mail/key.asc`: what signed mail is checked with.
pub async fn mail_key(State(app): State<App>) -> Result<Response, Error> {
    let key = app.post.public_key().ok_or(Error::NotFound)?;
    let name = "attachment; filename=\"key.asc\"";
    let head = [(CONTENT_TYPE, "application/pgp-keys"), (CONTENT_DISPOSITION, name)];
    Ok((head, key.armoured.clone()).into_response())
}

/// Every component in its states: as it is first shown, with a problem, empty, with long text.
#[derive(Template)]
#[template(path = "about/every_component.html")]
struct Components {
    shell: Shell,
    none: Problems,
    problems: Problems,
    answers: Vec<Choice>,
    regions: Vec<Choice>,
    /// Deadlines around now: in three days, in five hours, two hours ago.
    deadlines: [Timestamp; 3],
    long: &'static str,
    line: Line,
    bars: Bars,
}

/// `GET /about/components`
pub async fn components(shell: Shell) -> Response {
    let deadlines = [76, 5, -2].map(|hours| shell.now + SignedDuration::from_hours(hours));
    let page = Components {
        line: sample_line(shell.now),
        bars: sample_bars(),
        shell,
        none: Problems::none(),
        problems: sample_problems(),
        answers: vec![
            Choice::new("yes", "Yes"),
            Choice::new("no", "No").hint("You are asked for the reason on the next page"),
            Choice::new("unknown", "Not yet known"),
        ],
        regions: ["London", "Midlands", "North West"]
            .map(|region| Choice::new(region, region).chosen_in(&["Midlands"]))
            .into(),
        deadlines,
        long: "Royal National Hospital for Rheumatic Diseases and the Specialist Orthopaedic, \
               Neurological Rehabilitation and Community Services NHS Foundation Trust of \
               Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    };
    render(StatusCode::OK, &page)
}

/// Two days of 20 organisations, 30 hours in.
fn sample_line(now: Timestamp) -> Line {
    let at = |hours| now + SignedDuration::from_hours(hours - 30);
    let series = |name, changes: &[(i64, i64)]| Series {
        name,
        changes: changes.iter().map(|(hour, change)| (at(*hour), *change)).collect(),
    };
    let series = [
        series("Acknowledged", &[(1, 2), (3, 9), (17, 4), (26, 3)]),
        series("Closed or excused", &[(17, 1), (20, 3), (25, 1)]),
    ];
    let marks = [Mark { at: at(48), label: "Acknowledge by" }];
    Line::new("sample-line", "Answers over time", Span::new(at(0), at(54)), now, &series, &marks)
}

fn sample_bars() -> Bars {
    let parts = [
        Part { name: "Answered", shade: Shade::Full },
        Part { name: "Excused", shade: Shade::Pale },
        Part { name: "Open", shade: Shade::Hollow },
    ];
    let row = |name: &str, counts: [i64; 3]| Row {
        name: name.to_owned(),
        href: String::new(),
        counts: counts.into(),
        words: format!(
            "{} required: {} answered, {} excused",
            counts.iter().sum::<i64>(),
            counts[0],
            counts[1]
        ),
    };
    Bars::new(
        "By region",
        &parts,
        vec![row("Midlands", [9, 2, 1]), row("North East and Yorkshire", [3, 0, 4]), row("London", [0; 3])],
    )
}

fn sample_problems() -> Problems {
    let mut problems = Problems::none();
    problems.text("wrong-name", "", 200, "the organisation's name");
    problems.email("wrong-email", "it@trust");
    problems.push("wrong-password", "Enter a password of at least 12 characters");
    problems.push("wrong-reason", "Enter why the alert does not apply");
    problems.push("wrong-region", "Select a region");
    problems.push("wrong-answer", "Select whether the alert applies");
    problems.push("wrong-regions", "Select at least one region");
    problems.date("wrong-due", ["3", "", "2026"], "the planned date");
    problems.push("wrong-file", "Select a file of 10 MB or less");
    problems
}
