//! Webhooks to a local server, beside a bare loop over the same client: what rendering, signing, the queue
//! and its bookkeeping cost on top of the conversation.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::post};
use db::{macro_support::Uuid, params, sql};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Method, header};
use platform::{
    Actor, App,
    app::Parts,
    net::{Client, Net, Reach, Request},
    settings::Network,
    stop::Stop,
    web::{self, Live},
    webhook::{self, Format, Health, Owner, Plan, TEST, WebhookId},
};
use tokio::net::TcpListener;
use url::Url;

use crate::table::{Table, now, processor_time, rate, shown};

/// As many as the CERT may have.
const WEBHOOKS: u64 = 10;
const EACH: u64 = 1_000;

/// Measures it.
#[expect(clippy::disallowed_methods, reason = "listens for the client that it measures")]
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let stop = Stop::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url: Url = format!("http://{}/hook", listener.local_addr()?).parse()?;
    tokio::spawn(web::serve(listener, Router::new().route("/hook", post(async || ())), stop.clone()));
    let network =
        Network { allow: platform::net::Allowed(vec!["127.0.0.0/8".parse()?]), ..Network::default() };
    let client = Arc::new(Client::new(&network).map_err(anyhow::Error::msg)?);

    let (begun, processor) = (now(), processor_time());
    let requests = (0..WEBHOOKS * EACH).map(|_| client.send(request(&url)));
    let bare = stream::iter(requests).buffer_unordered(usize::try_from(WEBHOOKS)?).collect::<Vec<_>>().await;
    anyhow::ensure!(bare.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status.is_success())));
    let bare = rate(WEBHOOKS * EACH, begun.elapsed());
    let bare_processor = processor_time().saturating_sub(processor);

    let mut settings = app.settings.clone();
    settings.network = network;
    let ours = App::new(Parts {
        db: app.db.clone(),
        env: app.env.clone(),
        settings,
        blobs: app.blobs.clone(),
        post: Arc::clone(&app.post),
        texts: Arc::clone(&app.texts),
        net: client,
        services: app.services,
        stop: Stop::default(),
        live: Live::default(),
    });
    queue(&ours, &url).await?;
    let (begun, processor) = (now(), processor_time());
    webhook::deliver_due(&ours, Health::Well).await?;
    let (took, processor) = (begun.elapsed(), processor_time().saturating_sub(processor));
    stop.finish();
    let sent = sql!("SELECT CAST(count(*) AS BIGINT) FROM webhook_delivery WHERE state = 'delivered'");
    let (sent,): (i64,) = app.read().await?.one(sent, params![]).await?;
    anyhow::ensure!(u64::try_from(sent)? == WEBHOOKS * EACH, "only {sent} were delivered");
    let limit =
        format!("80 % of a bare loop over the same client: {bare} ({} of processor)", shown(bare_processor));
    let figure = format!("{} ({} of processor)", rate(WEBHOOKS * EACH, took), shown(processor));
    table.row("webhooks told, by a local server", figure, &limit);
    Ok(())
}

/// A request of the length of those that are queued.
fn request(url: &Url) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Request {
        method: Method::POST,
        url: url.clone(),
        headers,
        body: vec![b' '; 200],
        most: 0,
        within: Duration::from_secs(10),
        reach: Reach::Allowed,
    }
}

async fn queue(app: &App, url: &Url) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    for place in 0..WEBHOOKS {
        let plan =
            Plan { name: place.to_string(), url: url.clone(), format: Format::Json, events: vec![TEST.name] };
        let (id, _): (WebhookId, _) =
            webhook::actions::add(&mut tx, &Actor::Job("bench"), Owner::Cert, &plan, None).await?;
        let now = tx.now;
        tx.run(sql!("UPDATE webhook SET next_at = ?2 WHERE id = ?1"), params![id, now]).await?;
        for delivery in 0..EACH {
            let statement = sql!(
                "INSERT INTO webhook_delivery (id, webhook_id, event, about_id, fields, state, created_at, attempts,
                                               unique_key)
                 VALUES (?1, ?2, ?3, ?2, 'null', 'waiting', ?4, 0, ?5)"
            );
            let queued = sql!(
                "INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
                 VALUES (?1, ?2, ?3, ?3)"
            );
            let (delivery_id, key): (Uuid, _) = (tx.id(), format!("bench/{delivery}"));
            tx.run(statement, params![delivery_id, id, TEST.name, now, key]).await?;
            tx.run(queued, params![delivery_id, id, now]).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
