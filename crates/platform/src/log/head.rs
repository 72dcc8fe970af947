//! The daily head: what the auditors keep outside, so that a rewritten log cannot pass for this one.

use data_encoding::HEXLOWER;
use db::{DbError, params, sql};
use serde_json::json;

use super::store;
use crate::{
    App,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, Letter},
};

/// The mail to the auditors.
pub(crate) const MAIL: Kind = Kind {
    name: "log_head",
    render: |app, to_render| {
        Box::pin(async move {
            let text = |field: &str| to_render.fields[field].as_str().unwrap_or_default().to_owned();
            let (day, size, head) = (text("day"), text("size"), text("head"));
            Ok(Letter {
                subject: format!("CareCERT log on {day}: {size} entries"),
                text: format!(
                    "On {day} the log of {name} holds {size} entries under this head:\n\n{head}\n\n\
                     Keep this mail. To prove that nothing before today was changed since, run:\n\n\
                     carecert audit verify --head {head}\n",
                    name = app.settings.cert.name,
                ),
                html: None,
            })
        })
    },
};

/// Queues today's head for every auditor; calling it again on the same day changes nothing.
pub async fn mail_head(app: &App) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let edge = store::edge(&mut tx).await?;
    let day = tx.now.strftime("%F").to_string();
    let statement = sql!(
        "SELECT DISTINCT p.id, p.email FROM membership m JOIN person p ON p.id = m.holder_id
         WHERE m.role = 'auditor' AND m.organisation_id IS NULL AND p.email IS NOT NULL
           AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1)"
    );
    let now = tx.now;
    let auditors: Vec<(PersonId, String)> = tx.all(statement, params![now]).await?;
    for (person, address) in auditors {
        let draft = Draft {
            kind: MAIL.name,
            lane: Lane::Bulk,
            key: format!("log_head:{day}:{person}"),
            address,
            person: Some(person),
            contact: None,
            organisation: None,
            about: ("log", None),
            fields: json!({ "day": day, "size": edge.size().to_string(), "head": HEXLOWER.encode(&edge.root()) }),
            not_before: None,
        };
        message::queue(&mut tx, &draft).await?;
    }
    tx.commit().await
}
