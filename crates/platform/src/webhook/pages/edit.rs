//! Adding a webhook, changing what was decided about one, and its secret, which is shown once.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{Version, Whose, back, seen};
use crate::{
    Actor, App,
    account::place::Asked,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
    webhook::{Format, Owner, Plan, Secret, WebhookError, WebhookId, actions, event, store::Webhook},
};

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    form: Option<Uuid>,
    organisation: String,
    name: String,
    url: String,
    format: String,
    events: Vec<String>,
    version: i64,
}

impl From<&Webhook> for Typed {
    fn from(webhook: &Webhook) -> Self {
        Self {
            name: webhook.name.clone(),
            url: webhook.url.to_string(),
            format: webhook.format.code().to_owned(),
            events: webhook.events.clone(),
            version: webhook.version,
            ..Self::default()
        }
    }
}

#[derive(Template)]
#[template(path = "webhook/edit.html")]
struct EditPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    events: Vec<Choice>,
    owner: Owner,
    /// The name of the organisation, or of the CERT, where one is added.
    whose: Option<String>,
    back: String,
}

impl EditPage {
    fn formats(&self) -> Vec<Choice> {
        let hint = |format: Format| match format {
            Format::Json => "Fields that a program reads, signed",
            Format::Chat => "A line or two for people: Slack, Teams and others that take {\"text\": …}",
        };
        let choice = |format: &Format| Choice::new(format.code(), format.label()).hint(hint(*format));
        Format::ALL.iter().map(|format| choice(format).chosen_in(&[&self.typed.format])).collect()
    }

    fn organisation(&self) -> String {
        self.owner.organisation().map(|id| id.to_string()).unwrap_or_default()
    }

    fn url_hint(&self) -> &'static str {
        match self.owner {
            Owner::Organisation(_) => "It begins with https:// and is on the public internet",
            Owner::Cert => {
                "It begins with https://. With http:// only in numbers, in a network that the settings allow"
            }
        }
    }
}

/// `GET /webhooks/new`
pub(super) async fn new_own(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let whose = Whose::own(&mut app.read().await?, &app, &actor, &asked).await?;
    Ok(new(&app, shell, &whose))
}

/// `GET /cert/webhooks/new`
pub(super) async fn new_cert(State(app): State<App>, shell: Shell) -> Response {
    new(&app, shell, &Whose::cert(&app))
}

fn new(app: &App, shell: Shell, whose: &Whose) -> Response {
    let typed =
        Typed { form: Some(app.env.id()), format: Format::Json.code().to_owned(), ..Typed::default() };
    adding(app, shell, whose, StatusCode::OK, Problems::none(), typed)
}

fn adding(
    app: &App,
    shell: Shell,
    whose: &Whose,
    status: StatusCode,
    problems: Problems,
    typed: Typed,
) -> Response {
    let events = events(app, &typed);
    let (owner, back) = (whose.owner, whose.href(""));
    let whose = Some(whose.place.name.clone());
    render(status, &EditPage { shell, problems, typed, events, owner, whose, back })
}

fn events(app: &App, typed: &Typed) -> Vec<Choice> {
    event::offered(app).map(|event| Choice::new(event.name, event.label).chosen_in(&typed.events)).collect()
}

#[derive(Template)]
#[template(path = "webhook/secret.html")]
struct SecretPage {
    shell: Shell,
    secret: String,
    /// The page of the webhook.
    next: String,
    made: Made,
}

/// What a secret was made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    ForNew,
    ToReplace,
}

fn shown(shell: Shell, owner: Owner, id: WebhookId, secret: &Secret, made: Made) -> Response {
    let next = format!("{}/{id}", owner.pages());
    render(StatusCode::OK, &SecretPage { shell, secret: secret.shown(), next, made })
}

/// `POST /webhooks/new`
pub(super) async fn add_own(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let asked = Asked { organisation: Some(typed.organisation.clone()), ..Asked::default() };
    let whose = Whose::own(&mut app.read().await?, &app, &actor, &asked).await?;
    add(&app, shell, &actor, &whose, typed).await
}

