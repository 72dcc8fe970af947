//! One document: what it is, where it came from, how it was checked, and what it says.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use data_encoding::HEXLOWER;
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        cursor::{self, Page},
        shell::{Shell, render},
        show::count,
    },
};
use serde::Deserialize;

use super::advisory::{Advisory, Row};
use crate::{
    source::{
        Counts, DocumentId, Findings, Source, Worth,
        store::{self, Document, Statement},
    },
    threat::{self, StatementId, ThreatId},
};

/// Remarks that the page shows.
const REMARKS: usize = 100;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// From which vulnerability on, counted from 0.
    #[serde(default)]
    from: usize,
    /// Behind which of its statements.
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "source/document.html")]
struct DocumentPage {
    shell: Shell,
    document: Document,
    hash: String,
    findings: Findings,
    advisory: Option<Advisory>,
    /// The newer revision that is believed in its place.
    newer: Option<DocumentId>,
    /// The threats of the vulnerabilities that are listed, in their order.
    threats: Vec<Option<ThreatId>>,
    /// What it says of threats, where that is listed so.
    statements: Vec<Statement>,
    next: String,
}

/// `GET /sources/documents/{id}`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<DocumentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let document = store::document(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    let view = move |reading: &_| Advisory::of(reading, asked.from);
    let advisory = super::of_advisory(&app, &document, view).await?;
    let (mut threats, mut newer) = (Vec::new(), None);
    if let Some(advisory) = &advisory {
        let mut snapshot = app.read().await?;
        let keys: Vec<String> = advisory.vulnerabilities.iter().map(|row| row.key.clone()).collect();
        let known = threat::store::known(&mut snapshot, Source::Csaf, &keys).await?;
        threats = keys.iter().map(|key| known.get(key).map(|known| known.threat)).collect();
        let believed = store::believed(&mut snapshot, Source::Csaf, &advisory.series).await?;
        newer = believed.map(|believed| believed.document_id).filter(|believed| *believed != id);
    }
    let next = advisory.as_ref().and_then(|advisory| advisory.next);
    let next = next.map(|from| format!("/sources/documents/{id}?from={from}"));
    let (statements, more) = statements(&app, &document, &asked.after).await?;
    let page = DocumentPage {
        hash: HEXLOWER.encode(&document.hash),
        findings: document.findings()?,
        next: next.or(more).unwrap_or_default(),
        shell,
        document,
        advisory,
        newer,
        threats,
        statements,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What a document says of threats, and where the rest of it is shown. An advisory lists its vulnerabilities,
/// and a bundle its objects.
async fn statements(
    app: &App,
    document: &Document,
    after: &str,
) -> Result<(Vec<Statement>, Option<String>), Error> {
    if !matches!(document.source, Source::Kev | Source::Cve | Source::News) {
        return Ok((Vec::new(), None));
    }
    let after = cursor::read::<StatementId>(after);
    let found = store::statements(&mut app.read().await?, document.id, after).await?;
    let page = Page::of(found, |statement| statement.id);
    let more = page.next.map(|after| format!("/sources/documents/{}?after={after}", document.id));
    Ok((page.rows, more))
}

impl DocumentPage {
    /// The vulnerabilities that are listed, each with its threat.
    fn vulnerabilities<'a>(
        &'a self,
        advisory: &'a Advisory,
    ) -> impl Iterator<Item = (&'a Row, Option<ThreatId>)> {
        advisory.vulnerabilities.iter().zip(self.threats.iter().copied())
    }

    /// What its checksum came to.
    fn checksum(&self) -> String {
        match self.findings.checks.checksums.as_slice() {
            [] => "None came with it".to_owned(),
            right => format!("{}: right", right.join(" and ")),
        }
    }

    /// What became of its parts, in words.
    fn counts(&self) -> String {
        let Counts { new, changed, same, passed_over } = self.findings.counts.unwrap_or_default();
        let all = [
            (new, "new"),
            (changed, "changed"),
            (same, "as before"),
            (passed_over, "passed over"),
            (self.findings.refused, "refused"),
        ];
        let told = all.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> =
            told.map(|(number, words)| format!("{} {words}", count(number.cast_signed()))).collect();
        if told.is_empty() { "Nothing".to_owned() } else { told.join(", ") }
    }

    /// Whether there are more than are shown.
    fn has_more(&self, all: &u64, shown: usize) -> bool {
        u64::try_from(shown).is_ok_and(|shown| *all > shown)
    }

    fn shown_remarks(&self) -> &[crate::source::Remark] {
        &self.findings.remarks[..self.findings.remarks.len().min(REMARKS)]
    }
}
