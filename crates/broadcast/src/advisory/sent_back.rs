//! Who wrote a version learns at once, or in the morning, that an approver sent it back: by whom, why, and where to
//! go on. At TLP:AMBER and above a number and a link; at RED that something came back, and where it is listed.

use db::{DbError, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Letter, NoLetter, Rendering, ToRender},
    notification::store::Chosen,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Severity, State, Version, VersionId, store};
use crate::bare;

/// The kind of the message that tells of it.
pub const MESSAGE: message::Kind = message::Kind { name: "advisory_sent_back", render };

/// What the mail is made of.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    version: VersionId,
    /// When that was submitted which came back: what is submitted again tells of itself.
    submitted_at: Option<Timestamp>,
    by: PersonId,
}

/// Queues it for everybody who edited the version and still writes advisories, but for whom sent it back. Indexes:
/// the key of `advisory_editor`, `membership_holder`, the keys of `person` and `notification`.
pub(super) async fn tell(tx: &mut Tx, version: &Version, by: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "SELECT p.id, p.email, n.preferences
         FROM advisory_editor e CROSS JOIN person p LEFT JOIN notification n ON n.address = lower(p.email)
         WHERE e.version_id = ?1 AND p.id = e.person_id AND p.id <> ?3
           AND p.email IS NOT NULL AND p.erased_at IS NULL
           AND EXISTS (SELECT 1 FROM membership m
                       WHERE m.holder_id = p.id AND m.organisation_id IS NULL
                         AND m.role IN ('analyst', 'duty_manager')
                         AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2))
         ORDER BY p.id"
    );
    let now = tx.now;
    let authors: Vec<(PersonId, String, Chosen)> = tx.all(statement, params![version.id, now, by]).await?;
    for (author, address, Chosen(preferences)) in authors {
        // Their own work, whatever they chose to be told of alerts; what is not High can wait for the morning.
        let quiet_until = preferences.quiet.end(now);
        let told = Told { version: version.id, submitted_at: version.submitted_at, by };
        let draft = Draft {
            kind: MESSAGE.name,
            lane: Lane::Urgent,
            address,
            person: Some(author),
            contact: None,
            organisation: None,
            about: ("advisory_version", Some(version.id.0)),
            fields: json!(told),
            not_before: quiet_until.filter(|_| version.wording.severity != Severity::High),
            key: format!("{}/{}/{}/{author}", MESSAGE.name, version.id, version.edition),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

fn render(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let told: Told = serde_json::from_value(to.fields).map_err(|error| error.to_string())?;
        let mut snapshot = app.read().await.map_err(said)?;
        let version = store::version(&mut snapshot, told.version).await.map_err(said)?;
        let version = version.ok_or("the advisory is gone")?;
        let submitted_again = version.state != State::Draft || version.submitted_at != told.submitted_at;
        let Some(reason) = version.sent_back_reason.as_ref().filter(|_| !submitted_again) else {
            return Err(NoLetter::moot("It was submitted again meanwhile."));
        };
        if version.wording.tlp == Tlp::Red {
            return Ok(bare::unnamed(&app, "Something was sent back to you", "/"));
        }
        let path = format!("/advisories/{}/edit", version.number);
        if !version.wording.tlp.allows_details_by_mail() {
            return Ok(bare::letter(&app, version.number, &path));
        }
        let name = sql!("SELECT name FROM person WHERE id = ?1");
        let by: Option<(String,)> = snapshot.maybe(name, params![told.by]).await.map_err(said)?;
        let by = by.map_or_else(|| "An approver".to_owned(), |(name,)| name);
        let text = format!(
            "{} \u{2013} {}\n\n{by} sent it back to be changed:\n\n{reason}\n\nChange it, and submit it \
             again:\n\n{}\n\n{}\n",
            version.number,
            version.wording.title,
            app.link(&path),
            app.settings.cert.name,
        );
        let subject = format!("{} was sent back to you", version.number);
        Ok(Letter { subject, text, html: None })
    })
}
