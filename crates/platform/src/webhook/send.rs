//! One try: what is told is written, signed and sent, and what the answer means is said.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;

use super::{
    DeliveryId, Format, Problem, Telling, ToTell, event, secret,
    store::{Endpoint, Outcome, ToSend},
};
use crate::{
    App,
    net::{self, NetError, Reach, Request, Response},
};

/// When a request is given up.
const WITHIN: Duration = Duration::from_secs(10);
/// The version of what is told: it grows when what was there before changes its meaning.
const VERSION: u8 = 1;

/// Sends one; `None` where the service was stopped meanwhile: if it did arrive, its id tells the server
/// that it is the same again.
pub(super) async fn send(
    app: &App,
    endpoint: &Endpoint,
    reach: Option<Reach>,
    delivery: &ToSend,
) -> Option<Outcome> {
    let telling = match render(app, endpoint, delivery).await {
        Ok(Some(telling)) => telling,
        Ok(None) => return Some(Outcome::Past),
        Err(error) => {
            tracing::warn!(delivery = %delivery.id, %error, "a delivery could not be written");
            return Some(Outcome::Refused(None, Problem::Unwritten));
        }
    };
    let now = app.env.now();
    let body = written(endpoint.format, &telling, delivery.created_at);
    let Some(reach) = reach else { return Some(Outcome::Unwell(None, None)) };
    let request = request(endpoint, reach, delivery.id, now, body);
    tokio::select! {
        answer = app.net.send(request) => Some(outcome(delivery, answer, now)),
        () = app.stop.over() => None,
    }
}

async fn render(app: &App, endpoint: &Endpoint, delivery: &ToSend) -> Result<Option<Telling>, String> {
    let event = event::of_name(app, &delivery.event);
    let event = event.ok_or_else(|| format!("this node knows no \"{}\"", delivery.event))?;
    let to = ToTell {
        event: delivery.event.clone(),
        owner: endpoint.owner,
        about: delivery.about_id,
        fields: serde_json::from_str(&delivery.fields).map_err(|error| error.to_string())?,
        at: delivery.created_at,
    };
    (event.render)(app.clone(), to).await
}

/// The body of a try, the same each time unless what it tells of has changed.
fn written(format: Format, telling: &Telling, at: Timestamp) -> String {
    match format {
        Format::Json => {
            let Telling { kind, data, .. } = telling;
            json!({ "type": kind, "version": VERSION, "timestamp": at.to_string(), "data": data }).to_string()
        }
        Format::Chat => json!({ "text": plain(&telling.text) }).to_string(),
    }
}

/// Text for a chat room: what its markup is made of is made harmless, so that no title calls everybody in
/// the room (`<!channel>` in Slack, `@all` in Mattermost) or hides where a link leads (`[…](…)` in both
/// Mattermost and Teams). A space without width stands where two characters together would mean something.
fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('@', "@\u{200b}").replace("](", "]\u{200b}(")
}

fn request(endpoint: &Endpoint, reach: Reach, id: DeliveryId, now: Timestamp, body: String) -> Request {
    let secrets = std::iter::once(&endpoint.secret).chain(&endpoint.previous);
    let signatures = secret::signatures(secrets, id, now, &body);
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("webhook-id"), id.to_string()),
        (HeaderName::from_static("webhook-timestamp"), now.as_second().to_string()),
        (HeaderName::from_static("webhook-signature"), signatures),
    ];
    let value = |text: String| HeaderValue::from_str(&text).expect("digits, letters of Base64 and commas");
    let headers: HeaderMap = headers.into_iter().map(|(name, text)| (name, value(text))).collect();
    // Nothing of what it answers is read: that it took it, its status says.
    Request {
        method: Method::POST,
        url: endpoint.url.clone(),
        headers,
        body: body.into_bytes(),
        most: 0,
        within: WITHIN,
        reach,
    }
}

/// What an answer means. What the server finds wrong with one body says nothing of the next; everything
/// else is about the server.
fn outcome(delivery: &ToSend, answer: Result<Response, NetError>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            tracing::info!(delivery = %delivery.id, %error, "a webhook could not be reached");
            return Outcome::Unwell(None, None);
        }
    };
    let status = answer.status;
    match status {
        _ if status.is_success() => Outcome::Taken(status.as_u16()),
        StatusCode::GONE => Outcome::Gone,
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => Outcome::Refused(Some(status.as_u16()), Problem::Answered),
        _ => {
            let told = answer.headers.get(header::RETRY_AFTER).and_then(|told| told.to_str().ok());
            Outcome::Unwell(Some(status.as_u16()), told.and_then(|told| net::retry_after(told, now)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_calls_everybody_in_a_room() {
        let text = "<!channel> & <https://evil.example|our portal>".to_owned();
        let telling = Telling { kind: "test", data: json!({}), text };
        let body = written(Format::Chat, &telling, Timestamp::UNIX_EPOCH);
        assert!(!body.contains('<') && body.contains("&lt;!channel&gt; &amp; "), "{body}");
        let text = plain("@channel, see [our portal](https://evil.example)");
        assert!(!text.contains("@channel") && !text.contains("]("), "{text}");
    }
}
