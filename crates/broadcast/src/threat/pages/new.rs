//! Adding a threat by hand: what somebody learned from where no feed comes.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::{
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::{
    advisory::{content::is_link, typed::cves},
    threat::{Kind, Said, ThreatError, actions},
};

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(in crate::threat) struct Typed {
    pub kind: String,
    pub title: String,
    pub summary: String,
    pub vendor: String,
    pub product: String,
    pub cves: String,
    pub known: Vec<String>,
    pub link: String,
}

#[derive(Template)]
#[template(path = "threat/new.html")]
struct NewPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
}

impl NewPage {
    fn kinds(&self) -> Vec<Choice> {
        let chosen = [&self.typed.kind];
        let choice =
            |each: &Kind| Choice::new(each.code(), each.label()).hint(each.hint()).chosen_in(&chosen);
        Kind::ALL.iter().map(choice).collect()
    }

    fn known(&self) -> Vec<Choice> {
        [(EXPLOITED, "It is known to be exploited"), (RANSOMWARE, "Ransomware is known to use it")]
            .map(|(value, label)| Choice::new(value, label).chosen_in(&self.typed.known))
            .into()
    }
}

/// What is ticked of a threat that is known to be exploited.
pub(in crate::threat) const EXPLOITED: &str = "exploited";
/// What is ticked of one that ransomware is known to use.
pub(in crate::threat) const RANSOMWARE: &str = "ransomware";

/// `GET /threats/new`
pub(super) async fn show(shell: Shell) -> Response {
    render(StatusCode::OK, &NewPage { shell, problems: Problems::none(), typed: Typed::default() })
}

/// `POST /threats/new`
pub(super) async fn create(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let today = uk::day(visit.shell.now);
    let Some(said) = read(&typed, today, &mut problems) else {
        return Ok(render(
            StatusCode::UNPROCESSABLE_ENTITY,
            &NewPage { shell: visit.shell, problems, typed },
        ));
    };
    let mut tx = visit.app.write().await?;
    match actions::write(&mut tx, &visit.actor, &said).await {
        Ok((threat, was_known)) => {
            tx.commit().await?;
            let added = if was_known { "?added=yes" } else { "" };
            Ok(Redirect::to(&format!("/threats/{threat}{added}")).into_response())
        }
        Err(error @ ThreatError::TwoThreats(..)) => {
            problems.push("cves", error.to_string());
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { shell: visit.shell, problems, typed }))
        }
        Err(error) => Err(error.into()),
    }
}

/// What was typed, or the problems with it; the API is read by this too, so that both doors refuse the same.
pub(in crate::threat) fn read(
    typed: &Typed,
    today: jiff::civil::Date,
    problems: &mut Problems,
) -> Option<Said> {
    let kind = typed.kind.parse::<Kind>().ok();
    if kind.is_none() {
        problems.push("kind", "Select what kind of threat it is");
    }
    let title = problems.text("title", &typed.title, 200, "a name for it");
    let summary = problems.text("summary", &typed.summary, 4_000, "what it is");
    let vendor = problems.optional_text("vendor", &typed.vendor, 200, "the vendor");
    let product = problems.optional_text("product", &typed.product, 200, "the product");
    let (cves, wrong) = cves(&typed.cves);
    if let Some(wrong) = wrong {
        problems.push("cves", wrong);
    }
    let link = typed.link.trim();
    if !link.is_empty() && !is_link(link) {
        problems.push("link", "Enter a web address that begins with https://, or none");
    }
    if !problems.is_empty() {
        return None;
    }
    Some(Said {
        cves,
        summary: summary?,
        vendor: vendor?,
        product: product?,
        known_exploited: typed.known.iter().any(|known| known == EXPLOITED),
        ransomware: typed.known.iter().any(|known| known == RANSOMWARE),
        links: (!link.is_empty()).then(|| link.to_owned()).into_iter().collect(),
        ..Said::new(kind?, title?, today)
    })
}
