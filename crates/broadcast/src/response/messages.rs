//! What is written to people about an alert that waits for them. Above TLP:GREEN a mail holds the
//! alert's number and a link, and nothing else.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App,
    message::{Kind, Letter, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
};
use serde::Deserialize;

use super::{AlertHead, AlertId, Event, EventId, Said, store};
use crate::bare;

/// A deadline comes nearer.
pub(crate) const REMINDER: &str = "reminder";
/// Nobody has acknowledged, and more people are told.
pub(super) const ESCALATION: &str = "escalation";
/// A deadline has passed.
pub(super) const BREACH: &str = "breach";
/// A deadline has passed, and the region's body is told; the sector's pages render it.
pub(crate) const REGIONAL: &str = "regional";
/// An executive is to decide.
pub(super) const DECISION: &str = "decision_wanted";
/// An executive has decided.
pub(super) const DECIDED: &str = "decision_made";

/// This noun's rows of the table of messages.
pub const KINDS: [Kind; 5] = [
    Kind { name: REMINDER, render: |app, message| waiting(app, message, Tone::Reminder) },
    Kind { name: ESCALATION, render: |app, message| waiting(app, message, Tone::Escalation) },
    Kind { name: BREACH, render: |app, message| waiting(app, message, Tone::Breach) },
    Kind { name: DECISION, render: decision },
    Kind { name: DECIDED, render: decided },
];

/// How many organisations a mail names.
const NAMED: usize = 50;

#[derive(Clone, Copy)]
enum Tone {
    Reminder,
    Escalation,
    Breach,
}

/// The fields of a message about a clock.
#[derive(Deserialize)]
struct Clock {
    clock: String,
    rung: i64,
    due: i64,
}

fn waiting(app: App, message: ToRender, tone: Tone) -> Rendering {
    Box::pin(async move {
        let fields: Clock = read(&message)?;
        let mut snapshot = app.read().await.map_err(said)?;
        let alert = alert(&mut snapshot, &message).await?;
        let path = format!("/alerts/{}/respond", alert.id);
        if !details_by_mail(&alert) {
            return Ok(bare::letter(&app, alert.number, &path));
        }
        let link = app.link(&path);
        let number = alert.number.to_string();
        let (subject, opening) = match tone {
            Tone::Reminder => {
                (format!("Reminder: alert {number} waits for an answer"), "An alert waits for an answer.")
            }
            Tone::Escalation => {
                (format!("Alert {number} is not yet acknowledged"), "An alert is not yet acknowledged.")
            }
            Tone::Breach => {
                (format!("Alert {number}: a deadline has passed"), "A deadline of an alert has passed.")
            }
        };
        let now = app.env.now();
        let waiting =
            still_waiting(&mut snapshot, &message.address, alert.id, &fields, now).await.map_err(said)?;
        let asked = match (tone, fields.clock.as_str()) {
            (Tone::Breach, "acknowledge") => "It was to be acknowledged by",
            (Tone::Breach, "update") => "An update was to be given by",
            (Tone::Breach, _) => "It was to be remediated by",
            (_, "acknowledge") => "Acknowledge it by",
            (_, "update") => "Say how it goes by",
            _ => "Remediate it, and say so, by",
        };
        let to_do = match tone {
            // It goes to an executive, who may not have had to sign in before.
            Tone::Breach => {
                "Sign in to see where it stands (a lead of your organisation can give you an account)"
            }
            Tone::Reminder | Tone::Escalation => "Sign in to answer",
        };
        let due = Timestamp::from_microsecond(fields.due).map_err(|error| error.to_string())?;
        let list = if waiting.is_empty() {
            "Everything was answered while this message was on its way: there is nothing to do.".to_owned()
        } else {
            named(&waiting)
        };
        let text = format!(
            "{opening}\n\nAlert {number}: {}\nSeverity: {}\n\n{asked} {} (UK time). {to_do}:\n{link}\n\n\
             {list}\n\n{}",
            alert.title,
            alert.severity.label(),
            AlertHead::instant(due),
            help(&app),
        );
        Ok(Letter { subject, text, html: None })
    })
}

/// The fields of a message about a decision.
#[derive(Deserialize)]
struct Decision {
    event: EventId,
}

fn decision(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let fields: Decision = read(&message)?;
        let mut snapshot = app.read().await.map_err(said)?;
        let alert = alert(&mut snapshot, &message).await?;
        let path = format!("/decisions/{}", alert.id);
        if !details_by_mail(&alert) {
            return Ok(bare::letter(&app, alert.number, &path));
        }
        let link = app.link(&path);
        let number = alert.number.to_string();
        let subject = format!("Alert {number}: your decision on a risk is wanted");
        let organisations =
            store::decisions::named(&mut snapshot, alert.id, fields.event).await.map_err(said)?;
        let text = format!(
            "You are asked whether your organisation accepts the risk of an alert. The clock goes on \
             until you decide.\n\nAlert {number}: {}\nSeverity: {}\n\nSign in to decide (a lead of your \
             organisation can give you an account):\n{link}\n\n{}\n\n{}",
            alert.title,
            alert.severity.label(),
            named(&organisations),
            help(&app),
        );
        Ok(Letter { subject, text, html: None })
    })
}

