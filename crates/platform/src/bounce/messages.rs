//! The mail that tells a security lead that mail to another contact came back.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Reason, store::Lead};
use crate::{
    App,
    job::Lane,
    message::{Draft, Kind, Letter, MessageId, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
    web::{shell::Language, show},
};

/// This message's row of the table.
pub const MESSAGE: Kind = Kind { name: "contact_came_back", render };

/// The organisations that are named; how many more there are is said.
const NAMED: usize = 10;

#[derive(Serialize, Deserialize)]
struct Fields {
    address: String,
    reason: String,
    /// When the mail came back, in microseconds.
    at: i64,
    organisations: Vec<Organisation>,
    more: usize,
}

#[derive(Serialize, Deserialize)]
struct Organisation {
    id: OrganisationId,
    code: String,
    name: String,
}

/// The message to `mailbox` that the mail `id` to `address` came back; `leads` are its rows, one for
/// each organisation that lost a contact.
pub(super) fn draft(
    id: MessageId,
    mailbox: &str,
    leads: &[Lead],
    address: &str,
    reason: Reason,
    at: Timestamp,
) -> Draft {
    let named = leads.iter().take(NAMED).map(|lead| Organisation {
        id: lead.organisation_id,
        code: lead.code.clone(),
        name: lead.name.clone(),
    });
    let fields = Fields {
        address: address.to_owned(),
        reason: reason.code().to_owned(),
        at: at.as_microsecond(),
        organisations: named.collect(),
        more: leads.len().saturating_sub(NAMED),
    };
    Draft {
        kind: MESSAGE.name,
        lane: Lane::Bulk,
        address: mailbox.to_owned(),
        person: None,
        contact: leads.first().map(|lead| lead.contact_id),
        organisation: leads.first().map(|lead| lead.organisation_id),
        about: ("message", Some(id.0)),
        fields: json!(fields),
        not_before: None,
        key: format!("{}:{id}:{mailbox}", MESSAGE.name),
    }
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let fields: Fields = serde_json::from_value(message.fields).map_err(|error| error.to_string())?;
        letter(&app, &fields)
    })
}

fn letter(app: &App, fields: &Fields) -> Result<Letter, NoLetter> {
    let reason: Reason = fields.reason.parse().map_err(|()| "its reason is not known".to_owned())?;
    let first = fields.organisations.first().ok_or("it is about no organisation")?;
    let cert = &app.settings.cert;
    let mut text = format!(
        "Mail to {address} came back on {at}: {reason}.\n\n\
         Alerts are not sent to this address until somebody confirms it again. It is a contact of:\n\n",
        address = fields.address,
        at = show::instant(fields.at, Language::English),
        reason = reason.label(),
    );
    for Organisation { id, code, name } in &fields.organisations {
        let link = app.link(&format!("/organisations/{id}#contacts"));
        let _ = writeln!(text, "{name} ({code})\n{link}\n");
    }
    if fields.more > 0 {
        let _ = writeln!(text, "and {} more.\n", fields.more);
    }
    let _ = write!(
        text,
        "If the address is right, have the link to confirm it sent again from that page. If it is not, \
         change the contact, or end it.\n\n-- \n{}, {}\n",
        cert.name, cert.telephone
    );
    let about = if fields.organisations.len() == 1 { first.name.as_str() } else { "your organisations" };
    Ok(Letter { subject: format!("Mail to a contact of {about} came back"), text, html: None })
}
