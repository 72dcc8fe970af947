//! `/sector/{id}/late`: every deadline that has passed; and what it shares with the list of those to
//! be rung: which of them are asked for, and how a row reads.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use formats::ods::{OrganisationKind, regions};
use http::StatusCode;
use platform::{
    App,
    organisation::OrganisationId,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    SectorError,
    store::{self, Behind, Late, Wanted},
};
use crate::{
    alert::AlertId,
    response::{self, AlertHead},
};

/// Which of them, and where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    region: String,
    kind: String,
    after: Option<String>,
}

impl Asked {
    /// Those of a region and a kind; empty for every.
    pub(super) fn of(region: &str, kind: &str) -> Self {
        Self { region: region.to_owned(), kind: kind.to_owned(), after: None }
    }

    pub(super) fn wanted(&self, to_ring: bool) -> Wanted<'_> {
        let after: Option<Behind> = self.after.as_deref().and_then(cursor::read);
        let after = after.unwrap_or((0, OrganisationId(Uuid::nil()), String::new()));
        let given = |text: &'_ str| !text.is_empty();
        Wanted {
            after,
            to_ring,
            region: Some(self.region.as_str()).filter(|text| given(text)),
            kind: Some(self.kind.as_str()).filter(|text| given(text)),
        }
    }

    /// Whether only some are asked for.
    pub(super) fn narrowed(&self) -> bool {
        !self.region.is_empty() || !self.kind.is_empty()
    }

    /// The address of the next page of `path`, with what was asked for.
    pub(super) fn next(&self, path: &str, after: &str) -> String {
        let fields = [("region", self.region.as_str()), ("kind", &self.kind), ("after", after)];
        format!("{path}?{}", serde_html_form::to_string(fields).unwrap_or_default())
    }

    pub(super) fn regions(&self) -> Vec<Choice> {
        let today = regions::all().iter().filter(|region| region.until.is_none());
        let today = today.map(|region| Choice::new(region.code.as_str(), region.name.as_str()));
        let all = std::iter::once(Choice::new("", "Every region")).chain(today);
        all.map(|choice| choice.chosen_in(&[&self.region])).collect()
    }

    pub(super) fn kinds(&self) -> Vec<Choice> {
        let kinds = OrganisationKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.label()));
        let all = std::iter::once(Choice::new("", "Every type")).chain(kinds);
        all.map(|choice| choice.chosen_in(&[&self.kind])).collect()
    }
}

#[derive(Template)]
#[template(path = "sector/late.html")]
struct LatePage {
    shell: Shell,
    alert: AlertHead,
    asked: Asked,
    late: Page<Late>,
    late_count: String,
    problems: Problems,
}

/// `GET /sector/{id}/late`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let late_count = show::count(store::count_late(&mut snapshot, id, shell.now).await?);
    let late = page_of(store::late(&mut snapshot, id, shell.now, asked.wanted(false)).await?);
    drop(snapshot);
    let problems = Problems::none();
    Ok(render(StatusCode::OK, &LatePage { shell, alert, asked, late, late_count, problems }))
}

/// A page of late organisations.
pub(super) fn page_of(late: Vec<Late>) -> Page<Late> {
    Page::of(late, |row| (row.due_at.as_microsecond(), row.organisation_id, row.clock.clone()))
}

impl LatePage {
    fn next(&self) -> Option<String> {
        let path = format!("/sector/{}/late", self.alert.id);
        self.late.next.as_ref().map(|after| self.asked.next(&path, after))
    }
}

impl Late {
    /// What is late, in words.
    pub(super) fn what(&self) -> &'static str {
        match self.clock.as_str() {
            "acknowledge" => "Acknowledgement",
            "update" => "Update",
            _ => "Remediation",
        }
    }

    /// Whom to ring first, and at which number.
    pub(super) fn numbers(&self) -> Vec<(String, String)> {
        let named = |name: Option<&String>, number: &Option<String>| Some((name?.clone(), number.clone()?));
        let answering = named(self.answering.as_ref(), &self.answering_telephone);
        let contact = named(self.contact.as_ref(), &self.contact_telephone);
        let own = self.telephone.clone().map(|number| ("Switchboard".to_owned(), number));
        [contact, answering, own].into_iter().flatten().collect()
    }

    /// What came of the last call.
    pub(super) fn last_call(&self, shell: &Shell) -> String {
        match (self.rung_at, self.ring_outcome) {
            (Some(at), Some(outcome)) => format!("{}, {}", outcome.label(), shell.instant(at)),
            _ => "Not rung yet".to_owned(),
        }
    }
}
