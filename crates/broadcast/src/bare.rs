//! What a mail may hold above TLP:GREEN: a number and a link, whatever the mail is about; at RED not
//! even the number, which tells that there is such an advisory.
//!
//! Nor why it is sent: that a deadline has passed tells that something is open.

use platform::{App, message::Letter};

use crate::advisory::AdvisoryNumber;

/// The mail about `number`, which leads to `path`.
pub(crate) fn letter(app: &App, number: AdvisoryNumber, path: &str) -> Letter {
    let cert = &app.settings.cert;
    let text = format!("{number}\n\n{}\n\n-- \n{}, {}\n", app.link(path), cert.name, cert.telephone);
    Letter { subject: format!("[{number}]"), text, html: None }
}

/// The mail to the desk about something at TLP:RED: what waits, without saying of what, and where all
/// that waits is listed.
pub(crate) fn unnamed(app: &App, what: &str, list: &str) -> Letter {
    let cert = &app.settings.cert;
    let subject = what.to_owned();
    let text = format!("{subject}:\n\n{}\n\n-- \n{}, {}\n", app.link(list), cert.name, cert.telephone);
    Letter { subject, text, html: None }
}
