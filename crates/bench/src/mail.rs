//! Mail to a local server, beside a bare loop over the same client: what rendering, the queue and its
//! bookkeeping cost on top of the mail server's own conversation.

use std::sync::Arc;

use futures::{StreamExt, stream};
use platform::{
    App,
    app::Parts,
    job::Lane,
    message::{self, Letter, Mail, Post, SmtpPost},
    net,
    settings::{Smtp, SmtpSecurity},
    stop::Stop,
    web::Live,
};
use testkit::smtp::{Security, SmtpServer};

use crate::{
    publish,
    table::{Table, now, rate},
};

const MAILS: u64 = 5_000;
/// As many at the same time as the program's own worker.
const AT_ONCE: usize = 16;

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let server = SmtpServer::start(Security::Plain).await?;
    let smtp = Smtp {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        security: SmtpSecurity::Plain,
        credentials: None,
        ca_file: None,
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    };
    let post = Arc::new(SmtpPost::new(&smtp, &app.settings.cert).map_err(anyhow::Error::msg)?);

    let begun = now();
    let sends = (0..MAILS).map(|place| {
        let (post, mail) = (Arc::clone(&post), mail(app, place));
        async move { post.send(&mail).await }
    });
    let bare = stream::iter(sends).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    anyhow::ensure!(bare.iter().all(Result::is_ok), "the bare loop failed: {bare:?}");
    let bare = rate(MAILS, begun.elapsed());

    let ours = App::new(Parts {
        db: app.db.clone(),
        env: app.env.clone(),
        settings: app.settings.clone(),
        blobs: app.blobs.clone(),
        post,
        texts: Arc::clone(&app.texts),
        net: Arc::new(net::Client::new(&app.settings.network).map_err(anyhow::Error::msg)?),
        services: app.services,
        stop: Stop::default(),
        live: Live::default(),
    });
    queue(&ours).await?;
    let begun = now();
    let mut sent = 0;
    while sent < MAILS {
        sent += message::deliver_due(&ours, Lane::Urgent).await?.sent as u64;
    }
    let limit = format!("80 % of a bare loop over the same client: {bare}");
    table.row("mail to a local server", rate(MAILS, begun.elapsed()), &limit);
    Ok(())
}

/// A mail of the length of those that are queued.
fn mail(app: &App, place: u64) -> Mail {
    let text = "The log of the example service has 4711 entries, and this is its head.\n".repeat(8);
    Mail {
        id: app.env.id(),
        to: format!("somebody{place}@bench.example"),
        letter: Letter { subject: "Head of the log".to_owned(), text, html: None },
        again: false,
        answers: None,
        mailing: None,
    }
}

async fn queue(app: &App) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    for place in 0..MAILS {
        let draft = publish::urgent(app, format!("somebody{place}@bench.example"));
        message::queue(&mut tx, &draft).await?;
    }
    tx.commit().await?;
    Ok(())
}
