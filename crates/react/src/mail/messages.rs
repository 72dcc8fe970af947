//! The automatic answer to a mail: that it was received, and what happens next.
//!
//! It holds a number and a telephone number, and nothing of what was written or is known: the mailbox may be the
//! attacker's, and the sender anybody.

use platform::{
    App,
    job::Lane,
    message::{self, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
};
use serde_json::{Value as Json, json};

use super::MailId;
use crate::incident::{IncidentId, Receipt};

/// This message's row of the table.
pub const ANSWER: Kind = Kind { name: "report_received", render };

/// The answer to the mail `id` at `address`, about `receipt`; `answers` is that mail's Message-ID.
pub(super) fn draft(
    id: MailId,
    incident: IncidentId,
    receipt: &Receipt,
    address: &str,
    answers: Option<&str>,
) -> Draft {
    Draft {
        kind: ANSWER.name,
        lane: Lane::Urgent,
        address: address.to_owned(),
        person: None,
        contact: None,
        organisation: None,
        about: ("report_mail", Some(id.0)),
        fields: json!({"receipt": receipt.code(), "incident": incident, message::ANSWERS: answers}),
        not_before: None,
        key: format!("{}:{id}", ANSWER.name),
    }
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move { letter(&app, &message.fields) })
}

fn letter(app: &App, fields: &Json) -> Result<Letter, NoLetter> {
    let receipt = fields["receipt"].as_str().ok_or("it names no report")?;
    let cert = &app.settings.cert;
    let text = format!(
        "We received your email. Its number is {receipt}.\n\n\
         Ring us now if you are under attack: {telephone}, day and night. Say the number.\n\n\
         We ring your organisation back on a number that we already have, to be sure that it is you. Do not send \
         passwords or names of patients. If you answer this email, we add what you write to your report.\n\n\
         This answer was sent by a machine.\n\n-- \n{name}, {telephone}\n",
        telephone = cert.telephone,
        name = cert.name,
    );
    Ok(Letter { subject: format!("[{receipt}] We received your email"), text, html: None })
}