/// `POST /cert/webhooks/new`
pub(super) async fn add_cert(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    add(&app, shell, &actor, &Whose::cert(&app), typed).await
}

/// The only answer that ever holds the secret.
async fn add(app: &App, shell: Shell, actor: &Actor, whose: &Whose, typed: Typed) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if let Some(plan) = read(app, whose.owner, &typed, &mut problems) {
        let mut tx = app.write().await?;
        match actions::add(&mut tx, actor, whose.owner, &plan, typed.form).await {
            Ok((id, secret)) => {
                tx.commit().await?;
                return Ok(shown(shell, whose.owner, id, &secret, Made::ForNew));
            }
            Err(WebhookError::AddedAlready(id)) => {
                let page = format!("{}/{id}?done=added-already", whose.owner.pages());
                return Ok(Redirect::to(&page).into_response());
            }
            Err(error @ WebhookError::TooMany) => problems.push("", error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(adding(app, shell, whose, StatusCode::UNPROCESSABLE_ENTITY, problems, typed))
}

/// `GET …/{id}/change`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<WebhookId>,
) -> Result<Response, Error> {
    let webhook = seen(&mut app.read().await?, &actor, id).await?;
    let typed = Typed::from(&webhook);
    Ok(changing(&app, shell, &webhook, StatusCode::OK, Problems::none(), typed))
}

fn changing(
    app: &App,
    shell: Shell,
    webhook: &Webhook,
    status: StatusCode,
    problems: Problems,
    typed: Typed,
) -> Response {
    let (events, owner) = (events(app, &typed), webhook.owner);
    let back = format!("{}/{}", owner.pages(), webhook.id);
    render(status, &EditPage { shell, problems, typed, events, owner, whose: None, back })
}

/// `POST …/{id}/change`
pub(super) async fn change(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let webhook = seen(&mut app.read().await?, &actor, id).await?;
    let mut problems = Problems::none();
    let Some(plan) = read(&app, webhook.owner, &typed, &mut problems) else {
        return Ok(changing(&app, shell, &webhook, StatusCode::UNPROCESSABLE_ENTITY, problems, typed));
    };
    let mut tx = app.write().await?;
    actions::change(&mut tx, &actor, id, typed.version, &plan).await?;
    tx.commit().await?;
    back(&app, id, "changed").await
}

/// `POST …/{id}/secret`
pub(super) async fn rotate(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(typed): Form<Version>,
) -> Result<Response, Error> {
    let webhook = seen(&mut app.read().await?, &actor, id).await?;
    let mut tx = app.write().await?;
    let secret = actions::rotate(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(shown(shell, webhook.owner, id, &secret, Made::ToReplace))
}

fn read(app: &App, owner: Owner, typed: &Typed, problems: &mut Problems) -> Option<Plan> {
    let name = problems.text("name", &typed.name, 100, "a name for it");
    let url = owner.address(&typed.url, &app.settings.network.allow);
    if url.is_none() {
        problems.push(
            "url",
            match owner {
                Owner::Organisation(_) => {
                    "Enter an address on the public internet that begins with https://, without a name or password in it"
                }
                Owner::Cert => {
                    "Enter an address that begins with https://, on the public internet or in a network that the settings allow (network.allow), without a name or password in it"
                }
            },
        );
    }
    let format = typed.format.parse().ok();
    if format.is_none() {
        problems.push("format", "Select how it is written");
    }
    let events: Vec<&'static str> = event::offered(app)
        .map(|event| event.name)
        .filter(|name| typed.events.iter().any(|typed| typed == name))
        .collect();
    if events.is_empty() {
        problems.push("events", WebhookError::NoEvent.to_string());
    }
    if !problems.is_empty() {
        return None;
    }
    Some(Plan { name: name?, url: url?, format: format?, events })
}
