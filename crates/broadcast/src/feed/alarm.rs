//! Telling people that a feed fails or has fallen silent: once, until it is well again.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, App, Tx,
    access::PersonId,
    job::{Job, Lane},
    log::{self, Entry},
    message::{self, Draft, Letter, Rendering, ToRender},
    web::{shell::Language, show},
};
use serde_json::json;

use super::{Feed, FeedId, Follow, Trouble, store};

/// The kind of the message that tells of it.
pub const MESSAGE: message::Kind = message::Kind { name: "feed_alarm", render };

/// Since when people know that something is wrong with a feed: since before, or since now that they are
/// told; not at all where nothing is.
pub(super) async fn judge(tx: &mut Tx, feed: &Feed) -> Result<Option<Timestamp>, DbError> {
    let trouble = feed.trouble(tx.now);
    let verb = match (trouble, feed.alarmed_at) {
        (Some(_), Some(since)) => return Ok(Some(since)),
        (None, None) => return Ok(None),
        (Some(Trouble::Failing(_)), None) => "feed.failing",
        (Some(Trouble::Silent(_)), None) => "feed.silent",
        (None, Some(_)) => "feed.well",
    };
    log::write(tx, &Actor::Job(Follow::NAME), Entry::new(verb).about(feed.id.0)).await?;
    if trouble.is_none() {
        return Ok(None);
    }
    let now = tx.now;
    for keeper in keepers(tx, now).await? {
        let draft = Draft {
            kind: MESSAGE.name,
            lane: Lane::Urgent,
            address: keeper.email,
            person: Some(keeper.id),
            contact: None,
            organisation: None,
            about: ("feed", Some(feed.id.0)),
            fields: json!({ "feed": feed.id }),
            not_before: None,
            key: format!("feed_alarm/{}/{}/{}", feed.id, now.as_microsecond(), keeper.id),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(Some(now))
}

db::record! {
    /// Somebody who sees to feeds.
    struct Keeper {
        id: PersonId,
        email: String,
    }
}

/// The CERT's duty managers and administrators. Index: `membership_organisation`.
async fn keepers(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Keeper>, DbError> {
    let statement = sql!(
        "SELECT id, email FROM person
         WHERE email IS NOT NULL AND erased_at IS NULL AND id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('duty_manager', 'admin')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY id"
    );
    snapshot.all(statement, params![now]).await
}

/// The mail: what is wrong, as it stands when it is sent.
fn render(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let feed: FeedId =
            serde_json::from_value(to.fields["feed"].clone()).map_err(|error| error.to_string())?;
        let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
        let feed = store::feed(&mut snapshot, feed).await.map_err(|error| error.to_string())?;
        let feed = feed.ok_or("the feed was removed")?;
        let runs = store::runs(&mut snapshot, feed.id, None).await.map_err(|error| error.to_string())?;
        let told = runs.first().map(store::Run::told).transpose().map_err(|error| error.to_string())?;
        let why = told.unwrap_or_default().into_iter().next().filter(|_| feed.failures > 0);
        let (subject, what) = match feed.trouble(app.env.now()) {
            Some(Trouble::Failing(since)) => (
                "cannot be read",
                format!("It could not be read since {}. {}", at(since), why.unwrap_or_default()),
            ),
            Some(Trouble::Silent(since)) => {
                ("has fallen silent", format!("It has told nothing new since {}.", at(since)))
            }
            None => ("is well again", "It could not be read, and can be again.".to_owned()),
        };
        let cert = &app.settings.cert;
        let text = format!(
            "The feed \u{201c}{}\u{201d} {subject}.\n\n{}\n\nUntil it is mended, what it would tell has to be \
             looked for by other ways. What came of each asking:\n\n{}\n\n-- \n{}, {}\n",
            feed.name,
            what.trim_end(),
            app.link(&format!("/sources/feeds/{}", feed.id)),
            cert.name,
            cert.telephone,
        );
        Ok(Letter { subject: format!("The feed {} {subject}", feed.name), text, html: None })
    })
}

fn at(moment: Timestamp) -> String {
    show::instant(moment.as_microsecond(), Language::English)
}
