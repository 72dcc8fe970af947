//! What webhooks are told of alerts and of the answers to them.
//!
//! An organisation's webhook is told of the alerts that went to it, or to one that it answers for, and of
//! what is said for those; the CERT's own of all. Above TLP:GREEN it is told the number and the link, not
//! even why (as mails, `bare.rs`); of RED nothing. Both are decided when it is sent.

mod render;
mod store;

use db::DbError;
use jiff::Timestamp;
use platform::{
    Tx,
    organisation::OrganisationId,
    webhook::{Event, Happened, happened, surely, travels},
};
use serde_json::json;

use crate::{
    alert::Alert,
    response::{AlertHead, EventId},
};

/// This service's rows of the table of what webhooks are told of.
pub(crate) const EVENTS: &[Event] = &[PUBLISHED, REVISED, WITHDRAWN, ANSWERED, OVERDUE];

/// An alert came into force.
const PUBLISHED: Event = Event {
    name: "alert.published",
    label: "An alert is published",
    listeners: store::of_audience,
    render: render::alert,
};
/// An update of an alert came into force.
const REVISED: Event = Event {
    name: "alert.revised",
    label: "An alert is updated",
    listeners: store::of_audience,
    render: render::alert,
};
/// An alert was withdrawn: told to those who were told of it.
const WITHDRAWN: Event = Event {
    name: "alert.withdrawn",
    label: "An alert that it was told of is withdrawn",
    listeners: store::who_were_told,
    render: render::alert,
};
/// Something was said about an alert.
const ANSWERED: Event = Event {
    name: "response.changed",
    label: "A response to an alert changes",
    listeners: store::of_answered,
    render: render::answer,
};
/// A deadline has passed.
const OVERDUE: Event = Event {
    name: "alert.overdue",
    label: "A deadline of an alert has passed",
    listeners: store::of_late,
    render: render::overdue,
};

/// Notes that an alert came into force.
pub(crate) async fn in_force(tx: &mut Tx, alert: &Alert) -> Result<(), DbError> {
    let event = if alert.is_update() { &REVISED } else { &PUBLISHED };
    match of_alert(event, alert) {
        Some(what) => happened(tx, event, &what).await,
        None => Ok(()),
    }
}

/// Notes that an alert was withdrawn.
pub(crate) async fn withdrawn(tx: &mut Tx, alert: &Alert) -> Result<(), DbError> {
    match of_alert(&WITHDRAWN, alert) {
        Some(what) => surely(tx, &what).await,
        None => Ok(()),
    }
}

fn of_alert(event: &Event, alert: &Alert) -> Option<Happened> {
    travels(alert.tlp.0).then(|| Happened {
        event: event.name.to_owned(),
        about: alert.id.0,
        occasion: String::new(),
        fields: json!({}),
    })
}

/// Notes that something was said about an alert, for one organisation or for many at once.
pub(crate) async fn answered(tx: &mut Tx, alert: &AlertHead, said: EventId) -> Result<(), DbError> {
    if !travels(alert.tlp.0) {
        return Ok(());
    }
    let what = Happened {
        event: ANSWERED.name.to_owned(),
        about: alert.id.0,
        occasion: said.to_string(),
        fields: json!({ "said": said }),
    };
    happened(tx, &ANSWERED, &what).await
}

/// Notes that a deadline of an alert has passed, for all for whom it is the same; `range` is that of the ids
/// of those for whom it is noted now.
pub(crate) async fn overdue(
    tx: &mut Tx,
    alert: &AlertHead,
    clock: &str,
    due_at: Timestamp,
    range: (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    if !travels(alert.tlp.0) {
        return Ok(());
    }
    let due = due_at.as_microsecond();
    let what = Happened {
        event: OVERDUE.name.to_owned(),
        about: alert.id.0,
        occasion: format!("{clock}/{due}"),
        fields: json!({ "clock": clock, "due": due }),
    };
    if store::anybody_hears(tx, &what, range).await? { surely(tx, &what).await } else { Ok(()) }
}
