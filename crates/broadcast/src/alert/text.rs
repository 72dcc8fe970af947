//! What an alert says to mobiles: one of severity High to all that are held, so that it does not depend on
//! mail, any other to those for whom that was chosen.
//!
//! A text tells who it is from, the alert's number, its severity, what is asked by when, and where to
//! sign in; never the title, since a mobile is nobody's in particular and lies on a table. From AMBER on
//! it holds the number and the link alone, at RED there is none. It is two parts at the most, and a
//! mobile gets one for each occasion however many organisations it stands for: the message's key says so.

use std::collections::BTreeMap;

use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    App, Tx,
    job::Lane,
    mailboxes,
    message::{self, ContactId, Draft, Kind, Letter, NoLetter, Rendering, ToRender, bounded_text},
    mobiles,
    notification::{Then, store::Chosen},
    organisation::OrganisationId,
    web::{shell::Language, show},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Alert, AlertId, State, store};
use crate::{advisory::Severity, notification, response};

/// A mobile is told of an alert, or of what waits of it.
pub const TEXT: Kind = Kind { name: "alert_text", render: |app, to| Box::pin(render(app, to)) as Rendering };
/// A mobile that was told of an alert is told that it was withdrawn.
pub const WITHDRAWN: Kind =
    Kind { name: "alert_withdrawn_text", render: |app, to| Box::pin(withdrawn(app, to)) as Rendering };

/// Two parts of a text.
const MOST: usize = 306;
/// So much of the CERT's name.
const NAME: usize = 40;

/// Why a mobile is texted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "occasion", rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// The alert came, or an update of it.
    Issued,
    /// The deadline of a clock comes nearer, or has passed.
    Waits {
        /// The clock's name.
        clock: String,
        /// Its deadline, in microseconds.
        due: i64,
    },
}

/// Whether an alert is told to mobiles in this installation. Where texts do not leave, none is written:
/// one that waited for the settings to be made would come days late.
pub(crate) fn is_texted(ready: bool, tlp: Tlp) -> bool {
    ready && tlp != Tlp::Red
}

/// Which mobiles are told of an alert: the condition on a row `m` of [`mobiles!`] and the code of its
/// severity. All of them at High, otherwise those for which that was chosen.
macro_rules! texted {
    ($severity:literal) => {
        ::std::concat!("(", $severity, " = 'high' OR m.texted LIKE '% ' || ", $severity, " || ' %')")
    };
}
pub(crate) use texted;

/// Notes that an alert is told to mobiles.
pub(super) async fn begin(tx: &mut Tx, alert: AlertId) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE alert SET texted_at = coalesce(texted_at, ?2) WHERE id = ?1");
    tx.run(statement, params![alert, now]).await?;
    Ok(())
}

/// Whether an alert is told to mobiles. Index: its primary key.
pub(crate) async fn is_begun(snapshot: &mut Snapshot, alert: AlertId) -> Result<bool, DbError> {
    let statement = sql!("SELECT id FROM alert WHERE id = ?1 AND texted_at IS NOT NULL");
    let found: Option<(AlertId,)> = snapshot.maybe(statement, params![alert]).await?;
    Ok(found.is_some())
}

/// The mobiles of an alert's organisations behind `after` up to `last`. Index: as for the mailboxes.
pub(super) async fn between(
    snapshot: &mut Snapshot,
    alert: AlertId,
    severity: Severity,
    (after, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT o.id AS organisation_id FROM organisation o CROSS JOIN response r
             WHERE o.id > ?3 AND o.id <= ?4 AND r.organisation_id = o.id AND r.alert_id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        ", ",
        mobiles!("?2", "'security_lead', 'shared_mailbox', 'on_call'"),
        "SELECT DISTINCT m.number, m.contact_id, m.preferences FROM mobile m WHERE ",
        texted!("?5"),
        " ORDER BY m.number, m.contact_id"
    );
    snapshot.all(statement, params![alert, now, after, last, severity]).await
}

/// What is told to mobiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<'a> {
    /// The name of the kind.
    pub kind: &'static str,
    /// The alert.
    pub alert: AlertId,
    /// Its severity.
    pub severity: Severity,
    /// Why.
    pub occasion: &'a Occasion,
    /// A mobile is told once for each key.
    pub key: &'a str,
    /// Whether it waits until quiet hours are over.
    pub quiet: Quiet,
}

