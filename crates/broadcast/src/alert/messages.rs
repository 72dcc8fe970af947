//! What an alert's mails say, rendered when they are sent.
//!
//! AMBER and above: the number and the link, nothing else (RED sends nothing at all). No mail holds
//! an indicator, a remote image or anything that would tell us who opened it.

use askama::Template;
use platform::{
    App,
    message::{Kind, Letter, NoLetter, Rendering, ToRender},
    web::{shell::Language, show},
};

use super::{Alert, AlertId, State, mailbox, store};

/// A mailbox is told of an alert.
pub const ALERT: Kind = Kind { name: "alert", render: |app, to| Box::pin(alert(app, to)) as Rendering };
/// A mailbox that was told of an alert is told that it was withdrawn.
pub const WITHDRAWN: Kind =
    Kind { name: "alert_withdrawn", render: |app, to| Box::pin(withdrawn(app, to)) as Rendering };

/// What an alert's mail says where TLP allows it.
#[derive(Template)]
#[template(path = "alert/mail_alert.txt", whitespace = "preserve")]
struct AlertText<'a> {
    mail: &'a AlertMail,
}

#[derive(Template)]
#[template(path = "alert/mail_alert.html")]
struct AlertHtml<'a> {
    mail: &'a AlertMail,
}

/// The words of an alert's mail; where `details` is `None` TLP keeps them behind the sign-in.
struct AlertMail {
    number: String,
    link: String,
    cert: String,
    telephone: String,
    details: Option<Details>,
}

struct Details {
    title: String,
    severity: &'static str,
    marking: String,
    explanation: &'static str,
    is_update: bool,
    answers_stand: bool,
    /// What an update brings, in sentences.
    news: Vec<String>,
    acknowledge_by: Option<String>,
    remediate_by: Option<String>,
    organisations: Vec<mailbox::Told>,
    /// How many more organisations there are than are listed.
    more: Option<String>,
}

async fn alert(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let (alert, organisations) = gather(&app, &to).await?;
    if alert.state != State::InForce {
        return Err(NoLetter::moot("The alert is no longer in force."));
    }
    let Some(first) = organisations.first() else {
        return Err(NoLetter::moot(
            "This address is no longer a contact of any organisation in the audience.",
        ));
    };
    let total = first.total;
    let number = alert.number.to_string();
    let details =
        alert.tlp.0.allows_details_by_mail().then(|| details(&alert, news_of(&to), organisations, total));
    let subject = match &details {
        Some(Details { is_update: true, severity, title, .. }) => {
            format!("[{number}] Updated: {severity}: {title}")
        }
        Some(Details { severity, title, .. }) => format!("[{number}] {severity}: {title}"),
        None => format!("[{number}]"),
    };
    let mail = AlertMail {
        link: app.link(&format!("/alerts/{}", alert.id)),
        number,
        cert: app.settings.cert.name.clone(),
        telephone: app.settings.cert.telephone.clone(),
        details,
    };
    letter(subject, &AlertText { mail: &mail }, &AlertHtml { mail: &mail })
}

/// What is new, as it was noted when the message was queued.
fn news_of(to: &ToRender) -> Vec<String> {
    let news = to.fields["news"].as_array();
    news.into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}

fn details(alert: &Alert, news: Vec<String>, organisations: Vec<mailbox::Told>, total: i64) -> Details {
    let instant = |at: jiff::Timestamp| show::instant(at.as_microsecond(), Language::English);
    let more = total - i64::try_from(organisations.len()).unwrap_or(total);
    Details {
        title: alert.title.clone(),
        severity: alert.severity.label(),
        marking: alert.tlp.0.to_string(),
        explanation: alert.tlp.0.explanation(),
        is_update: alert.is_update(),
        answers_stand: alert.answers_stand,
        news,
        acknowledge_by: alert.acknowledge_by.map(instant),
        remediate_by: alert.remediate_by.map(instant),
        organisations,
        more: (more > 0).then(|| show::count(more)),
    }
}

#[derive(Template)]
#[template(path = "alert/mail_withdrawn.txt", whitespace = "preserve")]
struct WithdrawnText<'a> {
    mail: &'a WithdrawnMail,
}

#[derive(Template)]
#[template(path = "alert/mail_withdrawn.html")]
struct WithdrawnHtml<'a> {
    mail: &'a WithdrawnMail,
}

struct WithdrawnMail {
    number: String,
    link: String,
    cert: String,
    telephone: String,
    /// Title and reason, where TLP allows them.
    details: Option<(String, String)>,
}

async fn withdrawn(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let (alert, _) = gather(&app, &to).await?;
    let number = alert.number.to_string();
    let reason = alert.ended_reason.clone().unwrap_or_default();
    let details = alert.tlp.0.allows_details_by_mail().then(|| (alert.title.clone(), reason));
    let subject = match &details {
        Some((title, _)) => format!("[{number}] Withdrawn: {title}"),
        None => format!("[{number}]"),
    };
    let mail = WithdrawnMail {
        link: app.link(&format!("/alerts/{}", alert.id)),
        number,
        cert: app.settings.cert.name.clone(),
        telephone: app.settings.cert.telephone.clone(),
        details,
    };
    letter(subject, &WithdrawnText { mail: &mail }, &WithdrawnHtml { mail: &mail })
}

/// The alert as it is now, and the organisations that this address is told about.
async fn gather(app: &App, to: &ToRender) -> Result<(Alert, Vec<mailbox::Told>), String> {
    let id = AlertId(to.about.ok_or("the message names no alert")?);
    let found = async {
        let mut snapshot = app.read().await?;
        let alert = store::alert(&mut snapshot, id).await?;
        let organisations = mailbox::organisations_of(&mut snapshot, id, &to.address, app.env.now()).await?;
        Ok::<_, db::DbError>((alert, organisations))
    };
    let (alert, organisations) = found.await.map_err(|error| error.to_string())?;
    Ok((alert.ok_or("the alert is gone")?, organisations))
}

fn letter(subject: String, text: &impl Template, html: &impl Template) -> Result<Letter, NoLetter> {
    let words = |error: askama::Error| error.to_string();
    Ok(Letter { subject, text: text.render().map_err(words)?, html: Some(html.render().map_err(words)?) })
}
