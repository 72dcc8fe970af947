//! What a bulletin says, as it stands when it leaves.

use std::fmt::Write as _;

use db::DbError;
use jiff::Timestamp;
use platform::{
    App,
    message::{Kind, Letter, NoLetter, Rendering, ToRender},
    web::{shell::Language, show},
};
use serde::Deserialize;

use super::store::{self, Clear, Concerning, MOST};

/// A mailbox is told what was published in a week.
pub const MESSAGE: Kind =
    Kind { name: "bulletin", render: |app, to| Box::pin(bulletin(app, to)) as Rendering };

/// The week, in microseconds.
#[derive(Deserialize)]
struct Fields {
    from: i64,
    until: i64,
}

async fn bulletin(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let fields: Fields = serde_json::from_value(to.fields).map_err(|error| error.to_string())?;
    let moment = |at| Timestamp::from_microsecond(at).map_err(|error| error.to_string());
    let week = (moment(fields.from)?, moment(fields.until)?);
    let found = gather(&app, &to.address, week).await.map_err(|error| error.to_string())?;
    let (concerning, clear) =
        found.ok_or_else(|| NoLetter::moot("This address is no longer a contact of any organisation."))?;
    let clear: Vec<_> =
        clear.into_iter().filter(|alert| concerning.iter().all(|own| own.id != alert.id)).collect();
    if concerning.is_empty() && clear.is_empty() {
        return Err(NoLetter::moot("All that it would tell was withdrawn or updated meanwhile."));
    }
    let (cert, day) = (&app.settings.cert, show::day(fields.until, Language::English));
    let mut text = format!("What {} published in the seven days until {day}.\n\n", cert.name);
    if !concerning.is_empty() {
        text.push_str("For your organisation\n\n");
        list(&mut text, concerning.iter().map(|alert| own_line(&app, alert)));
    }
    if !clear.is_empty() {
        text.push_str("For everybody\n\n");
        list(&mut text, clear.iter().map(clear_line));
        let _ = writeln!(text, "Read it without an account:\n{}\n", app.link("/feeds/alerts"));
    }
    let stop = to.stop.map_or_else(
        || format!("To get no bulletin any more:\n{}", app.link("/account/notifications")),
        |stop| format!("To stop this bulletin, without signing in:\n{stop}"),
    );
    let _ = write!(text, "Times are UK time. {stop}\n\n-- \n{}, {}\n", cert.name, cert.telephone);
    Ok(Letter { subject: format!("Weekly bulletin from {}, {day}", cert.name), text, html: None })
}

/// What there is to tell a mailbox; `None` where it is nobody's any more.
async fn gather(
    app: &App,
    address: &str,
    week: (Timestamp, Timestamp),
) -> Result<Option<(Vec<Concerning>, Vec<Clear>)>, DbError> {
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    if store::organisations(&mut snapshot, address, now).await? == 0 {
        return Ok(None);
    }
    let concerning = store::concerning(&mut snapshot, address, now, week).await?;
    Ok(Some((concerning, store::clear(&mut snapshot, week.0, week.1).await?)))
}

fn list(text: &mut String, lines: impl ExactSizeIterator<Item = String>) {
    let more = lines.len() > MOST;
    for line in lines.take(MOST) {
        let _ = writeln!(text, "{line}\n");
    }
    if more {
        text.push_str("and more.\n\n");
    }
}

fn own_line(app: &App, alert: &Concerning) -> String {
    let (number, link) = (alert.number, app.link(&format!("/alerts/{}", alert.id)));
    if !alert.tlp.0.allows_details_by_mail() {
        return format!("[{number}]\n{link}");
    }
    let update = if alert.supersedes_id.is_some() { "Updated. " } else { "" };
    format!("[{number}] {}: {}\n{update}{}\n{link}", alert.severity.label(), alert.title, standing(alert))
}

/// What of an alert waits for the organisations of a mailbox.
fn standing(alert: &Concerning) -> String {
    let instant = |at: Timestamp| show::instant(at.as_microsecond(), Language::English);
    let by = |at: Option<Timestamp>| at.map(|at| format!(", by {}", instant(at))).unwrap_or_default();
    let of = |count: i64| match count {
        1 => String::new(),
        many => format!(" for {} organisations", show::count(many)),
    };
    match (alert.unacknowledged, alert.in_hand) {
        (0, 0) => "Nothing of it waits for you.".to_owned(),
        (0, in_hand) => format!("It is in hand{} and to be closed{}.", of(in_hand), by(alert.remediate_by)),
        (open, _) => format!("It waits to be acknowledged{}{}.", of(open), by(alert.acknowledge_by)),
    }
}

fn clear_line(alert: &Clear) -> String {
    format!("[{}] {}: {}", alert.number, alert.severity.label(), alert.title)
}