/// Whether a text waits until quiet hours are over. At High none does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quiet {
    /// It waits, but not to this moment, at which it would be told in vain.
    Waits(Option<Timestamp>),
    /// It is told whatever the hour.
    Ignored,
}

/// Queues a text to each of `mobiles`. Of a number that is several contacts', the one that may be told first
/// is the one it counts for.
pub(crate) async fn queue(
    tx: &mut Tx,
    telling: &Telling<'_>,
    mobiles: Vec<(String, ContactId, Chosen)>,
) -> Result<(), DbError> {
    let fields =
        serde_json::to_value(telling.occasion).map_err(|error| DbError::Engine(error.to_string()))?;
    let (kind, key) = (telling.kind, telling.key);
    let mut first = BTreeMap::new();
    for (number, contact, Chosen(preferences)) in mobiles {
        let Then::Send(not_before) =
            notification::by_text(&preferences, telling.severity, telling.quiet, tx.now)
        else {
            continue;
        };
        let held = first.entry(number).or_insert((not_before, contact));
        if not_before < held.0 {
            *held = (not_before, contact);
        }
    }
    for (number, (not_before, contact)) in first {
        let draft = Draft {
            kind,
            lane: Lane::Elsewhere,
            key: format!("{kind}:{key}:{number}"),
            address: number,
            person: None,
            contact: Some(contact),
            organisation: None,
            about: ("alert", Some(telling.alert.0)),
            fields: fields.clone(),
            not_before,
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

async fn render(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let alert = find(&app, &to).await?;
    if alert.state != State::InForce {
        return Err(NoLetter::moot("The alert is no longer in force."));
    }
    let occasion: Occasion = serde_json::from_value(to.fields).map_err(|error| error.to_string())?;
    if let Occasion::Waits { clock, due } = &occasion {
        let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
        let waits =
            response::waits_behind_mobile(&mut snapshot, &to.address, alert.id, (clock, *due), app.env.now());
        if !waits.await.map_err(|error| error.to_string())? {
            return Err(NoLetter::moot("Everything was answered while this message was on its way."));
        }
    }
    Ok(letter(&app, &alert, || says(&alert, &occasion)))
}

async fn withdrawn(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let alert = find(&app, &to).await?;
    Ok(letter(&app, &alert, || format!("Alert {} was withdrawn: it asks for nothing more.", alert.number)))
}

async fn find(app: &App, to: &ToRender) -> Result<Alert, String> {
    let id: Uuid = to.about.ok_or("the message names no alert")?;
    let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
    let alert = store::alert(&mut snapshot, AlertId(id)).await.map_err(|error| error.to_string())?;
    alert.ok_or_else(|| "There is no such alert.".to_owned())
}

/// The text: what `says` tells where TLP allows it, between who it is from and where to sign in.
fn letter(app: &App, alert: &Alert, says: impl FnOnce() -> String) -> Letter {
    let link = app.link(&format!("/alerts/{}", alert.id));
    let text = if alert.tlp.0.allows_details_by_mail() {
        let from = bounded_text(&app.settings.cert.name, NAME);
        // The link stays whole, whatever comes before it.
        let end = format!(" Sign in: {link}");
        let before = bounded_text(&format!("{from}: {}", says()), MOST.saturating_sub(end.chars().count()));
        format!("{before}{end}")
    } else {
        format!("{} {link}", alert.number)
    };
    Letter { subject: format!("[{}]", alert.number), text: bounded_text(&text, MOST), html: None }
}

fn says(alert: &Alert, occasion: &Occasion) -> String {
    let (number, severity) = (alert.number, alert.severity.label());
    let instant = |at: Timestamp| show::instant(at.as_microsecond(), Language::English);
    match occasion {
        Occasion::Issued => {
            let what = if alert.is_update() { "is updated" } else { "was issued" };
            let asked = alert
                .acknowledge_by
                .map_or_else(String::new, |by| format!(" Acknowledge by {}.", instant(by)));
            format!("Alert {number} {what}. Severity: {severity}.{asked}")
        }
        Occasion::Waits { clock, due } => {
            let asked = match clock.as_str() {
                "acknowledge" => "Acknowledge",
                "update" => "Give an update",
                _ => "Remediate",
            };
            let due = Timestamp::from_microsecond(*due).map(instant).unwrap_or_default();
            format!("Alert {number} waits for your organisation. Severity: {severity}. {asked} by {due}.")
        }
    }
}
