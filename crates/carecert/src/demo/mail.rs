//! The demonstration's mail and texts: caught in a table and read on a page. Nothing leaves the machine.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use db::{DbError, listing, params, sql};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App,
    env::Env,
    message::{Channel, Mail, MessageId, Post, PostError, Sending},
    web::{
        Error,
        cursor::{self, Page},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

/// Catches every mail, and every text.
#[derive(Debug)]
pub struct CaughtMail {
    /// Where it is kept.
    pub db: db::Db,
    /// When it arrives.
    pub env: Env,
}

impl CaughtMail {
    async fn keep(&self, mail: &Mail) -> Result<(), DbError> {
        let mut tx = self.db.write().await?;
        let statement = sql!(
            "INSERT INTO demo_mail (id, address, subject, body, arrived_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO NOTHING"
        );
        let letter = &mail.letter;
        let values =
            params![mail.id, mail.to.as_str(), letter.subject.as_str(), letter.text.as_str(), self.env.now()];
        tx.run(statement, values).await?;
        tx.commit().await
    }
}

impl Post for CaughtMail {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move { self.keep(mail).await.map_err(|error| PostError::Later(error.to_string())) })
    }
}

db::record! {
    /// A caught mail.
    struct Caught {
        id: MessageId,
        address: String,
        subject: String,
        body: String,
        arrived_at: Timestamp,
    }
}

listing! {
    /// Indexes: `demo_mail_address`, or `demo_mail_newest`.
    static MAILS = "SELECT id, address, subject, '' AS body, arrived_at FROM demo_mail";
    address: "address = ?1",
    before: "(arrived_at, id) < (?1, ?2)",
    tail: "ORDER BY arrived_at DESC, id DESC LIMIT 51",
}

#[derive(Template)]
#[template(path = "demo/mails.html")]
struct Mails {
    shell: Shell,
    address: String,
    page: Page<Caught>,
    next: String,
}

/// Whose mail, behind which.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    address: String,
    after: String,
}

/// `GET /demonstration/mail`
pub async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let address = asked.address.trim().to_lowercase();
    let mut selection =
        MAILS.select(params![]).when_some("address", (!address.is_empty()).then_some(&address));
    if let Some((at, id)) = cursor::read::<(i64, MessageId)>(&asked.after) {
        selection = selection.when("before", params![at, id]);
    }
    let rows = app.read().await?.list(selection).await?;
    let page = Page::of(rows, |row: &Caught| (row.arrived_at.as_microsecond(), row.id));
    let query = |after| {
        serde_html_form::to_string([("address", address.as_str()), ("after", after)]).unwrap_or_default()
    };
    let next =
        page.next.as_deref().map(|after| format!("/demonstration/mail?{}", query(after))).unwrap_or_default();
    Ok(render(StatusCode::OK, &Mails { shell, address, page, next }))
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct OneMail {
    shell: Shell,
    mail: Caught,
}

/// `GET /demonstration/mail/{id}`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<MessageId>,
) -> Result<Response, Error> {
    let statement = sql!("SELECT id, address, subject, body, arrived_at FROM demo_mail WHERE id = ?1");
    let mail = app.read().await?.maybe(statement, params![id]).await?.ok_or(Error::NotFound)?;
    Ok(render(StatusCode::OK, &OneMail { shell, mail }))
}

impl Caught {
    /// How it would have travelled.
    fn channel(&self) -> Channel {
        if self.address.starts_with('+') { Channel::Sms } else { Channel::Mail }
    }
}

impl OneMail {
    /// The text in pieces, the addresses of this portal apart, so that they can be followed.
    fn pieces(&self) -> Vec<(bool, &str)> {
        let ends = |text: &str| text.find(|letter: char| letter.is_whitespace()).unwrap_or(text.len());
        let (mut pieces, mut rest) = (Vec::new(), self.mail.body.as_str());
        while let Some(start) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
            let (before, from) = rest.split_at(start);
            let (link, after) = from.split_at(ends(from));
            pieces.extend([(false, before), (true, link)]);
            rest = after;
        }
        pieces.push((false, rest));
        pieces
    }
}
