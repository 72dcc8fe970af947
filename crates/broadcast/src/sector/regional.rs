//! What a region's body is told: which organisations of its region have let a deadline pass, by mail
//! when the policy's ladder comes to it, and on a page.
//!
//! The policy lets it in to this much and to no more: that something is late, never what was said.
//! Nor does it see the alert by this, to which it may not be addressed.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use db::{DbError, Snapshot, params, sql};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App,
    access::{PersonId, Role},
    message::{Kind, Letter, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
    web::{
        Error, Visit,
        cursor::Page,
        shell::{Shell, render},
    },
};
use uuid::Uuid;

use super::{
    SectorError,
    late::{self, Asked},
    store::{self, Late, Wanted},
};
use crate::{
    alert::AlertId,
    bare,
    policy::{Policy, Tell},
    response::{self, AlertHead, REGIONAL},
};

/// Who may look for a regional body.
pub(super) const READERS: &[Role] = &[Role::Lead, Role::Responder, Role::Executive];

/// The mail to a region's body.
pub(crate) const MESSAGE: Kind = Kind { name: REGIONAL, render: letter };

#[derive(Template)]
#[template(path = "sector/regional.html")]
struct RegionalPage {
    shell: Shell,
    /// The alert, where this person is of a body that is told of it.
    alert: Option<AlertHead>,
    late: Page<Late>,
}

impl RegionalPage {
    fn next(&self) -> Option<String> {
        let alert = self.alert.as_ref()?;
        let path = format!("/alerts/{}/regional", alert.id);
        self.late.next.as_ref().map(|after| Asked::default().next(&path, after))
    }
}

/// `GET /alerts/{id}/regional`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<AlertId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let person = visit.actor.person().ok_or(Error::NotFound)?.id;
    let mut snapshot = visit.app.db.read_long().await?;
    let Some(region) = region_of(&mut snapshot, person, visit.shell.now).await? else {
        let late = Page::of(Vec::new(), |_: &Late| ());
        return Ok(render(StatusCode::OK, &RegionalPage { shell: visit.shell, alert: None, late }));
    };
    let alert = response::head(&mut snapshot, id).await?.filter(is_told).ok_or(SectorError::NotFound)?;
    let wanted = Wanted { region: Some(&region), kind: None, ..asked.wanted(false) };
    let late = late::page_of(store::late(&mut snapshot, id, visit.shell.now, wanted).await?);
    drop(snapshot);
    Ok(render(StatusCode::OK, &RegionalPage { shell: visit.shell, alert: Some(alert), late }))
}

/// Whether regions are told of those who are late with an alert: its policy says so, it is in force,
/// and not for named people alone.
fn is_told(alert: &AlertHead) -> bool {
    let asked = Policy::by_id(&alert.policy).and_then(|policy| policy.asks(alert.severity.code()));
    let ladders = asked.into_iter().flat_map(|asked| [&asked.acknowledge, &asked.update, &asked.remediate]);
    let told = ladders.flat_map(|ladder| &ladder.rungs).any(|rung| rung.tell == Tell::Region);
    told && alert.in_force() && alert.tlp.0 != formats::Tlp::Red
}

/// The region whose body a person reads for. Index: `membership_holder`.
async fn region_of(
    snapshot: &mut Snapshot,
    person: PersonId,
    now: Timestamp,
) -> Result<Option<String>, DbError> {
    let statement = sql!(
        "SELECT o.code FROM membership m CROSS JOIN organisation o
         WHERE m.holder_id = ?1 AND m.role IN ('lead', 'responder', 'executive')
           AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) AND NOT m.awaits_acceptance
           AND o.id = m.organisation_id AND o.kind = 'region' ORDER BY o.code LIMIT 1"
    );
    Ok(snapshot.maybe::<(String,)>(statement, params![person, now]).await?.map(|(code,)| code))
}

/// The region for whose body a mailbox is told. Index: `contact_email`.
async fn region_of_mailbox(snapshot: &mut Snapshot, address: &str) -> Result<Option<String>, DbError> {
    let statement = sql!(
        "SELECT o.code FROM contact c CROSS JOIN organisation o
         WHERE c.email = ?1 AND o.id = c.organisation_id AND o.kind = 'region' ORDER BY o.code LIMIT 1"
    );
    Ok(snapshot.maybe::<(String,)>(statement, params![address]).await?.map(|(code,)| code))
}

fn letter(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = AlertId(message.about.ok_or("it names no alert")?);
        let mut snapshot = app.db.read_long().await.map_err(said)?;
        let alert = response::head(&mut snapshot, id).await.map_err(said)?;
        let alert = alert
            .filter(AlertHead::in_force)
            .ok_or_else(|| NoLetter::moot("The alert is no longer in force."))?;
        let path = format!("/alerts/{id}/regional");
        if !alert.tlp.0.allows_details_by_mail() {
            return Ok(bare::letter(&app, alert.number, &path));
        }
        let region = region_of_mailbox(&mut snapshot, &message.address).await.map_err(said)?;
        let region = region.ok_or_else(|| NoLetter::moot("No region's body has this mailbox any more."))?;
        let after = (0, OrganisationId(Uuid::nil()), String::new());
        let wanted = Wanted { after, to_ring: false, region: Some(&region), kind: None };
        let mut late = store::late(&mut snapshot, id, app.env.now(), wanted).await.map_err(said)?;
        if late.is_empty() {
            return Err(NoLetter::moot("Nobody of the region is late any more."));
        }
        late.sort_by(|one, other| one.name.cmp(&other.name));
        let row = |row: &Late| format!("- {} ({}): {}", row.name, row.code, row.what().to_lowercase());
        let lines: Vec<_> = late.iter().map(row).collect();
        let (number, cert) = (alert.number, &app.settings.cert);
        let text = format!(
            "Organisations of your region have let a deadline of alert {number} pass:\n\n{}\n\n\
             We ring them next. You know them: a word from you may be what helps.\n\nAll of them, as it \
             stands now:\n{}\n\nThis says only that something is late, not why. If you can tell us why, or \
             need help, ring {}: {}",
            lines.join("\n"),
            app.link(&path),
            cert.name,
            cert.telephone,
        );
        Ok(Letter {
            subject: format!("Alert {number}: organisations of your region are late"),
            text,
            html: None,
        })
    })
}
