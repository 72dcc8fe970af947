//! From the route table to a running service: guards, limits, headers, errors, the request's line
//! in the log.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::header;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Error, Problem, Route,
    error::ForeignProblem,
    extract, guard,
    sent::{self, Sent},
    shell,
};
use crate::{Actor, App};

/// Nothing from another host, nothing inline, nobody's frame.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// After how many seconds whoever met a database that does not answer may try again.
const TRY_AGAIN: u64 = 30;
/// Below this stands the API of another product, whose clients read its kind of errors.
const FOREIGN: &str = "/thehive/";

/// The service of all routes of all services.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in app.services.iter().flat_map(|service| (service.routes)()) {
        router = router.route(route.path, guarded(app, route));
    }
    router
        .fallback(guard::nowhere)
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(CatchPanicLayer::custom(|_| Error::Internal.into_response()))
        .layer(middleware::from_fn_with_state(app.clone(), around))
        .with_state(app.clone())
}

fn guarded(app: &App, route: Route) -> axum::routing::MethodRouter<App> {
    let guard =
        guard::Guard { app: app.clone(), rule: route.rule, most: (!route.streamed).then_some(route.most) };
    let limited = route.handler.layer(DefaultBodyLimit::max(route.most));
    let guarded = limited.layer(middleware::from_fn_with_state(guard, guard::stand));
    if route.unhurried {
        return guarded;
    }
    guarded.layer(middleware::from_fn_with_state(route.most, sent::answered_in_time))
}

/// Archives are compressed or cannot be, and whoever takes one wants to know how much is to come.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/zip"))
}

/// Gives each request an id and a line in the log, and each answer its headers and error page.
async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let id: Uuid = app.env.id();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // The route's pattern, never the address itself, which may name a person or carry a token.
    let pattern = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", %id);
    let begun = app.env.now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = app.env.now().duration_since(begun);
    span.in_scope(|| {
        tracing::info!(%method, route = pattern, status = response.status().as_u16(), ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX), "answered");
    });
    let seconds = took.as_secs_f64();
    metrics::histogram!("http_request_seconds", "route" => pattern, "status" => response.status().as_u16().to_string())
        .record(seconds);
    let mut response = show_error(&app, &path, id, response);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What one person may see is not for the next one at the same machine.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.settings.public_url.starts_with("https://") {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Gives an error its page or, for machines, its `application/problem+json` (RFC 9457).
fn show_error(app: &App, path: &str, id: Uuid, response: Response) -> Response {
    let told = response.extensions().get::<Error>().cloned();
    // What has a page already, such as a form that is shown again, keeps it.
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|of| of.as_bytes().starts_with(b"text/html"));
    let refused = || (!is_page).then(|| Error::of_refusal(response.status())).flatten();
    let Some(error) = told.or_else(refused) else { return response };
    let allowed = response.headers().get(header::ALLOW).cloned();
    let mut shown = if path.starts_with("/api/") {
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        (error.status(), json, Json(Problem::of(&error, id))).into_response()
    } else if path.starts_with(FOREIGN) {
        (error.status(), Json(ForeignProblem::of(&error))).into_response()
    } else {
        let actor = response.extensions().get::<Actor>().cloned().unwrap_or(Actor::Anyone);
        let shell = extract::shell(app, &actor, path);
        if let Error::Away = error {
            sent::away(shell, response.extensions().get::<Sent>(), &id.to_string())
        } else {
            shell::error(shell, error.status(), &error.to_string(), &id.to_string())
        }
    };
    let headers = shown.headers_mut();
    if let Some(allowed) = allowed {
        headers.insert(header::ALLOW, allowed);
    }
    match error {
        Error::TooMany(seconds) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Error::Away => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(TRY_AGAIN));
        }
        Error::SignIn => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    shown
}
