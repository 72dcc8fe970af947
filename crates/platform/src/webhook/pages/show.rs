//! One webhook: how it fares, what it was told and what came of each, and the page that asks before it is
//! removed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::{list, seen, state};
use crate::{
    Actor, App,
    web::{
        Error,
        cursor::{self, Page},
        form::Choice,
        shell::{Notice, NoticeKind, Shell, render},
        show,
    },
    webhook::{
        AGAIN, Fate, Problem, State as WebhookState, WebhookId, event,
        store::{self, Delivery, Webhook},
    },
};

/// Of how many hours what failed can be sent again.
const HOURS: [(u32, &str); 5] = [
    (1, "The last hour"),
    (24, "The last 24 hours"),
    (3 * 24, "The last 3 days"),
    (7 * 24, "The last 7 days"),
    (30 * 24, "The last 30 days"),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    done: String,
    count: u64,
}

/// What was told, as it is shown.
struct Shown {
    delivery: Delivery,
    what: &'static str,
    came: String,
}

#[derive(Template)]
#[template(path = "webhook/show.html")]
struct ShowPage {
    shell: Shell,
    webhook: Webhook,
    state: (&'static str, &'static str),
    events: Vec<&'static str>,
    deliveries: Vec<Shown>,
    next: String,
    hours: Vec<Choice>,
    page: String,
    list: String,
    /// Where it is changed; empty for who may not.
    change: String,
    keeps: bool,
}

impl ShowPage {
    fn is_on(&self) -> bool {
        self.webhook.state == WebhookState::On
    }

    /// The address, of which those who only read see the server.
    fn address(&self) -> String {
        let url = &self.webhook.url;
        if self.keeps {
            url.to_string()
        } else {
            format!("{}, the rest is secret", url.host_str().unwrap_or_default())
        }
    }

    /// Until when two secrets count, while they do.
    fn two_secrets(&self) -> Option<Timestamp> {
        self.webhook.previous_until.filter(|until| *until > self.shell.now)
    }
}

/// `GET …/{id}`
pub(super) async fn show(
    State(app): State<App>,
    mut shell: Shell,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let webhook = seen(&mut snapshot, &actor, id).await?;
    let deliveries = store::listed(&mut snapshot, id, cursor::read(&asked.after)).await?;
    drop(snapshot);
    shell.notice = notice(&asked).map(|text| Notice { kind: NoticeKind::Success, text });
    let page = format!("{}/{id}", webhook.owner.pages());
    let rows = Page::of(deliveries, |delivery| (delivery.created_at, delivery.id.0));
    let next = rows.next.map(|after| format!("{page}?after={after}")).unwrap_or_default();
    let label =
        |name: &str| event::of_name(&app, name).map_or("Something that is no more", |event| event.label);
    // Of a server that takes nothing; of another, it may be when the worker that has it counts as dead.
    let asked_at = webhook.failing_since.and(webhook.next_at);
    let deliveries = rows.rows.into_iter().map(|delivery| Shown {
        what: label(&delivery.event),
        came: came(&delivery, asked_at, &shell),
        delivery,
    });
    let keeps = webhook.owner.is_kept_by(&actor);
    let shown = ShowPage {
        state: state(&webhook),
        events: webhook.events.iter().map(|name| label(name)).collect(),
        deliveries: deliveries.collect(),
        next,
        hours: HOURS.iter().map(|(hours, words)| Choice::new(hours.to_string(), *words)).collect(),
        list: list::of(webhook.owner),
        change: if keeps { format!("{page}/change") } else { String::new() },
        page,
        keeps,
        shell,
        webhook,
    };
    Ok(render(StatusCode::OK, &shown))
}

/// What was done a moment ago.
fn notice(asked: &Asked) -> Option<String> {
    let text = match asked.done.as_str() {
        "test" => "A test is on its way. Reload the page in a moment to see what came of it.",
        "again" => "It is sent again.",
        "changed" => "The webhook was changed.",
        "on" => "The webhook is on again. What failed meanwhile can be sent again.",
        "off" => "The webhook is switched off. What waited is listed as failed.",
        "added-already" => "This webhook was added already. If nobody kept its secret, have a new one made.",
        "failed-again" => return Some(sent_again(asked.count)),
        _ => return None,
    };
    Some(text.to_owned())
}

fn sent_again(count: u64) -> String {
    let words = show::count(i64::try_from(count).unwrap_or(i64::MAX));
    match count {
        0 => "Nothing failed in that time.".to_owned(),
        1 => "1 delivery is sent again.".to_owned(),
        count if count >= AGAIN.unsigned_abs() => {
            format!("{words} deliveries are sent again, the oldest first. Send again for the rest.")
        }
        _ => format!("{words} deliveries are sent again."),
    }
}

/// What came of a delivery, in a sentence. It leaves when it may and its server is asked: whichever is later.
fn came(delivery: &Delivery, asked_at: Option<Timestamp>, shell: &Shell) -> String {
    let why = match (delivery.problem, delivery.answer) {
        (Some(Problem::Answered), Some(status)) => format!("The server answered {status}"),
        (Some(problem), _) => problem.label().to_owned(),
        (None, Some(status)) => format!("The server took it ({status})"),
        (None, None) => String::new(),
    };
    if delivery.state != Fate::Waiting {
        return why;
    }
    let next = match asked_at.max(delivery.not_before) {
        Some(at) if at > shell.now => format!("Tried next {}", shell.instant(at)),
        _ => "As soon as it can be".to_owned(),
    };
    if why.is_empty() { next } else { format!("{why}. {next}") }
}

#[derive(Template)]
#[template(path = "webhook/remove.html")]
struct RemovePage {
    shell: Shell,
    webhook: Webhook,
    page: String,
}

/// `GET …/{id}/remove`
pub(super) async fn ask_remove(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<WebhookId>,
) -> Result<Response, Error> {
    let webhook = seen(&mut app.read().await?, &actor, id).await?;
    let page = format!("{}/{id}", webhook.owner.pages());
    Ok(render(StatusCode::OK, &RemovePage { shell, webhook, page }))
}
