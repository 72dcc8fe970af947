//! Who is told what: the mailboxes of those who answer for organisations whose clocks have reached
//! a rung, and the executives who are to decide.
//!
//! A mailbox is told once for each alert and rung, however many organisations it stands for and
//! however often the work is repeated: the message's key says so.

use std::collections::BTreeMap;

use db::{DbError, params, sql};
use formats::Tlp;
use platform::{
    Tx,
    job::Lane,
    mailboxes,
    message::{self, ContactId, Draft},
    organisation::OrganisationId,
};
use serde_json::json;

use super::{AlertHead, EventId, clocks::Rung, messages};
use crate::policy::Tell;

/// A mailbox, and the contact whose it is.
type Mailbox = (String, ContactId);

/// The organisations whose clocks stand at a rung, within a range of ids: what one batch of the
/// sweep took, since it goes by these ids. Index: the primary key of `clock`.
macro_rules! at_rung {
    ($roles:literal) => {
        concat!(
            "WITH ",
            mailboxes!(
                "SELECT k.organisation_id FROM clock k
                 WHERE k.about_id = ?1 AND k.organisation_id BETWEEN ?2 AND ?3 AND k.name = ?4 AND k.rung = ?5
                   AND k.due_at = ?6 AND k.next_due_at <= ?7",
                "?7",
                $roles
            ),
            "SELECT DISTINCT email, contact_id FROM mailbox ORDER BY email, contact_id"
        )
    };
}

/// Queues what a rung asks for: one message for each mailbox.
pub(super) async fn tell(
    tx: &mut Tx,
    alert: &AlertHead,
    rung: &Rung,
    tell: Tell,
    (first, last): (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    let (kind, statement) = match tell {
        Tell::Contacts => (messages::REMINDER, sql!(at_rung!("'security_lead', 'shared_mailbox'"))),
        Tell::Deputies => {
            (messages::ESCALATION, sql!(at_rung!("'security_lead', 'deputy', 'shared_mailbox'")))
        }
        Tell::Executive => (messages::BREACH, sql!(at_rung!("'executive'"))),
        Tell::Ring => return Ok(()),
    };
    let now = tx.now;
    let values = params![rung.alert, first, last, rung.clock.as_str(), rung.place, rung.due_at, now];
    let mailboxes: Vec<Mailbox> = tx.all(statement, values).await?;
    let due = rung.due_at.as_microsecond();
    let fields = json!({ "clock": rung.clock, "rung": rung.place, "due": due });
    let key = format!("{}:{}:{due}:{}", rung.alert, rung.clock, rung.place);
    queue(tx, alert, kind, Lane::Bulk, &fields, &key, mailboxes).await
}

/// Asks the executives of those for whom an acceptance was asked, and of those who answer for them.
pub(super) async fn ask_executives(tx: &mut Tx, alert: &AlertHead, event: EventId) -> Result<(), DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2",
            "?3",
            "'executive'"
        ),
        "SELECT DISTINCT email, contact_id FROM mailbox ORDER BY email, contact_id"
    );
    let now = tx.now;
    let mailboxes: Vec<Mailbox> = tx.all(statement, params![alert.id, event, now]).await?;
    let fields = json!({ "event": event });
    queue(tx, alert, messages::DECISION, Lane::Urgent, &fields, &event.to_string(), mailboxes).await
}

async fn queue(
    tx: &mut Tx,
    alert: &AlertHead,
    kind: &'static str,
    lane: Lane,
    fields: &serde_json::Value,
    key: &str,
    mailboxes: Vec<Mailbox>,
) -> Result<(), DbError> {
    // RED is for named people alone: nothing of it travels by mail, not even that it exists.
    if alert.tlp.0 == Tlp::Red {
        return Ok(());
    }
    // A mailbox that is several contacts' is still one mailbox.
    let mut by_address: BTreeMap<String, Mailbox> = BTreeMap::new();
    for (email, contact) in mailboxes {
        by_address.entry(email.to_lowercase()).or_insert((email, contact));
    }
    for (address, (email, contact)) in by_address {
        let draft = Draft {
            kind,
            lane,
            address: email,
            person: None,
            contact: Some(contact),
            organisation: None,
            about: ("alert", Some(alert.id.0)),
            fields: fields.clone(),
            not_before: None,
            key: format!("{key}:{address}"),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}