fn decided(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let fields: Decision = read(&message)?;
        let mut snapshot = app.read().await.map_err(said)?;
        let alert = alert(&mut snapshot, &message).await?;
        let path = format!("/alerts/{}/respond", alert.id);
        if !details_by_mail(&alert) {
            return Ok(bare::letter(&app, alert.number, &path));
        }
        let (event, words) = store::decisions::said(&mut snapshot, alert.id, fields.event)
            .await
            .map_err(said)?
            .ok_or("it names no decision")?;
        let reason = serde_json::from_str::<Said>(&words).unwrap_or_default().reason.unwrap_or_default();
        let (outcome, opening) = if event == Event::Accept {
            (
                "the risk is accepted",
                "Your executive accepts the risk, and the response is closed.".to_owned(),
            )
        } else {
            (
                "the risk is not accepted",
                format!("Your executive does not accept the risk:\n{reason}\n\nThe response is open again."),
            )
        };
        let number = alert.number.to_string();
        let organisations =
            store::decisions::named(&mut snapshot, alert.id, fields.event).await.map_err(said)?;
        let text = format!(
            "{opening}\n\nAlert {number}: {}\nSeverity: {}\n\nSign in to see it:\n{}\n\n{}\n\n{}",
            alert.title,
            alert.severity.label(),
            app.link(&path),
            named(&organisations),
            help(&app),
        );
        Ok(Letter { subject: format!("Alert {number}: {outcome}"), text, html: None })
    })
}

fn help(app: &App) -> String {
    let cert = &app.settings.cert;
    format!("If you need help, ring {}: {}", cert.name, cert.telephone)
}

/// The organisations, one a line.
fn named(organisations: &[(String, String)]) -> String {
    let mut lines = vec!["For:".to_owned()];
    lines.extend(organisations.iter().take(NAMED).map(|(name, code)| format!("- {name} ({code})")));
    if organisations.len() > NAMED {
        lines.push("- and others, which the link shows".to_owned());
    }
    lines.join("\n")
}

/// The clocks `k` of the alert `?3`, named `?4` and due at `?5`, that have not stopped, of the organisations
/// behind a contact with this `$address` `?1` at `?2`.
macro_rules! waiting_behind {
    ($address:literal, $columns:literal, $then:literal) => {
        concat!(
            "WITH place AS (
                 SELECT organisation_id FROM contact WHERE ", $address, " = ?1
                 UNION SELECT c.organisation_id FROM contact_cover v
                       JOIN contact c ON c.id = v.contact_id JOIN contact d ON d.id = v.deputy_id
                       WHERE d.", $address, " = ?1
             ), behind AS (
                 SELECT organisation_id FROM place
                 UNION SELECT a.organisation_id FROM place p CROSS JOIN answers_for a
                       WHERE a.answering_id = p.organisation_id AND (a.until_at IS NULL OR a.until_at > ?2)
             )
             SELECT ", $columns, " FROM behind b CROSS JOIN clock k JOIN organisation o ON o.id = k.organisation_id
             WHERE k.about_id = ?3 AND k.organisation_id = b.organisation_id AND k.name = ?4
               AND k.stopped_at IS NULL AND k.due_at = ?5 ",
            $then
        )
    };
}

/// Whether anybody behind a mobile still has this clock, of this name and deadline. Index: `contact_mobile`,
/// then the primary key of `clock`.
pub(crate) async fn waits_behind_mobile(
    snapshot: &mut Snapshot,
    mobile: &str,
    alert: AlertId,
    (clock, due): (&str, i64),
    now: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(waiting_behind!("mobile", "o.id", "LIMIT 1"));
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(statement, params![mobile, now, alert, clock, due]).await?;
    Ok(found.is_some())
}

/// Name and code of the organisations behind a mailbox whose clock has still not stopped, one more
/// than are named. Index: `contact_email`, then the primary key of `clock`.
async fn still_waiting(
    snapshot: &mut Snapshot,
    address: &str,
    alert: AlertId,
    fields: &Clock,
    now: Timestamp,
) -> Result<Vec<(String, String)>, DbError> {
    let statement =
        sql!(waiting_behind!("email", "o.name, o.code", "AND k.rung > ?6 ORDER BY o.name, o.code LIMIT 51"));
    let values = params![address, now, alert, fields.clock.as_str(), fields.due, fields.rung];
    snapshot.all(statement, values).await
}

async fn alert(snapshot: &mut Snapshot, message: &ToRender) -> Result<AlertHead, NoLetter> {
    let id = message.about.ok_or("it names no alert")?;
    let alert = store::head(snapshot, AlertId(id)).await.map_err(said)?;
    alert.filter(AlertHead::in_force).ok_or_else(|| NoLetter::moot("The alert is no longer in force."))
}

fn details_by_mail(alert: &AlertHead) -> bool {
    alert.tlp.0.allows_details_by_mail()
}

fn read<T: serde::de::DeserializeOwned>(message: &ToRender) -> Result<T, String> {
    serde_json::from_value(message.fields.clone()).map_err(|error| error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn said(error: DbError) -> String {
    error.to_string()
}
