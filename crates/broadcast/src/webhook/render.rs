//! What webhooks are told, written when it is sent.

use platform::{
    App,
    web::{shell::Language, show},
    webhook::{Rendering, Telling, ToTell, travels},
};
use serde_json::{Value as Json, json};

use super::{PUBLISHED, REVISED, WITHDRAWN, store};
use crate::{
    alert::{self, Alert, AlertId, State},
    response::{EventId, Stage},
};

/// What a webhook is told of where TLP keeps everything else behind the sign-in.
const NOTICE: &str = "notice";

/// An alert came into force, was updated or withdrawn.
pub(super) fn alert(app: App, to: ToTell) -> Rendering {
    Box::pin(async move {
        let Some(alert) = concerning(&app, &to).await? else { return Ok(None) };
        let (kind, holds, lead) = match to.event.as_str() {
            event if event == PUBLISHED.name => (PUBLISHED.name, State::InForce, ""),
            event if event == REVISED.name => (REVISED.name, State::InForce, "Updated: "),
            _ => (WITHDRAWN.name, State::Withdrawn, "Withdrawn: "),
        };
        // What ended meanwhile is not told as if it held.
        if alert.state != holds {
            return Ok(None);
        }
        let by = match (alert.state, alert.acknowledge_by) {
            (State::InForce, Some(by)) => {
                let by = show::instant(by.as_microsecond(), Language::English);
                format!(" Acknowledge by {by}.")
            }
            _ => String::new(),
        };
        let data = match &alert.ended_reason {
            Some(reason) => json!({ "withdrawn_reason": reason }),
            None => json!({}),
        };
        Ok(Some(told(
            &app,
            &alert,
            kind,
            data,
            &format!("{lead}{}: {}.{by}", alert.severity.label(), alert.title),
        )))
    })
}

/// Something was said about an alert.
pub(super) fn answer(app: App, to: ToTell) -> Rendering {
    Box::pin(async move {
        let Some(alert) = concerning(&app, &to).await? else { return Ok(None) };
        let said: EventId =
            serde_json::from_value(to.fields["said"].clone()).map_err(|error| error.to_string())?;
        let now = app.env.now();
        let mut snapshot = app.db.read_long().await.map_err(|error| error.to_string())?;
        let spoken = store::spoken(&mut snapshot, to.owner, now, alert.id, said).await;
        let spoken = spoken.map_err(|error| error.to_string())?;
        let Some(first) = spoken.first() else { return Ok(None) };
        let codes: Vec<_> = spoken.iter().map(|each| each.code.as_str()).collect();
        // What is said for many leads all of them to one stage, unless it is an update.
        let same = spoken.iter().all(|each| each.stage == first.stage);
        let stage = same.then(|| first.stage.code());
        let data = json!({ "said": first.event.code(), "stage": stage, "organisations": codes, "count": first.total });
        let whom = whom(&codes, first.total);
        let words = match first.stage {
            Stage::Closed | Stage::NotApplicable | Stage::AwaitsExecutive if same => {
                format!("{whom}: {} ({}).", first.event.label(), first.stage.label())
            }
            _ => format!("{whom}: {}.", first.event.label()),
        };
        let words = format!("{}. {words}", alert.title);
        Ok(Some(told(&app, &alert, super::ANSWERED.name, data, &words)))
    })
}

/// A deadline has passed.
pub(super) fn overdue(app: App, to: ToTell) -> Rendering {
    Box::pin(async move {
        let Some(alert) = concerning(&app, &to).await? else { return Ok(None) };
        if alert.state != State::InForce {
            return Ok(None);
        }
        let (Some(clock), Some(due)) = (to.fields["clock"].as_str(), to.fields["due"].as_i64()) else {
            return Err("it names no deadline".to_owned());
        };
        let mut snapshot = app.db.read_long().await.map_err(|error| error.to_string())?;
        let late = store::late(&mut snapshot, to.owner, app.env.now(), alert.id, (clock, due)).await;
        let late = late.map_err(|error| error.to_string())?;
        let Some(first) = late.first() else { return Ok(None) };
        let codes: Vec<_> = late.iter().map(|each| each.code.as_str()).collect();
        let due_at = jiff::Timestamp::from_microsecond(due).map_err(|error| error.to_string())?;
        let data = json!({
            "clock": clock, "due_at": due_at.to_string(), "organisations": codes, "count": first.total,
        });
        let what = match clock {
            "acknowledge" => "Acknowledgement",
            "update" => "The next update",
            _ => "Remediation",
        };
        let words = format!(
            "{}. {what} was due {}: {}.",
            alert.title,
            show::instant(due, Language::English),
            whom(&codes, first.total)
        );
        Ok(Some(told(&app, &alert, super::OVERDUE.name, data, &words)))
    })
}

/// "RWA", "RWA and RXY", or "RWA, RXY and 118 more".
fn whom(codes: &[&str], total: i64) -> String {
    match codes {
        [one] => (*one).to_owned(),
        [one, other] if total == 2 => format!("{one} and {other}"),
        [first, second, ..] => format!("{first}, {second} and {} more", show::count(total - 2)),
        [] => String::new(),
    }
}

/// The alert that it is about, if a machine may be told of it and it concerns the owner still.
async fn concerning(app: &App, to: &ToTell) -> Result<Option<Alert>, String> {
    let read = async {
        let mut snapshot = app.read().await?;
        let alert = alert::store::alert(&mut snapshot, AlertId(to.about)).await?;
        let Some(alert) = alert.filter(|alert| travels(alert.tlp.0)) else { return Ok(None) };
        let concerns = match to.owner.organisation() {
            Some(organisation) => {
                store::concerns(&mut snapshot, alert.id, organisation, app.env.now()).await?
            }
            None => true,
        };
        Ok::<_, db::DbError>(concerns.then_some(alert))
    };
    read.await.map_err(|error| error.to_string())
}

/// What is told of an alert, as far as its marking lets it leave.
fn told(app: &App, alert: &Alert, kind: &'static str, more: Json, words: &str) -> Telling {
    let number = alert.number.to_string();
    let link = app.link(&format!("/alerts/{}", alert.id));
    if !alert.tlp.0.allows_details_by_mail() {
        let text = format!("{number} {link}");
        return Telling { kind: NOTICE, data: json!({ "number": number, "link": link }), text };
    }
    let mut data = json!({
        "id": alert.id,
        "number": number,
        "title": alert.title,
        "severity": alert.severity.code(),
        "tlp": alert.tlp.0.code(),
        "state": alert.state.code(),
        "mode": alert.mode.code(),
        "issued_at": alert.issued_at.to_string(),
        "acknowledge_by": alert.acknowledge_by.map(|at| at.to_string()),
        "remediate_by": alert.remediate_by.map(|at| at.to_string()),
        "link": link,
    });
    if let (Json::Object(data), Json::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    Telling { kind, data, text: format!("[{number}] {words} {} {link}", alert.tlp.0) }
}
