//! Who is told what: the mailboxes of those who answer for organisations whose clocks have reached
//! a rung, the executives who are to decide, and those who asked, once it is decided.
//!
//! A mailbox is told once for each alert and rung, however many organisations it stands for and
//! however often the work is repeated: the message's key says so.

use std::collections::BTreeMap;

use db::{DbError, params, sql};
use formats::Tlp;
use platform::{
    Actor, Tx,
    access::PersonId,
    job::Lane,
    mailboxes,
    message::{self, ContactId, Draft},
    mobiles,
    notification::store::Chosen,
    organisation::OrganisationId,
};
use serde_json::json;

use super::{AlertHead, EventId, clocks::Rung, messages};
use crate::{
    advisory::Severity,
    alert::text::{self, Occasion, Quiet, Telling, texted},
    notification,
    policy::Tell,
};

/// A mailbox, and the contact or the person whose it is.
type Mailbox = (String, Option<ContactId>, Option<PersonId>);

/// The organisations whose clocks stand at a rung, within a range of ids: what one batch of the
/// sweep took, since it goes by these ids. Index: the primary key of `clock`.
macro_rules! at_rung {
    ($roles:literal) => {
        at_rung!(
            $roles,
            $roles,
            "SELECT DISTINCT m.email, m.contact_id, n.preferences
             FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email)
             ORDER BY m.email, m.contact_id"
        )
    };
    ($roles:literal, $texted:literal, $($then:tt)*) => {
        concat!(
            "WITH ",
            mailboxes!(
                "SELECT k.organisation_id FROM clock k
                 WHERE k.about_id = ?1 AND k.organisation_id BETWEEN ?2 AND ?3 AND k.name = ?4 AND k.rung = ?5
                   AND k.due_at = ?6 AND k.next_due_at <= ?7",
                "?7",
                $roles
            ),
            ", ",
            mobiles!("?7", $texted),
            $($then)*
        )
    };
}

/// The mobiles in these roles, with what was chosen for each, that are texted of an alert of the severity `?8`.
macro_rules! texted_at_rung {
    ($roles:literal) => {
        at_rung!(
            "'security_lead'",
            $roles,
            "SELECT DISTINCT m.number, m.contact_id, m.preferences FROM mobile m WHERE ",
            texted!("?8"),
            " ORDER BY m.number, m.contact_id"
        )
    };
}

/// The bodies of the regions in which organisations of a rung lie, as `at_rung!` takes them: the body's
/// code is the region's. Index: the primary key of `clock`, then the codes of organisations.
macro_rules! bodies_of_regions {
    () => {
        concat!(
            "WITH ",
            mailboxes!(
                "SELECT DISTINCT b.id AS organisation_id FROM clock k CROSS JOIN organisation o CROSS JOIN organisation b
                 WHERE k.about_id = ?1 AND k.organisation_id BETWEEN ?2 AND ?3 AND k.name = ?4 AND k.rung = ?5
                   AND k.due_at = ?6 AND k.next_due_at <= ?7
                   AND o.id = k.organisation_id AND b.code = o.region AND b.kind = 'region'",
                "?7",
                "'security_lead', 'shared_mailbox'"
            ),
            "SELECT DISTINCT m.email, m.contact_id, n.preferences
             FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email)
             ORDER BY m.email, m.contact_id"
        )
    };
}

/// `asked`: who is to decide on the request `?2` about the alert `?1` at `?3`: the contacts who are
/// executives, and whoever holds the role and has an account, but `?4`, who asks, in person or by a
/// key. Index: `response_event_alert`, those of `mailboxes!`, `membership_organisation`.
macro_rules! deciding {
    ($then:literal) => {
        concat!(
            "WITH ",
            mailboxes!(
                "SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2",
                "?3",
                "'executive'"
            ),
            ", asked AS (
                 SELECT organisation_id, email, contact_id, NULL AS person_id FROM mailbox
                 UNION ALL
                 SELECT w.organisation_id, p.email, NULL, p.id
                 FROM writer w CROSS JOIN membership m JOIN person p ON p.id = m.holder_id
                 WHERE m.organisation_id IN (w.organisation_id, w.written_to) AND m.role = 'executive'
                   AND m.from_at <= ?3 AND (m.until_at IS NULL OR m.until_at > ?3) AND NOT m.awaits_acceptance
                   AND p.email IS NOT NULL AND p.erased_at IS NULL AND p.id <> ?4
                   AND NOT EXISTS (SELECT 1 FROM api_key y WHERE y.id = ?4 AND y.created_by = p.id)
             ) ",
            $then
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
        Tell::Region => (messages::REGIONAL, sql!(bodies_of_regions!())),
        Tell::Ring => return Ok(()),
    };
    let now = tx.now;
    let values = params![rung.alert, first, last, rung.clock.as_str(), rung.place, rung.due_at, now];
    let chosen: Vec<(String, ContactId, Chosen)> = tx.all(statement, values).await?;
    let due = rung.due_at.as_microsecond();
    let fields = json!({ "clock": rung.clock, "rung": rung.place, "due": due });
    let key = format!("{}:{}:{due}:{}", rung.alert, rung.clock, rung.place);
    // A reminder is told as its reader chose, while there is time; what tells others is not put off.
    let (reminders, others): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|_| tell == Tell::Contacts && alert.severity != Severity::High);
    let mailboxes = of_contacts(others.into_iter().map(|(email, contact, _)| (email, contact)).collect());
    queue(tx, alert, kind, Lane::Bulk, &fields, &key, mailboxes).await?;
    remind(tx, alert, rung, &fields, &key, reminders).await?;
    if text::is_begun(tx, alert.id).await? {
        text(tx, alert, rung, tell, (first, last), &key).await?;
    }
    Ok(())
}

