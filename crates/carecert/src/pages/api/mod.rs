//! `GET /api/openapi.json`: the API of all services in one OpenAPI 3.1 document, made from the code.
//!
//! What holds for every call (the key and its scope, the errors, the name of a request that may be
//! sent again) is added here from the route table, so that no handler can forget it.

mod links;

use std::borrow::Cow;

use axum::Json;
use http::Method;
use platform::{
    access::Rule,
    web::{Problem, Route},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, InfoBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Response, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::SERVICES;

/// What every call may be answered, besides what its own handler says.
const ERRORS: [(&str, &str); 6] = [
    ("400", "The request cannot be understood"),
    ("401", "No key, or one that is not known, over or revoked"),
    ("403", "The key does not have the scope"),
    ("422", "It is understood, but cannot hold: the sentence says what and why"),
    ("429", "Too many requests: Retry-After says when to try again"),
    ("500", "Our fault"),
];

/// `GET /api/openapi.json`
pub async fn describe() -> Json<OpenApi> {
    Json(document())
}

/// The parts of all services, joined.
pub fn document() -> OpenApi {
    let mut document = platform::organisation::openapi();
    let parts: &[fn() -> OpenApi] = &[
        broadcast::alert::api::openapi,
        broadcast::response::openapi,
        broadcast::sighting::api::openapi,
        broadcast::question::api::openapi,
        broadcast::threat::api::openapi,
        broadcast::threat::intake::api::openapi,
        broadcast::activity::api::openapi,
        broadcast::feed::api::openapi,
        broadcast::advisory::api::openapi,
        broadcast::sector::api::openapi,
        broadcast::sighting::cert_api::openapi,
        platform::webhook::api::openapi,
        react::incident::api::openapi,
        react::case::export::api::openapi,
        react::case::live::openapi,
        react::case::search::openapi,
        react::case::timeline::api::openapi,
        react::case::task::api::openapi,
        react::case::note::api::openapi,
        react::case::message::api::openapi,
        react::case::decision::api::openapi,
        react::observable::api::openapi,
        react::similar::api::openapi,
        react::case::situation::api::openapi,
        react::impact::api::openapi,
        react::regime::api::openapi,
        react::evidence::api::openapi,
        react::run::api::openapi,
    ];
    for part in parts {
        document.merge(part());
    }
    document.info = InfoBuilder::new()
        .title("CareCERT")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Alerts and responses for the ticket systems of organisations and their suppliers; what lies under \
             /api/v1/cert/ is for the CERT's own systems. Every request carries an API key as a bearer token, and \
             neither kind of key opens what is for the other; lists are paged by cursor; errors are \
             application/problem+json. Nothing is approved or published here: people do.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.add_security_scheme("key", bearer);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    for route in SERVICES.iter().flat_map(|service| (service.routes)()) {
        let item = document.paths.paths.get_mut(route.path);
        if let Some(operation) = item.and_then(|item| operation(item, &route)) {
            complete(operation, &route);
        }
    }
    links::describe(&mut document);
    document
}

fn operation<'a>(item: &'a mut PathItem, route: &Route) -> Option<&'a mut Operation> {
    match route.method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        _ => None,
    }
}

/// Adds what the guard and the server do around every handler.
fn complete(operation: &mut Operation, route: &Route) {
    if let Rule::Scope(scope) | Rule::CertScope(scope) = route.rule {
        operation.security = Some(vec![SecurityRequirement::new("key", [scope])]);
    }
    let mut errors: Vec<_> = ERRORS.iter().map(|(status, words)| (*status, Cow::Borrowed(*words))).collect();
    if route.method == Method::POST {
        errors
            .push(("409", "The same request is still being answered, or the state does not allow it".into()));
        errors.push(("413", format!("The body is larger than {} MiB", route.most / 1024 / 1024).into()));
        if matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key("application/json"))
        {
            errors.push(("415", "The body is not application/json".into()));
        }
        // What gives a file gives it each time anew.
        if !route.streamed || route.unhurried {
            operation.parameters.get_or_insert_default().push(name_of_request().into());
        }
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in errors {
        responses.entry(status.to_owned()).or_insert_with(|| Response::new(description.into_owned()).into());
    }
    for (_, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
        if let RefOr::T(response) = response {
            let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
            response.content.entry("application/problem+json".to_owned()).or_insert(problem.into());
        }
    }
}

/// The header by which a request may be sent again.
fn name_of_request() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Names the request, so that it may be sent again and is done once"))
        .schema(Some(
            ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)),
        ))
        .build()
}
