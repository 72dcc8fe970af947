//! What a mail may hold above TLP:GREEN: a number and a link, whatever the mail is about.
//!
//! Not even why it is sent: that a deadline has passed tells that something is open.

use platform::{App, message::Letter};

use crate::advisory::AdvisoryNumber;

/// The mail about `number`, which leads to `path`.
pub(crate) fn letter(app: &App, number: AdvisoryNumber, path: &str) -> Letter {
    let cert = &app.settings.cert;
    let text = format!("{number}\n\n{}\n\n-- \n{}, {}\n", app.link(path), cert.name, cert.telephone);
    Letter { subject: format!("[{number}]"), text, html: None }
}
