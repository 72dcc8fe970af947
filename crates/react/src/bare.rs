//! What a mail about an incident holds: its number and a link. What is told of one is TLP:AMBER+STRICT from
//! the first word, and mail may be what the attacker reads.

use platform::{App, message::Letter, receipt::Receipt};

/// The mail about `receipt`, which leads to `path`.
pub(crate) fn letter<const OF: char>(app: &App, receipt: &Receipt<OF>, path: &str) -> Letter {
    let cert = &app.settings.cert;
    let text = format!("{receipt}\n\n{}\n\n-- \n{}, {}\n", app.link(path), cert.name, cert.telephone);
    Letter { subject: format!("[{receipt}]"), text, html: None }
}
