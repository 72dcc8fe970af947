//! The words by which an approver is asked: by mail, and by text where they gave a mobile, so that a High alert's
//! approval does not depend on mail.
//!
//! A text never holds the title, since a telephone lies on a table. Above GREEN both hold the number and the link
//! alone, at RED they name nothing.

use db::DbError;
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Channel, Draft, Kind, Letter, NoLetter, Rendering, ToRender, bounded_text},
};
use serde::Deserialize;
use serde_json::json;

use super::{Approver, CallApprover, PATIENCE, State, TO_DECIDE, Version, VersionId, accepted, store};
use crate::bare;

/// An approver is asked by mail.
pub const MAIL: Kind = Kind { name: "approval_call", render: |app, to| Box::pin(mail(app, to)) as Rendering };
/// An approver is asked by text.
pub const TEXT: Kind =
    Kind { name: "approval_call_text", render: |app, to| Box::pin(text(app, to)) as Rendering };

/// Where all that waits for approval is listed.
const WAITING: &str = "/advisories?state=in_review";
/// What is said at RED.
const UNNAMED: &str = "A decision waits for you";
/// So much of the CERT's name stands in a text.
const NAME: usize = 40;

/// Queues one call to an approver, once by each channel that leaves.
pub(super) async fn queue(
    tx: &mut Tx,
    call: &CallApprover,
    approver: &Approver,
    by: &[Channel],
) -> Result<(), DbError> {
    let key = format!("{}/{}", call.key(), approver.person_id);
    for channel in by {
        let (kind, lane, address, key) = match channel {
            Channel::Mail => (MAIL.name, Lane::Urgent, Some(approver.email.clone()), key.clone()),
            Channel::Sms => (TEXT.name, Lane::Elsewhere, approver.mobile.clone(), format!("{key}/text")),
        };
        let Some(address) = address else { continue };
        let draft = Draft {
            kind,
            lane,
            address,
            person: Some(approver.person_id),
            contact: None,
            organisation: None,
            about: ("advisory_version", Some(call.version.0)),
            fields: json!({
                "version": call.version, "edition": call.edition, "person": approver.person_id, "called": tx.now,
            }),
            not_before: None,
            key,
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

/// What is asked, of whom and since when; older rows name the version alone.
#[derive(Debug, Deserialize)]
struct Call {
    version: VersionId,
    edition: Option<i64>,
    person: Option<PersonId>,
    called: Option<Timestamp>,
}

async fn mail(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let version = asked(&app, to).await?;
    if version.wording.tlp == Tlp::Red {
        return Ok(bare::unnamed(&app, UNNAMED, WAITING));
    }
    let path = format!("/approvals/{}", version.id);
    if !version.wording.tlp.allows_details_by_mail() {
        return Ok(bare::letter(&app, version.number, &path));
    }
    let text = format!(
        "{} \u{2013} {}\n\nA High advisory waits for approval, and you are asked to decide.\n\
         Say that you take it on, then read it and approve it or send it back:\n\n{}\n\n\
         Unless you take it on within {} minutes, the next approver is asked; and so they are when \
         you have taken it on and not decided within {}.\n\n{}\n",
        version.number,
        version.wording.title,
        app.link(&path),
        PATIENCE.as_mins(),
        TO_DECIDE.as_mins(),
        app.settings.cert.name,
    );
    let subject = format!("{} waits for your approval", version.number);
    Ok(Letter { subject, text, html: None })
}

async fn text(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let version = asked(&app, to).await?;
    let (tlp, number) = (version.wording.tlp, version.number);
    let from = bounded_text(&app.settings.cert.name, NAME);
    let link = app.link(&format!("/approvals/{}", version.id));
    let (subject, text) = if tlp == Tlp::Red {
        (UNNAMED.to_owned(), format!("{from}: {UNNAMED}. {}", app.link(WAITING)))
    } else if tlp.allows_details_by_mail() {
        (format!("[{number}]"), format!("{from}: {number} waits for your approval. {link}"))
    } else {
        (format!("[{number}]"), format!("{number} {link}"))
    };
    Ok(Letter { subject, text, html: None })
}

/// The version about which somebody is asked, while they still have to hear it.
async fn asked(app: &App, to: ToRender) -> Result<Version, NoLetter> {
    let said = |error: DbError| error.to_string();
    let Call { version, edition, person, called } =
        serde_json::from_value(to.fields).map_err(|error| error.to_string())?;
    let mut snapshot = app.read().await.map_err(said)?;
    let version = store::version(&mut snapshot, version).await.map_err(said)?;
    let version = version.ok_or("the advisory is gone")?;
    if version.state != State::InReview || edition.is_some_and(|edition| edition != version.edition) {
        return Err(NoLetter::moot("It was decided before this was sent."));
    }
    if accepted(&mut snapshot, version.id, app.env.now()).await.map_err(said)?.is_some() {
        return Err(NoLetter::moot("Somebody took it on before this was sent."));
    }
    // Of several calls that waited together, the last one is heard.
    if let (Some(person), Some(called)) = (person, called)
        && super::is_called_since(&mut snapshot, version.id, person, called).await.map_err(said)?
    {
        return Err(NoLetter::moot("They were asked again since."));
    }
    Ok(version)
}