/// Queues the texts of a rung of an alert that is told to mobiles: to those whose mailboxes are told,
/// and to whoever is on call; below High to those of them that chose texts of this severity.
async fn text(
    tx: &mut Tx,
    alert: &AlertHead,
    rung: &Rung,
    tell: Tell,
    (first, last): (OrganisationId, OrganisationId),
    key: &str,
) -> Result<(), DbError> {
    let statement = match tell {
        Tell::Contacts => sql!(texted_at_rung!("'security_lead', 'shared_mailbox', 'on_call'")),
        Tell::Deputies => sql!(texted_at_rung!("'security_lead', 'deputy', 'shared_mailbox', 'on_call'")),
        Tell::Executive => sql!(texted_at_rung!("'executive'")),
        Tell::Region | Tell::Ring => return Ok(()),
    };
    let now = tx.now;
    let clock = rung.clock.as_str();
    let values = params![rung.alert, first, last, clock, rung.place, rung.due_at, now, alert.severity];
    let mobiles = tx.all(statement, values).await?;
    let telling = Telling {
        kind: text::TEXT.name,
        alert: alert.id,
        severity: alert.severity,
        occasion: &Occasion::Waits { clock: rung.clock.clone(), due: rung.due_at.as_microsecond() },
        key,
        // As by mail: a reminder waits while there is time, what tells others does not.
        quiet: if tell == Tell::Contacts { Quiet::Waits(Some(rung.due_at)) } else { Quiet::Ignored },
    };
    text::queue(tx, &telling, mobiles).await
}

/// Queues reminders as the owners of the mailboxes chose, never beyond the deadline.
async fn remind(
    tx: &mut Tx,
    alert: &AlertHead,
    rung: &Rung,
    fields: &serde_json::Value,
    key: &str,
    chosen: Vec<(String, ContactId, Chosen)>,
) -> Result<(), DbError> {
    if alert.tlp.0 == Tlp::Red {
        return Ok(());
    }
    let mut by_address = BTreeMap::new();
    for (email, contact, chosen) in chosen {
        by_address.entry(email.to_lowercase()).or_insert((email, contact, chosen));
    }
    for (address, (email, contact, Chosen(preferences))) in by_address {
        let mailbox = (email, Some(contact), None);
        let draft = draft(alert, messages::REMINDER, Lane::Bulk, fields, format!("{key}:{address}"), mailbox);
        notification::queue(tx, &preferences, alert.severity, Some(rung.due_at), draft).await?;
    }
    Ok(())
}

/// One of those for whom an acceptance was asked by `actor` and for whom nobody could decide, by name.
pub(super) async fn nobody_decides(
    tx: &mut Tx,
    actor: &Actor,
    alert: &AlertHead,
    event: EventId,
) -> Result<Option<String>, DbError> {
    let statement = sql!(deciding!(
        "SELECT o.name FROM (
             SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2
             EXCEPT SELECT organisation_id FROM asked
         ) n JOIN organisation o ON o.id = n.organisation_id ORDER BY o.code LIMIT 1"
    ));
    let (now, asking) = (tx.now, actor.holder().unwrap_or_default());
    let found: Option<(String,)> = tx.maybe(statement, params![alert.id, event, now, asking]).await?;
    Ok(found.map(|(name,)| name))
}

/// Asks the executives of those for whom `actor` asked for acceptance, and of those who answer for them.
pub(super) async fn ask_executives(
    tx: &mut Tx,
    actor: &Actor,
    alert: &AlertHead,
    event: EventId,
) -> Result<(), DbError> {
    let statement = sql!(deciding!("SELECT DISTINCT email, contact_id, person_id FROM asked ORDER BY email"));
    let (now, asking) = (tx.now, actor.holder().unwrap_or_default());
    let mut mailboxes: Vec<Mailbox> = tx.all(statement, params![alert.id, event, now, asking]).await?;
    // Of an address that is a contact's and an account's, the contact is told: it counts as reached.
    mailboxes.sort_by_key(|(_, contact, _)| contact.is_none());
    let fields = json!({ "event": event });
    queue(tx, alert, messages::DECISION, Lane::Urgent, &fields, &event.to_string(), mailboxes).await
}

/// Tells those who were told of the alert what the executive has decided.
pub(super) async fn tell_decision(tx: &mut Tx, alert: &AlertHead, event: EventId) -> Result<(), DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2",
            "?3",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT email, contact_id FROM mailbox ORDER BY email, contact_id"
    );
    let now = tx.now;
    let mailboxes = of_contacts(tx.all(statement, params![alert.id, event, now]).await?);
    let fields = json!({ "event": event });
    queue(tx, alert, messages::DECIDED, Lane::Urgent, &fields, &event.to_string(), mailboxes).await
}

fn of_contacts(rows: Vec<(String, ContactId)>) -> Vec<Mailbox> {
    rows.into_iter().map(|(email, contact)| (email, Some(contact), None)).collect()
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
    for mailbox in mailboxes {
        by_address.entry(mailbox.0.to_lowercase()).or_insert(mailbox);
    }
    for (address, mailbox) in by_address {
        let draft = draft(alert, kind, lane, fields, format!("{key}:{address}"), mailbox);
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

fn draft(
    alert: &AlertHead,
    kind: &'static str,
    lane: Lane,
    fields: &serde_json::Value,
    key: String,
    (address, contact, person): Mailbox,
) -> Draft {
    Draft {
        kind,
        lane,
        address,
        person,
        contact,
        organisation: None,
        about: ("alert", Some(alert.id.0)),
        fields: fields.clone(),
        not_before: None,
        key,
    }
}
