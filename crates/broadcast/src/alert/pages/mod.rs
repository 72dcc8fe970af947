//! An alert's pages: as those whom it went to read it, and as the CERT follows it.

mod deliveries;
mod publish;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use formats::Tlp;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::{
        Role::{Admin, Analyst, Auditor, DutyManager, Executive, Lead, Responder, Viewer},
        Rule,
    },
    log, uk,
    web::{
        Error, Route,
        shell::{Shell, render},
        show,
    },
};

use super::{Alert, AlertId, State as AlertState, store};
use crate::{
    access::{APPROVE, READ_SECTOR},
    advisory::{self, view::Reading},
    audience::Mode,
    faq::{self, FaqId},
};

/// The rows of alerts.
pub(crate) fn routes() -> Vec<Route> {
    const READERS: &[platform::access::Role] =
        &[Responder, Lead, Executive, Viewer, Analyst, DutyManager, Admin, Auditor];
    let (read, sector, decide) = (Rule::Roles(READERS), Rule::Roles(READ_SECTOR), Rule::Roles(APPROVE));
    let mut routes = vec![
        Route::get("/alerts/{id}", read, show_alert).sample("/alerts/{alert}"),
        Route::get("/alerts/{id}/deliveries", sector, deliveries::show).sample("/alerts/{alert}/deliveries"),
        Route::get("/alerts/{id}/call-back", decide, publish::ask_call_back)
            .sample("/alerts/{issued}/call-back"),
        Route::post("/alerts/{id}/call-back", decide, publish::call_back)
            .sample("/alerts/{issued}/call-back")
            .form("reason=The+wrong+region"),
        Route::get("/audiences/{version}/publish", decide, publish::ask)
            .sample("/audiences/{approved}/publish"),
        Route::post("/audiences/{version}/publish", decide, publish::publish)
            .sample("/audiences/{approved}/publish")
            .form("edition={approved_edition}&answers=stand"),
    ];
    routes.extend(super::api::routes());
    routes.extend(super::syndication::routes());
    routes
}

/// What is still to be answered for the reader's organisations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Nothing,
    FromThem,
    /// They may read, not answer.
    FromAColleague,
}

#[derive(Template)]
#[template(path = "alert/show.html")]
struct ShowPage {
    shell: Shell,
    alert: Alert,
    reading: Reading,
    /// The reader's organisations, 20 at most; empty for people at the CERT.
    yours: Vec<store::Yours>,
    /// How many more of the reader's organisations there are.
    more: Option<String>,
    awaited: Awaited,
    at_cert: bool,
    /// As whom they come, where the marking asks for that.
    strict: Option<store::Standing>,
    may_decide: bool,
    /// Where its log is read, by those who may.
    log: Option<String>,
    organisations: String,
    /// What is answered for everybody whom it went to.
    faq: faq::store::Shown,
    /// Whether the reader may ask the CERT about it.
    may_ask: bool,
}

impl ShowPage {
    /// The moment of delivery as a clock shows it, to the second, which the minute's page needs.
    fn delivery_time(&self) -> String {
        uk::local(self.alert.deliver_at).strftime("%H:%M:%S").to_string()
    }

    /// Whether its deadlines count, or will: nobody is late with what was called back, withdrawn or updated.
    fn deadlines_run(&self) -> bool {
        matches!(self.alert.state, AlertState::Issued | AlertState::InForce)
    }

    /// Whether a deadline lies behind: whether anybody is late with it, the sector's page tells.
    fn has_passed(&self, due: &Timestamp) -> bool {
        *due <= self.shell.now
    }

    /// Whether the marking lets them read what it says.
    fn reads(&self) -> bool {
        self.strict.as_ref().is_none_or(store::Standing::reads)
    }

    /// Whether they read it only since they answer for the organisation that it is meant for.
    fn answers_for(&self) -> bool {
        self.strict.as_ref().is_some_and(|standing| !standing.own)
    }

    /// Why it was called back or withdrawn, for those who may read of what.
    fn reason(&self) -> Option<&str> {
        self.alert.ended_reason.as_deref().filter(|_| self.reads())
    }

    fn seconds_left(&self) -> i64 {
        self.alert.deliver_at.duration_since(self.shell.now).as_secs().max(0)
    }
}

/// `GET /alerts/{id}`
async fn show_alert(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let alert = store::visible(&mut snapshot, &actor, id, shell.now).await?.ok_or(Error::NotFound)?;
    let version = advisory::store::version(&mut snapshot, alert.version_id).await?.ok_or(Error::NotFound)?;
    let severities = advisory::store::severities(&mut snapshot, alert.advisory_id).await?;
    // What was decided later is told by the alert that it was decided for.
    let severities = severities.into_iter().filter(|(at, _)| *at <= alert.issued_at).collect();
    let reading = Reading::of(&version, severities);
    let at_cert = actor.at_cert();
    let strict = match alert.tlp.0 {
        Tlp::AmberStrict if !at_cert => Some(store::standing(&mut snapshot, &actor, id, shell.now).await?),
        _ => None,
    };
    let yours = if at_cert { Vec::new() } else { store::yours(&mut snapshot, &actor, id, shell.now).await? };
    let more = yours.first().map_or(0, |row| row.total) - i64::try_from(yours.len()).unwrap_or(0);
    let awaited = match alert.state == AlertState::InForce && yours.iter().any(|row| row.open > 0) {
        true if actor.is_any(platform::access::Role::ANSWERING) => Awaited::FromThem,
        true => Awaited::FromAColleague,
        false => Awaited::Nothing,
    };
    let organisations = if at_cert { super::freeze::size(&mut snapshot, id).await? } else { 0 };
    let faq = faq::store::shown(&mut snapshot, &actor, &alert, FaqId(uuid::Uuid::max()), shell.now).await?;
    let page = ShowPage {
        may_ask: alert.state == AlertState::InForce && actor.is_any(platform::access::Role::ANSWERING),
        faq,
        more: (more > 0).then(|| show::count(more)),
        organisations: show::count(organisations),
        strict,
        may_decide: actor.is_any(APPROVE),
        log: log::link_about(&actor, alert.number),
        shell,
        alert,
        reading,
        yours,
        awaited,
        at_cert,
    };
    Ok(render(StatusCode::OK, &page))
}
