//! Stands before every handler: finds out who it is, and asks the route's rule.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, header, request::Parts};

use super::Error;
use crate::{
    Actor, App,
    access::{Rule, resolve},
};

/// What the guard of one route needs.
#[derive(Clone)]
pub(super) struct Guard {
    pub app: App,
    pub rule: Rule,
}

/// Lets a request through, with its [`Actor`], or answers it.
pub(super) async fn stand(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&guard, &parts).await {
        Ok(actor) => {
            parts.extensions.insert(actor.clone());
            let mut response = next.run(Request::from_parts(parts, body)).await;
            // For the page around an error.
            response.extensions_mut().insert(actor);
            response
        }
        Err(Refused::SignIn(back)) => Redirect::to(&back).into_response(),
        Err(Refused::Error(error)) => error.into_response(),
    }
}

enum Refused {
    SignIn(String),
    Error(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

async fn admit(guard: &Guard, request: &Parts) -> Result<Actor, Refused> {
    let headers = &request.headers;
    let actor = match (guard.rule, bearer(headers)) {
        (Rule::Scope(_), None) => return Err(Error::SignIn.into()),
        (Rule::Scope(_), Some(token)) => resolve::key(&guard.app, token).await?.ok_or(Error::SignIn)?,
        (_, _) => {
            same_site(request)?;
            match resolve::session_token(headers) {
                Some(token) => resolve::person(&guard.app, token).await?.unwrap_or(Actor::Anyone),
                None => Actor::Anyone,
            }
        }
    };
    if guard.rule.admits(&actor) {
        return Ok(actor);
    }
    match actor {
        Actor::Anyone if request.method == Method::GET => {
            let back = request.uri.path_and_query().map_or("/", |path| path.as_str());
            let query = serde_html_form::to_string([("back", back)]).unwrap_or_default();
            Err(Refused::SignIn(format!("/sign-in?{query}")))
        }
        Actor::Anyone => Err(Refused::SignIn("/sign-in".to_owned())),
        Actor::Key(_) => {
            Err(Error::Forbidden("This key does not have the scope that is needed.".to_owned()).into())
        }
        _ => Err(Error::Forbidden("Your role does not include this page.".to_owned()).into()),
    }
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
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == header("host"),
        (None, None) => false,
    };
    if same { Ok(()) } else { Err(Error::Forbidden("The request came from another site.".to_owned())) }
}
