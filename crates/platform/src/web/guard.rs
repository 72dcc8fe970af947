//! Stands before every handler: finds out who it is, and asks the route's rule.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, header, request::Parts};

use super::{Error, extract::refuse_nul};
use crate::{
    Actor, App,
    access::{Key, Rule, Session, Stage, resolve},
    key::idempotency,
    message,
};

/// What the guard of one route needs.
#[derive(Clone)]
pub(super) struct Guard {
    pub app: App,
    pub rule: Rule,
    /// The largest body, in bytes; none where what goes by is not held.
    pub most: Option<usize>,
}

/// Lets a request through, with its [`Actor`] and its [`Session`], or answers it.
pub(super) async fn stand(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&guard, &parts).await {
        Ok((session, actor)) => {
            parts.extensions.insert(actor.clone());
            if let Some(session) = session {
                parts.extensions.insert(session);
            }
            let request = Request::from_parts(parts, body);
            let mut response = match (&actor, guard.most) {
                (Actor::Key(key), Some(most)) => {
                    idempotency::answer(&guard.app, key, most, request, next).await
                }
                _ => next.run(request).await,
            };
            // For the page around an error.
            response.extensions_mut().insert(actor);
            response
        }
        Err(Refused::Elsewhere(path)) => Redirect::to(&path).into_response(),
        Err(Refused::Error(error)) => error.into_response(),
        Err(Refused::NotFor(actor)) => {
            let mut response =
                Error::Forbidden("Your role does not include this page.".to_owned()).into_response();
            response.extensions_mut().insert(*actor);
            response
        }
    }
}

/// The answer where no route is. Whoever is signed in stays so in what surrounds it.
pub(super) async fn nowhere(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut response = Error::NotFound.into_response();
    let token = resolve::session_token(&headers);
    if let Some(token) = token
        && let Ok((_, actor)) = resolve::visitor(&app, token).await
    {
        response.extensions_mut().insert(actor);
    }
    response
}

enum Refused {
    /// Something is to be done on another page first.
    Elsewhere(String),
    Error(Error),
    /// It is a page of other roles than this person's, who stays signed in on the page that says so.
    NotFor(Box<Actor>),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

async fn admit(guard: &Guard, request: &Parts) -> Result<(Option<Session>, Actor), Refused> {
    refuse_nul(request.uri.path_and_query().map_or("", |path| path.as_str()).as_bytes())?;
    if let Rule::Scope(_) | Rule::CertScope(_) = guard.rule {
        return Ok((None, machine(guard, request).await?));
    }
    if let Rule::Gateway = guard.rule {
        // A machine, which no browser sends here: what it shows is all that counts.
        let known = bearer(&request.headers).is_some_and(|token| message::is_gateway(&guard.app, token));
        return if known { Ok((None, Actor::Anyone)) } else { Err(Error::SignIn.into()) };
    }
    if let Rule::Holder = guard.rule {
        // A mail program's server says nothing of where it comes from; with nobody's session, nobody is misused.
        return Ok((None, Actor::Anyone));
    }
    same_site(request)?;
    let (session, actor) = match resolve::session_token(&request.headers) {
        Some(token) => match resolve::visitor(&guard.app, token).await {
            // A page that everybody may read needs nobody to be known: it says what to do while the database is gone.
            Err(error)
                if error.is_away() && matches!(guard.rule, Rule::Anyone) && request.method == Method::GET =>
            {
                (None, Actor::Anyone)
            }
            known => known?,
        },
        None => (None, Actor::Anyone),
    };
    let at_stage = match (guard.rule, &session) {
        (Rule::AtStage(stages), Some(session)) => stages.contains(&session.stage),
        _ => false,
    };
    if at_stage || guard.rule.admits(&actor) {
        return Ok((session, actor));
    }
    match (guard.rule, session) {
        (Rule::AtStage(_), Some(session)) => Err(Refused::Elsewhere(session.stage.page().to_owned())),
        (_, Some(session)) if session.stage != Stage::Full => {
            Err(Refused::Elsewhere(session.stage.page().to_owned()))
        }
        (_, Some(_)) => Err(Refused::NotFor(Box::new(actor))),
        (_, None) => Err(Refused::Elsewhere(sign_in(request))),
    }
}

/// The key that a request to the API carries, within its scope and its rate.
async fn machine(guard: &Guard, request: &Parts) -> Result<Actor, Error> {
    let token = bearer(&request.headers).ok_or(Error::SignIn)?;
    let actor = resolve::key(&guard.app, token).await?.ok_or(Error::SignIn)?;
    if let Actor::Key(key) = &actor {
        guard.app.rates().take(key.id, guard.app.env.now()).map_err(Error::TooMany)?;
    }
    if guard.rule.admits(&actor) {
        return Ok(actor);
    }
    let sentence = match (guard.rule, &actor) {
        (Rule::Scope(_), Actor::Key(Key { organisation: None, .. })) => {
            "This is for keys of organisations, and the key is the CERT's own."
        }
        (Rule::CertScope(_), Actor::Key(Key { organisation: Some(_), .. })) => {
            "This is for keys of the CERT, and the key is an organisation's."
        }
        _ => "This key does not have the scope that is needed.",
    };
    Err(Error::Forbidden(sentence.to_owned()))
}

/// The sign-in page, which leads back to what was asked for.
fn sign_in(request: &Parts) -> String {
    if request.method != Method::GET {
        return "/sign-in".to_owned();
    }
    let back = request.uri.path_and_query().map_or("/", |path| path.as_str());
    let query = serde_html_form::to_string([("back", back)]).unwrap_or_default();
    format!("/sign-in?{query}")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Refuses changes that another site asked the browser for. Browsers say where a request comes
/// from; what says nothing at all is not a browser with a session, and is refused too.
fn same_site(request: &Parts) -> Result<(), Error> {
    if request.method == Method::GET || request.method == Method::HEAD {
        return Ok(());
    }
    let header = |name| request.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let same = match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            origin.split_once("://").is_some_and(|(_, from)| header("host") == Some(from))
        }
        (None, None) => false,
    };
    if same { Ok(()) } else { Err(Error::Forbidden("The request came from another site.".to_owned())) }
}
