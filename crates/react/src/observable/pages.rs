//! The observables of a case: what there is, entering a text, and withdrawing one.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Notice, NoticeKind, Shell, render},
        show, taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    LONGEST, ObservableId,
    actions::{self, Entered},
    defanged, kind_of,
    leaving_out::LeftOut,
    store::{self, Kept},
};
use crate::{
    access::READERS,
    case::{CaseError, Head, Party, Zone, Zones, opened},
    correlation,
    incident::IncidentId,
};

/// The path of the page below `/incidents/{id}`.
const PART: &str = "/observables";
/// The largest form: the longest text, each of whose letters may be written as nine.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let read = Rule::Roles(READERS);
    let write = Rule::Roles(crate::access::WRITERS);
    vec![
        Route::get("/incidents/{id}/observables", read, show_all).sample("/incidents/{incident}/observables"),
        Route::post("/incidents/{id}/observables", write, enter)
            .sample("/incidents/{incident}/observables")
            .form("zone=shared&text=198.51.100.7+and+hxxp%3A%2F%2Fevil%5B.%5Dexample%2Fa")
            .up_to(MOST_BYTES),
        Route::post("/incidents/{id}/observables/{observable}/withdraw", write, withdraw)
            .sample("/incidents/{incident}/observables/{observable}/withdraw"),
    ]
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    text: String,
    zone: String,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "observable/list.html")]
struct ListPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    page: Page<Kept>,
    next: String,
    typed: Typed,
    zones: Vec<Choice>,
    /// Whether the reader writes somewhere in the case.
    may_write: bool,
    /// Whether it is their case, so that they say what was no trace.
    may_withdraw: bool,
    /// For the CERT: what has the same.
    correlations: Vec<(correlation::CorrelationId, correlation::Receipt)>,
}

impl ListPage {
    fn kind(&self, kept: &Kept) -> &'static str {
        kind_of(&kept.kind).map_or("Other", formats::ObservableKind::label)
    }

    fn shown(&self, kept: &Kept) -> String {
        defanged(&kept.kind, &kept.value)
    }

    /// Where it was found, and who entered it where somebody did.
    fn origin(&self, kept: &Kept) -> String {
        let label = kept.origin.label();
        match kept.by.as_deref() {
            None => label.to_owned(),
            by => format!(
                "{label}, by {}",
                self.head.writer(&self.shell.cert.name, by, kept.through.as_deref())
            ),
        }
    }

    /// Whether it is compared with other organisations, and why not.
    fn compared(&self, kept: &Kept) -> String {
        match (kept.zone, kept.left_out.parse::<LeftOut>()) {
            (Zone::Own, _) => "Not compared: only yours".to_owned(),
            (_, Ok(LeftOut::Listed)) => format!("Not compared: {}", kept.listed),
            (_, Ok(why)) => format!("Not compared: {}", why.label().to_lowercase()),
            _ => "Compared".to_owned(),
        }
    }

    fn may_withdraw(&self, kept: &Kept) -> bool {
        self.may_withdraw && kept.left_out.is_empty() && kept.zone != Zone::Own
    }
}

/// `GET /incidents/{id}/observables`
async fn show_all(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(query): Query<After>,
) -> Result<Response, Error> {
    let after = cursor::given(query.after.as_deref())?.unwrap_or(ObservableId(Uuid::nil()));
    page(visit, id, after, Typed::default(), Problems::none()).await
}

async fn page(
    visit: Visit,
    id: IncidentId,
    after: ObservableId,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let rows = store::of_case(&mut snapshot, id, sight.reads, after).await?;
    let correlations = match sight.party {
        Party::Cert => correlation::store::of_incident(&mut snapshot, id).await?,
        Party::Organisation | Party::Guest => Vec::new(),
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let chosen = if typed.zone.is_empty() { Zone::Shared.code() } else { &typed.zone };
    let zone = |zone: Zone| Choice::new(zone.code(), zone.label()).chosen_in(&[chosen]);
    let next = page.next_of(&format!("/incidents/{id}{PART}"));
    let page = ListPage {
        head: Head::of(&sight, PART),
        zones: sight.writes.iter().map(zone).collect(),
        may_write: sight.writes != Zones::default(),
        may_withdraw: sight.writes != Zones::default() && sight.party != Party::Guest,
        next,
        shell: visit.shell,
        problems,
        page,
        typed,
        correlations,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/observables`
async fn enter(
    mut visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let text = problems.text("text", &typed.text, LONGEST, "the text");
    let zone: Option<Zone> = typed.zone.parse().ok();
    if zone.is_none() {
        problems.push("zone", "Select who may read them");
    }
    let first = ObservableId(Uuid::nil());
    let refused = |sentence: &str| Err(CaseError::Refused(sentence.to_owned()));
    let (Some(text), Some(zone)) = (text, zone) else {
        return page(visit, id, first, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::enter(&mut tx, &visit.actor, id, zone, &text).await;
    let done = done.and_then(|entered| match (entered.found, entered.patients) {
        (0, 0) => refused("Nothing that a machine can look for elsewhere was found in this text"),
        (0, _) => refused("Nothing but patients’ numbers was found in this text. Remove them"),
        _ => Ok(entered),
    });
    let Some(entered) = taken(tx, done, (&mut problems, "text")).await? else {
        return page(visit, id, first, typed, problems).await;
    };
    visit.shell.notice = Some(notice(entered));
    page(visit, id, first, Typed::default(), problems).await
}

/// What was done, and what somebody must be warned of.
fn notice(entered: Entered) -> Notice {
    let count = |count: usize| show::count(i64::try_from(count).unwrap_or(i64::MAX));
    let mut text = format!("{} found, {} of them new here.", count(entered.found), count(entered.new));
    if entered.beyond > 0 {
        text = format!("{text} The last {} were not kept: enter them in parts.", count(entered.beyond));
    }
    if entered.patients > 0 {
        let numbers = if entered.patients == 1 { "a patient’s number" } else { "patients’ numbers" };
        text = format!("{text} The text has {numbers}: not kept. Take care where the text itself goes.");
    }
    let kind =
        if entered.patients + entered.beyond > 0 { NoticeKind::Important } else { NoticeKind::Success };
    Notice { kind, text }
}

/// `POST /incidents/{id}/observables/{observable}/withdraw`
async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path((id, observable)): Path<(IncidentId, ObservableId)>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::withdraw(&mut tx, &actor, id, observable).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/incidents/{id}{PART}")).into_response())
}
